"""DET-DUREE and DET-HORO: sequences against the announced length, hours in order."""

import re
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import Final

from assistant.checks.context import GAP, OK, SILENT, CheckContext, Place
from assistant.checks.dates import (
    Duration,
    find_clock_times,
    find_dates,
    find_durations,
    show_duration,
)
from assistant.checks.tables import Row, Table, find_tables
from assistant.checks.text import fold, sentences
from assistant.domain.finding import CheckResult
from ingest.types import Document

_LIMIT: Final = re.compile(r"maxim|au plus|ne pas depasser|limite|sans depasser")
_REAL: Final = re.compile(
    r"(?:\bsoit|\bdure|duree (?:reelle|effective|constatee|du (?:live|direct)|de l'evenement)"
    r"|\ba dure)\s*:?\s*(?:de |environ )?$"
)
_REAL_AFTER: Final = re.compile(r"^ ?(?:de (?:direct|live)|en direct|de diffusion)")
_PREPARING: Final = re.compile(
    r"prepar|montage|tournage|repetition|recherche|installation|formation|teaser|extrait|replay"
)
_EVENT: Final = re.compile(r"live|direct|evenement|webinaire|emission|diffusion")
_SEQUENCES: Final = re.compile(r"deroule|sequence|conducteur|programme|minutage")
_ATTENDU_REAL: Final = (r"duree reelle", r"\bduree\b")


def check_durations(context: CheckContext) -> Iterator[CheckResult]:
    """DET-DUREE: planned sequences and real length against the length that was asked."""
    limits = [limit for d in (*context.compared(), *context.deliverables) for limit in _limits(d)]
    seconds = {duration.seconds for duration, _ in limits}
    if len(seconds) != 1:
        return
    limit, place = limits[0]
    for document in context.deliverables:
        yield from _real_length(context, document, limit.seconds, place)
        yield from _sequences(context, document, limit.seconds, place)


def _limits(document: Document) -> Iterator[tuple[Duration, Place]]:
    """« 45 minutes au maximum », in a sentence about an event."""
    for block in document.blocks:
        for sentence in sentences(block.text):
            about = _EVENT.search(fold(sentence.text)) or _EVENT.search(fold(document.text[:2000]))
            duration = _limited(sentence.text)
            if duration and about:
                start = block.start + sentence.start
                yield duration, Place(document, start + duration.start, start + duration.end)


def _limited(text: str) -> Duration | None:
    """The duration nearest to a limiting word; an hour of the day has the same form."""
    words = list(_LIMIT.finditer(fold(text)))
    found = [d for d in find_durations(text) if d.seconds >= 300 and d.upper is None]

    def distance(duration: Duration) -> int:
        return min(max(w.start() - duration.end, duration.start - w.end()) for w in words)

    nearest = min(found, key=distance, default=None) if words else None
    return nearest if nearest and distance(nearest) <= 25 else None


def _real_length(
    context: CheckContext, document: Document, limit: int, limit_place: Place
) -> Iterator[CheckResult]:
    for block in document.blocks:
        folded = fold(block.text)
        for duration in find_durations(block.text):
            before, after = folded[: duration.start], folded[duration.end : duration.end + 25]
            near = re.split(r"[.;!?]", before)[-1] + re.split(r"[.;!?]", after)[0]
            if _PREPARING.search(near) or not _EVENT.search(near):
                continue
            if not (_REAL.search(before[-40:]) or _REAL_AFTER.match(after)):
                continue
            place = Place(document, block.start + duration.start, block.start + duration.end)
            yield _against_limit(context, duration.seconds, limit, [place, limit_place])


def _against_limit(
    context: CheckContext, real: int, limit: int, places: list[Place]
) -> CheckResult:
    attendu = context.attendu(*_ATTENDU_REAL)
    figures = f"Durée réelle {show_duration(real)}, durée maximale demandée {show_duration(limit)}"
    if real > limit:
        excess = show_duration(real - limit)
        return context.result(
            GAP,
            "C",
            f"{figures} : dépassement de {excess}.",
            places=places,
            expected_fr=f"Au plus {show_duration(limit)}.",
            attendu=attendu,
        )
    return context.result(OK, "C", f"{figures}.", places=places, attendu=attendu)


def _sequences(
    context: CheckContext, document: Document, limit: int, limit_place: Place
) -> Iterator[CheckResult]:
    """« accueil 5 min, entretien 20 min, questions 15 min » in a line about the running order."""
    for block in document.blocks:
        durations = [d for d in find_durations(block.text) if d.upper is None]
        row = document.text[max(0, block.start - 40) : block.start].rpartition("\n")[2]
        listed = len(re.split(r"[,;+]", block.text)) >= len(durations)
        if len(durations) < 3 or not listed or not _SEQUENCES.search(fold(row + block.text)):
            continue
        total = sum(duration.seconds for duration in durations)
        parts = " + ".join(show_duration(duration.seconds) for duration in durations)
        places = [Place(document, block.start, block.end), limit_place]
        text = f"{parts} = {show_duration(total)}, durée demandée {show_duration(limit)}"
        if total > limit:
            yield context.result(GAP, "C", f"{text} : le déroulé dépasse.", places=places)
        else:
            yield context.result(OK, "C", f"{text}.", places=places)


_HOUR: Final = re.compile(r"^(?:heures?|horaires?|quand|horodatage|moment)\b")
_STORY: Final = re.compile(r"chronolog|deroule|\betapes?\b|journal|fil des evenements|timeline")


def check_clock_order(context: CheckContext) -> Iterator[CheckResult]:
    """DET-HORO: the hours of a chronology in order; delays between a message and its answer."""
    for document in context.deliverables:
        for table in find_tables(document):
            hours = table.columns(_HOUR)
            if len(hours) == 2:
                yield from _delays(context, table, (hours[0], hours[1]))
            elif len(hours) == 1 and _is_chronology(table):
                yield from _order(context, table, hours[0])


def _is_chronology(table: Table) -> bool:
    return any(_STORY.search(fold(text)) for text in (table.title, table.above, *table.labels))


def _order(context: CheckContext, table: Table, column: int) -> Iterator[CheckResult]:
    moments = _moments(table, column)
    if len(moments) < 3:
        return
    attendu = context.attendu(r"chronolog", r"horodat")
    for (before, first), (after, second) in zip(moments, moments[1:], strict=False):
        if after < before and not _past_midnight(before, after):
            text = f"« {second.text} » est placé après « {first.text} »."
            yield context.result(GAP, "C", text, places=[first, second], attendu=attendu)
            return
    text = f"{len(moments)} horaires, dans l'ordre chronologique."
    yield context.result(OK, "C", text, places=[p for _, p in moments], attendu=attendu)


_DAY: Final = re.compile(r"^(?:jours?|dates?)\b")


def _moments(table: Table, column: int) -> list[tuple[datetime, Place]]:
    """The moments of the longest run of rows whose days are known or left unsaid."""
    runs: list[list[tuple[datetime, Place]]] = [[]]
    day: date | None = None
    day_column = table.column(_DAY)
    for row in table.body:
        cell, said = table.cell(row, column), table.cell(row, day_column)
        if said:
            runs.append([])  # another day, perhaps: its hours start again
        read = _moment(cell.text, day) if cell else None
        if cell is None or read is None:
            runs.append([])
            continue
        day = read.date()
        runs[-1].append((read, Place(table.document, cell.start, cell.end)))
    return max(runs, key=len)


def _past_midnight(before: datetime, after: datetime) -> bool:
    return before.date() == after.date() and before.hour >= 20 and after.hour < 8


def _moment(text: str, day: date | None) -> datetime | None:
    """A cell's moment: its own date, else the day of the row above."""
    mentions = find_dates(text)
    if len(mentions) > 1:
        return None
    if mentions:
        given = mentions[0].resolve(day.year if day else 2000)
        if given is None:
            return None
        day, text = given, text[: mentions[0].start] + text[mentions[0].end :]
    clocks = find_clock_times(text, colon=True)
    words = re.sub(r"\d+ ?(?:h|heures?)?|[^\w]|\b(?:a|vers|des|le|environ)\b", "", fold(text))
    if words:
        return None  # « lendemain 9 h »: its day is not known
    if len(clocks) > 1 or not (clocks or mentions):
        return None
    clock = clocks[0].value if clocks else time(23, 59)
    return datetime.combine(day or date(2000, 1, 1), clock)


def _delays(context: CheckContext, table: Table, columns: tuple[int, int]) -> Iterator[CheckResult]:
    """Message and answer, on rows where both are one hour of the same day."""
    found = [(gap, place) for row in table.body for gap, place in _delay(table, row, columns)]
    if found:
        longest, place = max(found, key=lambda item: item[0])
        text = (
            f"{len(found)} délais calculés ; le plus long : "
            f"{show_duration(int(longest.total_seconds()))}."
        )
        yield context.result(SILENT, "R", text, places=[place])


def _delay(table: Table, row: Row, columns: tuple[int, int]) -> Iterator[tuple[timedelta, Place]]:
    cells = [table.cell(row, column) for column in columns]
    if cells[0] is None or cells[1] is None:
        return
    clocks = [find_clock_times(cell.text, colon=True) for cell in cells if cell]
    bare = all(re.fullmatch(r"[\d h:]+", fold(cell.text)) for cell in cells if cell)
    if bare and all(len(found) == 1 for found in clocks):
        first, last = (timedelta(hours=c[0].value.hour, minutes=c[0].value.minute) for c in clocks)
        if last >= first:
            yield last - first, Place(table.document, cells[0].start, cells[1].end)
