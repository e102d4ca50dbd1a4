"""What the deposit page needs, as plain values. Handlers call one method each."""

from datetime import datetime
from pathlib import Path
from typing import Final

from assistant import screen
from assistant.app.application import App
from assistant.app.jobs import JobBoard, JobState
from assistant.domain.dossier import FileRole
from assistant.domain.finding import JudgeName
from assistant.errors import NoDeliverable, NothingToReview

Choice = tuple[str, str]
_ROLES: Final = {role.value: role for role in FileRole}


class Desk:
    """Deposits, what their files are, and reviews that run beside the page."""

    def __init__(self, app: App) -> None:
        self._app = app
        self._jobs = JobBoard(app)

    def dossier_choices(self) -> list[Choice]:
        """(label, id) of every known dossier. The label says nothing of the candidate's name."""
        return sorted(
            (f"{r.id} · {', '.join(r.epreuves) or 'aucune épreuve reconnue'}", r.id)
            for r in self._app.dossiers()
        )

    def epreuve_choices(self, dossier_id: str) -> list[Choice]:
        """(label, id) of the épreuves that the dossier answers."""
        if not dossier_id:
            return []
        epreuves = self._app.library.record(dossier_id).epreuves
        return [(f"{e} — {self._app.rubric(e).titre}", e) for e in epreuves]

    def all_epreuves(self) -> list[str]:
        return list(self._app.rubrics.certification.epreuves)

    def judge_choices(self) -> list[Choice]:
        """The engines that can be used now."""
        choices = [("Moteur embarqué (sans modèle génératif)", "embedded")]
        if self._app.settings.llm_configured:
            choices.append((f"Modèle de langage ({self._app.settings.llm_model})", "llm"))
        return choices

    def deposit(self, paths: list[str], owner: str = "") -> str:
        """Open uploaded files as a dossier of this account's; returns its id.

        Raises: `NothingToReview`; as `DossierLibrary.deposit` does.
        """
        try:
            return self._app.library.deposit([Path(path) for path in paths], owner).id
        except NoDeliverable as error:
            raise NothingToReview(str(error)) from error

    def file_names(self, dossier_id: str) -> list[str]:
        summary = self._app.library.summary(dossier_id)
        read = [file.filename for file in summary.files]
        return read + [failure.filename for failure in summary.failures]

    def assign(self, dossier_id: str, filename: str, role: str, epreuves: list[str]) -> None:
        """Record what a person says a file is."""
        kept = epreuves if _ROLES[role] is FileRole.DELIVERABLE else []
        self._app.library.assign(dossier_id, filename, _ROLES[role], kept)

    def dossier_html(self, dossier_id: str) -> str:
        return screen.dossier_card(self._app.library.summary(dossier_id)) if dossier_id else ""

    @property
    def stopped_since(self) -> datetime | None:
        """When the assistant was stopped; None while it may work."""
        halt = self._app.switch.halt()
        return halt.at if halt else None

    def start(self, dossier_id: str, epreuve: str, judge: JudgeName) -> bool:
        """Start the review in the background; False when one is running already.

        Raises: `AssistantStopped`.
        """
        self._app.switch.require_on()
        return self._jobs.start(dossier_id, epreuve, judge)

    def job(self, dossier_id: str, epreuve: str) -> JobState | None:
        return self._jobs.state(dossier_id, epreuve)
