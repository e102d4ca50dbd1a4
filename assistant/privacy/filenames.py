"""A dossier as an evaluator sees it: no name of the candidate's in those of its files."""

import re
from pathlib import PurePath
from typing import Final

from assistant.domain.dossier import DossierSummary
from assistant.domain.french import fold_accents
from assistant.privacy.identity import AUTHORS
from assistant.privacy.people import names_in_label

#: What stands in the place of a name.
CANDIDATE_FR: Final = "candidat"
_SHORTEST: Final = 3
_SHORTEST_SHARED: Final = 4
_WORD: Final = re.compile(r"[^\W\d_]+")
_REPEATED: Final = re.compile(
    rf"(?<![^\W\d_]){CANDIDATE_FR}(?:[-_ .,]+{CANDIDATE_FR})+(?![^\W\d_])"
)


def public_filenames(label: str, summary: DossierSummary) -> dict[str, str]:
    """For each file whose name holds the candidate's, the name to show.

    The candidate's name is what the folder's (`label`) says, and the words in capitals that the
    deliverables share. A name that neither gives stays.
    """
    folded = {fold_accents(word) for word in (*names_in_label(label), *_shared(summary))}
    names = {word for word in folded if len(word) >= _SHORTEST}
    every = (*(f.filename for f in summary.files), *(f.filename for f in summary.failures))
    shown = {filename: _without(filename, names) for filename in every}
    return {filename: name for filename, name in shown.items() if name != filename}


def without_people(summary: DossierSummary) -> DossierSummary:
    """The dossier without the properties of its files that say who wrote or changed them."""
    kept = []
    for read in summary.extraction:
        people = {k: v for k, v in read.metadata.items() if k.casefold() in AUTHORS}
        told = {f"{name} : {value}" for name, value in people.items()}
        kept.append(
            read.model_copy(
                update={
                    "metadata": {k: v for k, v in read.metadata.items() if k not in people},
                    "hidden": tuple(item for item in read.hidden if item.text not in told),
                }
            )
        )
    return summary.model_copy(update={"extraction": tuple(kept)})


def _without(filename: str, names: set[str]) -> str:
    def word(match: re.Match[str]) -> str:
        return CANDIDATE_FR if fold_accents(match.group()) in names else match.group()

    path = PurePath(filename)
    stem = filename.removesuffix(path.suffix)
    return _REPEATED.sub(CANDIDATE_FR, _WORD.sub(word, stem)) + path.suffix


def _shared(summary: DossierSummary) -> list[str]:
    """Words in capitals, no document's vocabulary, that most deliverables have in their names."""
    stems = [PurePath(file.filename).stem for file in summary.files if file.epreuves]
    own = [{w for w in names_in_label(stem) if w.isupper()} for stem in stems]
    found = {w for words in own for w in words if len(w) >= _SHORTEST_SHARED}
    return sorted(w for w in found if sum(w in words for words in own) >= min(2, len(own)))
