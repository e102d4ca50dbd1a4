"""What the page needs, as plain values: choices, HTML, notes. Handlers call one method each."""

from pathlib import Path
from typing import Final

from assistant import screen
from assistant.app.application import App
from assistant.app.jobs import JobBoard, JobState
from assistant.domain.decision import Action
from assistant.domain.dossier import FileRole
from assistant.domain.finding import JudgeName
from assistant.domain.report import CriterionEntry, ExportKind, Report
from assistant.domain.verdict import Verdict

Choice = tuple[str, str]
_ROLES: Final = {role.value: role for role in FileRole}


class Desk:
    """The evaluator's side of one installation."""

    def __init__(self, app: App) -> None:
        self._app = app
        self._jobs = JobBoard(app)

    def dossier_choices(self) -> list[Choice]:
        """(label, id) of every known dossier, by label."""
        return sorted((f"{r.label} · {r.id}", r.id) for r in self._app.dossiers())

    def epreuve_choices(self, dossier_id: str) -> list[Choice]:
        """(label, id) of the épreuves that the dossier answers."""
        if not dossier_id:
            return []
        epreuves = self._app.library.record(dossier_id).epreuves
        return [(f"{e} — {self._app.rubric(e).titre}", e) for e in epreuves]

    def all_epreuves(self) -> list[str]:
        return list(self._app.rubrics.certification.epreuves)

    def verdict_choices(self) -> list[Choice]:
        certification = self._app.rubrics.certification
        return [(certification.libelle(verdict), verdict.value) for verdict in Verdict]

    def judge_choices(self) -> list[Choice]:
        """The engines that can be used now."""
        choices = [("Moteur embarqué (sans modèle génératif)", "embedded")]
        if self._app.settings.llm_configured:
            choices.append((f"Modèle de langage ({self._app.settings.llm_model})", "llm"))
        return choices

    @property
    def assessor(self) -> str:
        return self._app.settings.assessor

    def deposit(self, paths: list[str]) -> str:
        """Open uploaded files as a dossier; returns its id."""
        return self._app.library.deposit([Path(path) for path in paths]).id

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

    def start(self, dossier_id: str, epreuve: str, judge: JudgeName) -> bool:
        """Start the review in the background; False when one is running already."""
        return self._jobs.start(dossier_id, epreuve, judge)

    def job(self, dossier_id: str, epreuve: str) -> JobState | None:
        return self._jobs.state(dossier_id, epreuve)

    def first_criterion(self, epreuve: str) -> str:
        return self._app.rubric(epreuve).criteres[0].id

    def list_html(self, dossier_id: str, epreuve: str, selected: str) -> str:
        if not (dossier_id and epreuve):
            return ""
        return screen.criteria_list(self._app.report(dossier_id, epreuve), selected)

    def card_html(self, dossier_id: str, epreuve: str, selected: str) -> str:
        if not (dossier_id and epreuve and selected):
            return ""
        report = self._app.report(dossier_id, epreuve)
        return screen.criterion_card(report, self._entry(report, selected))

    def shown_key(self, dossier_id: str, epreuve: str, selected: str) -> str:
        """Which draft is shown for a criterion; empty when there is none to confirm."""
        if not (dossier_id and epreuve and selected):
            return ""
        finding = self._app.finding(dossier_id, epreuve, selected)
        return finding.provenance.key if finding else ""

    def next_open(self, dossier_id: str, epreuve: str, selected: str) -> str:
        """The next criterion without a settled decision, after this one; else this one."""
        entries = self._app.report(dossier_id, epreuve).entries
        ids = [entry.criterion.id for entry in entries]
        start = ids.index(selected) + 1
        for entry in (*entries[start:], *entries[:start]):
            if entry.decision is None:
                return entry.criterion.id
        return selected

    def decide(
        self,
        dossier_id: str,
        epreuve: str,
        criterion: str,
        *,
        assessor: str,
        action: Action,
        verdict: str | None = None,
        reason: str = "",
        comment: str = "",
        shown_key: str | None = None,
    ) -> None:
        """Record a ruling on the draft that was shown, then forget what was being typed."""
        self._app.decide(
            dossier_id,
            criterion,
            epreuve=epreuve,
            assessor=assessor,
            action=action,
            verdict=Verdict(verdict) if verdict else None,
            reason=reason,
            comment=comment,
            shown_key=shown_key,
        )
        for field in ("motif", "commentaire"):
            self.save_typing(dossier_id, epreuve, criterion, assessor, field, "")

    def typing(
        self, dossier_id: str, epreuve: str, criterion: str, assessor: str, field: str
    ) -> str:
        """What this person was typing in a field about a criterion."""
        if not (dossier_id and epreuve and criterion):
            return ""
        return self._app.note(dossier_id, criterion, epreuve=epreuve, author=f"{assessor}\n{field}")

    def save_typing(
        self, dossier_id: str, epreuve: str, criterion: str, assessor: str, field: str, text: str
    ) -> None:
        """Keep each keystroke, so that a reload loses nothing."""
        if dossier_id and epreuve and criterion:
            self._app.save_note(
                dossier_id, criterion, epreuve=epreuve, author=f"{assessor}\n{field}", text=text
            )

    def export(self, dossier_id: str, epreuve: str, kind: ExportKind, folder: Path) -> str:
        """Write the grid into a folder; returns the file's path."""
        name, data = self._app.export(dossier_id, epreuve, kind)
        path = folder / name
        path.write_bytes(data)
        return str(path)

    @staticmethod
    def _entry(report: Report, criterion: str) -> CriterionEntry:
        return next(entry for entry in report.entries if entry.criterion.id == criterion)
