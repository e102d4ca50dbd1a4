"""A cohort's results as files: hostile words, failures, nothing decided, everything signed."""

import csv
import io
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from typer.testing import CliRunner

from assistant.app import build_app
from assistant.app.cohort.results import result_files
from assistant.cli import cli
from assistant.domain.assessment import Signature
from assistant.domain.verdict import Verdict
from assistant.reporting.cells import safe_text
from assistant.reporting.cohort_csv import gradebook_csv
from assistant.reporting.cohort_results import (
    CohortResults,
    ColumnHead,
    EpreuveTable,
    Problem,
    ResultCell,
    ResultRow,
)
from assistant.settings import Settings
from tests.cohorts import generate

NOW = datetime(2026, 11, 26, 19, 0, tzinfo=UTC)
HOSTILE = (
    '=HYPERLINK("http://x")',
    "+1",
    "-1",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    "  =1",
    "＝1",
    "\x00=1",
)
LABELS = {
    Verdict.MET: "Acquis",
    Verdict.PARTIALLY_MET: "Partiel",
    Verdict.NOT_MET: "Non acquis",
    Verdict.NOT_ASSESSABLE: "Non évaluable",
}


def row(number: int, name: str, *cells: ResultCell, signed: bool = False) -> ResultRow:
    signature = Signature(person="A. Roux", at=NOW, sha256="0" * 64) if signed else None
    return ResultRow(
        dossier_id=f"D-{number:04d}", name=name, epreuve="E1.2", cells=cells, signature=signature
    )


def table(*rows: ResultRow, epreuve: str = "E1.2") -> EpreuveTable:
    heads = tuple(
        ColumnHead(id=f"E1.2/g/CE{n}", group_fr="g", text_fr=f"Critère <{n}>") for n in (1, 2)
    )
    return EpreuveTable(
        epreuve=epreuve,
        title_fr="Stratégie",
        rubric_fr="grille E1.2, version 1",
        labels=LABELS,
        heads=heads,
        rows=rows,
    )


def results(*tables: EpreuveTable, **changes: Any) -> CohortResults:
    values: dict[str, Any] = {
        "cohort_id": "C-1",
        "label": "promo",
        "made_at": NOW,
        "named": True,
        "candidates": 2,
        "tables": tables,
    } | changes
    return CohortResults(**values)


def cells_of(data: bytes) -> list[Any]:
    book = openpyxl.load_workbook(io.BytesIO(data))
    return [c for sheet in book for line in sheet.iter_rows() for c in line if c.value is not None]


MET = ResultCell(draft=Verdict.MET)
FAILED = ResultCell(failure_fr="=cmd|' /C calc'!A0")


@pytest.mark.parametrize("text", HOSTILE)
def test_no_export_holds_a_formula_whatever_a_name_or_a_message_starts_with(text):
    problem = Problem(dossier_id="D-1", name=text, message_fr=text)
    made = results(table(row(1, text, MET, FAILED)), label=text, problems=(problem,))
    files = result_files(made)
    for cell in cells_of(files["resultats.xlsx"]):
        assert cell.data_type != "f"
        assert not str(cell.value).lstrip().startswith(("=", "+", "-", "@", "＝"))
    for name, delimiter in (("resultats.csv", ";"), ("resultats_virgules.csv", ",")):
        lines = csv.reader(io.StringIO(files[name].decode("utf-8-sig")), delimiter=delimiter)
        for value in (value for line in lines for value in line):
            assert not value.lstrip().startswith(("=", "+", "-", "@", "＝"))


def test_an_ordinary_text_is_left_as_it_is():
    assert safe_text("L'équipe = 3 personnes, -2 %") == "L'équipe = 3 personnes, -2 %"


def test_a_draft_and_a_decision_stand_side_by_side_and_a_draft_alone_decides_nothing():
    decided = ResultCell(draft=Verdict.NOT_MET, decision=Verdict.MET)
    book = openpyxl.load_workbook(
        io.BytesIO(result_files(results(table(row(1, "Léa", decided, MET))))["resultats.xlsx"])
    )
    values = [cell.value for cell in book["E1.2"][4]]
    assert values[:7] == ["D-0001", "Léa", "1 sur 2", "Non acquis", "Acquis", "Acquis", None]


def test_names_are_written_only_when_asked_for():
    named = result_files(results(table(row(1, "Léa Zweig", MET, FAILED))))
    bare = result_files(
        results(
            table(row(1, "Léa Zweig", MET, FAILED)),
            named=False,
            problems=(Problem(dossier_id="D-1", name="Léa Zweig", message_fr="illisible"),),
        )
    )
    assert b"Zweig" in named["resultats.csv"]
    assert not any(b"Zweig" in data for name, data in bare.items() if name.endswith(".csv"))
    assert not any("Zweig" in str(cell.value) for cell in cells_of(bare["resultats.xlsx"]))


def test_the_gradebook_holds_only_what_people_have_signed():
    both = ResultCell(draft=Verdict.MET, decision=Verdict.MET, justification_fr="Vu <b>page 3</b>.")
    other = ResultCell(draft=Verdict.MET, decision=Verdict.NOT_MET)
    rows = (
        row(1, "Drafted", MET, MET),
        row(2, "Decided", both, other),
        row(3, "Signed", both, other, signed=True),
    )
    told = list(csv.reader(io.StringIO(gradebook_csv(table(*rows), named=False).decode())))
    assert [line[:2] for line in told] == [["Numéro d'identification", "Note"], ["D-0003", "1"]]
    assert "Critères acquis : 1 sur 2." in told[1][2]
    assert "Non acquis" in told[1][2]
    assert "Vu ‹b›page 3‹/b›." in told[1][2]


def test_an_empty_cohort_and_one_that_failed_altogether_give_workbooks_too():
    empty = result_files(results(candidates=0))
    assert "Aucun." in [cell.value for cell in cells_of(empty["resultats.xlsx"])]
    lost = result_files(results(table(row(1, "Léa", FAILED, FAILED))))
    assert "Échec" in [cell.value for cell in cells_of(lost["resultats.xlsx"])]


def test_a_criterion_that_no_draft_meets_is_told_and_one_or_two_candidates_tell_nothing():
    none = ResultCell(draft=Verdict.NOT_MET)
    told = {}
    for count in (2, 3):
        rows = (row(n, "Léa", none, MET) for n in range(count))
        data = result_files(results(table(*rows)))["resultats.xlsx"]
        sheet = openpyxl.load_workbook(io.BytesIO(data))["Par critère"]
        told[count] = [line[8].value for line in sheet.iter_rows(min_row=2)]
    assert told == {2: [None, None], 3: ["Aucune proposition «\u00a0acquis\u00a0».", None]}


def test_sheets_keep_apart_whatever_the_grids_are_called():
    tables = [table(row(1, "Léa", MET, MET), epreuve=name) for name in ("A/B", "A:B", "coûts")]
    book = openpyxl.load_workbook(io.BytesIO(result_files(results(*tables))["resultats.xlsx"]))
    assert len(book.sheetnames) == len(set(map(str.lower, book.sheetnames))) == 9


def test_the_command_writes_every_candidate_of_a_cohort(tmp_path, monkeypatch):
    promo = generate(tmp_path / "promo", 2)
    (promo / "=VIDE").mkdir()
    (promo / "=VIDE" / "E1.1_rendu.docx").write_bytes(b"PK rien")
    monkeypatch.setenv("PREUVE_DATA_DIR", str(tmp_path / "donnees"))
    monkeypatch.setenv("PREUVE_READING_WORKERS", "1")
    out = tmp_path / "resultats"
    arguments = [
        "batch",
        str(promo),
        "-q",
        "--judge",
        "embedded",
        "--resultats",
        str(out),
        "--grilles",
    ]
    ended = CliRunner().invoke(cli, arguments)
    assert ended.exit_code == 3, ended.output
    app = build_app(Settings(_env_file=None, data_dir=tmp_path / "donnees"))
    facts = [
        (e.event.dossier_id, e.event.facts.get("forme")) for e in app.audit.entries() if e.event
    ]
    taken = {dossier_id for dossier_id, form in facts if form == "cohorte"}
    lines = list(csv.DictReader(_text(out / "resultats.csv"), delimiter=";"))
    assert len({line["dossier"] for line in lines}) == 3
    assert taken == {line["dossier"] for line in lines}
    assert all(line["proposition_brouillon"] or line["echec"] for line in lines)
    assert not any(line["decision"] for line in lines)
    assert len(list((out / "grilles").iterdir())) == len(lines_by_grid(lines))
    assert all(path.stat().st_mode & 0o077 == 0 for path in out.rglob("*"))
    assert _text(out / "moodle_E1.1.csv").read().count("\n") == 1


def lines_by_grid(lines: list[dict[str, str]]) -> set[tuple[str, str]]:
    return {(line["dossier"], line["epreuve"]) for line in lines}


def _text(path: Path) -> io.StringIO:
    return io.StringIO(path.read_text(encoding="utf-8-sig"))
