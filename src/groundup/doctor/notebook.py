"""The diagnosis in a notebook: the findings with their prescriptions and small pictures."""

from markupsafe import Markup

from groundup.doctor.diagnosis import Diagnosis
from groundup.doctor.finding import Finding
from groundup.doctor.pictures import pictures_of, proof_picture
from groundup.doctor.story import diff, headline, proof_words
from groundup.report import style
from groundup.report.notebook import INK, MUTED, PANEL, framed, muted

_SIGNS = {"-": style.COLORS["rust"].light, "+": style.COLORS["blue"].light, " ": MUTED}
_SMALL = 0.7  # of a picture's size on a page


def notebook(diagnosis: Diagnosis) -> str:
    """The headline, then each finding with its first picture."""
    findings = (_finding(one, diagnosis) for one in diagnosis.findings)
    return framed(headline(diagnosis.findings), findings)


def _finding(finding: Finding, diagnosis: Diagnosis) -> Markup:
    pictures = pictures_of(diagnosis.case, finding)[:1]
    parts = [muted(finding.evidence), *map(_small, pictures), _words(finding.prescription.words)]
    if finding.prescription.changes:
        parts.append(_diff(finding))
    if finding.proof is not None:
        parts.append(_words(f"{finding.proof.verdict.capitalize()}. {proof_words(finding.proof)}"))
        parts.append(_small(proof_picture(finding.proof)))
    return Markup(
        '<div style="margin-top:1em;border-top:1px solid {}">'
        '<b style="font-size:15px;line-height:2">{}</b> <span style="color:{}">{}</span>{}</div>'
    ).format(INK, finding.title, MUTED, finding.severity, Markup("").join(parts))


def _words(text: str) -> Markup:
    return Markup('<div style="margin:.4em 0">{}</div>').format(text)


def _small(picture: Markup) -> Markup:
    width = round(_SMALL * style.CHART[0])
    return Markup('<div style="max-width:{}px;margin:.5em 0">{}</div>').format(
        width, Markup(str(picture).replace('style="', 'style="max-width:100%;height:auto;', 1))
    )


def _diff(finding: Finding) -> Markup:
    lines = [
        Markup('<div style="color:{}">{} {}</div>').format(_SIGNS[sign], sign, words)
        for sign, words in diff(finding.prescription.changes)
    ]
    look = f"background:{PANEL};padding:.5em .8em;font:12px/1.5 {style.MONO};white-space:pre-wrap"
    return Markup('<div style="{}">{}</div>').format(look, Markup("").join(lines))
