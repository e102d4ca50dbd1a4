"""« Qui lit, qui arbitre » as an administrator uses it, in a real headless Chromium."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from fastapi import FastAPI
from playwright.sync_api import Browser, Page, expect

from assistant.domain.access import Link
from assistant.domain.person import Role
from assistant.ports import DossierRecord
from tests.browser import browser, chromium, watch_requests
from tests.desk import EVIL
from tests.live import served
from tests.sample_findings import MOMENT
from tests.web import PHRASES, add_everyone, app_of, people_of, site

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture(scope="module")
def chrome() -> Iterator[Browser]:
    chromium()
    with browser() as opened:
        yield opened


@pytest.fixture
def web(tmp_path: Path) -> FastAPI:
    """Sixty dossiers: more than one page of the list."""
    made = site(tmp_path / "data")
    add_everyone(made)
    people_of(made).accounts.add("eve", EVIL[:40], Role.EVALUATOR, None)
    for number in range(60):
        record = DossierRecord(
            id=f"D-{number:03d}", label="d", folder="/d", epreuves=("E1.2",), updated_at=MOMENT
        )
        app_of(made).store.save_dossier(record)
    return made


@pytest.fixture
def page(web: FastAPI, chrome: Browser) -> Iterator[Page]:
    """The administrator's, logged in."""
    with served(web) as address:
        context = chrome.new_context(locale="fr-FR", viewport={"width": 1400, "height": 900})
        opened = context.new_page()
        strays = watch_requests(opened)
        dialogs: list[str] = []
        opened.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
        opened.goto(f"{address}/connexion")
        opened.get_by_label("Identifiant").fill("admin")
        opened.get_by_label("Mot de passe").fill(PHRASES[Role.ADMIN])
        opened.keyboard.press("Enter")
        opened.get_by_role("link", name="Attribution").click()
        opened.wait_for_url("**/attribution")
        yield opened
        context.close()
        assert strays == []
        assert dialogs == []


def press(page: Page, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


def given(web: FastAPI, person: str) -> set[tuple[str, str, Link]]:
    grants = people_of(web).grants.all()
    return {(g.dossier_id, g.epreuve, g.link) for g in grants if g.person_id == person}


def test_epreuves_are_entrusted_and_taken_back_with_the_keyboard_alone(
    page: Page, web: FastAPI
) -> None:
    first = page.locator('input[name="place"]').nth(0).get_attribute("value")
    second = page.locator('input[name="place"]').nth(1).get_attribute("value")
    assert first
    assert second
    press(page, "j", "Space", "j", "Space", "p")
    page.keyboard.type("Personne evaluateur")
    press(page, "Tab", "Tab", "Enter")
    expect(page.get_by_role("status")).to_contain_text("2 épreuves attribuées.")
    places = {tuple(value.split("|")) for value in (first, second)}
    assert given(web, "evaluateur") == {(*place, Link.EVALUATOR) for place in places}
    expect(page.get_by_role("row", name=places.pop()[0])).to_contain_text("Personne evaluateur")

    press(page, "j", "Space", "p", "Tab", "Tab", "Tab", "Enter")
    expect(page.get_by_role("status")).to_contain_text("1 épreuve retirée.")
    assert len(given(web, "evaluateur")) == 1


def test_a_whole_list_goes_to_a_person_and_what_may_not_be_is_told(
    page: Page, web: FastAPI
) -> None:
    people_of(web).grants.grant("arbitre", "D-007", Link.OWNER)
    press(page, "/")
    page.keyboard.type("D-00")
    press(page, "Enter")
    expect(page.locator("#compte")).to_have_text("10\u00a0épreuves sur 60")
    page.get_by_label("Cocher toutes les lignes de cette page").check()
    page.get_by_label("Les épreuves cochées vont à").select_option("arbitre")
    page.get_by_text("pour arbitrer").click()
    page.get_by_role("button", name="Attribuer").click()
    expect(page.get_by_role("status")).to_contain_text("9 épreuves attribuées")
    expect(page.get_by_role("status")).to_contain_text("D-007 E1.2")
    expect(page.get_by_role("status")).to_contain_text("a déposé ce dossier")
    expect(page.locator("#compte")).to_have_text("10\u00a0épreuves sur 60")  # the list stays
    page.goto(page.url.split("?")[0])
    page.get_by_label("les 60 épreuves de la liste").check()
    page.get_by_label("Les épreuves cochées vont à").select_option("evaluateur")
    page.get_by_role("button", name="Attribuer").click()
    expect(page.get_by_role("status")).to_contain_text("60 épreuves attribuées.")
    assert len(given(web, "evaluateur")) == 60


def test_no_page_of_the_list_has_a_barrier(page: Page) -> None:
    expect(page.locator('option[value="eve"]')).to_contain_text("<img")  # a name is text
    page.get_by_role("link", name="Suivantes").click()
    expect(page.locator('input[name="place"]')).to_have_count(10)
    page.get_by_role("button", name="Retirer").click()  # nobody chosen: the browser asks for them
    expect(page.locator("#personne")).to_be_focused()
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        found = Axe().run(page).response["violations"]
        assert [v["id"] for v in found if v["impact"] in {"serious", "critical"}] == [], scheme
