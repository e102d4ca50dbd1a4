"""Charts and SmartArt diagrams as lines of text, from the values the file keeps of them."""

import re
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Final

from lxml import etree

_CHART: Final = "{http://schemas.openxmlformats.org/drawingml/2006/chart}"
_CHARTEX: Final = "{http://schemas.microsoft.com/office/drawing/2014/chartex}"
_DRAWING: Final = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
_DIAGRAM: Final = "{http://schemas.openxmlformats.org/drawingml/2006/diagram}"
#: A format with days or years (« Red », « General » and quoted words set apart).
_DATE_FORMAT: Final = re.compile(
    r"^(?!General)(?:\[[^\]]*\]|\"[^\"]*\"|[^\[\"dy])*[dy]", re.IGNORECASE
)
_FIRST_DAY: Final = date(1899, 12, 30)  # day 0 of Office serial dates
_LAST_DAY: Final = 200_000
#: Points of a diagram that carry layout, not words.
_SILENT_POINTS: Final = frozenset({"pres", "parTrans", "sibTrans"})


def chart_lines(root: etree._Element) -> tuple[str, ...]:
    """Title, axis titles, then one line per series: « Abonnés : janvier = 1200 ; mars = 1450 ».

    Values are those of the file's cache, with a decimal comma, percentages as such.
    """
    if root.tag.startswith(_CHARTEX):
        return tuple(_chartex_lines(root))
    titles = [_rich_text(title) for title in root.iter(f"{_CHART}title")]
    series = [_series_line(one) for one in root.iter(f"{_CHART}ser")]
    labels = [_rich_text(label) for label in root.iter(f"{_CHART}dLbl")]
    return tuple(line for line in [*titles, *series, *labels] if line)


def diagram_lines(root: etree._Element) -> tuple[str, ...]:
    """The texts of a SmartArt diagram (its data part), each branch after its parent."""
    points = {
        point.get("modelId", ""): point
        for point in root.iterfind(f"{_DIAGRAM}ptLst/{_DIAGRAM}pt")
        if point.get("type", "node") not in _SILENT_POINTS
    }
    order = _reading_order(root, points)
    lines = (_paragraphs(points[identifier]) for identifier in order)
    return tuple(line for group in lines for line in group)


def _reading_order(root: etree._Element, points: dict[str, etree._Element]) -> list[str]:
    children: dict[str, list[tuple[int, str]]] = {}
    for link in root.iterfind(f"{_DIAGRAM}cxnLst/{_DIAGRAM}cxn"):
        if link.get("type", "parOf") == "parOf":
            rank = link.get("srcOrd", "0")
            position = int(rank) if rank.isdecimal() and len(rank) < 9 else 0
            children.setdefault(link.get("srcId", ""), []).append(
                (position, link.get("destId", ""))
            )
    pending = [i for i, point in points.items() if point.get("type") == "doc"][::-1]
    ordered: dict[str, None] = {}
    while pending:
        current = pending.pop()
        if current in points and current not in ordered:
            ordered[current] = None
            pending += [child for _, child in sorted(children.get(current, ()), reverse=True)]
    # Whatever no link reaches is shown too.
    return list(ordered) + [identifier for identifier in points if identifier not in ordered]


def _paragraphs(point: etree._Element) -> list[str]:
    found = [
        "".join(text.text or "" for text in paragraph.iter(f"{_DRAWING}t"))
        for paragraph in point.iterfind(f"{_DIAGRAM}t/{_DRAWING}p")
    ]
    return [text for text in found if text.strip()]


def _series_line(series: etree._Element) -> str:
    name = " ".join(_cached(series.find(f"{_CHART}tx")).values())
    labels = _cached(series.find(f"{_CHART}cat")) or _cached(series.find(f"{_CHART}xVal"))
    values = _cached(series.find(f"{_CHART}val")) or _cached(series.find(f"{_CHART}yVal"))
    shown = [
        f"{labels[index]} = {text}" if index in labels else text for index, text in values.items()
    ]
    shown = shown or list(labels.values())
    return " : ".join(part for part in (name, " ; ".join(shown)) if part)


def _cached(reference: etree._Element | None) -> dict[int, str]:
    """Index → text of the points kept in a series' name, categories or values."""
    if reference is None:
        return {}
    levels = list(reference.iter(f"{_CHART}lvl"))
    if levels:  # categories over several rows: outer levels come last in the file
        merged: dict[int, str] = {}
        for level in reversed(levels):
            for index, text in _points(level, None).items():
                merged[index] = f"{merged[index]} {text}" if index in merged else text
        return merged
    literal = reference.find(f"{_CHART}v")
    if literal is not None:
        return {0: literal.text or ""}
    code = next((e.text or "" for e in reference.iter(f"{_CHART}formatCode")), "")
    numeric = next(reference.iter(f"{_CHART}numCache", f"{_CHART}numLit"), None) is not None
    return _points(reference, code if numeric else None)


def _points(holder: etree._Element, number_format: str | None) -> dict[int, str]:
    found: dict[int, str] = {}
    for point in holder.iter(f"{_CHART}pt"):
        index, text = point.get("idx", ""), point.findtext(f"{_CHART}v") or ""
        if index.isdecimal() and len(index) < 9 and text:
            found[int(index)] = text if number_format is None else _number(text, number_format)
    return found


def _number(text: str, number_format: str) -> str:
    """A cached value as a French reader writes it; text that is no number stays as it is."""
    try:
        figure = float(text)
    except ValueError:
        return text
    if _DATE_FORMAT.search(number_format) and 0 < figure < _LAST_DAY:
        return f"{_FIRST_DAY + timedelta(days=int(figure)):%d/%m/%Y}"
    if "%" in number_format:
        return f"{figure * 100:.6g} %".replace(".", ",")
    return f"{figure:.12g}".replace(".", ",")


def _rich_text(title: etree._Element) -> str:
    rich = "".join(text.text or "" for text in title.iter(f"{_DRAWING}t"))
    return rich or " ".join(_cached(title.find(f"{_CHART}tx")).values())


def _chartex_lines(root: etree._Element) -> Iterator[str]:
    for title in root.iter(f"{_CHARTEX}title"):
        yield "".join(text.text or "" for text in title.iter(f"{_DRAWING}t"))
    for data in root.iter(f"{_CHARTEX}data"):
        labels, figures = (
            [point.text or "" for point in data.iterfind(f"{_CHARTEX}{kind}//{_CHARTEX}pt")]
            for kind in ("strDim", "numDim")
        )
        written = [_number(text, "") for text in figures]
        pairs = (
            f"{labels[i]} = {text}" if i < len(labels) else text for i, text in enumerate(written)
        )
        yield " ; ".join(pairs if written else labels)
