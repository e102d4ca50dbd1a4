"""DET-EVT: the events of the period, fixed or movable, and what the calendar says of them."""

import re
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Final

from assistant.checks.cadence import calendar_posts
from assistant.checks.context import GAP, OK, SILENT, CheckContext, Place
from assistant.checks.dates import find_dates, show_date
from assistant.checks.text import fold, sentences
from assistant.domain.finding import CheckResult
from assistant.domain.tables import ReferenceTables
from ingest.types import Document


def easter(year: int) -> date:
    """Easter Sunday, Gregorian computus (Meeus, Jones and Butcher)."""
    golden, century, rest = year % 19, year // 100, year % 100
    leap, over = divmod(century, 4)
    moon = (century + 8) // 25
    epact = (19 * golden + century - leap - (century - moon + 1) // 3 + 15) % 30
    quarter, left = divmod(rest, 4)
    sunday = (32 + 2 * over + 2 * quarter - epact - left) % 7
    shift = (golden + 11 * epact + 22 * sunday) // 451
    month, day = divmod(epact + sunday - 7 * shift + 114, 31)
    return date(year, month, day + 1)


def _nth(year: int, month: int, weekday: int, rank: int) -> date:
    """The rank-th weekday (0: Monday) of a month; -1 for the last."""
    if rank < 0:
        last = date(year + month // 12, month % 12 + 1, 1) - timedelta(days=1)
        return last - timedelta(days=(last.weekday() - weekday) % 7)
    first = date(year, month, 1)
    return first + timedelta(days=(weekday - first.weekday()) % 7 + 7 * (rank - 1))


def _mothers_day(year: int) -> date:
    day = _nth(year, 5, 6, -1)
    return _nth(year, 6, 6, 1) if day == easter(year) + timedelta(days=49) else day


def _winter_sales(year: int) -> date:
    day = _nth(year, 1, 2, 2)
    return day - timedelta(days=7) if day.day > 12 else day


def _summer_sales(year: int) -> date:
    day = _nth(year, 6, 2, -1)
    return day - timedelta(days=7) if day.day > 28 else day


#: French movable feasts and sales: they are computed, so no table holds their dates.
MOVABLE: Final = {
    r"\bpaques\b": ("Pâques", easter),
    r"\bascension\b": ("l'Ascension", lambda year: easter(year) + timedelta(days=39)),
    r"\bpentecote\b": ("la Pentecôte", lambda year: easter(year) + timedelta(days=49)),
    r"\bfete des meres\b": ("la fête des mères", _mothers_day),
    r"\bfete des peres\b": ("la fête des pères", lambda year: _nth(year, 6, 6, 3)),
    r"\bvendredi noir\b|\bblack friday\b": (
        "le vendredi noir",
        lambda year: _nth(year, 11, 3, 4) + timedelta(days=1),
    ),
    r"\bsoldes d'hiver\b": ("les soldes d'hiver", _winter_sales),
    r"\bsoldes d'ete\b": ("les soldes d'été", _summer_sales),
}
_AROUND: Final = re.compile(r"lundi|week-?end|semaine|vacances|avant|apres|veille|lendemain|chasse")


def check_events(context: CheckContext) -> Iterator[CheckResult]:
    """DET-EVT: wrong dates of movable events; fixed events of the period, mentioned or not."""
    for document in context.deliverables:
        yield from _stated(context, document)
        yield from _covered(context, document)


def _stated(context: CheckContext, document: Document) -> Iterator[CheckResult]:
    """« Pâques (5 avril 2026) »: the one date beside the one name."""
    for block in document.blocks:
        for sentence in sentences(block.text):
            folded = fold(sentence.text)
            for pattern, (name, rule) in MOVABLE.items():
                match = re.search(pattern + r"(?P<link>[^\w]{1,4}(?:le |dimanche )?)(?=\d)", folded)
                if match is None or _AROUND.search(
                    folded[max(0, match.start() - 15) : match.end()]
                ):
                    continue
                mentions = [d for d in find_dates(sentence.text) if d.start >= match.start()]
                day = mentions[0].resolve() if mentions else None
                if day is None:
                    continue
                right = rule(day.year)
                start = block.start + sentence.start
                place = Place(document, start + match.start(), start + mentions[0].end)
                yield _dated(context, name, day, right, place)


def _dated(context: CheckContext, name: str, day: date, right: date, place: Place) -> CheckResult:
    if day == right:
        return context.result(OK, "C", f"{name} : {show_date(right)}, date exacte.", places=[place])
    text = f"« {place.text} » : {name} tombe le {show_date(right)}."
    return context.result(GAP, "C", text, places=[place], expected_fr=show_date(right))


def _covered(context: CheckContext, document: Document) -> Iterator[CheckResult]:
    """Events between the first and the last line of a publication calendar."""
    days = [post.day for post in calendar_posts(document)]
    if len(days) < 4:
        return
    events = list(events_between(min(days), max(days), context.certification.tables))
    if not events:
        return
    told = [(name, day, _mention(document, day, name)) for name, day in events]
    found = [(name, day, place) for name, day, place in told if place]
    missing = [f"{name} ({show_date(day)})" for name, day, place in told if not place]
    places = [place for *_, place in found]
    if found:
        names = ", ".join(name for name, *_ in found)
        yield context.result(OK, "C", f"Événements de la période cités : {names}.", places=places)
    if missing:
        text = f"Événements de la période non cités, pertinence à juger : {', '.join(missing)}."
        yield context.result(SILENT, "I", text)


def events_between(first: date, last: date, tables: ReferenceTables) -> Iterator[tuple[str, date]]:
    """Fixed events of the tables and movable ones, in the order of their dates."""
    found: list[tuple[date, str]] = []
    for year in range(first.year, last.year + 1):
        for fixed in tables.evenements.fixes:
            month, day = (int(part) for part in fixed.jour.split("-"))
            found.append((date(year, month, day), fixed.nom))
        found += [(rule(year), name) for name, rule in MOVABLE.values()]
    yield from ((name, day) for day, name in sorted(found) if first <= day <= last)


def _mention(document: Document, day: date, name: str) -> Place | None:
    for block in document.blocks:
        for mention in find_dates(block.text):
            if (mention.day, mention.month) == (day.day, day.month):
                return Place(document, block.start + mention.start, block.start + mention.end)
        bare = re.sub(r"^(?:l'|la |le |les )", "", fold(name))
        if (at := fold(block.text).find(bare)) >= 0:
            return Place(document, block.start + at, block.start + at + len(bare))
    return None
