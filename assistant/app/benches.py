"""Prepares the bench of an épreuve, with what a language model is shown beside the text."""

from assistant.app.album import album_of
from assistant.app.cases import EpreuveBench
from assistant.app.examples import shelf_of
from assistant.app.library import DossierLibrary
from assistant.domain.dossier import Dossier
from assistant.domain.rubric import Rubric, RubricSet
from assistant.ports import ChunkIndex, ReviewStore
from assistant.settings import Settings


def model_bench(
    settings: Settings,
    store: ReviewStore,
    library: DossierLibrary,
    rubrics: RubricSet,
    dense: ChunkIndex,
    dossier: Dossier,
    rubric: Rubric,
) -> EpreuveBench:
    """The bench of a language model: with pictures and examples when the settings ask for them."""
    return EpreuveBench(
        dossier,
        rubric,
        rubrics,
        dense,
        album=album_of(settings, library, dossier.id),
        shelf=shelf_of(settings, store, library, rubrics.certification, dossier),
    )
