"""Spreadsheet number format codes, cut into sections and tokens.

Source: ECMA-376 part 1, § 18.8.30 (built-in formats) and § 18.8.31 (codes). Codes are stored in
their English form whatever the language of the program: « jj/mm/aaaa » is `dd/mm/yyyy`.
"""

import re
from dataclasses import dataclass
from enum import IntEnum, auto
from functools import cached_property, lru_cache
from types import MappingProxyType
from typing import Final, NamedTuple


class Part(IntEnum):
    """What one token of a code stands for (numbers hash fast: each cell asks)."""

    LITERAL = auto()
    DIGIT = auto()  # 0 # ?
    POINT = auto()
    COMMA = auto()
    PERCENT = auto()
    EXPONENT = auto()  # E+ E-
    SLASH = auto()
    DATE = auto()  # d m y h s, repeated
    ELAPSED = auto()  # [h] [mm] [s]
    FRACTION_OF_SECOND = auto()  # .0 .00 after seconds
    HALF_DAY = auto()  # AM/PM
    GENERAL = auto()
    TEXT = auto()  # @


class Token(NamedTuple):
    """A piece of a code; `text` is what it prints, or the letters of the code."""

    part: Part
    text: str


@dataclass(frozen=True)
class Section:
    """One of the at most four sections of a code, with the condition written in it."""

    tokens: tuple[Token, ...]
    condition: tuple[str, float] | None = None
    english: bool = False

    @cached_property
    def parts(self) -> frozenset[Part]:
        return frozenset(token.part for token in self.tokens)

    @cached_property
    def percents(self) -> int:
        """How many times the number is multiplied by a hundred: twice at most is meant."""
        return min(2, sum(token.part is Part.PERCENT for token in self.tokens))

    @cached_property
    def plain(self) -> "PlainNumber | None":
        """What it takes to print the number, when its digits are not mixed with words."""
        return _plain_number(self.tokens)

    def has(self, *parts: Part) -> bool:
        return not self.parts.isdisjoint(parts)

    @cached_property
    def is_date(self) -> bool:
        return self.has(Part.DATE, Part.ELAPSED)


class PlainNumber(NamedTuple):
    """A number between words: `0.00`, `#,##0 "€"`. Units: `least` digits before the comma."""

    before: str
    after: str
    least: int
    decimals: int
    kept_decimals: int
    grouped: bool


#: As a French program shows them: day first, euro after the amount.
BUILT_IN: Final = MappingProxyType(
    {
        0: "General",
        1: "0",
        2: "0.00",
        3: "#,##0",
        4: "#,##0.00",
        5: '#,##0 "€";-#,##0 "€"',
        6: '#,##0 "€";-#,##0 "€"',
        7: '#,##0.00 "€";-#,##0.00 "€"',
        8: '#,##0.00 "€";-#,##0.00 "€"',
        9: "0%",
        10: "0.00%",
        11: "0.00E+00",
        12: "# ?/?",
        13: "# ??/??",
        14: "dd/mm/yyyy",
        15: "d-mmm-yy",
        16: "d-mmm",
        17: "mmm-yy",
        18: "h:mm AM/PM",
        19: "h:mm:ss AM/PM",
        20: "hh:mm",
        21: "hh:mm:ss",
        22: "dd/mm/yyyy hh:mm",
        37: "#,##0;-#,##0",
        38: "#,##0;-#,##0",
        39: "#,##0.00;-#,##0.00",
        40: "#,##0.00;-#,##0.00",
        41: '#,##0;-#,##0;"-";@',
        42: '#,##0 "€";-#,##0 "€";"-" "€";@',
        43: '#,##0.00;-#,##0.00;"-";@',
        44: '#,##0.00 "€";-#,##0.00 "€";"-" "€";@',
        45: "mm:ss",
        46: "[h]:mm:ss",
        47: "mm:ss.0",
        48: "##0.0E+0",
        49: "@",
        # Dates of East Asian programs: a short date elsewhere.
        **dict.fromkeys((*range(27, 37), *range(50, 59)), "dd/mm/yyyy"),
    }
)

#: Excel refuses longer ones.
_LONGEST_CODE: Final = 255
_SYSTEM_DATE: Final = "dddd d mmmm yyyy"
_SYSTEM_TIME: Final = "hh:mm:ss"
_TOKEN: Final = re.compile(
    r"""(?P<quoted>"[^"]*"?)
    |\\(?P<escaped>.)
    |(?P<space>_.)
    |(?P<fill>\*.)
    |\[(?P<bracket>[^\]]*)\]
    |(?P<general>General|Standard)
    |(?P<half>AM/PM|A/P)
    |(?P<exponent>E[+-])
    |(?P<date>d+|m+|y+|h+|s+)
    |(?P<digit>[0\#?])
    |(?P<other>.)""",
    re.VERBOSE | re.IGNORECASE | re.DOTALL,
)
_CONDITION: Final = re.compile(r"(<=|>=|<>|<|>|=)\s*(-?\d{1,15}(?:\.\d{1,15})?)")
_SINGLE: Final = MappingProxyType(
    {
        ".": Part.POINT,
        ",": Part.COMMA,
        "%": Part.PERCENT,
        "/": Part.SLASH,
        "@": Part.TEXT,
    }
)
_GROUPS: Final = MappingProxyType(
    {
        "general": Part.GENERAL,
        "half": Part.HALF_DAY,
        "exponent": Part.EXPONENT,
        "date": Part.DATE,
        "digit": Part.DIGIT,
    }
)

#: One character per token, to recognise plain numbers: « w » for words and percent signs.
_MARKS: Final = MappingProxyType({Part.POINT: ".", Part.COMMA: ",", Part.PERCENT: "w"})
_PLAIN: Final = re.compile(r"w*(?P<number>(?P<whole>(?:,?#)*(?:,?0)?)(?:\.(?P<decimals>0*#*))?)w*")


@lru_cache(maxsize=2048)
def parse_code(code: str) -> tuple[Section, ...]:
    """The sections of a code; none when it is empty or longer than programs accept."""
    if not code or len(code) > _LONGEST_CODE:
        return ()
    sections = tuple(_section(text) for text in _split(code))
    return sections[:4]


def _split(code: str) -> list[str]:
    """Cut at the semicolons that are neither quoted nor escaped."""
    pieces = [""]
    for found in _TOKEN.finditer(code):
        if found.group("other") == ";":
            pieces.append("")
        else:
            pieces[-1] += found.group()
    return pieces


def _section(text: str) -> Section:
    if "[$-F800]" in text.upper():
        text = _SYSTEM_DATE
    elif "[$-F400]" in text.upper():
        text = _SYSTEM_TIME
    tokens: list[Token] = []
    condition, english = None, False
    for found in _TOKEN.finditer(text):
        if (bracket := found.group("bracket")) is None:
            tokens.append(_token(found))
            continue
        if tested := _CONDITION.fullmatch(bracket):
            condition = (tested.group(1), float(tested.group(2)))
        elif re.fullmatch("h+|m+|s+", bracket, re.IGNORECASE):
            tokens.append(Token(Part.ELAPSED, bracket.lower()))
        elif bracket.startswith("$"):
            symbol, _, locale = bracket[1:].partition("-")
            english = english or locale.upper().endswith(("409", "809"))
            tokens.append(Token(Part.LITERAL, symbol))
    return Section(_settled(tokens), condition, english)


def _token(found: re.Match[str]) -> Token:
    """What one match of the code prints."""
    name, text = found.lastgroup or "", found.group()
    if name in _GROUPS:
        return Token(_GROUPS[name], text.lower() if name == "date" else text)
    if name == "other":
        return Token(_SINGLE.get(text, Part.LITERAL), text)
    printed = {
        "quoted": text.strip('"'),
        "escaped": found.group("escaped") or "",
        "space": " ",
        "fill": "",
    }
    return Token(Part.LITERAL, printed[name])


def _settled(tokens: list[Token]) -> tuple[Token, ...]:
    """In a date, digits after seconds are fractions and the other signs are literal."""
    if not any(token.part in (Part.DATE, Part.ELAPSED) for token in tokens):
        return tuple(tokens)
    settled: list[Token] = []
    after_point = False
    for token in tokens:
        if token.part is Part.DIGIT and after_point:
            settled[-1] = Token(Part.FRACTION_OF_SECOND, settled[-1].text + "0")
            continue
        after_point = token.part is Part.POINT
        if token.part in (Part.SLASH, Part.COMMA, Part.PERCENT, Part.DIGIT):
            token = Token(Part.LITERAL, token.text)
        elif after_point:
            token = Token(Part.LITERAL, ".")
        settled.append(token)
    return tuple(settled)


def _plain_number(tokens: tuple[Token, ...]) -> PlainNumber | None:
    marks = "".join(
        token.text if token.part is Part.DIGIT else _MARKS.get(token.part, "w") for token in tokens
    )
    found = _PLAIN.fullmatch(marks)
    if found is None:
        return None
    whole, decimals = found.group("whole"), found.group("decimals") or ""
    return PlainNumber(
        before="".join(token.text for token in tokens[: found.start("number")]),
        after="".join(token.text for token in tokens[found.end("number") :]),
        least=whole.count("0"),
        decimals=len(decimals),
        kept_decimals=decimals.count("0"),
        grouped="," in whole,
    )
