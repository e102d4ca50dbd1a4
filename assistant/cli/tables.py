"""Findings as tables for a terminal."""

from collections import Counter
from collections.abc import Sequence

from rich.markup import escape
from rich.table import Table

from assistant.domain.finding import CriterionFinding, Finding
from assistant.domain.rubric import Certification, Rubric
from assistant.domain.verdict import Verdict

_COLOURS = {
    Verdict.MET: "green",
    Verdict.PARTIALLY_MET: "yellow",
    Verdict.NOT_MET: "red",
    Verdict.NOT_ASSESSABLE: "cyan",
}


def findings_table(
    certification: Certification, rubric: Rubric, findings: Sequence[Finding]
) -> Table:
    """One line per criterion: proposed verdict, number of proofs, first place."""
    table = Table(show_lines=False, expand=False)
    for title in ("Critère", "Proposition", "Preuves", "Première preuve"):
        table.add_column(title, overflow="fold")
    for finding in findings:
        short = finding.criterion_id.removeprefix(f"{rubric.id}/")
        table.add_row(short, *_cells(certification, finding))
    return table


def _cells(certification: Certification, finding: Finding) -> tuple[str, str, str]:
    if not isinstance(finding, CriterionFinding):
        return "[magenta]échec[/magenta]", "0", escape(finding.message_fr)
    label = certification.libelle(finding.verdict)
    colour = _COLOURS[finding.verdict]
    first = finding.evidence[0].place_fr if finding.evidence else finding.abstention_fr or "—"
    return f"[{colour}]{escape(label)}[/{colour}]", str(len(finding.evidence)), escape(first)


def verdict_counts(certification: Certification, findings: Sequence[Finding]) -> str:
    """Verdicts and failures in one sentence: « Propositions : 8 Acquis, 3 Partiel, 1 échec. »."""
    counts = Counter(f.verdict for f in findings if isinstance(f, CriterionFinding))
    parts = [f"{counts[v]} {certification.libelle(v)}" for v in Verdict if counts[v]]
    failures = sum(not isinstance(f, CriterionFinding) for f in findings)
    if failures:
        parts.append(f"{failures} échec{'s' if failures > 1 else ''}")
    return f"Propositions : {', '.join(parts)}."
