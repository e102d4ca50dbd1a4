"""Dates of spreadsheets: serial numbers, shown as a French program shows them."""

import re
from datetime import datetime, timedelta
from typing import Final

from ingest.formats.xlsx_codes import Part, Section, Token

_EPOCH_1900: Final = datetime(1899, 12, 30)  # noqa: DTZ001 — a sheet's dates have no zone
_EPOCH_1904: Final = datetime(1904, 1, 1)  # noqa: DTZ001 — a sheet's dates have no zone
#: 31 December 9999: programs show hash signs beyond.
_LAST_SERIAL: Final = 2_958_466
#: The 1900 calendar counts a 29 February that never was: earlier serials are one day behind.
_FIRST_TRUE_SERIAL: Final = 61

_MONTHS: Final = (
    "janvier février mars avril mai juin juillet août septembre octobre novembre décembre".split()
)
_SHORT_MONTHS: Final = "janv. févr. mars avr. mai juin juil. août sept. oct. nov. déc.".split()
_DAYS: Final = "lundi mardi mercredi jeudi vendredi samedi dimanche".split()
_ENGLISH_MONTHS: Final = (
    "January February March April May June July August September October November December".split()
)
_ENGLISH_DAYS: Final = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split()
_ISO: Final = re.compile(r"(\d{4}-\d{2}-\d{2})?T?(\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?)?Z?")


def moment(serial: float, *, date1904: bool) -> datetime | None:
    """The date and time of a serial number, to the millisecond; None out of the calendar."""
    if not 0 <= serial < _LAST_SERIAL:
        return None
    epoch = _EPOCH_1904 if date1904 else _EPOCH_1900
    if not date1904 and serial < _FIRST_TRUE_SERIAL - 1:
        serial += 1
    # A time such as 9:30 is not exact in binary: 9:29:59.9997 must not read 9:29.
    milliseconds = round(serial * 86_400_000)
    try:
        return epoch + timedelta(milliseconds=milliseconds)
    except OverflowError:
        return None


def serial_of(iso: str, *, date1904: bool) -> float | None:
    """The serial number of an ISO 8601 date, as `t="d"` cells hold it; None when it is not one."""
    if not (found := _ISO.fullmatch(iso.strip())) or not any(found.groups()):
        return None
    try:
        time = datetime.fromisoformat(f"1900-01-01T{found.group(2) or '00:00'}")
        day = datetime.fromisoformat(found.group(1)) if found.group(1) else None
    except ValueError:
        return None
    share = (time - datetime.fromisoformat("1900-01-01")) / timedelta(days=1)
    if day is None:
        return share
    return (day - (_EPOCH_1904 if date1904 else _EPOCH_1900)).days + share


def show_date(serial: float, section: Section, *, date1904: bool) -> str | None:
    """A serial number in a date format; None when it is outside the calendar."""
    when = moment(serial, date1904=date1904)
    if when is None:
        return None
    if section.has(Part.DATE) and not section.has(Part.FRACTION_OF_SECOND):
        # Seconds are rounded when they are shown, and cut with what is finer otherwise.
        shows_seconds = any(t.part is Part.DATE and t.text[0] == "s" for t in section.tokens)
        when += timedelta(milliseconds=500) if shows_seconds else timedelta()
    printed = []
    for index, token in enumerate(section.tokens):
        if token.part is Part.ELAPSED:
            printed.append(_elapsed(serial, token.text))
        elif token.part is Part.HALF_DAY:
            printed.append("AM" if when.hour < 12 else "PM")
        elif token.part is Part.FRACTION_OF_SECOND:
            digits = len(token.text) - 1
            printed.append("," + f"{when.microsecond:06d}"[:digits])
        elif token.part is Part.DATE:
            minutes = token.text in ("m", "mm") and _is_minutes(section.tokens, index)
            printed.append(_minutes(when, token) if minutes else _field(when, token, section))
        else:
            printed.append(token.text)
    return "".join(printed)


def _elapsed(serial: float, letters: str) -> str:
    """Whole hours, minutes or seconds since the epoch: « [h] » does not stop at 24."""
    per_day = {"h": 24, "m": 1440, "s": 86_400}[letters[0]]
    return str(int(round(serial * 86_400_000) * per_day // 86_400_000)).zfill(len(letters))


def _is_minutes(tokens: tuple[Token, ...], index: int) -> bool:
    """`m` is minutes just after hours or just before seconds, months elsewhere."""

    def letter(token: Token) -> str:
        return token.text[0] if token.part in (Part.DATE, Part.ELAPSED) else ""

    before = next((letter(t) for t in reversed(tokens[:index]) if letter(t)), "")
    after = next((letter(t) for t in tokens[index + 1 :] if letter(t)), "")
    return before == "h" or after == "s"


def _minutes(when: datetime, token: Token) -> str:
    return str(when.minute).zfill(len(token.text))


def _field(when: datetime, token: Token, section: Section) -> str:
    letter, size = token.text[0], len(token.text)
    if letter == "y":
        return f"{when.year % 100:02d}" if size <= 2 else f"{when.year:04d}"
    if letter == "m":
        return _month(when, size, english=section.english)
    if letter == "d":
        return _day(when, size, english=section.english)
    if letter == "h":
        hour = when.hour if not section.has(Part.HALF_DAY) else (when.hour - 1) % 12 + 1
        return str(hour).zfill(min(size, 2))
    return str(when.second).zfill(min(size, 2))


def _month(when: datetime, size: int, *, english: bool) -> str:
    names = _ENGLISH_MONTHS if english else _MONTHS
    if size <= 2:
        return str(when.month).zfill(size)
    if size == 3:
        return names[when.month - 1][:3] if english else _SHORT_MONTHS[when.month - 1]
    return names[when.month - 1][:1] if size == 5 else names[when.month - 1]


def _day(when: datetime, size: int, *, english: bool) -> str:
    if size <= 2:
        return str(when.day).zfill(size)
    name = (_ENGLISH_DAYS if english else _DAYS)[when.weekday()]
    if size == 3:
        return name[:3] if english else f"{name[:3]}."
    return name
