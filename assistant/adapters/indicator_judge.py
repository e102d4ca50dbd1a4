"""The embedded judge: it locates what the attendus ask for; it does not understand it.

For each attendu it looks, among the retrieved passages, for the line that carries most of the
attendu's words and of the criterion's cues, and says `repéré`, `à vérifier` or `non repéré`. A
line that sends the reader elsewhere (« sera montré à l'oral ») makes the attendu unverifiable; a
conclusive computed check that fails makes it absent. No generative model is involved, and every
finding says so.
"""

import hashlib
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import yaml

from assistant.domain.case import AttenduJudgement, CriterionCase, Judgement, Passage
from assistant.domain.cues import EmbeddedCues
from assistant.domain.finding import CheckOutcome, CheckResult, EngineId
from assistant.domain.french import fold_accents, stems
from assistant.domain.rubric import Attendu, Evaluable
from assistant.domain.verdict import AttenduStatus
from ingest.types import Block, BlockKind, Document, Frozen

VERSION: Final = "embedded/1"
DISCLAIMER: Final = (
    "Aucun modèle génératif n'a été utilisé : le moteur embarqué repère des mots et recalcule des "
    "chiffres, il ne juge pas le sens."
)
_MAX_QUOTE: Final = 300
_MAX_CUES: Final = 3
_FIGURE: Final = re.compile(r"\d")
_DATE: Final = re.compile(
    r"\d{1,2}[/.]\d{1,2}|\b(?:19|20)\d\d\b|\b(?:janvier|février|mars|avril|mai|juin|juillet|août|"
    r"septembre|octobre|novembre|décembre)\b|\bsemaines?\b|\b\d{1,2} ?h\b|\bjours?\b",
    re.IGNORECASE,
)


def load_cues(path: Path) -> EmbeddedCues:
    """Read a cues file of `prompts/`; its id is the file's stem.

    Raises: `OSError`, `yaml.YAMLError` or `ValidationError`: the file is ours, a fault in it is
    not a user's.
    """
    data = path.read_bytes()
    values = yaml.safe_load(data)
    return EmbeddedCues(id=path.stem, hash=hashlib.sha256(data).hexdigest(), **values)


class Line(Frozen):
    """A paragraph or a table row of a passage, as a unit to quote."""

    text: str
    heading: str
    attendus: tuple[int, ...]  # the attendus whose query brought its passage


class Sighting(Frozen):
    """How well a line answers an attendu: the share of its words, the cues it holds."""

    line: Line
    share: float
    cues: int

    def score(self, bonus: float) -> float:
        return self.share + bonus * min(self.cues, _MAX_CUES)


class IndicatorJudge:
    """Implements `Judge` with words, cues and computed checks."""

    def __init__(self, cues: EmbeddedCues) -> None:
        self._cues = cues

    @property
    def engine(self) -> EngineId:
        return EngineId(
            engine="embedded", version=VERSION, prompt=self._cues.id, prompt_hash=self._cues.hash
        )

    def assess(self, case: CriterionCase) -> Judgement:
        lines = tuple(_lines(case))
        judged = tuple(self._attendu(attendu, case, lines) for attendu in case.criterion.attendus)
        return Judgement(
            attendus=judged,
            rationale=_rationale(case, judged),
            missing=tuple(_missing(case, judged)),
            oral_questions=tuple(_questions(case, judged)),
            abstention_fr=_blind_spot(case),
        )

    def _attendu(
        self, attendu: Attendu, case: CriterionCase, lines: tuple[Line, ...]
    ) -> AttenduJudgement:
        if failed := _conclusive_failure(case, attendu):
            return AttenduJudgement(
                numero=attendu.numero,
                quotes=tuple(evidence.quote for evidence in failed.observed),
                status=AttenduStatus.NOT_LOCATED,
                justification=f"Contrôle {failed.code} : {failed.message_fr}",
            )
        best = self._best_sighting(attendu, case, lines)
        if best is None:
            return AttenduJudgement(
                numero=attendu.numero,
                status=AttenduStatus.NOT_LOCATED,
                justification="Aucun passage ne reprend les mots de cet attendu.",
            )
        status, why = self._status(attendu, best)
        quotes = () if status is AttenduStatus.NOT_LOCATED else (_quote(best.line.text, attendu),)
        return AttenduJudgement(
            numero=attendu.numero, quotes=quotes, status=status, justification=why
        )

    def _best_sighting(
        self, attendu: Attendu, case: CriterionCase, lines: tuple[Line, ...]
    ) -> Sighting | None:
        wanted = frozenset(stems(attendu.texte))
        cues = [fold_accents(cue) for cue in case.criterion.reperage]
        bonus = self._cues.seuils.bonus_mot_repere
        sightings = (_sight(line, wanted, cues) for line in lines)
        seen = [s for s in sightings if s.share > 0 or s.cues > 0]
        return max(
            seen,
            key=lambda s: (s.score(bonus), attendu.numero in s.line.attendus),
            default=None,
        )

    def _status(self, attendu: Attendu, best: Sighting) -> tuple[AttenduStatus, str]:
        seuils, text = self._cues.seuils, best.line.text
        score = best.score(seuils.bonus_mot_repere)
        if score < seuils.a_verifier:
            return AttenduStatus.NOT_LOCATED, "Seuls des mots isolés ont été trouvés."
        if self._cues.referral.search(text):
            return AttenduStatus.NOT_VERIFIABLE, "La preuve est renvoyée à l'oral ou ailleurs."
        if self._cues.pending.search(text):
            return AttenduStatus.TO_CHECK, "L'élément est annoncé mais laissé en suspens."
        if self._cues.wants_figures.search(attendu.texte) and not _FIGURE.search(text):
            return AttenduStatus.TO_CHECK, "L'attendu demande un chiffre ; le passage n'en a pas."
        if self._cues.wants_dates.search(attendu.texte) and not _DATE.search(text):
            return AttenduStatus.TO_CHECK, "L'attendu demande une date ; le passage n'en a pas."
        if score < seuils.repere:
            return AttenduStatus.TO_CHECK, "Passage proche par les mots, à lire."
        return AttenduStatus.LOCATED, "Passage repéré par les mots."


def _lines(case: CriterionCase) -> Iterator[Line]:
    documents = {document.sha256: document for document in case.deliverables}
    for passage in case.passages.passages:
        yield from _lines_of(passage, documents[passage.chunk.sha256])


def _lines_of(passage: Passage, document: Document) -> Iterator[Line]:
    """Paragraphs and whole table rows; headings only lend their words to what follows."""
    row: list[Block] = []
    for block in document.blocks_between(passage.chunk.start, passage.chunk.end):
        if row and not _same_row(row[-1], block):
            yield _line(row, document, passage)
            row = []
        if block.kind is not BlockKind.HEADING:
            row.append(block)
    if row:
        yield _line(row, document, passage)


def _same_row(left: Block, right: Block) -> bool:
    a, b = left.locator, right.locator
    return left.kind is BlockKind.TABLE_CELL is right.kind and (
        a.table,
        a.row,
        a.sheet,
        a.slide,
    ) == (b.table, b.row, b.sheet, b.slide)


def _line(blocks: list[Block], document: Document, passage: Passage) -> Line:
    return Line(
        text=document.text[blocks[0].start : blocks[-1].end],
        heading=" ".join(blocks[0].locator.heading_path),
        attendus=passage.attendus,
    )


def _sight(line: Line, wanted: frozenset[str], cues: list[str]) -> Sighting:
    """A heading's words count for half, and only beside words of the line itself.

    A title announces, it does not show.
    """
    own = frozenset(stems(line.text))
    folded, announced = fold_accents(line.text), fold_accents(line.heading)
    found, cues_shown = float(len(wanted & own)), sum(cue in folded for cue in cues)
    if found or cues_shown:
        found += 0.5 * len(wanted & frozenset(stems(line.heading)) - own)
        cues_shown += sum(cue in announced and cue not in folded for cue in cues)
    return Sighting(line=line, share=found / len(wanted) if wanted else 0.0, cues=cues_shown)


def _quote(text: str, attendu: Attendu) -> str:
    """The whole line when it is short, else the run of sentences richest in wanted words."""
    if len(text) <= _MAX_QUOTE:
        return text
    wanted = frozenset(stems(attendu.texte))
    cuts = [0, *(m.end() for m in re.finditer(r"(?<=[.!?;])\s+|\s\|\s", text)), len(text)]
    spans = [(start, end) for start, end in zip(cuts, cuts[1:], strict=False) if end > start]
    start, end = max(spans, key=lambda s: len(wanted & frozenset(stems(text[s[0] : s[1]]))))
    return text[start : min(end, start + _MAX_QUOTE)].rsplit(" ", 1)[0].strip() or text[:_MAX_QUOTE]


def _conclusive_failure(case: CriterionCase, attendu: Attendu) -> CheckResult | None:
    """A strong check that fails on this attendu, or on the whole criterion for a ★ one."""
    for check in case.checks:
        failed = check.outcome is CheckOutcome.DISCREPANCY and check.strength == "C"
        concerned = check.attendu == attendu.numero or (check.attendu is None and attendu.etoile)
        if failed and concerned:
            return check
    return None


def _blind_spot(case: CriterionCase) -> str:
    """Why this engine may not conclude in favour, whatever it located; empty when it may."""
    match case.criterion.evaluable:
        case Evaluable.ORAL:
            return "Ce critère s'apprécie à l'oral : les écrits ne donnent que des indices."
        case Evaluable.CONFIGURATION:
            return (
                "Ce critère porte sur le réglage réel d'un outil, que le moteur embarqué ne peut "
                "pas voir."
            )
        case Evaluable.DOCUMENT_VISUEL:
            return "Ce critère demande de voir les images ou la mise en page."
        case Evaluable.DOCUMENT:
            return ""


def _rationale(case: CriterionCase, judged: tuple[AttenduJudgement, ...]) -> str:
    starred = {attendu.numero for attendu in case.criterion.etoiles}
    parts = []
    for status, label in (
        (AttenduStatus.LOCATED, "repérés"),
        (AttenduStatus.TO_CHECK, "à vérifier"),
        (AttenduStatus.NOT_LOCATED, "non repérés"),
        (AttenduStatus.NOT_VERIFIABLE, "non vérifiables"),
    ):
        numbers = [f"n° {j.numero}" for j in judged if j.status is status and j.numero in starred]
        if numbers:
            parts.append(f"{label} : {', '.join(numbers)}")
    return f"Attendus déterminants {' ; '.join(parts)}. {DISCLAIMER}"


def _missing(case: CriterionCase, judged: tuple[AttenduJudgement, ...]) -> Iterator[str]:
    texts = {attendu.numero: attendu.texte for attendu in case.criterion.attendus}
    for judgement in judged:
        if judgement.status is AttenduStatus.NOT_LOCATED:
            yield texts[judgement.numero]


def _questions(case: CriterionCase, judged: tuple[AttenduJudgement, ...]) -> Iterator[str]:
    """At most three, on the determining attendus that were not plainly located."""
    by_number = {judgement.numero: judgement for judgement in judged}
    open_ones = [
        attendu
        for attendu in case.criterion.etoiles
        if by_number[attendu.numero].status is not AttenduStatus.LOCATED
    ]
    for attendu in open_ones[:3]:
        expected = attendu.texte.rstrip(".")
        yield f"Attendu n° {attendu.numero} (« {expected} ») : où votre dossier le montre-t-il ?"
