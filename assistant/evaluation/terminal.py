"""The figures as tables for a terminal."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final

from rich.console import Group, RenderableType
from rich.markup import escape
from rich.table import Table

from assistant.evaluation import wording as w
from assistant.evaluation.catalogue import BY_ID, STATISTICS
from assistant.evaluation.comparison import Comparison, Flip
from assistant.evaluation.figures import Figures, PartFigures, Slice
from assistant.evaluation.gate import Gate
from assistant.evaluation.labels import SetProblem
from assistant.evaluation.run import Run

#: Figures of a slice, under names short enough for a narrow terminal.
_BY_SLICE: Final = {
    "agreement": "Accord",
    "kappa": "κ",
    "kappa_quadratic": "κ quadr.",
    "defect_recall": "Défauts vus",
    "defects_passed": "dits acquis",
    "leniency": "Indulg.",
    "abstention": "Abst.",
}
_BY_GROUP: Final = {key: _BY_SLICE[key] for key in ("agreement", "leniency", "abstention")}


def figures_view(run: Run, figures: Figures) -> Group:
    """Everything, from the whole to the criteria."""
    parts: list[RenderableType] = [
        f"[bold]{escape(run.set.title or run.set.name)}[/bold], version {escape(run.set.version)} "
        f"— {len(run.rows)} étiquettes, {len(run.candidates)} candidats",
        escape(f"Juge : {w.engine_text(run.engine)}"),
    ]
    for part in figures.parts:
        parts += _part_view(part)
    parts.append(f"\nConsommé : {w.spent_text(figures.spent)}")
    parts += [f"[dim]• {escape(limit)}[/dim]" for limit in run.set.limits]
    return Group(*parts)


def _part_view(part: PartFigures) -> Iterator[RenderableType]:
    yield f"\n[bold]{w.PART_LABELS[part.part]}[/bold] : {part.overall.rows} critères"
    yield _overall(part)
    if why := w.why_no_interval(part.overall):
        yield f"Pas d'intervalle : {why}."
    yield _gaps(part)
    yield _confusion(part.overall)
    yield _slices("Épreuve", part.epreuves, _BY_SLICE)
    yield _slices("Groupe", part.groups, _BY_GROUP)
    yield _slices("Critère", part.criteria, _BY_GROUP)
    yield _curves(part)


def _overall(part: PartFigures) -> Table:
    table = Table("Mesure", title_justify="left")
    table.add_column("Valeur", justify="right", no_wrap=True)
    table.add_column("sur", justify="right")
    without = w.why_no_interval(part.overall)
    if not without:
        table.add_column("Intervalle à 95 %")
    for name in part.baselines:
        table.add_column(w.BASELINE_NAMES[name], justify="right", no_wrap=True)
    for statistic in STATISTICS:
        measure = part.overall[statistic.id]
        others = (w.baseline_text(base, statistic.id) for base in part.baselines.values())
        table.add_row(
            statistic.label_fr,
            w.measure_text(measure),
            w.thousands(measure.size),
            *(() if without else (w.measure_note(measure),)),
            *others,
        )
    return table


def _gaps(part: PartFigures) -> Table:
    table = Table("Moteur − repère")
    for title in ("Repère", "Écart"):
        table.add_column(title, justify="right", no_wrap=True)
    without = w.why_no_interval(part.overall)
    if not without:
        table.add_column("Au-delà du bruit ?")
    for name, gaps in part.gaps.items():
        for gap in gaps:
            table.add_row(
                BY_ID[gap.id].label_fr,
                w.BASELINE_NAMES[name],
                w.change_text(gap),
                *(() if without else (w.noise_text(gap),)),
            )
    return table


def _confusion(overall: Slice) -> Table:
    table = Table("étiquette ↓ proposition →")
    for label in w.VERDICT_LABELS:
        table.add_column(label, justify="right")
    for label, line in zip(w.VERDICT_LABELS, overall.confusion, strict=False):
        table.add_row(label, *(str(count) for count in line))
    return table


def _slices(title: str, slices: Sequence[Slice], shown: Mapping[str, str]) -> Table:
    table = Table()
    table.add_column(title, no_wrap=True)
    table.add_column("n", justify="right")
    for label in shown.values():
        table.add_column(label, justify="right")
    for one in slices:
        cells = (w.measure_text(one[statistic]) for statistic in shown)
        table.add_row(escape(one.label_fr), str(one.rows), *cells)
    return table


def _curves(part: PartFigures) -> str:
    lines = ["Risque selon la couverture : " + (_risk(part) or w.NOTHING)]
    for label, points in (
        ("critère", part.recall_criterion),
        ("attendu décidable", part.recall_attendu),
    ):
        shown = ", ".join(f"k={p.k} : {w.number(p.recall, 'share')}" for p in points)
        lines.append(f"Rappel de la recherche ({label}) : {shown or w.NOTHING}")
    return "\n".join(lines)


def _risk(part: PartFigures) -> str:
    return ", ".join(
        f"{w.number(p.coverage, 'share')} gardés → {w.number(p.risk, 'share')} d'erreurs"
        for p in part.risk_curve
    )


def comparison_view(comparison: Comparison) -> Group:
    """What changed, figure by figure, then criterion by criterion."""
    table = Table("Mesure")
    for title in ("Avant", "Après", "Écart"):
        table.add_column(title, justify="right", no_wrap=True)
    table.add_column("Au-delà du bruit ?")
    for difference in comparison.differences:
        statistic = BY_ID[difference.id]
        table.add_row(
            statistic.label_fr,
            w.number(difference.before, statistic.kind),
            w.number(difference.after, statistic.kind),
            w.change_text(difference),
            w.noise_text(difference),
        )
    right = sum(flip.became_right for flip in comparison.flips)
    wrong = sum(flip.became_wrong for flip in comparison.flips)
    summary = (
        f"{comparison.rows} critères comparés ; {len(comparison.flips)} propositions changent : "
        f"{right} deviennent justes, {wrong} cessent de l'être."
    )
    return Group(table, summary, *(_flip_line(flip) for flip in comparison.flips))


def _flip_line(flip: Flip) -> str:
    mark = "[green]+[/green]" if flip.became_right else "[red]−[/red]" if flip.became_wrong else "·"
    before, after = flip.before or "échec", flip.after or "échec"
    return (
        f"{mark} {escape(flip.candidate)} {escape(flip.criterion)} : {before} → {after} "
        f"(étiquette : {flip.gold})"
    )


def gate_view(gate: Gate) -> Group:
    """Each guarded figure, then the outcome."""
    lines = [
        f"{'[green]✓[/green]' if check.passed else '[red]✗[/red]'} {w.gate_text(check)}"
        for check in gate.checks
    ]
    outcome = (
        "[green]Rien n'a reculé au-delà du bruit.[/green]"
        if gate.passed
        else "[red]La qualité a reculé au-delà du bruit de mesure.[/red] Si c'est voulu, "
        "refaites la référence avec --save-baseline."
    )
    return Group(*lines, outcome)


def problems_view(problems: Iterable[SetProblem]) -> Group:
    """One line each, errors and remarks."""
    marks = {"erreur": "[red]✗[/red]", "remarque": "[yellow]![/yellow]"}
    return Group(*(f"{marks[p.severity]} {escape(str(p))}" for p in problems))
