"""Cohorts prepared, run, paused and resumed from the page, by real commands of their own."""

import shutil
import time
from contextlib import contextmanager

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect
from pydantic import SecretStr

from assistant.app.cohort import RunState, Stop
from assistant.app.cohort.following import CohortFollower
from assistant.domain.cohort import CriterionState
from assistant.domain.person import Role
from assistant.settings import Settings
from tests.browser import browser
from tests.cohorts import Silent, generate, installation
from tests.live import served
from tests.web import add_everyone, app_of, logged_in, site, token, visitor
from tools.loopback_llm import Behaviour, LoopbackServer

PATIENCE = 60.0


def follow(web, cohort_id: str):
    return CohortFollower(app_of(web).cohorts(), web.state.site.launcher.under_way)


def until_idle(web, cohort_id: str) -> None:
    launcher = web.state.site.launcher
    ends = time.monotonic() + PATIENCE
    while launcher.under_way(cohort_id):
        assert time.monotonic() < ends, launcher.said(cohort_id)
        time.sleep(0.1)


def post(client, path: str, **fields: str):
    return client.post(path, data={"jeton": token(client, "/cohortes"), **fields})


@contextmanager
def local(tmp_path, **changes):
    """An installation for one person, its visitor, and a cohort of a few candidates."""
    folder = generate(tmp_path / "promo <b>", 3)
    web = site(tmp_path / "donnees", **changes)
    with visitor(web) as client:
        yield web, client, folder


def prepared(web, client, folder, **fields: str) -> str:
    answer = post(client, "/cohortes", chemin=str(folder), moteur="embedded", **fields)
    assert answer.status_code == 303, answer.text
    (launched,) = web.state.site.launcher.launched()
    until_idle(web, launched.cohort_id)
    return launched.cohort_id


def test_another_process_reads_the_settings_that_this_one_has(tmp_path, monkeypatch):
    given = Settings(
        _env_file=None,
        data_dir=tmp_path,
        llm_api_key=SecretStr("secret"),
        llm_concurrency=7,
        dossiers_dir=tmp_path / "promos",
        llm_model="essai",
    )
    for name, value in given.environment().items():
        monkeypatch.setenv(name, value)

    assert Settings(_env_file=None) == given


def test_a_cohort_is_read_and_estimated_then_run_to_its_end(tmp_path):
    with local(tmp_path) as (web, client, folder):
        cohort_id = prepared(web, client, folder)
        page = client.get(f"/cohorte/{cohort_id}").text
        assert "pas encore lancée" in page
        assert "aucune demande, aucun coût" in page
        assert ">Lancer</button>" in page

        run = post(client, f"/cohorte/{cohort_id}/lancer", moteur="embedded")
        assert run.status_code == 303
        until_idle(web, cohort_id)

        progress = follow(web, cohort_id).progress(cohort_id)
        assert progress.state is RunState.ENDED
        assert progress.counts == {CriterionState.DRAFTED: progress.criteria}
        told = [entry.content or "" for entry in app_of(web).audit.entries()]
        assert sum("lancement d'une cohorte" in one for one in told) == 2


def test_a_paused_run_keeps_what_it_was_owed_and_resumes_without_asking_again(tmp_path):
    with LoopbackServer(Behaviour(base_seconds=0.4)) as server:
        asked = {"llm_base_url": server.url, "llm_model": "essai", "llm_concurrency": 2}
        with local(tmp_path, llm_context_tokens=128_000, **asked) as (web, client, folder):
            cohort_id = prepared(web, client, folder)
            follower = follow(web, cohort_id)
            assert post(client, f"/cohorte/{cohort_id}/lancer", moteur="llm").status_code == 303
            ends = time.monotonic() + PATIENCE
            while not follower.progress(cohort_id).done:
                assert time.monotonic() < ends, web.state.site.launcher.said(cohort_id)
                time.sleep(0.05)
            assert follower.progress(cohort_id).state is RunState.RUNNING
            assert "Mettre en pause" in client.get(f"/cohorte/{cohort_id}").text
            assert post(client, f"/cohorte/{cohort_id}/pause").status_code == 303
            until_idle(web, cohort_id)

            paused = follower.progress(cohort_id)
            assert paused.state is RunState.PAUSED
            assert 0 < paused.done < paused.criteria
            assert server.account.answers == paused.done
            assert ">Reprendre</button>" in client.get(f"/cohorte/{cohort_id}").text

            assert post(client, f"/cohorte/{cohort_id}/lancer", moteur="llm").status_code == 303
            until_idle(web, cohort_id)
            ended = follower.progress(cohort_id)
            assert ended.state is RunState.ENDED
            assert server.account.answers == ended.done == ended.criteria


def test_a_run_looks_for_a_pause_between_two_criteria(tmp_path):
    app = installation(tmp_path)

    class Pausing(Silent):
        def done(self, dossier_id, finding, traffic):
            super().done(dossier_id, finding, traffic)
            app.cohorts().pauses(opened.id).ask()

    promo = generate(tmp_path / "promo", 3)
    with app.cohorts().cohort(promo, judge="embedded") as opened:
        plan, witness = opened.plan(), Pausing()
        report = opened.run(plan, witness)
    assert report.stop is Stop.PAUSED
    assert 0 < report.drafted < plan.pending
    with app.cohorts().cohort(promo, judge="embedded") as opened:
        assert opened.run(opened.plan(), Silent()).stop is Stop.DONE


def test_a_pilot_leaves_the_rest_to_be_asked_for(tmp_path):
    with local(tmp_path) as (web, client, folder):
        cohort_id = prepared(web, client, folder)
        post(client, f"/cohorte/{cohort_id}/lancer", moteur="embedded", pilote="1")
        until_idle(web, cohort_id)
        progress = follow(web, cohort_id).progress(cohort_id)
        assert progress.state is RunState.PARTIAL
        assert "Pilote terminé" in client.get(f"/cohorte/{cohort_id}").text


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"chemin": "promo"}, "chemin complet, depuis la racine"),
        ({"chemin": "/nulle/part/du/tout"}, "elle est introuvable"),
        ({"chemin": "--help"}, "chemin complet"),
        ({"choix": "../promo"}, "n’est plus dans la liste"),
        ({}, "n’est plus dans la liste"),
    ],
)
def test_what_cannot_be_prepared_is_said_on_the_form_and_nothing_starts(tmp_path, fields, told):
    with local(tmp_path) as (web, client, _):
        answer = post(client, "/cohortes", moteur="embedded", **fields)
        assert answer.status_code == 400
        assert told in answer.text
        assert fields.get("chemin", "") in answer.text
        assert web.state.site.launcher.launched() == ()


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"budget": "beaucoup"}, "écrivez une somme en euros"),
        ({"pilote": "cinq"}, "s’écrit en chiffres"),
        ({"pilote": "-1"}, "s’écrit en chiffres"),
        ({"pilote": "0"}, "s’écrit en chiffres"),
    ],
)
def test_a_form_that_says_nothing_usable_is_given_back(tmp_path, fields, told):
    with local(tmp_path, llm_base_url="http://127.0.0.1:9/v1", llm_model="essai") as (
        web,
        client,
        folder,
    ):
        cohort_id = prepared(web, client, folder)
        answer = post(client, f"/cohorte/{cohort_id}/lancer", moteur="embedded", **fields)
        assert answer.status_code == 400
        assert told in answer.text
        assert f'value="{next(iter(fields.values()))}"' in answer.text
        assert not web.state.site.launcher.under_way(cohort_id)


def test_a_cohort_open_elsewhere_is_not_run_twice(tmp_path):
    with local(tmp_path) as (web, client, folder):
        cohort_id = prepared(web, client, folder)
        with app_of(web).cohorts().cohort(folder):
            assert "lecture des dossiers" in client.get(f"/cohorte/{cohort_id}").text
            answer = post(client, f"/cohorte/{cohort_id}/lancer", moteur="embedded")
            assert answer.status_code == 409
            assert "déjà en cours de traitement" in answer.text


def test_a_cohort_whose_folder_is_gone_says_so(tmp_path):
    with local(tmp_path) as (web, client, folder):
        cohort_id = prepared(web, client, folder)
        shutil.rmtree(folder)
        answer = post(client, f"/cohorte/{cohort_id}/lancer", moteur="embedded")
        assert answer.status_code == 400
        assert "introuvable" in answer.text


def test_a_stopped_assistant_starts_no_run(tmp_path):
    with local(tmp_path) as (web, client, folder):
        app = app_of(web)
        app.switch.stop("Ada", app.clock.now())
        answer = post(client, "/cohortes", chemin=str(folder), moteur="embedded")
        assert "arrêté" in answer.text
        assert web.state.site.launcher.launched() == ()


def test_failures_stand_together_by_cause_with_the_way_to_each(tmp_path):
    with local(tmp_path) as (web, client, folder):
        for candidate in sorted(folder.iterdir())[:2]:
            (candidate / "E2.2_compte-rendu.docx").write_bytes(b"PK\x03\x04 abime")
        cohort_id = prepared(web, client, folder)
        post(client, f"/cohorte/{cohort_id}/lancer", moteur="embedded")
        until_idle(web, cohort_id)
        page = client.get(f"/cohorte/{cohort_id}").text
        (cause,) = follow(web, cohort_id).failures(cohort_id)
        assert len(cause.places) == 2 * len(app_of(web).rubric("E2.2").criteres)
        assert f"<strong>{len(cause.places)} critères</strong>" in page
        dossier, epreuve, criterion = cause.places[0]
        assert f'href="/dossier/{dossier}/{criterion}"' in page
        assert epreuve == "E2.2"


def test_only_who_runs_cohorts_may_and_from_the_folder_that_was_set(tmp_path):
    promos = tmp_path / "promos"
    generate(promos / "janvier", 1)
    generate(tmp_path / "ailleurs", 1)
    (promos / "lien").symlink_to(tmp_path / "ailleurs")
    web = site(tmp_path / "donnees", dossiers_dir=promos)
    add_everyone(web)
    for role in (Role.EVALUATOR, Role.ARBITER, Role.CANDIDATE):
        with logged_in(web, role) as client:
            client.headers["X-Preuve-Jeton"] = token(client, "/compte")
            for path in ("/cohortes", "/cohorte/C-0/lancer", "/cohorte/C-0/pause"):
                answer = client.post(path, data={"moteur": "embedded", "choix": "janvier"})
                assert answer.status_code == 404, (role, path)
    with logged_in(web, Role.EVALUATOR) as client:
        assert "Préparer une cohorte" not in client.get("/cohortes").text
    with logged_in(web, Role.OPERATOR) as client:
        page = client.get("/cohortes").text
        assert "<option >janvier</option>" in page
        assert "lien" not in page
        assert 'name="chemin"' not in page
        # A path is not taken from someone who logs in, even when it is sent.
        sent = post(client, "/cohortes", chemin=str(tmp_path / "ailleurs"), moteur="embedded")
        assert sent.status_code == 400
        for name in ("lien", "../ailleurs", str(tmp_path / "ailleurs")):
            assert post(client, "/cohortes", choix=name, moteur="embedded").status_code == 400
        assert web.state.site.launcher.launched() == ()
        assert post(client, "/cohortes", choix="janvier", moteur="embedded").status_code == 303
        (launched,) = web.state.site.launcher.launched()
        until_idle(web, launched.cohort_id)
        assert "Piloter" in client.get(f"/cohorte/{launched.cohort_id}").text


@pytest.mark.browser
def test_an_operator_prepares_starts_follows_and_pauses_in_the_browser(tmp_path):
    with LoopbackServer(Behaviour(base_seconds=0.5)) as server:
        asked = {"llm_base_url": server.url, "llm_model": "essai", "llm_concurrency": 1}
        folder = generate(tmp_path / "promo-2026", 3)
        web = site(tmp_path / "donnees", llm_context_tokens=128_000, judge="llm", **asked)
        with served(web) as address, browser() as opened:
            page = opened.new_page(viewport={"width": 1300, "height": 900})
            page.goto(f"{address}/cohortes")
            page.get_by_label("Chemin complet").fill(str(folder))
            page.get_by_role("button", name="Lire et estimer").click()
            page.get_by_role("link", name="promo-2026").click(timeout=PATIENCE * 1000)
            page.get_by_role("button", name="Lancer").wait_for(timeout=PATIENCE * 1000)
            assert Axe().run(page).violations_count == 0
            page.get_by_role("button", name="Lancer").click()
            bar = page.locator("progress")
            expect(bar).not_to_have_attribute("value", "0", timeout=PATIENCE * 1000)
            before = bar.get_attribute("value")
            expect(bar).not_to_have_attribute("value", before, timeout=PATIENCE * 1000)
            assert Axe().run(page).violations_count == 0
            page.get_by_role("button", name="Mettre en pause").click()
            page.get_by_role("button", name="Reprendre").wait_for(timeout=PATIENCE * 1000)
            assert page.get_by_role("status").first.inner_text() == "en pause"
            assert Axe().run(page).violations_count == 0
