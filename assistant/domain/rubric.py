"""A certification's evaluation grid, as its YAML files say it.

The référentiel's own words stay French, in the files and here. Nothing in the code knows a
particular certification.
"""

from collections.abc import Iterator
from enum import StrEnum
from typing import Self

from pydantic import Field, model_validator

from assistant.domain.certification import (
    Appreciation,
    Bloc,
    CatalogueEntry,
    Certification,
    Competence,
    GroundingThresholds,
    Identifier,
    Piece,
    RetrievalSettings,
    Seuils,
    content_hash,
)
from ingest.types import Frozen

__all__ = [
    "Appreciation",
    "Attendu",
    "Bloc",
    "CatalogueEntry",
    "Certification",
    "Competence",
    "Controles",
    "CriteriaGroup",
    "Criterion",
    "Evaluable",
    "GroundingThresholds",
    "Lecture",
    "Piece",
    "Portee",
    "RetrievalSettings",
    "Rubric",
    "RubricSet",
    "Seuils",
    "Vue",
]


class Evaluable(StrEnum):
    """Where a criterion's proof is found."""

    DOCUMENT = "document"
    DOCUMENT_VISUEL = "document+visuel"
    CONFIGURATION = "configuration d'outil"
    ORAL = "oral"


class Portee(StrEnum):
    """How much must be read before a criterion can be judged."""

    CIBLEE = "ciblée"
    INTEGRALE = "intégrale"
    CROISEE = "croisée"


class Lecture(Frozen):
    """The reading scope. `pieces` names what a crossed reading compares with.

    `perimetre`: the part to read, when it is not the whole (« plan d'actions », « tous les
    objectifs »); `complement`: what the reading does not replace (« complément oral »).
    """

    portees: tuple[Portee, ...] = Field(min_length=1)
    pieces: tuple[str, ...] = ()
    perimetre: str = ""
    complement: str = ""

    @property
    def croisee(self) -> bool:
        return Portee.CROISEE in self.portees

    @property
    def integrale(self) -> bool:
        return Portee.INTEGRALE in self.portees


class Vue(StrEnum):
    """What seeing the page is worth for an attendu.

    SANS: only words prove it. UTILE: a page that was seen may prove it, and so may words.
    NECESSAIRE: words describe it, only sight tells.
    """

    SANS = "sans"
    UTILE = "utile"
    NECESSAIRE = "nécessaire"


class Attendu(Frozen):
    """One observable expectation. `etoile`: determining (★); the others only enrich."""

    numero: int = Field(ge=1)
    texte: str = Field(min_length=1)
    etoile: bool = False
    vue: Vue = Vue.SANS


class Controles(Frozen):
    """A criterion's computed checks: codes of the catalogue, and their settings in words."""

    codes: tuple[str, ...] = ()
    texte: str = ""


class Criterion(Frozen):
    """One CE, word for word. `ce` restarts at 1 in each group; `id` is unique."""

    id: str
    ce: int = Field(ge=1)
    texte: str = Field(min_length=1)
    evaluable: Evaluable
    lecture: Lecture
    attendus: tuple[Attendu, ...] = Field(min_length=1)
    preuve_attendue: str = ""
    controles: Controles = Controles()
    reperage: tuple[str, ...] = ()
    vigilance: str = ""

    @model_validator(mode="after")
    def _attendus_are_numbered_and_one_is_determining(self) -> Self:
        if [a.numero for a in self.attendus] != list(range(1, len(self.attendus) + 1)):
            raise ValueError("les attendus doivent être numérotés 1, 2, 3…")
        if not self.etoiles:
            raise ValueError("au moins un attendu doit porter « etoile: true »")
        seen = [a.numero for a in self.attendus if a.vue is not Vue.SANS]
        if seen and self.evaluable is not Evaluable.DOCUMENT_VISUEL:
            raise ValueError(f"« vue » (attendu {seen[0]}) demande « evaluable: document+visuel »")
        return self

    @property
    def etoiles(self) -> tuple[Attendu, ...]:
        return tuple(a for a in self.attendus if a.etoile)


class CriteriaGroup(Frozen):
    """A group of criteria of an épreuve, in the order of the référentiel."""

    id: str
    titre: str
    criteres: tuple[Criterion, ...] = Field(min_length=1)


class Rubric(Frozen):
    """The grid of one épreuve.

    `consigne` and `travail_demande`: the situation given, and what « le candidat doit » do;
    `livrables` and `rubriques_usage`: the pieces and the sections that one expects in them.
    """

    certification: str
    id: Identifier
    titre: str
    bloc: str
    version: str
    competences: tuple[str, ...]
    consigne: str = ""
    travail_demande: tuple[str, ...] = ()
    livrables: tuple[str, ...] = ()
    rubriques_usage: str = ""
    groupes: tuple[CriteriaGroup, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _ids_are_unique(self) -> Self:
        ids = [c.id for c in self.criteres]
        if doubled := sorted({i for i in ids if ids.count(i) > 1}):
            raise ValueError(f"identifiants en double : {', '.join(doubled)}")
        return self

    @property
    def content_hash(self) -> str:
        """SHA-256 of the grid's meaning: comments and layout of its file do not change it."""
        return content_hash(self)

    @property
    def criteres(self) -> tuple[Criterion, ...]:
        return tuple(self._iter())

    def _iter(self) -> Iterator[Criterion]:
        for groupe in self.groupes:
            yield from groupe.criteres

    def critere(self, criterion_id: str) -> Criterion:
        """Raises `KeyError` for an id that is not in this grid."""
        for critere in self.criteres:
            if critere.id == criterion_id:
                return critere
        raise KeyError(criterion_id)

    def groupe_de(self, criterion_id: str) -> CriteriaGroup:
        """Raises `KeyError` for an id that is not in this grid."""
        for groupe in self.groupes:
            if any(critere.id == criterion_id for critere in groupe.criteres):
                return groupe
        raise KeyError(criterion_id)


class RubricSet(Frozen):
    """A certification with the grids of all its épreuves, in its order."""

    certification: Certification
    rubrics: tuple[Rubric, ...]

    @model_validator(mode="after")
    def _every_epreuve_has_its_grid(self) -> Self:
        found, wanted = [r.id for r in self.rubrics], list(self.certification.epreuves)
        if found != wanted:
            raise ValueError(f"épreuves attendues : {wanted} ; grilles trouvées : {found}")
        return self

    def rubric(self, epreuve_id: str) -> Rubric:
        """Raises `KeyError` for an épreuve this certification does not have."""
        for rubric in self.rubrics:
            if rubric.id == epreuve_id:
                return rubric
        raise KeyError(epreuve_id)
