"""A network as a table: what each layer gives, holds and costs."""

from dataclasses import dataclass

from groundup.layers.layer import Layer
from groundup.nn.layout import leaves
from groundup.nn.network import Network
from groundup.rng import Stream
from groundup.typing import Shape

COLUMNS = ("layer", "kind", "output", "parameters", "memory", "multiply-adds")


@dataclass(frozen=True)
class Row:
    """One layer.

    Args:
        name, kind: how it is called and what it is.
        out_shape: of y without N.
        parameters: how many numbers it learns.
        bytes: memory of its parameters and running state, and of y for one sample.
        multiply_adds: in one forward pass of one sample.
    """

    name: str
    kind: str
    out_shape: Shape
    parameters: int
    bytes: int
    multiply_adds: int

    @property
    def cells(self) -> tuple[str, ...]:
        """In words, one for each of `COLUMNS`."""
        return (
            self.name,
            self.kind,
            _shape(self.out_shape),
            f"{self.parameters:,}",
            human_bytes(self.bytes),
            f"{self.multiply_adds:,}",
        )


@dataclass(frozen=True)
class Summary:
    """All layers; its text is the table, under the model's name."""

    rows: tuple[Row, ...]
    in_shape: Shape
    name: str = "sequential"

    @property
    def parameters(self) -> int:
        return sum(row.parameters for row in self.rows)

    @property
    def multiply_adds(self) -> int:
        return sum(row.multiply_adds for row in self.rows)

    def __str__(self) -> str:
        head, body = COLUMNS, [row.cells for row in self.rows]
        total = sum(row.bytes for row in self.rows)
        sums = (f"{self.parameters:,}", human_bytes(total), f"{self.multiply_adds:,}")
        foot = ("total", "", "", *sums)
        widths = [max(len(line[i]) for line in (head, *body, foot)) for i in range(len(head))]
        rule = "─" * (sum(widths) + 2 * len(widths) - 2)
        lines = [_line(head, widths), rule, *(_line(line, widths) for line in body)]
        title = f"{self.name}, input {_shape(self.in_shape)}"
        return "\n".join([title, *lines, rule, _line(foot, widths)])

    __repr__ = __str__


def summarize(network: Network, itemsize: int = 4, name: str = "sequential") -> Summary:
    """The `Summary` of a built network of this name whose numbers take `itemsize` bytes."""
    rows, shape = [], network.in_shape
    for label, layer in zip(network.chain.names, network.chain.layers, strict=True):
        row = _row(label, layer, shape, itemsize)
        rows.append(row)
        shape = row.out_shape
    return Summary(tuple(rows), network.in_shape, name)


def _row(name: str, layer: Layer, in_shape: Shape, itemsize: int) -> Row:
    made = layer.init(Stream(0), in_shape)
    parameters = sum(array.size for _, array in leaves(made.params))
    state = sum(array.size for _, array in leaves(made.state))
    values = 1
    for size in made.out_shape:
        values *= size
    return Row(
        name,
        type(layer).__name__,
        made.out_shape,
        parameters,
        (parameters + state + values) * itemsize,
        layer.multiply_adds(in_shape, made.out_shape),
    )


def human_bytes(count: float) -> str:
    """
    >>> human_bytes(123), human_bytes(157_400)
    ('123 B', '153.7 KiB')
    """
    for unit in ("B", "KiB", "MiB"):
        if count < 1024:
            return f"{count:.0f} {unit}" if unit == "B" else f"{count:.1f} {unit}"
        count /= 1024
    return f"{count:.1f} GiB"


def _shape(shape: Shape) -> str:
    return "×".join(map(str, shape))


def _line(cells: tuple[str, ...], widths: list[int]) -> str:
    left = [cell.ljust(width) for cell, width in zip(cells[:3], widths[:3], strict=True)]
    right = [cell.rjust(width) for cell, width in zip(cells[3:], widths[3:], strict=True)]
    return "  ".join(left + right)
