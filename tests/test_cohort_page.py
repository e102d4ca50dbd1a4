"""The page's view of a cohort: states alone, links where one may read, followed as it runs."""

import re
import shutil
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe

from assistant.app.cohort.journal import RunJournal
from assistant.domain.access import Link
from assistant.domain.person import Role
from tests.browser import browser
from tests.cohorts import Silent, generate, installation
from tests.live import served
from tests.web import add_everyone, app_of, logged_in, people_of, site, site_for, visitor


@pytest.fixture(scope="module")
def cohort(tmp_path_factory):
    """An installation on which a cohort of three was run."""
    folder: Path = tmp_path_factory.mktemp("cohort")
    app = installation(folder)
    with app.cohorts().cohort(generate(folder / "promo <b>", 3), judge="embedded") as opened:
        plan = opened.plan()
        with RunJournal(opened.journal, opened.clock) as journal:
            journal.planned(plan)
            journal.ended(opened.run(plan, Silent()))
        return folder / "donnees", opened.id, [d.dossier_id for d in plan.dossiers]


def page_of(client, cohort_id: str, epreuve: str = "E1.1") -> str:
    answer = client.get(f"/cohorte/{cohort_id}?epreuve={epreuve}")
    assert answer.status_code == 200
    return answer.text


def test_the_local_person_follows_a_cohort_and_opens_any_of_its_criteria(cohort):
    data, cohort_id, dossiers = cohort
    with visitor(site(data)) as client:
        listed = client.get("/cohortes").text
        assert f'href="/cohorte/{cohort_id}"' in listed
        assert "terminée" in listed
        assert "promo &lt;b&gt;" in listed
        links = re.findall(r'href="(/dossier/[^"]+/CE\d+)"', page_of(client, cohort_id))
        assert {link.split("/")[2] for link in links} == set(dossiers)
        assert client.get(links[0]).status_code == 200


def test_no_verdict_is_told_to_whoever_may_be_reading_blind(cohort):
    data, cohort_id, _ = cohort
    with visitor(site(data)) as client:
        page = page_of(client, cohort_id)
        for label in ("acquis", "partiel", "évaluable"):
            assert label not in page.lower()


def test_an_evaluator_sees_their_dossiers_an_operator_all_of_them_a_candidate_nothing(
    cohort, tmp_path
):
    data, cohort_id, dossiers = cohort
    web = site(Path(shutil.copytree(data, tmp_path / "donnees")))  # accounts close the others
    add_everyone(web)
    people_of(web).grants.grant(Role.EVALUATOR.value, dossiers[1], Link.EVALUATOR)
    shown, linked = {}, {}
    for role in (Role.ADMIN, Role.EVALUATOR, Role.OPERATOR):
        with logged_in(web, role) as client:
            page = page_of(client, cohort_id)
        shown[role] = {d for d in dossiers if d in page}
        linked[role] = {d for d in dossiers if f"/dossier/{d}/" in page}
    assert shown == {
        Role.ADMIN: set(dossiers),
        Role.EVALUATOR: {dossiers[1]},
        Role.OPERATOR: set(dossiers),
    }
    assert linked == {
        Role.ADMIN: set(dossiers),
        Role.EVALUATOR: {dossiers[1]},
        Role.OPERATOR: set(),
    }
    for role in (Role.ARBITER, Role.CANDIDATE):
        with logged_in(web, role) as client:
            assert client.get(f"/cohorte/{cohort_id}").status_code == 404
            assert client.get("/cohortes").status_code == 404


@pytest.mark.parametrize("unknown", ["C-0000000000", "..%2F..", "C-1%00"])
def test_an_unknown_cohort_is_a_kind_404(cohort, unknown):
    with visitor(site(cohort[0])) as client:
        assert client.get(f"/cohorte/{unknown}").status_code == 404


def test_an_installation_without_cohorts_says_how_to_begin(tmp_path):
    with visitor(site(tmp_path)) as client:
        assert "preuve batch" in client.get("/cohortes").text


def test_a_cohort_of_which_nothing_could_be_read_says_so(tmp_path):
    app = installation(tmp_path)
    empty = tmp_path / "promo" / "LEROY"
    empty.mkdir(parents=True)
    (empty / "notes.md").write_text("Rien de connu.", encoding="utf-8")
    with app.cohorts().cohort(tmp_path / "promo", judge="embedded") as opened:
        opened.plan()
    with visitor(site(tmp_path / "donnees")) as client:
        page = client.get(f"/cohorte/{opened.id}").text
    assert "ne répond à une épreuve connue" in page


@pytest.mark.browser
def test_the_pages_of_a_cohort_have_no_barrier_in_light_and_in_dark(cohort):
    data, cohort_id, _ = cohort
    web = site_for(app_of(site(data)), "Ada")
    with served(web) as address, browser() as opened:
        page = opened.new_page(viewport={"width": 1400, "height": 900})
        for path in ("/cohortes", f"/cohorte/{cohort_id}"):
            for scheme in ("light", "dark"):
                page.emulate_media(color_scheme=scheme)
                page.goto(f"{address}{path}")
                found = Axe().run(page)
                assert found.violations_count == 0, found.generate_report()
        page.locator(".grille tbody td a").first.click()
        page.wait_for_url("**/dossier/**")
