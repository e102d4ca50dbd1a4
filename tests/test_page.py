"""The page, driven as an evaluator does, in a real headless Chromium."""

import ast
import json
import re
from pathlib import Path

import docx
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser import ROOT, Server, browser, chromium, watch_requests
from tests.conftest import COHORT

pytestmark = [pytest.mark.browser, pytest.mark.slow]
CAMILLE = COHORT / "cand-001_LEROY-Camille"
EVIL = "<img src=x onerror=alert(1)> ${alert(2)} {{constructor}}"


@pytest.fixture(scope="module")
def chrome():
    chromium()
    with browser() as opened:
        yield opened


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    folder = tmp_path_factory.mktemp("page")
    running = Server(folder / "data", folder / "server.log")
    running.start()
    yield running
    running.kill()


@pytest.fixture
def page(chrome: Browser, server: Server):
    context = chrome.new_context(
        locale="fr-FR", viewport={"width": 1500, "height": 1100}, accept_downloads=True
    )
    opened = context.new_page()
    strays = watch_requests(opened)
    opened.goto(server.url + "depot/")
    opened.set_default_timeout(60_000)
    yield opened
    assert strays == []
    context.close()


def deposit(page: Page, *files: Path) -> None:
    page.get_by_text("Déposer un dossier").click()
    page.locator("input[type=file]").first.set_input_files([str(f) for f in files])
    expect(page.get_by_text(files[-1].stem[:10]).first).to_be_visible()
    page.get_by_role("button", name="Ouvrir ces fichiers").click()
    # The files leave the box once the dossier is open: the one shown before is not taken for it.
    expect(page.locator(f'a[href*="{files[-1].stem}"]')).to_have_count(0)
    expect(page.locator("button[data-criterion]").first).to_be_visible()


def review(page: Page) -> None:
    page.get_by_role("button", name="Pré-examiner l'épreuve").click()
    expect(page.get_by_text(re.compile("Pré-examen terminé"))).to_be_visible(timeout=180_000)


def open_criterion(page: Page, criterion: str) -> None:
    page.locator(f'button[data-criterion="{criterion}"]').click()
    expect(page.locator("#fiche .eyebrow")).to_contain_text(criterion)


def decided(page: Page) -> str:
    return page.locator("#liste .progress-line strong").inner_text()


def test_a_dossier_is_reviewed_confirmed_overridden_exported_and_survives_a_reload(page, server):
    deposit(page, CAMILLE / "E1.2_dossier-strategie_LEROY.docx", CAMILLE / "brief-client.docx")
    review(page)
    expect(page.locator("#liste .verdict.proposal").first).to_be_visible()
    assert page.locator("button[data-criterion]").count() == 17

    page.locator("#nom textarea, #nom input").fill("Ada Lovelace")
    open_criterion(page, "E1.2/note-cadrage/CE1")
    expect(page.locator("#fiche blockquote").first).to_be_visible()
    page.get_by_role("button", name="Confirmer la proposition").click()
    expect(page.locator("#liste .progress-line strong")).to_have_text("1")
    expect(page.locator("#fiche .eyebrow")).not_to_contain_text("note-cadrage/CE1")

    open_criterion(page, "E1.2/strategie/CE3")
    page.get_by_label("Non acquis").check()
    page.get_by_role("button", name="Enregistrer mon verdict").click()
    expect(page.get_by_text("motif", exact=False).last).to_be_visible()
    assert decided(page) == "1"
    page.get_by_label("Motif").fill("Aucun objectif n'est daté.")
    page.get_by_role("button", name="Enregistrer mon verdict").click()
    expect(page.locator("#liste .progress-line strong")).to_have_text("2")
    expect(page.locator("#fiche .decisions")).to_contain_text("Ada Lovelace")

    open_criterion(page, "E1.2/strategie/CE4")
    page.get_by_label("Motif").press_sequentially("Je n'ai pas fini d'éc")
    page.wait_for_timeout(1500)
    page.reload()
    expect(page.locator("#liste .progress-line strong")).to_have_text("2")
    expect(page.locator("#fiche .eyebrow")).to_contain_text("E1.2/strategie/CE4")
    expect(page.get_by_label("Motif")).to_have_value("Je n'ai pas fini d'éc")
    expect(page.locator("#nom textarea, #nom input")).to_have_value("Ada Lovelace")

    grid = docx.Document(str(export(page, "Exporter la grille (Word)")))
    text = "\n".join(p.text for p in grid.paragraphs)
    assert "BROUILLON" in text
    record = json.loads(export(page, "Exporter tout (JSON)").read_text(encoding="utf-8"))
    assert record["status"] == "brouillon"
    assert "Aucun objectif n'est daté." in json.dumps(record, ensure_ascii=False)

    server.kill()
    server.start()
    page.reload()
    expect(page.locator("#liste .progress-line strong")).to_have_text("2")
    expect(page.get_by_label("Motif")).to_have_value("Je n'ai pas fini d'éc")


def export(page: Page, button: str) -> Path:
    link = page.get_by_role("link", name=button)
    expect(link).to_be_visible()
    with page.expect_download() as download:
        link.click()
    return Path(download.value.path())


def test_hostile_text_is_shown_as_text(page, tmp_path):
    path = tmp_path / "E1.2_note.docx"
    document = docx.Document()
    document.add_heading(f"Note de cadrage {EVIL}", 1)
    document.add_paragraph(f"Contexte, besoins, objectifs et budget du client {EVIL} : 9 600 €.")
    document.save(str(path))
    alerts: list[str] = []
    page.on("dialog", lambda dialog: (alerts.append(dialog.message), dialog.dismiss()))
    deposit(page, path)
    review(page)
    open_criterion(page, "E1.2/note-cadrage/CE1")
    page.get_by_text("Recherche effectuée et traces").click()
    expect(page.locator("#fiche")).to_contain_text("<img src=x onerror=alert(1)>")
    expect(page.locator("#fiche")).to_contain_text("${alert(2)} {{constructor}}")
    assert page.locator("#fiche img").count() == 0
    assert alerts == []


def test_an_unreadable_file_is_shown_with_its_mend_and_fails_without_a_verdict(page, tmp_path):
    path = tmp_path / "E1.2_vide.docx"
    path.write_bytes(b"")
    deposit(page, path)
    review(page)
    expect(page.locator("#fiche .failure")).to_contain_text("vide")
    expect(page.get_by_role("button", name="Confirmer la proposition")).to_be_disabled()


def test_the_page_module_imports_only_gradio_the_application_and_its_errors():
    tree = ast.parse((ROOT / "ui.py").read_text(encoding="utf-8"))
    names = {
        (node.module if isinstance(node, ast.ImportFrom) else alias.name)
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for alias in node.names
    }
    allowed = {"gradio", "assistant.app", "assistant.settings", "assistant.web", "ingest.errors"}
    ours = {name for name in names if name.split(".")[0] in {"assistant", "ingest", "gradio"}}
    assert ours <= allowed
