"""DET-ORTHO: words that a French dictionary does not know and that a near word would explain.

Advisory only. It counts spelling, not agreement; proper nouns, hashtags, addresses, acronyms,
compounds and trade words are left out.
"""

import re
from collections import Counter
from collections.abc import Iterator
from functools import lru_cache
from typing import Final

from spellchecker import SpellChecker

from assistant.agreement import agreed
from assistant.checks.context import GAP, OK, SILENT, CheckContext, Place
from assistant.checks.text import fold
from assistant.domain.finding import CheckResult
from ingest.types import Document

#: Faults per 1 000 words: favourable up to, unfavourable beyond; the rubric's proposal.
FAVOURABLE: Final = 3
UNFAVOURABLE: Final = 10
_MIN_WORDS: Final = 100
#: A word written this often is a choice of the author, not a slip.
_CHOSEN: Final = 3
#: How much more usual the near word must be to explain a slip (occurrences in the corpus).
_USUAL: Final = 200

_WORD: Final = re.compile(
    r"(?<![\w@#.&/’'-])(?:[ldjnmtsc]['’]|qu['’])?(?P<word>[a-zà-öø-ÿœæ]{4,})(?![\w@&/-])(?!\.\w)"
)
#: Ordinary words of the trade that general dictionaries lack.
_TRADE: Final = frozenset(
    "blog blogs brief briefs buzz click clic clics collect community design email emails feed fil"
    " followers hashtag hashtags influenceur influenceurs influenceuse influenceuses kpi like likes"
    " live lives mail mails marketing newsletter newsletters persona personas podcast podcasts post"
    " posts reel reels repost reposts retargeting reciblage scroll shooting shop sponsorise spot"
    " stories story storytelling streaming tag tags teaser teasers teasing template templates"
    " timeline tracking trend trends tuto tutos tweet tweets unboxing viral visio vlog vlogs"
    " webinaire webinaires emoji emojis geolocalise geolocalisee benchmark curation ciblage"
    " adaptatif funnel"
    " scoring preconisation preconisations visuel visuels carrousel carrousels snack boost pass"
    " videaste videastes shampoing shampoings jusqu lorsqu puisqu".split()
)


@lru_cache(maxsize=1)
def _dictionary() -> SpellChecker:
    """The French word list shipped with pyspellchecker (MIT), read once."""
    return SpellChecker(language="fr", distance=1)


def check_spelling(context: CheckContext) -> Iterator[CheckResult]:
    """DET-ORTHO per deliverable; the words are shown, each to be confirmed by a person."""
    for document in context.deliverables:
        found = [(m["word"], *m.span("word")) for m in _WORD.finditer(document.text)]
        if len(found) < _MIN_WORDS:
            continue
        faults = _faults(document, [word for word, *_ in found])
        places = [Place(document, s, e) for word, s, e in found if word in faults]
        yield _told(context, document, faults, len(document.text.split()), places)


def _faults(document: Document, written: list[str]) -> dict[str, str]:
    """Slip → the usual word it is nearest to."""
    counted = Counter(written)
    names = {fold(word) for word in re.findall(r"\b[A-ZÀ-Ý][\w’'-]+", document.text)}
    unknown = _dictionary().unknown(word for word in counted if counted[word] < _CHOSEN)
    candidates = (w for w in sorted(unknown) if fold(w) not in _TRADE and fold(w) not in names)
    return {word: near for word in candidates if (near := _near(word))}


def _near(word: str) -> str:
    """A usual word one letter away; nothing for a plural or a feminine of a known word."""
    dictionary = _dictionary()
    if word.replace("œ", "oe").replace("æ", "ae") in dictionary:
        return ""
    if any(word.endswith(end) and word[: -len(end)] in dictionary for end in ("s", "e", "es", "x")):
        return ""
    known = {near for near in dictionary.candidates(word) or () if near != word}
    usual = [near for near in known if dictionary.word_frequency[near] >= _USUAL]
    return max(usual, key=lambda near: dictionary.word_frequency[near], default="")


def _told(
    context: CheckContext,
    document: Document,
    faults: dict[str, str],
    words: int,
    places: list[Place],
) -> CheckResult:
    rate = len(places) * 1000 / words
    listed = ", ".join(f"« {word} » ({near} ?)" for word, near in list(faults.items())[:10])
    figure = f"{rate:.1f}".replace(".", ",")
    told = agreed(f"{len(places)} faute(s) possible(s)")
    text = f"{document.filename} : {told}, {figure} pour 1 000 mots"
    text = f"{text} : {listed}." if listed else f"{text}."
    if rate <= FAVOURABLE:
        return context.result(OK, "I", text, places=places)
    outcome = GAP if rate > UNFAVOURABLE else SILENT
    return context.result(outcome, "I", f"{text} À confirmer à la lecture.", places=places[:10])
