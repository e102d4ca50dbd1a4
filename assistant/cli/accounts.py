"""`preuve comptes`: who may log in, with which role, and which dossiers each may see."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape
from rich.table import Table

from assistant.cli import french
from assistant.cli.common import EXPECTED_ERROR, application, console
from assistant.domain.access import Link
from assistant.domain.person import ROLE_LABELS, Role
from assistant.domain.readership import Change
from assistant.settings import Settings
from ingest.errors import UserFacingError

if TYPE_CHECKING:
    from assistant.app import App, Assignments, People

app = typer.Typer(
    cls=french.Group,
    help="Les comptes : qui se connecte à la page, avec quel rôle, et pour quels dossiers.",
    no_args_is_help=True,
)

Login = Annotated[str, typer.Argument(help="Identifiant du compte.", metavar="IDENTIFIANT")]
DossierId = Annotated[str, typer.Argument(help="Identifiant du dossier (« preuve show »).")]
Arbiter = Annotated[bool, typer.Option("--arbitre", help="Pour arbitrer, et non évaluer.")]
Epreuves = Annotated[
    list[str] | None,
    typer.Option("--epreuve", "-e", help="Une épreuve (répétable) ; par défaut, tout le dossier."),
]
Author = Annotated[str, typer.Option("--par", help="Votre nom, gardé au journal.")]


@app.command("ajouter", cls=french.Command)
def add(
    login: Login,
    name: Annotated[str, typer.Option("--nom", help="Nom complet ; il signe les décisions.")],
    role: Annotated[Role, typer.Option("--role", help="Ce que la personne vient faire.")],
    without_password: Annotated[
        bool,
        typer.Option(
            "--sans-mot-de-passe", help="Compte que seul un serveur mandataire authentifie."
        ),
    ] = False,
) -> None:
    """Crée un compte. Le mot de passe est demandé, ou lu sur l'entrée standard."""
    with _people() as people:
        password = None if without_password else _new_password()
        account = people.accounts.add(login, name, role, password)
        typer.echo(f"Compte « {account.id} » créé ({ROLE_LABELS[role]}).")


@app.command("lister", cls=french.Command)
def list_accounts() -> None:
    """Liste les comptes."""
    with _people() as people:
        accounts = people.accounts.all()
    if not accounts:
        typer.echo("Aucun compte : la page n'est servie qu'à cette machine, sans connexion.")
        return
    table = Table()
    for title in ("Identifiant", "Nom", "Rôle", "État", "Connexion", "Créé le"):
        table.add_column(title, overflow="fold")
    for account in accounts:
        table.add_row(
            escape(account.id),
            escape(account.name),
            ROLE_LABELS[account.role],
            "actif" if account.active else "désactivé",
            "mot de passe" if account.password_hash else "mandataire",
            account.created_at.astimezone().strftime("%d/%m/%Y"),
        )
    console().print(table)


@app.command("mot-de-passe", cls=french.Command)
def password(login: Login) -> None:
    """Donne un nouveau mot de passe, demandé ou lu sur l'entrée standard ; ferme les sessions."""
    with _people() as people:
        people.accounts.find(login)
        account = people.accounts.set_password(login, _new_password())
        typer.echo(f"Mot de passe de « {account.id} » changé ; ses sessions sont fermées.")


@app.command("desactiver", cls=french.Command)
def deactivate(login: Login) -> None:
    """Ferme un compte sans l'effacer : ce que la personne a décidé reste signé de son nom."""
    with _people() as people:
        account = people.accounts.set_active(login, False)
        typer.echo(f"Compte « {account.id} » désactivé ; ses sessions sont fermées.")


@app.command("reactiver", cls=french.Command)
def activate(login: Login) -> None:
    """Rouvre un compte désactivé."""
    with _people() as people:
        account = people.accounts.set_active(login, True)
        typer.echo(f"Compte « {account.id} » réactivé.")


@app.command("role", cls=french.Command)
def change_role(
    login: Login, role: Annotated[Role, typer.Argument(help="Nouveau rôle.", metavar="RÔLE")]
) -> None:
    """Change le rôle d'un compte ; ferme ses sessions."""
    with _people() as people:
        account = people.accounts.set_role(login, role)
        typer.echo(f"« {account.id} » : {ROLE_LABELS[role]} ; ses sessions sont fermées.")


@app.command("affecter", cls=french.Command)
def assign(
    login: Login,
    dossier: DossierId,
    epreuve: Epreuves = None,
    arbiter: Arbiter = False,
    author: Author = "",
) -> None:
    """Confie un dossier, ou certaines de ses épreuves, à une personne, qui les voit dans sa file.

    Refuse un dossier que la personne a déposé, d'arbitrer ce qu'elle lit, et plus de personnes que
    la certification n'en demande. Chaque attribution est écrite au journal.
    """
    _change(login, dossier, epreuve, arbiter, author, gives=True)


@app.command("retirer", cls=french.Command)
def withdraw(
    login: Login,
    dossier: DossierId,
    epreuve: Epreuves = None,
    arbiter: Arbiter = False,
    author: Author = "",
) -> None:
    """Retire un dossier, ou certaines épreuves, à une personne ; ce qu'elle y a décidé reste."""
    _change(login, dossier, epreuve, arbiter, author, gives=False)


@app.command("attributions", cls=french.Command)
def list_assignments(
    dossier: Annotated[str, typer.Argument(help="Un seul dossier ; par défaut, tous.")] = "",
) -> None:
    """Dit qui lit et qui arbitre chaque épreuve de chaque dossier."""
    with _assignments() as (_, assignments):
        lines = [line for line in assignments.lines() if dossier in ("", line.dossier_id)]
    if not lines:
        typer.echo("Aucune épreuve : déposez d'abord un dossier.")
        return
    table = Table()
    for title in ("Dossier", "Épreuve", "État", "Évaluation", "Arbitrage"):
        table.add_column(title, overflow="fold")
    for line in lines:
        table.add_row(
            escape(line.dossier_id),
            escape(line.epreuve),
            line.state.value,
            escape(", ".join(line.readers)) or "—",
            escape(", ".join(line.arbiters)) or "—",
        )
    console().print(table)


def _change(
    login: str,
    dossier: str,
    epreuves: list[str] | None,
    arbiter: bool,
    author: str,
    *,
    gives: bool,
) -> None:
    link = Link.ARBITER if arbiter else Link.EVALUATOR
    with _assignments() as (app, assignments):
        actor = author or app.settings.assessor or "ligne de commande"
        for epreuve in epreuves or [""]:
            change = Change(
                dossier_id=dossier, epreuve=epreuve, person_id=login, link=link, gives=gives
            )
            assignments.make(change, actor)
            what = f"épreuve {epreuve} du dossier {dossier}" if epreuve else f"dossier {dossier}"
            done = "Confié" if gives else "Retiré"
            typer.echo(
                f"{done} à « {login} » pour {('arbitrage' if arbiter else 'évaluation')} : {what}."
            )


@contextmanager
def _assignments() -> "Iterator[tuple[App, Assignments]]":
    from assistant.app import Assignments, build_people

    with application() as app:
        yield app, Assignments(app, build_people(app.settings))


@contextmanager
def _people() -> "Iterator[People]":
    from assistant.app import build_people  # the help must not wait for the database's libraries

    try:
        yield build_people(Settings.load())
    except UserFacingError as error:
        typer.echo(f"Erreur : {error.user_message}", err=True)
        raise typer.Exit(EXPECTED_ERROR) from error


def _new_password() -> str:
    """Never from an argument: a command line is seen by every user of the machine."""
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\r\n")
    given: str = typer.prompt(
        "Mot de passe", hide_input=True, confirmation_prompt="Encore une fois"
    )
    return given
