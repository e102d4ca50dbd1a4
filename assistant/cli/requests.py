"""`preuve requests`: a language model that is not at hand, through files."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final, TextIO

import typer
from rich.markup import escape
from rich.table import Column, Table

from assistant.adapters.batch_format import text_of
from assistant.agreement import agreed
from assistant.cli.common import DONE_IN_PART, EXPECTED_ERROR, application, console, note_export
from assistant.cli.french import Command
from assistant.cli.tables import verdict_counts
from assistant.domain.rubric import Certification
from assistant.errors import AnswersUnreadable, SettingsInvalid
from ingest.errors import UserFacingError, system_cause_fr

if TYPE_CHECKING:
    from assistant.app import App
    from assistant.app.requests import Correspondence, EpreuveRequests, LineOutcome

app = typer.Typer(
    help="Écrit les demandes au modèle de langage dans un fichier, importe ses réponses.",
    no_args_is_help=True,
)
_FIRST_STEPS_FR: Final = (
    "Première étape, en {count} demande(s). Leurs réponses reçues, « preuve requests export "
    "DOSSIER --reponses FICHIER » écrit les demandes suivantes ; importez ensuite les réponses de "
    "celles-ci avec « --avec FICHIER »."
)
_Model = Annotated[
    str,
    typer.Option("--model", "-m", help="Modèle interrogé ; par défaut, PREUVE_LLM_MODEL."),
]


@app.command("export", cls=Command)
def export(
    dossiers: Annotated[
        list[str],
        typer.Argument(
            metavar="DOSSIER...", help="Dossiers, identifiants, ou fichiers d'un seul dossier."
        ),
    ],
    epreuve: Annotated[
        str, typer.Option("--epreuve", "-e", help="N'écrire que les demandes de cette épreuve.")
    ] = "",
    model: _Model = "",
    out: Annotated[
        Path | None,
        typer.Option("--sortie", "-o", help="Fichier à écrire ; sans lui, la sortie standard."),
    ] = None,
    answers: Annotated[
        list[Path] | None,
        typer.Option(
            "--reponses",
            help="Réponses déjà reçues : écrit les demandes qui les suivent ; répétable.",
        ),
    ] = None,
) -> None:
    """Écrit, sans rien envoyer, les demandes que ferait « review --judge llm »."""
    with application() as the_app:
        correspondence = the_app.requests(model)
        given = _read_all(answers or ())
        written, complete, first_steps = 0, True, 0
        folders = _folders(the_app, dossiers)
        with _Output(out) as output:
            for folder in folders:
                for done in _export_one(the_app, correspondence, folder, epreuve, output, given):
                    if done is None:
                        complete = False
                        continue
                    written += len(done.lines)
                    first_steps += done.first_steps
                    complete = complete and not done.failures
        if out is not None and written:
            note_export(the_app, out, [the_app.library.resolve(str(folder)) for folder in folders])
        told = agreed(f"{written} demande(s) écrite(s)")
        _tell(f"{told}, pour le modèle « {correspondence.model} ».")
        if first_steps:
            _tell(agreed(_FIRST_STEPS_FR.format(count=first_steps)))
    if not complete:
        raise typer.Exit(DONE_IN_PART if written else EXPECTED_ERROR)


@app.command("import", cls=Command)
def import_(
    answers: Annotated[
        Path, typer.Argument(metavar="RÉPONSES", help="Fichier de réponses, une par ligne (JSONL).")
    ],
    dossiers: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[DOSSIER...]",
            help="N'importer que pour ceux-ci ; sinon, tous ceux connus. Un autre fichier de "
            "réponses (.jsonl, .json) s'ajoute au premier.",
        ),
    ] = None,
    model: _Model = "",
    earlier: Annotated[
        list[Path] | None,
        typer.Option(
            "--avec", help="Réponses des étapes précédentes, déjà exploitées ; répétable."
        ),
    ] = None,
) -> None:
    """Fait de chaque réponse une proposition, comme si le modèle venait de répondre."""
    with application() as the_app:
        others = [Path(given) for given in dossiers or () if _holds_answers(given)]
        folders = [given for given in dossiers or () if not _holds_answers(given)]
        ids = [the_app.library.resolve(reference) for reference in folders]
        files = [answers, *others]
        outcomes = _import_files(the_app.requests(model), files, ids, earlier or ())
        console().print(_summary(outcomes, the_app.rubrics.certification))
    for outcome in outcomes:
        if outcome.bad:
            where = f" ({outcome.criterion_id})" if outcome.criterion_id else ""
            _tell(f"{_line(outcome.number, files)}{where} : {outcome.message_fr}")
    notes = Counter(o.message_fr for o in outcomes if o.message_fr and not o.bad)
    for note, times in notes.items():
        _tell(f"{note} ({times} fois)")
    if any(outcome.bad for outcome in outcomes):
        done = any(outcome.finding for outcome in outcomes)
        raise typer.Exit(DONE_IN_PART if done else EXPECTED_ERROR)


class _Output:
    """Where the requests go, opened at the first of them: an error leaves no empty file."""

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._file: TextIO | None = None

    def __enter__(self) -> "_Output":
        return self

    def __exit__(self, *_: object) -> None:
        if self._file is not None:
            self._file.close()

    def write(self, lines: Iterable[str]) -> None:
        """Raises: `SettingsInvalid` when the file cannot be written."""
        if self._path is None:
            for line in lines:
                typer.echo(line)
            return
        try:
            if self._file is None:
                self._file = self._path.open("w", encoding="utf-8", newline="\n")
            self._file.writelines(f"{line}\n" for line in lines)
        except OSError as error:
            problem = f"« {self._path} » ne peut pas être écrit ({system_cause_fr(error)})."
            raise SettingsInvalid(problem, problem=problem) from error


def _folders(the_app: "App", references: Iterable[str]) -> list[Path]:
    """The folder of each dossier; loose files together make one. Raises: as `deposit` does."""
    paths = [Path(reference) for reference in references]
    files = [path for path in paths if path.is_file()]
    folders = [
        path if path.is_dir() else Path(the_app.library.record(str(path)).folder)
        for path in paths
        if not path.is_file()
    ]
    if files:
        folders.append(Path(the_app.library.record(the_app.library.deposit(files).id).folder))
    return folders


def _export_one(
    the_app: "App",
    correspondence: "Correspondence",
    folder: Path,
    epreuve: str,
    output: _Output,
    answers: bytes,
) -> "Iterator[EpreuveRequests | None]":
    """What was written for each épreuve, None for what could not be: one stops no other."""
    try:
        dossier = the_app.open(folder, epreuve=epreuve)
    except UserFacingError as error:
        _tell(f"Erreur : {error.user_message}")
        yield None
        return
    for failure in dossier.failures:
        _tell(f"Fichier non lu : {failure.message_fr}")
        yield None
    for one in (epreuve,) if epreuve else dossier.epreuves:
        try:
            requests = correspondence.export(dossier, one, answers)
        except UserFacingError as error:
            _tell(f"Erreur : {error.user_message}")
            yield None
            continue
        output.write(requests.lines)
        _tell_requests(dossier.id, one, requests)
        yield requests


def _tell_requests(dossier_id: str, epreuve: str, requests: "EpreuveRequests") -> None:
    kept = f" ; {requests.kept} critère(s) déjà examiné(s)" if requests.kept else ""
    ready = f" ; {requests.ready} critère(s) prêt(s) à importer" if requests.ready else ""
    told = agreed(f"{len(requests.lines)} demande(s){kept}{ready}")
    _tell(f"{dossier_id}, épreuve {epreuve} : {told}.")
    for failure in requests.failures:
        _tell(f"Sans demande, {failure.criterion_id} : {failure.message_fr}")


def _holds_answers(given: str) -> bool:
    """Whether an argument is one more file of answers rather than a dossier."""
    return Path(given).suffix.lower() in (".jsonl", ".ndjson", ".json") and Path(given).is_file()


def _import_files(
    correspondence: "Correspondence",
    paths: Sequence[Path],
    ids: Sequence[str],
    earlier: Iterable[Path],
) -> "tuple[LineOutcome, ...]":
    outcomes = correspondence.import_answers(_read_all(paths), ids, _read_all(earlier))
    if not outcomes:
        raise _unreadable(paths[0], "il ne contient aucune réponse.")
    return outcomes


def _line(number: int, paths: Sequence[Path]) -> str:
    """« Ligne 3 », with the file's name when there are several."""
    for path in paths[:-1]:
        lines = text_of(path.read_bytes()).count("\n") + 1
        if number <= lines:
            return f"« {path.name} », ligne {number}"
        number -= lines
    return f"« {paths[-1].name} », ligne {number}" if len(paths) > 1 else f"Ligne {number}"


def _read_all(paths: Iterable[Path]) -> bytes:
    """The lines of all these files, in UTF-8. Raises: `AnswersUnreadable`."""
    texts: list[str] = []
    for path in paths:
        try:
            texts.append(text_of(path.read_bytes()))
        except OSError as error:
            raise _unreadable(path, f"{system_cause_fr(error)}.") from error
        except UnicodeDecodeError as error:
            raise _unreadable(path, "ce n'est pas du texte en UTF-8.") from error
    return "\n".join(texts).encode()


def _unreadable(path: Path, problem: str) -> AnswersUnreadable:
    return AnswersUnreadable(problem, path=str(path), problem=problem)


def _summary(outcomes: "Sequence[LineOutcome]", certification: Certification) -> Table:
    """One line for each épreuve of each dossier: what became of its answers, what is proposed."""
    from assistant.app.requests import LineState

    table = Table(Column("Dossier", no_wrap=True), Column("Épreuve", no_wrap=True))
    table.add_column("Réponses")
    table.add_column("Propositions")
    places = dict.fromkeys((o.dossier_id, o.epreuve) for o in outcomes)
    for dossier_id, epreuve in places:
        mine = [o for o in outcomes if (o.dossier_id, o.epreuve) == (dossier_id, epreuve)]
        counts = Counter(o.state for o in mine)
        became = [f"{counts[s]} {_plural(s.value, counts[s])}" for s in LineState if counts[s]]
        findings = [o.finding for o in mine if o.finding is not None]
        drafts = verdict_counts(certification, findings) if findings else "—"
        table.add_row(
            escape(dossier_id or "—"),
            escape(epreuve or "—"),
            ", ".join(became),
            escape(drafts.removeprefix("Propositions : ")),
        )
    return table


def _plural(state: str, count: int) -> str:
    return state if count < 2 or state.endswith("attente") else f"{state}s"


def _tell(message: str) -> None:
    typer.echo(message, err=True)
