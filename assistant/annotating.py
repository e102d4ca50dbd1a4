"""What a finding tells beside its verdict: what was searched, and how the files were read."""

from collections.abc import Iterator, Sequence
from typing import Final

from assistant.agreement import agreed
from assistant.domain.abstention import AbstentionReason
from assistant.domain.case import CriterionCase, UnseenPassage
from assistant.domain.finding import AttenduFinding, SearchRecord
from assistant.flagging import flag_notes
from assistant.grounding import evidence_at
from ingest.types import HiddenReason

#: What every file has and no page shows: not worth a note beside each criterion.
_ORDINARY = frozenset({HiddenReason.PROPERTY, HiddenReason.ALT_TEXT})
#: Says that there is something, never what: who may read it opens the file.
PRIVATE_NOTE_FR: Final = (
    "Un passage personnel du candidat n'a été ni transmis, ni cité, ni compté : il se lit "
    "seulement dans le fichier, par les personnes habilitées."
)


def search_record(case: CriterionCase, unseen: Sequence[UnseenPassage]) -> SearchRecord:
    """What was searched. A passage that touches what no judge is shown is not shown as nearest."""
    documents = {document.sha256: document for document in case.deliverables}
    nearest = tuple(
        evidence_at(documents[p.chunk.sha256], p.chunk.start, p.chunk.end)
        for p in case.passages.passages[:3]
        if not any(u.touches(p.chunk.sha256, p.chunk.start, p.chunk.end) for u in unseen)
    )
    return SearchRecord(
        queries=case.passages.queries,
        documents=tuple(document.filename for document in case.deliverables),
        sections=tuple(h.text for document in case.deliverables for h in document.headings),
        nearest=nearest,
        unread=tuple(
            f"{part.locator} : {part.reason_fr}"
            for document in case.deliverables
            for part in document.unread
        ),
        coverage=case.coverage,
    )


def notes(
    case: CriterionCase,
    unseen: Sequence[UnseenPassage],
    attendus: Sequence[AttenduFinding],
) -> Iterator[str]:
    """What an assessor should know of the reading, in French sentences."""
    if any(passage.reason is AbstentionReason.PRIVATE for passage in unseen):
        yield PRIVATE_NOTE_FR
    for piece in case.pieces:
        names = ", ".join(document.filename for document in piece.documents)
        yield f"Comparé avec {piece.nom} : {names}."
    if case.pictures:
        places = " ; ".join(picture.place_fr for picture in case.pictures)
        told = agreed(f"{len(case.pictures)} image(s) transmise(s)")
        yield f"{told} au modèle : {places}."
    for problem in case.unshown_fr:
        yield f"Des images n'ont pas pu être transmises au modèle. {problem}"
    for document in case.deliverables:
        hidden = sum(span.reason not in _ORDINARY for span in document.hidden)
        if hidden:
            yield (
                f"« {document.filename} » contient {agreed(f'{hidden} texte(s)')} que la page ne "
                "montre pas, non pris en compte."
            )
        if document.coverage < 1.0:
            yield f"« {document.filename} » n'a été lu qu'à {document.coverage * 100:.0f} %."
    yield from flag_notes(
        [item for attendu in attendus for item in attendu.evidence],
        [quote for attendu in attendus for quote in attendu.rejected],
        case.deliverables,
    )
