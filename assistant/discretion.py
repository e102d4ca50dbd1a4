"""Keeps a result out of what a candidate reads: an advice never says how the work was judged.

Strict on purpose: an advice that is dropped is replaced by one built from the grid.
"""

import re
from collections.abc import Iterable
from typing import Final

from assistant.domain.french import fold_accents
from ingest.suspicion.skeleton import Skeleton

#: Read in the skeleton: lower case, no accents, look-alike letters and digits brought back.
_RESULTS: Final = re.compile(
    r"\b(?:non )?(?:acquis(?:e|es)?|evaluables?)\b|\bpartiel(?:s|le|les|lement)?\b|\bverdicts?\b"
    r"|\bappreciations?\b|\bbaremes?\b|\bmentions? (?:tres )?(?:bien|honorable)"
    r"|\b(?:notes?|scores?) (?:(?:de|est|sera|:) )*(?:\d|finale|globale|maximale)"
    r"|\b(?:bonne|meilleure|mauvaise|excellente) note\b|\bpoints? (?:sur|obtenu)"
    r"|\b\d+ ?(?:/|sur) ?(?:5|10|20|100)\b"
    r"|\b(?:admis|admise|ajournee?|recalee?|eliminatoire|reussie?s?|echou\w+)\b"
    r"|\b(?:critere|attendu|epreuve|bloc|competence|certification)s? (?:\w+ ){0,2}?"
    r"(?:valide|satisfait|obtenu|rempli|atteint|absent)\w*"
    r"|\b(?:satisfait|non verifiable|non repere)(?:e|es|s)?\b"
)
_SPACED_LETTERS: Final = re.compile(r"\b(?:\w ){3,}\w\b")


def names_a_result(text: str, labels: Iterable[str] = ()) -> bool:
    """Whether a sentence says a verdict, a mark or a status; `labels` are the scale's own words.

    Words spelt with spaces, digits or letters of other alphabets are read as a person reads them.
    """
    said = Skeleton(text).text
    joined = _SPACED_LETTERS.sub(lambda match: match.group().replace(" ", ""), said)
    if any(_RESULTS.search(form) for form in (said, joined, fold_accents(text))):
        return True
    own = [Skeleton(label).text.strip() for label in labels]
    return any(re.search(rf"\b{re.escape(label)}\b", joined) for label in own if label)
