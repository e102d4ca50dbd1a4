"""DET-LIEN: two lists that answer each other, told by their identifiers (OS1, OO2, P3).

Without identifiers the match is a matter of meaning: the check stays silent.
"""

import re
from collections.abc import Iterator
from typing import Final

from assistant.checks.context import GAP, OK, SILENT, CheckContext, Place
from assistant.checks.text import stems
from assistant.domain.finding import CheckResult
from ingest.types import Block, BlockKind, Document

_ID: Final = re.compile(
    r"(?<![\w.])(?P<prefix>[A-Z]{1,3}) ?(?P<number>\d{1,2})(?![\w.,:/-]*\d)(?!\w)"
)
_DEFINED: Final = re.compile(r"^(?P<prefix>[A-Z]{1,3}) ?(?P<number>\d{1,2}) ?(?:$|[–—:|.)-])")
#: Weeks, days, quarters, hours, versions, plans of a film: counters, not identifiers of a list.
_COUNTERS: Final = frozenset(
    {"S", "J", "T", "Q", "H", "V", "E", "CE", "BC", "N", "W", "D", "L", "A"}
)


def check_links(context: CheckContext) -> Iterator[CheckResult]:
    """DET-LIEN on identifiers: undefined references, then items that nothing answers."""
    defined: dict[str, Place] = {}
    used: dict[str, list[Place]] = {}
    for document in context.deliverables:
        for block in document.blocks:
            _collect(document, block, defined, used)
    families = {
        prefix: names
        for prefix, names in _families(defined).items()
        if _relevant(context, [defined[name] for name in names])
    }
    if not families:
        text = "Aucun identifiant (OS1, P2…) : la correspondance est à lire à la main."
        yield context.result(SILENT, "I", text)
        return
    yield from _undefined(context, families, defined, used)
    yield from _orphans(context, families, defined, used)


def _collect(
    document: Document, block: Block, defined: dict[str, Place], used: dict[str, list[Place]]
) -> None:
    opening = _DEFINED.match(block.text)
    first_column = block.kind is not BlockKind.TABLE_CELL or block.locator.column in (None, 1)
    for match in _ID.finditer(block.text):
        name = match["prefix"] + match["number"]
        place = Place(document, block.start + match.start(), block.start + match.end())
        if match["prefix"] in _COUNTERS:
            continue
        if opening and match.start() == 0 and first_column and name not in defined:
            defined[name] = place
        else:
            used.setdefault(name, []).append(place)


def _families(defined: dict[str, Place]) -> dict[str, list[str]]:
    """Prefixes that number a list from 1 on, at least two items."""
    found: dict[str, list[str]] = {}
    for name in defined:
        found.setdefault(name.rstrip("0123456789"), []).append(name)
    return {p: names for p, names in found.items() if len(names) >= 2 and f"{p}1" in names}


def _relevant(context: CheckContext, places: list[Place]) -> bool:
    """Whether the list stands under words of the two sides that the rubric compares."""
    wanted = set(stems(context.settings))
    if not wanted:
        return True
    return any(wanted & set(stems(_surroundings(place))) for place in places)


def _surroundings(place: Place) -> str:
    """The heading above an item and the row that names its table's columns."""
    (block, *_) = place.document.blocks_between(place.start, place.end)
    where = block.locator
    header = [
        b.text
        for b in place.document.blocks
        if where.table is not None
        and (b.locator.table, b.locator.sheet, b.locator.row) == (where.table, where.sheet, 1)
    ]
    return " ".join((*where.heading_path[-1:], *header, block.text))


def _undefined(
    context: CheckContext,
    families: dict[str, list[str]],
    defined: dict[str, Place],
    used: dict[str, list[Place]],
) -> Iterator[CheckResult]:
    for name, places in used.items():
        if name.rstrip("0123456789") in families and name not in defined:
            text = f"« {name} » est cité et n'est défini nulle part."
            sure = context.fully_read and len(name.rstrip("0123456789")) >= 2
            yield context.result(GAP, "C" if sure else "I", text, places=places)


def _orphans(
    context: CheckContext,
    families: dict[str, list[str]],
    defined: dict[str, Place],
    used: dict[str, list[Place]],
) -> Iterator[CheckResult]:
    for prefix, names in families.items():
        if not any(name in used for name in names):
            continue  # a numbered list that nothing refers to by number
        orphans = [name for name in names if name not in used]
        places = [defined[name] for name in orphans or names]
        if orphans:
            text = f"Éléments auxquels rien ne répond : {', '.join(orphans)}."
            yield context.result(GAP, "I", text, places=places)
        else:
            text = f"Les {len(names)} éléments {prefix}1 à {names[-1]} ont tous un correspondant."
            yield context.result(OK, "C", text, places=places)
