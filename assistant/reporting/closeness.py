"""What is said of passages that several candidates share: where, how close, and nothing more."""

from itertools import groupby
from typing import Final

from assistant.cohort import Closeness, ClosePassage, many
from assistant.reporting.labels import count_fr, fr
from ingest.types import Frozen

#: Of one pair of dossiers, this many passages are shown, the longest first.
_SHOWN: Final = 12
NOTHING_CLOSE_FR: Final = "Aucun passage proche d'un dossier à l'autre."
NOT_COMPARED_FR: Final = "Les textes des candidats n'ont pas été comparés."
COMMON_FR: Final = (
    "Ces textes sont dans de nombreux dossiers : une trame, un cours, une citation courante. Ils "
    "n'ont pas été comparés d'un candidat à l'autre."
)


class DossierPair(Frozen):
    """Two dossiers that share passages. `more_fr` counts those that are not shown."""

    left: str
    right: str
    passages: tuple[ClosePassage, ...]
    more_fr: str = ""


def about_fr(closeness: Closeness) -> str:
    """What was compared, how, and what it does not say."""
    compared = (
        f"{count_fr(closeness.texts, 'texte')} de {count_fr(closeness.dossiers, 'dossier')} "
        f"{'ont été comparés' if closeness.texts > 1 else 'a été lu'}. "
    )
    return fr(
        f"{compared}Deux passages sont dits proches quand au moins six mots sur dix se suivent "
        "dans le même ordre. C'est une information, pas une appréciation : une source commune, un "
        "travail de groupe ou une citation peuvent l'expliquer ; à vous de lire. Ne sont pas "
        "comparés : ce que donnent le brief et la grille, ce que partagent au moins "
        f"{many(closeness.dossiers)} dossiers (trame, cours), les passages de moins de douze mots, "
        "les textes masqués, signalés ou personnels. Une reformulation profonde n'est pas vue. Les "
        "noms sont remplacés par des repères."
    )


def same_words_fr(passage: ClosePassage) -> str:
    """« 27 mots sur 30 »."""
    return f"{count_fr(passage.same_words, 'mot')} sur {passage.words}"


def pairs_of(closeness: Closeness) -> tuple[DossierPair, ...]:
    """The passages by pair of dossiers; first the pair that shares the longest one."""
    ranks: dict[tuple[str, str], int] = {}
    for passage in closeness.passages:
        ranks.setdefault(_pair(passage), len(ranks))
    ordered = sorted(closeness.passages, key=lambda passage: ranks[_pair(passage)])
    return tuple(
        _shown(left, right, tuple(found)) for (left, right), found in groupby(ordered, key=_pair)
    )


def _shown(left: str, right: str, passages: tuple[ClosePassage, ...]) -> DossierPair:
    more = len(passages) - _SHOWN
    told = (
        f"Et {count_fr(more, 'autre passage', 'autres passages')}, plus courts." if more > 0 else ""
    )
    return DossierPair(left=left, right=right, passages=passages[:_SHOWN], more_fr=told)


def _pair(passage: ClosePassage) -> tuple[str, str]:
    return passage.left.dossier_id, passage.right.dossier_id
