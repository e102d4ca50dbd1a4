"""A certification's evaluation grid, as its YAML files say it.

The référentiel's own words stay French, in the files and here. Nothing in the code knows a
particular certification.
"""

import hashlib
import json
from collections.abc import Iterator
from enum import StrEnum
from typing import Annotated, Literal, Self

from pydantic import Field, field_validator, model_validator

from assistant.domain.tables import ReferenceTables
from assistant.domain.verdict import Verdict, VerdictRule
from ingest.types import Frozen

#: An identifier that can be a file's name and a command's argument.
Identifier = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$")]


def _content_hash(model: Frozen) -> str:
    """SHA-256 of a model's canonical JSON: what it means, not how its file is laid out."""
    data = model.model_dump(mode="json")
    text = json.dumps(data, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


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


class Attendu(Frozen):
    """One observable expectation. `etoile`: determining (★); the others only enrich."""

    numero: int = Field(ge=1)
    texte: str = Field(min_length=1)
    etoile: bool = False


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
        return _content_hash(self)

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


class Competence(Frozen):
    """One compétence of the référentiel, full text."""

    id: str
    texte: str
    epreuves: tuple[str, ...] = ()


class Bloc(Frozen):
    """A block of compétences and its épreuves, in order."""

    id: str
    titre: str
    activite: str = ""
    epreuves: tuple[Identifier, ...] = Field(min_length=1)


class Appreciation(Frozen):
    """How a verdict of the scale is shown, and the rule it stands for, in words."""

    libelle: str
    regle: str = ""


class Piece(Frozen):
    """What a crossed reading may compare with, and where a dossier keeps it.

    `role`: a file of that role; `epreuves`: a deliverable of one of these épreuves;
    `meme_livrable`: the piece is usually a part of the deliverable itself.
    """

    nom: str
    role: Literal["brief", "annexe"] | None = None
    epreuves: tuple[str, ...] = ()
    meme_livrable: bool = False


class CatalogueEntry(Frozen):
    """A computed check of the catalogue. `force`: C conclusive, I hint, R locating only."""

    code: str
    verifie: str
    force: str


class GroundingThresholds(Frozen):
    """When a quote counts as found again. `near_ratio`: 0 to 100 (normalised Indel similarity)."""

    near_ratio: float = Field(default=92.0, gt=0, le=100)
    min_characters: int = Field(default=8, ge=1)


class RetrievalSettings(Frozen):
    """How passages are chosen. Units: chunks; `rrf_k` is the usual constant of rank fusion."""

    per_attendu: int = Field(default=3, ge=1)
    per_criterion: int = Field(default=8, ge=1)
    rrf_k: int = Field(default=60, ge=1)


class Seuils(Frozen):
    """The rubric's thresholds: data, so that a certification can set its own."""

    regle: VerdictRule = VerdictRule()
    citations: GroundingThresholds = GroundingThresholds()
    recherche: RetrievalSettings = RetrievalSettings()


class Certification(Frozen):
    """What holds across the épreuves: blocks, compétences, scale, thresholds, catalogue.

    `octroi`: when the certification is granted; `modalites`: how every épreuve is assessed;
    `amenagements`: what is adapted for candidates with a disability. `tables` comes from a file
    of its own.
    """

    id: str
    titre: str
    version: str
    blocs: tuple[Bloc, ...] = Field(min_length=1)
    competences: tuple[Competence, ...] = ()
    echelle: dict[Verdict, Appreciation]
    octroi: str = ""
    modalites: tuple[str, ...] = ()
    amenagements: str = ""
    blocs_requis: tuple[str, ...] = ()
    pieces: tuple[Piece, ...] = ()
    controles: tuple[CatalogueEntry, ...] = ()
    seuils: Seuils = Seuils()
    tables: ReferenceTables = ReferenceTables()

    @field_validator("echelle")
    @classmethod
    def _scale_is_whole(cls, echelle: dict[Verdict, Appreciation]) -> dict[Verdict, Appreciation]:
        if missing := [v.value for v in Verdict if v not in echelle]:
            raise ValueError(f"l'échelle doit définir aussi : {', '.join(missing)}")
        return echelle

    @property
    def content_hash(self) -> str:
        """SHA-256 of the certification's meaning, reference tables included."""
        return _content_hash(self)

    @property
    def epreuves(self) -> tuple[str, ...]:
        return tuple(e for bloc in self.blocs for e in bloc.epreuves)

    def libelle(self, verdict: Verdict) -> str:
        return self.echelle[verdict].libelle

    def competence(self, competence_id: str) -> Competence:
        """Raises `KeyError` for an id the référentiel does not have."""
        for competence in self.competences:
            if competence.id == competence_id:
                return competence
        raise KeyError(competence_id)

    def bloc_de(self, epreuve_id: str) -> Bloc:
        """Raises `KeyError` for an épreuve of no block."""
        for bloc in self.blocs:
            if epreuve_id in bloc.epreuves:
                return bloc
        raise KeyError(epreuve_id)

    def piece(self, nom: str) -> Piece | None:
        return next((piece for piece in self.pieces if piece.nom == nom), None)


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
