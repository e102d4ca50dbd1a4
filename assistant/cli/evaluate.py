"""`preuve eval`: how far the drafts agree with the labels of a set."""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer
from rich.console import Console

from assistant.agreement import agreed
from assistant.cli.common import DONE_IN_PART, EXPECTED_ERROR, console
from assistant.cli.evaluation_setup import prepared, write_bands
from assistant.cli.french import Command
from assistant.domain.finding import JudgeName
from assistant.settings import LlmMode
from ingest.errors import UserFacingError

if TYPE_CHECKING:
    from assistant.evaluation.baselines import BaselineName
    from assistant.evaluation.figures import Figures
    from assistant.evaluation.labels import SetProblem
    from assistant.evaluation.run import Run
    from assistant.evaluation.sets import EvalSet, Part
    from assistant.evaluation.subject import Installer

_PartOption = Literal["regarder", "garder", "tout"]


class _BaselineOption(StrEnum):
    """An enumeration, since Typer repeats no `Literal`."""

    MAJORITY = "majorite"
    KEYWORDS = "mots-cles"
    NONE = "aucune"


def register(cli: typer.Typer) -> None:
    """Add the command."""
    cli.command("eval", cls=Command)(evaluate)


def evaluate(
    jeu: Annotated[
        Path | None,
        typer.Argument(
            metavar="JEU",
            help="Un set.yaml, son dossier, un dossier de cohorte (cohorte.csv et gold.csv), ou "
            "le nom d'un jeu du projet.",
        ),
    ] = None,
    check: Annotated[
        bool,
        typer.Option("--check", help="Vérifie seulement que les étiquettes suivent les fichiers."),
    ] = False,
    judge: Annotated[
        JudgeName | None,
        typer.Option("--judge", "-j", help="Moteur embarqué (embedded) ou modèle (llm)."),
    ] = None,
    model: Annotated[
        str, typer.Option("--model", help="Modèle de langage, au lieu de PREUVE_LLM_MODEL.")
    ] = "",
    mode: Annotated[
        LlmMode | None,
        typer.Option("--mode", help="Manière d'interroger le modèle, au lieu de PREUVE_LLM_MODE."),
    ] = None,
    examples: Annotated[
        int,
        typer.Option(
            "--examples",
            min=0,
            max=5,
            help="Montre au modèle, pour chaque critère, des étiquettes d'autres candidats du jeu "
            "comme exemples de décisions, au plus.",
        ),
    ] = 0,
    part: Annotated[_PartOption, typer.Option("--part", help="Partie du jeu à mesurer.")] = "tout",
    runs: Annotated[
        int, typer.Option("--runs", min=1, max=20, help="Reprises, pour mesurer la stabilité.")
    ] = 1,
    baseline: Annotated[
        list[_BaselineOption] | None,
        typer.Option("--baseline", help="Repère à montrer à côté ; répétable. Par défaut : tous."),
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Sortie JSON, pour un programme.")
    ] = False,
    out: Annotated[
        Path | None,
        typer.Option("--out", "--sortie", "-o", help="Où écrire mesures.json et rapport.html."),
    ] = None,
    markdown: Annotated[
        Path | None, typer.Option("--markdown", help="Page Markdown à écrire avec les chiffres.")
    ] = None,
    gate: Annotated[
        Path | None,
        typer.Option("--gate", help="Mesures de référence : échoue si la qualité a reculé."),
    ] = None,
    save_baseline: Annotated[
        Path | None, typer.Option("--save-baseline", help="Garde ces mesures comme référence.")
    ] = None,
    bands: Annotated[
        Path | None,
        typer.Option(
            "--bands",
            help="Ce que valaient les propositions de chaque genre, à montrer à côté des "
            "suivantes : un fichier bands-….json du dossier des données.",
        ),
    ] = None,
    compare: Annotated[
        tuple[Path, Path] | None,
        typer.Option("--compare", metavar="AVANT APRES", help="Compare deux fichiers de mesures."),
    ] = None,
) -> None:
    """Mesure l'accord des propositions avec les étiquettes d'un jeu d'évaluation."""
    with _expected_errors():
        if compare is not None:
            _show_comparison(*compare, as_json=as_json)
            return
        if jeu is None:
            raise typer.BadParameter("indiquez un jeu, ou --compare AVANT APRES", param_hint="JEU")
        eval_set, install = prepared(jeu, judge, model, mode, examples)
        if check:
            _show_check(eval_set, install, as_json=as_json)
            return
        run = _run(eval_set, install, None if part == "tout" else part, runs)
        figures = _measure(run, baseline)
        command = _command(jeu, run, part, runs, examples)
        _write(run, figures, out, markdown, save_baseline, command)
        if bands is not None:
            write_bands(bands, eval_set, run, command)
        _show(run, figures, out, as_json=as_json)
        passed = _passes(gate, run, quiet=as_json) if gate is not None else True
    if not passed:
        raise typer.Exit(EXPECTED_ERROR)
    if any(row.draft is None for row in run.rows):
        raise typer.Exit(DONE_IN_PART)


@contextmanager
def _expected_errors() -> Iterator[None]:
    try:
        yield
    except UserFacingError as error:
        typer.echo(f"Erreur : {error.user_message}", err=True)
        raise typer.Exit(EXPECTED_ERROR) from error


def _run(eval_set: "EvalSet", install: "Installer", part: "Part | None", runs: int) -> "Run":
    from assistant.evaluation.harness import run_set
    from assistant.evaluation.scores import require_library

    require_library()  # before minutes of work, not after
    out = Console(stderr=True)
    with out.status("Préparation…") as status:
        return run_set(
            eval_set,
            install,
            part=part,
            runs=runs,
            on_candidate=lambda candidate: status.update(f"Examen de {candidate}…"),
        )


def _measure(run: "Run", asked: "Sequence[_BaselineOption] | None") -> "Figures":
    from assistant.evaluation.baselines import BASELINES
    from assistant.evaluation.figures import measure

    wanted: list[BaselineName] = [b for b in BASELINES if asked is None or b in asked]
    return measure(run, baselines=wanted)


def _command(jeu: Path, run: "Run", part: _PartOption, runs: int, examples: int) -> str:
    """The command that gives these figures again; no absolute path of this machine in it."""
    name = run.set.name if jeu.is_absolute() else jeu.as_posix()
    parts = [f"preuve eval {name} --judge {run.engine.engine}"]
    if run.engine.model:
        parts.append(f"--model {run.engine.model}")
    if mode := run.engine.parameters.get("mode"):
        parts.append(f"--mode {mode}")
    if part != "tout":
        parts.append(f"--part {part}")
    if runs > 1:
        parts.append(f"--runs {runs}")
    if examples:
        parts.append(f"--examples {examples}")
    return " ".join(parts)


def _write(
    run: "Run",
    figures: "Figures",
    out: Path | None,
    markdown: Path | None,
    save_baseline: Path | None,
    command: str,
) -> None:
    from assistant.adapters.clock import SystemClock
    from assistant.evaluation.files import measurement_json, write_text
    from assistant.evaluation.html import report_html
    from assistant.evaluation.markdown import quality_page

    today = SystemClock().now().date()
    if out is not None:
        write_text(out / "mesures.json", measurement_json(run, figures))
        write_text(out / "rapport.html", report_html(run, figures, command, today))
    if save_baseline is not None:
        write_text(save_baseline, measurement_json(run))
    if markdown is not None:
        write_text(markdown, quality_page(run, figures, command, today))


def _show(run: "Run", figures: "Figures", out: Path | None, *, as_json: bool) -> None:
    from assistant.evaluation.files import measurement_json
    from assistant.evaluation.terminal import figures_view

    if as_json:
        typer.echo(measurement_json(run, figures))
    else:
        console().print(figures_view(run, figures))
        if out is not None:
            typer.echo(f"Rapport : {out / 'rapport.html'}")
    _tell_problems(run.problems)


def _tell_problems(problems: "Sequence[SetProblem]") -> None:
    from assistant.evaluation.terminal import problems_view

    if problems:
        out = Console(stderr=True, highlight=False)
        out.print("Étiquettes à revoir :", problems_view(problems))


def _show_check(eval_set: "EvalSet", install: "Installer", *, as_json: bool) -> None:
    from assistant.evaluation.terminal import problems_view
    from assistant.evaluation.validation import check_set

    with install() as subject:
        problems = check_set(eval_set, subject)
    errors = sum(problem.severity == "erreur" for problem in problems)
    if as_json:
        typer.echo(_as_json([problem.model_dump(mode="json") for problem in problems]))
    else:
        console().print(problems_view(problems))
        told = f"{len(eval_set.labels)} étiquette(s) lue(s), {errors} erreur(s), "
        typer.echo(agreed(f"{told}{len(problems) - errors} remarque(s)."))
    if errors:
        raise typer.Exit(EXPECTED_ERROR)


def _show_comparison(before: Path, after: Path, *, as_json: bool) -> None:
    from assistant.evaluation.comparison import compare
    from assistant.evaluation.files import read_run
    from assistant.evaluation.terminal import comparison_view

    found = compare(read_run(before), read_run(after), name=str(before))
    if as_json:
        typer.echo(_as_json(found.model_dump(mode="json")))
    else:
        console().print(comparison_view(found))


def _passes(reference: Path, run: "Run", *, quiet: bool) -> bool:
    from assistant.evaluation.files import read_run
    from assistant.evaluation.gate import run_gate
    from assistant.evaluation.terminal import gate_view

    gate = run_gate(read_run(reference), run, name=str(reference))
    (Console(stderr=True, highlight=False) if quiet else console()).print(gate_view(gate))
    return gate.passed


def _as_json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, indent=1)
