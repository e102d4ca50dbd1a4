"""The candidate's self-check: a draft in, what it covers out, and nothing kept beyond a delay.

Each person has a space of their own (files, database, caches) under the data folder: no query, no
page and no fault of ours can reach another's, nor the evaluators' store.
"""

import hashlib
import json
import secrets
import shutil
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final, Literal

from pydantic import TypeAdapter

from assistant.app.application import App
from assistant.app.jobs import JobBoard, JobState
from assistant.app.office_pdf import pdf_of
from assistant.domain.dossier import AssignmentSource, FileRole
from assistant.domain.finding import JudgeName
from assistant.domain.self_check import (
    Change,
    CriterionCoverage,
    Draft,
    changes,
    coverage_of,
)
from assistant.dossiers import Assignment
from assistant.errors import NoDeliverable, SelfCheckLimit, UnknownDraft
from assistant.ports import Clock, Quota
from assistant.reporting import SelfCheckPaper, self_check_docx, self_check_markdown
from ingest.layout import OfficeLayout
from ingest.types import Frozen

_LIST: Final = "brouillons.json"
_DRAFTS: Final = TypeAdapter(tuple[Draft, ...])

#: The forms in which a result is taken away.
SelfCheckForm = Literal["docx", "pdf", "md"]
#: A file as it was handed in: its name and its bytes.
HandedIn = tuple[str, bytes]


class SelfCheck(Frozen):
    """One draft as its owner sees it. `job` is None once nothing runs any more.

    `moved`: what changed since this person's version before, by criterion id.
    """

    draft: Draft
    titre: str
    total: int
    criteria: tuple[CriterionCoverage, ...]
    job: JobState | None
    before: Draft | None = None
    moved: dict[str, tuple[Change, ...]] = {}

    @property
    def running(self) -> bool:
        return self.job is not None and self.job.running


class SelfChecks:
    """Everybody's self-checks. Thread-safe.

    Units: `per_day` checks a person; `days` before a draft is deleted. `open_app` opens the
    application of one space.
    """

    def __init__(
        self,
        folder: Path,
        open_app: Callable[[Path], App],
        quota: Quota,
        clock: Clock,
        *,
        judge: JudgeName,
        office: OfficeLayout | None,
        per_day: int,
        days: int,
    ) -> None:
        self._folder = folder
        self._open_app = open_app
        self._quota = quota
        self._clock = clock
        self._judge: JudgeName = judge
        self._office = office
        self.per_day = per_day
        self.days = days
        self._spaces: dict[str, _Space] = {}
        self._lock = threading.Lock()

    def left_today(self, person_id: str) -> int:
        """How many checks this person may still start today."""
        used = self._quota.used(_digest(person_id), self._today())
        return max(0, self.per_day - used)

    def start(
        self,
        person_id: str,
        epreuve: str,
        deliverables: Sequence[HandedIn],
        briefs: Sequence[HandedIn] = (),
    ) -> str:
        """Take a draft in and start reading it; gives its id. The same files again cost nothing.

        Raises: `NoDeliverable`, `SelfCheckLimit`, `UnknownEpreuve`, as `App.open` does.
        """
        self.purge()
        if not deliverables:
            raise NoDeliverable("nothing", dossier="déposé", cause="Aucun livrable reçu.")
        space = self._space(person_id)
        with space.lock:
            draft_id, names = space.take_in(epreuve, deliverables, briefs)
            known = any(d.id == draft_id for d in space.drafts())
            if not known and not self._quota.take(_digest(person_id), self._today(), self.per_day):
                space.forget(draft_id)
                raise SelfCheckLimit(person_id, limit=str(self.per_day))
            if not known:
                space.add(
                    Draft(
                        id=draft_id,
                        epreuve=epreuve,
                        filenames=names,
                        created_at=self._clock.now(),
                    )
                )
        space.jobs.start(draft_id, epreuve, self._judge)
        return draft_id

    def wait(self, person_id: str, draft_id: str, epreuve: str) -> None:
        """Return once the reading of a draft is over."""
        self._space(person_id).jobs.wait(draft_id, epreuve)

    def drafts(self, person_id: str) -> tuple[Draft, ...]:
        """This person's drafts, the newest first."""
        self.purge()
        return tuple(reversed(self._space(person_id).drafts()))

    def result(self, person_id: str, draft_id: str) -> SelfCheck:
        """What is known of a draft so far. Raises: `UnknownDraft`."""
        space = self._space(person_id)
        draft, before = space.draft_and_before(draft_id)
        rubric = space.app.rubric(draft.epreuve)
        criteria = space.coverage(draft)
        return SelfCheck(
            draft=draft,
            titre=rubric.titre,
            total=len(rubric.criteres),
            criteria=criteria,
            job=space.jobs.state(draft.id, draft.epreuve),
            before=before,
            moved=changes(space.coverage(before), criteria) if before else {},
        )

    def file(self, person_id: str, draft_id: str, form: SelfCheckForm) -> tuple[str, bytes]:
        """The result as a file: its name and bytes. Raises: `UnknownDraft`, `PdfNeedsOffice`."""
        found = self.result(person_id, draft_id)
        paper = SelfCheckPaper(
            draft=found.draft,
            titre=found.titre,
            certification=self._space(person_id).app.rubrics.certification.titre,
            criteria=found.criteria,
            before=found.before,
            moved=found.moved,
        )
        stem = f"autocontrole_{found.draft.epreuve}"
        if form == "md":
            return f"{stem}.md", self_check_markdown(paper).encode()
        docx = self_check_docx(paper, self._clock.now())
        if form == "docx":
            return f"{stem}.docx", docx
        return f"{stem}.pdf", pdf_of(f"{stem}.docx", docx, self._office)

    def delete(self, person_id: str, draft_id: str) -> None:
        """Delete a draft and all that was made of it, at once. Raises: `UnknownDraft`."""
        space = self._space(person_id)
        space.draft_and_before(draft_id)
        with space.lock:
            space.remove({draft_id})

    def purge(self) -> int:
        """Delete everyone's drafts whose delay has passed; gives how many."""
        if not self._folder.is_dir():
            return 0
        now, gone = self._clock.now(), 0
        for folder in sorted(path for path in self._folder.iterdir() if path.is_dir()):
            late = {d.id for d in _read_list(folder) if d.expires_at(self.days) <= now}
            if late:
                space = self._space_at(folder)
                with space.lock:
                    space.remove(late)
                gone += len(late)
        return gone

    def _space(self, person_id: str) -> "_Space":
        return self._space_at(self._folder / _digest(person_id))

    def _space_at(self, folder: Path) -> "_Space":
        with self._lock:
            space = self._spaces.get(folder.name)
            if space is None:
                space = self._spaces[folder.name] = _Space(folder, self._open_app)
            return space

    def _today(self) -> str:
        return self._clock.now().astimezone().date().isoformat()


class _Space:
    """One person's drafts."""

    def __init__(self, folder: Path, open_app: Callable[[Path], App]) -> None:
        self.lock = threading.RLock()
        self._folder = folder
        self.app = open_app(folder)
        self.jobs = JobBoard(self.app)

    def take_in(
        self, epreuve: str, deliverables: Sequence[HandedIn], briefs: Sequence[HandedIn]
    ) -> tuple[str, tuple[str, ...]]:
        """Keep the files and open them as a dossier; its id, and the deliverables' names."""
        self.app.rubric(epreuve)
        work = self._folder / "tmp" / secrets.token_hex(8)
        try:
            given = {}
            paths = []
            for role, files in ((FileRole.DELIVERABLE, deliverables), (FileRole.BRIEF, briefs)):
                for number, (name, data) in enumerate(files, start=1):
                    path = _written(work / f"{role.value}-{number}", name, data)
                    paths.append(path)
                    given[path.name] = Assignment(
                        role=role,
                        epreuves=(epreuve,) if role is FileRole.DELIVERABLE else (),
                        source=AssignmentSource.GIVEN,
                    )
            dossier = self.app.library.deposit(paths)
            folder = Path(self.app.library.record(dossier.id).folder)
            self.app.open(folder, given=given, epreuve=epreuve)
        finally:
            shutil.rmtree(work, ignore_errors=True)
        return dossier.id, tuple(name for name, _ in deliverables)

    def drafts(self) -> tuple[Draft, ...]:
        """Oldest first."""
        return _read_list(self._folder)

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
        return coverage_of(self.app.rubric(draft.epreuve), findings.values())

    def add(self, draft: Draft) -> None:
        self._write_list((*self.drafts(), draft))

    def forget(self, draft_id: str) -> None:
        """Erase the files and findings of a draft."""
        records = [r for r in self.app.dossiers() if r.id == draft_id]
        self.app.holdings.erase(records, actor="", reason="brouillon d'autocontrôle")

    def remove(self, ids: set[str]) -> None:
        """The last draft gone, the whole space goes with it."""
        for draft_id in ids:
            self.forget(draft_id)
        self._write_list(tuple(d for d in self.drafts() if d.id not in ids))

    def _write_list(self, drafts: tuple[Draft, ...]) -> None:
        path = self._folder / _LIST
        draft = path.with_name(f"{_LIST}.{secrets.token_hex(4)}")
        draft.write_bytes(_DRAFTS.dump_json(drafts))
        draft.replace(path)


def _read_list(folder: Path) -> tuple[Draft, ...]:
    path = folder / _LIST
    return _DRAFTS.validate_python(json.loads(path.read_text("utf-8"))) if path.exists() else ()


def _written(folder: Path, name: str, data: bytes) -> Path:
    folder.mkdir(parents=True, mode=0o700)
    path = folder / _file_name(name)
    path.write_bytes(data)
    return path


def _file_name(name: str) -> str:
    """The last part of what a browser sent, whatever its system; never a path."""
    last = name.replace("\\", "/").rpartition("/")[2].strip(". \0")
    return "".join(c if c.isprintable() else "_" for c in last)[:150] or "fichier"


def _digest(person_id: str) -> str:
    return hashlib.sha256(f"preuve/autocontrole/{person_id}".encode()).hexdigest()[:24]
