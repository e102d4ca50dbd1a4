"""What a blind reader's browser receives: no name of anyone, and no draft before their verdict."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi import FastAPI
from playwright.sync_api import Browser, Page, expect
from reportlab.pdfgen import canvas
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from assistant.app import App, Reader, Ruling, Rulings, Workbench, build_people
from assistant.domain.access import Link
from assistant.domain.certification import Relecture
from assistant.domain.person import Role
from assistant.domain.verdict import Verdict
from assistant.web import create_app
from tests.browser import browser, chromium
from tests.desk import EPREUVE, PHRASES, WORDS_OF_THE_DRAFT, make_draft
from tests.live import served
from tests.web import LIGHT, app_of, people_of, site

pytestmark = [pytest.mark.browser, pytest.mark.slow]
PHRASE = "trois tortues lentes"
OTHER = "Zénobie Quartz"
#: The manifest's and the folder's name, the file's, its author's, the other reader's.
IDENTITIES = ("OUEDRAOGO", "Aminata", "Ouedraogo", "TRAORE-AUTEUR", "Zénobie", "Quartz", "zenobie")


@pytest.fixture(scope="module")
def chrome() -> Iterator[Browser]:
    chromium()
    with browser() as opened:
        yield opened


@pytest.fixture
def web(tmp_path: Path) -> FastAPI:
    """Two readers, blind, of a dossier whose folder, file and properties name the candidate."""
    made = site(tmp_path / "data")
    app = app_of(made)
    certification = app.rubrics.certification
    rules = certification.relecture.model_dump() | {"evaluateurs": 2, "aveugle": "toujours"}
    relecture = Relecture.model_validate(rules)
    certification = certification.model_copy(update={"relecture": relecture})
    app.rubrics = app.rubrics.model_copy(update={"certification": certification})
    again = create_app(app, app.settings, build_people(app.settings, LIGHT))
    again.state.dossier = drafted(app, tmp_path / "cand-007_OUEDRAOGO-Aminata")
    for login, name in (("zenobie", OTHER), ("bob", "Bob Lecteur")):
        people_of(again).accounts.add(login, name, Role.EVALUATOR, PHRASE)
        people_of(again).grants.grant(login, again.state.dossier, Link.EVALUATOR, EPREUVE)
    return again


def drafted(app: App, folder: Path) -> str:
    folder.mkdir()
    name = f"{EPREUVE}_rapport_OUEDRAOGO.pdf"
    page = canvas.Canvas(str(folder / name), invariant=True)
    page.setAuthor("Aminata TRAORE-AUTEUR")
    for number, phrase in enumerate(PHRASES):
        page.drawString(60, 700 - 30 * number, phrase)
    page.save()
    dossier = app.open(folder)
    (document,) = dossier.documents.values()
    for criterion in app.rubric(EPREUVE).criteres:
        made = make_draft(dossier.id, document, criterion, Verdict.PARTIALLY_MET)
        made = made.model_copy(update={"rationale": f"{made.rationale} Voir {name}."})
        app.store.save_finding(dossier.id, made)
    return dossier.id


def ruled_by(app: App, name: str, dossier: str) -> None:
    rulings, reader = Rulings(app, Workbench(app)), Reader(name=name)
    for criterion in app.rubric(EPREUVE).criteres:
        ruling = Ruling(
            criterion_id=criterion.id, verdict=Verdict.PARTIALLY_MET, comment="Vu par Quartz."
        )
        rulings.rule(reader, dossier, EPREUVE, ruling)


class Sent:
    """Keeps every byte that the site answers, whatever the route."""

    def __init__(self, app: ASGIApp, kept: list[bytes]) -> None:
        self._app = app
        self._kept = kept

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def keeping(message: Message) -> None:
            self._kept.append(message.get("body", b""))
            await send(message)

        await self._app(scope, receive, keeping)


def logged_in(page: Page, address: str) -> None:
    page.goto(f"{address}/connexion")
    page.get_by_label("Identifiant").fill("bob")
    page.get_by_label("Mot de passe").fill(PHRASE)
    page.keyboard.press("Enter")
    page.wait_for_url(f"{address}/")


def test_a_blind_reader_s_browser_receives_no_name_and_no_draft_before_their_verdict(
    web: FastAPI, chrome: Browser
) -> None:
    app, dossier = app_of(web), web.state.dossier
    ruled_by(app, OTHER, dossier)
    sent: list[bytes] = []
    web.add_middleware(Sent, kept=sent)
    with served(web) as address:
        context = chrome.new_context(locale="fr-FR")
        page = context.new_page()
        logged_in(page, address)
        sent.clear()

        def received() -> str:
            page.wait_for_load_state("networkidle")
            return page.content() + b"\n".join(sent).decode("utf-8", "replace")

        page.goto(f"{address}/")
        expect(page.locator("#file tbody tr")).to_contain_text("une autre personne")
        assert page.request.get(f"{address}/dossier/{dossier}/{EPREUVE}/grille.json").ok
        page.goto(f"{address}/dossier/{dossier}/{EPREUVE}")
        expect(page.locator(".carte")).to_contain_text("Lecture à l’aveugle")
        expect(page.get_by_role("tab")).to_have_text(f"{EPREUVE}_rapport_candidat.pdf")
        page.keyboard.press("t")
        expect(page.locator("#feuilles")).to_contain_text(PHRASES[0])
        before = received()
        assert [name for name in IDENTITIES if name in before] == []
        assert WORDS_OF_THE_DRAFT not in before

        page.keyboard.press("2")
        page.keyboard.press("Enter")
        expect(page.locator(".bilan strong")).to_have_text("1")
        page.keyboard.press("k")
        expect(page.locator(".carte")).to_contain_text("Votre décision")
        after = received()
        assert WORDS_OF_THE_DRAFT in after
        assert [name for name in IDENTITIES if name in after] == []
        context.close()
