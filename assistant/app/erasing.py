"""What is held about one candidate: given whole to whoever may ask, or erased for good.

Files go first, rows next, the traces in the database's own file last: cut short at any point, the
same command run again finishes the work.
"""

import io
import json
import shutil
import unicodedata
import zipfile
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from assistant.app.cohort_traces import CohortTraces
from assistant.app.written import WrittenFile, WrittenFiles
from assistant.errors import UnknownDossier
from assistant.ports import DossierRecord, Eraser, ReviewStore
from ingest.types import Frozen

#: Rebuilt when needed, and written without saying whose text is inside: erased whole.
_REBUILT: Final = ("cache", "tmp")


class Erased(Frozen):
    """What an erasure did.

    `left`: the folders of the candidate that are not ours to delete. `exports`: the files written
    elsewhere that were removed; `kept`: those that hold words of the candidate still.
    """

    dossiers: tuple[str, ...]
    rows: int
    folders: tuple[str, ...]
    left: tuple[str, ...]
    exports: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()


class Holdings:
    """All that one installation holds about people. `data_dir`: where it writes."""

    def __init__(
        self, store: ReviewStore, eraser: Eraser, traces: CohortTraces, data_dir: Path
    ) -> None:
        self.traces = traces
        self.written = WrittenFiles(data_dir)
        self._store = store
        self._eraser = eraser
        self._data_dir = data_dir.resolve()

    def of(self, reference: str) -> tuple[DossierRecord, ...]:
        """The dossiers that a reference names: an id, a folder, or a folder's name.

        Raises: `UnknownDossier`.
        """
        path = str(Path(reference).resolve())
        known = self._store.dossiers()
        found = tuple(r for r in known if r.id == reference or r.folder == path)
        found = found or _of_label(reference, known)
        if not found:
            labels = ", ".join(r.label for r in known[:10]) or "aucun"
            raise UnknownDossier(reference, dossier=reference, known=labels)
        return found

    def archive(self, records: Iterable[DossierRecord]) -> bytes:
        """A .zip of everything held: rows as JSON, and the files that were deposited here."""
        records = tuple(records)
        rows = self._eraser.held([record.id for record in records])
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("donnees.json", _readable(rows))
            for record in records:
                for path in self._own_files(record):
                    name = path.relative_to(Path(record.folder))
                    archive.write(path, f"fichiers/{record.id}/{name}")
        return buffer.getvalue()

    def exports(self, records: Iterable[DossierRecord]) -> tuple[WrittenFile, ...]:
        """The files written elsewhere that hold words of these dossiers."""
        return self.written.about({record.id for record in records})

    def erase(
        self,
        records: Iterable[DossierRecord],
        *,
        actor: str,
        reason: str,
        exports: Iterable[WrittenFile] = (),
    ) -> Erased:
        """Erase dossiers for good: their deposits, every row, every cache, and these exports.

        An export that somebody has changed since is kept, and told.

        Raises: `StoreUnavailable`; `StoreBusy` when all is erased but the database's file could
        not be rewritten yet (see `finish`).
        """
        records = tuple(records)
        ours = [Path(r.folder) for r in records if self._is_ours(Path(r.folder))]
        for folder in ours:
            _remove(folder)
        removed = [written for written in exports if written.unchanged]
        for written in removed:
            Path(written.path).unlink()
        kept = self.exports(records)
        self.written.forget({record.id for record in records})
        self.traces.forget([r.id for r in records], [r.label for r in records])
        rows = self._eraser.erase([r.id for r in records], actor=actor, reason=reason)
        self.finish()
        return Erased(
            dossiers=tuple(r.id for r in records),
            rows=rows,
            folders=tuple(str(folder) for folder in ours),
            left=tuple(r.folder for r in records if Path(r.folder).exists()),
            exports=tuple(written.path for written in removed),
            kept=tuple(written.path for written in kept),
        )

    def finish(self) -> None:
        """Remove caches and temporary files, and rewrite the database's file.

        Raises: `StoreBusy`.
        """
        for name in _REBUILT:
            _remove(self._data_dir / name)
        self._eraser.compact()

    def _is_ours(self, folder: Path) -> bool:
        folder = folder.resolve()
        return folder != self._data_dir and folder.is_relative_to(self._data_dir)

    def _own_files(self, record: DossierRecord) -> list[Path]:
        folder = Path(record.folder)
        if not self._is_ours(folder) or not folder.is_dir():
            return []
        return sorted(p for p in folder.rglob("*") if p.is_file() and not p.is_symlink())


def _readable(rows: dict[str, list[dict[str, str]]]) -> str:
    """The rows as JSON that a person can read: what is kept as JSON inside a column is opened."""
    opened = {
        table: [{name: _opened(value) for name, value in row.items()} for row in found]
        for table, found in rows.items()
    }
    text = json.dumps(opened, ensure_ascii=False, indent=1, sort_keys=True)
    return text.encode("utf-8", "replace").decode()


def _opened(value: str) -> object:
    if not value.startswith("{"):
        return value
    try:
        return json.loads(value)
    except json.JSONDecodeError:
        return value


def _of_label(reference: str, known: Iterable[DossierRecord]) -> tuple[DossierRecord, ...]:
    """The dossiers of that name: as it is written, else in other letters if one name only is meant.

    Two candidates whose names differ by a capital or an accent are two people.
    """
    alike = [record for record in known if _plain(record.label) == _plain(reference)]
    spelled = reference.strip().rstrip("/\\")
    if same := tuple(record for record in alike if record.label == spelled):
        return same
    return tuple(alike) if len({record.label for record in alike}) == 1 else ()


def _plain(text: str) -> str:
    return unicodedata.normalize("NFC", text.strip().rstrip("/\\")).casefold()


def _remove(path: Path) -> None:
    if path.is_symlink():
        path.unlink()
    elif path.is_dir():
        shutil.rmtree(path)
