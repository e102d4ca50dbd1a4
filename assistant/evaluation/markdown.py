"""The page of the documentation that publishes the figures. No figure of it is typed by hand."""

import datetime as dt
from collections.abc import Iterable, Sequence
from functools import cache
from pathlib import Path
from typing import Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template

from assistant.domain.bands import Band
from assistant.domain.verdict import Verdict
from assistant.evaluation import kinds
from assistant.evaluation import wording as w
from assistant.evaluation.catalogue import BY_ID, STATISTICS
from assistant.evaluation.figures import Figures, PartFigures, RecallPoint
from assistant.evaluation.run import Row, Run

_TEMPLATES: Final = Path(__file__).resolve().parent / "templates"
_DEPTHS: Final = (1, 2, 3, 5, 8, 10, 15, 20)
_EPREUVE: Final = (
    "agreement",
    "kappa_quadratic",
    "defect_recall",
    "defects_passed",
    "leniency",
    "abstention",
    "quote_support",
)


def quality_page(run: Run, figures: Figures, command: str, on: dt.date) -> str:
    """The whole page; `command` gives the figures again, `on` is the day they were measured."""
    return _template().render(
        run=run,
        figures=figures,
        command=command,
        on=on,
        w=w,
        tables=_Tables,
        kinds=kinds_table(run.rows),
        gaps=gaps_table(run.rows),
        blamed=sum(bool(row.gaps) and row.gold is Verdict.MET for row in run.rows),
        statistics=STATISTICS,
    )


@cache
def _template() -> Template:
    environment = Environment(  # Markdown, of our own figures: nothing to escape
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=False,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    return environment.get_template("qualite.md.jinja")


def kinds_table(rows: Sequence[Row]) -> str:
    """What drafts of each observable kind were worth; empty for a run that did not record it."""
    lines = [
        (
            w.VERDICT_LABELS[list(Verdict).index(Verdict(band.features["verdict"]))],
            band.kind_fr or w.NOTHING,
            str(band.size),
            w.number(band.share, "share") if band.may_be_shown else w.NOTHING,
            _bounds(band),
        )
        for band in kinds.bands(rows)
    ]
    return _table(("Proposition", "Genre", "n", "Accord", "À 95 %"), lines) if lines else ""


def gaps_table(rows: Sequence[Row]) -> str:
    """The criteria on which a check computed an error, beside their label; empty for none."""
    lines = [
        (
            row.candidate.replace("|", "\\|"),
            row.criterion,
            w.VERDICT_LABELS[list(Verdict).index(row.gold)],
            ", ".join(row.gaps),
        )
        for row in rows
        if row.gaps
    ]
    return _table(("Candidat", "Critère", "Étiquette", "Contrôles en écart"), lines, texts=4)


def _bounds(band: Band) -> str:
    if band.low is None or band.high is None:
        return band.note_fr
    return f"{w.number(band.low, 'share')} à {w.number(band.high, 'share')}"


class _Tables:
    """The tables of a part, as the template names them."""

    @staticmethod
    def overall(part: PartFigures) -> str:
        without = w.why_no_interval(part.overall)
        lines = [
            (
                statistic.label_fr,
                w.measure_text(measure),
                w.thousands(measure.size),
                *(() if without else (w.measure_note(measure) or w.NOTHING,)),
                *(w.baseline_text(b, statistic.id) or w.NOTHING for b in part.baselines.values()),
            )
            for statistic in STATISTICS
            if (measure := part.overall[statistic.id]).size
        ]
        names = [w.BASELINE_NAMES[name] for name in part.baselines]
        intervals = () if without else ("Intervalle à 95 %",)
        return _table(("Mesure", "Valeur", "sur", *intervals, *names), lines)

    @staticmethod
    def gaps(part: PartFigures) -> str:
        without = w.why_no_interval(part.overall)
        lines = [
            (
                BY_ID[gap.id].label_fr,
                w.BASELINE_NAMES[name],
                w.change_text(gap),
                *(() if without else (w.noise_text(gap),)),
            )
            for name, gaps in part.gaps.items()
            for gap in gaps
        ]
        noise = () if without else ("Au-delà du bruit ?",)
        return _table(("Mesure", "Repère", "Moteur − repère", *noise), lines)

    @staticmethod
    def confusion(part: PartFigures) -> str:
        lines = [
            (label, *(str(count) for count in line))
            for label, line in zip(w.VERDICT_LABELS, part.overall.confusion, strict=False)
        ]
        return _table(("étiquette ↓ proposition →", *w.VERDICT_LABELS), lines)

    @staticmethod
    def most_confused(part: PartFigures) -> str:
        worst = w.most_confused(part.overall.confusion)
        return f"Les désaccords les plus fréquents : {' ; '.join(worst)}." if worst else ""

    @staticmethod
    def epreuves(part: PartFigures) -> str:
        lines = [
            (one.label_fr, str(one.rows), *(w.measure_text(one[name]) for name in _EPREUVE))
            for one in part.epreuves
        ]
        return _table(("Épreuve", "n", *(BY_ID[name].label_fr for name in _EPREUVE)), lines)

    @staticmethod
    def risk(part: PartFigures) -> str:
        lines = [
            (w.number(p.coverage, "share"), w.number(p.risk, "share"), str(p.kept))
            for p in part.risk_curve
        ]
        return _table(("critères gardés", "erreurs", "propositions"), lines)

    @staticmethod
    def recall(part: PartFigures) -> str:
        lines = [
            (str(k), _at(part.recall_criterion, k), _at(part.recall_attendu, k)) for k in _DEPTHS
        ]
        return _table(("k", "critère", "attendu décidable"), lines)


def _at(points: Sequence[RecallPoint], k: int) -> str:
    return next((w.number(point.recall, "share") for point in points if point.k == k), w.NOTHING)


def _table(titles: Sequence[str], lines: Iterable[Sequence[str]], texts: int = 1) -> str:
    """`texts`: how many columns, from the left, hold words and not figures."""
    rows = [
        f"| {' | '.join(titles)} |",
        f"|{' --- |' * texts}{' ---: |' * (len(titles) - texts)}",
        *(f"| {' | '.join(line)} |" for line in lines),
    ]
    return "\n".join(rows)
