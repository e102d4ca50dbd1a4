"""What a candidate says of their own health, beliefs or intimate life: never sent, never quoted.

The page keeps it; no prompt, index, quote or log does. What a file says of disability in general
(an accessible charter, a public) is ordinary text.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Final

import yaml

from assistant.domain.french import fold_accents
from ingest.suspicion.skeleton import Skeleton
from ingest.types import Frozen

PATTERNS_FILE: Final = Path(__file__).with_name("private.v2.yaml")
_FRAGMENT: Final = re.compile(r"<([a-z]+)>")
_SENTENCE_END: Final = re.compile(r"[.!?…]+[»\")\]]?\s|\n|\s\|\s")
_NOBODY: Final = r"(?!)"
#: Units: characters looked at on each side of a match for its sentence.
_SENTENCE: Final = 400
#: Words without which no pattern matches: most files hold none of them.
_KEYS: Final = re.compile(
    r"handicap|rqth|mdph|tiers.temps|dys|autis|malad|sant[eé]|enceinte|grossesse|[ée]pilep|diab|sourd|"
    r"aveugle|voyant|maternit|arr[eê]t|hospital|relig|musulman|cathol|juif|juive|syndic|cgt|cfdt|"
    r"sexuel|gay|lesb|croyan|confession|am[eé]nagement|m[eé]dic|cancer|d[eé]press|burn|invalid|incapac|"
    r"trouble|tdah|asperger|bipol|schizo|s[eé]ropos|vih|mobilit|fauteuil|chr[eé]tien|protest|boudd|"
    r"foi|ramadan|shabbat|trans|binaire|queer|disab|pregnan|deaf|blind|unsa|ald|aah|asthm|sida|"
    r"h[eé]patite|scl[eé]rose|endom|fibro|crohn|lupus|parkinson|leuc[eé]m|tumeur|boeth|psych|besoin|"
    r"convict|parti |ethni|daltonien|b[eè]gu|b[eé]gaie|op[eé]r|alit|orthodoxe|[eé]vang|hindou|"
    r"ath[eé]e|j[eé]hovah|t[eé]moin de|sikh|implant|proth[eè]se|pacemaker|avc|vasculaire|infarctus|"
    r"insuffisance|cardi|narcol|dr[eé]pano|h[eé]moph|thalass|arthri|arthro|scolio|hernie|lombal|rhuma|"
    r"tendini|migrain|acouph|vertige|insomni|anxi|phobie|suicide|addict|alcool|fausse.couche|pma|fiv|"
    r"chimio|radioth|neurol|morphin|cortison|m[eé]thadone|lithium|insuline|traitement|poste am|"
    r"poste a[ds]|carte (?:mob|d|de p)|pension|rente|kin[eé]|orthoph|ergoth|chirurg|sage.femme|"
    r"infirmi|"
    r"gyn[eé]co|oncolo|r[eé]mission|paralys|pl[eé]gi|mucovi|anorex|boulim|malentend|sympath",
    re.IGNORECASE,
)


class PrivatePassage(Frozen):
    """A sentence about the candidate's private life. Units: half-open range of the text."""

    start: int
    end: int
    category_fr: str


class _FamilyData(Frozen):
    category_fr: str
    patterns: tuple[str, ...]


class _FileData(Frozen):
    version: int
    fragments: dict[str, str]
    families: tuple[_FamilyData, ...]


def private_passages(text: str, own_names: Iterable[str] = ()) -> tuple[PrivatePassage, ...]:
    """Every such sentence, in order. `own_names` are the words that name the candidate."""
    if not _KEYS.search(text):
        return ()
    skeleton = Skeleton(text)
    found: dict[tuple[int, int], PrivatePassage] = {}
    names = tuple(sorted({fold_accents(name) for name in own_names if len(name) > 2}))
    for category_fr, pattern in _patterns(names):
        for match in pattern.finditer(skeleton.text):
            start, end = _sentence(text, *skeleton.original(*_words(match)))
            found.setdefault(
                (start, end), PrivatePassage(start=start, end=end, category_fr=category_fr)
            )
    return tuple(_merged(found.values()))


def _words(match: re.Match[str]) -> tuple[int, int]:
    """The match without the separators around it."""
    said = match.group()
    lead = len(said) - len(said.lstrip(" \n.:"))
    return match.start() + lead, match.end()


def _merged(passages: Iterable[PrivatePassage]) -> Iterator[PrivatePassage]:
    last: PrivatePassage | None = None
    for passage in sorted(passages, key=lambda p: (p.start, -p.end)):
        if last is not None and passage.start < last.end:
            last = last.model_copy(update={"end": max(last.end, passage.end)})
            continue
        if last is not None:
            yield last
        last = passage
    if last is not None:
        yield last


def _sentence(text: str, start: int, end: int) -> tuple[int, int]:
    low = max(0, start - _SENTENCE)
    ends = [match.end() for match in _SENTENCE_END.finditer(text, low, start)]
    following = _SENTENCE_END.search(text, max(start, end - 1), min(len(text), end + _SENTENCE))
    first = ends[-1] if ends else low
    last = following.end() if following else min(len(text), end + _SENTENCE)
    return first, first + len(text[first:last].rstrip(" \n|"))


@lru_cache(maxsize=64)
def _patterns(names: tuple[str, ...]) -> tuple[tuple[str, re.Pattern[str]], ...]:
    own = "|".join(map(re.escape, names)) or _NOBODY
    return tuple(
        (family.category_fr, _compiled(source, {**_data().fragments, "own": f"(?:{own})"}))
        for family in _data().families
        for source in family.patterns
    )


def _compiled(source: str, fragments: Mapping[str, str]) -> re.Pattern[str]:
    expanded = source
    while _FRAGMENT.search(expanded):
        expanded = _FRAGMENT.sub(lambda match: f"(?:{_joined(fragments[match[1]])})", expanded)
    return re.compile(rf"(?<!\w)(?:{_joined(expanded)})(?!\w)")


def _joined(source: str) -> str:
    """A pattern written over several lines of the file, as one."""
    return source.replace("| ", "|").replace("\n", "")


@lru_cache(maxsize=1)
def _data() -> _FileData:
    return _FileData.model_validate(yaml.safe_load(PATTERNS_FILE.read_text(encoding="utf-8")))
