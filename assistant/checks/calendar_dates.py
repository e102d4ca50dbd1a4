"""DET-DATES: weekdays against dates, ends after starts, dates within the period that is set."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from assistant.agreement import agreed
from assistant.checks.context import GAP, OK, SILENT, CheckContext, Place
from assistant.checks.dates import (
    WEEKDAYS,
    DateMention,
    Period,
    find_dates,
    find_periods,
    read_weekday,
    show_date,
)
from assistant.checks.tables import Row, Table, find_tables
from assistant.checks.text import fold
from assistant.domain.finding import CheckResult
from ingest.types import Document

_DATE: Final = re.compile(r"^(?:date|jour|publie le|date de publication|parution)s?\b")
_DAY: Final = re.compile(r"^jours?\b")
_START: Final = re.compile(r"^(?:debut|date de debut|demarrage|du|lancement)\b")
_END: Final = re.compile(r"^(?:fin|date de fin|echeance|au|cloture)\b")
_REFERENCE: Final = re.compile(r"periode|reference|couverte?")
_PUBLISHED: Final = re.compile(r"^date\b|date de publication|^periode\b|^publie|^parution")
_PERIOD_ATTENDU: Final = (r"dates? tombent dans la periode", r"dans la periode")


def check_dates(context: CheckContext) -> Iterator[CheckResult]:
    """DET-DATES over the deliverables."""
    for document in context.deliverables:
        yield from _weekdays(context, document)
        yield from _impossible(context, document)
        yield from _reversed_periods(context, document)
        for table in find_tables(document):
            yield from _day_column(context, table)
            yield from _start_and_end(context, table)
    if "periode" in fold(context.criterion.texte + context.criterion.controles.texte):
        yield from _within_period(context)


def main_year(document: Document) -> int | None:
    """The only year that the document's dates carry, None when they carry several or none."""
    years = {m.year for block in document.blocks for m in find_dates(block.text) if m.year}
    return next(iter(years)) if len(years) == 1 else None


def _weekdays(context: CheckContext, document: Document) -> Iterator[CheckResult]:
    """« mardi 14 mars 2026 » is a Saturday."""
    right: list[Place] = []
    for mention, place in _mentions(document):
        day = mention.resolve()
        if day is None or mention.weekday is None:
            continue
        if day.weekday() == mention.weekday:
            right.append(place)
        else:
            text = f"« {place.text} » : c'est un {show_date(day)}."
            yield context.result(GAP, "C", text, places=[place], expected_fr=show_date(day))
    if right:
        text = agreed(f"{len(right)} date(s) dont le jour de semaine est exact.")
        yield context.result(OK, "C", text, places=right)


def _mentions(document: Document) -> Iterator[tuple[DateMention, Place]]:
    for block in document.blocks:
        for mention in find_dates(block.text):
            yield mention, Place(document, block.start + mention.start, block.start + mention.end)


def _impossible(context: CheckContext, document: Document) -> Iterator[CheckResult]:
    for mention, place in _mentions(document):
        if mention.year and mention.resolve() is None:
            text = f"« {place.text} » n'existe pas dans le calendrier."
            yield context.result(GAP, "C", text, places=[place])


def _reversed_periods(context: CheckContext, document: Document) -> Iterator[CheckResult]:
    for block in document.blocks:
        for period in find_periods(block.text):
            if not (period.first.year and period.last.year):
                continue
            ends = period.resolve()
            if ends and ends[0] > ends[1]:
                place = Place(document, block.start + period.start, block.start + period.end)
                text = f"« {place.text} » : la fin précède le début."
                yield context.result(GAP, "C", text, places=[place])


def _day_column(context: CheckContext, table: Table) -> Iterator[CheckResult]:
    """A column of dates beside a column of weekdays, as in an editorial calendar."""
    day_column = next((c for c in table.columns(_DAY)), None)
    date_column = next((c for c in table.columns(_DATE) if c != day_column), None)
    if day_column is None or date_column is None:
        return
    right: list[tuple[date, int, Place]] = []
    wrong: list[tuple[date, int, Place]] = []
    for row in table.body:
        stated, dated = table.cell(row, day_column), table.cell(row, date_column)
        weekday = read_weekday(stated.text) if stated else None
        mentions = find_dates(dated.text) if dated else []
        day = mentions[0].resolve() if len(mentions) == 1 else None
        if stated is None or dated is None or weekday is None or day is None:
            continue
        place = Place(table.document, dated.start, stated.end)
        (right if day.weekday() == weekday else wrong).append((day, weekday, place))
    if right and not wrong:
        text = f"{len(right)} lignes : jour de semaine et date concordent."
        yield context.result(OK, "C", text, places=[p for *_, p in right[:3]])
    for day, weekday, place in wrong:
        text = f"« {WEEKDAYS[weekday]} » est annoncé pour le {show_date(day)}."
        yield context.result(GAP, "C", text, places=[place], expected_fr=show_date(day))


def _start_and_end(context: CheckContext, table: Table) -> Iterator[CheckResult]:
    start_column, end_column = table.column(_START), table.column(_END)
    if start_column is None or end_column is None:
        return
    checked = wrong = 0
    for row in table.body:
        cells = [table.cell(row, start_column), table.cell(row, end_column)]
        days = [_only_date(cell.text) if cell else None for cell in cells]
        first, last = days
        if first is None or last is None or cells[0] is None or cells[1] is None:
            continue
        checked += 1
        if last < first:
            wrong += 1
            places = [Place(table.document, cell.start, cell.end) for cell in cells if cell]
            text = f"Fin ({show_date(last)}) avant le début ({show_date(first)})."
            yield context.result(
                GAP, "C", text, places=places, attendu=context.attendu(r"fin (?:≥|apres)")
            )
    if checked and not wrong:
        yield _checked(context, table, checked)


def _checked(context: CheckContext, table: Table, checked: int) -> CheckResult:
    place = Place(table.document, table.start, table.end)
    return context.result(OK, "C", f"{checked} lignes : la fin suit le début.", places=[place])


def _only_date(text: str, year: int | None = None) -> date | None:
    mentions = find_dates(text)
    return mentions[0].resolve(year) if len(mentions) == 1 else None


@dataclass(frozen=True, slots=True)
class Reference:
    """The period that the dates must fall in, and where it is set."""

    first: date
    last: date
    place: Place


def reference_period(documents: Sequence[Document], epreuve: str = "") -> Reference | None:
    """The one period that a text calls « de référence » or « couverte »."""
    found: dict[tuple[date, date], Reference] = {}
    for document in documents:
        for block in document.blocks:
            if not _REFERENCE.search(fold(block.text)):
                continue
            for period in find_periods(block.text):
                before = fold(block.text[max(0, period.start - 60) : period.start])
                ends = period.resolve()
                if ends and _REFERENCE.search(before):
                    found.setdefault(ends, _reference(document, block.start, period, ends))
    return next(iter(found.values())) if len(found) == 1 else None


def _reference(
    document: Document, offset: int, period: Period, ends: tuple[date, date]
) -> Reference:
    return Reference(*ends, Place(document, offset + period.start, offset + period.end))


def _within_period(context: CheckContext) -> Iterator[CheckResult]:
    """The dates of the tables of findings against the reference period."""
    reference = reference_period(context.compared()) or reference_period(context.deliverables)
    dated = [item for d in context.deliverables for item in _dated_rows(d)]
    if not dated:
        return
    attendu = context.attendu(*_PERIOD_ATTENDU)
    if reference is None:
        text = f"{len(dated)} éléments datés, mais aucune période de référence certaine."
        yield context.result(SILENT, "C", text, places=[place for _, place in dated])
        return
    limits = f"du {show_date(reference.first)} au {show_date(reference.last)}"
    outside = [(d, p) for d, p in dated if not reference.first <= d <= reference.last]
    if outside:
        days = ", ".join(show_date(day) for day, _ in outside)
        told = agreed(f"{len(outside)} élément(s)")
        text = f"{told} sur {len(dated)} hors de la période {limits} : {days}."
        places = [*(place for _, place in outside), reference.place]
        yield context.result(
            GAP, "C", text, places=places, expected_fr=f"Dates {limits}.", attendu=attendu
        )
    else:
        text = f"{len(dated)} éléments datés, tous dans la période {limits}."
        places = [reference.place, *(place for _, place in dated)]
        yield context.result(OK, "C", text, places=places, attendu=attendu)


def _declared_exception(row: Row) -> bool:
    """« hors période, pour mémoire »: the rubric admits exceptions that are told."""
    text = fold(" ".join(cell.text for cell in row if cell))
    return bool(re.search(r"hors (?:de la )?periode|exception|pour memoire|pour rappel", text))


def _dated_rows(document: Document) -> Iterator[tuple[date, Place]]:
    """Full dates of the columns named « date », in tables that also have a source."""
    for table in find_tables(document):
        column = table.column(_PUBLISHED)
        if column is None or not table.columns(re.compile(r"source|information")):
            continue
        for row in table.body:
            cell = table.cell(row, column)
            day = _only_date(cell.text) if cell else None
            if cell and day and not _declared_exception(row):
                yield day, Place(document, cell.start, cell.end)
