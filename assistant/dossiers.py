"""Says what each file of a dossier is: from the person, the manifest, its name, its content.

The first of these that speaks wins, and the answer keeps its source, so that a proposal made
from the content is shown as a proposal.
"""

import csv
import io
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Final

import yaml
from pydantic import Field, ValidationError

from assistant.domain.dossier import AssignmentSource, FileRole
from assistant.domain.french import fold_accents
from assistant.domain.rubric import Rubric, RubricSet
from assistant.domain.value_faults import sentences
from assistant.errors import ManifestInvalid
from ingest.types import Document, Frozen

MANIFEST_NAME: Final = "dossier.yaml"
COHORT_NAME: Final = "cohorte.csv"
_COHORT_COLUMNS: Final = {"candidat", "fichier", "type", "epreuve"}
_IGNORED: Final = frozenset({MANIFEST_NAME, "Thumbs.db", "desktop.ini", COHORT_NAME, "gold.csv"})
_BRIEF_NAME: Final = re.compile(r"(?:^|[^a-z])brief", re.IGNORECASE)
_MAX_DEPTH: Final = 3
_MIN_DISTINCT_CUES: Final = 6
_MARGIN: Final = 1.15  # the best épreuve must lead the second by that factor


class Assignment(Frozen):
    """What a file is, and who says so."""

    role: FileRole
    epreuves: tuple[str, ...] = ()
    source: AssignmentSource


class ManifestEntry(Frozen):
    """A line of `dossier.yaml`."""

    fichier: str
    role: FileRole = FileRole.DELIVERABLE
    epreuves: tuple[str, ...] = ()


class Manifest(Frozen):
    """A dossier's manifest. `id` fixes the pseudonym whatever the folder's place."""

    id: str = Field(default="", pattern=r"^(?:[A-Za-z0-9][A-Za-z0-9._-]{0,63})?$")
    fichiers: tuple[ManifestEntry, ...] = ()

    def assignments(self) -> dict[str, Assignment]:
        return {
            unicodedata.normalize("NFC", entry.fichier): Assignment(
                role=entry.role, epreuves=entry.epreuves, source=AssignmentSource.MANIFEST
            )
            for entry in self.fichiers
        }


def is_ignored(name: str) -> bool:
    """Whether a file is a system's, an office program's lock or a manifest."""
    return name in _IGNORED or name.startswith((".", "~$", "__MACOSX"))


def files_of(folder: Path) -> tuple[Path, ...]:
    """The candidate's files, sorted; system files, office locks and manifests left out.

    Symbolic links are not followed: what is outside the folder is not the candidate's.
    """
    found = [
        path
        for path in folder.rglob("*")
        if path.is_file()
        and not path.is_symlink()
        and not any(is_ignored(part) for part in path.relative_to(folder).parts)
        and len(path.relative_to(folder).parts) <= _MAX_DEPTH
    ]
    return tuple(sorted(found, key=lambda path: str(path.relative_to(folder))))


def read_manifest(folder: Path) -> Manifest:
    """The folder's `dossier.yaml`, else its lines of the cohort's `cohorte.csv`, else empty.

    Raises: `ManifestInvalid`.
    """
    own = folder / MANIFEST_NAME
    if own.is_file():
        return _parse_manifest(own)
    cohort = folder.parent / COHORT_NAME
    if cohort.is_file():
        return _from_cohort(cohort, folder.name)
    return Manifest()


def _parse_manifest(path: Path) -> Manifest:
    try:
        data = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
        return Manifest.model_validate(data)
    except UnicodeDecodeError:
        problem = "il n'est pas enregistré en UTF-8."
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f" ligne {mark.line + 1}" if mark else ""
        problem = f"YAML illisible{line}."
    except ValidationError as error:
        problem = f"{sentences(error, whole='fichier')}."
    raise ManifestInvalid(problem, file=path.name, problem=problem)


def _from_cohort(path: Path, folder_name: str) -> Manifest:
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        problem = "il n'est pas enregistré en UTF-8."
        raise ManifestInvalid(problem, file=path.name, problem=problem) from None
    header = text.splitlines()[0] if text else ""
    reader = csv.DictReader(io.StringIO(text), delimiter=";" if ";" in header else ",")
    if missing := _COHORT_COLUMNS - set(reader.fieldnames or ()):
        problem = f"colonnes absentes : {', '.join(sorted(missing))}."
        raise ManifestInvalid(problem, file=path.name, problem=problem)
    roles: dict[str, FileRole] = {}
    epreuves: dict[str, list[str]] = {}
    for number, row in enumerate(reader, start=2):
        name = unicodedata.normalize("NFC", (row["candidat"] or "").strip())
        if name != unicodedata.normalize("NFC", folder_name):
            continue
        filename = (row["fichier"] or "").strip()
        roles[filename] = _role(row["type"] or "", path, number)
        if epreuve := (row["epreuve"] or "").strip():
            epreuves.setdefault(filename, []).append(epreuve)
    return Manifest(
        fichiers=tuple(
            ManifestEntry(fichier=name, role=role, epreuves=tuple(epreuves.get(name, ())))
            for name, role in roles.items()
        )
    )


def _role(text: str, path: Path, line: int) -> FileRole:
    try:
        return FileRole(text.strip().lower())
    except ValueError:
        known = ", ".join(role.value for role in FileRole)
        problem = f"ligne {line} : type « {text} » inconnu (types possibles : {known})."
        raise ManifestInvalid(problem, file=path.name, problem=problem) from None


def assign(
    filename: str,
    document: Document | None,
    rubrics: RubricSet,
    *,
    given: Mapping[str, Assignment],
    manifest: Mapping[str, Assignment],
) -> Assignment:
    """What one file is. `document` is None when it could not be read.

    What is said of an archive holds for each of its files, unless that one is spoken of itself.
    """
    for source in (given, manifest):
        for name in (filename, filename.partition("/")[0]):
            if name in source:
                return source[name]
    if by_name := _from_name(filename, rubrics):
        return by_name
    if document is not None and (epreuve := _from_content(document, rubrics.rubrics)):
        return Assignment(
            role=FileRole.DELIVERABLE, epreuves=(epreuve,), source=AssignmentSource.CONTENT
        )
    return Assignment(role=FileRole.DELIVERABLE, source=AssignmentSource.UNKNOWN)


def _from_name(filename: str, rubrics: RubricSet) -> Assignment | None:
    stem = fold_accents(Path(filename).stem)
    found = tuple(
        epreuve for epreuve in rubrics.certification.epreuves if _names(stem, fold_accents(epreuve))
    )
    if found:
        return Assignment(
            role=FileRole.DELIVERABLE, epreuves=found, source=AssignmentSource.FILENAME
        )
    if _BRIEF_NAME.search(stem):
        return Assignment(role=FileRole.BRIEF, source=AssignmentSource.FILENAME)
    return None


def _names(stem: str, epreuve: str) -> bool:
    """Whether a file name holds an épreuve's id as a whole: « e2.5 » is not in « e2.5.1 »."""
    return bool(re.search(rf"(?<![a-z0-9.]){re.escape(epreuve)}(?!\.?\d)", stem))


def _from_content(document: Document, rubrics: Sequence[Rubric]) -> str | None:
    """The épreuve whose cues the document holds most, when it leads plainly.

    A cue that many épreuves share tells little: it counts for one over their number.
    """
    cues = {rubric.id: _cues(rubric) for rubric in rubrics}
    shared = Counter(cue for own in cues.values() for cue in own)
    text = fold_accents(document.text)
    scores: list[tuple[float, str]] = []
    for epreuve, own in cues.items():
        found = [cue for cue in own if cue in text]
        if len(found) >= _MIN_DISTINCT_CUES:
            weight = sum(1 / shared[cue] for cue in found)
            total = sum(1 / shared[cue] for cue in own)
            scores.append((weight / total**0.5, epreuve))
    ranked = sorted(scores, reverse=True)
    if not ranked or (len(ranked) > 1 and ranked[0][0] < _MARGIN * ranked[1][0]):
        return None
    return ranked[0][1]


def _cues(rubric: Rubric) -> frozenset[str]:
    terms: Iterable[str] = (cue for critere in rubric.criteres for cue in critere.reperage)
    return frozenset(fold_accents(term) for term in terms)
