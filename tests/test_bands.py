"""What is said of a draft's worth: measured on the same judge and grid, bounded, or not said."""

import datetime as dt
import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from assistant.app import build_app
from assistant.app.calibration import band_tables
from assistant.app.judges import build_judge
from assistant.cli import cli
from assistant.domain.abstention import AbstentionReason
from assistant.domain.bands import Band, BandTable, DraftKind, sentence_fr
from assistant.domain.finding import CheckOutcome, CriterionFinding
from assistant.domain.report import build_report
from assistant.domain.verdict import AttenduStatus, Verdict
from assistant.errors import MeasuresInvalid
from assistant.evaluation.kinds import bands
from assistant.evaluation.run import Row
from assistant.evaluation.sets import load_set
from assistant.rubric_loader import load_rubric_set
from assistant.settings import Settings
from tests.conftest import COHORT
from tests.evaluation.sets import write_cohort
from tests.sample_findings import MOMENT, finding
from tests.sample_report import rubric_set, summary
from tests.web import site, visitor

MET, PARTLY = Verdict.MET, Verdict.PARTIALLY_MET


def kind(verdict: Verdict = MET, **changes: Any) -> DraftKind:
    values = {"citations": "toutes", "controles": "muets", "lectures": "une"} | changes
    return DraftKind(verdict=verdict, **values)


def rows(kind_of: DraftKind, *, right: int, wrong: int, candidates: int = 6) -> list[Row]:
    other = MET if kind_of.verdict is PARTLY else PARTLY
    return [
        Row(
            candidate=f"c{number % candidates}",
            part="garder",
            file="a.docx",
            epreuve="E9.1",
            group="E9.1/audit",
            criterion=f"E9.1/audit/CE{number}",
            gold=kind_of.verdict if number < right else other,
            draft=kind_of.verdict,
            kind=kind_of,
        )
        for number in range(right + wrong)
    ]


def table(*found: Band, draft: CriterionFinding, **changes: Any) -> BandTable:
    values: dict[str, Any] = {
        "set_name": "essai",
        "set_version": "1",
        "labels_hash": "ab",
        "labels": 233,
        "candidates": 8,
        "authors": 1,
        "command": "preuve eval essai",
        "measured_on": dt.date(2026, 11, 25),
        "engine": draft.provenance.engine,
        "rubrics": {draft.provenance.rubric: draft.provenance.rubric_hash},
        "bands": found,
    }
    return BandTable.model_validate(values | changes)


# -- measured --------------------------------------------------------------------------------------


def test_a_band_is_the_share_that_agreed_with_bounds_that_hold_it():
    found = bands(rows(kind(), right=21, wrong=9))
    finest = found[0]
    assert (finest.size, finest.candidates, finest.agreed) == (30, 6, 21)
    assert finest.share == pytest.approx(0.7)
    assert finest.low is not None
    assert finest.high is not None
    assert finest.low <= 0.7 <= finest.high
    assert finest.low < finest.high


@pytest.mark.parametrize(("size", "candidates"), [(19, 6), (40, 4)])
def test_a_small_sample_is_kept_with_its_reason_and_never_shown(size, candidates):
    band = bands(rows(kind(), right=size, wrong=0, candidates=candidates))[0]
    assert not band.may_be_shown
    assert "il en faut" in band.note_fr
    draft = finding(verdict=MET)
    assert sentence_fr(draft, [table(band, draft=draft)]) == ""


def test_rows_are_grouped_by_what_is_observed_at_each_level():
    both = [*rows(kind(), right=12, wrong=2), *rows(kind(controles="ecart"), right=4, wrong=10)]
    found = bands(both)
    assert [band.size for band in found] == [14, 14, 28, 28]
    assert found[2].features == {"verdict": "acquis", "citations": "toutes", "lectures": "une"}


# -- observed --------------------------------------------------------------------------------------


def test_a_kind_is_what_anyone_can_observe_of_a_draft():
    draft = finding()  # one ★ attendu with an exact quote, a conclusive check that fails
    assert DraftKind.of(draft) == kind(PARTLY, controles="ecart")
    ok = draft.checks[0].model_copy(update={"outcome": CheckOutcome.OK})
    assert DraftKind.of(draft.model_copy(update={"checks": (ok,)})).controles == "conformes"
    hint = draft.checks[0].model_copy(update={"strength": "I"})
    assert DraftKind.of(draft.model_copy(update={"checks": (hint,)})).controles == "muets"
    near = draft.attendus[0].evidence[0].model_copy(update={"match": "proche"})
    first = draft.attendus[0].model_copy(update={"evidence": (near,)})
    assert DraftKind.of(draft.model_copy(update={"attendus": (first,)})).citations == "aucune"


def test_readings_agree_or_are_split_only_when_there_were_several():
    draft = finding()
    engine = draft.provenance.engine.model_copy(update={"parameters": {"mode": "votes"}})
    made = draft.provenance.model_copy(update={"engine": engine})
    voted = draft.model_copy(update={"provenance": made})
    assert DraftKind.of(voted).lectures == "concordantes"
    split = draft.attendus[1].model_copy(
        update={"status": AttenduStatus.NOT_VERIFIABLE, "reason": AbstentionReason.SPLIT_VOTES}
    )
    shared = voted.model_copy(update={"attendus": (draft.attendus[0], split)})
    assert DraftKind.of(shared).lectures == "partagees"


# -- said ------------------------------------------------------------------------------------------


def known() -> tuple[CriterionFinding, BandTable]:
    draft = finding(verdict=PARTLY)
    found = bands(rows(kind(PARTLY, controles="ecart"), right=21, wrong=9))
    return draft, table(*found, draft=draft)


def test_the_sentence_says_the_sample_the_share_its_bounds_and_what_it_is_not():
    draft, measured = known()
    said = sentence_fr(draft, [measured])
    assert said.startswith(
        "Sur l'échantillon d'évaluation (233 étiquettes, un seul auteur), les propositions de ce "
        "genre (une citation exacte pour chaque attendu ★, un contrôle concluant en écart) "
        "concordaient 7 fois sur 10 : 21 sur 30, de "
    )
    assert said.endswith("Ce n'est pas une probabilité pour ce dossier.")


def test_nothing_is_said_of_another_engine_another_setting_or_another_grid():
    draft, measured = known()
    engine = draft.provenance.engine
    for changes in (
        {"engine": engine.model_copy(update={"version": "embarque/2"})},
        {"engine": engine.model_copy(update={"parameters": {"vision": "on"}})},
        {"rubrics": {"E9.1": "0" * 64}},
        {"rubrics": {}},
    ):
        assert sentence_fr(draft, [measured.model_copy(update=changes)]) == ""
    assert sentence_fr(draft, []) == ""


def test_nothing_is_said_of_an_abstention():
    draft, measured = known()
    abstained = draft.model_copy(
        update={"verdict": Verdict.NOT_ASSESSABLE, "abstention_fr": "À voir."}
    )
    assert sentence_fr(abstained, [measured]) == ""


def test_a_kind_too_rare_falls_back_on_a_coarser_one():
    draft = finding(verdict=PARTLY)
    seen = [
        *rows(kind(PARTLY, controles="ecart"), right=3, wrong=3),
        *rows(kind(PARTLY), right=20, wrong=10),
    ]
    said = sentence_fr(draft, [table(*bands(seen), draft=draft)])
    assert "(une citation exacte pour chaque attendu ★)" in said
    assert "23 sur 36" in said


def test_a_report_carries_the_sentence_beside_its_draft():
    draft, measured = known()
    report = build_report(
        rubric_set(), "E9.1", summary(), {draft.criterion_id: draft}, (), MOMENT, bands=[measured]
    )
    told = {entry.criterion.id: entry.calibration_fr for entry in report.entries}
    assert "7 fois sur 10" in told.pop(draft.criterion_id)
    assert set(told.values()) == {""}


# -- kept ------------------------------------------------------------------------------------------


def test_the_published_bands_are_of_the_labels_that_are_here():
    published = BandTable.model_validate_json((COHORT / "bands-embedded.json").read_bytes())
    eval_set = load_set(COHORT)
    assert published.labels_hash == eval_set.labels_hash
    assert published.labels == len(eval_set.labels)
    assert "preuve eval eval_sets/cohorte-exemple --judge embedded" in published.command
    settings = Settings(_env_file=None)
    if published.engine == build_judge("embedded", settings).engine:
        rubrics = load_rubric_set(settings.rubrics_path)
        assert published.rubrics == {r.id: r.content_hash for r in rubrics.rubrics}


def test_an_installation_adds_what_it_measured_and_refuses_what_it_cannot_read(tmp_path: Path):
    draft, measured = known()
    settings = Settings(_env_file=None, data_dir=tmp_path)
    before = len(band_tables(settings))
    (tmp_path / "bands-essai.json").write_text(measured.model_dump_json(), encoding="utf-8")
    assert band_tables(settings)[0] == measured, "wherever the data folder and the project are"
    assert len(band_tables(settings)) == before + 1
    (tmp_path / "bands-essai.json").write_text("{}", encoding="utf-8")
    with pytest.raises(MeasuresInvalid) as caught:
        band_tables(settings)
    assert "bands-essai.json" in caught.value.user_message
    assert "preuve eval" in caught.value.user_message


@pytest.mark.slow
def test_a_command_writes_what_it_measured_and_a_measure_stands_beside_the_drafts(
    tmp_path: Path, monkeypatch
):
    folder = write_cohort(tmp_path / "jeu", ["cand-A_ALICE"])
    data = tmp_path / "data"
    out = data / "bands-jeu.json"
    monkeypatch.setenv("PREUVE_DATA_DIR", str(data))
    done = CliRunner().invoke(cli, ["eval", str(folder), "--bands", str(out)])
    assert done.exit_code == 0, done.output
    written = BandTable.model_validate_json(out.read_bytes())
    assert written == band_tables(Settings(_env_file=None, data_dir=data))[0]
    assert written.labels == len(load_set(folder).labels)
    assert written.command.startswith("preuve eval")
    assert str(tmp_path) not in written.model_dump_json()
    assert not any(band.may_be_shown for band in written.bands), "one candidate is too few"

    app = build_app(Settings(_env_file=None, data_dir=data))
    dossier = app.open(folder / "cand-A_ALICE")
    (epreuve,) = dossier.epreuves
    given = [f for f in app.review(dossier, epreuve) if isinstance(f, CriterionFinding)]
    draft = next(f for f in given if f.verdict is not Verdict.NOT_ASSESSABLE)
    assert {e.calibration_fr for e in app.report(dossier.id, epreuve).entries} == {""}

    measured = bands(rows(DraftKind.of(draft), right=21, wrong=9))
    latest = dt.date(9999, 1, 1)  # after the published measures of the same engine
    newer = table(*measured, draft=draft, measured_on=latest)
    out.write_text(newer.model_dump_json(), encoding="utf-8")
    report = build_app(Settings(_env_file=None, data_dir=data)).report(dossier.id, epreuve)
    entry = next(e for e in report.entries if e.criterion.id == draft.criterion_id)
    assert "7 fois sur 10" in entry.calibration_fr
    with visitor(site(data)) as client:
        shown = client.get(f"/dossier/{dossier.id}/{draft.criterion_id}")
    assert "7 fois sur 10" in shown.text
    assert entry.calibration_fr.split(" : ")[-1] in json.dumps(
        report.model_dump(mode="json"), ensure_ascii=False
    )
