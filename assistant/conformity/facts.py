"""What the papers are written from: this installation's grids, prompts, settings and measures."""

import hashlib
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Final

from pydantic import ValidationError

from assistant.conformity.intervals import Share
from assistant.domain.bands import BandTable
from assistant.domain.finding import EngineId
from assistant.domain.rubric import RubricSet
from assistant.domain.verdict import Verdict
from assistant.errors import MeasuresInvalid
from assistant.evaluation.run import Row, Run
from assistant.evaluation.sets import EvalSet, load_set
from assistant.rubric_loader import load_rubric_set
from assistant.settings import Settings, bundled

_SET: Final = "cohorte-exemple"
_MEASURES: Final = "reference-embedded.json"
_BANDS: Final = "bands-embedded.json"


@dataclass(frozen=True)
class PromptFile:
    """A prompt or cues file: its name and the SHA-256 of its bytes."""

    name: str
    sha256: str


@dataclass(frozen=True)
class CriterionScore:
    """What was measured on one criterion; `share` is None when no label bears on it."""

    epreuve: str
    id: str
    text: str
    share: Share | None
    abstained: int
    too_kind: int


@dataclass(frozen=True)
class DataSheet:
    """An evaluation set as its own files describe it."""

    title: str
    name: str
    version: str
    labels_hash: str
    candidates: int
    files: int
    rows: int
    authors: int
    kinds: Mapping[str, int]
    verdicts: Mapping[Verdict, int]
    limits: Sequence[str]


@dataclass(frozen=True)
class Facts:
    """Everything that the papers repeat. Nothing in it is typed by hand."""

    settings: Settings
    release: str
    rubrics: RubricSet
    prompts: tuple[PromptFile, ...]
    present: EngineId
    run: Run
    bands: BandTable | None
    sheet: DataSheet
    scores: tuple[CriterionScore, ...]

    @property
    def same_engine(self) -> bool:
        """Whether what was measured is the embedded engine of this version."""
        return self.run.engine == self.present


def gathered(settings: Settings, present: EngineId, measures: Path | None = None) -> Facts:
    """Read it all. `present`: the embedded engine of this version, beside which figures are read.

    `measures`: a mesures.json of `preuve eval`; by default, the project's own.

    Raises: `MeasuresInvalid`, `EvalSetInvalid`, and what loading the grids raises.
    """
    folder = bundled("eval_sets") / _SET
    run = _read_run(measures or folder / _MEASURES)
    rubrics = load_rubric_set(settings.rubrics_path)
    return Facts(
        settings=settings,
        release=version("preuve"),
        rubrics=rubrics,
        prompts=tuple(_prompts(settings.prompts_path)),
        present=present,
        run=run,
        bands=_bands(folder / _BANDS, run),
        sheet=_sheet(load_set(folder), run),
        scores=tuple(_scores(rubrics, run.rows)),
    )


def _read_run(path: Path) -> Run:
    """The rows alone: the figures of the same file need a library that may not be there."""
    try:
        return Run.model_validate(json.loads(path.read_bytes())["run"])
    except (OSError, ValueError, KeyError, TypeError, ValidationError) as error:
        problem = "ce n'est pas un fichier de mesures écrit par « preuve eval … --out »."
        raise MeasuresInvalid(f"{path}: {error}", path=path.name, problem=problem) from error


def _bands(path: Path, run: Run) -> BandTable | None:
    """What drafts of each kind were worth, if measured on the same labels with the same engine."""
    table = BandTable.model_validate_json(path.read_bytes())
    same = table.labels_hash == run.set.labels_hash and table.engine == run.engine
    return table if same else None


def _prompts(folder: Path) -> list[PromptFile]:
    return [
        PromptFile(path.name, hashlib.sha256(path.read_bytes()).hexdigest())
        for path in sorted(folder.iterdir())
        if path.suffix in (".jinja", ".yaml")
    ]


def _sheet(found: EvalSet, run: Run) -> DataSheet:
    files = {(row.candidate, row.file) for row in run.rows}
    described = found.name == run.set.name
    return DataSheet(
        title=run.set.title or run.set.name,
        name=run.set.name,
        version=run.set.version,
        labels_hash=run.set.labels_hash,
        candidates=len(run.candidates),
        files=len(files),
        rows=len(run.rows),
        authors=found.description.auteurs if described else 0,
        kinds=Counter(Path(name).suffix.lower().lstrip(".") for _, name in sorted(files)),
        verdicts=Counter(row.gold for row in run.rows),
        limits=run.set.limits,
    )


def _scores(rubrics: RubricSet, rows: Sequence[Row]) -> list[CriterionScore]:
    """Every criterion of the grids, measured or not."""
    scores = []
    for rubric in rubrics.rubrics:
        for criterion in rubric.criteres:
            own = [row for row in rows if row.criterion == criterion.id]
            scores.append(_score(rubric.id, criterion.id, criterion.texte, own))
    return scores


def _score(epreuve: str, criterion: str, text: str, rows: Sequence[Row]) -> CriterionScore:
    agreed = sum(row.draft is row.gold for row in rows)
    return CriterionScore(
        epreuve=epreuve,
        id=criterion,
        text=text,
        share=Share(agreed, len(rows)) if rows else None,
        abstained=sum(row.draft is Verdict.NOT_ASSESSABLE for row in rows),
        too_kind=sum(row.draft is Verdict.MET and row.gold is not Verdict.MET for row in rows),
    )
