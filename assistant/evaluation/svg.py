"""Small plots as SVG text, with nothing but arithmetic.

Units: pixels, origin top left; the values plotted are shares, 0 to 1.
"""

from collections.abc import Iterator, Sequence
from html import escape
from typing import Final

from ingest.types import Frozen

_WIDTH: Final = 640
_HEIGHT: Final = 300
_LEFT, _RIGHT, _TOP, _BOTTOM = 56, 16, 16, 48
#: Okabe and Ito's palette: told apart by colour-blind readers, and by their dashes.
_COLOURS: Final = ("#0072b2", "#d55e00", "#009e73", "#cc79a7")
_DASHES: Final = ("", "6 4", "2 3", "8 3 2 3")
_BAR: Final = 18
_LABEL: Final = 150


class Series(Frozen):
    """A line: its name and its points, x in the unit of the axis, y from 0 to 1."""

    label: str
    points: tuple[tuple[float, float], ...]


class Bar(Frozen):
    """A horizontal bar and the marks to read it against, all from 0 to 1."""

    label: str
    value: float
    marks: tuple[float, ...] = ()


def line_chart(
    title: str, series: Sequence[Series], *, x_label: str, y_label: str, x_percent: bool
) -> str:
    """Lines over one axis; x goes from 0 to the largest point, or to 1 for shares."""
    drawn = [one for one in series if one.points]
    if not drawn:
        return ""
    x_max = 1.0 if x_percent else max(x for one in drawn for x, _ in one.points)
    body = [*_axes(x_max, x_label, y_label, x_percent=x_percent)]
    for number, one in enumerate(drawn):
        body += _line(one, number, x_max)
    return _svg(title, _WIDTH, _HEIGHT + 20 * len(drawn), body)


def bar_chart(title: str, bars: Sequence[Bar], mark_labels: Sequence[str]) -> str:
    """One bar per line, with a tick of its own colour for each mark."""
    if not bars:
        return ""
    span = _WIDTH - _LABEL - 70
    body: list[str] = []
    for number, bar in enumerate(bars):
        top = 8 + number * (_BAR + 8)
        body.append(_text(_LABEL - 8, top + _BAR - 5, bar.label, anchor="end"))
        body.append(
            f'<rect x="{_LABEL}" y="{top}" width="{bar.value * span:.1f}" height="{_BAR}" '
            f'fill="{_COLOURS[0]}"/>'
        )
        right = _LABEL + max((bar.value, *bar.marks)) * span
        body.append(_text(right + 8, top + _BAR - 5, _percent(bar.value)))
        for place, mark in enumerate(bar.marks, start=1):
            x = _LABEL + mark * span
            body.append(
                f'<line x1="{x:.1f}" x2="{x:.1f}" y1="{top - 2}" y2="{top + _BAR + 2}" '
                f'stroke="{_COLOURS[place]}" stroke-width="3" '
                f'stroke-dasharray="{_DASHES[place]}"/>'
            )
    height = 16 + len(bars) * (_BAR + 8)
    body += _legend(mark_labels, height, first=1)
    return _svg(title, _WIDTH, height + 20 * len(mark_labels) + 8, body)


def _svg(title: str, width: int, height: int, body: Sequence[str]) -> str:
    return (
        f'<svg role="img" viewBox="0 0 {width} {height}" width="{width}" height="{height}" '
        f'xmlns="http://www.w3.org/2000/svg"><title>{escape(title)}</title>{"".join(body)}</svg>'
    )


def _axes(x_max: float, x_label: str, y_label: str, *, x_percent: bool) -> Iterator[str]:
    for step in range(6):
        share = step / 5
        y = _y(share)
        yield f'<line x1="{_LEFT}" x2="{_WIDTH - _RIGHT}" y1="{y}" y2="{y}" stroke="#ddd"/>'
        yield _text(_LEFT - 6, y + 4, _percent(share), anchor="end")
        x_value = share * x_max
        shown = _percent(x_value) if x_percent else f"{x_value:.0f}"
        yield _text(_x(x_value, x_max), _HEIGHT - _BOTTOM + 18, shown, anchor="middle")
    yield _text((_LEFT + _WIDTH - _RIGHT) / 2, _HEIGHT - 10, x_label, anchor="middle")
    yield (
        f'<text transform="translate(14 {(_TOP + _HEIGHT - _BOTTOM) / 2}) rotate(-90)" '
        f'text-anchor="middle">{escape(y_label)}</text>'
    )


def _line(series: Series, number: int, x_max: float) -> Iterator[str]:
    places = [(_x(x, x_max), _y(y)) for x, y in series.points]
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
    colour, dash = _COLOURS[number % len(_COLOURS)], _DASHES[number % len(_DASHES)]
    yield (
        f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2" '
        f'stroke-dasharray="{dash}"/>'
    )
    for x, y in places:
        yield f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{colour}"/>'
    yield from _legend((series.label,), _HEIGHT + 20 * number, first=number)


def _legend(labels: Sequence[str], top: float, *, first: int) -> Iterator[str]:
    for row, label in enumerate(labels):
        number, y = (first + row) % len(_COLOURS), top + 20 * row + 8
        yield (
            f'<line x1="{_LEFT}" x2="{_LEFT + 28}" y1="{y}" y2="{y}" stroke="{_COLOURS[number]}" '
            f'stroke-width="3" stroke-dasharray="{_DASHES[number]}"/>'
        )
        yield _text(_LEFT + 36, y + 4, label)


def _text(x: float, y: float, text: str, *, anchor: str = "start") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(text)}</text>'


def _x(value: float, x_max: float) -> float:
    return _LEFT + (value / x_max if x_max else 0.0) * (_WIDTH - _LEFT - _RIGHT)


def _y(share: float) -> float:
    return round(_HEIGHT - _BOTTOM - share * (_HEIGHT - _TOP - _BOTTOM), 1)


def _percent(share: float) -> str:
    return f"{100 * share:.0f}\u00a0%"
