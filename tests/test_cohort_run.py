"""A cohort through a real HTTP server: planned, run, resumed, bounded by its budget."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from assistant.app import App
from assistant.app.cohort import CohortPlan, RunReport, Stop
from assistant.cohort import AnomalyKind
from assistant.domain.finding import CriterionFinding, FindingFailure
from assistant.errors import BudgetUnusable, CohortBusy
from tests.cohorts import Silent, generate, installation
from tests.conftest import COHORT
from tools.loopback_llm import FAULTS, Behaviour, LoopbackServer

pytestmark = pytest.mark.slow  # about a minute in all


@pytest.fixture(scope="module")
def promo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return generate(tmp_path_factory.mktemp("promo"), 4)


@pytest.fixture
def server() -> Iterator[LoopbackServer]:
    with LoopbackServer() as serving:
        yield serving


def run(app: App, promo: Path, **options: Any) -> tuple[CohortPlan, RunReport, Silent]:
    witness = Silent()
    with app.cohorts().cohort(promo, judge="llm") as cohort:
        plan = cohort.plan()
        return plan, cohort.run(plan, witness, **options), witness


def test_every_criterion_is_drafted_once_and_the_counts_are_the_server_s(tmp_path, promo, server):
    app = installation(tmp_path, server.url)
    plan, report, witness = run(app, promo)
    account = server.account
    assert report.stop is Stop.DONE
    assert report.drafted == plan.pending == len(witness.findings) > 25
    assert report.failed == 0
    assert report.traffic.requests == account.calls == plan.pending
    usage = report.usage
    assert (usage.input_tokens, usage.cached_tokens, usage.output_tokens) == (
        account.input_tokens,
        account.cached_tokens,
        account.output_tokens,
    )
    spent = sum(f.provenance.usage.cost_eur for f in witness.findings)
    assert usage.cost_eur == pytest.approx(spent)
    opened = sum(event.startswith("opened") for event in witness.events)
    assert opened == len(plan.dossiers) == len(witness.events) - opened


def test_documents_are_paid_once_per_epreuve_then_read_from_the_cache(tmp_path, promo, server):
    app = installation(tmp_path, server.url)
    _, report, witness = run(app, promo)
    fresh = report.usage.input_tokens - report.usage.cached_tokens
    first: dict[tuple[str, str], int] = {}
    for finding in witness.findings:
        place = (finding.provenance.dossier_id, finding.epreuve)
        tokens = finding.provenance.usage.input_tokens
        first[place] = min(first.get(place, tokens), tokens)
    assert fresh < sum(first.values()) + 2500 * len(witness.findings)
    assert report.usage.cached_tokens > 0.5 * report.usage.input_tokens


def test_running_again_asks_nothing_and_reads_nothing(tmp_path, promo, server):
    app = installation(tmp_path, server.url)
    run(app, promo)
    calls = server.account.calls
    again = installation(tmp_path, server.url)
    plan, report, witness = run(again, promo)
    assert (plan.pending, report.drafted, witness.events) == (0, 0, [])
    assert server.account.calls == calls


def test_only_what_a_changed_file_bears_on_is_done_again(tmp_path, server):
    promo = generate(tmp_path / "promo", 3)
    app = installation(tmp_path, server.url)
    _, before, _ = run(app, promo)
    changed = sorted(promo.glob("*/E1.1_rendu.md"))[1]
    changed.write_text(changed.read_text(encoding="utf-8") + "\nAjout.\n", encoding="utf-8")
    plan, report, witness = run(app, promo)
    assert 0 < report.drafted == plan.pending < before.drafted
    assert {f.provenance.dossier_id for f in witness.findings} == {
        d.dossier_id for d in plan.dossiers if d.folder == changed.parent
    }


def test_a_draft_that_another_prompt_replaced_is_shown_again_without_a_call(
    tmp_path, promo, server
):
    app = installation(tmp_path, server.url)
    _, first, _ = run(app, promo)
    with app.cohorts(llm_seed=7).cohort(promo, judge="llm") as cohort:
        cohort.run(cohort.plan(), Silent())
    calls = server.account.calls
    plan, report, witness = run(app, promo)
    assert (plan.pending, server.account.calls) == (0, calls)
    assert sum(d.stale for d in plan.dossiers) == len(witness.findings) == first.drafted
    one = witness.findings[0]
    assert app.finding(one.provenance.dossier_id, one.epreuve, one.criterion_id) == one


def test_under_faults_every_criterion_ends_in_a_finding_or_a_failure(tmp_path, promo):
    behaviour = Behaviour(seed=3, hang_seconds=2.5, **{k: v * 2 for k, v in FAULTS.items()})
    with LoopbackServer(behaviour) as server:
        app = installation(tmp_path, server.url, llm_timeout_seconds=2.0)
        plan, report, witness = run(app, promo)
        account = server.account
    assert report.stop is Stop.DONE
    assert report.drafted + report.failed == plan.pending == len(witness.findings)
    assert account.too_many + account.broken + account.truncated + account.silent > 0
    assert report.traffic.requests == account.calls
    assert report.usage.input_tokens == account.input_tokens
    assert report.usage.output_tokens == account.output_tokens
    for finding in witness.findings:
        assert isinstance(finding, CriterionFinding) or finding.message_fr


@pytest.mark.parametrize("refusal", ["quota", "key", "model"])
def test_a_refusal_that_no_retry_mends_stops_the_run_and_records_no_failure(
    tmp_path, promo, refusal
):
    with LoopbackServer(Behaviour(refuse_after=10, refusal=refusal)) as server:
        app = installation(tmp_path, server.url)
        plan, report, witness = run(app, promo)
        calls = server.account.calls
        assert report.stop is Stop.MODEL
        assert report.message_fr
        assert report.drafted == 10
        assert not [f for f in witness.findings if isinstance(f, FindingFailure)]
        assert calls <= 10 + 2 * 8
        server.behaviour.refuse_after = -1
        rest, second, _ = run(app, promo)
    assert second.stop is Stop.DONE
    assert second.drafted == rest.pending == plan.pending - 10


def test_a_server_that_is_gone_stops_the_run_soon(tmp_path, promo):
    app = installation(
        tmp_path, "http://127.0.0.1:9/v1", llm_max_attempts=1, llm_timeout_seconds=0.2
    )
    from assistant.app.cohort import cohort as module

    assert module._FEWEST_ATTEMPTS > 1
    with app.cohorts().cohort(promo, judge="llm") as cohort:
        cohort._judge.models[0]._sleep = lambda seconds: None
        plan = cohort.plan()
        report = cohort.run(plan, Silent())
    assert report.stop is Stop.MODEL
    assert "ne répond plus" in report.message_fr
    assert report.failed < plan.pending


def test_the_budget_is_crossed_by_no_more_than_what_was_under_way(tmp_path, promo, server):
    app = installation(tmp_path, server.url)
    with app.cohorts().cohort(promo, judge="llm") as cohort:
        plan = cohort.plan()
        budget = (plan.cost_eur or 0) / 2
        report = cohort.run(plan, Silent(), budget_eur=budget)
    assert report.stop is Stop.BUDGET
    assert 0.6 * budget < (report.usage.cost_eur or 0) <= budget
    plan, again, _ = run(app, promo, budget_eur=budget)
    assert plan.spent_eur == pytest.approx(report.usage.cost_eur)
    assert (again.usage.cost_eur or 0) <= budget - plan.spent_eur
    rest, end, _ = run(app, promo, budget_eur=1000)
    assert (end.stop, end.drafted) == (Stop.DONE, rest.pending)


def test_a_budget_without_a_price_is_refused_rather_than_ignored(tmp_path, promo, server):
    app = installation(tmp_path, server.url, llm_model="inconnu")
    with pytest.raises(BudgetUnusable) as raised:
        run(app, promo, budget_eur=5.0)
    assert "PREUVE_PRICES_FILE" in raised.value.user_message
    assert server.account.calls == 0


def test_the_estimate_is_within_a_tenth_of_the_bill_before_anything_and_after_a_pilot(
    tmp_path, promo, server
):
    app = installation(tmp_path, server.url)
    first, pilot, _ = run(app, promo, limit=2)
    plan, report, _ = run(app, promo)
    assert 0 < pilot.drafted < first.pending
    assert plan.calibration.criteria == pilot.drafted
    assert plan.cost_eur == pytest.approx(report.usage.cost_eur, rel=0.1)
    whole = (report.usage.cost_eur or 0) + (pilot.usage.cost_eur or 0)
    assert first.cost_eur == pytest.approx(whole, rel=0.1)


@pytest.mark.parametrize(
    ("mode", "within"),
    [("critere", 0.1), ("votes", 0.1), ("groupe", 0.1), ("preuves_puis_verdict", 0.2)],
)
def test_real_deliverables_cost_what_was_foreseen_whatever_the_way_of_asking(
    tmp_path, server, mode, within
):
    promo = tmp_path / "promo"
    for name in ("cand-001", "cand-002"):
        (folder,) = COHORT.glob(f"{name}*")
        shutil.copytree(folder, promo / folder.name)
    app = installation(tmp_path, server.url, llm_mode=mode)
    plan, report, _ = run(app, promo)
    assert report.drafted == plan.pending > 20
    assert plan.estimate.usage.calls == report.usage.calls
    assert plan.cost_eur == pytest.approx(report.usage.cost_eur, rel=within)


def test_bad_dossiers_stop_nothing_and_are_told_beforehand(tmp_path, server):
    promo = generate(tmp_path / "promo", 4)
    (promo / "VIDE").mkdir()
    broken = promo / "ABIME"
    broken.mkdir()
    (broken / "E1.1_rendu.pdf").write_bytes(b"%PDF-1.7\n" + b"\0" * 100)
    (broken / "mystere.md").write_text("Trois mots seulement.", encoding="utf-8")
    app = installation(tmp_path, server.url)
    plan, report, witness = run(app, promo)
    failures = [f for f in witness.findings if isinstance(f, FindingFailure)]
    assert report.drafted == plan.pending > 0
    assert {f.epreuve for f in failures} == {"E1.1"}
    by_kind = {kind: [a for a in plan.anomalies if a.kind is kind] for kind in AnomalyKind}
    assert any("E1.1_rendu.pdf" in a.message_fr for a in by_kind[AnomalyKind.UNREADABLE])
    assert any("mystere.md" in a.message_fr for a in by_kind[AnomalyKind.AMBIGUOUS])
    assert any(a.message_fr and not a.filename for a in by_kind[AnomalyKind.MISSING])


def test_the_same_deliverable_of_two_candidates_is_told_and_a_common_brief_is_not(tmp_path):
    promo = generate(tmp_path / "promo", 3)
    one, two, _ = sorted(promo.iterdir())
    (two / "E1.1_rendu.md").write_bytes((one / "E1.1_rendu.md").read_bytes())
    with installation(tmp_path).cohorts().cohort(promo) as cohort:
        plan = cohort.plan()
    doubled = [a for a in plan.anomalies if a.kind is AnomalyKind.DOUBLED]
    assert len(doubled) == 1
    assert "2 dossiers" in doubled[0].message_fr


def test_two_processes_do_not_run_the_same_cohort(tmp_path, promo):
    app = installation(tmp_path)
    with app.cohorts().cohort(promo), pytest.raises(CohortBusy) as raised:
        with app.cohorts().cohort(promo):
            pass
    assert "déjà en cours" in raised.value.user_message


def test_names_stay_in_the_local_table(tmp_path, promo, server):
    app = installation(tmp_path, server.url)
    with app.cohorts().cohort(promo, judge="llm") as cohort:
        cohort.run(cohort.plan(), Silent())
        table = cohort.pseudonyms
    text = table.read_text(encoding="utf-8-sig")
    assert text.count("Dominique") >= 4
    assert table.stat().st_mode & 0o077 == 0


def test_the_embedded_judge_runs_a_cohort_without_a_model(tmp_path):
    promo = generate(tmp_path / "promo", 2)
    app = installation(tmp_path)
    with app.cohorts().cohort(promo, judge="embedded") as cohort:
        plan = cohort.plan()
        report = cohort.run(plan, Silent(), budget_eur=1.0)
    assert (report.stop, report.drafted) == (Stop.DONE, plan.pending)
    assert report.traffic.requests == 0
    assert plan.cost_eur is None


def test_criteria_asked_about_together_are_run_together(tmp_path, promo, server):
    app = installation(tmp_path, server.url, llm_mode="groupe")
    plan, report, _ = run(app, promo, limit=2)
    pending = sum(d.pending for d in plan.dossiers[:2])
    assert report.drafted + report.failed == pending
    again, _, _ = run(app, promo, limit=1)
    assert again.pending == plan.pending - report.drafted
