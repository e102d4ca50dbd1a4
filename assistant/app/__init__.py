"""Composition root: builds the application from the settings, and its use cases."""

from datetime import timedelta
from functools import partial
from pathlib import Path

from assistant.account_ports import Passwords
from assistant.adapters.argon2_passwords import Argon2Passwords
from assistant.adapters.clock import SystemClock
from assistant.adapters.journal_head import HeadFile
from assistant.adapters.sql_accounts import SqlAccountStore
from assistant.adapters.sql_assessments import SqlAssessmentStore
from assistant.adapters.sql_cohorts import SqlCohortStore
from assistant.adapters.sql_engine import Database
from assistant.adapters.sql_erasure import SqlEraser
from assistant.adapters.sql_grants import SqlGrants
from assistant.adapters.sql_pace import SqlPace
from assistant.adapters.sql_quota import SqlQuota
from assistant.adapters.sql_retention import SqlRetention
from assistant.adapters.sql_shared_runs import SqlSharedRuns
from assistant.adapters.sql_statistics import SqlDeskRecords
from assistant.adapters.sql_store import SqlReviewStore
from assistant.adapters.sql_switch import SqlSwitch
from assistant.app.accounts import Accounts, People
from assistant.app.answer_lines import places
from assistant.app.application import App
from assistant.app.assigning import AssignmentLine, Assignments, Outcome, Wanted
from assistant.app.cohort_traces import CohortTraces
from assistant.app.desk import Desk
from assistant.app.desk_exports import DeskExports
from assistant.app.desk_views import CriterionView, DeskView, Reader
from assistant.app.erasing import Holdings
from assistant.app.library import DEPOSITS
from assistant.app.purging import Purge
from assistant.app.rulings import Ruling, Rulings
from assistant.app.self_checks import SelfCheck, SelfCheckForm, SelfChecks
from assistant.app.statistics import StatisticsDesk
from assistant.app.viewer import Viewer, build_viewer
from assistant.app.workbench import Workbench
from assistant.domain.decision import Action
from assistant.domain.finding import JudgeName
from assistant.domain.report import ExportKind
from assistant.domain.retention import Durations
from assistant.domain.rubric import RubricSet
from assistant.ports import Clock
from assistant.rubric_loader import load_rubric_set
from assistant.settings import Settings, silence_libraries
from assistant.shared_ports import Sharing, WorkQueue
from assistant.switch_ports import Switch
from ingest.layout import find_office

__all__ = [
    "Accounts",
    "Action",
    "App",
    "AssignmentLine",
    "Assignments",
    "CriterionView",
    "Desk",
    "DeskExports",
    "DeskView",
    "ExportKind",
    "JudgeName",
    "Outcome",
    "People",
    "Purge",
    "Reader",
    "Ruling",
    "Rulings",
    "SelfCheck",
    "SelfCheckForm",
    "SelfChecks",
    "StatisticsDesk",
    "Viewer",
    "Wanted",
    "Workbench",
    "build_app",
    "build_exports",
    "build_people",
    "build_purge",
    "build_self_checks",
    "build_statistics",
    "build_switch",
    "build_viewer",
]


def build_app(
    settings: Settings, rubrics: RubricSet | None = None, switch: Switch | None = None
) -> App:
    """Wire the real grids, store and clock. `rubrics`: those already read, if any.

    `switch`: that of another installation, which stops this one too.

    Raises: `RubricInvalid`, `StoreUnavailable`.
    """
    silence_libraries()
    rubrics = rubrics or load_rubric_set(settings.rubrics_path)
    store = SqlReviewStore(settings.database, head_file=HeadFile(settings.journal_head_path))
    assessments = SqlAssessmentStore(store.database, store.journal)
    clock = SystemClock()
    holdings = Holdings(
        store,
        SqlEraser(store.database, store.journal, clock),
        CohortTraces(settings.data_dir, partial(places, rubrics=rubrics)),
        settings.data_dir,
    )
    cohorts = SqlCohortStore(store)
    sharing = _sharing(settings, store.database)
    return App(
        settings,
        rubrics,
        store,
        assessments,
        store.journal,
        holdings,
        clock,
        cohorts,
        sharing,
        switch=switch or SqlSwitch(store.database, store.journal),
    )


def _sharing(settings: Settings, database: Database) -> Sharing | None:
    """What machines on the same PostgreSQL database share; nothing on a file."""
    if database.dialect != "postgresql":
        return None

    def queue() -> WorkQueue:
        from assistant.adapters.procrastinate_queue import ProcrastinateQueue

        return ProcrastinateQueue(settings.database_url.get_secret_value(), database)

    return Sharing(SqlSharedRuns(database), SqlPace(database), queue)


def build_people(settings: Settings, passwords: Passwords | None = None) -> People:
    """Wire accounts and grants. Raises: `StoreUnavailable`."""
    store = SqlReviewStore(settings.database, head_file=HeadFile(settings.journal_head_path))
    accounts = Accounts(
        SqlAccountStore(store.database),
        passwords or Argon2Passwords(),
        SystemClock(),
        store.journal,
        idle=timedelta(minutes=settings.session_idle_minutes),
        absolute=timedelta(hours=settings.session_hours),
    )
    return People(accounts, SqlGrants(store.database, store.journal))


def build_self_checks(settings: Settings, rubrics: RubricSet) -> SelfChecks:
    """Wire the candidates' spaces, each with its own files and database."""
    store = SqlReviewStore(settings.database)
    switch = SqlSwitch(store.database, store.journal)

    def open_space(folder: Path) -> App:
        return build_app(settings.apart(folder), rubrics, switch)

    return SelfChecks(
        settings.data_dir / "autocontrole",
        open_space,
        SqlQuota(store.database),
        SystemClock(),
        allowed=switch.require_on,
        judge=settings.self_check_judge,
        office=find_office(),
        per_day=settings.self_check_per_day,
        days=settings.self_check_days,
    )


def build_purge(app: App, clock: Clock | None = None) -> Purge:
    """What applies the durations of the settings to this installation."""
    settings = app.settings
    store = SqlReviewStore(settings.database_path, head_file=HeadFile(settings.journal_head_path))
    durations = Durations(
        dossiers=settings.keep_dossiers_days,
        deposits=settings.keep_deposits_days,
        answers=settings.keep_answers_days,
        cohorts=settings.keep_cohorts_days,
        journal=settings.keep_journal_days,
    )
    return Purge(
        durations,
        store,
        SqlRetention(store.database, store.journal),
        app.holdings,
        build_self_checks(settings, app.rubrics),
        store.journal,
        clock or SystemClock(),
        deposits=settings.data_dir / DEPOSITS,
    )


def build_switch(settings: Settings) -> Switch | None:
    """The switch of an installation that has a database already; None before that."""
    if isinstance(settings.database, Path) and not settings.database.exists():
        return None
    store = SqlReviewStore(settings.database, head_file=HeadFile(settings.journal_head_path))
    return SqlSwitch(store.database, store.journal)


def build_statistics(app: App) -> StatisticsDesk:
    """What counts the work done in this installation."""
    return StatisticsDesk(app, SqlDeskRecords(SqlReviewStore(app.settings.database).database))


def build_exports(app: App, workbench: Workbench) -> DeskExports:
    """The exports, with LibreOffice when it is installed; no grid is kept once made."""
    return DeskExports(workbench, find_office(), app.library.filenames)
