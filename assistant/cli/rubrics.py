"""`preuve rubrics`: the grids that are installed, one of them in full, and what is wrong in one."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Final

import typer
from rich.console import Group
from rich.markup import escape
from rich.padding import Padding
from rich.table import Table

from assistant.agreement import agreed
from assistant.cli import french
from assistant.cli.common import EXPECTED_ERROR, console
from assistant.domain.rubric import Certification, Criterion, Rubric, RubricSet
from assistant.errors import UnknownCriterion, UnknownEpreuve
from assistant.rubric_loader import (
    CERTIFICATION,
    RubricProblem,
    check_file,
    check_folder,
    load_rubric_set,
)
from assistant.settings import Settings
from ingest.errors import UserFacingError

app = typer.Typer(
    cls=french.Group,
    help="Les grilles d'évaluation : les lister, en montrer une, vérifier un fichier.",
    no_args_is_help=True,
)

Folder = Annotated[
    Path | None,
    typer.Option("--grilles", help="Dossier de la certification ; par défaut, celui des réglages."),
]
AsJson = Annotated[bool, typer.Option("--json", help="Sortie JSON, pour un programme.")]


@app.command("list", cls=french.Command)
def list_rubrics(grilles: Folder = None, as_json: AsJson = False) -> None:
    """Liste les épreuves : critères, attendus (★ : déterminants), version, empreinte."""
    rubrics = _load(grilles)
    if as_json:
        _print_json([_summary(rubric) for rubric in rubrics.rubrics])
        return
    out, certification = console(), rubrics.certification
    table = Table()
    table.add_column("Épreuve", no_wrap=True)
    table.add_column("Titre", overflow="fold")
    for title in ("Critères", "Attendus", "★"):
        table.add_column(title, justify="right", no_wrap=True)
    table.add_column("Version", no_wrap=True)
    table.add_column("Empreinte", no_wrap=True)
    for entry in map(_summary, rubrics.rubrics):
        counts = (str(entry[key]) for key in ("criteres", "attendus", "etoiles"))
        titre, version = escape(str(entry["titre"])), escape(str(entry["version"]))
        table.add_row(str(entry["epreuve"]), titre, *counts, version, str(entry["empreinte"])[:12])
    out.print(
        f"[bold]{escape(certification.titre)}[/bold], version {escape(certification.version)}, "
        f"empreinte {certification.content_hash[:12]}"
    )
    out.print(table)


@app.command("show", cls=french.Command)
def show_rubric(
    epreuve: Annotated[str, typer.Argument(help="Identifiant de l'épreuve.")],
    critere: Annotated[
        str, typer.Argument(help="Identifiant d'un critère, ex. groupe/CE1 ; sans lui, tous.")
    ] = "",
    grilles: Folder = None,
    as_json: AsJson = False,
) -> None:
    """Montre une grille en entier, ou l'un de ses critères avec tout ce qui le précise."""
    rubrics = _load(grilles)
    try:
        rubric = _rubric(rubrics, epreuve)
        criterion = _criterion(rubric, critere) if critere else None
    except UserFacingError as error:
        raise _ended(error.user_message) from error
    if as_json:
        _print_json((criterion or rubric).model_dump(mode="json"))
    elif criterion is not None:
        console().print(_whole_criterion(criterion))
    else:
        console().print(_whole_rubric(rubrics.certification, rubric))


@app.command("check", cls=french.Command)
def check(
    fichiers: Annotated[
        list[Path], typer.Argument(help="Fichiers YAML, ou dossiers de certification.")
    ],
    as_json: AsJson = False,
) -> None:
    """Vérifie des fichiers de grille : fichier, ligne et correction de chaque problème."""
    problems = [problem for path in fichiers for problem in _check(path)]
    for path in fichiers:
        if path.is_file() and not path.with_name(CERTIFICATION).is_file():
            typer.echo(_ALONE.format(name=path.name), err=True)
    if as_json:
        _print_json([{**p.model_dump(mode="json"), "champ": p.field} for p in problems])
    for problem in problems:
        typer.echo(str(problem), err=True)
    if problems:
        typer.echo(agreed(f"{len(problems)} problème(s)."), err=True)
        raise typer.Exit(EXPECTED_ERROR)
    if not as_json:
        typer.echo("Aucun problème.")


_ALONE: Final = (
    "Remarque : {name} n'a pas de certification.yaml à côté ; ses renvois (bloc, compétences, "
    "pièces, contrôles) ne sont pas vérifiés."
)


def _check(path: Path) -> tuple[RubricProblem, ...]:
    return check_folder(path) if path.is_dir() else check_file(path)


def _load(folder: Path | None) -> RubricSet:
    try:
        return load_rubric_set(folder or Settings.load().rubrics_path)
    except UserFacingError as error:
        raise _ended(error.user_message) from error


def _ended(message: str) -> typer.Exit:
    """An expected error: its French message on stderr, and the exit code that goes with it."""
    typer.echo(f"Erreur : {message}", err=True)
    return typer.Exit(EXPECTED_ERROR)


def _rubric(rubrics: RubricSet, epreuve: str) -> Rubric:
    for rubric in rubrics.rubrics:
        if rubric.id.casefold() == epreuve.casefold():
            return rubric
    known = ", ".join(rubrics.certification.epreuves)
    raise UnknownEpreuve(epreuve, epreuve=epreuve, known=known)


def _criterion(rubric: Rubric, asked: str) -> Criterion:
    """By its whole id, or by what follows the épreuve's."""
    try:
        return rubric.critere(f"{rubric.id}/{asked.removeprefix(f'{rubric.id}/')}")
    except KeyError:
        raise UnknownCriterion(asked, criterion=asked, epreuve=rubric.id) from None


def _summary(rubric: Rubric) -> dict[str, str | int]:
    return {
        "epreuve": rubric.id,
        "titre": rubric.titre,
        "bloc": rubric.bloc,
        "criteres": len(rubric.criteres),
        "attendus": sum(len(c.attendus) for c in rubric.criteres),
        "etoiles": sum(len(c.etoiles) for c in rubric.criteres),
        "version": rubric.version,
        "empreinte": rubric.content_hash,
    }


def _print_json(value: object) -> None:
    typer.echo(json.dumps(value, ensure_ascii=False, indent=2))


def _whole_rubric(certification: Certification, rubric: Rubric) -> Group:
    head = [
        f"[bold]{escape(rubric.id)} — {escape(rubric.titre)}[/bold]",
        f"Version {escape(rubric.version)}, empreinte {rubric.content_hash[:12]}",
        f"\n[bold]Bloc {escape(rubric.bloc)}[/bold] — {_bloc_title(certification, rubric)}",
        *_section(
            "Compétences", (f"{n}. {_text_of(certification, n)}" for n in rubric.competences)
        ),
        *_section("Travail demandé", _bulleted(rubric.consigne, rubric.travail_demande)),
        *_section("Livrables", rubric.livrables),
        *_section("Repères", (rubric.rubriques_usage,)),
    ]
    body: list[str | Padding] = []
    for group in rubric.groupes:
        body.append(f"\n[bold]{escape(group.titre)}[/bold] ({escape(group.id)})")
        for criterion in group.criteres:
            body.append(Padding(_criterion_line(criterion), (0, 0, 0, 2), expand=False))
            body += [
                Padding(_attendu_line(a.numero, a.etoile, a.texte), (0, 0, 0, 4), expand=False)
                for a in criterion.attendus
            ]
    return Group(*head, *body)


def _whole_criterion(criterion: Criterion) -> Group:
    pieces = f" ({', '.join(criterion.lecture.pieces)})" if criterion.lecture.pieces else ""
    reading = " + ".join(criterion.lecture.portees) + pieces
    extra = (criterion.lecture.perimetre, criterion.lecture.complement)
    return Group(
        f"[bold]{escape(criterion.id)}[/bold]",
        escape(criterion.texte),
        *_section("Évaluable", (criterion.evaluable.value,)),
        *_section("Lecture", (" ; ".join(filter(None, (reading, *extra))),)),
        "\n[bold]Attendus[/bold]",
        *(
            Padding(_attendu_line(a.numero, a.etoile, a.texte), (0, 0, 0, 2), expand=False)
            for a in criterion.attendus
        ),
        *_section("Preuve attendue", (criterion.preuve_attendue,)),
        *_section("Contrôles", (criterion.controles.texte,)),
        *_section("Repérage", (", ".join(criterion.reperage),)),
        *_section("Vigilance", (criterion.vigilance,)),
    )


def _section(title: str, texts: Iterable[str]) -> list[str | Padding]:
    """A bold title and its texts, indented; nothing at all when there is no text."""
    found = [text for text in texts if text]
    if not found:
        return []
    return [
        f"\n[bold]{title}[/bold]",
        *(Padding(escape(text), (0, 0, 0, 2), expand=False) for text in found),
    ]


def _bulleted(head: str, items: Iterable[str]) -> Iterable[str]:
    """A sentence and its list; the points of a point keep their own dashes, indented."""
    yield head
    for item in items:
        yield "• " + item.replace("\n", "\n    ")


def _criterion_line(criterion: Criterion) -> str:
    return f"[bold]CE{criterion.ce}[/bold] {escape(criterion.texte)}"


def _attendu_line(number: int, starred: bool, text: str) -> str:
    return f"{number}. {'★ ' if starred else '  '}{escape(text)}"


def _bloc_title(certification: Certification, rubric: Rubric) -> str:
    return escape(certification.bloc_de(rubric.id).titre)


def _text_of(certification: Certification, competence: str) -> str:
    return certification.competence(competence).texte
