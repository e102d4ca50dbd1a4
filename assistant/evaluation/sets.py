"""Labelled sets: a folder of dossiers, gold labels, and a part to hold out.

A set is described by `set.yaml`; a folder that only holds `cohorte.csv` and `gold.csv` is a set
too, all of it held out, since nobody said that any of it may be looked at.
"""

import hashlib
import unicodedata
from functools import cached_property
from pathlib import Path
from typing import Final, Literal, Self

import yaml
from pydantic import Field, ValidationError, field_validator, model_validator

from assistant.domain.certification import Identifier
from assistant.domain.value_faults import sentences
from assistant.errors import EvalSetInvalid
from assistant.evaluation.labels import GoldLabel, SetProblem, read_labels
from ingest.types import Frozen

SET_NAME: Final = "set.yaml"
GOLD_NAME: Final = "gold.csv"
#: The part one may look at while tuning, and the part that is held out.
Part = Literal["regarder", "garder"]
PARTS: Final[tuple[Part, ...]] = ("regarder", "garder")
_UNLABELLED: Final = "Jeu sans set.yaml : on ne sait pas comment ses étiquettes ont été faites."


class SetDescription(Frozen):
    """A `set.yaml`. `dossiers`, `etiquettes` and `fiche` are paths relative to that file.

    `parties` gives each candidate's folder its side; one that is on neither is held out.
    `auteurs`: how many people made the labels, 0 when nobody says.
    """

    nom: Identifier
    titre: str = ""
    version: str = Field(min_length=1)
    dossiers: str = "."
    etiquettes: str = GOLD_NAME
    fiche: str = ""
    parties: dict[Part, tuple[str, ...]] = {}
    limites: tuple[str, ...] = ()
    auteurs: int = Field(default=0, ge=0)

    @field_validator("parties")
    @classmethod
    def _names_are_normal(cls, parties: dict[Part, tuple[str, ...]]) -> dict[Part, tuple[str, ...]]:
        return {p: tuple(unicodedata.normalize("NFC", n) for n in v) for p, v in parties.items()}

    @model_validator(mode="after")
    def _no_candidate_is_on_both_sides(self) -> Self:
        sides = self.parties
        if both := sorted(set(sides.get("regarder", ())) & set(sides.get("garder", ()))):
            raise ValueError(f"dans les deux parties à la fois : {', '.join(both)}")
        return self


class EvalSet:
    """A set on disk: its description, its dossiers' folder, its labels."""

    def __init__(self, description: SetDescription, base: Path) -> None:
        self.description = description
        self.folder = (base / description.dossiers).resolve()
        self.gold = base / description.etiquettes
        self.base = base

    @property
    def name(self) -> str:
        return self.description.nom

    @cached_property
    def _read(self) -> tuple[tuple[GoldLabel, ...], tuple[SetProblem, ...]]:
        return read_labels(self.gold)

    @property
    def labels(self) -> tuple[GoldLabel, ...]:
        """Raises: `EvalSetInvalid`."""
        return self._read[0]

    @property
    def label_problems(self) -> tuple[SetProblem, ...]:
        """The lines of the labels' file that cannot be understood. Raises: `EvalSetInvalid`."""
        return self._read[1]

    @property
    def candidates(self) -> tuple[str, ...]:
        """The labelled candidates, in the labels' order."""
        return tuple(dict.fromkeys(label.candidat for label in self.labels))

    def labels_of(self, candidate: str) -> tuple[GoldLabel, ...]:
        return tuple(label for label in self.labels if label.candidat == candidate)

    def part_of(self, candidate: str) -> Part:
        looked_at = candidate in self.description.parties.get("regarder", ())
        return "regarder" if looked_at else "garder"

    @cached_property
    def labels_hash(self) -> str:
        """SHA-256 of the labels' file: figures are compared on the same labels only."""
        return hashlib.sha256(self.gold.read_bytes()).hexdigest()

    def folder_of(self, candidate: str) -> Path | None:
        """The candidate's folder, whatever the normal form its name has on disk."""
        return self._folders.get(candidate)

    @cached_property
    def _folders(self) -> dict[str, Path]:
        found = (path for path in sorted(self.folder.iterdir()) if path.is_dir())
        return {unicodedata.normalize("NFC", path.name): path for path in found}


def load_set(path: Path) -> EvalSet:
    """A set from its `set.yaml`, from the folder that holds one, or from a bare cohort's folder.

    Raises: `EvalSetInvalid`.
    """
    described = path if path.is_file() else path / SET_NAME
    if described.is_file():
        found = EvalSet(_description(described), described.parent)
    elif not path.is_dir():
        raise _invalid(path, "rien ne se trouve à ce chemin.")
    elif not (path / GOLD_NAME).is_file():
        raise _invalid(path, f"il faut {SET_NAME}, ou {GOLD_NAME} et cohorte.csv.")
    else:
        found = EvalSet(_bare(path), path)
    if not found.folder.is_dir():
        raise _invalid(path, f"le dossier « {found.description.dossiers} » n'existe pas.")
    return found


def _bare(folder: Path) -> SetDescription:
    letters = (c if c.isascii() and c.isalnum() else "-" for c in folder.resolve().name)
    return SetDescription(
        nom="".join(letters).strip("-") or "cohorte", version="0", limites=(_UNLABELLED,)
    )


def _description(path: Path) -> SetDescription:
    try:
        return SetDescription.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")) or {})
    except UnicodeDecodeError:
        problem = "il n'est pas enregistré en UTF-8."
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        problem = f"YAML illisible{f' ligne {mark.line + 1}' if mark else ''}."
    except ValidationError as error:
        problem = f"{sentences(error, whole='jeu')}."
    raise _invalid(path, problem)


def _invalid(path: Path, problem: str) -> EvalSetInvalid:
    return EvalSetInvalid(problem, path=path.name, problem=problem)
