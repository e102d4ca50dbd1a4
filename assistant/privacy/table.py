"""Tokens for what names a person, and the way back.

A token stands for one exact wording, so that a quote made of tokens is found again in the file,
letter for letter. Wordings of the same person share a number: « [PERSONNE_1] », « [PERSONNE_1B] ».
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Final, NamedTuple

from assistant.domain.french import fold_accents
from assistant.privacy.contacts import Kind

_KINDS: Final = "|".join(kind.value for kind in Kind)
_TOKEN: Final = re.compile(
    rf"\[\s?({_KINDS})[ _-](\d{{1,5}})([A-Z]{{0,2}})\s?\]"
    rf"|(?<!\w)({_KINDS})_(\d{{1,5}})([A-Z]{{0,2}})(?!\w)",
    re.IGNORECASE,
)
_ACCENTED: Final = {
    "a": "aàâäáãåąă",
    "c": "cçćč",
    "d": "dđ",
    "e": "eéèêëęěė",
    "g": "gğ",
    "i": "iîïíıİ",
    "l": "lł",
    "n": "nñńň",
    "o": "oôöóõőø",
    "r": "rř",
    "s": "sśšşș",
    "t": "tťţț",
    "u": "uùûüúůű",
    "y": "yÿý",
    "z": "zźżž",
}
#: Letters that are no accented form of another for Unicode, and are for a reader.
_UNMARKED: Final = str.maketrans("łøđıŁØĐİ", "lodiLODI")
_BETWEEN: Final = r"[\s'’._‑-]{1,3}"
_PARTS: Final = re.compile(r"[^\W_]+")


class Named(NamedTuple):
    """One thing to hide: what it is, which one, and the words that say it.

    `loose`: any case, any of the usual signs between the words; otherwise the words as they are
    written in a name (« Leroy », « LEROY »), or exactly as given when it is no person.
    """

    kind: Kind
    group: str
    words: str
    loose: bool


class Pseudonyms:
    """The table of one dossier. Immutable once built; the same dossier gives the same tokens."""

    def __init__(self, named: Iterable[Named], texts: Iterable[str]) -> None:
        items = sorted(set(named), key=lambda n: (-len(n.words), n.words, n.kind, n.group))
        self._groups: dict[str, tuple[Kind, str]] = {}
        for item in items:
            self._groups.setdefault(_key(item.words), (item.kind, item.group))
        sources = dict.fromkeys(_source(item) for item in items)
        self._pattern = re.compile("|".join(sources)) if sources else None
        self._tokens: dict[str, str] = {}
        self._wordings: dict[str, str] = {}
        self._numbers: dict[tuple[Kind, str], int] = {}
        self._next: dict[Kind, int] = {}
        self._assign(tuple(texts))

    def __len__(self) -> int:
        return len(self._wordings)

    @property
    def wordings(self) -> Mapping[str, str]:
        """Token → the exact words it stands for."""
        return self._wordings

    def spans(self, text: str) -> Iterator[tuple[int, int, str]]:
        """Half-open ranges to hide, in order, each with its token."""
        if self._pattern is None:
            return
        for match in self._pattern.finditer(text):
            yield match.start(), match.end(), self._token(match.group())

    def mask(self, text: str) -> str:
        """The text with tokens for everything in the table."""
        pieces: list[str] = []
        cursor = 0
        for start, end, token in self.spans(text):
            pieces += [text[cursor:start], token]
            cursor = end
        return "".join([*pieces, text[cursor:]])

    def restore(self, text: str) -> str:
        """The text with the words that its tokens stand for; an unknown token is left as it is."""
        return _TOKEN.sub(self._restored, text)

    def _restored(self, match: re.Match[str]) -> str:
        return self._wordings.get(_token_of(match), match.group())

    def _assign(self, texts: tuple[str, ...]) -> None:
        """Give a token to each wording that the dossier holds, in the order of its texts."""
        taken = {_token_of(found) for text in texts for found in _TOKEN.finditer(text)}
        if self._pattern is None:
            return
        counts: dict[tuple[Kind, str], int] = {}
        for text in texts:
            for match in self._pattern.finditer(text):
                wording = match.group()
                if wording in self._tokens:
                    continue
                group = self._groups[_key(wording)]
                number = self._number(group, taken)
                rank = counts.get(group, 0)
                counts[group] = rank + 1
                token = f"[{group[0].value}_{number}{_letters(rank)}]"
                self._tokens[wording] = token
                self._wordings[token] = wording

    def _number(self, group: tuple[Kind, str], taken: set[str]) -> int:
        """The group's number; one that the files themselves write is skipped."""
        if group not in self._numbers:
            number = self._next.get(group[0], 0) + 1
            while any(token.startswith(f"[{group[0].value}_{number}") for token in taken):
                number += 1
            self._next[group[0]] = self._numbers[group] = number
        return self._numbers[group]

    def _token(self, wording: str) -> str:
        """A wording that no file holds is hidden all the same, under its group's first token."""
        if token := self._tokens.get(wording):
            return token
        group = self._groups[_key(wording)]
        return f"[{group[0].value}_{self._numbers.get(group, 0)}]"


def _token_of(match: re.Match[str]) -> str:
    kind, number, letters = (match[1] or match[4], match[2] or match[5], match[3] or match[6])
    return f"[{kind.upper()}_{int(number)}{(letters or '').upper()}]"


def _letters(rank: int) -> str:
    """« », « B »… « Z », « AA »…: the first wording has none."""
    if rank == 0:
        return ""
    if rank < 26:
        return chr(ord("A") + rank)
    return chr(ord("A") + (rank - 26) // 26 % 26) + chr(ord("A") + (rank - 26) % 26)


def _key(words: str) -> str:
    return " ".join(_PARTS.findall(_folded(words)))


def _folded(words: str) -> str:
    return fold_accents(words.translate(_UNMARKED))


def _source(item: Named) -> str:
    """The regular expression of a thing to hide."""
    if item.kind is not Kind.PERSON:
        exact = r"\s+".join(map(re.escape, item.words.split()))
        return f"{_edge_before(item.words)}(?i:{exact}){_edge_after(item.words)}"
    parts = _PARTS.findall(item.words)
    if item.loose:
        return rf"(?<!\w)(?i:{_BETWEEN.join(map(_any_case, parts))})(?!\w)"
    return rf"(?<!\w)(?:{_BETWEEN.join(map(_as_a_name, parts))})(?!\w)"


def _edge_before(words: str) -> str:
    return r"(?<!\w)" if words[0].isalnum() else ""


def _edge_after(words: str) -> str:
    return r"(?!\w)" if words[-1].isalnum() else ""


def _any_case(part: str) -> str:
    return "".join(_letter(char) for char in _folded(part))


def _as_a_name(part: str) -> str:
    """« Leroy » or « LEROY », with or without accents; never « leroy »."""
    folded = _folded(part)
    if len(folded) == 1:
        return _letter(folded).upper()
    capital = _letter(folded[0]).upper()
    rest, upper = _any_case(folded[1:]), _any_case(folded[1:]).upper()
    mixed = "" if part[1:] in (part[1:].lower(), part[1:].upper()) else f"|{re.escape(part)}"
    return f"(?:{capital}(?:{rest}|{upper}){mixed})"


def _letter(char: str) -> str:
    if options := _ACCENTED.get(char):
        return f"[{options}]"
    return re.escape(char)
