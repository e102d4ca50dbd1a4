"""What holds across a certification: blocks, compétences, scale, thresholds, catalogue."""

import hashlib
import json
from typing import Annotated, Literal

from pydantic import Field, field_validator

from assistant.domain.once import once_per_object
from assistant.domain.tables import ReferenceTables
from assistant.domain.verdict import Verdict, VerdictRule
from ingest.types import Frozen

#: An identifier that can be a file's name and a command's argument.
Identifier = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$")]


@once_per_object
def content_hash(model: Frozen) -> str:
    """SHA-256 of a model's canonical JSON: what it means, not how its file is laid out."""
    data = model.model_dump(mode="json")
    text = json.dumps(data, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


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
    """How passages are chosen. Units: chunks; `rrf_k` is the usual constant of rank fusion.

    `voisins`: how many chunks on each side of an attendu's best passage come with it.
    """

    per_attendu: int = Field(default=4, ge=1)
    per_criterion: int = Field(default=8, ge=1)
    voisins: int = Field(default=1, ge=0)
    rrf_k: int = Field(default=60, ge=1)


class Seuils(Frozen):
    """The rubric's thresholds: data, so that a certification can set its own."""

    regle: VerdictRule = VerdictRule()
    citations: GroundingThresholds = GroundingThresholds()
    recherche: RetrievalSettings = RetrievalSettings()


class Motif(Frozen):
    """A reason that a person picks when departing from a draft.

    `precision`: it says too little alone, and a few words must go with it.
    """

    id: Identifier
    libelle: str = Field(min_length=1)
    precision: bool = False


class Relecture(Frozen):
    """How people read a dossier.

    `evaluateurs`: how many rule on each criterion, without seeing each other's rulings before
    both have finished. `aveugle`: whether the draft stays hidden until they have ruled.
    """

    evaluateurs: int = Field(default=1, ge=1, le=2)
    aveugle: Literal["jamais", "au choix", "toujours"] = "au choix"
    motifs: tuple[Motif, ...] = ()

    def motif(self, motif_id: str) -> Motif | None:
        return next((motif for motif in self.motifs if motif.id == motif_id), None)


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
    relecture: Relecture = Relecture()
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
        return content_hash(self)

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
