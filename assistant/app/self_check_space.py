"""One person's self-checks: their files, their database, their list of drafts."""

import json
import secrets
import shutil
import threading
from collections.abc import Callable, Container, Sequence
from itertools import chain, count
from pathlib import Path
from typing import Final

from pydantic import TypeAdapter

from assistant.advising import next_step
from assistant.app.application import App
from assistant.app.jobs import JobBoard
from assistant.app.library import safe_name
from assistant.domain.dossier import AssignmentSource, FileRole
from assistant.domain.self_check import CriterionCoverage, Draft, coverage_of
from assistant.dossiers import Assignment
from assistant.errors import DraftUnreadable, NoDeliverable, UnknownDraft

_LIST: Final = "brouillons.json"
#: Units: bytes; what file systems take, less the suffix and a number.
_LONGEST_STEM: Final = 150
_DRAFTS: Final = TypeAdapter(tuple[Draft, ...])

_NO_WORK_FR: Final = (
    "Ces fichiers ne contiennent aucun livrable : ce sont des fichiers temporaires ou de système."
)

#: A file as it was handed in: its name and its bytes.
HandedIn = tuple[str, bytes]


class Space:
    """One person's drafts."""

    def __init__(self, folder: Path, open_app: Callable[[Path], App]) -> None:
        self.lock = threading.RLock()
        self._folder = folder
        self.app = open_app(folder)
        self.jobs = JobBoard(self.app)

    def take_in(
        self, epreuve: str, deliverables: Sequence[HandedIn], briefs: Sequence[HandedIn]
    ) -> tuple[str, tuple[str, ...]]:
        """Keep the files and open them as a dossier; its id, and the deliverables' names.

        The same files for another épreuve, or in other roles, are another draft.
        Raises: `UnknownEpreuve`; `DraftUnreadable`, nothing being kept; as `App.open` does.
        """
        self.app.rubric(epreuve)
        work = self._folder / "tmp" / secrets.token_hex(8)
        try:
            given: dict[str, Assignment] = {}
            for role, files in ((FileRole.DELIVERABLE, deliverables), (FileRole.BRIEF, briefs)):
                for name, data in files:
                    own = _unused(_file_name(name), given)
                    given[own] = Assignment(
                        role=role,
                        epreuves=(epreuve,) if role is FileRole.DELIVERABLE else (),
                        source=AssignmentSource.GIVEN,
                    )
                    _write(work / own, data)
            draft = json.dumps([epreuve, sorted((n, a.role.value) for n, a in given.items())])
            dossier = self.app.library.deposit([work / n for n in given], draft, given)
        except NoDeliverable as error:  # a lock or a file of the system, that nobody reads
            raise DraftUnreadable(str(error), problems=_NO_WORK_FR) from error
        finally:
            shutil.rmtree(work, ignore_errors=True)
        if not any(file.role is FileRole.DELIVERABLE for file in dossier.files):
            self.forget(dossier.id)
            problems = " ".join(failure.message_fr for failure in dossier.failures)
            raise DraftUnreadable(dossier.id, problems=problems)
        return dossier.id, tuple(name for name, _ in deliverables)

    def unread_fr(self, draft: Draft) -> tuple[str, ...]:
        """What of the files handed in could not be read, and what to do about it."""
        summary = self.app.library.summary(draft.id)
        parts = (part for report in summary.extraction for part in report.unread_fr)
        return (*(failure.message_fr for failure in summary.failures), *parts)

    def drafts(self) -> tuple[Draft, ...]:
        """Oldest first."""
        return read_list(self._folder)

    def draft_and_before(self, draft_id: str) -> tuple[Draft, Draft | None]:
        """A draft, and the version of the same épreuve before it. Raises: `UnknownDraft`."""
        before: dict[str, Draft] = {}
        for draft in self.drafts():
            if draft.id == draft_id:
                return draft, before.get(draft.epreuve)
            before[draft.epreuve] = draft
        raise UnknownDraft(draft_id)

    def coverage(self, draft: Draft) -> tuple[CriterionCoverage, ...]:
        findings = self.app.store.current_findings(draft.id, draft.epreuve)
        return coverage_of(self.app.rubric(draft.epreuve), findings.values(), next_step)

    def add(self, draft: Draft) -> None:
        self._write_list((*self.drafts(), draft))

    def forget(self, draft_id: str) -> None:
        """Erase the files and findings of a draft."""
        records = [r for r in self.app.dossiers() if r.id == draft_id]
        self.app.holdings.erase(records, actor="", reason="brouillon d'autocontrôle")

    def remove(self, ids: set[str]) -> None:
        """Erase drafts, those being read too: their reading ends first, and keeps nothing.

        The last draft gone, the whole space goes with it.
        """
        for draft in (draft for draft in self.drafts() if draft.id in ids):
            self.jobs.stop(draft.id, draft.epreuve)
            self.forget(draft.id)
        staying = tuple(draft for draft in self.drafts() if draft.id not in ids)
        self._write_list(staying)
        if not staying:
            self.close()
            shutil.rmtree(self._folder)

    @property
    def gone(self) -> bool:
        """Whether the last draft took the folder with it."""
        return not self._folder.exists()

    def close(self) -> None:
        """Give the database's connections back."""
        self.app.store.close()

    def _write_list(self, drafts: tuple[Draft, ...]) -> None:
        path = self._folder / _LIST
        draft = path.with_name(f"{_LIST}.{secrets.token_hex(4)}")
        draft.write_bytes(_DRAFTS.dump_json(drafts))
        draft.replace(path)


def read_list(folder: Path) -> tuple[Draft, ...]:
    """The drafts of a space's folder, oldest first; none where there is no space."""
    path = folder / _LIST
    return _DRAFTS.validate_python(json.loads(path.read_text("utf-8"))) if path.exists() else ()


def _write(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, mode=0o700, exist_ok=True)
    path.write_bytes(data)


def _file_name(name: str) -> str:
    """The last part of what a browser sent, whatever its system; never a path."""
    last = Path(safe_name(name.replace("\\", "/").rpartition("/")[2]))
    return last.stem.encode()[:_LONGEST_STEM].decode(errors="ignore") + last.suffix[:20]


def _unused(name: str, taken: Container[str]) -> str:
    """The name, numbered when another file has it."""
    path = Path(name)
    numbered = (f"{path.stem} ({number}){path.suffix}" for number in count(2))
    return next(own for own in chain([name], numbered) if own not in taken)
