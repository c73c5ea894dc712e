"""A diagnosis as one page, told as a story from symptom and evidence to prescription and proof."""

import math
from collections.abc import Iterator, Sequence

from markupsafe import Markup

from groundup.doctor.case import Case
from groundup.doctor.diagnosis import Diagnosis
from groundup.doctor.finding import Change, Finding, Proof
from groundup.doctor.pictures import pictures_of, proof_picture
from groundup.doctor.rules import RULES
from groundup.doctor.story import diff, headline, proof_words
from groundup.report import numbers
from groundup.report.layer_charts import over_updates
from groundup.report.page import (
    Columns,
    Fact,
    Section,
    beside,
    folded,
    paragraph,
    render_page,
    table,
)
from groundup.report.run_learning import learning
from groundup.report.run_summary import RunSummary
from groundup.train.probes.exam import Exam
from groundup.train.probes.silence import ENOUGH
from groundup.train.run import model_name

_COLUMNS: Columns = {
    "layer": None, "kind": None, "activation": None, "units": numbers.count,
    "mean": numbers.number, "std": numbers.number, "dead": numbers.percent,
    "saturated": numbers.percent, "weights": numbers.number, "gradient": numbers.number,
    "update": numbers.number,
}  # fmt: skip
_LOOKED = (
    "Every symptom that the doctor knows, with what was measured here. It counts from its "
    "threshold on; what follows from another finding is told there."
)


def diagnosis_page(diagnosis: Diagnosis, sections: Sequence[Section] = ()) -> str:
    """The page as HTML

    Args:
        diagnosis: what stands out, with the case as its evidence.
        sections: what else belongs to the story, such as the checks before the training.
    """
    case = diagnosis.case
    story = [_finding(i, one, case) for i, one in enumerate(diagnosis.findings, 1)]
    network = _network(case)
    return render_page(
        f"Diagnosis of {model_name(case.config)} on {case.config.data.title}",
        headline(diagnosis.findings),
        [*story, *sections, learning(_summary(case)), *network, _looked_for(case)],
        lead=_lead(diagnosis),
        warning=f"The loss stopped being finite: {case.diverged}." if case.diverged else "",
        facts=list(_facts(diagnosis)),
    )  # fmt: skip


def _lead(diagnosis: Diagnosis) -> str:
    config, samples = diagnosis.case.config, diagnosis.case.facts.samples
    train, done = config.train, len(diagnosis.case.of_kind("epoch"))
    planned = f"{numbers.count(train.epochs)} epoch{'s' if train.epochs != 1 else ''}"
    epochs = planned if done == train.epochs else f"{numbers.count(done)} of {planned}"
    return (
        f"{numbers.count(samples[0])} samples to train with, {config.optimizer.name}, {epochs} "
        f"in batches of {train.batch_size}, seed {config.seed}."
    )


def _facts(diagnosis: Diagnosis) -> Iterator[Fact]:
    case = diagnosis.case
    chance = case.facts.chance
    for name, key in (("Training loss", "loss"), ("Validation loss", "val_loss")):
        curve = case.curve(key)
        if curve:
            note = f"chance is {numbers.number(chance)}" if math.isfinite(chance) else ""
            yield Fact(name, numbers.number(curve[-1]), note)
    accuracy = case.curve("val_accuracy")
    if accuracy:
        yield Fact("Validation accuracy", numbers.percent(accuracy[-1]))
    if case.exams:
        looks = f"{len(case.exams)} looks at the layers"
        yield Fact("Updates", numbers.count(case.exams[-1].updates), looks)
    proofs = [one.proof for one in diagnosis.findings if one.proof]
    if proofs:
        confirmed = sum(proof.verdict == "confirmed" for proof in proofs)
        seconds = numbers.duration(sum(proof.seconds for proof in proofs))
        yield Fact("Prescriptions confirmed", f"{confirmed} of {len(proofs)}", f"in {seconds}")


# --- a finding


def _finding(place: int, finding: Finding, case: Case) -> Section:
    parts = [
        beside(*pictures_of(case, finding)),
        beside(_why(finding), _what_to_do(finding)),
        _proof(finding),
        _fine_print(finding),
    ]
    return Section(f"{place}. {finding.title}", Markup("").join(parts), _evidence(finding))


def _evidence(finding: Finding) -> Markup:
    return Markup('<span class="severity is-{0}">{0}</span> {1}').format(
        finding.severity, finding.evidence
    )


def _why(finding: Finding) -> Markup:
    follows = f"It also explains: {'; '.join(finding.explains)}." if finding.explains else ""
    return _column("Why", finding.explanation, paragraph(follows) if follows else "")


def _what_to_do(finding: Finding) -> Markup:
    prescription = finding.prescription
    return _column("What to do", prescription.words, diff_block(prescription.changes))


def diff_block(changes: Sequence[Change]) -> Markup:
    """The changes as a diff of the configuration."""
    if not changes:
        return Markup("")
    tags = {"-": "del", "+": "ins", " ": "span"}
    lines = [
        Markup("<{0}>{1} {2}</{0}>").format(tags[sign], sign, words)
        for sign, words in diff(changes)
    ]
    return Markup('<pre class="diff">{}</pre>').format(Markup("").join(lines))


def _proof(finding: Finding) -> Markup:
    if finding.proof is None:
        return Markup("")
    return beside(proof_picture(finding.proof), _verdict(finding.proof))


def _verdict(proof: Proof) -> Markup:
    verdict = Markup('<p class="verdict">{}</p>').format(proof.verdict.capitalize())
    return _column("Proof", "", verdict + paragraph(proof_words(proof)))


def _fine_print(finding: Finding) -> Markup:
    value, threshold = numbers.number(finding.value), numbers.number(finding.threshold)
    words = [f"Measured {value}, counts from {threshold} on ({finding.source})."]
    words += [f"Chapter {finding.chapter}."] if finding.chapter else []
    words += [f"In {', '.join(finding.layers)}."] if finding.layers else []
    return paragraph(" ".join(words), "fine")


def _column(title: str, words: str, more: str = "") -> Markup:
    """A text of half the page's width."""
    text = paragraph(words, "text") if words else ""
    return Markup('<div class="column"><h3>{}</h3>{}{}</div>').format(title, text, more)


# --- what it rests on


def _summary(case: Case) -> RunSummary:
    """As much of a run's report as its curves need."""
    return RunSummary(
        name="", data=case.config.data.title, model=model_name(case.config), seed=case.config.seed,
        parameters=0, seconds=0.0,
        epochs=[
            {name: value for name, value in record.items() if name not in ("kind", "step", "crc")}
            for record in case.of_kind("epoch")
        ],
    )  # fmt: skip


def _network(case: Case) -> list[Section]:
    """The layers in the last exam; nothing where there was none."""
    if not case.exams:
        return []
    exam = case.exams[-1]
    note = (
        f"After {numbers.count(exam.updates)} updates, on {numbers.count(exam.samples)} training "
        "samples. Mean and standard deviation are those of what a layer gives out; dead is the "
        f"share of units that gave nothing to the last {ENOUGH} samples looked at; weights and "
        "gradient are root mean squares; update is ‖ΔW‖ / ‖W‖ of the last one looked at."
    )
    return [Section("The layers", table(_COLUMNS, _rows(case.exams)), note)]


def _rows(exams: Sequence[Exam]) -> Iterator[tuple[str | float | None, ...]]:
    """The layers of the last exam as rows of a table with these `_COLUMNS`."""
    for one in exams[-1].layers:
        _, updates = over_updates(exams, one.layer, "update")
        yield (
            one.layer, one.kind, one.activation or None, one.units, one.mean, one.std, one.dead,
            one.saturated, one.weight, one.gradient, updates[-1] if updates else None,
        )  # fmt: skip


def _looked_for(case: Case) -> Section:
    """Every rule with what it measures, found or not."""
    rows = []
    for rule in RULES:
        measured = rule.measure(case)
        value = None if measured is None else measured.value
        rows.append((rule.title, rule.severity, value, rule.threshold, rule.chapter))
    columns = {
        "symptom": None, "severity": None, "measured": numbers.number,
        "counts from": numbers.number, "taught in": None,
    }  # fmt: skip
    shown = f"All {len(rows)} symptoms with their thresholds"
    return Section("What was looked for", folded(shown, table(columns, rows)), _LOOKED)
