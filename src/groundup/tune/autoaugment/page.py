"""The report of a search for a policy: whether it helps, what was found, and how it was learned."""

import shlex
from collections.abc import Iterator
from pathlib import Path

import tomli_w
from markupsafe import Markup

from groundup import config as configuration
from groundup.report import numbers
from groundup.report.page import Fact, Section, as_table, beside, code, folded, render_page
from groundup.storage import shown
from groundup.tune.autoaugment import pictures, words
from groundup.tune.autoaugment.found import NAMES, Found
from groundup.tune.autoaugment.plan import ARMS
from groundup.tune.autoaugment.small_set import SmallSet


def found_page(found: Found, data: SmallSet, folder: Path | None = None) -> str:
    """The page as HTML; `folder` is where the policy lies."""
    sections = [_verdict(found), _policy(found, data), _learning(found), _method(found, folder)]
    return render_page(
        f"AutoAugment on {found.plan.config.data.title}", words.headline(found), sections,
        lead=words.lead(found), facts=list(_facts(found)),
    )  # fmt: skip


def _facts(found: Found) -> Iterator[Fact]:
    for arm in ARMS:
        one, measure = found.mean(arm), found.measure
        note = f"{measure.words(one.low)} … {measure.words(one.high)}"
        yield Fact(NAMES[arm].capitalize(), measure.words(one.mean), note)
    yield Fact("Networks", numbers.count(len(found.children)), f"{found.plan.seeds} an arm judge")
    seconds = sum(child.seconds for child in found.children)
    yield Fact("Training time", numbers.duration(seconds), "all together, one thread each")


def _verdict(found: Found) -> Section:
    body = [
        beside(pictures.verdict_dots(found)),
        as_table(words.scores(found)),
        as_table(words.differences(found)),
    ]
    return Section("Does it help?", Markup("").join(body), words.LEGEND)


def _policy(found: Found, data: SmallSet) -> Section:
    drawn = pictures.variants(data.dataset, found.policy, found.plan.config.seed)
    note = (
        "For every image in every epoch one line is drawn, and its operations are applied in their "
        "order, each with its probability. Strengths are drawn anew, up to what stands there."
    )
    body = beside(drawn) + as_table(words.as_rows(found.policy))
    return Section("The learned policy", body, note)


def _learning(found: Found) -> Section:
    body = beside(pictures.rewards_chart(found), pictures.entropy_chart(found))
    note = (
        "A trial's reward is the accuracy on validation images of a network that learned with its "
        "policy. Bands reach from the least to the most; both searches see the same images and "
        "begin with the same weights. In the beginning every option is equally likely; what was "
        "followed by more reward than usual becomes likelier. Entropy is the share of what it is "
        "where all are."
    )
    return Section(
        "How the controller learned", body + beside(pictures.operations_map(found)), note
    )


def _method(found: Found, folder: Path | None) -> Section:
    plan = found.plan
    how = (
        f"A policy is {plan.subpolicies} sub-policies of {plan.menu.length} operations; "
        f"{plan.menu.combinations:,} sub-policies can be spelled. The controller is a perceptron "
        "that chooses operation, probability and magnitude one after another, by what it chose "
        f"before in the same sub-policy, and learns by REINFORCE from {plan.batch} rewards an "
        f"update. {_rewards(found)} Nothing but the verdict was shown test images, and its seeds "
        "are in no search. The intervals say how accuracy scatters with the seed; another search "
        "would find other policies."
    )
    parts = [code(_command(found, folder))] if folder is not None else []
    config = tomli_w.dumps(configuration.to_mapping(plan.config))
    parts.append(folded("The configuration that all networks share", code(config)))
    return Section("How it was done", Markup("").join(parts), how)


def _rewards(found: Found) -> str:
    count = found.plan.children
    return "" if count == 1 else f"A reward is the mean of {count} networks from other seeds."


def _command(found: Found, folder: Path) -> str:
    """What does it again, and what learns with the policy."""
    where, plan = shown(folder), found.plan
    again = ["groundup", "tune", f"{where}/config.toml", "--method", "autoaugment",
             "--trials", str(plan.trials), "--seeds", str(plan.seeds)]  # fmt: skip
    return f"{shlex.join(again)}\n{shlex.join(['groundup', 'train', f'{where}/best.toml'])}"
