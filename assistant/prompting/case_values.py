"""What a template is given about a case: plain strings, without a file name or a hidden word."""

import re
from collections.abc import Iterator, Sequence
from pathlib import PurePath
from typing import Final

from assistant.domain.case import CriterionCase, Passage
from assistant.domain.finding import CheckResult
from assistant.domain.picture import Picture
from assistant.domain.rubric import Evaluable
from assistant.domain.verdict import Verdict
from assistant.prompting.document_text import document_text, passages_text, place, range_text
from assistant.prompting.extent import Extent
from assistant.prompting.fence import neutralised
from ingest.types import Document, Frozen, ImageInfo

_EXCERPT_WORDS: Final = 14
_OPENING_WORDS: Final = 6
_MAX_SECTIONS: Final = 120
#: Deliverables that are read at a glance: pointing at passages of them tells nothing.
_SHORT_WORDS: Final = 1200
_MAX_SIZES: Final = 12
_MAX_HEADING: Final = 120
_STRENGTHS: Final = {"C": "concluant", "I": "indice", "R": "repérage"}


class FencedText(Frozen):
    """A document under the name the prompt gives it. `cut`: only its beginning is there."""

    label: str
    text: str
    cut: bool = False


class DocumentFacts(Frozen):
    """What is told of a deliverable beside its text."""

    label: str
    size: str
    images: int
    image_sizes: tuple[str, ...]
    unread: tuple[str, ...]
    sections: tuple[str, ...]
    more_sections: int


class Pointer(Frozen):
    """Where retrieval points: a place, and the first words found there (`opening`: very few)."""

    place: str
    excerpt: str
    opening: str
    attendus: tuple[int, ...]


class Labels:
    """The names documents have in a prompt: a file name may hold a person's."""

    def __init__(self, case: CriterionCase) -> None:
        self._labels = {d.sha256: f"Livrable {n}" for n, d in enumerate(case.deliverables, start=1)}
        compared = [(piece.nom, d) for piece in case.pieces for d in piece.documents]
        for number, (nom, document) in enumerate(compared, start=1):
            self._labels.setdefault(document.sha256, f"Pièce {number} ({nom})")
        named = {d.filename: self._labels[d.sha256] for d in _documents(case)}
        stems = {PurePath(name).stem: label for name, label in named.items()}
        named |= {stem: label for stem, label in stems.items() if not stem.isalpha()}
        self._names = {name.casefold(): label for name, label in named.items()}
        longest_first = sorted(named, key=len, reverse=True)
        self._pattern = re.compile("|".join(map(re.escape, longest_first)), re.IGNORECASE)

    def __getitem__(self, sha256: str) -> str:
        return self._labels[sha256]

    def hide_names(self, text: str) -> str:
        """The text with each file name replaced by its label, and its delimiters harmless."""
        return neutralised(self._pattern.sub(lambda m: self._names[m.group().casefold()], text))


def case_values(
    case: CriterionCase,
    extent: Extent,
    marker: str,
    *,
    sees: bool = False,
    examples: Sequence[str] | None = None,
) -> dict[str, object]:
    """The values of a `criterion_review` template.

    `sees`: the model is shown pictures in this run, be there any for this criterion or not, so
    that the instructions stay the same. `examples`: decisions on this criterion for other
    candidates; None when this run uses none.
    """
    labels = Labels(case)
    criterion, rubric = case.criterion, case.rubric
    to_see = criterion.evaluable is Evaluable.DOCUMENT_VISUEL
    return {
        "marker": marker,
        "whole": extent.whole,
        "certification": case.certification.titre,
        "scale": [
            (v.value, case.certification.libelle(v), case.certification.echelle[v].regle)
            for v in Verdict
        ],
        "documents": list(_deliverables(case, labels, extent)),
        "pieces": list(_pieces(case, labels, extent)),
        "missing_pieces": case.missing_pieces,
        "epreuve": f"{rubric.id} – {rubric.titre}",
        "instruction": rubric.consigne,
        "work": rubric.travail_demande,
        "expected_sections": rubric.rubriques_usage,
        "expected_pieces": rubric.livrables,
        "group": rubric.groupe_de(criterion.id).titre,
        "criterion": criterion,
        "facts": [_facts(d, labels, seen=to_see) for d in case.deliverables],
        "pointers": [_pointer(p, labels) for p in case.passages.passages] if extent.whole else [],
        "short": sum(d.word_count for d in case.deliverables) <= _SHORT_WORDS,
        "checks": [_check(check, labels) for check in case.checks],
        "sees": sees,
        "images": [_picture(picture, labels) for picture in case.pictures] if sees else [],
        "boundaries": examples is not None,
        "examples": [neutralised(example) for example in examples or ()],
    }


def _picture(picture: Picture, labels: Labels) -> str:
    where = picture.locator.model_copy(update={"heading_path": ()})
    return place(where, labels[picture.file_sha256])


def _documents(case: CriterionCase) -> Iterator[Document]:
    yield from case.deliverables
    for piece in case.pieces:
        yield from piece.documents


def _deliverables(case: CriterionCase, labels: Labels, extent: Extent) -> Iterator[FencedText]:
    if extent.part is None:
        yield from (_deliverable(document, labels, extent) for document in case.deliverables)
        return
    documents = {document.sha256: document for document in case.deliverables}
    for piece in extent.part.slices:
        text = range_text(documents[piece.sha256], piece.start, piece.end)
        yield FencedText(label=labels[piece.sha256], text=text, cut=True)


def _deliverable(document: Document, labels: Labels, extent: Extent) -> FencedText:
    label = labels[document.sha256]
    if extent.passages is None:
        return FencedText(label=label, text=document_text(document))
    chosen = [p for p in extent.passages if p.chunk.sha256 == document.sha256]
    return FencedText(label=label, text=passages_text(document, chosen), cut=True)


def _pieces(case: CriterionCase, labels: Labels, extent: Extent) -> Iterator[FencedText]:
    own = {document.sha256 for document in case.deliverables}
    compared = {d.sha256: d for p in case.pieces for d in p.documents if d.sha256 not in own}
    for document in compared.values():
        text, limit = document_text(document), extent.piece_characters
        cut = limit is not None and len(text) > limit
        if cut:
            text = text[:limit].rpartition("\n")[0] or text[:limit]
        yield FencedText(label=labels[document.sha256], text=text, cut=cut)


def _size(image: ImageInfo) -> str:
    return f"{image.width or '?'} × {image.height or '?'} px"


def _facts(document: Document, labels: Labels, *, seen: bool) -> DocumentFacts:
    """`seen`: the criterion asks to look at images, whose sizes then matter."""
    label = labels[document.sha256]
    size = f"{document.word_count} mots"
    if document.unit_count and document.unit_name_fr:
        size = f"{document.unit_count} {document.unit_name_fr}, {size}"
    sections = [
        f"{'  ' * ((heading.level or 1) - 1)}- {neutralised(heading.text[:_MAX_HEADING])}"
        for heading in document.headings
    ]
    return DocumentFacts(
        label=label,
        size=size,
        images=len(document.images),
        image_sizes=tuple(_size(image) for image in document.images[:_MAX_SIZES]) if seen else (),
        unread=tuple(
            f"{place(part.locator, label)} : {labels.hide_names(part.reason_fr)}"
            for part in document.unread
        ),
        sections=tuple(sections[:_MAX_SECTIONS]),
        more_sections=max(0, len(sections) - _MAX_SECTIONS),
    )


def _pointer(passage: Passage, labels: Labels) -> Pointer:
    words = passage.chunk.text.split()
    return Pointer(
        place=place(passage.chunk.locator, labels[passage.chunk.sha256]),
        excerpt=neutralised(_first(words, _EXCERPT_WORDS)),
        opening=neutralised(_first(words, _OPENING_WORDS)),
        attendus=passage.attendus,
    )


def _first(words: list[str], count: int) -> str:
    return " ".join(words[:count]) + (" …" if len(words) > count else "")


def _check(check: CheckResult, labels: Labels) -> str:
    about = f"attendu {check.attendu}" if check.attendu else "critère"
    line = (
        f"{check.code} ({about}, {_STRENGTHS[check.strength]}) – {check.title_fr} : "
        f"{check.outcome.value}. {check.message_fr}"
    )
    if check.expected_fr:
        line = f"{line} Attendu : {check.expected_fr}"
    return labels.hide_names(line).replace("\n", "\n  ")
