"""Dates, periods, weekdays and clock times as French documents write them.

A date without its year is kept as such; `resolve` gives it the year of its context and says so.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, time
from typing import Final

from assistant.checks.text import fold

WEEKDAYS: Final = ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche")
MONTHS: Final = (
    "janvier",
    "fevrier",
    "mars",
    "avril",
    "mai",
    "juin",
    "juillet",
    "aout",
    "septembre",
    "octobre",
    "novembre",
    "decembre",
)
_MONTH: Final = (
    r"(?:janv(?:ier|\.)?|fevr(?:ier|\.)?|mars|avr(?:il|\.)|mai|juin|juil(?:let|\.)|aout"
    r"|sept(?:embre|\.)?|oct(?:obre|\.)|nov(?:embre|\.)|dec(?:embre|\.))(?![a-z])"
)
_DAY: Final = r"(?:3[01]|[12]\d|0?[1-9])(?:er)?"
_WEEKDAY: Final = "(?:" + "|".join(WEEKDAYS) + ")"
_YEAR: Final = r"(?:19|20)\d{2}"
_JOIN: Final = r" ?(?:,|et|au|a|-|/) ?(?:le )?"

#: One or several days sharing a month: « lundis 9 et 16 mars 2026 », « du 3 au 17 novembre ».
_LITERAL: Final = re.compile(
    rf"(?:(?P<weekday>{_WEEKDAY})s? )?(?<![\w.,/])(?P<days>{_DAY}(?:{_JOIN}{_DAY}){{0,12}})"
    rf" (?P<month>{_MONTH})(?: (?P<year>{_YEAR})\b)?"
)
_NUMERIC: Final = re.compile(
    rf"(?:(?P<weekday>{_WEEKDAY})s? )?(?<![\w.,/-])(?P<day>\d{{1,2}})[/.](?P<month>0?[1-9]|1[0-2])"
    rf"(?:[/.](?P<year>{_YEAR}|\d{{2}}))?(?![\w/]|[.,]\d)"
)
_ISO: Final = re.compile(rf"(?<![\w-])(?P<year>{_YEAR})-(?P<month>\d{{2}})-(?P<day>\d{{2}})(?!\d)")
_RANGE_WORD: Final = re.compile(r"\b(?:au|a)\b|-")
_PERIOD_LINK: Final = re.compile(r"^\s*(?:au|a|et(?: le)?|jusqu'au|-|→)\s*(?:le\s+)?$")
_FROM: Final = re.compile(r"(?:\bdu|\bentre(?: le)?|\bde)\s+(?:le\s+)?$")


@dataclass(frozen=True, slots=True)
class DateMention:
    """A date found in a text. `year` is None when the text does not give it.

    `weekday` counts from 0 (lundi), as `datetime.date.weekday` does; it stands only on a date
    that directly follows it.
    """

    day: int
    month: int
    year: int | None
    start: int
    end: int
    weekday: int | None = None

    def resolve(self, default_year: int | None = None) -> date | None:
        """The calendar date, or None when it has no year or does not exist (31 juin)."""
        year = self.year or default_year
        if year is None:
            return None
        try:
            return date(year, self.month, self.day)
        except ValueError:
            return None


@dataclass(frozen=True, slots=True)
class Period:
    """Two dates that a text joins: « du 2 au 22 mars 2026 », « 10 septembre – 12 octobre »."""

    first: DateMention
    last: DateMention

    @property
    def start(self) -> int:
        return self.first.start

    @property
    def end(self) -> int:
        return self.last.end

    def resolve(self, default_year: int | None = None) -> tuple[date, date] | None:
        """Both ends; the year given at one end serves the other (over a new year too)."""
        last = self.last.resolve(self.first.year or default_year)
        if last is None:
            return None
        first = self.first.resolve(last.year)
        if first and first > last and self.first.year is None and self.last.year:
            first = self.first.resolve(last.year - 1)
        return (first, last) if first else None


def find_dates(text: str) -> list[DateMention]:
    """Dates in order of appearance; days that share a month give one mention each."""
    folded = fold(text)
    found = [*_literal(folded), *_numeric(folded), *_iso(folded)]
    return sorted(found, key=lambda mention: (mention.start, mention.end))


def find_periods(text: str) -> list[Period]:
    """Pairs of dates joined as a period, in order."""
    folded, mentions, found = fold(text), find_dates(text), []
    for first, last in zip(mentions, mentions[1:], strict=False):
        link = folded[first.end : last.start]
        if first.start >= last.start or len(link) > 16:
            continue
        alone = first.month == last.month and first.end <= last.start
        if _PERIOD_LINK.match(link) and not (
            link.strip().startswith("et") and not _opens(folded, first)
        ):
            found.append(Period(first, last))
        elif alone and _RANGE_WORD.fullmatch(link.strip()):
            found.append(Period(first, last))
    return found


def _opens(folded: str, first: DateMention) -> bool:
    return bool(_FROM.search(folded[: first.start]))


def _literal(folded: str) -> Iterator[DateMention]:
    for match in _LITERAL.finditer(folded):
        month = _month_number(match["month"])
        year = int(match["year"]) if match["year"] else None
        days = list(re.finditer(_DAY, match["days"]))
        for index, day in enumerate(days):
            first, last = index == 0, index == len(days) - 1
            start = match.start("days") + day.start()
            yield DateMention(
                day=int(day.group().removesuffix("er")),
                month=month,
                year=year,
                start=match.start() if first else start,
                end=match.end() if last else match.start("days") + day.end(),
                weekday=_weekday(match["weekday"], first, match.group()),
            )


def _weekday(name: str | None, first: bool, whole: str) -> int | None:
    """« lundis 9 et 16 mars »: both are Mondays; « lundi 9 au 16 »: only the first is."""
    if name is None or not (first or whole.startswith(f"{name}s ")):
        return None
    return WEEKDAYS.index(name)


def _numeric(folded: str) -> Iterator[DateMention]:
    for match in _NUMERIC.finditer(folded):
        separator = folded[match.end("day")]
        if not 1 <= int(match["day"]) <= 31 or (separator == "." and not match["year"]):
            continue
        if not match["year"] and (len(match["day"]) < 2 or len(match["month"]) < 2):
            continue  # « 4/5 » is a mark or a share, not a date
        year = int(match["year"]) if match["year"] else None
        yield DateMention(
            day=int(match["day"]),
            month=int(match["month"]),
            year=year + 2000 if year is not None and year < 100 else year,
            start=match.start(),
            end=match.end(),
            weekday=WEEKDAYS.index(match["weekday"]) if match["weekday"] else None,
        )


def _iso(folded: str) -> Iterator[DateMention]:
    for match in _ISO.finditer(folded):
        month, day = int(match["month"]), int(match["day"])
        if 1 <= month <= 12 and 1 <= day <= 31:
            yield DateMention(day, month, int(match["year"]), match.start(), match.end())


def _month_number(name: str) -> int:
    stem = name.rstrip(".")
    return next(i for i, month in enumerate(MONTHS, start=1) if month.startswith(stem))


def read_weekday(text: str) -> int | None:
    """The weekday of a cell that holds just that (« mardi », « mar. »), else None."""
    word = fold(text).strip().rstrip(".")
    if len(word) < 3:
        return None
    return next((i for i, day in enumerate(WEEKDAYS) if day.startswith(word)), None)


def with_year(mention: DateMention, year: int) -> DateMention:
    """The same mention, its year filled in when it had none."""
    return mention if mention.year else replace(mention, year=year)


@dataclass(frozen=True, slots=True)
class ClockTime:
    """An hour of the day, « 18 h 30 » or « 18h30 »."""

    value: time
    start: int
    end: int


_CLOCK: Final = re.compile(
    r"(?<![\w,.])(?P<hour>[01]?\d|2[0-3]) ?(?:h|heures?) ?(?P<minute>[0-5]\d)?(?![\w/])"
)
_COLON: Final = re.compile(r"(?<![\w:.,])(?P<hour>[01]?\d|2[0-3]):(?P<minute>[0-5]\d)(?![\w:])")


def find_clock_times(text: str, *, colon: bool = False) -> list[ClockTime]:
    """Forms that can be hours of the day. `colon` also reads « 18:30 » (in a column of hours).

    A duration (« 1 h 25 ») has the same form: the caller knows which it is reading.
    """
    found = list(_CLOCK.finditer(fold(text)))
    if colon:
        found += _COLON.finditer(fold(text))
    times = [
        ClockTime(time(int(m["hour"]), int(m["minute"] or 0)), m.start(), m.end()) for m in found
    ]
    return sorted(times, key=lambda clock: clock.start)


@dataclass(frozen=True, slots=True)
class Duration:
    """A length of time. Units: seconds. `upper` closes a range (« 8 à 12 min »)."""

    seconds: int
    start: int
    end: int
    upper: int | None = None


_HOURS: Final = r"(?P<hours>\d{1,3}) ?(?:h|heures?)(?![a-z])(?: ?(?P<extra>[0-5]\d)(?!\d))?"
_SINGLE: Final = (
    r"(?P<low>\d+)(?: ?(?:a|-) ?(?P<high>\d+))? ?(?P<unit>min(?:utes?)?|mn|secondes?|s)(?![a-z])"
    r"(?: ?(?P<seconds>[0-5]\d)(?: ?s)?(?!\d))?"
)
_DURATION: Final = re.compile(rf"(?<![\w,./])(?:{_HOURS}|{_SINGLE})")


def find_durations(text: str) -> list[Duration]:
    """Forms that can be durations: « 45 minutes », « 1 h 25 », « 20 à 30 s »."""
    return [_duration(match) for match in _DURATION.finditer(fold(text))]


def _duration(match: re.Match[str]) -> Duration:
    if match["hours"]:
        seconds = int(match["hours"]) * 3600 + int(match["extra"] or 0) * 60
        return Duration(seconds, match.start(), match.end())
    factor = 1 if match["unit"].startswith("s") else 60
    extra = int(match["seconds"] or 0) if factor == 60 else 0
    upper = int(match["high"]) * factor if match["high"] else None
    return Duration(int(match["low"]) * factor + extra, match.start(), match.end(), upper)


def show_duration(seconds: int) -> str:
    """« 1 h 25 », « 45 min », « 20 s »."""
    hours, rest = divmod(seconds, 3600)
    minutes, left = divmod(rest, 60)
    if hours:
        return f"{hours} h {minutes:02d}" if minutes else f"{hours} h"
    if minutes:
        return f"{minutes} min {left:02d} s" if left else f"{minutes} min"
    return f"{left} s"


def show_date(day: date) -> str:
    """« samedi 14 mars 2026 »."""
    number = "1er" if day.day == 1 else str(day.day)
    month = (
        "janvier février mars avril mai juin juillet août septembre octobre novembre décembre"
    ).split()[day.month - 1]
    return f"{WEEKDAYS[day.weekday()]} {number} {month} {day.year}"
