"""Who is in a cohort: one sub-folder per candidate, or a list of files in a manifest."""

import csv
import io
import unicodedata
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Final

import yaml
from pydantic import Field, ValidationError

from assistant.domain.dossier import FileRole
from assistant.domain.value_faults import sentences
from assistant.dossiers import COHORT_NAME, MANIFEST_NAME, is_ignored
from assistant.errors import CohortInvalid
from ingest.errors import system_cause_fr
from ingest.types import Frozen

_COLUMNS: Final = frozenset({"candidat", "fichier"})
_NO_FOLDER_FR: Final = (
    "il ne contient aucun sous-dossier. Rangez les fichiers de chaque candidat dans un "
    "sous-dossier à son nom, ou donnez une liste : un fichier CSV (colonnes « candidat » et "
    "« fichier », au besoin « type » et « epreuve »)."
)


class Candidate(Frozen):
    """One candidate's folder. `name` is the folder's: it stays on this machine."""

    name: str = Field(repr=False)
    folder: Path = Field(repr=False)


class CohortSource(Frozen):
    """The candidates of a cohort, sorted by name; `strays` are files that belong to none."""

    root: Path
    candidates: tuple[Candidate, ...]
    strays: tuple[str, ...] = ()


class ListedFile(Frozen):
    """A line of a manifest: a candidate's file, and what it is when the manifest says so."""

    candidat: str = Field(min_length=1)
    fichier: str = Field(min_length=1)
    role: FileRole | None = None
    epreuves: tuple[str, ...] = ()


def read_folder(root: Path) -> CohortSource:
    """The sub-folders of a folder. Links are not followed: what is elsewhere is not the cohort's.

    Raises: `CohortInvalid` when there is no sub-folder.
    """
    entries = sorted(
        (
            entry
            for entry in root.iterdir()
            if not is_ignored(entry.name) and not entry.is_symlink()
        ),
        key=lambda entry: unicodedata.normalize("NFC", entry.name).casefold(),
    )
    candidates = tuple(
        Candidate(name=unicodedata.normalize("NFC", entry.name), folder=entry)
        for entry in entries
        if entry.is_dir()
    )
    if not candidates:
        raise CohortInvalid(f"no sub-folder in {root}", path=str(root), problem=_NO_FOLDER_FR)
    strays = tuple(
        entry.name
        for entry in entries
        if entry.is_file()
        and entry.name not in (COHORT_NAME, MANIFEST_NAME)
        and not _describes(entry.name)
    )
    return CohortSource(root=root, candidates=candidates, strays=strays)


def _describes(name: str) -> bool:
    """Whether a file beside the candidates' folders is about the cohort rather than a rendering."""
    return Path(name).suffix.lower() in (".csv", ".yaml", ".yml", ".md")


def read_listing(path: Path) -> tuple[ListedFile, ...]:
    """The lines of a manifest, CSV or YAML. Raises: `CohortInvalid`."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise _invalid(path, "il n'est pas enregistré en UTF-8.") from None
    except OSError as error:
        raise _invalid(path, f"{system_cause_fr(error)}.") from error
    lines = tuple(_from_yaml(path, text) if path.suffix.lower() != ".csv" else _csv(path, text))
    if not lines:
        raise _invalid(path, "il ne nomme aucun fichier.")
    for line in lines:
        _require_inside(path, line.fichier)
    return lines


def _csv(path: Path, text: str) -> Iterator[ListedFile]:
    header = text.splitlines()[0] if text else ""
    reader = csv.DictReader(io.StringIO(text), delimiter=";" if ";" in header else ",")
    if missing := _COLUMNS - set(reader.fieldnames or ()):
        raise _invalid(path, f"colonnes absentes : {', '.join(sorted(missing))}.")
    merged: dict[tuple[str, str], ListedFile] = {}
    for number, row in enumerate(reader, start=2):
        values = {k: unicodedata.normalize("NFC", (row.get(k) or "").strip()) for k in _KEYS}
        if not any(values.values()):
            continue
        line = _line(path, f"ligne {number}", values)
        key = (line.candidat, line.fichier)
        if key in merged:
            epreuves = (*merged[key].epreuves, *line.epreuves)
            line = line.model_copy(update={"epreuves": tuple(dict.fromkeys(epreuves))})
        merged[key] = line
    yield from merged.values()


_KEYS: Final = ("candidat", "fichier", "type", "epreuve")


def _line(path: Path, where: str, values: dict[str, str]) -> ListedFile:
    if not values["candidat"] or not values["fichier"]:
        raise _invalid(path, f"{where} : « candidat » et « fichier » sont demandés.")
    role = values["type"].lower()
    if role and role not in set(FileRole):
        known = ", ".join(role.value for role in FileRole)
        raise _invalid(path, f"{where} : type « {role} » inconnu (types possibles : {known}).")
    return ListedFile(
        candidat=values["candidat"],
        fichier=values["fichier"],
        role=FileRole(role) if role else None,
        epreuves=(values["epreuve"],) if values["epreuve"] else (),
    )


class _YamlFile(Frozen):
    fichier: str
    role: FileRole | None = None
    epreuves: tuple[str, ...] = ()


class _YamlCandidate(Frozen):
    nom: str
    fichiers: tuple[_YamlFile, ...]


class _YamlCohort(Frozen):
    candidats: tuple[_YamlCandidate, ...]


def _from_yaml(path: Path, text: str) -> Iterator[ListedFile]:
    try:
        cohort = _YamlCohort.model_validate(yaml.safe_load(text))
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f" ligne {mark.line + 1}" if mark else ""
        raise _invalid(path, f"YAML illisible{where}.") from error
    except ValidationError as error:
        told = sentences(error, whole="fichier", at_most=3)
        raise _invalid(path, f"{told}.") from error
    for candidate in cohort.candidats:
        for file in candidate.fichiers:
            yield ListedFile(
                candidat=unicodedata.normalize("NFC", candidate.nom),
                fichier=unicodedata.normalize("NFC", file.fichier),
                role=file.role,
                epreuves=file.epreuves,
            )


def _require_inside(path: Path, name: str) -> None:
    """A manifest names files beside itself, nothing else of the machine."""
    place = PurePosixPath(name.replace("\\", "/"))
    if place.is_absolute() or ".." in place.parts or ":" in place.parts[0]:
        raise _invalid(path, f"le fichier « {name} » n'est pas dans le dossier du manifeste.")


def _invalid(path: Path, problem: str) -> CohortInvalid:
    return CohortInvalid(problem, path=str(path), problem=problem)
