"""French words as a search sees them: without stop words, stemmed, then without accents.

The order matters: the Snowball stemmer knows accented endings (« évaluée » → « évalu »), so
accents are folded last.
"""

import re
import unicodedata
from functools import lru_cache
from typing import Final

import Stemmer

_WORD: Final = re.compile(r"[^\W_]+", re.UNICODE)
_STEMMER: Final = Stemmer.Stemmer("french")

#: Words that carry no search meaning. Negations are kept out of queries all the same: grounding,
#: not retrieval, is what guards them.
STOPWORDS: Final = frozenset(
    """
    a à afin ai aient ainsi alors après as au aucun aussi autre autres aux avait avant avec avoir
    avons ayant bien c car ce ceci cela celle celles celui ces cet cette ceux chaque chez ci comme
    comment d dans de depuis des dès deux doit donc dont du elle elles en encore entre es est et
    été étaient était être eu eux fait faire faut font hors ici il ils j je jusqu l la là laquelle
    le lequel les lesquelles lesquels leur leurs lors lorsque lui m ma mais me même mêmes mes moi
    moins mon n ne ni non nos notre nous on ont ou où par parce pas peu peut peuvent plus pour
    pourquoi près puis qu quand que quel quelle quelles quels qui quoi s sa sans se sera ses si
    soi soit son sont sous sur t ta te tes toi ton tous tout toute toutes très trop tu un une va
    vers voici voilà vos votre vous y
    """.split()
)


def fold_accents(text: str) -> str:
    """« Évaluée » → « evaluee »; case is folded too. Length may change (œ → oe)."""
    text = text.casefold().replace("œ", "oe").replace("æ", "ae")
    decomposed = unicodedata.normalize("NFKD", text)
    return "".join(char for char in decomposed if not unicodedata.combining(char))


def words(text: str) -> list[str]:
    """The words of a text in order, lower case, elisions split (« l'audit » → « l », « audit »)."""
    return [match.group().lower() for match in _WORD.finditer(text)]


@lru_cache(maxsize=65536)
def stem(word: str) -> str:
    """The folded stem of one lower-case word."""
    return fold_accents(_STEMMER.stemWord(word))


@lru_cache(maxsize=8192)
def stems(text: str) -> tuple[str, ...]:
    """The folded stems of a text's meaningful words, in order, repeats kept.

    Remembered: a grid's sentences are asked for again with every quote of every dossier.
    """
    return tuple(stem(word) for word in words(text) if word not in STOPWORDS)
