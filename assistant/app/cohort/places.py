"""Where a cohort comes from: a folder, a .zip, or a list; always read as folders in the end."""

import hashlib
import os
import shutil
import tempfile
import unicodedata
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

import yaml

from assistant.app.cohort_traces import LEFT_OUT
from assistant.cohort import CohortSource, ListedFile, read_folder, read_listing
from assistant.dossiers import MANIFEST_NAME
from assistant.errors import CohortInvalid
from assistant.settings import Settings
from ingest.errors import IngestError
from ingest.folders import FolderLimits, discard, only_folder, unpack_folders
from ingest.types import Frozen

_ORIGIN: Final = "origine"
#: What a cohort's list may be.
LISTS: Final = (".csv", ".yaml", ".yml")
_MB: Final = 1_000_000
_READ_AT_ONCE: Final = 1 << 20


class Place(Frozen):
    """A cohort's folders, and its id: a digest of where it stands, which says nothing of it.

    `left_out_fr` tells what could not be taken out of an archive.
    """

    id: str
    source: CohortSource
    left_out_fr: tuple[str, ...] = ()


def open_place(path: Path, settings: Settings) -> Place:
    """Find the candidates' folders, unpacking or gathering them when need be.

    Raises: `CohortInvalid`; an `IngestError` when the archive as a whole is refused.
    """
    path = path.resolve()
    if path.is_dir():
        return Place(id=_id(str(path)), source=read_folder(path))
    if not path.is_file():
        raise CohortInvalid(str(path), path=str(path), problem="elle est introuvable.")
    if path.suffix.lower() == ".zip":
        return _unpacked(path, settings)
    if path.suffix.lower() in LISTS:
        return _gathered(path, settings)
    problem = "donnez un dossier, un fichier .zip, ou une liste (.csv, .yaml)."
    raise CohortInvalid(path.suffix, path=str(path), problem=problem)


def note_origin(own: Path, path: Path) -> None:
    """Remember where a cohort was opened from, to open it again."""
    noted = own / _ORIGIN
    noted.touch(mode=0o600)
    noted.write_bytes(os.fsencode(path.resolve()))


def origin(own: Path) -> Path | None:
    """Where a cohort was opened from; None when no run has noted it."""
    try:
        return Path(os.fsdecode((own / _ORIGIN).read_bytes()))
    except FileNotFoundError:
        return None


def own_folder(settings: Settings, cohort_id: str) -> Path:
    """Where this installation keeps what it makes of a cohort, for its owner's eyes only."""
    folder = settings.data_dir / "cohortes" / cohort_id
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


def _id(material: str) -> str:
    return f"C-{hashlib.sha256(material.encode('utf-8', 'surrogatepass')).hexdigest()[:10]}"


def _unpacked(path: Path, settings: Settings) -> Place:
    """An archive is unpacked once: its content names the folder."""
    cohort_id = _id(_digest(path))
    whole = own_folder(settings, cohort_id) / "dossiers"
    told = whole.with_name(LEFT_OUT)
    if not whole.is_dir():
        limits = FolderLimits(max_file_bytes=settings.max_file_mb * _MB)
        work = Path(tempfile.mkdtemp(dir=whole.parent))
        try:
            errors = unpack_folders(path, work, limits)
        except (IngestError, OSError):
            discard(work)
            raise
        told.write_text("\n".join(e.user_message for e in errors), encoding="utf-8")
        work.rename(whole)  # whole or not at all
    left_out = tuple(told.read_text(encoding="utf-8").splitlines()) if told.is_file() else ()
    source = read_folder(only_folder(whole))
    return Place(id=cohort_id, source=source, left_out_fr=left_out)


def _digest(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        while piece := stream.read(_READ_AT_ONCE):
            digest.update(piece)
    return digest.hexdigest()


def _gathered(path: Path, settings: Settings) -> Place:
    """A list's files: in the candidates' folders where they stand there, else brought together."""
    lines = read_listing(path)
    names = tuple(dict.fromkeys(line.candidat for line in lines))
    if all((path.parent / name).is_dir() for name in names):
        beside = read_folder(path.parent)
        listed = tuple(c for c in beside.candidates if c.name in names)
        source = CohortSource(root=path.parent, candidates=listed)
        return Place(id=_id(str(path)), source=source)
    cohort_id = _id(str(path))
    root = own_folder(settings, cohort_id) / "dossiers"
    folders = _names_apart({name: _folder_name(name) for name in names})
    for name in names:
        mine = [line for line in lines if line.candidat == name]
        _bring(path.parent, root / folders[name], mine)
    listed = tuple(c for c in read_folder(root).candidates if c.name in folders.values())
    return Place(id=cohort_id, source=CohortSource(root=root, candidates=listed))


def _folder_name(name: str) -> str:
    """A candidate's name as a folder's, on any system."""
    kept = "".join(c if c.isprintable() and c not in '/\\:*?"<>|' else "_" for c in name)
    return kept.strip(". ")[:100] or "candidat"


def _names_apart(wanted: Mapping[str, str]) -> dict[str, str]:
    """The wanted name of each, another where some system would take two of them for one."""
    given: dict[str, str] = {}
    used: set[str] = set()
    for origin, name in wanted.items():
        if _alike(name) in used:
            path = Path(name)
            mark = hashlib.sha256(origin.encode()).hexdigest()[:8]
            name = f"{path.stem} {mark}{path.suffix}"
        used.add(_alike(name))
        given[origin] = name
    return given


def _alike(name: str) -> str:
    return unicodedata.normalize("NFC", name).casefold()


def _bring(beside: Path, folder: Path, lines: Sequence[ListedFile]) -> None:
    """Copy a candidate's files, those that changed, and write what the list says of them."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    entries = []
    names = _names_apart({line.fichier: _folder_name(Path(line.fichier).name) for line in lines})
    for line in lines:
        origin = beside / line.fichier
        name = names[line.fichier]
        target = folder / name
        if origin.is_file() and not origin.is_symlink() and not _same(origin, target):
            draft = target.with_name(f".{name}.{os.getpid()}")
            shutil.copy2(origin, draft)
            draft.replace(target)
        if line.role is not None or line.epreuves:
            entries.append(
                {
                    "fichier": name,
                    "role": str(line.role or "livrable"),
                    "epreuves": list(line.epreuves),
                }
            )
    manifest = folder / MANIFEST_NAME
    if entries:
        text = yaml.safe_dump({"fichiers": entries}, allow_unicode=True, sort_keys=False)
        manifest.write_text(text, encoding="utf-8")
    else:
        manifest.unlink(missing_ok=True)


def _same(origin: Path, target: Path) -> bool:
    if not target.is_file():
        return False
    left, right = origin.stat(), target.stat()
    return (left.st_size, left.st_mtime_ns) == (right.st_size, right.st_mtime_ns)
