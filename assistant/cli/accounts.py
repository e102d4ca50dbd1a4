"""`preuve comptes`: who may log in, with which role, and which dossiers each may see."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape
from rich.table import Table

from assistant.cli import french
from assistant.cli.common import EXPECTED_ERROR, console
from assistant.domain.access import Link
from assistant.domain.person import ROLE_LABELS, Role
from assistant.settings import Settings
from ingest.errors import UserFacingError

if TYPE_CHECKING:
    from assistant.app import People

app = typer.Typer(
    cls=french.Group,
    help="Les comptes : qui se connecte à la page, avec quel rôle, et pour quels dossiers.",
    no_args_is_help=True,
)

Login = Annotated[str, typer.Argument(help="Identifiant du compte.", metavar="IDENTIFIANT")]
DossierId = Annotated[str, typer.Argument(help="Identifiant du dossier (« preuve show »).")]
Arbiter = Annotated[bool, typer.Option("--arbitre", help="Pour arbitrer, et non évaluer.")]


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
def assign(login: Login, dossier: DossierId, arbiter: Arbiter = False) -> None:
    """Confie un dossier à une personne, qui le voit alors dans sa file."""
    with _people() as people:
        account = people.accounts.find(login)
        people.require_dossier(dossier)
        people.grants.grant(account.id, dossier, _link(arbiter))
        typer.echo(f"Dossier {dossier} confié à « {account.id} ».")


@app.command("retirer", cls=french.Command)
def withdraw(login: Login, dossier: DossierId, arbiter: Arbiter = False) -> None:
    """Retire un dossier à une personne ; ce qu'elle y a décidé reste."""
    with _people() as people:
        account = people.accounts.find(login)
        people.grants.withdraw(account.id, dossier, _link(arbiter))
        typer.echo(f"Dossier {dossier} retiré à « {account.id} ».")


def _link(arbiter: bool) -> Link:
    return Link.ARBITER if arbiter else Link.EVALUATOR


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
