"""From a folder of YAML files to a `RubricSet`, every problem of every file collected first."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final, TypeVar

from pydantic import BaseModel, ValidationError

from assistant.domain.rubric import Certification, Rubric, RubricSet
from assistant.domain.tables import ReferenceTables
from assistant.errors import RubricInvalid
from assistant.rubric_loader import coherence
from assistant.rubric_loader.problems import RubricProblem, closest, explain
from assistant.rubric_loader.yaml_source import Unreadable, YamlFile, read_yaml

CERTIFICATION: Final = "certification.yaml"
TABLES: Final = "tables.yaml"
_SUFFIXES: Final = (".yaml", ".yml")

Model = TypeVar("Model", bound=BaseModel)


def load_rubric_set(folder: Path) -> RubricSet:
    """Read a certification's folder.

    Raises: `RubricInvalid`, its message listing every problem with file, line and mend.
    """
    loaded, problems = _read_folder(folder)
    if loaded is None or problems:
        told = "\n".join(f"- {problem}" for problem in problems)
        raise RubricInvalid(f"{len(problems)} problem(s)", file=str(folder), problems=told)
    return loaded


def check_folder(folder: Path) -> tuple[RubricProblem, ...]:
    """All that is wrong in a certification's folder; empty when it loads."""
    return tuple(_read_folder(folder)[1])


def check_file(path: Path) -> tuple[RubricProblem, ...]:
    """All that is wrong in one file; empty when it is right.

    A grid's references are checked against the `certification.yaml` beside it, when there is one.
    """
    try:
        file = read_yaml(path)
    except Unreadable as error:
        return (error.problem,)
    model = _model_of(file)
    if model is not Rubric:
        return tuple(_build(file, model)[1])
    beside = path.with_name(CERTIFICATION)
    certification = _certification(beside.parent)[0] if beside.is_file() else None
    problems = list(_read_rubric(file, certification)[1])
    if beside.is_file() and certification is None:
        problems.append(
            RubricProblem(
                file=file.name,
                problem_fr=f"{CERTIFICATION}, à côté, n'est pas valide",
                mend_fr=f"vérifiez-le d'abord : « preuve rubrics check {CERTIFICATION} »",
            )
        )
    return tuple(problems)


def _model_of(file: YamlFile) -> type[BaseModel]:
    """What a file is, from its name or, failing that, from its keys."""
    if file.name == CERTIFICATION or {"blocs", "echelle"} & set(file.data):
        return Certification
    if file.name == TABLES or {"reseaux", "evenements"} & set(file.data):
        return ReferenceTables
    return Rubric


def _read_folder(folder: Path) -> tuple[RubricSet | None, list[RubricProblem]]:
    if not folder.is_dir():
        return None, [
            RubricProblem(
                file=str(folder),
                problem_fr="le dossier est introuvable",
                mend_fr="vérifiez le chemin, PREUVE_RUBRICS_DIR et PREUVE_CERTIFICATION",
            )
        ]
    certification, problems = _certification(folder)
    if certification is None:
        return None, problems
    rubrics: list[Rubric] = []
    for epreuve in certification.epreuves:
        rubric, found = _grid(folder, epreuve, certification)
        problems += found
        rubrics += [rubric] if rubric is not None else []
    problems += _strays(folder, certification)
    if problems:
        return None, problems
    return RubricSet(certification=certification, rubrics=tuple(rubrics)), []


def _certification(folder: Path) -> tuple[Certification | None, list[RubricProblem]]:
    """The certification with its tables; None when either is not valid."""
    try:
        file = read_yaml(folder / CERTIFICATION)
        certification, problems = _build(file, Certification)
        tables, more = _tables(folder)
    except Unreadable as error:
        return None, [error.problem]
    problems += more
    if certification is None or problems:
        return None, problems
    return certification.model_copy(update={"tables": tables or ReferenceTables()}), []


def _tables(folder: Path) -> tuple[ReferenceTables | None, list[RubricProblem]]:
    if not (folder / TABLES).is_file():
        return None, []
    return _build(read_yaml(folder / TABLES), ReferenceTables)


def _grid(
    folder: Path, epreuve: str, certification: Certification
) -> tuple[Rubric | None, list[RubricProblem]]:
    """The grid of an épreuve, whose file bears its id."""
    path = next((p for s in _SUFFIXES if (p := folder / f"{epreuve}{s}").is_file()), None)
    if path is None:
        return None, [
            RubricProblem(
                file=f"{epreuve}.yaml",
                problem_fr=f"la grille de l'épreuve {epreuve} est introuvable",
                mend_fr=f"créez ce fichier, ou retirez {epreuve} de {CERTIFICATION}",
            )
        ]
    try:
        file = read_yaml(path)
    except Unreadable as error:
        return None, [error.problem]
    return _read_rubric(file, certification)


def _read_rubric(
    file: YamlFile, certification: Certification | None
) -> tuple[Rubric | None, list[RubricProblem]]:
    rubric, problems = _build(file, Rubric)
    if certification is not None:
        problems += coherence.check_references(file, certification)
        problems += coherence.check_file_name(file)
        if rubric is not None and not problems:
            problems += coherence.check_agreement(file, certification, rubric)
    return rubric, sorted(problems, key=lambda problem: problem.line or 0)


def _build(file: YamlFile, model: type[Model]) -> tuple[Model | None, list[RubricProblem]]:
    """The typed content of a file, and what is wrong with the file by itself."""
    problems = [*file.problems, *_own_rules(file, model)]
    try:
        return model.model_validate(file.data), problems
    except ValidationError as error:
        told = {(problem.path, problem.line) for problem in problems}
        for path, problem, mend in explain(error, model):
            if (path, file.line(path)) not in told and (path or not problems):
                problems.append(file.problem(path, problem, mend))
        return None, problems


def _own_rules(file: YamlFile, model: type[BaseModel]) -> Iterable[RubricProblem]:
    if model is Certification:
        yield from coherence.check_certification(file)
    elif model is Rubric:
        yield from coherence.check_rubric_ids(file)
        yield from coherence.check_crossed_readings(file)


def _strays(folder: Path, certification: Certification) -> Sequence[RubricProblem]:
    """YAML files that no épreuve claims: a misspelt name would otherwise go unnoticed."""
    known = {CERTIFICATION, TABLES} | {f"{e}{s}" for e in certification.epreuves for s in _SUFFIXES}
    return [
        RubricProblem(
            file=path.name,
            problem_fr="ce fichier n'est la grille d'aucune épreuve",
            mend_fr=closest(path.name, sorted(known)),
        )
        for path in sorted(folder.iterdir())
        if path.suffix in _SUFFIXES and path.name not in known
    ]
