"""What an evaluator types at the desk, when the network or the page does not follow."""

import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from assistant.app import build_app
from assistant.domain.verdict import Verdict
from tests.browser import browser, chromium
from tests.desk import EPREUVE, seed
from tests.live import served
from tests.web import settings_for, site_for

pytestmark = [pytest.mark.browser, pytest.mark.slow]
SAVED = "Tout est enregistré"


@pytest.fixture(scope="module")
def chrome() -> Iterator[Browser]:
    chromium()
    with browser() as opened:
        yield opened


@pytest.fixture
def page(chrome: Browser, tmp_path: Path) -> Iterator[Page]:
    """A dossier open on its first criterion, the cursor in its comment."""
    app = build_app(settings_for(tmp_path / "data"))
    dossier = seed(app, tmp_path / "dossier", {0: Verdict.MET})
    with served(site_for(app, "Ada")) as address:
        context = chrome.new_context(locale="fr-FR", base_url=address)
        opened = context.new_page()
        opened.goto(f"/dossier/{dossier}/{EPREUVE}")
        opened.keyboard.press("c")
        yield opened
        context.close()


def comment(page: Page) -> str:
    """The comment that the server has, asked for outside of the page."""
    dossier = page.url.partition("/dossier/")[2].partition("/")[0]
    critere = page.locator(".carte").get_attribute("data-critere")
    answer = page.request.get(f"/api/dossier/{dossier}/{EPREUVE}/critere?critere={critere}")
    found = re.search(r'name="commentaire"[^>]*>([^<]*)<', answer.json()["fiche"])
    assert found is not None
    return unescape(found[1])


def test_every_key_typed_without_a_network_is_saved_when_it_comes_back(page: Page) -> None:
    page.keyboard.type("Avant, ")
    expect(page.locator("#sauvegarde")).to_have_text(SAVED)
    page.context.set_offline(True)
    page.keyboard.type("pendant")
    expect(page.locator("#sauvegarde")).to_contain_text("gardé dans cette page")
    expect(page.locator("#sauvegarde")).to_have_attribute("data-etat", "panne")
    page.keyboard.type(" et encore")
    assert comment(page) == "Avant, "
    page.context.set_offline(False)
    expect(page.locator("#sauvegarde")).to_have_text(SAVED)
    expect(page.locator("#conflit")).to_be_hidden()
    assert comment(page) == "Avant, pendant et encore"


def test_without_a_network_nothing_is_decided_nor_lost_and_the_page_stays(page: Page) -> None:
    page.keyboard.type("Vu page 2.")
    expect(page.locator("#sauvegarde")).to_have_text(SAVED)
    page.context.set_offline(True)
    page.keyboard.press("Control+Enter")
    expect(page.locator("#annonce")).to_contain_text("Le serveur ne répond pas")
    expect(page.locator(".bilan strong")).to_have_text("0")
    page.keyboard.press("Escape")
    page.keyboard.press("j")
    expect(page.locator("[name=commentaire]")).to_have_value("Vu page 2.")
    page.context.set_offline(False)
    page.keyboard.press("Enter")
    expect(page.locator(".bilan strong")).to_have_text("1")


def test_a_page_made_before_the_last_save_shows_what_was_saved(page: Page) -> None:
    stale = page.content()
    page.keyboard.type("Enregistré entre-temps.")
    expect(page.locator("#sauvegarde")).to_have_text(SAVED)
    page.route(
        "**/dossier/**",
        lambda route: (
            route.fulfill(body=stale, content_type="text/html")
            if route.request.resource_type == "document"
            else route.continue_()
        ),
    )
    page.reload()
    expect(page.locator("[name=commentaire]")).to_have_value("Enregistré entre-temps.")
    page.locator("[name=commentaire]").press("End")
    page.keyboard.type(" Puis la suite.")
    expect(page.locator("#sauvegarde")).to_have_text(SAVED)
    expect(page.locator("#conflit")).to_be_hidden()
    assert comment(page) == "Enregistré entre-temps. Puis la suite."


def test_words_sent_twice_as_the_page_was_left_are_no_conflict_with_oneself(page: Page) -> None:
    page.route("**/brouillon", lambda route: (route.fetch(), route.abort()))  # answers are lost
    page.keyboard.type("Une seule fois.")
    expect(page.locator("#sauvegarde")).to_have_attribute("data-etat", "panne")
    page.unroute("**/brouillon")
    expect(page.locator("#sauvegarde")).to_have_text(SAVED)
    expect(page.locator("#conflit")).to_be_hidden()
    assert comment(page) == "Une seule fois."
