"""What is past its time is found, shown, then forgotten: class by class, written in the journal.

Each class is a transaction of its own: cut short at any point, the same command finishes the work.
"""

import shutil
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Final

from assistant.app.erasing import Holdings
from assistant.app.self_checks import SelfChecks
from assistant.domain.journal import JournalAction, JournalEvent
from assistant.domain.retention import DataClass, Due, Durations
from assistant.ports import Clock, Journal, ReviewStore
from assistant.retention_ports import RetentionStore

_REASON: Final = "durée de conservation atteinte"


class Purge:
    """Applies the durations of an installation. `deposits`: the folder of deposited copies."""

    def __init__(
        self,
        durations: Durations,
        store: ReviewStore,
        retention: RetentionStore,
        holdings: Holdings,
        self_checks: SelfChecks,
        journal: Journal,
        clock: Clock,
        *,
        deposits: Path,
    ) -> None:
        self.durations = durations
        self._store = store
        self._retention = retention
        self._holdings = holdings
        self._self_checks = self_checks
        self._journal = journal
        self._clock = clock
        self._deposits = deposits.resolve()

    def due(self) -> tuple[Due, ...]:
        """What is past its time now, the classes with nothing due left out."""
        now = self._clock.now()
        uses = self._retention.last_uses()
        dossiers = self._dossiers(uses, now)
        found = (
            dossiers,
            self._copies(uses, now, erased=set(dossiers.names)),
            self._answers(uses, now),
            self._cohorts(now),
            self._entries(now),
            Due(data=DataClass.SELF_CHECKS, before=None, count=self._self_checks.late()),
        )
        return tuple(due for due in found if due.count)

    def apply(self, due: Iterable[Due], *, actor: str) -> tuple[str, ...]:
        """Forget what `due` found, then leave no byte of it in our own files.

        Gives the folders of erased dossiers that are not ours to delete.
        Raises: `StoreUnavailable`; `StoreBusy` when all is forgotten but the database's file could
        not be rewritten yet (`preuve erase --finir`).
        """
        left: tuple[str, ...] = ()
        for one in due:
            if one.data is DataClass.DOSSIERS:
                left = self._erase(one, actor)
            else:
                self._forget(one, self._event(one, actor))
        self._holdings.finish()
        return left

    def _erase(self, due: Due, actor: str) -> tuple[str, ...]:
        gone = set(due.names)
        records = [record for record in self._store.dossiers() if record.id in gone]
        return self._holdings.erase(records, actor=actor, reason=_REASON).left

    def _forget(self, due: Due, event: JournalEvent) -> None:
        match due.data:
            case DataClass.DEPOSITS:
                self._journal.append(event)
                for name in due.names:
                    shutil.rmtree(self._deposits / name)
            case DataClass.ANSWERS:
                self._retention.forget_answers(due.names, event)
            case DataClass.COHORTS:
                self._retention.forget_cohorts(due.names, event)
                in_use = [Path(record.folder).resolve() for record in self._store.dossiers()]
                for name in due.names:
                    self._holdings.traces.forget_cohort(name, in_use)
            case DataClass.JOURNAL:
                assert due.before is not None
                self._retention.forget_entries(due.before, event)
            case DataClass.SELF_CHECKS:
                self._journal.append(event)
                self._self_checks.purge()

    def _event(self, due: Due, actor: str) -> JournalEvent:
        facts = {"classe": due.data.value, "motif": _REASON, "nombre": str(due.count)}
        if due.before is not None:
            facts["avant"] = due.before.isoformat()
        return JournalEvent(
            action=JournalAction.ERASURE, actor=actor, at=self._clock.now(), facts=facts
        )

    def _dossiers(self, uses: dict[str, datetime], now: datetime) -> Due:
        before = self.durations.limit(self.durations.dossiers, now)
        return _named(DataClass.DOSSIERS, before, uses)

    def _copies(self, uses: dict[str, datetime], now: datetime, erased: set[str]) -> Due:
        """Copies of a dossier that stays, and those of none: their own date is then their age."""
        before = self.durations.limit(self.durations.deposits, now)
        folders: dict[str, datetime] = {}
        if before is not None and self._deposits.is_dir():
            owners = {Path(r.folder).resolve(): r.id for r in self._store.dossiers()}
            for folder in filter(Path.is_dir, self._deposits.iterdir()):
                owner = owners.get(folder, "")
                if owner not in erased:
                    folders[folder.name] = uses.get(owner) or self._age(folder)
        return _named(DataClass.DEPOSITS, before, folders)

    def _age(self, folder: Path) -> datetime:
        return datetime.fromtimestamp(folder.stat().st_mtime, self._clock.now().tzinfo)

    def _answers(self, uses: dict[str, datetime], now: datetime) -> Due:
        before = self.durations.limit(self.durations.answers, now)
        waiting = self._retention.answered()
        return _named(DataClass.ANSWERS, before, {d: at for d, at in uses.items() if d in waiting})

    def _cohorts(self, now: datetime) -> Due:
        before = self.durations.limit(self.durations.cohorts, now)
        return _named(DataClass.COHORTS, before, self._retention.cohorts())

    def _entries(self, now: datetime) -> Due:
        before = self.durations.limit(self.durations.journal, now)
        count = 0 if before is None else self._retention.old_entries(before)
        return Due(data=DataClass.JOURNAL, before=before, count=count)


def _named(data: DataClass, before: datetime | None, uses: dict[str, datetime]) -> Due:
    names = () if before is None else tuple(sorted(n for n, at in uses.items() if at < before))
    return Due(data=data, before=before, names=names, count=len(names))
