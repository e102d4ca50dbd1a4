"""The embedded judge: it locates what the attendus ask for; it does not understand it.

For each attendu it looks, among the retrieved passages, for the section that carries most of the
attendu's words and of the criterion's cues, and counts what is concrete in it (figures, proper
names): a text that stays general shows little. It says `repéré`, `à vérifier` or `non repéré`. A
line that sends the reader elsewhere (« sera montré à l'oral ») makes the attendu unverifiable;
computed checks that fail lower it. No generative model is involved, and every finding says so.
"""

import hashlib
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import yaml

from assistant.adapters.indicator_sections import Section, sections_of
from assistant.adapters.indicator_sightings import Sighting, quote_of, sight
from assistant.adapters.indicator_topics import Topics, topics_of
from assistant.adapters.indicator_words import Wanted, wanted
from assistant.domain.abstention import AbstentionReason
from assistant.domain.case import AttenduJudgement, CriterionCase, Judgement
from assistant.domain.cues import EmbeddedCues
from assistant.domain.finding import CheckOutcome, CheckResult, EngineId
from assistant.domain.rubric import Attendu, Evaluable, Vue
from assistant.domain.verdict import AttenduStatus
from assistant.substance import AlreadySaid

VERSION: Final = "embedded/4"
DISCLAIMER: Final = (
    "Aucun modèle génératif n'a été utilisé : le moteur embarqué repère des mots et recalcule des "
    "chiffres, il ne juge pas le sens."
)
#: The only thing this engine calls unverifiable is a line that sends the reader elsewhere.
_DEFERRED: Final = AbstentionReason.DEFERRED
_BLIND: Final = {
    Evaluable.ORAL: AbstentionReason.ORAL,
    Evaluable.CONFIGURATION: AbstentionReason.CONFIGURATION,
    Evaluable.DOCUMENT_VISUEL: AbstentionReason.VISUAL,
}
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
        said = AlreadySaid(case.criterion, case.rubric)
        sections = tuple(_telling(section, said) for section in sections_of(case))
        judged = tuple(
            self._attendu(attendu, case, sections) for attendu in case.criterion.attendus
        )
        return Judgement(
            attendus=judged,
            rationale=_rationale(case, judged),
            missing=tuple(_missing(case, judged)),
            abstention_fr=_blind_spot(case),
            abstention=_BLIND.get(case.criterion.evaluable),
        )

    def _attendu(
        self, attendu: Attendu, case: CriterionCase, sections: tuple[Section, ...]
    ) -> AttenduJudgement:
        if failed := _failure_on(attendu, case):
            return AttenduJudgement(
                numero=attendu.numero,
                status=AttenduStatus.NOT_LOCATED,
                justification=f"Contrôle {failed.code} : {failed.message_fr}",
            )
        looked_for = wanted(attendu, case.criterion, self._cues, case.certification.tables.lexique)
        best = self._best_sighting(looked_for, sections, topics_of(case))
        if best is None:
            return _unseen(attendu, case, "Aucun passage ne reprend les mots de cet attendu.")
        status, why = self._status(attendu, best)
        if status is AttenduStatus.NOT_LOCATED:
            return _unseen(attendu, case, why)
        if status is AttenduStatus.LOCATED and attendu.etoile and (doubt := _doubt(case)):
            status, why = AttenduStatus.TO_CHECK, f"Contrôle {doubt.code} en écart : à relire."
        return AttenduJudgement(
            numero=attendu.numero,
            quotes=(quote_of(best.line, looked_for, self._cues.seuils.poids_signe),),
            status=status,
            justification=why,
            reason=_DEFERRED if status is AttenduStatus.NOT_VERIFIABLE else None,
        )

    def _best_sighting(
        self, looked_for: Wanted, sections: tuple[Section, ...], topics: Topics
    ) -> Sighting | None:
        sightings = [
            sight(
                section,
                looked_for,
                self._cues.seuils,
                elsewhere=topics.belongs_elsewhere(section.title),
            )
            for section in sections
        ]
        seen = [s for s in sightings if s.share > 0 or s.cues > 0]
        return max(seen, key=lambda s: (s.value, s.concrete), default=None)

    def _status(self, attendu: Attendu, best: Sighting) -> tuple[AttenduStatus, str]:
        seuils, text = self._cues.seuils, best.section.text
        if best.value < seuils.mots:
            return AttenduStatus.NOT_LOCATED, "Seuls des mots isolés ont été trouvés."
        if self._cues.referral.search(best.line):
            return AttenduStatus.NOT_VERIFIABLE, "La preuve est renvoyée à l'oral ou ailleurs."
        if best.concrete < seuils.concret_a_verifier:
            return AttenduStatus.NOT_LOCATED, (
                "Le passage reste général : ni chiffre, ni date, ni nom propre."
            )
        universal = self._cues.wants_all.search(attendu.texte)
        everything = "\n".join((text, *best.section.aside))
        if self._is_pending(everything if universal else best.line, attendu):
            return AttenduStatus.TO_CHECK, "L'élément est annoncé mais laissé en suspens."
        if self._cues.wants_figures.search(attendu.texte) and not _FIGURE.search(text):
            return AttenduStatus.TO_CHECK, "L'attendu demande un chiffre ; le passage n'en a pas."
        if self._cues.wants_dates.search(attendu.texte) and not _DATE.search(text):
            return AttenduStatus.TO_CHECK, "L'attendu demande une date ; le passage n'en a pas."
        if best.concrete < seuils.concret_repere:
            return AttenduStatus.TO_CHECK, "Passage peu développé, à lire."
        return AttenduStatus.LOCATED, "Passage repéré par ses mots et ses éléments concrets."

    def _is_pending(self, line: str, attendu: Attendu) -> bool:
        """Whether the line leaves something for later, in words that the attendu does not use.

        « Fait, en cours, à venir » answers an attendu that asks for these very states.
        """
        asked = attendu.texte.casefold()
        found = self._cues.pending.finditer(line)
        return any(match.group().casefold() not in asked for match in found)


def _telling(section: Section, said: AlreadySaid) -> Section:
    """The section without the lines that repeat the grid, unless it has no other."""
    lines = tuple(line for line in section.lines if not said.emptiness(line))
    if not lines:
        return section
    aside = tuple(line for line in section.lines if line not in lines)
    return section.model_copy(update={"lines": lines, "aside": aside})


def _unseen(attendu: Attendu, case: CriterionCase, why: str) -> AttenduJudgement:
    """Not located; or not verifiable, when an image of the deliverables may show it."""
    pictured = any(document.images for document in case.deliverables)
    if attendu.vue is not Vue.SANS and pictured:
        return AttenduJudgement(
            numero=attendu.numero,
            status=AttenduStatus.NOT_VERIFIABLE,
            justification=f"{why} Une image peut le montrer.",
            reason=AbstentionReason.VISUAL,
        )
    return AttenduJudgement(
        numero=attendu.numero, status=AttenduStatus.NOT_LOCATED, justification=why
    )


def _failure_on(attendu: Attendu, case: CriterionCase) -> CheckResult | None:
    """A conclusive check that fails on this very attendu."""
    for check in _discrepancies(case):
        if check.strength == "C" and check.attendu == attendu.numero:
            return check
    return None


def _doubt(case: CriterionCase) -> CheckResult | None:
    """A check of the criterion as a whole that fails, be it only a hint."""
    for check in _discrepancies(case):
        if check.attendu is None and check.strength != "R":
            return check
    return None


def _discrepancies(case: CriterionCase) -> Iterator[CheckResult]:
    return (check for check in case.checks if check.outcome is CheckOutcome.DISCREPANCY)


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
    failures = [f"{c.code} ({c.message_fr})" for c in _discrepancies(case) if c.strength == "C"]
    opening = f"Contrôle en écart : {' ; '.join(failures)} " if failures else ""
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
    return f"{opening}Attendus déterminants {' ; '.join(parts)}. {DISCLAIMER}"


def _missing(case: CriterionCase, judged: tuple[AttenduJudgement, ...]) -> Iterator[str]:
    texts = {attendu.numero: attendu.texte for attendu in case.criterion.attendus}
    for judgement in judged:
        if judgement.status is AttenduStatus.NOT_LOCATED:
            yield texts[judgement.numero]
