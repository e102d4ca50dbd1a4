"""The figures as one HTML file that needs nothing else: no script, no font, no address."""

import datetime as dt
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template
from markupsafe import Markup

from assistant.evaluation import svg
from assistant.evaluation import wording as w
from assistant.evaluation.catalogue import BY_ID, STATISTICS
from assistant.evaluation.comparison import Comparison
from assistant.evaluation.figures import Figures, PartFigures, RecallPoint, Slice
from assistant.evaluation.run import Run

_TEMPLATES: Final = Path(__file__).resolve().parent / "templates"


def report_html(
    run: Run,
    figures: Figures,
    command: str,
    on: dt.date,
    comparisons: Sequence[tuple[str, Comparison]] = (),
) -> str:
    """The report; `command` gives the figures again, `on` is the day they were measured."""
    return _template().render(
        run=run,
        figures=figures,
        command=command,
        on=on,
        comparisons=comparisons,
        w=w,
        statistics=STATISTICS,
        by_id=BY_ID,
        plots={part.part: _plots(part) for part in figures.parts},
    )


@cache
def _template() -> Template:
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("rapport.html.jinja")


def _plots(part: PartFigures) -> list[tuple[str, Markup]]:
    """The plots of a part with their captions; those without a point are left out."""
    drawn = (
        ("Accord exact par épreuve", _agreement_plot(part)),
        ("Risque selon la couverture", _risk_plot(part)),
        ("Rappel de la recherche selon le nombre de passages", _recall_plot(part)),
    )
    return [(caption, Markup(plot)) for caption, plot in drawn if plot]  # `svg` escapes its texts


def _agreement_plot(part: PartFigures) -> str:
    names = list(part.baselines)
    marks = tuple(_agreement(part.baselines[name]) for name in names)
    bars = [
        svg.Bar(label="Ensemble", value=_agreement(part.overall), marks=marks),
        *(svg.Bar(label=one.label_fr, value=_agreement(one)) for one in part.epreuves),
    ]
    labels = [f"{w.BASELINE_LABELS[name]}, sur l'ensemble" for name in names]
    return svg.bar_chart("Accord exact par épreuve", bars, labels)


def _agreement(one: Slice) -> float:
    return one["agreement"].value or 0.0


def _risk_plot(part: PartFigures) -> str:
    points = tuple((point.coverage, point.risk) for point in part.risk_curve)
    return svg.line_chart(
        "Risque selon la couverture",
        [svg.Series(label="du plus tranché au moins tranché", points=points)],
        x_label="part des critères gardés",
        y_label="part d'erreurs",
        x_percent=True,
    )


def _recall_plot(part: PartFigures) -> str:
    return svg.line_chart(
        "Rappel de la recherche selon le nombre de passages",
        [
            svg.Series(label="critère", points=_points(part.recall_criterion)),
            svg.Series(label="attendu décidable", points=_points(part.recall_attendu)),
        ],
        x_label="nombre de passages (k)",
        y_label="citations retrouvées",
        x_percent=False,
    )


def _points(recall: Sequence[RecallPoint]) -> tuple[tuple[float, float], ...]:
    return tuple((float(point.k), point.recall) for point in recall)
