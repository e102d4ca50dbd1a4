"""The statistics as each role sees them: on the page, in a file, in the terminal."""

import csv
import io
import json
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from fastapi import FastAPI
from playwright.sync_api import expect
from typer.testing import CliRunner

from assistant.app import App, build_app
from assistant.cli import cli
from assistant.domain.access import Link
from assistant.domain.assessment import Visit
from assistant.domain.person import Role
from assistant.domain.verdict import Verdict
from tests.browser import browser, chromium, watch_requests
from tests.desk import EPREUVE, EVIL, seed
from tests.live import served
from tests.sample_findings import MOMENT, decision, finding, provenance
from tests.web import add_everyone, app_of, logged_in, people_of, settings_for, site, site_for

LEAST = 5


def used_desk(app: App, folder: Path) -> str:
    """Seven readings of two criteria by two people, one of them blind; gives a real dossier."""
    real = seed(app, folder / "dossier")
    criteria = [criterion.id for criterion in app.rubric(EPREUVE).criteres[:2]]
    for number in range(7):
        dossier = real if number == 0 else f"D-{number}"
        for place, criterion in enumerate(criteria):
            key = f"k{number}-{place}"
            made = provenance(key, dossier_id=dossier, engine="llm")
            draft = finding(key, criterion_id=criterion, epreuve=EPREUVE, provenance=made)
            app.store.save_finding(dossier, draft)
            ruled = Verdict.MET if number < 2 and place == 0 else Verdict.PARTIALLY_MET
            for person in ("Ada", EVIL):
                app.store.append_decision(
                    decision(
                        criterion,
                        dossier_id=dossier,
                        epreuve=EPREUVE,
                        assessor=person,
                        verdict=ruled,
                        finding_key=key,
                        reason_id="trop-severe" if ruled is Verdict.MET else "",
                    )
                )
                visit = Visit(
                    id=f"{key}-{person}",
                    dossier_id=dossier,
                    epreuve=EPREUVE,
                    criterion_id=criterion,
                    person=person,
                    opened_at=MOMENT,
                    draft_shown=True,
                    seconds=4 + 90 * place,
                    outcome="accept" if ruled is Verdict.PARTIALLY_MET else "override",
                    untouched=ruled is Verdict.PARTIALLY_MET,
                )
                app.assessments.open_visit(visit)
    return real


@pytest.fixture(scope="module")
def web(tmp_path_factory: pytest.TempPathFactory) -> FastAPI:
    folder = tmp_path_factory.mktemp("statistiques")
    made = site(folder / "data", statistics_min_sample=LEAST)
    add_everyone(made)
    made.state.dossier = used_desk(app_of(made), folder)
    people_of(made).grants.grant(Role.EVALUATOR.value, made.state.dossier, Link.EVALUATOR)
    return made


@pytest.mark.parametrize("role", [Role.EVALUATOR, Role.ARBITER])
def test_how_each_person_confirms_is_shown_to_the_administration_alone(web, role):
    with logged_in(web, role) as client:
        page = client.get("/statistiques").text
        assert "Par critère" in page
        assert "par personne" not in page
        assert "Ada" not in page
    with logged_in(web, Role.ADMIN) as client:
        assert "par personne" in client.get("/statistiques").text


def test_a_case_is_linked_for_those_only_who_may_open_it(web):
    link = f'href="/dossier/{web.state.dossier}/{EPREUVE}/'
    with logged_in(web, Role.EVALUATOR) as client:
        page = client.get("/statistiques").text
        assert link in page
        assert "D-1<" not in page
    with logged_in(web, Role.ARBITER) as client:
        page = client.get("/statistiques").text
        assert web.state.dossier not in page
        assert "que votre compte n’ouvre pas" in page


def test_the_file_gives_each_criterion_s_share_and_withholds_small_ones(web):
    with logged_in(web, Role.ADMIN) as client:
        answer = client.get("/statistiques.csv")
    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig")), delimiter=";"))
    first = rows[0]
    assert first["avec_proposition_cas"] == "14"
    assert first["avec_proposition_accord"] == "0,7143"
    assert (first["avant_proposition_cas"], first["avant_proposition_accord"]) == ("0", "")
    assert first["entre_evaluateurs_accord"] == "1,0000"
    assert first["ecarts"] == "4"


@pytest.fixture
def desk_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    used_desk(build_app(settings_for(tmp_path / "data")), tmp_path)
    monkeypatch.setenv("PREUVE_DATA_DIR", str(tmp_path / "data"))
    return tmp_path


def test_the_terminal_withholds_what_comes_from_too_few_cases(desk_folder, monkeypatch):
    monkeypatch.setenv("PREUVE_STATISTICS_MIN_SAMPLE", "20")
    shown = CliRunner().invoke(cli, ["stats"], env={"COLUMNS": "140"})
    assert shown.exit_code == 0, shown.output
    assert "il en faut 20" in shown.output
    assert "71" not in shown.output
    told = json.loads(CliRunner().invoke(cli, ["stats", "--json"]).output)
    assert told["avec_proposition"]["cas"] == 28
    assert told["avec_proposition"]["accord"] == pytest.approx(24 / 28)
    assert told["criteres"][0]["avec_proposition"] == {
        "cas": 14,
        "accord": None,
        "intervalle": None,
    }
    assert "personnes" not in told


def test_the_terminal_names_people_only_when_asked_to(desk_folder):
    said = CliRunner().invoke(cli, ["stats", "--par-personne"], env={"COLUMNS": "140"}).output
    assert "Ada : 5 sur 12 confirmations" in said
    assert "Ada" not in CliRunner().invoke(cli, ["stats"]).output


def test_an_unknown_epreuve_is_refused_in_french(desk_folder):
    refused = CliRunner().invoke(cli, ["stats", "-e", "E0.0"])
    assert refused.exit_code == 1
    assert "E0.0" in refused.output


@pytest.mark.browser
@pytest.mark.slow
def test_the_page_is_accessible_in_light_and_dark_and_fetches_nothing(tmp_path: Path) -> None:
    chromium()
    app = build_app(settings_for(tmp_path / "data", statistics_min_sample=LEAST))
    used_desk(app, tmp_path)
    with browser() as chrome, served(site_for(app, "Ada")) as address:
        for scheme in ("light", "dark"):
            page = chrome.new_page(color_scheme=scheme, viewport={"width": 1300, "height": 900})
            strays = watch_requests(page)
            page.goto(f"{address}/statistiques")
            expect(page.locator(".jauge").first).to_be_visible()
            found = Axe().run(page).response["violations"]
            assert [v["id"] for v in found if v["impact"] in ("serious", "critical")] == []
            assert strays == []
            page.close()
