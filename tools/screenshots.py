"""Takes the pictures of the documentation: python -m tools.screenshots [NAME…].

Needs Chromium and LibreOffice. The dossiers are the fictional ones of the project. Names of
pictures, when given, are the only ones written: `python -m tools.screenshots depot.png`.
"""

import sys
import tempfile
from io import BytesIO
from pathlib import Path
from typing import Final

import docx
from playwright.sync_api import Browser, FilePayload, Page, ViewportSize, expect

from assistant.app import App, build_app
from assistant.domain.person import Role
from assistant.settings import Settings
from tests.browser import ROOT, Server, browser
from tests.live import served
from tests.web import PHRASES, site, site_for

IMAGES: Final = ROOT / "docs" / "images"
COHORT: Final = ROOT / "eval_sets" / "cohorte-exemple"
CANDIDATES: Final = (
    "cand-002_BENALI-Sofiane",
    "cand-003_MARCHAND-Elodie",
    "cand-008_KELLER-Maxime",
)
EPREUVE: Final = "E2.3"
CRITERION: Final = "operationnalite-campagne/CE2"
DRAFT: Final = COHORT / CANDIDATES[0] / "E2.3_campagne-publicitaire_BENALI.docx"
BRIEF: Final = COHORT / CANDIDATES[0] / "brief-client.docx"
_DOCX: Final = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
_SIZE: Final = ViewportSize(width=1500, height=940)
_PATIENCE: Final = 180_000  # ms: LibreOffice lays the first file out


class Camera:
    """Photographs the pages of one browser."""

    def __init__(self, chrome: Browser, only: frozenset[str]) -> None:
        self._chrome = chrome
        self._only = only

    def open(self, address: str) -> Page:
        """A page of a visitor who shares nothing with the others."""
        page = self._chrome.new_context(locale="fr-FR", viewport=_SIZE).new_page()
        page.set_default_timeout(_PATIENCE)
        page.goto(address)
        return page

    def shoot(self, page: Page, name: str) -> None:
        """Once nothing moves on the page any more."""
        page.wait_for_load_state("networkidle")
        page.wait_for_timeout(600)  # smooth scrolling ends
        if not self._only or name in self._only:
            page.screenshot(path=IMAGES / name)


def take_pictures(only: frozenset[str] = frozenset()) -> None:
    """Review a few dossiers in folders of their own, then photograph each page."""
    IMAGES.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as name, browser() as chrome:
        folder, camera = Path(name), Camera(chrome, only)
        app = build_app(Settings(data_dir=folder / "data"))
        ids = [_review(app, COHORT / candidate) for candidate in CANDIDATES]
        with (
            served(site_for(app, "Ada Lovelace")) as ada,
            served(site_for(app, "Grace Hopper")) as grace,
        ):
            _desk(camera, ada, ids[0])
            _queue(camera, ada)
            _two_windows(camera, ada, ids[0])
            _blind(camera, grace, ids[0])
            _statistics(camera, ada)
        _candidate(camera, folder / "candidats")
        _administrator(camera, folder / "administration")
        _deposit(camera, folder / "depot")
        _cohort(camera, folder / "cohorte")


def _review(app: App, folder: Path) -> str:
    dossier = app.open(folder)
    for epreuve in dossier.epreuves:
        app.review(dossier, epreuve, judge="embedded")
    return dossier.id


def _desk(camera: Camera, address: str, dossier: str) -> None:
    page = camera.open(f"{address}/dossier/{dossier}/{EPREUVE}/{CRITERION}")
    page.wait_for_selector(".cadre")
    camera.shoot(page, "poste.png")
    page.keyboard.press("1")
    page.locator("[name=motif]").select_option(index=1)
    page.locator("[name=precision]").fill("le détail est dans le plan d'actions")
    camera.shoot(page, "poste-verdict.png")
    page.keyboard.press("Enter")
    expect(page.locator(".bilan strong")).to_have_text("1")
    page.keyboard.press("t")
    page.keyboard.press("v")
    camera.shoot(page, "poste-texte.png")
    page.keyboard.press("?")
    camera.shoot(page, "poste-raccourcis.png")
    page.keyboard.press("Escape")
    _finish(page)
    page.wait_for_selector("#cloture .empreinte")
    page.locator(".exports summary").click()
    camera.shoot(page, "poste-finalise.png")
    page.context.close()


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


def _queue(camera: Camera, address: str) -> None:
    page = camera.open(address)
    camera.shoot(page, "file.png")
    page.context.close()


def _two_windows(camera: Camera, address: str, dossier: str) -> None:
    first = camera.open(f"{address}/dossier/{dossier}/E1.1")
    second = first.context.new_page()
    second.goto(first.url)
    for page, words in ((first, "Vu en page 2."), (second, "À revoir avec la page 4.")):
        page.keyboard.press("c")
        page.keyboard.type(words)
        page.locator("[name=commentaire]").blur()
        expect(page.locator("#sauvegarde")).not_to_have_text("Enregistrement…")
    second.locator("#conflit button").first.wait_for()
    camera.shoot(second, "poste-conflit.png")
    first.context.close()


def _blind(camera: Camera, address: str, dossier: str) -> None:
    page = camera.open(address)
    with page.expect_navigation():
        page.locator("#aveugle").check()
    page.goto(f"{address}/dossier/{dossier}/E3.1")
    page.wait_for_selector(".carte[data-aveugle]")
    page.wait_for_selector("#feuilles .page img")
    camera.shoot(page, "poste-aveugle.png")
    page.keyboard.press("1")
    page.keyboard.press("Enter")
    page.get_by_text("Maintenez votre verdict").wait_for()
    camera.shoot(page, "poste-compare.png")
    page.context.close()


def _statistics(camera: Camera, address: str) -> None:
    page = camera.open(f"{address}/statistiques")
    camera.shoot(page, "statistiques.png")
    page.context.close()


def _cohort(camera: Camera, folder: Path) -> None:
    """A cohort read and estimated, then run; and the stop button."""
    with served(site(folder)) as address:
        page = camera.open(f"{address}/cohortes")
        page.get_by_label("Chemin complet").fill(str(COHORT))
        page.get_by_role("button", name="Lire et estimer").click()
        page.get_by_role("link", name=COHORT.name).click()
        page.get_by_role("button", name="Lancer").wait_for()
        camera.shoot(page, "cohorte.png")
        page.get_by_role("button", name="Lancer").click()
        page.get_by_role("button", name="Reprendre").wait_for()
        page.goto(f"{address}/cohortes")
        camera.shoot(page, "cohortes.png")
        page.goto(f"{address}/arret")
        camera.shoot(page, "arret.png")
        page.context.close()


def _administrator(camera: Camera, folder: Path) -> None:
    """An installation whose épreuves are to be entrusted."""
    web = site(folder)
    add = web.state.site.people.accounts.add
    add("camille.roy", "Camille Roy", Role.ADMIN, PHRASES[Role.ADMIN])
    add("ada.lovelace", "Ada Lovelace", Role.EVALUATOR, PHRASES[Role.EVALUATOR])
    add("grace.hopper", "Grace Hopper", Role.EVALUATOR, PHRASES[Role.EVALUATOR])
    for candidate in CANDIDATES:
        web.state.site.app.open(COHORT / candidate)
    with served(web) as address:
        page = camera.open(f"{address}/attribution")
        page.get_by_label("Identifiant").fill("camille.roy")
        page.get_by_label("Mot de passe").fill(PHRASES[Role.ADMIN])
        page.keyboard.press("Enter")
        page.get_by_role("heading", level=1).wait_for()
        camera.shoot(page, "attribution.png")
        page.context.close()


def _candidate(camera: Camera, folder: Path) -> None:
    """An installation with accounts: log-in, account, then two versions of a draft."""
    web = site(folder)
    web.state.site.people.accounts.add(
        "sofiane.benali", "Sofiane Benali", Role.CANDIDATE, PHRASES[Role.CANDIDATE]
    )
    with served(web) as address:
        page = camera.open(f"{address}/autocontrole")
        page.get_by_label("Identifiant").fill("sofiane.benali")
        camera.shoot(page, "connexion.png")
        page.get_by_label("Mot de passe").fill(PHRASES[Role.CANDIDATE])
        page.keyboard.press("Enter")
        page.get_by_label("Épreuve").wait_for()
        camera.shoot(page, "autocontrole.png")
        _hand_in(page, _first_half(DRAFT), 1)
        camera.shoot(page, "autocontrole-resultat.png")
        page.get_by_role("link", name="Tous mes brouillons").click()
        _hand_in(page, DRAFT.read_bytes(), 2)
        camera.shoot(page, "autocontrole-version-2.png")
        page.get_by_role("link", name="Tous mes brouillons").click()
        camera.shoot(page, "autocontrole-brouillons.png")
        page.goto(f"{address}/compte")
        camera.shoot(page, "compte.png")
        page.context.close()


def _hand_in(page: Page, data: bytes, version: int) -> None:
    file = FilePayload(name=f"campagne-publicitaire_v{version}.docx", mimeType=_DOCX, buffer=data)
    page.get_by_label("Épreuve").select_option(EPREUVE)
    page.get_by_label("Votre livrable").set_input_files([file])
    page.get_by_label("La commande du client").set_input_files([str(BRIEF)])
    page.get_by_role("button", name="Relire ce brouillon").click()
    page.get_by_text("Garder ce résultat").wait_for()


def _first_half(path: Path) -> bytes:
    """A first version, from which the second half is missing."""
    document, out = docx.Document(str(path)), BytesIO()
    parts = [part for part in document.element.body if not part.tag.endswith("}sectPr")]
    for part in parts[len(parts) // 2 :]:
        document.element.body.remove(part)
    document.save(out)
    return out.getvalue()


def _deposit(camera: Camera, folder: Path) -> None:
    folder.mkdir()
    server = Server(folder / "data", folder / "server.log")
    server.start()
    try:
        page = camera.open(f"{server.url}depot/")
        box = page.locator("input[type=file]").first
        box.wait_for(state="attached")
        camera.shoot(page, "depot.png")
        box.set_input_files([str(DRAFT), str(BRIEF)])
        expect(page.locator('a[href*="gradio_api/file="]')).to_have_count(2)
        page.get_by_role("button", name="Ouvrir ces fichiers").click()
        page.locator("#fichiers li").first.wait_for()
        page.get_by_role("button", name="Pré-examiner l’épreuve").click()
        page.get_by_text("Pré-examen terminé").wait_for()
        camera.shoot(page, "depot-dossier.png")
        page.context.close()
    finally:
        server.kill()


if __name__ == "__main__":
    take_pictures(frozenset(sys.argv[1:]))
