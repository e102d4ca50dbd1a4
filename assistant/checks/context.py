"""What every check is given, and how it says what it found."""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from assistant.checks.text import fold, stems
from assistant.domain.case import ComparedPiece
from assistant.domain.finding import CheckOutcome, CheckResult, Evidence
from assistant.domain.rubric import Attendu, Certification, Criterion, Rubric
from ingest.types import Channel, Document

Strength = Literal["C", "I", "R"]


@dataclass(frozen=True, slots=True)
class Place:
    """A range of a document's text, to be shown as evidence."""

    document: Document
    start: int
    end: int

    @property
    def text(self) -> str:
        return self.document.text[self.start : self.end]


@dataclass(frozen=True)
class CheckContext:
    """One check on one criterion: its code, the candidate's files, what they compare with."""

    code: str
    criterion: Criterion
    rubric: Rubric
    certification: Certification
    deliverables: tuple[Document, ...]
    pieces: tuple[ComparedPiece, ...] = ()

    @property
    def settings(self) -> str:
        """The words that the rubric puts after the check's code: « (colonnes thème, impact) »."""
        return setting_of(self.criterion.controles.texte, self.code)

    @property
    def fully_read(self) -> bool:
        """Nothing was left unread: an absence may be spoken of."""
        return all(document.coverage >= 1.0 for document in self.deliverables)

    def compared(self, name: str | None = None) -> tuple[Document, ...]:
        """The documents of the pieces to compare with, all or those whose name has a word.

        A deliverable is never compared with itself.
        """
        wanted = set(stems(name)) if name else set()
        own = {document.sha256 for document in self.deliverables}
        return tuple(
            document
            for piece in self.pieces
            if not wanted or wanted & set(stems(piece.nom))
            for document in piece.documents
            if document.sha256 not in own
        )

    def attendu(self, *patterns: str) -> int | None:
        """The number of the one attendu that a folded pattern points to, else None.

        Patterns are tried in order; among several attendus, a single starred one is preferred.
        """
        for pattern in patterns:
            found = [a for a in self.criterion.attendus if re.search(pattern, fold(a.texte))]
            if len(found) > 1:
                found = [a for a in found if a.etoile]
            if len(found) == 1:
                return found[0].numero
        return None

    def attendu_texts(self) -> Sequence[Attendu]:
        return self.criterion.attendus

    def result(
        self,
        outcome: CheckOutcome,
        strength: Strength,
        message_fr: str,
        *,
        places: Iterable[Place] = (),
        expected_fr: str = "",
        attendu: int | None = None,
    ) -> CheckResult:
        """A result under this check's code, its evidence cut from the documents' own text.

        What was read by character recognition may be misread: it is never conclusive.
        """
        observed = tuple(evidence(place) for place in _unique(places))
        if strength == "C" and any(e.locator.channel is Channel.OCR for e in observed):
            strength = "I"
        return CheckResult(
            code=self.code,
            title_fr=TITLES_FR.get(self.code, self.code),
            outcome=outcome,
            strength=strength,
            message_fr=message_fr,
            expected_fr=expected_fr,
            observed=observed,
            attendu=attendu,
        )


Check = Callable[[CheckContext], Iterable[CheckResult]]


def _unique(places: Iterable[Place]) -> Iterable[Place]:
    return {(p.document.sha256, p.start, p.end): p for p in places if p.end > p.start}.values()


def evidence(place: Place) -> Evidence:
    """The verbatim slice with its locator. Raises `ValueError` where no block stands."""
    blocks = place.document.blocks_between(place.start, place.end)
    if not blocks:
        raise ValueError("no block stands there")
    return Evidence(
        quote=place.text,
        filename=place.document.filename,
        sha256=place.document.sha256,
        start=place.start,
        end=place.end,
        locator=blocks[0].locator,
        place_fr=str(blocks[0].locator),
    )


def setting_of(text: str, code: str) -> str:
    """What follows a code in a rubric's controls, up to the next « ; » or the next code."""
    match = re.search(rf"{re.escape(code)}\b(?P<rest>[^(;]*(?:\([^)]*\))?[^;]*)", text)
    if match is None:
        return ""
    return re.split(r"\bDET-[A-Z]+", match["rest"])[0].strip(" :.+")


def listed(settings: str) -> list[str]:
    """The comma-separated names between the first parentheses, or after the colon."""
    inside = re.search(r"\(([^)]*)\)", settings)
    text = inside[1] if inside else settings
    text = re.sub(r"^colonnes? ", "", text.strip())
    names = [re.sub(r"^(?:et|ou) ", "", part.strip()) for part in re.split(r"[,;]| ↔ ", text)]
    return [name for name in names if name and not re.search(r"[≥≤%]|seuil", name)]


#: Short names of the checks, as shown beside their results.
TITLES_FR: Final = {
    "DET-RUBRIQUES": "Rubriques attendues",
    "DET-TABLEAU": "Tableau : colonnes et cellules",
    "DET-LEXIQUE": "Vocabulaire du sujet",
    "DET-JUSTIF": "Justification près du choix",
    "DET-LIEN": "Correspondance entre deux listes",
    "DET-CONCORDANCE": "Concordance des chiffres et des dates",
    "DET-DATES": "Dates et périodes",
    "DET-HORO": "Ordre des horaires",
    "DET-DUREE": "Durées",
    "DET-EVT": "Événements du calendrier",
    "DET-FREQ": "Fréquence et horaires de publication",
    "DET-COUV": "Demandes traitées",
    "DET-PLAN": "Plan d'actions : colonnes et cellules",
    "DET-SMART": "Objectifs mesurables et datés",
    "DET-SWOT": "Matrice SWOT",
    "DET-PERSONA": "Fiches personas",
    "DET-RACI": "Matrice RACI",
    "DET-SOMME": "Sommes et produits",
    "DET-PLAFOND": "Respect de l'enveloppe",
    "DET-PLAUSIBLE": "Vraisemblance du résultat visé",
    "DET-RATIO": "Recalcul des taux et des coûts",
    "DET-CONV": "Taux de conversion",
    "DET-ROI": "Retour sur investissement",
    "DET-SOURCES": "Sources",
    "DET-UTM": "Balises UTM",
    "DET-PUB": "Mention commerciale",
    "DET-CONTRAT": "Clauses du contrat",
    "DET-IMG": "Dimensions des images",
    "DET-POIDS": "Poids du support",
    "DET-LONGUEUR": "Longueur des textes",
    "DET-COULEUR": "Couleurs",
    "DET-CONTRASTE": "Contraste",
    "DET-ALT": "Textes alternatifs",
    "DET-ORTHO": "Orthographe",
    "DET-LISIB": "Lisibilité",
    "DET-CAPTURE": "Captures d'écran",
}
OK: Final = CheckOutcome.OK
GAP: Final = CheckOutcome.DISCREPANCY
SILENT: Final = CheckOutcome.SILENT
