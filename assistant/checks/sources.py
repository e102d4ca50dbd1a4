"""DET-SOURCES and DET-UTM: where the information comes from, and how links are tagged."""

import re
from collections import Counter
from collections.abc import Iterator
from typing import Final
from urllib.parse import parse_qsl, urlsplit

from assistant.checks.context import GAP, OK, SILENT, CheckContext, Place
from assistant.checks.dates import find_dates
from assistant.checks.tables import Cell, Row, Table, find_tables
from assistant.checks.text import fold
from assistant.domain.finding import CheckResult
from ingest.types import Document

_URL: Final = re.compile(r"\bhttps?://[^\s«»<>\"')\]]+|\bwww\.[^\s«»<>\"')\]]+")
_SOURCE: Final = re.compile(r"^(?:sources?|origine|references?|liens?|editeur|url)\b")
_VAGUE: Final = re.compile(
    r"\bforum|vu passer|lien perdu|non precise|inconnu|\bthread\b|groupe facebook|video tiktok"
    r"|commentaires? sous|\bon m'a dit|\bsur internet\b|\bsans source"
)
#: Official publishers in France and the Union: primary sources for rules and figures.
_OFFICIAL: Final = re.compile(
    r"\.gouv\.fr|legifrance|\bcnil\b|eur-lex|europa\.eu|\barcom\b|\barpp\b|\binsee\b|vie-publique"
    r"|service-public|journal officiel"
)
#: Above this share of the links, one site dominates; the rubric's proposal.
_DOMINANT: Final = 0.5


def check_sources(context: CheckContext) -> Iterator[CheckResult]:
    """DET-SOURCES: links by site, rows without a source, vague or official sources."""
    links = [link for d in context.deliverables for link in _links(d)]
    rows = [(t, r, c) for d in context.deliverables for t in find_tables(d) for r, c in _sourced(t)]
    if not links and not rows:
        text = "Aucun lien ni colonne « source » reconnus : à lire à la main."
        yield context.result(SILENT, "I", text)
        return
    yield from _domains(context, links)
    yield from _rows(context, rows)


def _links(document: Document) -> list[tuple[str, Place | None]]:
    """Addresses written in the text with their place, then those behind a link."""
    written: list[tuple[str, Place | None]] = [
        (m.group().rstrip(".,;"), Place(document, m.start(), m.end()))
        for m in _URL.finditer(document.text)
    ]
    known = {url for url, _ in written}
    return written + [(u, None) for u in document.links if u.startswith("http") and u not in known]


def domain_of(url: str) -> str:
    """The host without « www. », lower case."""
    address = url if "//" in url else f"//{url}"
    return urlsplit(address).netloc.lower().removeprefix("www.")


def _domains(context: CheckContext, links: list[tuple[str, Place | None]]) -> Iterator[CheckResult]:
    counted = Counter(domain_of(url) for url, _ in links)
    if len(links) < 3:
        return
    first, count = counted.most_common(1)[0]
    share = count / len(links)
    places = [place for _, place in links if place][:6]
    text = (
        f"{len(links)} liens, {len(counted)} sites distincts ; premier site : {first} "
        f"({share:.0%} des liens)."
    ).replace("%", " %")
    outcome = GAP if share > _DOMINANT and len(links) >= 4 else OK
    attendu = context.attendu(r"diversifi") if outcome is OK else None
    yield context.result(outcome, "I", text, places=places, attendu=attendu)


def _sourced(table: Table) -> Iterator[tuple[Row, Cell | None]]:
    column = table.column(_SOURCE)
    if column is not None:
        yield from ((row, table.cell(row, column)) for row in table.body)


def _rows(
    context: CheckContext, rows: list[tuple[Table, Row, Cell | None]]
) -> Iterator[CheckResult]:
    if not rows:
        return
    named = [(t, c) for t, _, c in rows if c and c.filled]
    vague = [(t, c) for t, c in named if _VAGUE.search(fold(c.text))]
    official = [(t, c) for t, c in named if _OFFICIAL.search(fold(c.text))]
    dated = sum(any(cell and find_dates(cell.text) for cell in row) for _, row, _ in rows)
    told = f"{len(rows)} informations : {len(named)} avec une source, {dated} datées"
    places = [_place(t, c) for t, c in (vague or named)]
    if vague or len(named) < len(rows):
        names = ", ".join(f"« {cell.text} »" for _, cell in vague)
        more = f" ; sources difficiles à vérifier : {names}" if vague else ""
        yield context.result(GAP, "I", f"{told}{more}.", places=places)
    else:
        yield context.result(OK, "I", f"{told}.", places=places)
    if official:
        names = ", ".join(f"« {cell.text} »" for _, cell in official)
        yield context.result(
            OK,
            "I",
            f"Sources officielles ou primaires : {names}.",
            places=[_place(t, c) for t, c in official],
            attendu=context.attendu(r"source officielle"),
        )


def _place(table: Table, cell: Cell) -> Place:
    return Place(table.document, cell.start, cell.end)


_UTM_NAMES: Final = ("utm_source", "utm_medium", "utm_campaign")


def check_utm(context: CheckContext) -> Iterator[CheckResult]:
    """DET-UTM: the three parameters present, filled, without spaces nor accents."""
    for document in context.deliverables:
        for url, place in _links(document):
            if "utm_" not in url.lower():
                continue
            faults = list(_utm_faults(url))
            places = [place] if place else []
            if faults:
                text = f"{url} : {' ; '.join(faults)}."
                yield context.result(GAP, "C", text, places=places)
            else:
                text = f"{url} : les trois paramètres sont bien formés."
                yield context.result(OK, "C", text, places=places)


def _utm_faults(url: str) -> Iterator[str]:
    given = dict(parse_qsl(urlsplit(url).query, keep_blank_values=True))
    lowered = {name.lower(): (name, value) for name, value in given.items()}
    for name in _UTM_NAMES:
        if name not in lowered or not lowered[name][1]:
            yield f"{name} manque"
        elif lowered[name][0] != name:
            yield f"{lowered[name][0]} s'écrit {name}"
        elif re.search(r"[^\w.~|+-]", lowered[name][1], re.ASCII):
            yield f"{name} contient des espaces ou des accents"
