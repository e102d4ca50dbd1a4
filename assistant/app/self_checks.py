"""The candidate's self-check: a draft in, what it covers out, and nothing kept beyond a delay.

Each person has a space of their own (files, database, caches) under the data folder: no query, no
page and no fault of ours can reach another's, nor the evaluators' store.
"""

import hashlib
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

from assistant.app.application import App
from assistant.app.jobs import JobState
from assistant.app.office_pdf import pdf_of
from assistant.app.self_check_space import HandedIn, Space, read_list
from assistant.domain.finding import JudgeName
from assistant.domain.self_check import (
    Change,
    CriterionCoverage,
    Draft,
    changes,
)
from assistant.errors import NothingHandedIn, SelfCheckLimit
from assistant.ports import Clock, Quota
from assistant.reporting import SelfCheckPaper, self_check_docx, self_check_markdown
from ingest.layout import OfficeLayout
from ingest.types import Frozen

#: The forms in which a result is taken away.
SelfCheckForm = Literal["docx", "pdf", "md"]


class SelfCheck(Frozen):
    """One draft as its owner sees it. `job` is None once nothing runs any more.

    `unread_fr`: what of the files could not be read; `moved`: what changed since this person's
    version before, by criterion id.
    """

    draft: Draft
    titre: str
    total: int
    criteria: tuple[CriterionCoverage, ...]
    job: JobState | None
    unread_fr: tuple[str, ...] = ()
    before: Draft | None = None
    moved: dict[str, tuple[Change, ...]] = {}

    @property
    def running(self) -> bool:
        return self.job is not None and self.job.running

    def moved_in(self, criterion_id: str) -> dict[int, Change]:
        """What changed in one criterion, by attendu number."""
        return {change.numero: change for change in self.moved.get(criterion_id, ())}


class SelfChecks:
    """Everybody's self-checks. Thread-safe.

    Units: `per_day` checks a person; `days` before a draft is deleted. `open_app` opens the
    application of one space; `most_open` of them stay open, each with its database's connections.
    """

    def __init__(
        self,
        folder: Path,
        open_app: Callable[[Path], App],
        quota: Quota,
        clock: Clock,
        *,
        allowed: Callable[[], None],
        judge: JudgeName,
        office: OfficeLayout | None,
        per_day: int,
        days: int,
        most_open: int = 32,
    ) -> None:
        self._folder = folder
        self._open_app = open_app
        self._quota = quota
        self._clock = clock
        self._allowed = allowed
        self._judge: JudgeName = judge
        self._office = office
        self.per_day = per_day
        self.days = days
        self._most_open = most_open
        self._spaces: OrderedDict[str, Space] = OrderedDict()
        self._lock = threading.Lock()

    def left_today(self, person_id: str) -> int:
        """How many checks this person may still start today."""
        used = self._quota.used(_digest(person_id), self._today())
        return max(0, self.per_day - used)

    @property
    def used_up_fr(self) -> str:
        """Said once nothing is left for the day."""
        if self.per_day == 1:
            return "vous avez utilisé votre autocontrôle du jour"
        return f"vous avez utilisé vos {self.per_day} autocontrôles du jour"

    def start(
        self,
        person_id: str,
        epreuve: str,
        deliverables: Sequence[HandedIn],
        briefs: Sequence[HandedIn] = (),
    ) -> str:
        """Take a draft in and start reading it; gives its id. The same files again cost nothing.

        Raises: `NothingHandedIn`, `DraftUnreadable`, `SelfCheckLimit`, `UnknownEpreuve`,
        `AssistantStopped`; as `App.open` does.
        """
        self.purge()
        self._allowed()
        if not deliverables:
            raise NothingHandedIn("no deliverable")
        with self._holding(self._folder_of(person_id)) as space:
            draft_id, names = space.take_in(epreuve, deliverables, briefs)
            known = any(d.id == draft_id for d in space.drafts())
            if not known and not self._quota.take(_digest(person_id), self._today(), self.per_day):
                space.forget(draft_id)
                raise SelfCheckLimit(person_id, used=self.used_up_fr)
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
        return tuple(reversed(read_list(self._folder_of(person_id))))

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
            unread_fr=space.unread_fr(draft),
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
            unread_fr=found.unread_fr,
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
        with self._holding(self._folder_of(person_id)) as space:
            space.draft_and_before(draft_id)
            space.remove({draft_id})

    def erase(self, person_id: str) -> int:
        """Delete everything of a person's; gives how many drafts there were."""
        folder = self._folder_of(person_id)
        if not folder.is_dir():
            return 0
        with self._holding(folder) as space:
            ids = {draft.id for draft in space.drafts()}
            space.remove(ids)
        return len(ids)

    def purge(self) -> int:
        """Delete everyone's drafts whose delay has passed; gives how many."""
        gone = 0
        for folder, late in self._late():
            with self._holding(folder) as space:
                space.remove(late)
            gone += len(late)
        return gone

    def late(self) -> int:
        """How many drafts `purge` would delete."""
        return sum(len(late) for _, late in self._late())

    def _late(self) -> Iterator[tuple[Path, set[str]]]:
        if not self._folder.is_dir():
            return
        now = self._clock.now()
        for folder in sorted(path for path in self._folder.iterdir() if path.is_dir()):
            late = {d.id for d in read_list(folder) if d.expires_at(self.days) <= now}
            if late:
                yield folder, late

    def _folder_of(self, person_id: str) -> Path:
        return self._folder / _digest(person_id)

    def _space(self, person_id: str) -> Space:
        return self._space_at(self._folder_of(person_id))

    @contextmanager
    def _holding(self, folder: Path) -> Iterator[Space]:
        """A space that nobody else changes meanwhile; made anew if its last draft went."""
        while True:
            space = self._space_at(folder)
            with space.lock:
                if not space.gone:
                    yield space
                    return

    def _space_at(self, folder: Path) -> Space:
        with self._lock:
            space = self._spaces.get(folder.name)
            if space is None or space.gone:
                space = self._spaces[folder.name] = Space(folder, self._open_app)
            self._spaces.move_to_end(folder.name)
            self._close_the_idle()
            return space

    def _close_the_idle(self) -> None:
        """Keep few spaces open: those used last, and those that are reading."""
        for name in list(self._spaces)[: -self._most_open]:
            if not self._spaces[name].jobs.busy:
                self._spaces.pop(name).close()

    def _today(self) -> str:
        return self._clock.now().astimezone().date().isoformat()


def _digest(person_id: str) -> str:
    return hashlib.sha256(f"preuve/autocontrole/{person_id}".encode()).hexdigest()[:24]
