"""Whether a quote belongs to the work that is judged.

A model that obeys a planted line quotes that line, and it is there, word for word. What tells it
from the work is what it speaks of. An honest passage takes up a word of the épreuve, of the
brief or of the rest of the file, or states a fact; a line about the jury, the grid or the
assistant, in a file that never speaks of them, states nothing of the work.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Final

from assistant.domain.french import STOPWORDS, stem, stems, words
from assistant.domain.once import once_per_object
from assistant.domain.rubric import Rubric
from assistant.substance import CLAIMING, RESULT, RESULT_GIVERS, AlreadySaid
from ingest.types import Document

UNRELATED_FR: Final = "citation sans rapport avec l'épreuve ni avec le reste du livrable"
ABOUT_THE_JUDGING_FR: Final = "citation qui parle de l'évaluation, pas du travail"


def _stemmed(text: str) -> frozenset[str]:
    """The stems of these words, in the singular and in the plural: they may differ."""
    return frozenset(stem(f"{word}{plural}") for word in text.split() for plural in ("", "s"))


#: Who judges and what they give: no deliverable proves anything by them, unless it is about them.
_JUDGES: Final = _stemmed(
    """
    jury évaluateur évaluatrice examinateur examinatrice correcteur correctrice relecteur relectrice
    notateur barème délibération verdict rattrapage recaler grader reviewer assessor llm gpt chatgpt
    """
)
#: What is judged and what a program is told: a deliverable has other uses for these words.
_JUDGED: Final = _stemmed(
    """
    critère attendu épreuve bloc candidat candidate candidature certification diplôme évaluer
    consigne instruction prompt ia assistant bot algorithme
    """
)
#: Words that any file holds: alone, they tie a quote to nothing.
_DULL: Final = (
    CLAIMING
    | RESULT
    | RESULT_GIVERS
    | _JUDGES
    | _JUDGED
    | _stemmed(
        """
        point élément chose manière façon fois jour mois année an temps moment personne gens monde
        merci bonjour madame monsieur dire voir savoir vouloir pouvoir devoir mettre prendre donner
        rendre trouver demander répondre réponse grand petit bon bonne meilleur nouveau premier
        première dernier dernière
        """
    )
)
#: Figures that tell of no work: marks, numbers of criteria, of annexes, of candidates.
_NUMBERS_OF_THE_JUDGING: Final = re.compile(
    r"\b\d+(?:[.,]\d+)?\s?(?:/|sur)\s?(?:20|10|100)\b"
    r"|\b(?:CE|C|E|critères?|attendus?|blocs?|épreuves?|annexes?|candidate?s?|sessions?)\s?\d+"
    r"(?:\.\d+)*|(?:n°|no|numéro)\s?\d+",
    re.IGNORECASE,
)
#: A word written with figures for letters.
_DISGUISED: Final = re.compile(r"[^\W\d_][\d@$+|]+[^\W\d_]")
#: Who is spoken to as one speaks to a program, or by an order.
_ADDRESSED: Final = re.compile(r"\b(?:tu|toi|ton|tes|(?!(?:chez|assez|rendez)\b)\w{3,}ez)\b", re.I)
_FIGURE: Final = re.compile(r"\d")
_FEWEST_LETTERS: Final = 3
#: A longer passage may name a jury or a criterion in passing. Units: meaningful words.
_LONGEST_TALK: Final = 18
#: Lines of the file that say so much of the same are the same line said again.
_SAME_LINE: Final = 0.5


class Work:
    """What one criterion is judged on: the deliverables, and the words that belong there."""

    def __init__(
        self,
        said: AlreadySaid,
        rubric: Rubric,
        deliverables: Sequence[Document],
        briefs: Iterable[str] = (),
    ) -> None:
        self._said = said
        self._texts = [document.text for document in deliverables]
        given = {s for brief in briefs for s in _lines_by_stem(brief)}
        self._asked = (said.vocabulary | _trade_words(rubric) | given) - _DULL

    def strangeness(self, quote: str) -> str:
        """Why a quote has nothing to do with the work, in French; empty when it has."""
        said = frozenset(stems(quote))
        talk = said & _JUDGES - self._said.vocabulary
        if talk and len(said) <= _LONGEST_TALK and not any(self._again(s, said) for s in talk):
            return ABOUT_THE_JUDGING_FR
        telling = {s for s in said if len(s) >= _FEWEST_LETTERS} - _DULL
        judged = said & _JUDGED - self._said.vocabulary
        if telling & self._asked or (not judged and self._states_a_fact(quote)):
            return ""
        if any(self._again(s, said) for s in telling | talk):
            return ""
        return ABOUT_THE_JUDGING_FR if judged else UNRELATED_FR

    def _states_a_fact(self, quote: str) -> bool:
        """A figure or a name of its own, that tells of something done."""
        left = _NUMBERS_OF_THE_JUDGING.sub("", quote)
        if _DISGUISED.search(left) or not self._said.is_concrete(left):
            return False
        return _FIGURE.search(left) is not None or not (
            _ADDRESSED.search(left) or STOPWORDS.isdisjoint(words(left))
        )

    def _again(self, word: str, said: frozenset[str]) -> bool:
        """Whether a stem stands in another line, one that says something else."""
        return any(
            len(said & line) < _SAME_LINE * len(said | line)
            for text in self._texts
            for line in _lines_by_stem(text).get(word, ())
        )


@once_per_object
def _trade_words(rubric: Rubric) -> frozenset[str]:
    """What an épreuve's criteria speak of, all of them: the trade's words."""
    return frozenset(
        stem
        for criterion in rubric.criteres
        for text in (
            criterion.texte,
            *(attendu.texte for attendu in criterion.attendus),
            *criterion.reperage,
        )
        for stem in stems(text)
        if len(stem) >= _FEWEST_LETTERS
    )


@lru_cache(maxsize=16)
def _lines_by_stem(text: str) -> Mapping[str, Sequence[frozenset[str]]]:
    """The lines of a file that hold each stem; a few files are kept, those of the dossier."""
    found: defaultdict[str, list[frozenset[str]]] = defaultdict(list)
    for line in text.split("\n"):
        own = frozenset(stem(word) for word in words(line) if word not in STOPWORDS)
        for one in own:
            found[one].append(own)
    return found
