"""Composition root: builds the application from the settings, and its use cases."""

from assistant.adapters.clock import SystemClock
from assistant.adapters.sql_store import SqlReviewStore
from assistant.app.application import App
from assistant.app.desk import Desk
from assistant.domain.decision import Action
from assistant.domain.finding import JudgeName
from assistant.domain.report import ExportKind
from assistant.rubric_loader import load_rubric_set
from assistant.settings import Settings, silence_libraries

__all__ = ["Action", "App", "Desk", "ExportKind", "JudgeName", "build_app"]


def build_app(settings: Settings) -> App:
    """Wire the real grids, store and clock.

    Raises: `RubricInvalid`, `StoreUnavailable`.
    """
    silence_libraries()
    rubrics = load_rubric_set(settings.rubrics_path)
    store = SqlReviewStore(settings.database_path)
    return App(settings, rubrics, store, SystemClock())
