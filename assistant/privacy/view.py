"""What a judge is shown of a dossier, and the way back from its words to the file's."""

from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from typing import Final, NamedTuple

from assistant.domain.abstention import AbstentionReason
from assistant.domain.case import (
    AttenduJudgement,
    ComparedPiece,
    CriterionCase,
    Judgement,
    Passage,
    UnseenPassage,
)
from assistant.domain.dossier import Dossier, DossierFile, FileRole
from assistant.domain.finding import CheckResult
from assistant.privacy.identity import own_words, pseudonyms_of
from assistant.privacy.private import PrivatePassage, private_passages
from assistant.privacy.redaction import Redaction, ShownDocument, in_first_block, within_blocks
from assistant.privacy.table import Pseudonyms
from ingest.chunking import Chunk
from ingest.suspicion import withheld_flags
from ingest.types import BlockKind, Box, Document

#: Part of every finding's key: raise the number when what a judge is shown changes.
VERSION: Final = "privacy/4"
FLAGGED: Final = "[passage signalé, non transmis]"
PRIVATE: Final = "[passage personnel, non transmis]"
_MARKS: Final = {
    AbstentionReason.PRIVATE: PRIVATE,
    AbstentionReason.SUSPECTED_INJECTION: FLAGGED,
}
_CUT: Final = " [...] "


class Covered(NamedTuple):
    """Words that may not be shown, the page they stand on if it has one, and their blocks."""

    text: str
    page: int | None
    boxes: tuple[Box, ...]


class JudgeView:
    """One dossier as judges may see it.

    Every judge: without the passages that address an assistant or the assessor, without what the
    candidate says of their private life. A judge that a network separates from us (`masked`): also
    without a name, an address, a number, an account or a file's name. Built once, read by threads.
    """

    def __init__(self, dossier: Dossier) -> None:
        self._dossier = dossier
        self._shown: dict[tuple[str, bool], ShownDocument] = {}

    @classmethod
    def of_cases(cls, cases: Sequence[CriterionCase]) -> "JudgeView":
        """From what cases of one épreuve hold, when their dossier is not at hand."""
        own = {d.sha256: d for case in cases for d in case.deliverables}
        pieces = [piece for case in cases for piece in (*case.pieces, *case.context)]
        compared = [document for piece in pieces for document in piece.documents]
        documents = own | {d.sha256: d for d in compared if d.sha256 not in own}
        files = tuple(
            DossierFile(
                filename=document.filename,
                sha256=sha,
                role=FileRole.DELIVERABLE if sha in own else FileRole.ANNEX,
                epreuves=(cases[0].rubric.id,) if sha in own else (),
            )
            for sha, document in documents.items()
        )
        return cls(Dossier(id="dossier", files=files, documents=documents))

    @cached_property
    def pseudonyms(self) -> Pseudonyms:
        return pseudonyms_of(self._dossier)

    @cached_property
    def private(self) -> dict[str, tuple[PrivatePassage, ...]]:
        """The private passages of each document, by the file's SHA-256."""
        documents = self._dossier.documents
        return {sha: private_passages(d.text, self._own_words) for sha, d in documents.items()}

    @cached_property
    def _own_words(self) -> frozenset[str]:
        return frozenset(own_words(self._dossier))

    def case(self, case: CriterionCase, *, masked: bool) -> CriterionCase:
        """The case to give to a judge. Its offsets are those of what is shown."""

        def show(document: Document) -> Document:
            return self._of(document, masked=masked).document

        return case.model_copy(
            update={
                "deliverables": tuple(map(show, case.deliverables)),
                "pieces": tuple(_piece(piece, map(show, piece.documents)) for piece in case.pieces),
                "context": tuple(_piece(p, map(show, p.documents)) for p in case.context),
                "passages": case.passages.model_copy(
                    update={"passages": tuple(self._passages(case, masked=masked))}
                ),
                "checks": tuple(self._check(c) for c in case.checks) if masked else case.checks,
            }
        )

    def judgement(self, judgement: Judgement) -> Judgement:
        """A judge's words with the names they stand for, so that its quotes are found again.

        The reply as received is kept as it is: with its tokens.
        """
        restore = self.pseudonyms.restore
        return judgement.model_copy(
            update={
                "attendus": tuple(self._attendu(attendu) for attendu in judgement.attendus),
                "rationale": restore(judgement.rationale),
                "missing": tuple(map(restore, judgement.missing)),
                "oral_questions": tuple(map(restore, judgement.oral_questions)),
                "advice_fr": restore(judgement.advice_fr),
                "abstention_fr": restore(judgement.abstention_fr),
                "notes_fr": tuple(map(restore, judgement.notes_fr)),
            }
        )

    def covers(self, document: Document) -> tuple[Covered, ...]:
        """Everything of a document that a picture of it may not show.

        The document may be another reading of one of the dossier's files: its pages, say.
        """
        ranges = [
            *((p.start, p.end) for p in private_passages(document.text, self._own_words)),
            *withheld_flags(document),
            *((start, end) for start, end, _ in self.pseudonyms.spans(document.text)),
        ]
        return tuple(
            Covered(document.text[max(start, b.start) : min(end, b.end)], b.locator.page, b.boxes)
            for start, end in ranges
            for b in document.blocks_between(start, end)
        )

    def unseen(self, case: CriterionCase) -> tuple[UnseenPassage, ...]:
        """What of the deliverables no judge is shown, whichever it is."""
        return tuple(
            UnseenPassage(
                sha256=document.sha256,
                start=start,
                end=end,
                text=document.text[start:end],
                reason=reason,
            )
            for document in case.deliverables
            for start, end, reason in self._withheld(document)
        )

    def chunk(self, document: Document, chunk: Chunk) -> Chunk | None:
        """A passage as an index may hold it; None when nothing of it may be shown."""
        return self._of(document, masked=True).chunk(chunk)

    def document(self, document: Document) -> Document:
        """One of the dossier's documents as others may be shown it: no name, nothing withheld."""
        return self._of(document, masked=True).document

    def _of(self, document: Document, *, masked: bool) -> ShownDocument:
        key = (document.sha256, masked)
        if key not in self._shown:
            mask = self.pseudonyms.mask if masked else str
            self._shown[key] = ShownDocument(
                document,
                self._redactions(document, masked=masked),
                filename=mask(document.filename),
                rename=lambda label: mask(_without_flagged(label, document)),
            )
        return self._shown[key]

    def _redactions(self, document: Document, *, masked: bool) -> Iterator[Redaction]:
        for start, end, reason in self._withheld(document):
            yield from within_blocks(document, start, end, _MARKS[reason])
        if masked:
            for start, end, token in self.pseudonyms.spans(document.text):
                yield from in_first_block(document, start, end, token)

    def _withheld(self, document: Document) -> Iterator[tuple[int, int, AbstentionReason]]:
        for passage in self.private.get(document.sha256, ()):
            yield passage.start, passage.end, AbstentionReason.PRIVATE
        for start, end in withheld_flags(document):
            yield start, end, AbstentionReason.SUSPECTED_INJECTION

    def _passages(self, case: CriterionCase, *, masked: bool) -> Iterator[Passage]:
        documents = {document.sha256: document for document in case.deliverables}
        for passage in case.passages.passages:
            shown = self._of(documents[passage.chunk.sha256], masked=masked).chunk(passage.chunk)
            if shown is not None:
                yield passage.model_copy(update={"chunk": shown})

    def _check(self, check: CheckResult) -> CheckResult:
        """What a check says, its places left out: they are those of the file itself."""
        mask = self.pseudonyms.mask
        return check.model_copy(
            update={
                "message_fr": mask(check.message_fr),
                "expected_fr": mask(check.expected_fr),
                "observed": (),
            }
        )

    def _attendu(self, attendu: AttenduJudgement) -> AttenduJudgement:
        restore = self.pseudonyms.restore
        return attendu.model_copy(
            update={
                "quotes": tuple(_pieced(restore(quote)) for quote in attendu.quotes),
                "justification": restore(attendu.justification),
                "seen": tuple(
                    s.model_copy(update={"observation": restore(s.observation)})
                    for s in attendu.seen
                ),
            }
        )


def _piece(piece: ComparedPiece, documents: Iterable[Document]) -> ComparedPiece:
    return ComparedPiece(nom=piece.nom, documents=tuple(documents))


def _pieced(quote: str) -> str:
    """A quote across a withheld passage, as a quote with an elision."""
    return quote.replace(FLAGGED, _CUT).replace(PRIVATE, _CUT)


def _without_flagged(label: str, document: Document) -> str:
    """A label, unless a flag says that it speaks to an assistant.

    A title of several lines is one line in the path of what stands under it.
    """
    said = _one_line(label)
    flagged = any(not flag.visible and flag.text == label for flag in document.flags) or any(
        _one_line(document.text[start:end]) in said or _is_a_title_of(said, document, start, end)
        for start, end in withheld_flags(document)
    )
    return FLAGGED if flagged else label


def _is_a_title_of(said: str, document: Document, start: int, end: int) -> bool:
    """Whether one of the titles that a flagged passage goes over says it."""
    return any(
        block.kind is BlockKind.HEADING
        and _one_line(document.text[block.start : block.end]) == said
        for block in document.blocks_between(start, end)
    )


def _one_line(text: str) -> str:
    return " ".join(text.split())
