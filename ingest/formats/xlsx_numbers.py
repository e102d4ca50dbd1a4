"""Numbers of spreadsheets, shown as a French program shows them: « 1 234,50 € », « 12,5 % »."""

import math
import operator
import re
from collections.abc import Callable, Mapping, Sequence
from decimal import ROUND_HALF_UP, Context, Decimal
from fractions import Fraction
from types import MappingProxyType
from typing import Final

from ingest.formats.xlsx_codes import Part, PlainNumber, Section, Token, parse_code
from ingest.formats.xlsx_dates import show_date

#: Spreadsheets keep 15 significant digits.
_PRECISE: Final = Context(prec=400, rounding=ROUND_HALF_UP)
#: A cell in « General » shows at most eleven characters.
_GENERAL_WIDTH: Final = 11
_MOST_DECIMALS: Final = 30

_TESTS: Final[Mapping[str, Callable[[float, float], bool]]] = MappingProxyType(
    {
        "<": operator.lt,
        "<=": operator.le,
        ">": operator.gt,
        ">=": operator.ge,
        "=": operator.eq,
        "<>": operator.ne,
    }
)
_SPACED_SIGNS: Final = re.compile(r"(?<=\d)(?=[%€])")


def show_number(value: float, code: str, *, date1904: bool = False) -> str:
    """A number in a format code; empty when the format shows nothing (« ;;; »)."""
    if not math.isfinite(value):
        return str(value)
    sections = parse_code(code)
    if not sections:
        return show_general(value)
    section, shown = _chosen(sections, value)
    if section.is_date:
        dated = show_date(value, section, date1904=date1904)
        return show_general(value) if dated is None else dated
    return _SPACED_SIGNS.sub(" ", _show(section, shown))


def show_text(text: str, code: str) -> str:
    """A text in a format code: its fourth section, or one that holds « @ »."""
    sections = parse_code(code)
    section = sections[3] if len(sections) == 4 else None
    if section is None and len(sections) == 1 and sections[0].has(Part.TEXT):
        section = sections[0]
    if section is None or section.has(Part.GENERAL):
        return text
    return "".join(text if token.part is Part.TEXT else token.text for token in section.tokens)


def show_general(value: float) -> str:
    """A number without a format: no thousands separator, eleven characters at most."""
    exact = _decimal(value)
    magnitude = exact.adjusted() if exact else 0
    if magnitude >= _GENERAL_WIDTH or magnitude < -9:
        mantissa, _, exponent = f"{exact:.5E}".partition("E")
        return f"{_trimmed(mantissa)}E{int(exponent):+03d}".replace(".", ",")
    decimals = max(0, _GENERAL_WIDTH - 2 - max(0, magnitude))
    return _trimmed(f"{_rounded(exact, decimals):f}").replace(".", ",")


def _chosen(sections: Sequence[Section], value: float) -> tuple[Section, float]:
    """The section for a number, and the number it shows (without its sign where implied)."""
    numeric = sections[:3]
    if any(section.condition for section in numeric):
        for index, section in enumerate(numeric):
            if section.condition is None or _TESTS[section.condition[0]](
                value, section.condition[1]
            ):
                return section, abs(value) if index else value
        return numeric[-1], value
    if value < 0 and len(numeric) > 1:
        return numeric[1], -value
    if value == 0 and len(numeric) > 2:
        return numeric[2], value
    return numeric[0], value


def _show(section: Section, value: float) -> str:
    tokens = section.tokens
    if section.has(Part.GENERAL, Part.TEXT):
        shown = show_general(value)
        return "".join(shown if t.part in (Part.GENERAL, Part.TEXT) else t.text for t in tokens)
    if not section.has(Part.DIGIT):
        return ("-" if value < 0 and tokens else "") + "".join(t.text for t in tokens)
    exact = _decimal(value) * 100**section.percents
    sign = "-" if exact < 0 else ""
    if section.has(Part.EXPONENT):
        return sign + _scientific(tokens, abs(exact))
    if section.has(Part.SLASH):
        return sign + _fraction(tokens, abs(exact))
    plain = section.plain
    body = _fixed(tokens, abs(exact)) if plain is None else _plain(plain, abs(exact))
    return sign + body if re.search("[1-9]", body) else body


def _plain(plan: PlainNumber, exact: Decimal) -> str:
    """A number whose digits are not mixed with words: nearly all of them."""
    digits = f"{_rounded(exact, min(plan.decimals, _MOST_DECIMALS)):{',' if plan.grouped else ''}f}"
    whole, _, decimals = digits.replace(",", " ").partition(".")
    if whole == "0" and not plan.least:
        whole = ""
    decimals = decimals.rstrip("0").ljust(plan.kept_decimals, "0")
    return f"{plan.before}{whole}{',' if decimals else ''}{decimals}{plan.after}"


def _fixed(tokens: Sequence[Token], exact: Decimal) -> str:
    point = next((i for i, t in enumerate(tokens) if t.part is Part.POINT), len(tokens))
    whole, decimals = list(tokens[:point]), list(tokens[point + 1 :])
    grouped, thousands = _commas(whole, decimals)
    places = [t for t in decimals if t.part is Part.DIGIT][:_MOST_DECIMALS]
    exact = _rounded(exact / Decimal(1000) ** thousands, len(places))
    digits, _, fraction = f"{exact:f}".partition(".")
    shown = _whole_part(whole, digits.lstrip("0"), grouped=grouped)
    if point == len(tokens):
        return shown
    return shown + _decimal_part(decimals, fraction)


def _commas(whole: list[Token], decimals: list[Token]) -> tuple[bool, int]:
    """Whether thousands are grouped, and by how many thousands the number is divided."""
    last = max((i for i, t in enumerate(whole) if t.part is Part.DIGIT), default=-1)
    trailing = sum(t.part is Part.COMMA for t in whole[last + 1 :])
    trailing += sum(t.part is Part.COMMA for t in decimals)
    return any(t.part is Part.COMMA for t in whole[: max(0, last)]), trailing


def _whole_part(tokens: Sequence[Token], digits: str, *, grouped: bool) -> str:
    """Fill the places from the right; the leftmost one takes all the digits that remain."""
    places = sum(token.part is Part.DIGIT for token in tokens)
    printed: list[str] = []
    position = 0
    for token in reversed(tokens):
        if token.part is Part.COMMA:
            continue
        if token.part is not Part.DIGIT:
            printed.append(token.text)
            continue
        places -= 1
        taken = digits[-1:] if places else digits
        digits = digits[:-1] if places else ""
        for digit in reversed(taken or {"0": "0", "?": " "}.get(token.text, "")):
            if grouped and position and position % 3 == 0 and digit != " ":
                printed.append(" ")
            printed.append(digit)
            position += 1
    return "".join(reversed(printed))


def _decimal_part(tokens: Sequence[Token], fraction: str) -> str:
    """Decimals after the comma: « 0 » places stay, « # » places vanish when empty."""
    least = max(
        (n for n, t in enumerate((t for t in tokens if t.part is Part.DIGIT), 1) if t.text != "#"),
        default=0,
    )
    kept = fraction.rstrip("0").ljust(least, "0")
    printed = ["," if kept else ""]
    for token in tokens:
        if token.part is Part.DIGIT:
            printed.append(kept[:1])
            kept = kept[1:]
        elif token.part is not Part.COMMA:
            printed.append(token.text)
    return "".join(printed)


def _scientific(tokens: Sequence[Token], exact: Decimal) -> str:
    """« 1,23E+04 », « 12,3E+03 » when the code has several places before the comma."""
    at = next(i for i, t in enumerate(tokens) if t.part is Part.EXPONENT)
    point = next((i for i, t in enumerate(tokens[:at]) if t.part is Part.POINT), at)
    step = max(1, sum(t.part is Part.DIGIT for t in tokens[:point]))
    power = exact.adjusted() // step * step if exact else 0
    mantissa = _fixed(tokens[:at], exact.scaleb(-power))
    width = sum(t.part is Part.DIGIT for t in tokens[at:])
    rest = "".join(t.text for t in tokens[at:] if t.part is Part.LITERAL)
    return f"{mantissa}E{'-' if power < 0 else '+'}{str(abs(power)).zfill(width)}{rest}"


def _fraction(tokens: Sequence[Token], exact: Decimal) -> str:
    """« 1 1/2 »: as many digits below as the code has places, or the divisor written in it."""
    at = next(i for i, t in enumerate(tokens) if t.part is Part.SLASH)
    below = "".join(t.text for t in tokens[at + 1 :] if t.part in (Part.DIGIT, Part.LITERAL))
    whole = int(exact)
    rest = Fraction(exact - whole)
    if written := re.match(r"\d*[1-9]\d*", below.strip()):
        divisor = int(written.group())
        top = int(rest * divisor + Fraction(1, 2))
    else:
        places = min(7, max(1, sum(t.part is Part.DIGIT for t in tokens[at + 1 :])))
        near = rest.limit_denominator(10**places - 1)
        top, divisor = near.numerator, near.denominator
    whole, top = (whole + 1, 0) if top == divisor else (whole, top)
    if not top:
        return str(whole)
    return f"{whole} {top}/{divisor}" if whole else f"{top}/{divisor}"


def _decimal(value: float) -> Decimal:
    return Decimal(f"{value:.15g}")


def _rounded(exact: Decimal, decimals: int) -> Decimal:
    return exact.quantize(Decimal(1).scaleb(-decimals), context=_PRECISE)


def _trimmed(digits: str) -> str:
    return digits.rstrip("0").rstrip(".") if "." in digits else digits
