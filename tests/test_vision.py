"""A model that sees: which pictures leave, over real HTTP, and what its observations may prove."""

import base64
import hashlib
import io
import json
from pathlib import Path
from typing import Any

import docx
import pytest
from PIL import Image
from reportlab.pdfgen.canvas import Canvas

from assistant.adapters.criterion_reply import reply_type_for
from assistant.adapters.openai_forms import strict_schema
from assistant.app import App, build_app
from assistant.app.album import Album
from assistant.domain.abstention import AbstentionReason
from assistant.domain.case import AttenduJudgement, CriterionCase, Judgement, Sighting
from assistant.domain.finding import AttenduFinding, CriterionFinding, EngineId, FindingFailure
from assistant.domain.picture import Picture
from assistant.domain.rubric import Evaluable, GroundingThresholds, Vue
from assistant.domain.verdict import AttenduStatus, Verdict
from assistant.grounding import Grounder
from assistant.reporting import grid_docx
from assistant.review import review_criterion
from assistant.settings import Settings
from assistant.sight import page_views
from ingest.service import ReadingService
from ingest.types import ImageInfo, Locator, SourceFile
from tests.factories import FixedClock, case, criterion, document
from tests.fault_server import Exchange, FaultServer, status
from tests.llm_client import assert_strict

EPREUVE = "E1.3"
GRAPHIC = "E1.3/choix-graphiques/CE1"
WRITTEN = "Palette : bleu nuit #1B2A49 et orange #F28C28, titres en Lora, textes en Inter."
SEEN = "Deux aplats, bleu et orange, à gauche d'un titre."


def charter(folder: Path) -> Path:
    """A charter of three pages; the second shows a palette."""
    folder.mkdir()
    canvas = Canvas(str(folder / "E1.3_charte_DUPONT.pdf"), pagesize=(600, 800))
    canvas.setTitle("Charte de Jeanne Dupont")
    canvas.drawString(300, 20, "Jeanne Dupont")
    canvas.drawString(60, 740, "Charte graphique")
    canvas.drawString(60, 700, WRITTEN)
    canvas.showPage()
    for x, colour in ((60, "#1B2A49"), (320, "#F28C28")):
        canvas.drawInlineImage(Image.new("RGB", (200, 200), colour), x, 400, 220, 220)
    canvas.drawString(60, 740, "La palette en images")
    canvas.showPage()
    canvas.drawString(60, 740, "Modération : nous répondons en vingt-quatre heures.")
    canvas.save()
    return folder


def install(data_dir: Path, url: str = "http://127.0.0.1:9/v1", **changes: Any) -> App:
    values = {"llm_model": "voyant", "llm_base_url": url, "llm_vision": "on"} | changes
    return build_app(Settings(_env_file=None, data_dir=data_dir, **values))


def parts(body: dict[str, Any]) -> list[dict[str, Any]]:
    """The parts of the request's last message; none when it is plain text."""
    content = body["messages"][-1]["content"]
    return content if isinstance(content, list) else []


def pictures(body: dict[str, Any]) -> list[bytes]:
    urls = [p["image_url"]["url"] for p in parts(body) if p["type"] == "image_url"]
    assert all(
        url.startswith(("data:image/png;base64,", "data:image/jpeg;base64,")) for url in urls
    )
    return [base64.b64decode(url.partition(",")[2]) for url in urls]


def said(body: dict[str, Any]) -> str:
    texts = [m["content"] for m in body["messages"] if isinstance(m["content"], str)]
    return "\n".join([*texts, *(p.get("text", "") for p in parts(body))])


def reply(body: dict[str, Any], *, image: int = 1) -> dict[str, Any]:
    """Says that the page shows everything, and quotes nothing."""
    count = said(body).rpartition("numérotés de 1 à ")[2].partition(".")[0]
    attendus = [
        {
            "numero": n,
            "citations": [],
            **({"vues": [{"image": image, "observation": SEEN}]} if pictures(body) else {}),
            "statut": "satisfait",
            "justification": "La page le montre.",
        }
        for n in range(1, int(count) + 1)
    ]
    return {
        "attendus": attendus,
        "motif": "Vu.",
        "verdict_propose": "acquis",
        "manques": [],
        "questions_oral": [],
        "conseil": "Ajoutez une légende sous la palette.",
    }


def completion(exchange: Exchange, **changes: Any) -> None:
    text = json.dumps(reply(exchange.body, **changes))
    choice = {
        "index": 0,
        "finish_reason": "stop",
        "message": {"role": "assistant", "content": text},
    }
    exchange.send({"object": "chat.completion", "model": "voyant", "choices": [choice]})


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return charter(tmp_path / "DUPONT-Jeanne")


def reviewed(app: App, folder: Path) -> dict[str, CriterionFinding | FindingFailure]:
    dossier = app.open(folder, epreuve=EPREUVE)
    return {f.criterion_id: f for f in app.review(dossier, EPREUVE, judge="llm")}


# -- over HTTP -------------------------------------------------------------------------------------


def test_pictures_leave_for_what_must_be_seen_and_the_finding_names_the_page(
    tmp_path: Path, folder: Path
):
    with FaultServer(completion) as server:
        app = install(tmp_path / "data", server.url, llm_vision_pictures=2, llm_vision_pixels=400)
        found = reviewed(app, folder)
        bodies = [exchange.body for exchange in server.exchanges]

    to_see = {
        c.id for c in app.rubric(EPREUVE).criteres if c.evaluable is Evaluable.DOCUMENT_VISUEL
    }
    with_pictures = [body for body in bodies if pictures(body)]
    assert len(with_pictures) == len(to_see)
    for body in with_pictures:
        shown = [Image.open(io.BytesIO(data)) for data in pictures(body)]
        assert 1 <= len(shown) <= 2
        assert all(max(image.size) <= 400 for image in shown)
        assert "Image 1 : Livrable 1, page" in said(body)
    assert not any(
        word in json.dumps(bodies) for word in ("DUPONT", "Jeanne", "Charte de J", "Dupont")
    )

    finding = found[GRAPHIC]
    assert isinstance(finding, CriterionFinding)
    palette = finding.attendus[0]
    assert (palette.vue, palette.status) == (Vue.NECESSAIRE, AttenduStatus.SATISFIED)
    assert palette.seen[0].observation == SEEN
    assert palette.seen[0].place_fr.startswith("E1.3_charte_DUPONT.pdf, page ")
    sent = {hashlib.sha256(data).hexdigest() for body in with_pictures for data in pictures(body)}
    assert {page.picture_sha256 for page in finding.seen} <= sent
    assert "images transmises au modèle" in " ".join(finding.notes_fr)
    assert SEEN in app.report(app.dossiers()[0].id, EPREUVE).model_dump_json()
    assert grid_docx(app.report(app.dossiers()[0].id, EPREUVE))


def test_a_page_seen_proves_nothing_of_an_attendu_that_words_prove(tmp_path: Path, folder: Path):
    with FaultServer(completion) as server:
        found = reviewed(install(tmp_path / "data", server.url), folder)
    for finding in found.values():
        assert isinstance(finding, CriterionFinding)
        for attendu in finding.attendus:
            if attendu.vue is Vue.SANS:
                assert attendu.status is AttenduStatus.NOT_VERIFIABLE
                assert not attendu.seen


def test_an_observation_of_a_picture_that_was_not_sent_is_rejected(tmp_path: Path, folder: Path):
    with FaultServer(lambda exchange: completion(exchange, image=99)) as server:
        finding = reviewed(install(tmp_path / "data", server.url), folder)[GRAPHIC]
    assert isinstance(finding, CriterionFinding)
    assert finding.verdict is Verdict.NOT_ASSESSABLE
    assert not finding.seen
    assert {"observation d'une image qui n'a pas été transmise"} == {
        rejected.reason_fr for rejected in finding.rejected
    }


def test_without_the_setting_nothing_is_drawn_and_sight_is_left_to_the_person(
    tmp_path: Path, folder: Path
):
    with FaultServer(completion) as server:
        app = install(tmp_path / "data", server.url, llm_vision="off")
        finding = reviewed(app, folder)[GRAPHIC]
        assert not any(pictures(exchange.body) for exchange in server.exchanges)
    assert isinstance(finding, CriterionFinding)
    assert finding.verdict is Verdict.NOT_ASSESSABLE
    assert "vision" not in finding.provenance.engine.parameters
    told = " ".join(finding.observations_fr)
    assert "2 images, 200 × 200 px (page 2)" in told
    assert "couleurs codées dans le texte, #1B2A49 ; #F28C28" in told
    assert "Aucune n'a de texte alternatif" in told


def test_a_model_that_refuses_pictures_says_what_to_change(tmp_path: Path, folder: Path):
    refusal = status(400, {"error": {"message": "This model does not support image input."}})
    with FaultServer(
        lambda exchange: refusal(exchange) if pictures(exchange.body) else completion(exchange)
    ) as server:
        found = reviewed(install(tmp_path / "data", server.url), folder)
    failure = found[GRAPHIC]
    assert isinstance(failure, FindingFailure)
    assert failure.error == "ModelCannotSee"
    assert "PREUVE_LLM_VISION=off" in failure.message_fr
    assert any(isinstance(finding, CriterionFinding) for finding in found.values())


def test_pictures_are_in_exported_requests_and_their_answers_make_the_same_findings(
    tmp_path: Path, folder: Path
):
    with FaultServer(completion) as server:
        live = install(tmp_path / "live", server.url)
        expected = reviewed(live, folder)[GRAPHIC]
    (tmp_path / "file").mkdir()
    (tmp_path / "file" / "prompt.salt").write_bytes((tmp_path / "live/prompt.salt").read_bytes())
    by_file = install(tmp_path / "file", server.url)
    dossier = by_file.open(folder, epreuve=EPREUVE)
    requests = [json.loads(line) for line in by_file.requests().export(dossier, EPREUVE).lines]
    assert any(pictures(request["body"]) for request in requests)

    answers = "\n".join(
        json.dumps({"custom_id": r["custom_id"], "content": json.dumps(reply(r["body"]))})
        for r in requests
    )
    outcomes = by_file.requests().import_answers(answers.encode())
    imported = next(o.finding for o in outcomes if o.criterion_id == GRAPHIC)
    assert isinstance(imported, CriterionFinding)
    assert isinstance(expected, CriterionFinding)
    assert imported.attendus == expected.attendus
    assert imported.provenance.key == expected.provenance.key


def test_the_key_of_a_finding_changes_with_vision_and_its_limits(tmp_path: Path, folder: Path):
    keys = set()
    with FaultServer(completion) as server:
        for number, changes in enumerate(
            ({}, {"llm_vision": "off"}, {"llm_vision_pictures": 1}, {"llm_vision_pixels": 300})
        ):
            app = install(tmp_path / f"data{number}", server.url, **changes)
            finding = reviewed(app, folder)[GRAPHIC]
            assert isinstance(finding, CriterionFinding)
            keys.add(finding.provenance.key)
    assert len(keys) == 4


def test_the_schema_asks_for_what_is_seen_before_the_status_and_is_strict():
    schema = strict_schema(reply_type_for(criterion(), "criterion_review.v2", sees=True))
    assert_strict(schema)
    names = list(schema["properties"]["attendus"]["items"]["properties"])
    assert names == ["numero", "citations", "vues", "statut", "justification"]
    blind = strict_schema(reply_type_for(criterion(), "criterion_review.v2"))
    assert "vues" not in json.dumps(blind)
    assert list(blind["properties"])[-1] == "conseil"
    assert "conseil" not in strict_schema(reply_type_for(criterion()))["properties"]


def test_a_name_is_painted_over_on_the_pages_that_leave(tmp_path: Path, folder: Path):
    """The same charter without its name, all else being equal, leaves the same pixels there."""
    with FaultServer(completion) as server:
        reviewed(install(tmp_path / "data", server.url, llm_vision_pixels=800), folder)
        body = next(e.body for e in server.exchanges if pictures(e.body))
    number = next(n for n in range(1, 7) if f"Image {n} : Livrable 1, page 1" in said(body))
    page = Image.open(io.BytesIO(pictures(body)[number - 1]))
    at = (int(page.width * 320 / 600), int(page.height * (1 - 24 / 800)))
    assert page.getpixel(at) == (128, 128, 128)


# -- which pages -----------------------------------------------------------------------------------


def test_pages_that_were_retrieved_and_hold_images_come_first():
    images = [ImageInfo(locator=Locator(file="a.pdf", page=n), width=90, height=90) for n in (2, 5)]
    tiny = ImageInfo(locator=Locator(file="a.pdf", page=6), width=8, height=8)
    text = document("Un.").model_copy(update={"images": (*images, tiny), "unit_count": 7})
    assert [view.page for view in page_views(text, [4, 5, 1], 6)] == [5, 4, 2, 1, 3, 6]
    assert [view.page for view in page_views(text, [], 3)] == [2, 5, 1]


def test_an_office_file_without_pages_shows_its_images(tmp_path: Path):
    out = io.BytesIO()
    Image.new("RGB", (300, 200), "#F28C28").save(out, "PNG")
    word = docx.Document()
    word.add_paragraph("La palette.")
    word.add_picture(io.BytesIO(out.getvalue()))
    path = tmp_path / "charte.docx"
    word.save(str(path))
    file, reader = SourceFile.from_path(path), ReadingService(isolated=False)
    asked = criterion(evaluable=Evaluable.DOCUMENT_VISUEL)
    built = case(reader.read(file), asked=asked)

    album = Album(Settings(_env_file=None, llm_vision="on"), reader, lambda _: file)
    shown, problems = album.pictures(built, built.passages, lambda _: ())
    assert problems == ()
    assert Image.open(io.BytesIO(shown[0].data)).size == (300, 200)
    assert shown[0].place_fr.startswith("charte.docx")
    assert album.pictures(case(reader.read(file)), built.passages, lambda _: ()) == ((), ())


# -- what sight proves -----------------------------------------------------------------------------

TEXT = document("# Pesées", "La farine est pesée à 1 200 g et notée dans le cahier.")
QUOTE = "La farine est pesée à 1 200 g"


class OneWord:
    engine = EngineId(engine="llm", version="test/1")

    def __init__(self, **word: Any) -> None:
        self.word = AttenduJudgement(numero=1, **word)

    def assess(self, case: CriterionCase) -> Judgement:
        return Judgement(attendus=(self.word,))


def judged(vue: Vue, *, shown: bool = True, images: bool = False, **word: Any) -> CriterionFinding:
    asked = criterion(evaluable=Evaluable.DOCUMENT_VISUEL)
    attendu = asked.attendus[0].model_copy(update={"vue": vue})
    asked = asked.model_copy(update={"attendus": (attendu,)})
    image = ImageInfo(locator=Locator(file=TEXT.filename), width=300, height=300)
    text = TEXT.model_copy(update={"images": (image,) if images else ()})
    page = Picture.of(b"\x89PNG", text.sha256, Locator(file=text.filename, page=2))
    built = case(text, asked=asked).model_copy(update={"pictures": (page,) if shown else ()})
    grounder = Grounder(built.deliverables, GroundingThresholds())
    judge = OneWord(**word)
    return review_criterion(built, judge, grounder, FixedClock(), dossier_id="D", key="k")


VIEW = (Sighting(picture=1, observation=" Une balance  affiche 1 200 g. "),)


@pytest.mark.parametrize("vue", [Vue.UTILE, Vue.NECESSAIRE])
def test_a_page_that_was_shown_may_prove_what_sight_proves(vue):
    finding = judged(vue, status=AttenduStatus.SATISFIED, seen=VIEW)
    assert finding.verdict is Verdict.MET
    assert [page.observation for page in finding.seen] == ["Une balance affiche 1 200 g."]
    assert finding.seen[0].place_fr == "fournil.docx, page 2"


def test_a_page_proves_nothing_of_what_words_prove():
    finding = judged(Vue.SANS, status=AttenduStatus.SATISFIED, seen=VIEW)
    assert finding.reasons == (AbstentionReason.NO_VERIFIED_QUOTE,)
    assert "se prouve par des mots" in finding.rejected[0].reason_fr


def test_words_do_not_settle_what_only_sight_tells():
    finding = judged(Vue.NECESSAIRE, status=AttenduStatus.SATISFIED, quotes=(QUOTE,))
    assert finding.reasons == (AbstentionReason.VISUAL,)
    assert finding.attendus[0].withheld is AttenduStatus.SATISFIED
    assert judged(Vue.UTILE, status=AttenduStatus.SATISFIED, quotes=(QUOTE,)).verdict is Verdict.MET


def test_an_absence_is_not_concluded_while_images_were_not_seen():
    absent = {"status": AttenduStatus.ABSENT}
    assert judged(Vue.NECESSAIRE, **absent).reasons == (AbstentionReason.VISUAL,)
    unseen = judged(Vue.UTILE, shown=False, images=True, **absent)
    assert unseen.reasons == (AbstentionReason.VISUAL,)
    assert judged(Vue.UTILE, shown=False, **absent).verdict is Verdict.NOT_MET
    assert judged(Vue.UTILE, images=True, **absent).verdict is Verdict.NOT_MET
    assert judged(Vue.NECESSAIRE, seen=VIEW, **absent).verdict is Verdict.NOT_MET


def test_an_attendu_that_words_prove_cannot_hold_a_page_seen():
    page = judged(Vue.UTILE, status=AttenduStatus.SATISFIED, seen=VIEW).attendus[0]
    with pytest.raises(ValueError, match="words prove"):
        AttenduFinding.model_validate(page.model_dump() | {"vue": "sans"})
