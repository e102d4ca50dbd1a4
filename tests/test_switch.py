"""Once the stop button is pressed nothing is drafted nor asked of a model, and people decide."""

import json
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect
from typer.testing import CliRunner

from assistant.adapters.sql_store import SqlReviewStore
from assistant.adapters.sql_switch import SqlSwitch
from assistant.app import App, build_app
from assistant.app.cohort import Stop
from assistant.cli import cli
from assistant.domain.finding import Finding
from assistant.domain.journal import JournalAction
from assistant.domain.person import Role
from assistant.errors import AssistantStopped
from tests.browser import browser, chromium
from tests.cohorts import Silent, generate, installation
from tests.desk import EPREUVE, seed
from tests.live import served
from tests.sample_findings import MOMENT, decision, failure, finding
from tests.test_desk import Desk
from tests.test_self_check import draft
from tests.web import add_everyone, app_of, logged_in, settings_for, site, site_for, visitor
from tools.loopback_llm import LoopbackServer
from tools.mock_llm import reply_to


def other_process(app: App) -> SqlSwitch:
    """The switch as another process on the same database has it."""
    store = SqlReviewStore(app.settings.database)
    return SqlSwitch(store.database, store.journal)


@pytest.fixture
def app(tmp_path: Path) -> App:
    return build_app(settings_for(tmp_path / "data"))


def test_it_stops_every_process_and_survives_a_restart(app: App) -> None:
    assert other_process(app).stop("Ada", MOMENT, "données périmées")
    for switch in (app.switch, build_app(app.settings).switch):
        halt = switch.halt()
        assert halt is not None
        assert (halt.person, halt.at, halt.reason) == ("Ada", MOMENT, "données périmées")
    assert not app.switch.stop("Bo", MOMENT)
    assert app.switch.start("Bo", MOMENT)
    assert not app.switch.start("Bo", MOMENT)
    other_process(app).require_on()


def test_who_pressed_it_when_and_why_is_in_the_journal(app: App) -> None:
    app.switch.stop("Ada", MOMENT, "données périmées")
    app.switch.start("Bo", MOMENT)
    told = [e.event for e in app.audit.entries() if e.event is not None]
    assert [(e.action, e.actor, e.facts.get("motif", "")) for e in told] == [
        (JournalAction.STOP, "Ada", "données périmées"),
        (JournalAction.START, "Bo", ""),
    ]


@pytest.mark.parametrize("made", [finding("k1"), failure()])
def test_no_draft_is_kept_nor_shown_and_decisions_are(app: App, made: Finding) -> None:
    app.store.save_finding("D-1", finding("k0"))
    other_process(app).stop("Ada", MOMENT)
    with pytest.raises(AssistantStopped, match="by Ada"):
        app.store.save_finding("D-1", made)
    assert list(app.store.current_findings("D-1", "E9.1").values()) == [finding("k0")]
    app.store.append_decision(decision(finding_key="k0"))
    assert len(app.store.decisions("D-1", "E9.1")) == 1


@pytest.fixture
def server():
    with LoopbackServer() as serving:
        yield serving


@pytest.fixture(scope="module")
def promo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return generate(tmp_path_factory.mktemp("promo"), 1)


class Presses(Silent):
    """Presses the button, from elsewhere, once the first draft is there."""

    def __init__(self, app: App) -> None:
        super().__init__()
        self._app = app

    def done(self, *told: Any) -> None:
        super().done(*told)
        other_process(self._app).stop("Ada", MOMENT)


def test_a_cohort_under_way_ends_asks_nothing_more_and_goes_on_after(tmp_path, promo, server):
    app = installation(tmp_path, server.url)
    with app.cohorts(llm_concurrency=1).cohort(promo, judge="llm") as cohort:
        plan = cohort.plan()
        report = cohort.run(plan, Presses(app))
        assert report.stop is Stop.MODEL
        assert "L'assistant est arrêté" in report.message_fr
        assert (report.drafted, report.failed, server.account.calls) == (1, 0, 1)
        with pytest.raises(AssistantStopped):
            cohort.run(plan, Silent())
    app.switch.start("Ada", MOMENT)
    with app.cohorts().cohort(promo, judge="llm") as cohort:
        assert cohort.run(cohort.plan(), Silent()).stop is Stop.DONE
    assert server.account.calls == plan.pending


def test_a_review_under_way_ends_without_another_request(tmp_path, promo, server):
    app = installation(tmp_path, server.url, llm_concurrency=1)
    dossier = app.open(next(promo.iterdir()))
    with pytest.raises(AssistantStopped):
        app.review(
            dossier,
            dossier.epreuves[0],
            judge="llm",
            on_result=lambda *_: other_process(app).stop("Ada", MOMENT),
        )
    assert server.account.calls == 1
    assert len(app.store.current_findings(dossier.id, dossier.epreuves[0])) == 1


def test_a_batch_at_the_provider_waits_for_the_button_and_nothing_is_sent_twice(
    tmp_path, promo, server
):
    app = installation(tmp_path, server.url, llm_batch_poll_seconds=0.05)
    with app.cohorts().cohort(promo, judge="llm") as cohort:
        plan = cohort.plan()
        with pytest.raises(AssistantStopped):
            cohort.hand_over(plan, lambda _: other_process(app).stop("Ada", MOMENT))
        answered = server.account.batch_answers
        assert cohort.plan().pending == plan.pending
        app.switch.start("Ada", MOMENT)
        assert cohort.hand_over(cohort.plan(), lambda _: None) == plan.pending
    assert server.account.batch_answers == max(answered, plan.pending)
    assert server.account.calls == 0


def test_answers_imported_while_it_is_stopped_are_refused_and_good_afterwards(
    tmp_path, promo, monkeypatch
):
    app = installation(tmp_path)
    monkeypatch.setenv("PREUVE_DATA_DIR", str(app.settings.data_dir))
    run = CliRunner().invoke
    asked, answered = tmp_path / "demandes.jsonl", tmp_path / "reponses.jsonl"
    told = run(cli, ["requests", "export", str(next(promo.iterdir())), "-o", str(asked)])
    assert told.exit_code == 0, told.output
    answers = [line for line in map(json.loads, asked.read_text().splitlines())]
    answered.write_text(
        "\n".join(
            json.dumps({"custom_id": one["custom_id"], "content": reply_to(text_of(one))})
            for one in answers
        )
    )
    app.switch.stop("Ada", MOMENT)
    refused = run(cli, ["requests", "import", str(answered)])
    assert refused.exit_code != 0
    assert "L'assistant est arrêté" in refused.output
    assert app.dossiers() == () or not shown(app)
    app.switch.start("Ada", MOMENT)
    accepted = run(cli, ["requests", "import", str(answered)])
    assert accepted.exit_code == 0, accepted.output
    assert len(shown(app)) == len(answers)


def text_of(request: dict[str, Any]) -> str:
    return "\n".join(str(message["content"]) for message in request["body"]["messages"])


def shown(app: App) -> list[Finding]:
    return [
        finding
        for record in app.dossiers()
        for epreuve in record.epreuves
        for finding in app.store.current_findings(record.id, epreuve).values()
    ]


@pytest.mark.parametrize("command", [["review", "{dossier}"], ["batch", "{promo}"]])
def test_a_command_says_in_french_that_the_assistant_is_stopped(
    tmp_path, promo, monkeypatch, command
):
    monkeypatch.setenv("PREUVE_DATA_DIR", str(tmp_path / "data"))
    run = CliRunner().invoke
    assert "Assistant arrêté" in run(cli, ["arret", "--par", "Ada", "--motif", "essai"]).output
    assert "déjà arrêté" in run(cli, ["arret"]).output
    places = {"dossier": next(promo.iterdir()), "promo": promo}
    refused = run(cli, [part.format(**places) for part in command])
    assert refused.exit_code == 1, refused.output
    assert "L'assistant est arrêté depuis le" in refused.output
    assert "L'assistant est arrêté" in " ".join(run(cli, ["doctor"]).output.split())
    assert "remis en marche" in run(cli, ["reprise"]).output
    assert "n'était pas arrêté" in run(cli, ["reprise"]).output


def test_a_candidate_s_self_check_is_refused_and_costs_no_turn(tmp_path: Path) -> None:
    made = site(tmp_path / "data", self_check_per_day=1)
    checks, switch = made.state.site.self_checks, app_of(made).switch
    switch.stop("Ada", MOMENT)
    with pytest.raises(AssistantStopped):
        checks.start("p", EPREUVE, [("bilan.docx", draft("Un bilan."))])
    assert checks.left_today("p") == 1


def test_the_page_stops_it_says_so_everywhere_and_lets_people_decide(tmp_path: Path) -> None:
    made = site(tmp_path / "data")
    with visitor(made) as client:
        desk = Desk(client, seed(app_of(made), tmp_path / "dossier"))
        criterion = app_of(made).rubric(EPREUVE).criteres[0].id
        pressed = client.post("/arret/arreter", data={"motif": "essai"}, headers=desk.headers)
        assert (pressed.status_code, pressed.headers["location"]) == (303, "/arret")
        for path in (
            "/",
            "/statistiques",
            "/autocontrole",
            desk.page + "/" + criterion.partition("/")[2],
        ):
            assert "L’assistant est arrêté" in client.get(path).text, path
        assert "essai" in client.get("/arret").text
        assert desk.decide(criterion).status_code == 200
        client.post("/arret/reprendre", headers=desk.headers)
        assert "L’assistant est arrêté" not in client.get("/").text


def test_the_button_is_the_administration_s_where_there_are_accounts(tmp_path: Path) -> None:
    made = site(tmp_path / "data")
    add_everyone(made)
    for role in Role:
        with logged_in(made, role) as client:
            assert (client.get("/arret").status_code == 200) == (role is Role.ADMIN)


@pytest.mark.browser
@pytest.mark.slow
def test_the_button_works_in_a_browser_and_its_page_is_accessible(app: App) -> None:
    chromium()
    with browser() as chrome, served(site_for(app, "Ada")) as address:
        for scheme in ("light", "dark"):
            page = chrome.new_page(color_scheme=scheme)
            page.goto(f"{address}/arret")
            page.get_by_label("Motif").fill("Proposition aberrante")
            for button, then in (("Arrêter", "Remettre"), ("Remettre", "Arrêter")):
                found = Axe().run(page).response["violations"]
                assert [v["id"] for v in found if v["impact"] in ("serious", "critical")] == []
                page.get_by_role("button", name=button).click()
                expect(page.get_by_role("button", name=then)).to_be_visible()
            page.close()
        assert app.switch.halt() is None
