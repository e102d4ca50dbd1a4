"""The desk as evaluators use it, in a real headless Chromium, with the keyboard alone."""

import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import urljoin

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, Response, expect

from assistant.app import App, build_app
from assistant.domain.certification import Relecture
from assistant.domain.verdict import Verdict
from assistant.grounding import evidence_at
from assistant.ports import DossierRecord
from tests.browser import browser, chromium, watch_requests
from tests.desk import EPREUVE, EVIL, PHRASES, WORDS_OF_THE_DRAFT, make_dossier, make_draft, seed
from tests.live import LightServer, served
from tests.sample_findings import MOMENT
from tests.web import settings_for, site_for

pytestmark = [pytest.mark.browser, pytest.mark.slow]
WARNINGS = {"serious", "critical"}
Open = Callable[..., Page]


@pytest.fixture(scope="module")
def chrome() -> Iterator[Browser]:
    chromium()
    with browser() as opened:
        yield opened


@pytest.fixture
def app(tmp_path: Path) -> App:
    return build_app(settings_for(tmp_path / "data"))


@pytest.fixture
def dossier(app: App, tmp_path: Path) -> str:
    return seed(app, tmp_path / "dossier")


@pytest.fixture
def open_as(app: App, chrome: Browser) -> Iterator[Open]:
    """A browser of one person on the installation; no page may reach beyond this machine."""
    with ExitStack() as stack:
        strays: list[str] = []
        contexts: dict[str, tuple[str, BrowserContext]] = {}

        def opened(name: str = "Ada", path: str = "/") -> Page:
            if name not in contexts:
                web = site_for(app, name)
                context = chrome.new_context(
                    locale="fr-FR", viewport={"width": 1500, "height": 950}, accept_downloads=True
                )
                contexts[name] = (stack.enter_context(served(web)), context)
            address, context = contexts[name]
            page = context.new_page()
            strays_of_page = watch_requests(page)
            strays.append("")
            page.on("dialog", lambda dialog: (strays.append(dialog.message), dialog.dismiss()))
            page.on("close", lambda: strays.extend(strays_of_page))
            page.goto(address + path)
            return page

        yield opened
        for _, context in contexts.values():
            context.close()
        assert "".join(strays) == ""


def press(page: Page, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


def shown(page: Page) -> str:
    return page.locator(".carte").get_attribute("data-critere") or ""


def desk(dossier: str) -> str:
    return f"/dossier/{dossier}/{EPREUVE}"


def without_barriers(page: Page) -> None:
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        found = Axe().run(page).response["violations"]
        told = [
            (v["id"], [n["html"][:120] for n in v["nodes"]])
            for v in found
            if v["impact"] in WARNINGS
        ]
        assert told == [], scheme
    page.emulate_media(color_scheme="light")


def test_a_whole_dossier_of_seventeen_criteria_by_keyboard_only(
    open_as: Open, app: App, tmp_path: Path
) -> None:
    """From the queue to the export and back, with nothing but keys: no click, no focus given."""
    long = "E1.2"
    dossier, document = make_dossier(app, tmp_path / "long", long)
    for criterion in app.rubric(long).criteres:
        draft = make_draft(dossier, document, criterion, Verdict.PARTIALLY_MET, epreuve=long)
        app.store.save_finding(dossier, draft)
    page = open_as()
    press(page, "j", "Enter")  # the first line of the queue
    expect(page.locator(".cadre").first).to_be_visible()
    total = page.locator("#liste-corps [data-critere]").count()
    assert total == len(app.rubric(long).criteres) == 17

    press(page, "Enter")  # confirm
    expect(page.locator(".bilan strong")).to_have_text("1")
    press(page, "1")  # another verdict: the reason has the focus
    expect(page.locator("[name=motif]")).to_be_focused()
    press(page, "Enter")
    expect(page.locator("#annonce")).to_contain_text("motif")
    press(page, "L", "Tab")  # « La preuve est ailleurs… »
    page.keyboard.type(f"Page 2. {EVIL}")
    press(page, "Escape", "c")
    page.keyboard.type(f"À demander. {EVIL}")
    press(page, "Control+Enter")
    expect(page.locator(".bilan strong")).to_have_text("2")
    press(page, "k")
    expect(page.locator(".decision")).to_contain_text("Votre décision")
    press(page, "u")
    expect(page.locator("#annonce")).to_contain_text("annulée")
    expect(page.locator(".bilan strong")).to_have_text("1")
    press(page, "4")
    expect(page.locator("[name=motif]")).to_be_focused()
    press(page, "L", "Enter")
    expect(page.locator(".bilan strong")).to_have_text("2")
    press(page, "e", "Control+a")
    page.keyboard.type("La justification que le candidat lira.")
    press(page, "Control+Enter")
    for done in range(3, total):
        expect(page.locator(".bilan strong")).to_have_text(str(done))
        press(page, "Enter")
    expect(page.locator(".bilan strong")).to_have_text(str(total))
    press(page, "f")
    expect(page.locator("[data-cloture=finaliser]")).to_be_focused()
    press(page, "Enter")
    expect(page.locator("#cloture")).to_contain_text("Finalisé")
    expect(page.locator("#enregistrer")).to_have_count(0)
    without_barriers(page)

    press(page, "f", "Tab", "Enter", "Tab", "Tab", "Tab")  # « Exporter »: Word, PDF, JSON
    with page.expect_download() as download:
        press(page, "Enter")
    assert '"sha256"' in Path(download.value.path()).read_text(encoding="utf-8")
    press(page, "f", "Enter", "Tab")
    page.keyboard.type("Une pièce est arrivée.")
    press(page, "Tab", "Enter")
    expect(page.locator("#enregistrer")).to_be_visible()
    assert app.report(dossier, long).entries[2].printed_justification == (
        "La justification que le candidat lira."
    )
    kinds = [d.action for d in app.store.decisions(dossier, long)]
    assert kinds == ["accept", "override", "withdraw", "override"] + ["accept"] * (total - 2)
    page.goto(f"{page.url.partition('/dossier')[0]}/dossier/{dossier}/{long}/note-cadrage/CE2")
    page.locator(".historique summary").press("Enter")
    expect(page.locator(".historique")).to_contain_text(
        "Motif : La preuve est ailleurs", use_inner_text=True
    )
    expect(page.locator(".historique")).to_contain_text(EVIL)
    assert page.locator(".carte img").count() == 0
    page.close()


def test_blind_a_draft_reaches_the_browser_only_after_one_s_own_verdict(
    open_as: Open, dossier: str
) -> None:
    page = open_as()
    with page.expect_navigation():
        page.get_by_label("Lire d’abord à l’aveugle").check()
    expect(page.get_by_label("Lire d’abord à l’aveugle")).to_be_checked()
    answers: list[Response] = []
    page.on("response", lambda answer: answers.append(answer) if answer.status == 200 else None)
    page.goto(page.url.rstrip("/") + desk(dossier))
    expect(page.locator(".carte")).to_contain_text("Lecture à l’aveugle")
    page.wait_for_load_state("networkidle")
    kinds = ("document", "fetch")
    received = [a.text() for a in answers if a.request.resource_type in kinds]
    assert len(received) >= 3  # the page, the places of quotes, the file's text
    assert WORDS_OF_THE_DRAFT not in page.content() + "".join(received)
    assert page.locator(".citation, .cadre").count() == 0

    press(page, "3", "Enter")
    expect(page.locator(".carte")).to_contain_text("La proposition :")
    expect(page.locator(".carte")).to_contain_text("Maintenez votre verdict")
    without_barriers(page)
    press(page, "2", "Enter")
    expect(page.locator(".bilan strong")).to_have_text("1")
    press(page, "k")
    expect(page.locator(".carte")).to_contain_text("changé d’avis")
    page.close()


def test_two_readers_and_an_arbiter_in_three_browsers(
    open_as: Open, app: App, dossier: str
) -> None:
    certification = app.rubrics.certification
    two = Relecture.model_validate(certification.relecture.model_dump() | {"evaluateurs": 2})
    certification = certification.model_copy(update={"relecture": two})
    app.rubrics = app.rubrics.model_copy(update={"certification": certification})
    ada, bob = open_as("Ada", desk(dossier)), open_as("Bob", desk(dossier))
    for number in (1, 2, 3):
        expect(ada.locator(".carte")).to_have_attribute("data-critere", re.compile(f"CE{number}$"))
        press(ada, "Enter")
        expect(ada.locator(".bilan strong")).to_have_text(str(number))
    bob.reload()
    assert "Ada" not in bob.locator("#fiche").inner_text()
    press(bob, "1")
    bob.locator("[name=motif]").press("L")
    press(bob, "Enter")
    for number in (2, 3):
        expect(bob.locator(".carte")).to_have_attribute("data-critere", re.compile(f"CE{number}$"))
        press(bob, "Enter")
        expect(bob.locator(".bilan strong")).to_have_text(str(number))
    for page in (ada, bob):
        page.reload()
        page.locator("[data-etape=soumettre]").press("Enter")
        expect(page.locator("#cloture")).to_contain_text("Votre lecture est soumise")

    cy = open_as("Cy")
    cy.get_by_text("à arbitrer", exact=True).first.click()
    press(cy, "j", "Enter")
    expect(cy.locator(".carte")).to_be_visible()
    cy.goto(cy.url.rpartition("/")[0] + "/CE1")
    expect(cy.locator("legend")).to_have_text("Votre verdict")
    cy.locator(".historique summary").click()
    expect(cy.locator(".historique")).to_contain_text("Ada")
    expect(cy.locator(".historique")).to_contain_text("Bob")
    without_barriers(cy)
    press(cy, "1")
    cy.locator("[name=precision]").fill("Le taux est cité.")
    press(cy, "Enter")
    expect(cy.locator(".bilan strong")).to_have_text("3")
    settled = [e.decision for e in app.report(dossier, EPREUVE).entries]
    assert settled[0] is not None
    assert (settled[0].assessor, settled[0].action) == ("Cy", "adjudicate")
    for page in (ada, bob, cy):
        page.close()


def test_a_long_queue_lays_out_its_first_lines_and_finds_them_all(open_as: Open, app: App) -> None:
    for number in range(130):
        record = DossierRecord(
            id=f"D-{number:03d}", label="d", folder="/d", epreuves=(EPREUVE,), updated_at=MOMENT
        )
        app.store.save_dossier(record)
    page = open_as()
    rows, more = page.locator("#file tbody tr"), page.locator("#suite")
    expect(rows).to_have_count(60)
    expect(more).to_have_text("Montrer la suite (70 épreuves)")
    more.press("Enter")
    expect(rows).to_have_count(120)
    expect(rows.nth(60).locator("a")).to_be_focused()
    rows.nth(119).locator("a").focus()
    press(page, "j")  # past the last one that is laid out
    expect(rows).to_have_count(130)
    expect(rows.nth(120).locator("a")).to_be_focused()
    page.get_by_role("button", name="Dossier").press("Enter")
    page.get_by_role("button", name="Dossier").press("Enter")
    expect(rows.first.locator("a")).to_have_text("D-129")
    press(page, "/")
    page.keyboard.type("d-000")
    expect(rows).to_have_count(1)
    expect(page.locator("#compte")).to_have_text("1 sur 130")
    expect(more).to_be_hidden()
    page.close()


@pytest.mark.parametrize("waits", [False, True], ids=["decides at once", "is saved first"])
def test_two_tabs_on_one_criterion_show_both_texts_and_replace_nothing(
    open_as: Open, app: App, dossier: str, waits: bool
) -> None:
    first, second = open_as("Ada", desk(dossier)), open_as("Ada", desk(dossier))
    press(first, "c")
    first.keyboard.type("Vu en page 2.")
    expect(first.locator("#sauvegarde")).to_have_text("Tout est enregistré")
    press(second, "c")
    second.keyboard.type("Rien vu.")
    expect(second.locator("#conflit")).to_contain_text("Vu en page 2.")
    expect(second.locator("#conflit")).to_contain_text("Rien vu.")
    without_barriers(second)
    second.get_by_role("button", name="Prendre l’autre").click()
    expect(second.locator("[name=commentaire]")).to_have_value("Vu en page 2.")

    press(second, "Escape")
    second.locator("#fiche").focus()
    press(second, "Enter")
    expect(second.locator(".bilan strong")).to_have_text("1")
    press(first, "Escape", "1")
    first.locator("[name=precision]").fill("Je pense autrement.")
    if not waits:
        press(first, "Enter")
    expect(first.locator("#annonce")).to_contain_text("autre fenêtre")
    expect(first.locator(".decision")).to_contain_text("Votre décision")
    expect(first.locator("[name=precision]")).to_have_value("Je pense autrement.")
    assert len(app.store.decisions(dossier, EPREUVE)) == 1
    first.close()
    second.close()


def test_hostile_words_are_text_and_no_page_has_a_barrier(open_as: Open, dossier: str) -> None:
    page = open_as()
    without_barriers(page)
    page.goto(page.url.rstrip("/") + desk(dossier))
    expect(page.locator(".cadre").first).to_be_visible()
    for folded in page.locator(".carte details").all():
        folded.evaluate("box => box.open = true")
    expect(page.locator(".carte")).to_contain_text(EVIL)
    press(page, "t")
    expect(page.locator(".texte-fichier mark").first).to_have_text(PHRASES[0])
    expect(page.locator(".texte-fichier")).to_contain_text(EVIL)
    assert page.locator(".carte img, .texte-fichier img").count() == 0
    without_barriers(page)
    press(page, "?")
    expect(page.locator("#aide")).to_be_visible()
    without_barriers(page)
    press(page, "Escape", "t", "1")
    without_barriers(page)
    page.goto(page.url.partition("/dossier")[0] + "/nulle-part")
    without_barriers(page)
    page.close()


def test_what_is_typed_survives_a_killed_server_and_a_reload(
    chrome: Browser, tmp_path: Path
) -> None:
    data = tmp_path / "data"
    dossier = seed(build_app(settings_for(data)), tmp_path / "dossier", {0: Verdict.MET})
    server = LightServer(data, tmp_path / "server.log")
    server.start()
    page = chrome.new_page(locale="fr-FR")
    page.goto(server.url.rstrip("/") + desk(dossier))
    press(page, "c")
    page.keyboard.type("Avant. ")
    expect(page.locator("#sauvegarde")).to_have_text("Tout est enregistré")
    server.kill()
    page.keyboard.type("Pendant.")
    expect(page.locator("#sauvegarde")).to_contain_text("Nouvel essai")
    server.start()
    expect(page.locator("#sauvegarde")).to_have_text("Tout est enregistré")
    page.reload()
    expect(page.locator("[name=commentaire]")).to_have_value("Avant. Pendant.")

    server.kill()
    page.locator("[name=commentaire]").press("End")
    page.keyboard.type(" Sans serveur.")
    expect(page.locator("#sauvegarde")).to_contain_text("Nouvel essai")
    server.start()
    page.reload()  # before the next try: this browser still has the words
    expect(page.locator("[name=commentaire]")).to_have_value("Avant. Pendant. Sans serveur.")
    expect(page.locator("#sauvegarde")).to_have_text("Tout est enregistré")
    page.close()
    server.kill()


def test_columns_thumbnails_and_zoom_answer_to_the_keyboard(open_as: Open, dossier: str) -> None:
    page = open_as("Ada", desk(dossier))
    expect(page.locator(".cadre").first).to_be_visible()
    handle = page.get_by_role("separator", name="Largeur de la liste")
    width = page.locator("#liste").bounding_box()
    handle.press("ArrowRight")
    expect(handle).to_have_attribute("aria-valuenow", "22")
    page.reload()
    expect(handle).to_have_attribute("aria-valuenow", "22")
    wider = page.locator("#liste").bounding_box()
    assert width is not None
    assert wider is not None
    assert wider["width"] > width["width"]

    page.get_by_role("button", name="Vignettes").press("Enter")
    expect(page.locator("#vignettes button")).to_have_count(2)
    page.get_by_role("button", name="Page 2", exact=True).press("Enter")
    expect(page.locator('.page[data-page="2"] .cadre').first).to_be_in_viewport()
    press(page, "Escape", "+")
    expect(page.locator("#zoom")).to_have_text("125\u00a0%")
    page.close()


def test_the_text_marks_each_quote_of_a_block_those_that_overlap_too(
    open_as: Open, app: App, tmp_path: Path
) -> None:
    dossier, document = make_dossier(app, tmp_path / "dossier")
    criterion = app.rubrics.rubric(EPREUVE).criteres[0]
    draft = make_draft(dossier, document, criterion, Verdict.MET)
    start = document.text.rindex(PHRASES[0])
    ranges = {"Le taux de clic": (0, 15), "taux de clic atteint": (3, 23), "early bird": (46, 56)}
    assert {PHRASES[0][a:b] for a, b in ranges.values()} == set(ranges)
    quotes = tuple(evidence_at(document, start + a, start + b) for a, b in ranges.values())
    first, *others = draft.attendus
    draft = draft.model_copy(
        update={
            "checks": (),
            "attendus": (
                first.model_copy(update={"evidence": quotes}),
                *(one.model_copy(update={"evidence": ()}) for one in others),
            ),
        }
    )
    app.store.save_finding(dossier, draft)

    page = open_as("Ada", desk(dossier))
    page.locator("#vue-texte").click()
    marked = page.locator("#feuilles mark")
    expect(marked).to_have_text(["Le ", "taux de clic", " atteint", "early bird"])
    page.get_by_role("button", name="taux de clic atteint").first.click()
    expect(page.locator("#feuilles mark.vise")).to_have_text(["taux de clic", " atteint"])
    whole = page.locator("#feuilles .bloc", has=page.locator("mark")).first
    expect(whole).to_have_text(PHRASES[0])
    page.close()


def test_no_page_is_wider_than_its_window(open_as: Open, dossier: str) -> None:
    """At each ordinary width, in whatever order the style sheets come."""
    page = open_as("Ada", desk(dossier))
    page.wait_for_selector("#feuilles .page img")
    for path in (desk(dossier), "/", "/cohortes", "/statistiques", "/arret", "/autocontrole"):
        page.goto(urljoin(page.url, path))
        for width in (1280, 1500, 1920):
            page.set_viewport_size({"width": width, "height": 900})
            assert page.evaluate("document.documentElement.scrollWidth") == width, path
    page.goto(urljoin(page.url, desk(dossier)))
    columns = [page.locator(f"#{name}").bounding_box() for name in ("liste", "fiche", "document")]
    assert columns[0]["x"] == 0
    assert columns[-1]["x"] + columns[-1]["width"] == 1920
