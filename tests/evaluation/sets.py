"""Small labelled sets and rows with known figures."""

import csv
from collections.abc import Sequence
from pathlib import Path

import docx
import yaml

from assistant.domain.finding import EngineId, JudgeName
from assistant.domain.verdict import Verdict
from assistant.evaluation.run import QuoteCheck, Row, Run, SetIdentity
from assistant.evaluation.sets import Part

MET, PARTIAL, NOT_MET, UNKNOWN = Verdict
GOLD_COLUMNS = (
    "candidat",
    "fichier",
    "epreuve",
    "critere_id",
    "verdict",
    "citation",
    "commentaire",
)
EPREUVE = "E3.1"
CRITERIA = tuple(f"E3.1/analyse-campagne/CE{number}" for number in (1, 2, 3))
DELIVERABLE = "E3.1_analyse.docx"
#: A short analysis: figures and their reading, a right formula, no context at all.
PARAGRAPHS = (
    "Analyse de performance de la campagne",
    "Données extraites du gestionnaire le 3 mars 2026 : 42 000 impressions, 18 500 personnes "
    "de portée, 1 250 clics, 50 conversions, 900 € de dépense.",
    "Le taux de clics est de 3 % : ce niveau s'explique par une création vidéo plus courte, la "
    "conséquence est une baisse du coût par clic.",
    "Taux de conversion = achats ÷ clics × 100 = 50 ÷ 1 250 × 100 = 4 %.",
)
CITATIONS = (
    "1 250 clics, 50 conversions, 900 € de dépense",
    "Taux de conversion = achats ÷ clics × 100",
    "",
)


def row(
    gold: Verdict,
    draft: Verdict | None,
    *,
    candidate: str = "c1",
    criterion: str = "E/g/CE1",
    part: Part = "garder",
    **fields: object,
) -> Row:
    """A row that stands for itself; `fields` replaces any other of its values."""
    return Row(
        candidate=candidate,
        part=part,
        file="f.docx",
        epreuve="E",
        group="E/g",
        criterion=criterion,
        gold=gold,
        draft=draft,
        **fields,  # type: ignore[arg-type]  # the fields of a Row
    )


def rows(pairs: Sequence[tuple[Verdict, Verdict | None]], *, candidates: int = 1) -> list[Row]:
    """Rows with these verdicts, dealt to the candidates in turn, each with one exact quote."""
    return [
        row(
            gold,
            draft,
            candidate=f"c{number % candidates}",
            criterion=f"E/g/CE{number}",
            quotes=QuoteCheck(shown=1, reread=1, second_readable=1, second_read=1),
        )
        for number, (gold, draft) in enumerate(pairs)
    ]


def run(
    made_of: Sequence[Row],
    *,
    engine: JudgeName = "embedded",
    labels: str = "a" * 64,
    **fields: object,
) -> Run:
    """A run over these rows."""
    return Run(
        set=SetIdentity(name="essai", version="1", labels_hash=labels),
        engine=EngineId(engine=engine, version="1"),
        rubrics_hash="b" * 64,
        rows=tuple(made_of),
        **fields,  # type: ignore[arg-type]  # the fields of a Run
    )


def word_file(path: Path, *paragraphs: str) -> Path:
    document = docx.Document()
    for paragraph in paragraphs:
        document.add_paragraph(paragraph)
    path.parent.mkdir(parents=True, exist_ok=True)
    document.save(str(path))
    return path


def labels_of(
    candidate: str, verdicts: Sequence[str] = ("acquis", "acquis", "non_acquis")
) -> list[dict[str, str]]:
    """The labels of one candidate who hands in `PARAGRAPHS`."""
    return [
        {
            "candidat": candidate,
            "fichier": DELIVERABLE,
            "epreuve": EPREUVE,
            "critere_id": criterion,
            "verdict": verdict,
            "citation": citation,
            "commentaire": "Dit par le test.",
        }
        for criterion, verdict, citation in zip(CRITERIA, verdicts, CITATIONS, strict=True)
    ]


def write_csv(path: Path, columns: Sequence[str], lines: Sequence[dict[str, str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, columns)
        writer.writeheader()
        writer.writerows(lines)


def write_cohort(
    folder: Path,
    candidates: Sequence[str],
    labels: Sequence[dict[str, str]] | None = None,
    *,
    described: dict[str, object] | None = None,
) -> Path:
    """A cohort of candidates who all hand in `PARAGRAPHS`; with `described`, a set of its own."""
    for candidate in candidates:
        word_file(folder / candidate / DELIVERABLE, *PARAGRAPHS)
    manifest = [
        {"candidat": c, "fichier": DELIVERABLE, "type": "livrable", "epreuve": EPREUVE}
        for c in candidates
    ]
    write_csv(folder / "cohorte.csv", ("candidat", "fichier", "type", "epreuve"), manifest)
    lines = [label for c in candidates for label in labels_of(c)] if labels is None else labels
    write_csv(folder / "gold.csv", GOLD_COLUMNS, lines)
    if described is not None:
        (folder / "set.yaml").write_text(
            yaml.safe_dump(described, allow_unicode=True), encoding="utf-8"
        )
    return folder
