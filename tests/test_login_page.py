"""Log-in, log-out and the deposit page behind accounts, in a real headless Chromium."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from assistant.app import build_people
from assistant.domain.account import FREE_FAILURES_OF_ACCOUNT
from assistant.domain.person import Role
from tests.browser import Server, browser, chromium, watch_requests
from tests.conftest import COHORT
from tests.web import settings_for

pytestmark = [pytest.mark.browser, pytest.mark.slow]
PHRASE = "trois tortues lentes"
LINKS = ("Déposer et pré-examiner", "Cohortes", "Statistiques", "Autocontrôle")
BRIEF = COHORT / "cand-001_LEROY-Camille" / "brief-client.docx"
WORK = COHORT / "cand-001_LEROY-Camille" / "E1.2_dossier-strategie_LEROY.docx"


@pytest.fixture(scope="module")
def chrome():
    chromium()
    with browser() as opened:
        yield opened


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    folder = tmp_path_factory.mktemp("connexion")
    accounts = build_people(settings_for(folder / "data")).accounts
    for login, role in (("ada", Role.EVALUATOR), ("zoe", Role.OPERATOR), ("eve", Role.EVALUATOR)):
        accounts.add(login, f"{login.title()} Exemple", role, PHRASE)
    running = Server(folder / "data", folder / "server.log")
    running.start()
    yield running
    running.kill()


@pytest.fixture
def new_page(chrome: Browser):
    """Pages of visitors who share nothing; what a policy blocks, or leaves, fails the test."""
    contexts, strays, blocked = [], [], []

    def open_page() -> Page:
        context = chrome.new_context(locale="fr-FR")
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda m: blocked.append(m.text) if "Content Security" in m.text else 0)
        strays.append(watch_requests(page))
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert [url for found in strays for url in found] == []
    assert blocked == []


def log_in(page: Page, login: str, password: str = PHRASE) -> None:
    page.get_by_label("Identifiant").fill(login)
    page.get_by_label("Mot de passe").fill(password)
    page.get_by_role("button", name="Se connecter").click()


def test_a_person_logs_in_by_keyboard_works_and_logs_out(new_page, server):
    page = new_page()
    page.goto(server.url + "compte")
    expect(page).to_have_url(re.compile(r"/connexion\?suite=/compte$"))
    expect(page.get_by_label("Identifiant")).to_be_focused()
    page.keyboard.type("ada")
    page.keyboard.press("Tab")
    page.keyboard.type(PHRASE)
    page.keyboard.press("Enter")
    expect(page).to_have_url(server.url + "compte")
    expect(page.get_by_text("Ada Exemple").first).to_be_visible()
    assert page.evaluate("document.cookie") == ""  # out of scripts' reach
    page.get_by_role("button", name="Se déconnecter").click()
    expect(page).to_have_url(server.url + "connexion")
    page.go_back()
    expect(page.get_by_label("Identifiant")).to_be_visible()
    page.goto(server.url)
    expect(page.get_by_role("heading", name="Connexion")).to_be_visible()


def test_the_pages_of_accounts_put_no_barrier(new_page, server):
    page = new_page()
    page.goto(server.url + "compte")
    without_barriers(page)
    log_in(page, "ada", "pas le bon")
    expect(page.get_by_role("alert")).to_be_visible()
    without_barriers(page)
    log_in(page, "ada")
    expect(page.get_by_role("heading", name="Mon compte")).to_be_visible()
    without_barriers(page)


def without_barriers(page: Page) -> None:
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        found = Axe().run(page).response["violations"]
        assert [(v["id"], v["nodes"][0]["html"]) for v in found] == [], scheme


def test_failures_are_told_kindly_then_paused(new_page, server):
    page = new_page()
    page.goto(server.url)
    for _ in range(FREE_FAILURES_OF_ACCOUNT):
        log_in(page, "eve", "pas le bon")
        expect(page.get_by_role("alert")).to_contain_text("n’est pas le bon")
        expect(page.get_by_label("Identifiant")).to_have_value("eve")
    log_in(page, "eve")
    expect(page.get_by_role("alert")).to_contain_text("Réessayez dans")


def test_two_people_deposit_and_neither_finds_the_other_s_dossier_or_files(new_page, server):
    ada, zoe = new_page(), new_page()
    for page, login in ((ada, "ada"), (zoe, "zoe")):
        page.goto(server.url + "depot/")
        log_in(page, login)
        expect(page.get_by_role("heading", name="Déposer et pré-examiner")).to_be_visible()
    # The links of the page are those of the role: an operator has no statistics to see.
    for page, links in ((ada, ["Dossiers", *LINKS]), (zoe, ["Dossiers", *LINKS[:2], LINKS[3]])):
        shown = page.get_by_role("navigation", name="Principale").get_by_role("link")
        expect(shown).to_have_text(links)
    ada.locator("input[type=file]").first.set_input_files([str(BRIEF), str(WORK)])
    link = ada.locator('a[href*="gradio_api/file="]').first
    expect(link).to_be_visible()
    address = link.get_attribute("href")
    assert ada.request.get(address).status == 200
    assert zoe.request.get(address).status == 404
    ada.get_by_role("button", name="Ouvrir ces fichiers").click()
    expect(ada.locator("#fichiers")).to_contain_text("brief-client.docx")
    suite = ada.get_by_role("link", name="Relire cette épreuve").get_attribute("href")
    zoe.reload()
    expect(zoe.get_by_role("heading", name="Déposer et pré-examiner")).to_be_visible()
    expect(zoe.get_by_role("link", name="Relire cette épreuve")).to_have_count(0)
    assert zoe.request.get(server.url.rstrip("/") + suite).status == 404
    ada.goto(server.url.rstrip("/") + suite)
    expect(ada.get_by_role("heading", level=1).first).to_be_visible()
    zoe.goto(server.url.rstrip("/") + suite)
    expect(zoe.get_by_role("heading", name="Page introuvable")).to_be_visible()


def test_the_deposit_page_says_who_is_there_and_lets_them_leave(new_page, server):
    page = new_page()
    page.goto(server.url + "depot/")
    log_in(page, "zoe")
    expect(page.get_by_role("link", name="Zoe Exemple")).to_be_visible()
    page.get_by_role("button", name="Se déconnecter").click()
    expect(page).to_have_url(server.url + "connexion")
    page.goto(server.url + "depot/")
    expect(page.get_by_role("heading", name="Connexion")).to_be_visible()
