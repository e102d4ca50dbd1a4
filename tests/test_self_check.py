"""A candidate checks a draft: help, not a mark, in a space that nobody else sees."""

import re
import zipfile
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path

import docx
import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient
from typer.testing import CliRunner

from assistant.adapters.sql_quota import SqlQuota
from assistant.adapters.sql_store import SqlReviewStore
from assistant.advising import next_step
from assistant.app import SelfChecks, build_app
from assistant.cli import cli
from assistant.domain.person import Role
from assistant.domain.self_check import Coverage, changes, coverage_of, where_to_begin
from assistant.domain.verdict import Verdict
from assistant.errors import (
    DraftUnreadable,
    NothingHandedIn,
    SelfCheckLimit,
    UnknownDraft,
    UnknownEpreuve,
)
from assistant.reporting.labels import fr
from assistant.settings import Settings
from tests.desk import WORDS_OF_THE_DRAFT, make_dossier, make_draft
from tests.web import add_everyone, app_of, logged_in, site, token

EPREUVE = "E3.1"
VERDICT_WORDS = re.compile(
    r"\b(?:acquis|non acquis|partiel|partiellement|non évaluable|"
    r"note de|score|jury a|évaluateur juge)\b",
    re.IGNORECASE,
)


class Moved:
    """A clock that tests move."""

    def __init__(self) -> None:
        self.time = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)

    def now(self) -> datetime:
        return self.time


def draft(*paragraphs: str) -> bytes:
    document = docx.Document()
    document.add_heading("Bilan de la campagne de mai", 1)
    for text in paragraphs:
        document.add_paragraph(text)
    out = BytesIO()
    document.save(out)
    return out.getvalue()


THIN = draft("La campagne a bien marché.")
FULL = draft(
    "La campagne a coûté 300 € et touché 12 000 personnes : le coût pour mille est de 25 €.",
    "Le taux d'engagement est de 4,2 % (504 interactions / 12 000 personnes touchées).",
    "L'objectif était de 10 000 personnes ; il est dépassé de 20 %.",
    "À améliorer : publier le mardi à 18 h, où l'engagement est de 6,1 % contre 3,0 % le lundi.",
)


@pytest.fixture
def clock() -> Moved:
    return Moved()


@pytest.fixture
def checks(tmp_path: Path, clock: Moved) -> SelfChecks:
    return opened(tmp_path, clock)


def opened(tmp_path: Path, clock: Moved, **changes: int) -> SelfChecks:
    settings = Settings(data_dir=tmp_path, _env_file=None)
    rubrics = build_app(settings).rubrics
    return SelfChecks(
        tmp_path / "autocontrole",
        lambda folder: build_app(settings.model_copy(update={"data_dir": folder}), rubrics),
        SqlQuota(SqlReviewStore(tmp_path / "preuve.sqlite3").database),
        clock,
        allowed=lambda: None,
        judge="embedded",
        office=None,
        per_day=2,
        days=30,
        **changes,
    )


def done(checks: SelfChecks, person: str, data: bytes, name: str = "bilan.docx") -> str:
    """A check whose reading is over."""
    draft_id = checks.start(person, EPREUVE, [(name, data)])
    checks.wait(person, draft_id, EPREUVE)
    assert not checks.result(person, draft_id).running
    return draft_id


def test_each_criterion_says_what_is_there_where_and_what_to_do(checks: SelfChecks):
    found = checks.result("ada", done(checks, "ada", FULL))
    assert len(found.criteria) == found.total
    spots = [s for c in found.criteria for a in c.attendus for s in a.spots]
    assert spots
    assert all(s.place_fr.startswith("bilan.docx") for s in spots)
    assert all(c.to_do_fr for c in found.criteria)


@pytest.mark.parametrize("form", ["md", "docx"])
def test_nothing_that_a_candidate_takes_away_holds_a_verdict(checks: SelfChecks, form):
    name, data = checks.file("ada", done(checks, "ada", THIN), form)
    assert name == f"autocontrole_{EPREUVE}.{form}"
    text = data.decode() if form == "md" else document_text(data)
    assert "ni une note" in text
    assert not VERDICT_WORDS.search(text.replace("sont acquis", ""))
    assert not any(verdict.value in text for verdict in Verdict if "_" in verdict.value)


def test_a_second_version_says_what_moved(checks: SelfChecks):
    done(checks, "ada", THIN)
    found = checks.result("ada", done(checks, "ada", FULL))
    assert found.before is not None
    moved = [change for changed in found.moved.values() for change in changed]
    assert moved
    assert any(change.better for change in moved)


def test_the_day_has_its_limit_and_the_same_files_cost_nothing(checks: SelfChecks, clock: Moved):
    first = done(checks, "ada", THIN)
    assert done(checks, "ada", THIN) == first
    assert checks.left_today("ada") == 1
    done(checks, "ada", FULL)
    with pytest.raises(SelfCheckLimit) as refused:
        checks.start("ada", EPREUVE, [("bilan.docx", draft("Une troisième version."))])
    assert "vos 2 autocontrôles" in refused.value.user_message
    assert len(checks.drafts("ada")) == 2
    assert checks.left_today("grace") == 2
    clock.time += timedelta(days=1)
    assert checks.left_today("ada") == 2


def test_deleting_a_draft_does_not_give_its_use_back(checks: SelfChecks):
    checks.delete("ada", done(checks, "ada", THIN))
    assert checks.left_today("ada") == 1
    assert checks.drafts("ada") == ()


def test_a_deleted_draft_leaves_no_byte(checks: SelfChecks, tmp_path: Path):
    word = "kumquatologie"
    draft_id = done(checks, "ada", draft(f"La campagne {word} a coûté 300 €."))
    kept = tmp_path / "autocontrole"
    assert any(word.encode() in p.read_bytes() for p in kept.rglob("*") if p.is_file())
    checks.delete("ada", draft_id)
    assert not any(word.encode() in p.read_bytes() for p in kept.rglob("*") if p.is_file())


def test_a_draft_deleted_while_it_is_read_leaves_no_byte(checks: SelfChecks, tmp_path: Path):
    word = "kumquatologie"
    long = [f"La campagne de mai numéro {n} a touché 12 000 personnes." for n in range(300)]
    draft_id = checks.start("ada", EPREUVE, [("bilan.docx", draft(f"{word} à 300 €.", *long))])
    checks.delete("ada", draft_id)
    kept = tmp_path / "autocontrole"
    assert not any(word.encode() in p.read_bytes() for p in kept.rglob("*") if p.is_file())
    assert done(checks, "ada", FULL) != draft_id


def test_the_last_draft_takes_its_space_with_it(checks: SelfChecks, tmp_path: Path):
    first, second = done(checks, "ada", THIN), done(checks, "ada", FULL)
    kept = tmp_path / "autocontrole"
    checks.delete("ada", first)
    assert list(kept.iterdir())
    checks.delete("ada", second)
    assert list(kept.iterdir()) == []
    assert checks.drafts("ada") == ()
    assert list(kept.iterdir()) == []  # looking makes no space


def test_a_person_s_space_is_erased_whole_and_nobody_else_s(checks: SelfChecks, tmp_path: Path):
    done(checks, "ada", THIN)
    done(checks, "ada", FULL)
    hers = done(checks, "grace", THIN)
    assert checks.erase("ada") == 2
    assert checks.erase("ada") == 0
    assert len(list((tmp_path / "autocontrole").iterdir())) == 1
    assert checks.result("grace", hers).criteria


def test_a_space_put_away_to_make_room_opens_again(tmp_path: Path, clock: Moved):
    checks = opened(tmp_path, clock, most_open=1)
    hers, his = done(checks, "ada", THIN), done(checks, "bob", THIN)
    done(checks, "grace", THIN)
    assert checks.result("ada", hers).criteria
    assert checks.result("bob", his).criteria


def test_the_command_erases_the_drafts_of_the_local_page(checks, tmp_path, monkeypatch):
    monkeypatch.setenv("PREUVE_DATA_DIR", str(tmp_path))
    done(checks, "local", THIN)
    refused = CliRunner().invoke(cli, ["erase", "--autocontrole", "personne", "--oui"])
    assert refused.exit_code != 0
    erased = CliRunner().invoke(cli, ["erase", "--autocontrole", "local", "--oui"])
    assert erased.exit_code == 0, erased.output
    assert "1 brouillon" in erased.output
    assert list((tmp_path / "autocontrole").iterdir()) == []
    assert CliRunner().invoke(cli, ["audit", "verify"]).exit_code == 0


def test_a_draft_is_deleted_when_its_delay_has_passed(checks: SelfChecks, clock: Moved):
    draft_id = done(checks, "ada", THIN)
    clock.time += timedelta(days=30)
    assert checks.drafts("grace") == ()
    with pytest.raises(UnknownDraft):
        checks.result("ada", draft_id)


def test_nobody_sees_anothers_draft_even_with_the_same_files(checks: SelfChecks):
    hers = done(checks, "ada", THIN)
    with pytest.raises(UnknownDraft):
        checks.result("grace", hers)
    done(checks, "grace", THIN)
    checks.delete("grace", checks.drafts("grace")[0].id)
    assert checks.result("ada", hers).criteria


def test_what_cannot_be_read_is_said_and_costs_nothing(checks: SelfChecks):
    with pytest.raises(NothingHandedIn):
        checks.start("ada", EPREUVE, [])
    with pytest.raises(UnknownEpreuve):
        checks.start("ada", "E9.9", [("bilan.docx", THIN)])
    assert checks.left_today("ada") == 2


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("vide.docx", b""),
        ("programme.exe", b"MZ\x90"),
        ("abime.zip", b"PK\x03\x04"),
        ("~$bilan.docx", THIN),
    ],
)
def test_a_draft_that_cannot_be_read_costs_nothing_and_is_not_kept(checks, tmp_path, name, data):
    with pytest.raises(DraftUnreadable) as refused:
        checks.start("ada", EPREUVE, [(name, data)])
    assert "Rien n'a été gardé ni décompté" in refused.value.user_message
    assert checks.left_today("ada") == 2
    assert checks.drafts("ada") == ()
    assert not [p for p in (tmp_path / "autocontrole").rglob("*") if p.name == name]


def test_a_file_that_cannot_be_read_is_named_beside_what_was_read(checks: SelfChecks):
    files = [("bilan.docx", FULL), ("annexe.pdf", b"%PDF-1.4 rien")]
    draft_id = checks.start("ada", EPREUVE, files)
    checks.wait("ada", draft_id, EPREUVE)
    found = checks.result("ada", draft_id)
    assert found.criteria
    assert len(found.unread_fr) == 1
    assert "annexe.pdf" in found.unread_fr[0]
    assert fr(found.unread_fr[0]) in checks.file("ada", draft_id, "md")[1].decode()


def test_a_quote_keeps_its_own_spaces(checks: SelfChecks):
    _, data = checks.file("ada", done(checks, "ada", FULL), "md")
    assert "de 10 000 personnes ; il est dépassé de 20 %" in data.decode()


def test_the_same_files_for_another_epreuve_are_another_draft(checks: SelfChecks):
    first = done(checks, "ada", FULL)
    second = checks.start("ada", "E1.2", [("bilan.docx", FULL)])
    checks.wait("ada", second, "E1.2")
    assert checks.result("ada", second).draft.epreuve == "E1.2"
    assert len(checks.result("ada", second).criteria) == 17
    assert checks.result("ada", first).draft.epreuve == EPREUVE


@pytest.mark.parametrize("name", ["bilan-du-brief.docx", "E1.2 : bilan*.docx", "x" * 300 + ".docx"])
def test_a_deliverable_is_what_the_candidate_says_whatever_its_name(checks: SelfChecks, name: str):
    found = checks.result("ada", done(checks, "ada", FULL, name))
    assert found.draft.filenames == (name,)
    assert any(a.spots for c in found.criteria for a in c.attendus)


def test_a_deliverable_and_a_brief_of_one_name_keep_their_roles(checks: SelfChecks):
    files = [("document.docx", FULL)], [("document.docx", draft("La commande du client."))]
    draft_id = checks.start("ada", EPREUVE, *files)
    checks.wait("ada", draft_id, EPREUVE)
    found = checks.result("ada", draft_id)
    places = {s.place_fr.split(",")[0] for c in found.criteria for a in c.attendus for s in a.spots}
    assert places == {"document.docx"}


def test_the_files_of_an_archive_are_the_deliverable(checks: SelfChecks):
    out = BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("brief et bilan.docx", FULL)
    found = checks.result("ada", done(checks, "ada", out.getvalue(), "rendu.zip"))
    assert any(a.spots for c in found.criteria for a in c.attendus)


def test_a_candidate_is_told_nothing_of_the_verdict_nor_of_the_evaluator_s_draft(tmp_path: Path):
    rubric = build_app(Settings(data_dir=tmp_path, _env_file=None)).rubric(EPREUVE)
    dossier_id, document = make_dossier(build_app(Settings(data_dir=tmp_path)), tmp_path / "d")
    told = {}
    for verdict, advice in ((Verdict.MET, ""), (Verdict.NOT_MET, "Datez chaque objectif.")):
        finding = make_draft(dossier_id, document, rubric.criteres[0], Verdict.MET)
        finding = finding.model_copy(update={"verdict": verdict, "advice_fr": advice})
        (told[verdict],) = coverage_of(rubric, [finding], next_step)
        assert told[verdict].to_do_fr
        words = told[verdict].model_dump_json()
        assert WORDS_OF_THE_DRAFT not in words
        assert "Pourquoi ?" not in words
        assert "La somme annoncée diffère" not in words
    assert told[Verdict.MET].attendus == told[Verdict.NOT_MET].attendus


def test_what_is_wanted_absent_and_not_found_is_for_the_candidate_to_check(checks: SelfChecks):
    draft_id = checks.start("ada", "E1.2", [("note.docx", THIN)])
    checks.wait("ada", draft_id, "E1.2")
    attendus = [a for c in checks.result("ada", draft_id).criteria for a in c.attendus]
    wanted_absent = [a for a in attendus if a.texte.startswith("Aucun")]
    assert wanted_absent
    assert all(a.coverage is not Coverage.ABSENT for a in wanted_absent)


def test_where_to_begin_puts_what_is_determining_and_missing_first(checks: SelfChecks):
    found = checks.result("ada", done(checks, "ada", THIN))
    first, *others = where_to_begin(found.criteria)
    assert first.open[0].coverage is Coverage.ABSENT
    assert first.open[0].etoile
    assert len(others) <= 2
    assert all(criterion.open for criterion in others)


def test_the_evaluators_store_holds_nothing_of_a_self_check(checks: SelfChecks, tmp_path: Path):
    done(checks, "ada", FULL)
    with SqlReviewStore(tmp_path / "preuve.sqlite3") as store:
        assert store.dossiers() == ()


def test_a_file_name_never_leaves_its_folder(checks: SelfChecks, tmp_path: Path):
    done(checks, "ada", THIN, name="..\\..\\../../bilan.docx")
    assert [p.name for p in tmp_path.rglob("*.docx")] == ["bilan.docx"]
    assert not list(tmp_path.parent.glob("*.docx"))


def test_an_unmoved_attendu_is_no_change(checks: SelfChecks):
    found = checks.result("ada", done(checks, "ada", THIN)).criteria
    assert changes(found, found) == {}
    assert coverage_of(build_rubric(checks), (), next_step) == ()
    assert list(Coverage)[0] is Coverage.COVERED


def build_rubric(checks: SelfChecks):
    from assistant.rubric_loader import load_rubric_set

    return load_rubric_set(Settings(_env_file=None).rubrics_path).rubric(EPREUVE)


def document_text(data: bytes) -> str:
    with zipfile.ZipFile(BytesIO(data)) as archive:
        xml = "".join(
            archive.read(n).decode()
            for n in archive.namelist()
            if n.startswith("word/") and n.endswith(".xml") and "styles" not in n
        )
    return re.sub(r"<[^>]+>", "", xml)


# --- on the site ---------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def web(tmp_path_factory: pytest.TempPathFactory) -> FastAPI:
    made = site(tmp_path_factory.mktemp("autocontrole"), self_check_per_day=2)
    add_everyone(made)
    return made


def hand_in(client: TestClient, data: bytes, epreuve: str = EPREUVE):
    return client.post(
        "/autocontrole",
        data={"epreuve": epreuve, "jeton": token(client, "/autocontrole")},
        files={"livrables": ("<b>bilan</b>.docx", data)},
    )


def test_a_candidate_hands_a_draft_in_reads_it_and_deletes_it(web: FastAPI):
    with logged_in(web, Role.CANDIDATE) as client:
        assert client.get("/").headers["location"] == "/autocontrole"
        sent = hand_in(client, FULL)
        assert sent.status_code == 303
        page = sent.headers["location"]
        web.state.site.self_checks.wait("candidat", page.rpartition("/")[2], EPREUVE)
        assert client.get(f"{page}/etat").json()["en_cours"] is False
        shown = client.get(page).text
        assert "ni une note, ni un avis du jury" in shown
        assert "<b>bilan" not in shown
        assert not VERDICT_WORDS.search(re.sub(r"<[^>]+>", "", shown))
        assert client.get(f"{page}/autocontrole.md").status_code == 200
        gone = client.post(f"{page}/supprimer", data={"jeton": token(client, page)})
        assert gone.status_code == 303
        assert client.get(page).status_code == 404


def test_another_persons_draft_is_not_found(web: FastAPI):
    with logged_in(web, Role.EVALUATOR) as client:
        hers = hand_in(client, THIN).headers["location"]
        assert client.get(hers).status_code == 200
    with logged_in(web, Role.CANDIDATE) as client:
        for path in (hers, f"{hers}/etat", f"{hers}/autocontrole.md"):
            assert client.get(path).status_code == 404
        jeton = token(client, "/autocontrole")
        assert client.post(f"{hers}/supprimer", data={"jeton": jeton}).status_code == 404
    assert app_of(web).dossiers() == ()


def test_a_form_without_a_file_is_told_on_the_page(web: FastAPI):
    with logged_in(web, Role.CANDIDATE) as client:
        answer = client.post(
            "/autocontrole",
            data={"epreuve": EPREUVE, "jeton": token(client, "/autocontrole")},
            files={"livrables": ("", b"")},
        )
    assert answer.status_code == 422
    assert "Aucun livrable reçu" in answer.text
