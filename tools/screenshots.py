"""Takes the pictures of the documentation: python -m tools.screenshots.

Needs Chromium and LibreOffice. The dossiers are the fictional ones of the project.
"""

import tempfile
from pathlib import Path
from typing import Final

from playwright.sync_api import Page, ViewportSize, expect

from assistant.app import App, build_app
from assistant.settings import Settings
from tests.browser import ROOT, Server, browser
from tests.live import served
from tests.web import site_for

IMAGES: Final = ROOT / "docs" / "images"
COHORT: Final = ROOT / "eval_sets" / "cohorte-exemple"
CANDIDATES: Final = (
    "cand-002_BENALI-Sofiane",
    "cand-003_MARCHAND-Elodie",
    "cand-008_KELLER-Maxime",
)
EPREUVE: Final = "E2.3"
CRITERION: Final = "operationnalite-campagne/CE2"
_SIZE: Final = ViewportSize(width=1500, height=940)
_PATIENCE: Final = 180_000  # ms: LibreOffice lays the first file out


def take_pictures() -> None:
    """Review a few dossiers in a folder of their own, then photograph each page."""
    with tempfile.TemporaryDirectory() as folder:
        app = build_app(Settings(data_dir=Path(folder) / "data"))
        ids = [_review(app, COHORT / name) for name in CANDIDATES]
        with served(site_for(app, "Ada Lovelace")) as address, browser() as chrome:
            page = chrome.new_page(locale="fr-FR", viewport=_SIZE)
            page.set_default_timeout(_PATIENCE)
            _photograph(page, address, ids[0])
            server = Server(Path(folder) / "data", Path(folder) / "server.log")
            server.start()
            page.goto(f"{server.url}depot/")
            page.get_by_role("button").first.wait_for()
            _shoot(page, "depot.png")
            server.kill()


def _review(app: App, folder: Path) -> str:
    dossier = app.open(folder)
    for epreuve in dossier.epreuves:
        app.review(dossier, epreuve, judge="embedded")
    return dossier.id


def _photograph(page: Page, address: str, dossier: str) -> None:
    IMAGES.mkdir(parents=True, exist_ok=True)
    desk = f"{address}/dossier/{dossier}/{EPREUVE}"
    page.goto(f"{desk}/{CRITERION}")
    page.wait_for_selector(".cadre")
    _shoot(page, "poste.png")
    page.keyboard.press("1")
    page.locator("[name=motif]").select_option(index=1)
    page.locator("[name=precision]").fill("le détail est dans le plan d'actions")
    _shoot(page, "poste-verdict.png")
    page.keyboard.press("Enter")
    expect(page.locator(".bilan strong")).to_have_text("1")
    page.keyboard.press("t")
    page.keyboard.press("v")
    _shoot(page, "poste-texte.png")
    page.keyboard.press("?")
    _shoot(page, "poste-raccourcis.png")
    page.keyboard.press("Escape")
    _finish(page)
    page.wait_for_selector("#cloture .empreinte")
    _shoot(page, "poste-finalise.png")
    page.goto(address)
    _shoot(page, "file.png")
    with page.expect_navigation():
        page.locator("#aveugle").check()
    page.goto(f"{address}/dossier/{dossier}/E3.1")
    page.wait_for_selector(".carte[data-aveugle]")
    page.wait_for_selector("#feuilles .page img")
    _shoot(page, "poste-aveugle.png")


def _finish(page: Page) -> None:
    """Confirm what is left, then sign."""
    total = page.locator("#liste-corps [data-critere]").count()
    while page.locator("#liste-corps [data-ouvert]").count():
        before = page.locator(".bilan strong").inner_text()
        page.locator("#fiche").focus()
        page.keyboard.press("Enter")
        expect(page.locator(".bilan strong")).not_to_have_text(before)
    assert page.locator(".bilan strong").inner_text() == str(total)
    page.locator("[data-cloture=finaliser]").click()


def _shoot(page: Page, name: str) -> None:
    page.wait_for_load_state("networkidle")
    page.wait_for_timeout(600)  # smooth scrolling ends
    page.screenshot(path=IMAGES / name)


if __name__ == "__main__":
    take_pictures()
