"""Numbers as a French reader writes them: « 1 234,50 € TTC », « 12 k€ », « +15 % ».

No library does this on running text (babel and price-parser read one isolated number), so here
is a small grammar. A form that can be read in two ways (« 1.234 € ») is marked doubtful rather
than guessed.
"""

import re
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Final, Literal

from assistant.checks.text import fold

Tax = Literal["HT", "TTC", ""]
Qualifier = Literal["", "environ", "au moins", "au plus"]


class Unit(StrEnum):
    """What a number counts; NONE for a bare number."""

    NONE = ""
    EURO = "€"
    PERCENT = "%"
    POINT = "point"
    DAY = "jour"
    WEEK = "semaine"
    MONTH = "mois"
    HOUR = "heure"
    MINUTE = "minute"
    SECOND = "seconde"
    OCTET = "octet"
    PIXEL = "pixel"


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number found in a text.

    Units: `value` is in `unit` (k€ and M€ are expanded, octets too); `step` is the value of the
    last digit shown, so that « 1,2 M€ » has a step of 100 000. `upper` closes a range (« 20 à
    30 s »). `doubtful`: written in a way that can be read as two different numbers.
    """

    value: Decimal
    unit: Unit
    step: Decimal
    start: int
    end: int
    tax: Tax = ""
    upper: Decimal | None = None
    qualifier: Qualifier = ""
    doubtful: bool = False

    @property
    def year_like(self) -> bool:
        """A bare 1900 to 2100 without decimals: more often a year than a number."""
        whole = self.unit is Unit.NONE and self.step == 1
        return whole and 1900 <= self.value <= 2100

    @property
    def exact(self) -> bool:
        """One certain value: not a range, not « environ », not ambiguous."""
        return self.upper is None and not self.qualifier and not self.doubtful


_NUMBER: Final = r"\d{1,3}(?:[ .]\d{3})+(?:,\d+)?(?!\d)|\d{1,15}(?:[.,]\d{1,18})?(?!\d)"
_UNIT: Final = (
    r"(?P<mega>M|millions? d'|k|K)?(?P<euro>€|eur\b|euros?\b)|(?P<percent>%|pour cent\b)"
    r"|(?P<point>points?\b|pts?\b)|(?P<day>jours?\b|j\b)|(?P<week>semaines?\b)"
    r"|(?P<month>mois\b)|(?P<hour>heures?\b|h\b(?! ?\d))|(?P<minute>minutes?\b|min\b|mn\b)"
    r"|(?P<second>secondes?\b|s\b)|(?P<pixel>px\b|pixels?\b)|(?P<octet>[kmg]?o\b)"
    r"|(?P<thousand>k\b|milliers?\b)|(?P<million>millions?\b|M\b)"
)
_SIGN: Final = r"(?<![\w)%€])[-−–+](?=\d)"
_QUANTITY: Final = re.compile(
    rf"(?:(?P<sign>{_SIGN})|(?<![\w.,/@#:-]))(?P<number>{_NUMBER})"
    rf"(?:(?: ?(?:à|-|–|et) ?)(?P<upper>{_NUMBER})(?= ?(?:{_UNIT.replace('?P<', '?P<u_')})))?"
    rf"(?: ?(?:{_UNIT}))?(?![\w@])(?: ?(?P<tax>HT|TTC|H\.T\.|T\.T\.C\.)\b)?",
    re.IGNORECASE,
)
_MONTHS: Final = r"(?:janv|f[ée]vr|mars|avr|mai|juin|juil|ao[ûu]t|sept|oct|nov|d[ée]c)[a-zé.]*"
_OTHER_USE: Final = re.compile(
    r"\d{1,2}/\d{1,2}(?:/\d{2,4})?|\d{4}-\d{2}-\d{2}|\d{1,2} ?h ?\d{2}\b"
    r"|(?<!\d )\b\d{2,4} ?[x×] ?\d{3,4}\b(?! ?[=€%j]| \d)|\b\d{1,2}:\d{1,2}\b"
    r"|(?:\+33 ?|\b0)\d(?:[ .]?\d{2}){4}\b|\bn° ?\d+"
    r"|\b\d{1,2}(?:er)?(?: ?(?:,|et|au|à|-|–) ?(?:le )?\d{1,2}(?:er)?){0,12}"
    rf" {_MONTHS}(?: \d{{4}}\b)?"
    rf"|\b{_MONTHS} (?:19|20)\d{{2}}\b",
    re.IGNORECASE,
)
_ABOUT: Final = re.compile(r"(?:environ|pres de|quelque|de l'ordre de|autour de|[~≈])\s*$")
_LEAST: Final = re.compile(r"(?:plus de|au moins|minimum|superieure? a|a partir de|[>≥])\s*$")
_MOST: Final = re.compile(r"(?:moins de|au plus|maximum|jusqu'a|inferieure? a|[<≤])\s*$")
_ABOUT_AFTER: Final = re.compile(r"^\s*(?:environ|env\b)")
_UNITS: Final = {
    "euro": Unit.EURO,
    "percent": Unit.PERCENT,
    "point": Unit.POINT,
    "day": Unit.DAY,
    "week": Unit.WEEK,
    "month": Unit.MONTH,
    "hour": Unit.HOUR,
    "minute": Unit.MINUTE,
    "second": Unit.SECOND,
    "octet": Unit.OCTET,
    "pixel": Unit.PIXEL,
    "thousand": Unit.NONE,
    "million": Unit.NONE,
}
_OCTETS: Final = {"k": 1_000, "m": 1_000_000, "g": 1_000_000_000}


def find_quantities(text: str) -> Iterator[Quantity]:
    """Quantities in order; parts of dates, hours, sizes and telephone numbers are left out."""
    taken = [match.span() for match in _OTHER_USE.finditer(text)]
    starts = [start for start, _ in taken]
    for match in _QUANTITY.finditer(text):
        start, end = match.span("number")
        before = bisect_left(starts, end) - 1  # the last other use that begins before the end
        if before < 0 or taken[before][1] <= start or match["octet"]:
            yield _quantity(text, match)


def read_quantity(text: str) -> Quantity | None:
    """The quantity of a text that holds exactly one, else None."""
    found = list(find_quantities(text))
    return found[0] if len(found) == 1 else None


def _quantity(text: str, match: re.Match[str]) -> Quantity:
    value, step, doubtful = _read(match["number"])
    factor, unit = _unit(match)
    if (match["sign"] or "") in ("-", "−", "–"):
        value = -value
    upper = _read(match["upper"])[0] * factor if match["upper"] else None
    return Quantity(
        value=value * factor,
        unit=unit,
        step=step * factor,
        start=match.start(),
        end=match.end(),
        tax=_tax(match["tax"]),
        upper=upper,
        qualifier=_qualifier(text, match.start(), match.end()),
        doubtful=doubtful,
    )


def _read(number: str) -> tuple[Decimal, Decimal, bool]:
    """The value, the value of its last digit, and whether it can be read otherwise."""
    spaced = number.replace(" ", "")
    doubtful = bool(re.fullmatch(r"[1-9]\d{0,2}\.\d{3}", spaced))
    if "," in spaced or spaced.count(".") > 1:
        spaced = spaced.replace(".", "").replace(",", ".")
    value = Decimal(spaced)
    _, _, exponent = value.as_tuple()
    return value, Decimal(1).scaleb(int(exponent)), doubtful


def _unit(match: re.Match[str]) -> tuple[int, Unit]:
    kind = next((name for name in _UNITS if match[name]), None)
    if kind is None:
        return 1, Unit.NONE
    factor = {"thousand": 1_000, "million": 1_000_000}.get(kind, 1)
    if kind == "octet":
        factor = _OCTETS.get(match["octet"][0].lower(), 1)
    if prefix := match["mega"]:
        factor = 1_000 if prefix.lower() == "k" else 1_000_000
    return factor, _UNITS[kind]


def _tax(text: str | None) -> Tax:
    if not text:
        return ""
    return "HT" if text.upper().replace(".", "") == "HT" else "TTC"


def _qualifier(text: str, start: int, end: int) -> Qualifier:
    before, after = fold(text[max(0, start - 20) : start]), fold(text[end : end + 10])
    if _ABOUT.search(before) or _ABOUT_AFTER.match(after):
        return "environ"
    if _LEAST.search(before):
        return "au moins"
    return "au plus" if _MOST.search(before) else ""


def show(value: Decimal, unit: Unit | str = "", step: Decimal | None = None) -> str:
    """French notation: « 6 360 € », « 43,5 % ». `step` bounds the decimals shown."""
    if step is not None and step < 1:
        value = value.quantize(step)
    elif step is None:
        value = value.quantize(Decimal("0.01")).normalize()
    sign = "−" if value < 0 else ""
    digits, _, decimals = f"{abs(value):,f}".partition(".")
    if step is None or step >= 1:
        decimals = decimals.rstrip("0")
    number = digits.replace(",", " ") + (f",{decimals}" if decimals else "")
    return f"{sign}{number} {unit}".rstrip()
