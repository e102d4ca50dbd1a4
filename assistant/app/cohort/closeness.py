"""Compares the texts of a cohort's candidates, each as others may be shown it."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Final

from assistant.app.cohort.overview import PlannedDossier
from assistant.cohort import Closeness, ComparedText, close_passages, sentences_of
from assistant.cohort.outliers import TextLength
from assistant.domain.dossier import Dossier, FileRole
from assistant.domain.rubric import RubricSet
from assistant.errors import DossierNotFound, ManifestInvalid, NoDeliverable
from assistant.privacy import JudgeView
from ingest.types import Frozen

_TOLD_BY_THE_PLAN: Final = (DossierNotFound, ManifestInvalid, NoDeliverable)


class ComparedTexts(Frozen):
    """What the candidates' texts have in common, and how long they are."""

    closeness: Closeness
    lengths: tuple[TextLength, ...]


def compared(
    planned: Sequence[PlannedDossier],
    rubrics: RubricSet,
    opened: Callable[[Path], Dossier],
    *,
    epreuve: str = "",
    on_dossier: Callable[[int, int], None] | None = None,
) -> ComparedTexts:
    """What the candidates' deliverables have in common, briefs and grids set aside.

    `opened` reads a dossier's folder, from what was read before when nothing changed. A dossier
    that cannot be opened is left out: the plan tells it. `epreuve` keeps one épreuve.
    Raises: `StoreUnavailable`.
    """
    texts: list[ComparedText] = []
    briefs: dict[str, str] = {}
    for number, one in enumerate(planned, start=1):
        if on_dossier is not None:
            on_dossier(number, len(planned))
        if one.problem_fr:
            continue
        try:
            dossier = opened(one.folder)
        except _TOLD_BY_THE_PLAN:
            continue
        view = JudgeView(dossier)
        briefs |= {
            document.sha256: view.document(document).text
            for document in dossier.with_role(FileRole.BRIEF)
        }
        texts += _texts(dossier, view, epreuve)
    return ComparedTexts(
        closeness=close_passages(texts, [*briefs.values(), *_grid_texts(rubrics)]),
        lengths=tuple(_lengths(texts)),
    )


def _texts(dossier: Dossier, view: JudgeView, epreuve: str) -> Iterator[ComparedText]:
    """Each deliverable once; a file that stands twice in the dossier is one text."""
    done: set[str] = set()
    for file in dossier.files:
        wanted = file.role is FileRole.DELIVERABLE and (not epreuve or epreuve in file.epreuves)
        if not wanted or file.sha256 in done:
            continue
        done.add(file.sha256)
        yield ComparedText(
            dossier_id=dossier.id,
            epreuve=", ".join(file.epreuves),
            sentences=sentences_of(view.document(dossier.documents[file.sha256])),
        )


def _lengths(texts: Sequence[ComparedText]) -> Iterator[TextLength]:
    words: Counter[tuple[str, str]] = Counter()
    for text in texts:
        words[text.dossier_id, text.epreuve] += sum(len(s.stems) for s in text.sentences)
    for (dossier_id, epreuve), count in words.items():
        yield TextLength(dossier_id=dossier_id, epreuve=epreuve, words=count)


def _grid_texts(rubrics: RubricSet) -> Iterator[str]:
    """All that the grids say: a candidate may well repeat a criterion's words as a title."""
    for rubric in rubrics.rubrics:
        yield "\n".join(_strings(rubric.model_dump(mode="json")))


def _strings(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for inner in value.values():
            yield from _strings(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _strings(inner)
