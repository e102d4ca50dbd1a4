"""The self-check as a candidate lives it, in a real headless Chromium."""

import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pypdfium2
import pytest
from axe_playwright_python.sync_playwright import Axe
from docx import Document
from fastapi import FastAPI
from playwright.sync_api import Browser, FilePayload, Locator, Page, expect

from assistant.domain.person import Role
from assistant.domain.verdict import Verdict
from tests.browser import browser, chromium, watch_requests
from tests.live import served
from tests.test_self_check import FULL, THIN, draft
from tests.web import PHRASES, add_everyone, app_of, site

pytestmark = [pytest.mark.browser, pytest.mark.slow]
Open = Callable[[str], Page]
EPREUVE = "E3.1"
BRIEF = draft("La commande : une campagne en mai, 300 € au plus, 10 000 personnes.")
EVIL = "<img src=x onerror=alert(1)> ${alert(2)} {{constructor}}"
#: What would be an evaluator's word, in whatever a candidate sees or takes away.
RULING = re.compile(
    r"\bnon[ _-]acquis|(?<!sont )(?<!est )\bacquis\b|\bpartiel(?:lement)?\b|non[ _][ée]valuable|"
    r"\bscore\b|\bmoyenne\b|not_met|partially_met|not_assessable|verdict|proposition",
    re.IGNORECASE,
)
#: What would read as a mark, once the candidate's own words, the grid's and dates are put aside.
MARK = re.compile(r"\d\s*(?:/|sur)\s*\d|\d\s*%|\b\d+ (?:couvert|à étoffer|pas trouvé)")
DATE = re.compile(r"\d\d/\d\d/\d{4}")


@pytest.fixture(scope="module")
def chrome() -> Iterator[Browser]:
    chromium()
    with browser() as opened:
        yield opened


@pytest.fixture
def web(tmp_path: Path) -> FastAPI:
    made = site(tmp_path, self_check_per_day=2)
    add_everyone(made)
    return made


@pytest.fixture
def open_as(web: FastAPI, chrome: Browser) -> Iterator[Open]:
    """A browser of one person, logged in; a stray request or a blocked script fails the test."""
    strays: list[str] = []
    contexts = []
    with served(web) as address:

        def opened(role: str) -> Page:
            context = chrome.new_context(
                locale="fr-FR", viewport={"width": 1280, "height": 900}, accept_downloads=True
            )
            contexts.append((context, watch_requests(page := context.new_page())))
            page.on("dialog", lambda dialog: (strays.append(dialog.message), dialog.dismiss()))
            page.on("console", lambda m: strays.append(m.text) if "Content Sec" in m.text else None)
            page.goto(f"{address}/autocontrole")
            page.get_by_label("Identifiant").fill(role)
            page.get_by_label("Mot de passe").fill(PHRASES[Role(role)])
            page.keyboard.press("Enter")
            expect(page.get_by_role("heading", name="Relire mon brouillon")).to_be_visible()
            return page

        yield opened
        for context, seen in contexts:
            context.close()
            strays += seen
    assert strays == []


def file(data: bytes, name: str = "bilan.docx") -> FilePayload:
    return {"name": name, "mimeType": "application/octet-stream", "buffer": data}


def hand_in(page: Page, *files: FilePayload, brief: FilePayload | None = None) -> None:
    """Fill the form in by its labels, and send it."""
    page.get_by_label("Épreuve").select_option(EPREUVE)
    page.get_by_label("Votre livrable").set_input_files(list(files))
    if brief:
        page.get_by_label("La commande du client").set_input_files([brief])
    page.get_by_role("button", name="Relire ce brouillon").click()


def read_whole(page: Page) -> Locator:
    """Wait until the reading is over; gives the criteria."""
    expect(page.get_by_text("Garder ce résultat")).to_be_visible()
    return page.locator("section.critere")


def tells_no_ruling(page: Page) -> None:
    assert RULING.search(page.content()) is None
    own = page.locator("main").evaluate(
        "main => { const copy = main.cloneNode(true);"
        " copy.querySelectorAll('blockquote, .a-faire').forEach(words => words.remove());"
        " return copy.textContent; }"
    )
    assert MARK.search(DATE.sub("", own)) is None


def puts_no_barrier(page: Page) -> None:
    """In both schemes, unfolded, on a desk and on a telephone."""
    for folded in page.locator("details").all():
        folded.evaluate("box => box.open = true")
    for width in (1280, 400):
        page.set_viewport_size({"width": width, "height": 800})
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)
            found = Axe().run(page).response["violations"]
            assert [(v["id"], v["nodes"][0]["html"][:200]) for v in found] == [], scheme
    page.set_viewport_size({"width": 1280, "height": 900})


def taken_away(page: Page, form: str) -> Path:
    with page.expect_download() as download:
        page.get_by_role("link", name=form, exact=True).click()
    return Path(download.value.path())


def text_of(path: Path, form: str) -> str:
    if form == "Word":
        document = Document(str(path))
        parts = [p for s in document.sections for p in (*s.header.paragraphs, *s.footer.paragraphs)]
        return "\n".join(p.text for p in (*document.paragraphs, *parts))
    if form == "PDF":
        with pypdfium2.PdfDocument(path) as pdf:
            return "\n".join(page.get_textpage().get_text_range() for page in pdf)
    return path.read_text(encoding="utf-8")


def test_a_candidate_reads_two_versions_takes_them_away_and_deletes_them(
    open_as: Open, web: FastAPI
) -> None:
    page = open_as("candidat")
    puts_no_barrier(page)
    page.get_by_label("Épreuve").select_option(EPREUVE)
    hand_in(page, file(THIN), brief=file(BRIEF, "commande.docx"))
    criteria = read_whole(page)
    expect(criteria).to_have_count(len(app_of(web).rubric(EPREUVE).criteres))
    for criterion in criteria.all():
        expect(criterion.locator(".a-faire")).to_have_count(1)
    expect(page.get_by_role("heading", name="Par où commencer")).to_be_visible()
    expect(page.locator(".etat", has_text="pas trouvé").first).to_be_visible()
    tells_no_ruling(page)
    puts_no_barrier(page)

    page.get_by_role("link", name="Tous mes brouillons").click()
    expect(page.get_by_text("C’est votre dernier autocontrôle d’aujourd’hui.")).to_be_visible()
    hand_in(page, file(FULL), brief=file(BRIEF, "commande.docx"))
    read_whole(page)
    since = page.get_by_role("region", name="Depuis votre version du")
    expect(since.locator(".mieux", has_text="pas trouvé → couvert").first).to_be_visible()
    page.get_by_text("Ce qui est couvert, et où").first.click()
    covered = page.locator("details[open] .attendus > li").first
    expect(covered.locator(".etat")).to_have_text("couvert")
    expect(covered.locator("blockquote").first).to_contain_text("« ")
    expect(covered.locator("cite").first).to_contain_text("bilan.docx, § Bilan de la campagne")
    expect(covered.locator(".mieux")).to_contain_text("avant : pas trouvé")
    tells_no_ruling(page)
    puts_no_barrier(page)
    for form in ("Word", "Markdown", *(["PDF"] if shutil.which("soffice") else [])):
        text = " ".join(text_of(taken_away(page, form), form).split())
        assert "ni une note, ni un avis du jury" in text, form
        assert "À faire" in text, form
        assert "pas trouvé → couvert" in text, form
        assert RULING.search(text) is None, form

    page.get_by_role("link", name="Tous mes brouillons").click()
    expect(page.get_by_text("vous avez utilisé vos 2 autocontrôles du jour")).to_be_visible()
    expect(page.get_by_label("Votre livrable")).to_have_count(0)
    puts_no_barrier(page)
    for left in (1, 0):
        page.locator("details.supprimer summary").first.click()
        page.get_by_role("button", name="Oui, effacer").first.click()
        expect(page.locator(".brouillons li")).to_have_count(left)
    expect(page.get_by_text("vous avez utilisé vos 2 autocontrôles du jour")).to_be_visible()
    assert not any((app_of(web).settings.data_dir / "autocontrole").iterdir())


def test_a_form_left_open_past_the_last_self_check_is_told_kindly(open_as: Open) -> None:
    page = open_as("candidat")
    other = page.context.new_page()
    other.goto(page.url)
    for data in (THIN, FULL):
        page.goto(other.url.partition("/autocontrole")[0] + "/autocontrole")
        hand_in(page, file(data))
        read_whole(page)
    hand_in(other, file(draft("Une troisième version.")))
    expect(other.get_by_role("alert")).to_contain_text("Pour aujourd’hui, c’est tout")
    expect(other.locator(".brouillons li")).to_have_count(2)
    expect(other.get_by_label("Votre livrable")).to_have_count(0)


def test_hostile_words_are_text_and_a_file_not_read_is_said(open_as: Open) -> None:
    page = open_as("candidat")
    hand_in(page, file(b"", f"{EVIL}.docx"))
    expect(page.get_by_role("alert")).to_contain_text("est vide")
    expect(page.get_by_text("Il vous reste 2 autocontrôles aujourd’hui.")).to_be_visible()
    expect(page.get_by_label("Épreuve")).to_have_value(EPREUVE)
    words = f"La campagne {EVIL} a coûté 300 € pour 12 000 personnes touchées."
    hand_in(page, file(draft(words), f"{EVIL}.docx"), file(b"%PDF-1.4 rien", "annexe.pdf"))
    read_whole(page)
    expect(page.get_by_role("region", name="Ce qui n’a pas pu être lu")).to_contain_text(
        "annexe.pdf"
    )
    expect(page.locator("main")).to_contain_text(EVIL)
    assert page.locator("main img").count() == 0
    puts_no_barrier(page)


def test_another_s_page_is_not_there_and_nobody_sees_the_other_s_drafts(open_as: Open) -> None:
    ada, other = open_as("candidat"), open_as("evaluateur")
    hand_in(ada, file(THIN))
    read_whole(ada)
    other.goto(ada.url)
    expect(other.get_by_role("heading", name="Page introuvable")).to_be_visible()
    other.goto(ada.url.rpartition("/")[0])
    expect(other.locator(".brouillons li")).to_have_count(0)


def test_the_words_that_are_looked_for_are_those_of_the_scale(web: FastAPI) -> None:
    certification = app_of(web).rubrics.certification
    for verdict in Verdict:
        assert RULING.search(certification.libelle(verdict)), verdict
