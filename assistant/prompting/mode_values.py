"""What the templates of the other ways of judging are given, over `case_values`."""

from collections.abc import Mapping, Sequence
from typing import Literal

from assistant.domain.case import CriterionCase
from assistant.domain.finding import Evidence
from assistant.domain.rubric import Attendu
from assistant.prompting.case_values import Labels, case_values
from assistant.prompting.document_text import place
from assistant.prompting.extent import Extent
from assistant.prompting.fence import neutralised
from assistant.prompting.parts import Part
from ingest.types import Frozen

#: How the deliverables were read in search of quotes.
ReadingName = Literal["whole", "parts", "passages"]


class FoundQuote(Frozen):
    """A quote that stands in a deliverable, numbered, and the attendus it was given for."""

    number: int
    evidence: Evidence
    attendus: tuple[int, ...]


class ShownQuote(Frozen):
    """A found quote as a prompt shows it."""

    number: int
    place: str
    text: str
    attendus: tuple[int, ...]


def evidence_values(case: CriterionCase, extent: Extent, marker: str) -> dict[str, object]:
    """The values of a `criterion_evidence` template."""
    return {**case_values(case, extent, marker), "part": _part(extent.part)}


def verdict_values(
    case: CriterionCase,
    found: Sequence[FoundQuote],
    reading: ReadingName,
    parts: int,
    extent: Extent,
    marker: str,
) -> dict[str, object]:
    """The values of a `criterion_verdict` template: the quotes instead of the deliverables."""
    labels = Labels(case)
    shown = [
        ShownQuote(
            number=quote.number,
            place=place(quote.evidence.locator, labels[quote.evidence.sha256]),
            text=" ".join(neutralised(quote.evidence.quote).split()),
            attendus=quote.attendus,
        )
        for quote in found
    ]
    proven = {numero for quote in found for numero in quote.attendus}
    return {
        **case_values(case, extent, marker),
        "found": shown,
        "bare": [a.numero for a in case.criterion.attendus if a.numero not in proven],
        "reading": reading,
        "parts": parts,
    }


def group_values(cases: Sequence[CriterionCase], extent: Extent, marker: str) -> dict[str, object]:
    """The values of a `group_review` template: what differs between criteria, under `criteria`.

    All cases are of one épreuve of one dossier, and compare with the same pieces.
    """
    every = [case_values(case, extent, marker) for case in cases]
    own = ("criterion", "pointers", "checks", "missing_pieces")
    criteria = [
        {"number": number, **{name: values[name] for name in own}}
        for number, values in enumerate(every, start=1)
    ]
    return {**every[0], "criteria": criteria}


def small_values(
    case: CriterionCase, asked: Sequence[Attendu], extent: Extent, marker: str
) -> dict[str, object]:
    """The values of a `small_review` template: only these attendus, and the checks they need."""
    numbers = {attendu.numero for attendu in asked}
    checks = tuple(c for c in case.checks if c.attendu is None or c.attendu in numbers)
    values = case_values(case.model_copy(update={"checks": checks}), extent, marker)
    return {**values, "asked": asked, "part": _part(extent.part)}


def _part(part: Part | None) -> Mapping[str, object] | None:
    if part is None:
        return None
    sections = [neutralised(title[:120]) for piece in part.slices for title in piece.headings]
    return {"number": part.number, "count": part.count, "sections": sections}
