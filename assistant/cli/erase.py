"""`preuve erase` and `preuve acces`: what is held about one candidate, erased or given."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from assistant.agreement import agreed
from assistant.cli.common import EXPECTED_ERROR, application, write_export
from assistant.cli.french import Command
from assistant.domain.journal import JournalAction
from assistant.domain.person import LOCAL_PERSON_ID

if TYPE_CHECKING:
    from collections.abc import Sequence

    from assistant.app import App
    from assistant.app.written import WrittenFile
    from assistant.ports import DossierRecord

_KEPT_FR: Final = (
    "modifié depuis, ou commun à d'autres. Supprimez-le ; pour un fichier commun, « --exports » "
    "le fait, puis refaites-le."
)


def register(cli: typer.Typer) -> None:
    """Add the commands."""
    cli.command("erase", cls=Command)(erase)
    cli.command("acces", cls=Command)(access)


def erase(
    candidate: Annotated[
        str,
        typer.Argument(
            metavar="CANDIDAT", help="Identifiant, dossier, ou nom du dossier du candidat."
        ),
    ] = "",
    reason: Annotated[
        str, typer.Option("--motif", "-m", help="Motif gardé au journal, sans nom de personne.")
    ] = "demande de la personne",
    author: Annotated[str, typer.Option("--par", help="Votre nom, gardé au journal.")] = "",
    account: Annotated[
        str,
        typer.Option(
            "--autocontrole",
            metavar="COMPTE",
            help="Efface plutôt tous les brouillons d'autocontrôle de ce compte (« local » pour la "
            "page ouverte sans compte).",
        ),
    ] = "",
    finish: Annotated[
        bool, typer.Option("--finir", help="Termine un effacement que la base occupée a retardé.")
    ] = False,
    shared: Annotated[
        bool,
        typer.Option(
            "--exports",
            help="Supprime aussi les fichiers exportés qui parlent d'autres candidats (classeur, "
            "rapport, demandes), à refaire ensuite.",
        ),
    ] = False,
    sure: Annotated[bool, typer.Option("--oui", help="Ne pas demander de confirmation.")] = False,
) -> None:
    """Efface pour de bon tout ce que l'installation a gardé d'un candidat."""
    with application() as app:
        if finish:
            app.holdings.finish()
            typer.echo("Effacement terminé : caches vidés, fichier de la base réécrit.")
            return
        if account:
            _erase_self_checks(app, account, author, sure=sure)
            return
        if not candidate:
            typer.echo("Erreur : indiquez le candidat, --autocontrole ou --finir.", err=True)
            raise typer.Exit(EXPECTED_ERROR)
        records = app.holdings.of(candidate)
        for record in records:
            typer.echo(f"{record.id} · {record.label} · {', '.join(record.epreuves)}")
        theirs = _their_exports(app, records, shared=shared)
        if not sure:
            typer.confirm(
                "Effacer propositions, décisions, notes et copies de ces dossiers ? "
                "Rien ne pourra être retrouvé.",
                abort=True,
            )
        done = app.holdings.erase(
            records, actor=author or app.settings.assessor, reason=reason, exports=theirs
        )
        told = agreed(
            f"Effacé : {len(done.dossiers)} dossier(s), {done.rows} enregistrement(s), "
            f"{len(done.folders)} copie(s) de fichiers, {len(done.exports)} fichier(s) exporté(s)."
        )
        typer.echo(f"{told} Le journal garde la trace de l'effacement.")
        for path in done.kept:
            typer.echo(f"« {path} » contient encore ce candidat : {_KEPT_FR}")
        for folder in done.left:
            typer.echo(
                f"Le dossier « {folder} » n'appartient pas à preuve : supprimez-le vous-même, "
                "ainsi que ce que la page a téléchargé et les copies des exports."
            )


def _their_exports(
    app: "App", records: "Sequence[DossierRecord]", *, shared: bool
) -> "list[WrittenFile]":
    """What will go of the files written elsewhere, told: those about these dossiers alone."""
    mine = {record.id for record in records}
    found = app.holdings.exports(records)
    theirs = [one for one in found if one.unchanged and (shared or mine.issuperset(one.dossiers))]
    for one in theirs:
        typer.echo(f"Fichier exporté, supprimé aussi : {one.path}")
    return theirs


def _erase_self_checks(app: "App", login: str, author: str, *, sure: bool) -> None:
    """Raises: `UnknownAccount`, `StoreUnavailable`."""
    from assistant.app import build_people, build_self_checks

    person_id = login
    if login != LOCAL_PERSON_ID:
        person_id = build_people(app.settings).accounts.find(login).id
    if not sure:
        typer.confirm(f"Effacer tous les brouillons d'autocontrôle de « {login} » ?", abort=True)
    count = build_self_checks(app.settings, app.rubrics).erase(person_id)
    app.audit.log(
        JournalAction.ACCOUNT,
        author or app.settings.assessor or "poste local",
        acte="autocontrôle effacé",
        brouillons=str(count),
    )
    typer.echo(agreed(f"Effacé : {count} brouillon(s) d'autocontrôle, et leur espace."))


def access(
    candidate: Annotated[
        str,
        typer.Argument(
            metavar="CANDIDAT", help="Identifiant, dossier, ou nom du dossier du candidat."
        ),
    ],
    out: Annotated[Path, typer.Option("--sortie", "-o", help="Fichier .zip à écrire.")],
) -> None:
    """Rassemble tout ce que l'installation garde d'un candidat (droit d'accès)."""
    with application() as app:
        records = app.holdings.of(candidate)
        data = app.holdings.archive(records)
        typer.echo(str(write_export(app, out, data, [record.id for record in records])))
