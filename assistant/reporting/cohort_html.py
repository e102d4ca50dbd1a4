"""A cohort's results as one HTML file that needs nothing else: no script, no font, no address.

Every text is shown as text, whatever it holds: names and quotes are those of candidates.
"""

import base64
import hashlib
from collections.abc import Iterator
from functools import cache
from itertools import groupby
from pathlib import Path
from typing import Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template
from markupsafe import Markup, escape

from assistant.domain.cohort import SpendingRecord
from assistant.domain.verdict import Verdict
from assistant.reporting import closeness as close
from assistant.reporting import outliers as out
from assistant.reporting.cohort_results import (
    CohortResults,
    EpreuveTable,
    Problem,
    ResultCell,
    cost_fr,
    model_fr,
)
from assistant.reporting.labels import count_fr, fr, list_fr, moment_fr, number_fr, visible
from ingest.types import Frozen

_TEMPLATES: Final = Path(__file__).resolve().parent / "templates"
_COMMON_SHOWN: Final = 40
#: A sign and a class for each verdict: the sign says it without its colour.
_SIGNS: Final = {
    Verdict.MET: ("A", "a"),
    Verdict.PARTIALLY_MET: ("P", "p"),
    Verdict.NOT_MET: ("N", "x"),
    Verdict.NOT_ASSESSABLE: ("?", "q"),
}
_FAILED: Final = "!"
_NOTHING: Final = "·"


class _Mark(Frozen):
    """A line of the legend."""

    sign: str
    css: str
    meaning_fr: str


class _Part(Frozen):
    """A piece of a bar. Units: hundredths of the bar."""

    css: str
    x: float
    width: float


class _Spread(Frozen):
    """How the drafts of a criterion, or of a whole épreuve, are spread."""

    name: str
    text_fr: str
    counts: tuple[int, ...]
    whole: bool = False

    @property
    def parts(self) -> tuple[_Part, ...]:
        total = sum(self.counts) or 1
        classes = [*(css for _, css in _SIGNS.values()), "o"]
        starts = [sum(self.counts[:n]) for n in range(len(self.counts))]
        return tuple(
            _Part(css=css, x=round(100 * start / total, 2), width=round(100 * count / total, 2))
            for css, start, count in zip(classes, starts, self.counts, strict=True)
            if count
        )


class _Group(Frozen):
    """A group of criteria, as the numbers of its columns."""

    title_fr: str
    heads: tuple[int, ...]


class _Failure(Frozen):
    """The same failure for several criteria of a dossier."""

    dossier_id: str
    name: str
    epreuve: str
    criteria: str
    message_fr: str


def cohort_html(results: CohortResults) -> bytes:
    """The report: drafts and decisions, spreads, what stands out, failures, costs."""
    style = (_TEMPLATES / "cohorte.css").read_text(encoding="utf-8")
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    closeness = results.closeness
    page = _template().render(
        r=results,
        style=Markup(style),
        style_hash=Markup(f"sha256-{digest}"),
        state_fr=[fr(line) for line in results.state_fr],
        names_fr=fr(results.names_fr),
        legend=_legend(results),
        short=lambda criterion: criterion.split("/")[-1],
        mark_of=_mark_of,
        rendus_fr=lambda table: count_fr(len(table.rows), "candidat"),
        labels=lambda table: [table.labels[verdict] for verdict in Verdict],
        groups=_groups,
        spread=lambda table, group: tuple(_spread(table, group)),
        whole=_whole,
        engines=_engines(results),
        outliers=out.told(results.outliers),
        outliers_note=out.about_fr(results.outliers),
        close_note=close.about_fr(closeness) if closeness else close.NOT_COMPARED_FR,
        pairs=close.pairs_of(closeness) if closeness else (),
        nothing_close=close.NOTHING_CLOSE_FR if closeness and not closeness.passages else "",
        same_words_fr=close.same_words_fr,
        common=closeness.common[:_COMMON_SHOWN] if closeness else (),
        common_note=fr(close.COMMON_FR),
        failures=tuple(_failures(results.problems)),
        costs=[_cost(run) for run in results.spending],
    )
    return page.encode()


@cache
def _template() -> Template:
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_shown,
    )
    return environment.get_template("cohorte.html.jinja")


def _shown(value: object) -> object:
    """A text without what would reorder it or hide in it; markup of ours is left alone."""
    return visible(value) if isinstance(value, str) and not isinstance(value, Markup) else value


def _legend(results: CohortResults) -> list[_Mark]:
    labels = results.tables[0].labels if results.tables else {}
    marks = [
        _Mark(sign=sign, css=css, meaning_fr=labels.get(verdict, verdict.value))
        for verdict, (sign, css) in _SIGNS.items()
    ]
    return [
        *marks,
        _Mark(sign=_FAILED, css="f", meaning_fr=fr("Échec : le critère n'a pas pu être examiné")),
        _Mark(sign=_NOTHING, css="o", meaning_fr="Pas encore examiné"),
        _Mark(sign="A", css="a d", meaning_fr="Encadré et gras : décidé par une personne"),
        _Mark(sign="≠", css="d", meaning_fr="Des évaluateurs sont en désaccord"),
    ]


def _mark_of(cell: ResultCell) -> Markup:
    """A cell of the table: a proposal in italics, a decision in bold, both when they differ."""
    sign, css = _NOTHING, "o"
    if cell.draft is not None:
        sign, css = _SIGNS[cell.draft]
    elif cell.failure_fr:
        sign, css = _FAILED, "f"
    if cell.disputed and cell.decision is None:
        return Markup('<td class="{} d"><i>{}</i> ≠</td>').format(css, sign)
    if cell.decision is None:
        return Markup('<td class="{}"><i>{}</i></td>').format(css, sign)
    decided, decided_css = _SIGNS[cell.decision]
    before = Markup("") if decided == sign else Markup("<i>{}</i>→").format(escape(sign))
    return Markup('<td class="{} d">{}<b>{}</b></td>').format(decided_css, before, decided)


def _groups(table: EpreuveTable) -> tuple[_Group, ...]:
    """The grid's groups in order, each with the numbers of its columns."""
    numbered = groupby(enumerate(table.heads), key=lambda pair: pair[1].group_fr)
    return tuple(
        _Group(title_fr=title, heads=tuple(n for n, _ in heads)) for title, heads in numbered
    )


def _spread(table: EpreuveTable, group: _Group) -> Iterator[_Spread]:
    for number in group.heads:
        head = table.heads[number]
        drafts = [row.cells[number].draft for row in table.rows]
        yield _Spread(name=head.id.split("/")[-1], text_fr=head.text_fr, counts=_counts(drafts))


def _whole(table: EpreuveTable) -> _Spread:
    drafts = [cell.draft for row in table.rows for cell in row.cells]
    return _Spread(name="Ensemble", text_fr="Tous les critères", counts=_counts(drafts), whole=True)


def _counts(drafts: list[Verdict | None]) -> tuple[int, ...]:
    return tuple(drafts.count(verdict) for verdict in (*Verdict, None))


def _failures(problems: tuple[Problem, ...]) -> Iterator[_Failure]:
    """One line per failure: the criteria that failed alike for one dossier stand together."""

    def alike(one: Problem) -> tuple[str, str, str, str]:
        return one.dossier_id, one.name, one.epreuve, one.message_fr

    for (dossier_id, name, epreuve, message_fr), found in groupby(problems, key=alike):
        criteria = [one.criterion_id.split("/")[-1] for one in found]
        yield _Failure(
            dossier_id=dossier_id,
            name=name,
            epreuve=epreuve,
            criteria=list_fr([c for c in criteria if c]) or "tout le dossier",
            message_fr=message_fr,
        )


def _engines(results: CohortResults) -> tuple[str, ...]:
    """The engines, each once: the grids are told with their tables."""
    return tuple(dict.fromkeys(made.split(" ; grille")[0] for made in results.made_by_fr))


def _cost(run: SpendingRecord) -> tuple[str, ...]:
    usage = run.traffic.usage
    counts = (run.criteria, run.traffic.requests, usage.input_tokens, usage.cached_tokens)
    return (
        moment_fr(run.started_at),
        model_fr(run),
        *(number_fr(number) for number in (*counts, usage.output_tokens)),
        cost_fr(run),
    )
