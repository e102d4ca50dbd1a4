"""What `preuve eval` measures, how it is installed, and the bands that it writes."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from assistant.domain.finding import JudgeName
from assistant.settings import LlmMode, Settings, bundled

if TYPE_CHECKING:
    from assistant.app.laboratory import Ruled
    from assistant.evaluation.run import Run
    from assistant.evaluation.sets import EvalSet
    from assistant.evaluation.subject import Installer


def prepared(
    jeu: Path, judge: JudgeName | None, model: str, mode: LlmMode | None, examples: int
) -> "tuple[EvalSet, Installer]":
    """The set, and how to install the product for measuring it.

    With examples, the store holds the labels of the whole set: the product itself keeps a
    candidate's own away from them.
    """
    from assistant.app.laboratory import laboratory
    from assistant.evaluation.sets import load_set

    settings = Settings.load().model_copy(update={"llm_examples": examples})
    if model:
        settings = settings.model_copy(update={"llm_model": model})
    if mode is not None:
        settings = settings.model_copy(update={"llm_mode": mode})
    name = judge or settings.judge
    of_the_project = bundled("eval_sets") / jeu
    found = of_the_project if not jeu.exists() and of_the_project.exists() else jeu
    eval_set = load_set(found)
    ruled = tuple(rulings(eval_set)) if examples else ()
    return eval_set, lambda: laboratory(settings, name, ruled)


def rulings(eval_set: "EvalSet") -> "Iterator[Ruled]":
    """The labels as somebody's rulings on their dossiers."""
    from assistant.app.laboratory import Ruled

    for label in eval_set.labels:
        folder = eval_set.folder_of(label.candidat)
        if folder is not None:
            said = (label.commentaire, f"(« {label.citation} »)" if label.citation else "")
            reason = " ".join(filter(None, said))
            yield Ruled(folder, label.epreuve, label.critere, label.verdict, reason)


def write_bands(path: Path, eval_set: "EvalSet", run: "Run", command: str) -> None:
    """Write what drafts of each kind were worth, for `assistant.app.calibration` to read.

    Raises: `MeasuresInvalid` when it cannot be written.
    """
    from assistant.adapters.clock import SystemClock
    from assistant.evaluation.files import write_text
    from assistant.evaluation.kinds import band_table
    from assistant.rubric_loader import load_rubric_set

    table = band_table(
        run,
        load_rubric_set(Settings.load().rubrics_path),
        command=command,
        authors=eval_set.description.auteurs,
        on=SystemClock().now().date(),
    )
    write_text(path, table.model_dump_json(indent=1) + "\n")
