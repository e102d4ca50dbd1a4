"""The desk through its pages and its API, without a browser."""

import hashlib
import io
import json
import re
from pathlib import Path
from typing import Any

import docx
import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from assistant.app import App, Reader
from assistant.app.cohort.overview import CohortPlan, PlannedDossier
from assistant.app.cohort.results import collect_results
from assistant.domain.certification import Relecture
from assistant.domain.verdict import Verdict
from tests.desk import EPREUVE, EVIL, PHRASES, WORDS_OF_THE_DRAFT, redraft, seed
from tests.web import app_of, site, site_for, token, visitor

ADA = Reader(name="Ada")


@pytest.fixture
def web(tmp_path: Path) -> FastAPI:
    return site(tmp_path / "data", assessor="Ada")


@pytest.fixture
def app(web: FastAPI) -> App:
    return app_of(web)


@pytest.fixture
def dossier(app: App, tmp_path: Path) -> str:
    return seed(app, tmp_path / "dossier")


class Desk:
    """One person at the desk of one épreuve."""

    def __init__(self, client: TestClient, dossier: str) -> None:
        self.client = client
        self.base = f"/api/dossier/{dossier}/{EPREUVE}"
        self.page = f"/dossier/{dossier}/{EPREUVE}"
        self.headers = {"X-Preuve-Jeton": token(client)}

    def open(self, criterion: str) -> dict[str, str]:
        answer = self.client.get(f"{self.base}/critere", params={"critere": criterion}).json()
        found = re.search(
            r'data-cle="([^"]*)" data-vus="(\d+)" data-visite="(\w+)" '
            r'data-version="(\d+)"',
            answer["fiche"],
        )
        assert found is not None
        names = ("cle", "vus", "visite", "version")
        return {**answer, **dict(zip(names, found.groups(), strict=True))}

    def decide(self, criterion: str, verdict: str | None = None, **words: Any) -> Any:
        shown = self.open(criterion)
        body = {
            "critere": criterion,
            "version": int(shown["version"]),
            "vus": int(shown["vus"]),
            "cle": shown["cle"],
            "visite": shown["visite"],
            "verdict": verdict,
            **words,
        }
        return self.client.post(f"{self.base}/decision", json=body, headers=self.headers)

    def post(self, path: str, **body: Any) -> Any:
        return self.client.post(f"{self.base}/{path}", json=body, headers=self.headers)

    def keep(self, criterion: str, version: int, **words: Any) -> Any:
        body = {"critere": criterion, "version": version, **words}
        return self.client.put(f"{self.base}/brouillon", json=body, headers=self.headers)

    def version(self) -> int:
        listing = self.client.get(self.page, follow_redirects=True).text
        found = re.search(r'id="cloture" data-version="(\d+)"', listing)
        assert found is not None
        return int(found[1])


@pytest.fixture
def client(web: FastAPI):
    with visitor(web) as opened:
        yield opened


@pytest.fixture
def desk(client: TestClient, dossier: str) -> Desk:
    return Desk(client, dossier)


@pytest.fixture
def criteria(app: App) -> tuple[str, ...]:
    return tuple(c.id for c in app.rubric(EPREUVE).criteres)


def with_rules(web: FastAPI, app: App, **rules: Any) -> FastAPI:
    """The same installation with other rules of reading."""
    certification = app.rubrics.certification
    relecture = Relecture.model_validate(certification.relecture.model_dump() | rules)
    certification = certification.model_copy(update={"relecture": relecture})
    app.rubrics = app.rubrics.model_copy(update={"certification": certification})
    return site_for(app, "Ada")


# The queue and a criterion


def test_the_queue_shows_each_epreuve_with_what_it_asks_for_first(client, dossier):
    page = client.get("/").text
    assert dossier in page
    assert "citation rejetée" in page
    assert "0&nbsp;/&nbsp;3" in page


def test_an_epreuve_opens_on_its_first_undecided_criterion(client, desk, criteria):
    desk.decide(criteria[0])
    page = client.get(desk.page, follow_redirects=True)
    assert page.url.path.endswith(criteria[1].removeprefix(f"{EPREUVE}/"))
    assert page.status_code == 200


def test_everything_that_a_file_or_a_draft_says_is_shown_as_text(
    client, desk, criteria, dossier, app
):
    desk.decide(criteria[0], "acquis", motif="autre", precision=EVIL, commentaire=EVIL)
    card = desk.open(criteria[0])["fiche"]
    sha = app.library.summary(dossier).files[0].sha256
    text = client.get(f"/api/dossier/{dossier}/fichier/{sha}").json()["texte"]
    page = client.get(desk.page, follow_redirects=True).text
    for html in (card, text, page):
        assert "<img src=x" not in html
    assert "&lt;img src=x" in card
    assert PHRASES[0] in text


def test_a_quote_is_found_on_its_page_and_the_page_is_drawn_once(
    client, desk, criteria, dossier, app
):
    places = client.get(f"{desk.base}/places", params={"critere": criteria[0]}).json()
    (place,) = places.values()
    assert place["page"] == 2
    (box,) = place["cadres"]
    assert box[2] - box[0] > 0.3
    sha = app.library.summary(dossier).files[0].sha256
    address = f"/dossier/{dossier}/fichier/{sha}/page/2.png"
    first = client.get(address)
    assert first.headers["content-type"] == "image/png"
    assert client.get(address).content == first.content
    kept = app.settings.data_dir / "cache" / "images" / sha / "2.png"
    assert kept.read_bytes() == first.content


def test_a_page_of_another_dossier_s_file_is_not_served(client, desk, app, tmp_path, dossier):
    other = seed(app, tmp_path / "autre" / "dossier")
    sha = app.library.summary(dossier).files[0].sha256
    client.get(f"/dossier/{dossier}/fichier/{sha}/page/1.png")
    assert client.get(f"/dossier/{other}/fichier/{'0' * 64}/page/1.png").status_code == 404
    assert client.get(f"/dossier/inconnu/fichier/{sha}/page/1.png").status_code == 404


# Rulings


def test_confirming_is_one_act_and_departing_asks_for_a_reason(desk, criteria, app, dossier):
    assert desk.decide(criteria[0]).status_code == 200
    refused = desk.decide(criteria[1], "acquis")
    assert refused.status_code == 409
    assert "motif" in refused.json()["erreur"]
    refused = desk.decide(criteria[1], "acquis", motif="autre")
    assert "précisez" in refused.json()["erreur"]
    assert desk.decide(criteria[1], "acquis", motif="preuve-ailleurs").status_code == 200

    first, second = app.store.decisions(dossier, EPREUVE)
    assert (first.action, first.verdict) == ("accept", Verdict.PARTIALLY_MET)
    assert (second.action, second.reason) == ("override", "La preuve est ailleurs dans le dossier")
    assert second.reason_id == "preuve-ailleurs"
    (visit,) = [v for v in app.assessments.visits(dossier, EPREUVE) if v.outcome == "accept"]
    assert visit.untouched


def test_undo_appends_and_the_criterion_is_open_again(desk, criteria, app, dossier):
    desk.decide(criteria[0])
    assert desk.post("annulation", critere=criteria[0], vus=1).status_code == 200
    assert [d.action for d in app.store.decisions(dossier, EPREUVE)] == ["accept", "withdraw"]
    assert app.report(dossier, EPREUVE).decided == 0


def test_an_epreuve_is_given_back_only_while_no_ruling_stands_from_it(desk, criteria, app, dossier):
    desk.decide(criteria[0])
    refused = desk.post("etape", etape="rendre", version=desk.version())
    assert refused.status_code == 409
    assert app.assessments.assessment(dossier, EPREUVE).first == "Ada"
    desk.post("annulation", critere=criteria[0], vus=1)
    assert desk.post("etape", etape="rendre", version=desk.version()).status_code == 200
    assert app.assessments.assessment(dossier, EPREUVE).holders == ()


def test_two_windows_on_one_criterion_do_not_overwrite_each_other(desk, criteria):
    stale = desk.open(criteria[0])
    assert desk.keep(criteria[0], 0, commentaire="Première fenêtre.").json()["accepte"]
    second = desk.keep(criteria[0], 0, commentaire="Seconde fenêtre.").json()
    assert not second["accepte"]
    assert second["commentaire"] == "Première fenêtre."

    desk.decide(criteria[0])
    late = desk.post(
        "decision",
        critere=criteria[0],
        version=0,
        vus=int(stale["vus"]),
        cle=stale["cle"],
        verdict="acquis",
        motif="oral",
    )
    assert late.status_code == 412


def test_a_decision_on_a_draft_made_again_since_must_be_confirmed(desk, criteria, app, dossier):
    for criterion in criteria:
        desk.decide(criterion)
    redraft(app, dossier, 0, Verdict.PARTIALLY_MET, 2)
    assert "proposition a été refaite" in desk.open(criteria[0])["fiche"]
    refused = desk.post("cloture", etape="finaliser", version=desk.version())
    assert "refaite" in refused.json()["erreur"]
    assert desk.decide(criteria[0]).status_code == 200
    assert desk.post("cloture", etape="finaliser", version=desk.version()).status_code == 200


# Blind


def test_a_blind_reader_receives_nothing_of_the_draft_before_ruling(web, app, dossier, criteria):
    with visitor(with_rules(web, app, aveugle="toujours")) as client:
        desk = Desk(client, dossier)
        before = [
            desk.open(criteria[0])["fiche"],
            client.get(desk.page, follow_redirects=True).text,
            client.get("/").text,
            client.get(f"{desk.base}/places", params={"critere": criteria[0]}).text,
            client.get(f"{desk.page}/grille.json").text,
        ]
        word = docx.Document(io.BytesIO(client.get(f"{desk.page}/grille.docx").content))
        before.append("\n".join(c.text for t in word.tables for r in t.rows for c in r.cells))
        for answer in before:
            assert WORDS_OF_THE_DRAFT not in answer
            assert "citation rejetée&nbsp;·" not in answer
            assert PHRASES[0] not in answer
            assert f"{dossier}/{criteria[0]}/1" not in answer
        assert desk.decide(criteria[0]).status_code == 409  # nothing to confirm unseen

        after = desk.decide(criteria[0], "non_acquis").json()
        assert not after["tient"]
        assert WORDS_OF_THE_DRAFT in after["fiche"]
        assert WORDS_OF_THE_DRAFT not in desk.open(criteria[1])["fiche"]
        assert desk.decide(criteria[0], "partiel").status_code == 200
        assert "changé d’avis" in desk.open(criteria[0])["fiche"]
        assert desk.decide(criteria[1], "partiel").json()["tient"]
    assert [d.action for d in app.store.decisions(dossier, EPREUVE)] == ["blind", "accept", "blind"]


def test_a_reader_may_choose_to_read_blind(client, app, desk, criteria):
    assert WORDS_OF_THE_DRAFT in desk.open(criteria[0])["fiche"]
    client.put("/api/preference", json={"aveugle": True}, headers=desk.headers)
    # What was seen stays seen; what was not is hidden.
    assert WORDS_OF_THE_DRAFT in desk.open(criteria[0])["fiche"]
    assert WORDS_OF_THE_DRAFT not in desk.open(criteria[1])["fiche"]
    told = [json.loads(entry.content or "{}") for entry in app.audit.entries()]
    (setting,) = [event["facts"] for event in told if event.get("action") == "réglage"]
    assert setting == {"reglage": "lecture à l'aveugle", "valeur": "oui"}


# Two readers and an arbiter


@pytest.fixture
def three(web: FastAPI, app: App, dossier: str):
    """Ada and Bob read, Cy may settle: three browsers on one installation."""
    with_rules(web, app, evaluateurs=2)
    desks = {}
    contexts = []
    for name in ("Ada", "Bob", "Cy"):
        context = visitor(site_for(app, name))
        contexts.append(context)
        desks[name] = Desk(context.__enter__(), dossier)
    yield desks
    for context in contexts:
        context.__exit__(None, None, None)


def test_two_readers_see_nothing_of_each_other_until_both_submit_then_a_third_settles(
    three, criteria, app, dossier
):
    ada, bob, cy = three.values()
    for criterion in criteria:
        ada.decide(criterion, commentaire="Avis d'Ada.")
    assert "Avis d" not in bob.open(criteria[0])["fiche"]
    ruled = bob.decide(criteria[0], "acquis", motif="oral", commentaire="Avis de Bob.")
    assert ruled.status_code == 200, ruled.text
    assert "Avis d" not in bob.client.get(f"{bob.page}/grille.json").text.replace("Avis de Bob", "")
    assert "Avis de Bob" not in ada.open(criteria[0])["fiche"]
    assert cy.decide(criteria[0]).status_code == 409
    assert "il reste" not in ada.post("etape", etape="soumettre", version=ada.version()).text
    assert bob.post("etape", etape="soumettre", version=bob.version()).status_code == 409
    for criterion in criteria[1:]:
        bob.decide(criterion)
    assert "Avis d" not in bob.open(criteria[1])["fiche"]
    assert bob.post("etape", etape="soumettre", version=bob.version()).status_code == 200

    assert "Avis de Bob" in ada.open(criteria[0])["fiche"]
    assert ada.decide(criteria[0], "acquis", motif="oral").status_code == 409
    assert "à arbitrer" in cy.client.get("/").text
    assert cy.decide(criteria[0], "acquis", motif="preuve-ailleurs").status_code == 200
    assert ada.post("cloture", etape="finaliser", version=ada.version()).status_code == 200
    verdicts = [e.decision.verdict for e in app.report(dossier, EPREUVE).entries if e.decision]
    assert verdicts == [Verdict.MET, Verdict.PARTIALLY_MET, Verdict.PARTIALLY_MET]


# Closing and files


def finished(desk: Desk, criteria: tuple[str, ...]) -> None:
    desk.decide(criteria[0], justification="Le taux est cité et commenté.")
    desk.decide(criteria[1], "non_acquis", motif="hors-sujet", commentaire="À usage interne.")
    for criterion in criteria[2:]:
        desk.decide(criterion)
    assert desk.post("cloture", etape="finaliser", version=desk.version()).status_code == 200


def test_nothing_is_signed_before_every_criterion_is_decided(desk, criteria):
    desk.decide(criteria[0])
    refused = desk.post("cloture", etape="finaliser", version=desk.version())
    assert refused.status_code == 409
    assert "2 critères sans décision" in refused.json()["erreur"]


def test_a_mark_to_review_holds_the_signature_back(desk, criteria):
    for criterion in criteria:
        desk.decide(criterion)
    desk.keep(criteria[0], int(desk.open(criteria[0])["version"]), a_revoir=True)
    refused = desk.post("cloture", etape="finaliser", version=desk.version())
    assert "à revoir" in refused.json()["erreur"]


def test_a_signature_locks_can_be_checked_and_is_undone_only_with_a_reason(
    client, desk, criteria, app, dossier
):
    finished(desk, criteria)
    assert desk.decide(criteria[0]).status_code == 409
    export = json.loads(client.get(f"{desk.page}/grille.json").content)
    digest = hashlib.sha256(export["record"].encode()).hexdigest()
    assert digest == export["signature"]["sha256"]
    assert export["signature"]["person"] == "Ada"

    redraft(app, dossier, 0, Verdict.MET, 2)  # a later run changes nothing of what was signed
    again = json.loads(client.get(f"{desk.page}/grille.json").content)
    assert again["summary"] == export["summary"]

    refused = desk.post("cloture", etape="rouvrir", version=desk.version(), motif="  ")
    assert refused.status_code == 409
    reopened = desk.post("cloture", etape="rouvrir", version=desk.version(), motif="Erreur.")
    assert reopened.status_code == 200
    assert desk.decide(criteria[0]).status_code == 200
    assert [e.kind for e in app.assessments.events(dossier, EPREUVE)] == [
        "take",
        "finalise",
        "reopen",
    ]


def test_a_cohort_s_results_show_what_was_signed(desk, criteria, app, dossier, tmp_path):
    one = PlannedDossier(
        dossier_id=dossier, name="x", folder=tmp_path, criteria=3, pending=0, epreuves=(EPREUVE,)
    )
    plan = CohortPlan(cohort_id="C-1", label="promo", engine_fr="", dossiers=(one,))
    finished(desk, criteria)
    (signed,) = collect_results(app, plan).tables[0].rows
    redraft(app, dossier, 0, Verdict.MET, 2)
    (again,) = collect_results(app, plan).tables[0].rows
    assert signed.cells[0].draft is not Verdict.MET
    assert again == signed


def test_the_letter_says_only_what_people_decided_and_only_once_signed(client, desk, criteria):
    early = client.get(f"{desk.page}/lettre.docx")
    assert early.status_code == 409
    assert "finalisée" in early.text
    finished(desk, criteria)
    letter = docx.Document(io.BytesIO(client.get(f"{desk.page}/lettre.docx").content))
    text = "\n".join(p.text for p in letter.paragraphs)
    assert "Le taux est cité et commenté." in text
    assert PHRASES[0] in text
    assert text.count("Datez chaque objectif.") == 2  # not for the draft that was departed from
    for internal in ("À usage interne.", "Le passage cité", "Ada", "Proposition", "rejetée"):
        assert internal not in text


def test_an_export_without_traces_says_nothing_of_the_drafts(client, desk, criteria):
    finished(desk, criteria)
    bare = client.get(f"{desk.page}/grille.json?traces=non").json()
    assert "report" not in bare
    assert bare["summary"][0]["justification"] == "Le taux est cité et commenté."
    assert bare["summary"][1]["quotes"] == []
    grid = docx.Document(io.BytesIO(client.get(f"{desk.page}/grille.docx?traces=non").content))
    cells = "\n".join(c.text for t in grid.tables for r in t.rows for c in r.cells)
    assert "Le taux est cité et commenté." in cells
    for trace in ("Proposition", "Somme", "Recherche effectuée", "rejetée"):
        assert trace not in cells
