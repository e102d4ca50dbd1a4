"""DET-FREQ: the calendar's posts per network and week, and their hours, against the charter."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, time, timedelta
from typing import Final

from assistant.checks.context import GAP, OK, SILENT, CheckContext, Place
from assistant.checks.dates import find_clock_times, find_dates
from assistant.checks.tables import Table, find_tables
from assistant.checks.text import fold, stems
from assistant.domain.finding import CheckResult
from ingest.types import Document

_NETWORK: Final = re.compile(r"^(?:canal|canaux|reseaux?|supports?|plateformes?)\b")
_DATE: Final = re.compile(r"^date\b")
_HOUR: Final = re.compile(r"^(?:heure|horaire)s?\b")
_FORMAT: Final = re.compile(r"^(?:format|type)\b")
_RATE_COLUMN: Final = re.compile(r"frequence|rythme|cadence|nombre de (?:posts|publications)")
_SLOT_COLUMN: Final = re.compile(r"heure|horaire|creneau|jours?")
_RATE: Final = re.compile(
    r"(?P<low>\d+)(?: ?(?:a|-|ou) ?(?P<high>\d+))?[^\d.;]{0,30}?(?:par|/) ?(?P<per>jour|semaine)"
)
_AT_LEAST: Final = re.compile(r"au moins|minimum|au minimum|\bou plus\b")
_AT_MOST: Final = re.compile(r"au plus|maxim|jusqu'a")
_NO_LIMIT: Final = 10_000
_EPHEMERAL: Final = re.compile(r"\bstor(?:y|ies)\b")
_RANGE_LINKS: Final = frozenset({"a", "-", "et", "et le", "jusqu'a", "/"})


@dataclass(frozen=True, slots=True)
class Rule:
    """What the charter sets for a network. Units: posts per week; `slots`: first and last hour."""

    network: frozenset[str]
    name: str
    ephemeral: bool
    low: int
    high: int
    slots: frozenset[tuple[time, time]]
    place: Place


@dataclass(frozen=True, slots=True)
class Post:
    """A line of the calendar."""

    network: frozenset[str]
    ephemeral: bool
    day: date
    hour: time | None
    place: Place


def check_cadence(context: CheckContext) -> Iterator[CheckResult]:
    """DET-FREQ: every rule of the charter that can be read, on whole weeks only."""
    documents = (*context.compared("charte"), *context.deliverables)
    rules = [rule for document in documents for rule in charter_rules(document)]
    posts = [post for d in context.deliverables for post in calendar_posts(d)]
    if not posts:
        return
    if not rules:
        text = f"{len(posts)} publications lues, mais aucune fréquence de charte à comparer."
        yield context.result(SILENT, "C", text, places=[post.place for post in posts[:3]])
        return
    for rule in rules:
        concerned = [p for p in posts if p.network & rule.network and p.ephemeral == rule.ephemeral]
        if concerned:
            yield from _counts(context, rule, concerned, _whole_weeks(posts))
            yield from _hours(context, rule, concerned)


def charter_rules(document: Document) -> Iterator[Rule]:
    """Rows « support | fréquence | jours et heures » of a charter."""
    for table in find_tables(document):
        network, rate = table.column(_NETWORK), table.column(_RATE_COLUMN)
        slot = next((c for c in table.columns(_SLOT_COLUMN) if c != rate), None)
        if network is None or rate is None:
            continue
        for row in table.body:
            name, said = table.cell(row, network), table.cell(row, rate)
            match = _RATE.search(fold(said.text)) if said else None
            if name is None or said is None or match is None:
                continue
            said_folded = fold(said.text)
            per_week = 7 if match["per"] == "jour" else 1
            slots = table.cell(row, slot)
            yield Rule(
                network=_network(name.text),
                name=name.text,
                ephemeral=bool(_EPHEMERAL.search(fold(name.text))),
                low=0 if _AT_MOST.search(said_folded) else int(match["low"]) * per_week,
                high=_NO_LIMIT
                if _AT_LEAST.search(said_folded)
                else int(match["high"] or match["low"]) * per_week,
                slots=_slots(slots.text) if slots else frozenset(),
                place=Place(document, name.start, (slots or said).end),
            )


def _network(text: str) -> frozenset[str]:
    """The name without its precision: « Instagram (fil) » is Instagram."""
    return frozenset(stems(re.sub(r"\(.*?\)", "", text))[:2]) - set(stems("page fiche compte"))


def _slots(text: str) -> frozenset[tuple[time, time]]:
    """« mardi 7 h 30, jeudi 12 h 15 » are two instants; « 12 h à 14 h » is one range."""
    folded, clocks = fold(text), find_clock_times(text, colon=True)
    found: list[tuple[time, time]] = []
    joined = False
    for clock, following in zip(clocks, [*clocks[1:], None], strict=True):
        if joined:
            joined = False
            continue
        link = folded[clock.end : following.start].strip() if following else ""
        joined = link in _RANGE_LINKS
        found.append((clock.value, following.value if following and joined else clock.value))
    return frozenset(found)


def calendar_posts(document: Document) -> Iterator[Post]:
    """Lines of a publication calendar: a date, a network, an hour when there is one."""
    for table in find_tables(document):
        columns = (table.column(_DATE), table.column(_NETWORK))
        if columns[0] is not None and columns[1] is not None:
            yield from _posts(table, columns[0], columns[1])


def _posts(table: Table, date_column: int, network_column: int) -> Iterator[Post]:
    hour_column, format_column = table.column(_HOUR), table.column(_FORMAT)
    for row in table.body:
        dated, network = table.cell(row, date_column), table.cell(row, network_column)
        mentions = find_dates(dated.text) if dated else []
        day = mentions[0].resolve() if len(mentions) == 1 else None
        if dated is None or network is None or day is None:
            continue
        hour_cell, form = table.cell(row, hour_column), table.cell(row, format_column)
        clocks = find_clock_times(hour_cell.text, colon=True) if hour_cell else []
        last = max(cell.end for cell in (dated, network, hour_cell) if cell)
        kind = fold(f"{network.text} {form.text if form else ''}")
        yield Post(
            network=_network(network.text),
            ephemeral=bool(_EPHEMERAL.search(kind)),
            day=day,
            hour=clocks[0].value if len(clocks) == 1 else None,
            place=Place(table.document, dated.start, last),
        )


def _whole_weeks(posts: Sequence[Post]) -> list[date]:
    """Mondays of the weeks that the calendar covers from end to end, give or take a day."""
    first, last = min(p.day for p in posts), max(p.day for p in posts)
    monday = first - timedelta(days=first.weekday())
    weeks = []
    while monday <= last:
        if first <= monday + timedelta(days=1) and last >= monday + timedelta(days=5):
            weeks.append(monday)
        monday += timedelta(days=7)
    return weeks


def _counts(
    context: CheckContext, rule: Rule, posts: Sequence[Post], weeks: Sequence[date]
) -> Iterator[CheckResult]:
    counted = Counter(post.day - timedelta(days=post.day.weekday()) for post in posts)
    wrong = [week for week in weeks if not rule.low <= counted[week] <= rule.high]
    expected = _rate(rule)
    detail = ", ".join(f"{counted[w]} en semaine {w.isocalendar().week}" for w in weeks)
    attendu = context.attendu(r"frequence")
    text = f"{rule.name} : charte {expected} ; calendrier : {detail}."
    if not weeks:
        return
    if wrong:
        places = [rule.place, *(p.place for p in posts if _monday(p) in wrong)]
        yield context.result(GAP, "C", text, places=places, expected_fr=expected, attendu=attendu)
    else:
        places = [rule.place, *(p.place for p in posts[:3])]
        yield context.result(OK, "C", text, places=places, attendu=attendu)


def _rate(rule: Rule) -> str:
    if rule.high >= _NO_LIMIT:
        return f"au moins {rule.low} par semaine"
    if rule.low == rule.high:
        return f"{rule.low} par semaine"
    return f"{rule.low} à {rule.high} par semaine"


def _monday(post: Post) -> date:
    return post.day - timedelta(days=post.day.weekday())


def _hour(hour: time) -> str:
    return f"{hour.hour} h {hour.minute:02d}"


def _allowed(hour: time, rule: Rule) -> bool:
    return any(first <= hour <= last for first, last in rule.slots)


def _hours(context: CheckContext, rule: Rule, posts: Sequence[Post]) -> Iterator[CheckResult]:
    """Hours of the charter; a slot on another weekday of the charter is told, not blamed."""
    timed = [post for post in posts if post.hour]
    if not rule.slots or not timed:
        return
    outside = [post for post in timed if post.hour and not _allowed(post.hour, rule)]
    attendu = context.attendu(r"creneau", r"horaire")
    share = f"{len(timed) - len(outside)} sur {len(timed)}"
    hours = ", ".join(
        _hour(first) if first == last else f"{_hour(first)} à {_hour(last)}"
        for first, last in sorted(rule.slots)
    )
    text = f"{rule.name} : {share} publications aux heures de la charte ({hours})."
    if outside:
        found = ", ".join(_hour(post.hour) for post in outside if post.hour)
        places = [rule.place, *(post.place for post in outside)]
        yield context.result(
            GAP, "C", f"{text} Hors créneau : {found}.", places=places, attendu=attendu
        )
    else:
        yield context.result(OK, "C", text, places=[rule.place], attendu=attendu)
