"""Composition root: builds the application from the settings, and its use cases."""

from assistant.adapters.clock import SystemClock
from assistant.adapters.sql_assessments import SqlAssessmentStore
from assistant.adapters.sql_store import SqlReviewStore
from assistant.app.application import App
from assistant.app.desk import Desk
from assistant.app.desk_views import CriterionView, DeskView, Reader
from assistant.app.rulings import Ruling, Rulings
from assistant.app.viewer import Viewer, build_viewer
from assistant.app.workbench import Workbench
from assistant.domain.decision import Action
from assistant.domain.finding import JudgeName
from assistant.domain.report import ExportKind
from assistant.rubric_loader import load_rubric_set
from assistant.settings import Settings, silence_libraries

__all__ = [
    "Action",
    "App",
    "CriterionView",
    "Desk",
    "DeskView",
    "ExportKind",
    "JudgeName",
    "Reader",
    "Ruling",
    "Rulings",
    "Viewer",
    "Workbench",
    "build_app",
    "build_viewer",
]


def build_app(settings: Settings) -> App:
    """Wire the real grids, store and clock.

    Raises: `RubricInvalid`, `StoreUnavailable`.
    """
    silence_libraries()
    rubrics = load_rubric_set(settings.rubrics_path)
    store = SqlReviewStore(settings.database_path)
    assessments = SqlAssessmentStore(store.database)
    return App(settings, rubrics, store, assessments, SystemClock())
