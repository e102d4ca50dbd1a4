"""The example dossiers, reviewed with the embedded engine: what `make run` shows first."""

from typing import TYPE_CHECKING

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from assistant.cli.common import console
from assistant.cli.tables import verdict_counts
from assistant.domain.dossier import Dossier
from ingest.errors import UserFacingError

if TYPE_CHECKING:
    from assistant.app import App


def review_examples(app: "App") -> None:
    """Review every example dossier and print one line for each of its épreuves."""
    out = console()
    folders = sorted(path for path in app.settings.examples_path.iterdir() if path.is_dir())
    out.print(f"Pré-examen de {len(folders)} dossiers d'exemple par le moteur embarqué…")
    table = Table("Dossier", "Identifiant", "Épreuve", "Propositions")
    for folder in folders:
        try:
            dossier = app.open(folder)
        except UserFacingError as error:
            table.add_row(escape(folder.name), "—", "—", escape(error.user_message))
            continue
        _add_rows(table, folder.name, dossier, app)
        _tell_unread(out, dossier)
    out.print(table)


def _add_rows(table: Table, label: str, dossier: Dossier, app: "App") -> None:
    for epreuve in dossier.epreuves:
        findings = app.review(dossier, epreuve, judge="embedded")
        counts = verdict_counts(app.rubrics.certification, findings)
        table.add_row(escape(label), dossier.id, epreuve, counts.removeprefix("Propositions : "))


def _tell_unread(out: Console, dossier: Dossier) -> None:
    for failure in dossier.failures:
        out.print(f"[yellow]Fichier non lu[/yellow] : {escape(failure.message_fr)}")
