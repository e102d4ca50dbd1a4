"""The parts of the desk that are sent again when something changes, as HTML. All is escaped."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from markupsafe import Markup, escape

from assistant.app import CriterionView, DeskView
from assistant.domain.dossier import DossierSummary, FileRole
from assistant.domain.finding import CheckOutcome, CriterionFinding, Evidence
from assistant.domain.verdict import Verdict
from assistant.web.rendering import fragment

#: Decided with the keys 1 to 4, in this order.
VERDICTS: Final = tuple(Verdict)
_STRENGTHS: Final = {"C": "concluant", "I": "indice", "R": "repérage"}


def list_fragment(desk: DeskView, selected: str) -> Markup:
    """The criteria by group, each with its state, and the steps of the épreuve."""
    return fragment("poste_liste.html.jinja", desk=desk, selected=selected)


def criterion_fragment(view: CriterionView, names: Mapping[str, str]) -> Markup:
    """One criterion: its text, its proof, the prose on demand, and the ruling.

    `names`: what to call the files whose names tell who the candidate is.
    """
    draft = view.entry.finding
    finding = draft if isinstance(draft, CriterionFinding) else None
    telling = [c for c in finding.checks if c.outcome is not CheckOutcome.SILENT] if finding else []
    card = fragment(
        "poste_fiche.html.jinja",
        view=view,
        desk=view.desk,
        entry=view.entry,
        criterion=view.entry.criterion,
        state=view.state,
        draft=finding,
        failure=None if finding else draft,
        checks=telling,
        silent=[c for c in finding.checks if c not in telling] if finding else [],
        verdicts=VERDICTS,
        strengths=_STRENGTHS,
        motifs=view.desk.certification.relecture.motifs,
    )
    return Markup(_renamed(card, {escape(real): escape(said) for real, said in names.items()}))


def quotes_of(view_finding: object) -> tuple[Evidence, ...]:
    """Every range of the files that a criterion's card lets one open, each once."""
    if not isinstance(view_finding, CriterionFinding):
        return ()
    every = [
        *(e for attendu in view_finding.attendus for e in attendu.evidence),
        *(e for check in view_finding.checks for e in check.observed),
        *view_finding.search.nearest,
    ]
    return tuple({(e.sha256, e.start, e.end): e for e in every}.values())


def _renamed(text: str, names: Mapping[str, str]) -> str:
    for real in sorted(names, key=len, reverse=True):
        text = text.replace(real, names[real])
    return text


def attention_items(
    summary: DossierSummary, epreuve: str, names: Mapping[str, str] = MappingProxyType({})
) -> list[str]:
    """What the dossier's files ask to be looked at, in French. `names`: see above."""
    about = {
        f.sha256
        for f in summary.files
        if epreuve in f.epreuves or f.role is not FileRole.DELIVERABLE
    }
    items = [f"{f.filename} : {f.message_fr}" for f in summary.failures if epreuve in f.epreuves]
    for report in summary.extraction:
        if report.sha256 not in about:
            continue
        items += [
            f"Passage signalé, jamais compté comme preuve : « {flag.text} » — {flag.reason_fr} "
            f"({flag.place_fr})"
            for flag in report.flags
        ]
        items += [f"Non lu : {line}" for line in report.unread_fr]
    return [_renamed(item, names) for item in items]
