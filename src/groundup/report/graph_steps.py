"""A computational graph step by step: forward, then backward with the chain rule, on one page.

The page runs no script: its steps are radio buttons, so that arrow keys, "previous" and "next" turn
them, and on paper all of them stand one below the other.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
from markupsafe import Markup

from groundup.checks import refusal
from groundup.layers.graph import Flow, Variable, flows, numerical, topological
from groundup.layers.graph.story import MOST
from groundup.report.graph_picture import GRADIENT, VALUE, Shown, draw, graph_picture, legend
from groundup.report.graph_scene import Scene, in_short, scene, shape_in_words
from groundup.report.numbers import number
from groundup.report.page import Fact, Section, render_page, table
from groundup.report.svg import standalone
from groundup.report.templates import render
from groundup.report.words import listed
from groundup.storage import write_text
from groundup.typing import Array

_IN_FULL, _ABREAST = 12, 4  # elements, in all and in a row, up to which an array is written out


@dataclass(frozen=True)
class Step:
    """One step: its way, words, picture and numbers."""

    way: Literal["forward", "backward"]
    title: str
    words: str
    picture: Markup
    table: Markup | str = ""


def graph_steps(output: Variable, *, title: str = "Computational graph") -> str:
    """The page that goes through a graph: every operation forward, then every one backward

    Backward steps show upstream gradient × local gradient = gradient, and beside it the numerical
    gradient. Raises InputError if `output.backward()` was not called.

    >>> from groundup import Variable
    >>> x, y = Variable(3, "x"), Variable(4, "y")
    >>> z = (x * y).named("z")
    >>> z.backward()
    >>> page = graph_steps(z)
    >>> page.count('<input type="radio"'), "<h1>z = 12</h1>" in page, "<script" in page
    (3, True, False)
    """
    found, back = scene(output), flows(output)
    steps = [*_forward(found), *_backward(found, back)]
    errors = [flow.error for flow in back if flow.error is not None]
    large = any(flow.numerical is None for flow in back)
    along = "large arrays along one direction" if large else ""
    name = output.name or "output"
    facts = [
        Fact("operations", str(sum(node.round for node in found.nodes))),
        Fact("gradients passed back", str(len(back))),
        Fact("checked numerically", str(len(errors)), along),
        Fact(
            "largest difference",
            number(max(errors), 2) if errors else "–",
            "relative to gradients above 1",
        ),
    ]
    note = "Turn the steps with previous and next, or with the arrow keys."
    whole = name if output.value.size == 1 else f"(Σ {name} · dy)"
    sections = [
        Section("Step by step", render("steps.html", steps=steps), note),
        Section("All gradients", _leaves(output), f"∂{whole}/∂ each variable, over all its uses."),
    ]
    size = output.value.size
    headline = f"{name} = {in_short(output.value)}" if size == 1 else f"{name}: {size} numbers"
    return render_page(title, headline, sections, lead=legend(found), facts=facts)


def write_graph(path: Path | str, output: Variable, *, title: str = "Computational graph") -> None:
    """Write a graph as a picture (.svg) or step by step (.html), by the ending of the name

    Raises:
        InputError: for another ending, or a page of a graph without gradients.
        StorageError: where it cannot be written.
    """
    ending = Path(path).suffix.lower()
    if ending not in _FORMATS:
        raise refusal("path", str(path), f"a name that ends in {' or '.join(_FORMATS)}")
    write_text(Path(path), _FORMATS[ending](output, title))


_FORMATS: Mapping[str, Callable[[Variable, str], str]] = {
    ".svg": lambda output, title: standalone(graph_picture(output, title=title)),
    ".html": lambda output, title: graph_steps(output, title=title),
}


def _forward(found: Scene) -> Iterator[Step]:
    """Each operation in turn computes its value from values that are known."""
    order = topological(found.output)
    computed = [node for node in order if node.operation is not None]
    known = set(order) - set(computed)
    for count, node in enumerate(computed, 1):
        known.add(node)
        assert node.operation is not None
        given = listed([called(x) for x in node.inputs])
        gives = f" and gives {node.name}" if node.name else ""
        words = f"{node.operation.symbol} takes {given}{gives}."
        yield Step(
            "forward",
            f"Forward {count} of {len(computed)}: {node.operation.symbol}",
            words,
            draw(found, Shown(set(known), (), node, VALUE)),
            table({"": None, "value": str}, map(_row, node.inputs), total=_row(node)),
        )


def _row(variable: Variable) -> tuple[str, str]:
    return called(variable), in_full(variable.value)


def _backward(found: Scene, back: Sequence[Flow]) -> Iterator[Step]:
    """The gradient 1 at the output, then each operation multiplies and hands on."""
    name, seed = found.output.name or "the output", found.output.grad
    passed: set[tuple[Variable | None, int]] = {(None, 0)}
    nodes = list(dict.fromkeys(flow.node for flow in back))
    assert seed is not None
    one = "1" if seed.size == 1 and seed.item() == 1 else f"the given dy, {in_short(seed)}"
    yield Step(
        "backward",
        f"Backward 0 of {len(nodes)}: the beginning",
        f"How much does {name} change with {name}? The gradient at the end is {one}.",
        draw(found, Shown(None, set(passed))),
    )
    for count, node in enumerate(nodes, 1):
        mine = [flow for flow in back if flow.node is node]
        passed |= {(node, flow.place) for flow in mine}
        assert node.operation is not None
        yield Step(
            "backward",
            f"Backward {count} of {len(nodes)}: {node.operation.symbol}",
            _chain_rule(node, mine),
            draw(found, Shown(None, set(passed), node, GRADIENT)),
            _products(mine),
        )


def _chain_rule(node: Variable, mine: Sequence[Flow]) -> str:
    symbol = node.operation.symbol if node.operation else ""
    if all(flow.local is not None for flow in mine):
        words = f"{symbol} multiplies the upstream gradient by its local gradients."
        if any(flow.gradient.shape != flow.upstream.shape for flow in mine):
            words += " What was repeated forward is summed up on the way back."
        return words + _letters(node)
    rules = (f"to {called(flow.input)}: {flow.rule}" for flow in mine)
    return f"{symbol} hands the upstream gradient dz on: {'; '.join(rules)}.{_letters(node)}"


def _letters(node: Variable) -> str:
    """What the letters stand for that the rules use."""
    if node.operation is None or len(node.inputs) > 2:
        return ""  # a layer: its rules have names
    rules = " ".join(node.operation.rules)
    names = zip("xy", map(called, node.inputs), strict=False)
    words = [f"{letter} is {name}" for letter, name in names if letter in rules and letter != name]
    return f" Here {' and '.join(words)}." if words else ""


def _products(mine: Sequence[Flow]) -> Markup:
    columns = {
        "to": None, "rule": None, "upstream dz": str, "local gradient": str, "gradient": str,
        "numerical gradient": str, "difference": str,
    }  # fmt: skip
    rows = [
        (
            called(flow.input),
            flow.rule,
            in_full(flow.upstream),
            None if flow.local is None else in_full(flow.local),
            in_full(flow.gradient),
            "one direction" if flow.numerical is None else in_full(flow.numerical),
            None if flow.error is None else number(flow.error, 1),
        )
        for flow in mine
    ]
    return table(columns, rows)


def _leaves(output: Variable) -> Markup:
    rows = []
    for leaf in topological(output):
        if leaf.operation is not None or leaf.constant or leaf.grad is None:
            continue
        witness = numerical(output, leaf) if leaf.value.size <= MOST else None
        rows.append(
            (
                called(leaf),
                in_full(leaf.value),
                in_full(leaf.grad),
                None if witness is None else in_full(witness),
            )
        )
    return table({"": None, "value": str, "gradient": str, "numerical gradient": str}, rows)


def called(variable: Variable) -> str:
    """A variable by its name, a nameless one by what it is."""
    if variable.name:
        return variable.name
    if variable.operation is not None:
        return f"the result of {variable.operation.symbol}"
    return in_short(variable.value)


def in_full(values: Array) -> str:
    """A number; a small array as a grid of numbers, a large one by shape and norm."""
    values = np.asarray(values)
    if values.size == 1:
        return in_short(values)
    if values.size > _IN_FULL or values.shape[-1] > _ABREAST or values.ndim > 2:
        return f"{shape_in_words(values.shape)} {in_short(values)}"
    cells = Markup("").join(
        Markup("<span>{}</span>").format(number(float(value), 3)) for value in values.ravel()
    )
    style = f"grid-template-columns:repeat({values.shape[-1]},auto)"
    return Markup('<span class="matrix" style="{}">{}</span>').format(style, cells)
