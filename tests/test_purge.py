"""What is past its time goes for good, class by class; what is in use, or has no time, stays."""

import json
import os
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from assistant.adapters.sql_cohorts import SqlCohortStore
from assistant.adapters.sql_store import SqlReviewStore
from assistant.app import App, Purge, build_app, build_purge
from assistant.app.cohort_traces import ANSWERS, COHORTS, REQUESTS
from assistant.audit import verify
from assistant.cli import cli
from assistant.domain.cohort import SpendingRecord
from assistant.domain.finding import Usage
from assistant.domain.journal import JournalAction, JournalEvent
from assistant.domain.retention import DataClass
from assistant.ports import GivenAnswer
from assistant.settings import Settings
from tests.sample_findings import decision, finding
from tests.test_erasure import found_in
from tests.web import TINY

#: Words of the dossier that goes; `found_in` looks for them.
GONE = "kumquatologie"
STAYS = "babiroussa"
NOW = datetime.now(UTC)


class Later:
    """A clock so many days from now."""

    def __init__(self, days: int) -> None:
        self.days = days

    def now(self) -> datetime:
        return NOW + timedelta(days=self.days)


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    return tmp_path / "données"


def installation(data_dir: Path, **days: int) -> App:
    kept = {f"keep_{name}_days": value for name, value in days.items()}
    return build_app(Settings(_env_file=None, data_dir=data_dir, **TINY, **kept))


@pytest.fixture
def store(data_dir: Path) -> Iterator[SqlReviewStore]:
    with SqlReviewStore(data_dir / "preuve.sqlite3") as opened:
        yield opened


def handed_in(app: App, store: SqlReviewStore, tmp_path: Path, word: str) -> str:
    """A dossier deposited, with a draft, a ruling, a note and an answer that waits."""
    path = tmp_path / f"VITRINE_{word}.md"
    path.write_text(f"# Plan\n\nLa vitrine {word} est refaite chaque mois.\n", encoding="utf-8")
    dossier = app.library.deposit([path]).id
    criterion = app.rubric("VITRINE").criteres[0].id
    draft = finding(f"k-{word}", criterion_id=criterion, epreuve="VITRINE")
    store.save_finding(dossier, draft)
    store.append_decision(
        decision(criterion, dossier_id=dossier, epreuve="VITRINE", finding_key=f"k-{word}")
    )
    store.save_note(dossier, "VITRINE", criterion, "Anne", f"revoir {word}")
    answer = GivenAnswer(reply_json=json.dumps(word), raw_text=word, usage=Usage())
    store.keep_answer(dossier, f"autre-{word}", "r", answer)
    return dossier


def used(store: SqlReviewStore, dossier: str, days: int) -> None:
    at = NOW + timedelta(days=days)
    store.journal.append(
        JournalEvent(action=JournalAction.VIEW, actor="Anne", at=at, dossier_id=dossier)
    )


def names(purge: Purge) -> dict[DataClass, tuple[str, ...]]:
    return {due.data: due.names for due in purge.due()}


def test_a_dossier_out_of_use_is_erased_whole_and_one_in_use_stays(data_dir, store, tmp_path):
    app = installation(data_dir, dossiers=30, deposits=30)
    old = handed_in(app, store, tmp_path, GONE)
    kept = handed_in(app, store, tmp_path, STAYS)
    used(store, kept, 20)
    purge = build_purge(app, Later(40))
    assert names(purge) == {DataClass.DOSSIERS: (old,)}, "its copies go with it, not twice"
    assert found_in(data_dir)

    assert purge.apply(purge.due(), actor="Anne Martin") == ()

    assert found_in(data_dir) == []
    assert [record.id for record in app.dossiers()] == [kept]
    assert len(store.decisions(kept, "VITRINE")) == 1
    assert verify(store.journal).sound
    last = list(store.journal.entries())[-1].event
    assert last is not None
    assert last.facts["motif"] == "durée de conservation atteinte"
    assert purge.due() == ()


def test_copies_may_go_before_the_dossier_and_its_decisions_stay(data_dir, store, tmp_path):
    app = installation(data_dir, deposits=30)
    dossier = handed_in(app, store, tmp_path, GONE)
    folder = Path(app.library.record(dossier).folder)
    purge = build_purge(app, Later(31))
    assert names(purge) == {DataClass.DEPOSITS: (folder.name,)}
    purge.apply(purge.due(), actor="Anne")
    assert not folder.exists()
    assert len(store.decisions(dossier, "VITRINE")) == 1
    assert purge.due() == ()
    assert verify(store.journal).sound


def test_copies_that_belong_to_no_dossier_go_by_their_own_age(data_dir, store):
    app = installation(data_dir, deposits=30)
    for name, days in (("aucun-vieux", -31), ("aucun-neuf", -1)):
        folder = data_dir / "depots" / name
        folder.mkdir(parents=True)
        moment = (NOW + timedelta(days=days)).timestamp()
        os.utime(folder, (moment, moment))
    assert names(build_purge(app, Later(0))) == {DataClass.DEPOSITS: ("aucun-vieux",)}


def test_answers_that_wait_too_long_go_and_the_drafts_stay(data_dir, store, tmp_path):
    app = installation(data_dir, answers=7)
    dossier = handed_in(app, store, tmp_path, STAYS)
    purge = build_purge(app, Later(8))
    assert names(purge) == {DataClass.ANSWERS: (dossier,)}
    purge.apply(purge.due(), actor="Anne")
    assert store.given_answer(f"autre-{STAYS}", "r") is None
    assert len(store.current_findings(dossier, "VITRINE")) == 1


def test_a_cohort_s_account_goes_and_another_s_stays(data_dir, store):
    app = installation(data_dir, cohorts=90)
    cohorts = SqlCohortStore(store)
    for cohort, days in (("vieille", -100), ("récente", -100), ("récente", -5)):
        cohorts.commit(
            (),
            SpendingRecord(
                cohort_id=cohort,
                run_id=f"{days}",
                model="essai",
                started_at=NOW + timedelta(days=days),
            ),
        )
    folders = {name: data_dir / COHORTS / name for name in ("vieille", "récente")}
    for folder in folders.values():
        folder.mkdir(parents=True)
        (folder / f"a{REQUESTS}").write_text("{}", encoding="utf-8")
    purge = build_purge(app, Later(0))
    assert names(purge) == {DataClass.COHORTS: ("vieille",)}
    purge.apply(purge.due(), actor="Anne")
    assert len(cohorts.spending("récente")) == 2
    assert cohorts.spending("vieille") == ()
    assert [path for path in folders.values() if path.exists()] == [folders["récente"]]


def test_files_that_a_dossier_stands_on_outlive_their_cohort_s_account(data_dir, store, tmp_path):
    app = installation(data_dir, cohorts=90)
    cohort = data_dir / COHORTS / "vieille"
    candidate = cohort / "dossiers" / "MARTIN Anne"
    candidate.mkdir(parents=True)
    handed_in_at(candidate)
    app.library.open(candidate)
    (cohort / "lots").mkdir()
    (cohort / "lots" / f"a{ANSWERS}").write_text("{}", encoding="utf-8")
    app.holdings.traces.forget_cohort("vieille", [candidate.resolve()])
    assert sorted(path.name for path in cohort.rglob("*") if path.is_file()) == ["E3.1_bilan.md"]
    app.holdings.traces.forget_cohort("vieille", [])
    assert not cohort.exists()


def handed_in_at(folder: Path) -> None:
    (folder / "E3.1_bilan.md").write_text("# Bilan\n\nDouze ventes en mai.\n", encoding="utf-8")


def test_old_log_ins_lose_their_text_and_the_chain_holds(data_dir, store, tmp_path):
    app = installation(data_dir, journal=365)
    dossier = handed_in(app, store, tmp_path, STAYS)
    for days in (-400, -300):
        at = NOW + timedelta(days=days)
        store.journal.append(
            JournalEvent(action=JournalAction.LOGIN, actor=f"Zéphyrine {days}", at=at)
        )
    purge = build_purge(app, Later(0))
    (due,) = purge.due()
    assert (due.data, due.count) == (DataClass.JOURNAL, 1)
    purge.apply([due], actor="Anne")

    actors = [e.event.actor for e in store.journal.entries() if e.event]
    assert "Zéphyrine -300" in actors
    assert "Zéphyrine -400" not in actors
    assert any(entry.dossier_id == dossier for entry in store.journal.entries())
    assert verify(store.journal).sound
    assert verify(store.journal).erased == 1
    assert purge.due() == ()

    later = build_purge(app, Later(1000))
    later.apply(later.due(), actor="Anne")
    assert verify(store.journal).sound, "what an erasure says is itself never erased"


@pytest.mark.parametrize("days", [36_500, -36_500])
def test_without_a_duration_nothing_is_ever_due(data_dir, store, tmp_path, days):
    app = installation(data_dir)
    handed_in(app, store, tmp_path, STAYS)
    assert build_purge(app, Later(days)).due() == ()


def test_a_clock_set_back_purges_nothing(data_dir, store, tmp_path):
    app = installation(data_dir, dossiers=1, deposits=1, answers=1, cohorts=1, journal=1)
    handed_in(app, store, tmp_path, STAYS)
    assert build_purge(app, Later(-1000)).due() == ()


def test_the_command_says_what_would_go_and_takes_nothing_away_until_told(
    data_dir, store, tmp_path, monkeypatch
):
    app = installation(data_dir)
    dossier = handed_in(app, store, tmp_path, STAYS)
    folder = data_dir / "depots" / "vieux"
    folder.mkdir()
    os.utime(folder, (0, 0))
    monkeypatch.setenv("PREUVE_DATA_DIR", str(data_dir))
    monkeypatch.setenv("PREUVE_CERTIFICATION", str(TINY["certification"]))
    monkeypatch.setenv("PREUVE_RUBRICS_DIR", str(TINY["rubrics_dir"]))

    unset = CliRunner().invoke(cli, ["purge"])
    assert "Aucune durée n'est réglée" in unset.output
    assert "Rien n'a dépassé" in unset.output

    monkeypatch.setenv("PREUVE_KEEP_DEPOSITS_DAYS", "30")
    before = store.journal.head()
    said = CliRunner().invoke(cli, ["purge", "--dry-run"])
    assert said.exit_code == 0
    assert "1 copie de fichiers déposés" in said.output
    assert "rien n'a été effacé" in said.output
    refused = CliRunner().invoke(cli, ["purge"], input="n\n")
    assert refused.exit_code != 0
    assert folder.is_dir()
    assert store.journal.head() == before

    done = CliRunner().invoke(cli, ["purge", "--oui", "--par", "Anne Martin"])
    assert done.exit_code == 0, done.output
    assert not folder.exists()
    last = list(store.journal.entries())[-1].event
    assert last is not None
    assert (last.actor, last.facts["nombre"]) == ("Anne Martin", "1")
    assert app.library.record(dossier).id == dossier
