"""A model that is not at hand: requests written, answers read, the same findings as live."""

import html
import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import docx
import pytest
from typer.testing import CliRunner

from assistant.adapters.batch_format import completion, read_answers
from assistant.adapters.sql_store import SqlReviewStore
from assistant.adapters.sql_switch import SqlSwitch
from assistant.app import App, build_app
from assistant.app.requests import LineOutcome, LineState
from assistant.cli import cli
from assistant.domain.dossier import Dossier
from assistant.domain.finding import CriterionFinding, Finding, FindingFailure
from assistant.domain.verdict import AttenduStatus
from assistant.settings import Settings
from tests.fault_server import Exchange, FaultServer, status
from tests.sample_findings import MOMENT

EPREUVE = "E1.3"
SENTENCES = (
    "Nous répondons à chaque commentaire en moins de vingt-quatre heures ouvrées.",
    "Le ton est chaleureux et précis, sans jargon ni promesse de remise.",
    "La charte interdit de publier le visage d’un client sans son accord écrit.",
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A dossier whose names are personal, and whose text is not."""
    folder = tmp_path / "DUPONT-Jeanne"
    folder.mkdir()
    document = docx.Document()
    document.add_heading("Charte de modération", level=1)
    for sentence in SENTENCES:
        document.add_paragraph(sentence)
    document.save(folder / "E1.3_charte_DUPONT.docx")
    brief = docx.Document()
    brief.add_paragraph("Le client vend des vélos et veut une charte de modération.")
    brief.save(folder / "brief-client_DUPONT.docx")
    return folder


def install(data_dir: Path, url: str = "http://127.0.0.1:9/v1", **changes: Any) -> App:
    settings = Settings(
        _env_file=None, data_dir=data_dir, llm_model="essai", llm_base_url=url, **changes
    )
    return build_app(settings)


@pytest.fixture
def app(tmp_path: Path) -> App:
    return install(tmp_path / "data")


def opened(app: App, folder: Path) -> Dossier:
    return app.open(folder, epreuve=EPREUVE)


def exported(app: App, folder: Path) -> list[dict[str, Any]]:
    lines = app.requests().export(opened(app, folder), EPREUVE).lines
    return [json.loads(line) for line in lines]


def reply_to(app: App, number: int, quote: str = SENTENCES[0]) -> dict[str, Any]:
    """A good reply to the criterion of that number in the grid."""
    criterion = app.rubric(EPREUVE).criteres[number]
    return {
        "attendus": [
            {
                "numero": attendu.numero,
                "citations": [quote],
                "statut": "satisfait",
                "justification": "C'est écrit.",
            }
            for attendu in criterion.attendus
        ],
        "motif": "La charte le dit.",
        "verdict_propose": "acquis",
        "manques": [],
        "questions_oral": ["Qui répond le week-end ?"],
    }


def answered(request: dict[str, Any], content: str, **choice: Any) -> dict[str, Any]:
    """The Batch API's line for a request that was answered."""
    body = completion(content, model="essai")
    body["choices"][0] |= choice
    body["usage"] = {"prompt_tokens": 9000, "completion_tokens": 120, "total_tokens": 9120}
    response = {"status_code": 200, "request_id": "r", "body": body}
    return {"id": "b", "custom_id": request["custom_id"], "response": response, "error": None}


def good_lines(app: App, requests: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [
        answered(request, json.dumps(reply_to(app, n, SENTENCES[n % 3])))
        for n, request in enumerate(requests)
    ]


def jsonl(*lines: object) -> bytes:
    return "\n".join(x if isinstance(x, str) else json.dumps(x) for x in lines).encode()


def drafts(app: App, dossier: Dossier) -> dict[str, Finding]:
    report = app.report(dossier.id, EPREUVE)
    return {e.criterion.id: e.finding for e in report.entries if e.finding is not None}


def timeless(finding: Finding) -> dict[str, Any]:
    """A finding without the two values that say when it was made."""
    data = finding.model_dump(mode="json")
    data.pop("failed_at", None)
    for name in ("seconds", "created_at"):
        data.get("provenance", {}).pop(name, None)
    return data


def canonical(body: dict[str, Any]) -> str:
    """The body but for `"stream": false`, the default, which the library adds."""
    assert not body.get("stream")
    return json.dumps({k: v for k, v in body.items() if k != "stream"}, sort_keys=True)


def states(outcomes: tuple[LineOutcome, ...]) -> list[LineState]:
    return [outcome.state for outcome in outcomes]


# -- live and by file -----------------------------------------------------------------------------


def test_the_requests_and_the_findings_are_those_of_a_live_run(tmp_path: Path, folder: Path):
    """The live server knows only the bodies that were exported, and answers nothing else."""
    answers: dict[str, dict[str, Any]] = {}

    def answer(exchange: Exchange) -> None:
        exchange.send(answers[canonical(exchange.body)]["response"]["body"])

    with FaultServer(answer) as server:
        by_file = install(tmp_path / "data", server.url)
        requests = exported(by_file, folder)
        lines = good_lines(by_file, requests)
        lines[1]["response"]["body"]["choices"][0]["message"]["content"] = "```json\n{}\n```"
        lines[2]["response"]["body"]["choices"][0]["message"] |= {"refusal": "Non.", "content": ""}
        lines[3]["response"]["body"]["choices"][0]["finish_reason"] = "length"
        fenced = lines[4]["response"]["body"]["choices"][0]["message"]
        fenced["content"] = f"Voici :\n```json\n{fenced['content']}\n```"
        answers |= {
            canonical(request["body"]): line for request, line in zip(requests, lines, strict=True)
        }
        (tmp_path / "live").mkdir()
        shutil.copy(tmp_path / "data" / "prompt.salt", tmp_path / "live")
        live = install(tmp_path / "live", server.url, llm_max_attempts=1)
        dossier = opened(live, folder)
        expected = live.review(dossier, EPREUVE, judge="llm")
        bodies = [exchange.body for exchange in server.exchanges]

    outcomes = by_file.requests().import_answers(jsonl(*lines))

    assert sorted(map(canonical, bodies)) == sorted(canonical(r["body"]) for r in requests)
    assert len(outcomes) == len(expected) == len(by_file.rubric(EPREUVE).criteres)
    kept = drafts(by_file, dossier)
    for finding in expected:
        assert timeless(kept[finding.criterion_id]) == timeless(finding)
    assert [type(f).__name__ for f in expected].count("FindingFailure") == 3


def test_an_export_needs_neither_key_nor_model_and_calls_nobody(tmp_path: Path, folder: Path):
    app = build_app(Settings(_env_file=None, data_dir=tmp_path / "data"))
    requests = exported(app, folder)

    assert len(requests) == len(app.rubric(EPREUVE).criteres)
    assert {request["body"]["model"] for request in requests} == {"modele-a-choisir"}
    assert {(r["method"], r["url"]) for r in requests} == {("POST", "/v1/chat/completions")}
    ids = [request["custom_id"] for request in requests]
    assert len(set(ids)) == len(ids)
    assert max(map(len, ids)) <= 64


def test_nothing_of_the_file_names_is_in_the_requests(app: App, folder: Path):
    text = json.dumps(exported(app, folder), ensure_ascii=False)

    assert SENTENCES[0] in text
    assert "DUPONT" not in text.upper()
    assert opened(app, folder).id not in text


def test_exporting_again_writes_the_same_and_only_what_is_missing(app: App, folder: Path):
    requests = exported(app, folder)
    assert exported(app, folder) == requests

    app.requests().import_answers(jsonl(*good_lines(app, requests)[:2]))
    assert exported(app, folder) == requests[2:]


# -- the shapes of an answer ----------------------------------------------------------------------


@pytest.mark.parametrize("shape", ["bare body", "under body", "under response", "text"])
def test_an_answer_may_come_without_the_batch_envelope(app: App, folder: Path, shape: str):
    request = exported(app, folder)[0]
    content = json.dumps(reply_to(app, 0))
    body = completion(content, model="essai")
    line = {
        "bare body": body,
        "under body": {"body": body},
        "under response": {"response": body},
        "text": {"content": content},
    }[shape] | {"custom_id": request["custom_id"]}

    (outcome,) = app.requests().import_answers(jsonl(line))

    assert outcome.state is LineState.IMPORTED
    assert isinstance(outcome.finding, CriterionFinding)
    assert outcome.finding.evidence[0].quote.startswith("Nous répondons")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_the_encodings_and_line_ends_of_a_windows_console_are_read(encoding: str):
    text = json.dumps({"custom_id": "é", "content": "a\u2028b"}, ensure_ascii=False)
    (line,) = read_answers(f"\r\n{text}\r\n\r\n".encode(encoding))

    assert line.number == 2
    assert line.custom_id == "é"
    assert line.body["choices"][0]["message"]["content"] == "a\u2028b"


def without_last_attendu(reply: dict[str, Any]) -> dict[str, Any]:
    return reply | {"attendus": reply["attendus"][:-1]}


def twice_the_first(reply: dict[str, Any]) -> dict[str, Any]:
    return reply | {"attendus": [reply["attendus"][0], *reply["attendus"]]}


def said_of_the_first(reply: dict[str, Any], **said: object) -> dict[str, Any]:
    first, *others = reply["attendus"]
    return reply | {"attendus": [first | said, *others]}


def bad_answers() -> Iterator[Any]:
    yield pytest.param({"finish_reason": "length"}, None, "coupée", id="truncated")
    yield pytest.param({"finish_reason": "content_filter"}, None, "filtre", id="filtered")
    yield pytest.param({}, lambda r: json.dumps(r)[:-40], "JSON complet", id="cut JSON")
    yield pytest.param({}, lambda r: "Je ne sais pas.", "JSON complet", id="prose")
    yield pytest.param({}, lambda r: "", "vide", id="empty")
    yield pytest.param(
        {}, lambda r: json.dumps(r)[:-1] + ",", "JSON complet", id="cut after a comma"
    )
    yield pytest.param(
        {}, lambda r: json.dumps(r) + '\n{"attendus": oui}', "JSON complet", id="second not JSON"
    )
    yield pytest.param(
        {}, lambda r: json.dumps(said_of_the_first(r, statut="plutôt bien")), "statut", id="status"
    )
    yield pytest.param(
        {}, lambda r: json.dumps(without_last_attendu(r)), "une fois chacun", id="attendu missing"
    )
    yield pytest.param(
        {}, lambda r: json.dumps(twice_the_first(r)), "une fois chacun", id="attendu twice"
    )


@pytest.mark.parametrize(("choice", "spoil", "cause"), list(bad_answers()))
def test_a_bad_answer_is_a_failure_and_stops_no_other(
    app: App, folder: Path, choice: dict[str, Any], spoil: Any, cause: str
):
    requests = exported(app, folder)[:2]
    lines = good_lines(app, requests)
    reply = reply_to(app, 0)
    lines[0] = answered(requests[0], (spoil or json.dumps)(reply), **choice)

    first, second = app.requests().import_answers(jsonl(*lines))

    assert states((first, second)) == [LineState.FAILED, LineState.IMPORTED]
    assert isinstance(first.finding, FindingFailure)
    assert cause in first.message_fr
    assert drafts(app, opened(app, folder))[first.criterion_id] == first.finding


def fenced(text: str) -> str:
    return f"```json\n{text}\n```"


def talked_about(text: str) -> str:
    return f"Voici mon analyse :\n\n{text}\n\nJe reste à votre disposition."


def said_otherwise(text: str) -> str:
    return text.replace('"satisfait"', '"Satisfait "').replace('"acquis"', '"ACQUIS"')


def braced_after(text: str) -> str:
    return f"{text}\n\nRemarque : {{ceci est une note}}."


def wrapped(text: str) -> str:
    return json.dumps({"réponse": json.loads(text)})


def with_a_note(text: str) -> str:
    return json.dumps(json.loads(text) | {"confiance": 0.8, "manques": None, "conseil": ""})


def with_accents(text: str) -> str:
    return text.replace('"numero"', '"numéro"').replace('"verdict_propose"', '"verdict_proposé"')


def with_lone_texts(text: str) -> str:
    reply = json.loads(text)
    reply["questions_oral"] = "Une question ?"
    for attendu in reply["attendus"]:
        attendu["citations"] = next(iter(attendu["citations"]), None)
    return json.dumps(reply)


def with_quotes_as_objects(text: str) -> str:
    reply = json.loads(text)
    for attendu in reply["attendus"]:
        attendu["citations"] = [{"citation": q, "page": 1} for q in attendu["citations"]]
    return json.dumps(reply)


def with_too_many_quotes(text: str) -> str:
    reply = json.loads(text)
    reply["attendus"][0]["citations"] += ["encore"] * 20
    return json.dumps(reply)


def with_commas_too_many(text: str) -> str:
    return text.replace("]", ",]").replace("}", ", }").replace("[,", "[")


def with_line_ends_in_texts(text: str) -> str:
    return text.replace("C'est écrit", "C'est\nécrit")


def as_a_text(text: str) -> str:
    return json.dumps(text)


def with_entities(text: str) -> str:
    reply = json.loads(text)
    for attendu in reply["attendus"]:
        attendu["citations"] = [
            html.escape(q).replace("é", "&eacute;") for q in attendu["citations"]
        ]
    return json.dumps(reply)


@pytest.mark.parametrize(
    "dress",
    [
        with_commas_too_many,
        with_line_ends_in_texts,
        as_a_text,
        with_entities,
        fenced,
        talked_about,
        said_otherwise,
        braced_after,
        wrapped,
        with_a_note,
        with_accents,
        with_lone_texts,
        with_quotes_as_objects,
        with_too_many_quotes,
    ],
)
def test_a_good_answer_is_taken_however_it_is_dressed(app: App, folder: Path, dress: Any):
    request = exported(app, folder)[0]
    line = answered(request, dress(json.dumps(reply_to(app, 0), ensure_ascii=False)))
    (outcome,) = app.requests().import_answers(jsonl(line))
    assert outcome.state is LineState.IMPORTED, outcome.message_fr
    assert isinstance(outcome.finding, CriterionFinding)
    assert outcome.finding.attendus[0].evidence


def test_an_answer_given_as_a_call_of_a_function_is_taken(app: App, folder: Path):
    request = exported(app, folder)[0]
    call = {"name": "reponse", "arguments": json.dumps(reply_to(app, 0))}
    message = {
        "role": "assistant",
        "content": None,
        "tool_calls": [{"id": "c", "type": "function", "function": call}],
    }
    line = answered(request, "", message=message, finish_reason="tool_calls")
    (outcome,) = app.requests().import_answers(jsonl(line))
    assert outcome.state is LineState.IMPORTED, outcome.message_fr


@pytest.mark.parametrize(
    "message",
    [
        {"role": "assistant", "content": None},
        {"role": "assistant", "content": None, "refusal": "I can't help with that."},
        {"role": "assistant", "content": "", "tool_calls": []},
    ],
)
def test_a_refusal_and_a_silence_are_failures(app: App, folder: Path, message: dict[str, Any]):
    request = exported(app, folder)[0]
    line = answered(request, "", message=message)
    (outcome,) = app.requests().import_answers(jsonl(line))
    assert outcome.state is LineState.FAILED
    assert isinstance(outcome.finding, FindingFailure)
    assert outcome.message_fr


def test_an_error_beside_an_answer_is_a_failure(app: App, folder: Path):
    request = exported(app, folder)[0]
    line = answered(request, json.dumps(reply_to(app, 0))) | {"error": {"code": "expired"}}
    (outcome,) = app.requests().import_answers(jsonl(line))
    assert outcome.state is LineState.FAILED
    assert "expired" in outcome.message_fr


@pytest.mark.parametrize(
    ("line", "cause"),
    [
        ({"response": None, "error": {"code": "batch_expired", "message": "x"}}, "batch_expired"),
        ({"response": None, "error": {"code": "<b>é</b>"}}, "erreur sans code"),
        ({"response": {"status_code": 200, "body": None}}, "pas de réponse"),
        ({}, "pas de réponse"),
        ({"response": {"status_code": 503, "body": {"error": {"message": "x"}}}}, "surchargé"),
        ({"response": {"status_code": 401, "body": {"error": {"message": "x"}}}}, "refuse la clé"),
        ({"response": {"status_code": 200, "body": {"choices": []}}}, "JSON d'une API"),
        ({"response": {"status_code": 200, "body": {"choices": [{"message": 3}]}}}, "JSON d'une"),
    ],
)
def test_what_the_provider_did_not_do_is_a_failure_that_says_so(
    app: App, folder: Path, line: dict[str, Any], cause: str
):
    request = exported(app, folder)[0]
    (outcome,) = app.requests().import_answers(jsonl(line | {"custom_id": request["custom_id"]}))

    assert outcome.state is LineState.FAILED
    assert cause in outcome.message_fr


def test_lines_that_answer_nothing_asked_are_refused_one_by_one(app: App, folder: Path):
    requests = exported(app, folder)[:1]
    (good,) = good_lines(app, requests)
    elsewhere = "preuve-" + "0" * 12 + requests[0]["custom_id"][19:]
    outcomes = app.requests().import_answers(
        jsonl(
            "not json",
            "[1]",
            {"response": good["response"]},
            good | {"custom_id": "request-1"},
            good | {"custom_id": elsewhere},
            "[" * 100_000,
            good,
            "",
            good,
        )
    )

    assert states(outcomes) == [LineState.REFUSED] * 6 + [LineState.IMPORTED, LineState.REFUSED]
    messages = [outcome.message_fr for outcome in outcomes]
    assert "request-1" in messages[3]
    assert "aucun dossier connu" in messages[4]
    assert "ligne 7" in messages[7]
    assert [outcome.number for outcome in outcomes] == [1, 2, 3, 4, 5, 6, 7, 9]


# -- what changed since ---------------------------------------------------------------------------


def test_a_file_changed_since_the_export_refuses_its_answers(app: App, folder: Path):
    lines = good_lines(app, exported(app, folder))
    document = docx.Document()
    document.add_paragraph("Un autre texte, plus court.")
    document.save(folder / "E1.3_charte_DUPONT.docx")

    outcomes = app.requests().import_answers(jsonl(*lines))

    assert set(states(outcomes)) == {LineState.REFUSED}
    assert "fichier du dossier a changé" in outcomes[0].message_fr
    assert outcomes[0].criterion_id == app.rubric(EPREUVE).criteres[0].id
    assert drafts(app, opened(app, folder)) == {}


def test_another_model_or_setting_than_the_export_s_is_refused(tmp_path: Path, folder: Path):
    app = install(tmp_path / "data")
    lines = good_lines(app, exported(app, folder)[:2])

    for other in (app.requests("autre"), install(tmp_path / "data", llm_temperature=1).requests()):
        outcomes = other.import_answers(jsonl(*lines))
        assert set(states(outcomes)) == {LineState.REFUSED}
        assert "--model" in outcomes[0].message_fr


def test_a_dossier_that_is_gone_refuses_its_answers(app: App, folder: Path):
    lines = good_lines(app, exported(app, folder)[:2])
    shutil.rmtree(folder)

    outcomes = app.requests().import_answers(jsonl(*lines))
    assert set(states(outcomes)) == {LineState.REFUSED}
    assert "introuvable" in outcomes[0].message_fr


@pytest.mark.parametrize(
    ("answered_by", "noted"),
    [
        ("essai", False),
        ("essai-2026-01-31", False),
        ("essai-latest", False),
        ("essai-mini", True),
        ("autre", True),
    ],
)
def test_another_model_s_answer_is_taken_and_said_so(
    app: App, folder: Path, answered_by: str, noted: bool
):
    (line,) = good_lines(app, exported(app, folder)[:1])
    line["response"]["body"]["model"] = answered_by

    (outcome,) = app.requests().import_answers(jsonl(line))

    assert isinstance(outcome.finding, CriterionFinding)
    assert any(answered_by in note for note in outcome.finding.notes_fr) is noted
    assert bool(outcome.message_fr) is noted


def test_importing_again_changes_nothing(app: App, folder: Path):
    lines = good_lines(app, exported(app, folder)[:3])
    lines[1]["response"]["body"]["choices"][0]["finish_reason"] = "length"
    app.requests().import_answers(jsonl(*lines))
    before = drafts(app, opened(app, folder))

    outcomes = app.requests().import_answers(jsonl(*lines))

    assert states(outcomes) == [LineState.KEPT, LineState.FAILED, LineState.KEPT]
    assert drafts(app, opened(app, folder)) == before


def test_an_invented_quote_carries_no_verdict(app: App, folder: Path):
    request = exported(app, folder)[0]
    reply = reply_to(app, 0, "Nous répondons à chaque commentaire en moins de deux heures.")
    (outcome,) = app.requests().import_answers(jsonl(answered(request, json.dumps(reply))))

    assert isinstance(outcome.finding, CriterionFinding)
    assert outcome.finding.rejected
    assert {a.status for a in outcome.finding.attendus} == {AttenduStatus.NOT_VERIFIABLE}


# -- the command ----------------------------------------------------------------------------------


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PREUVE_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("PREUVE_LLM_MODEL", "essai")
    monkeypatch.setenv("COLUMNS", "200")
    runner = CliRunner()
    return lambda *arguments: runner.invoke(cli, ["requests", *map(str, arguments)])


def test_the_command_exports_imports_and_counts(run: Any, tmp_path: Path, folder: Path):
    result = run("export", folder, "-e", EPREUVE)
    assert result.exit_code == 0
    requests = [json.loads(line) for line in result.stdout.splitlines()]
    app = build_app(Settings(_env_file=None, data_dir=tmp_path / "data"))
    lines = good_lines(app, requests)
    answers = tmp_path / "réponses.jsonl"

    answers.write_bytes(jsonl(*lines, "cassée"))
    result = run("import", answers)
    assert result.exit_code == 3
    assert "reprises" in result.stdout
    assert f"Ligne {len(lines) + 1}" in result.stderr

    answers.write_bytes(jsonl(*lines))
    result = run("import", answers, folder)
    assert result.exit_code == 0
    assert "0 demande " in run("export", folder, "-e", EPREUVE).stderr


def test_the_command_writes_a_file_and_reads_loose_files(run: Any, tmp_path: Path, folder: Path):
    out = tmp_path / "demandes.jsonl"
    result = run("export", *folder.iterdir(), "-o", out, "--model", "autre")
    assert result.exit_code == 0
    assert result.stdout == ""
    assert json.loads(out.read_text(encoding="utf-8").splitlines()[0])["body"]["model"] == "autre"


def test_one_bad_dossier_stops_no_other(run: Any, tmp_path: Path, folder: Path):
    empty = tmp_path / "vide"
    empty.mkdir()
    result = run("export", empty, folder, "-e", EPREUVE)
    assert result.exit_code == 3
    assert result.stdout.count("\n") > 5
    assert run("export", empty).exit_code == 1


@pytest.mark.parametrize("content", [None, b"", b"\n\n", b"\xff\xfe\xff", b"\xe9\xe8"])
def test_a_file_without_answers_is_an_error(run: Any, tmp_path: Path, content: bytes | None):
    answers = tmp_path / "réponses.jsonl"
    if content is not None:
        answers.write_bytes(content)
    result = run("import", answers)
    assert result.exit_code == 1
    assert "ne peut pas être importé" in result.stderr


def test_an_answer_with_a_server_error_live_and_by_file_fail_alike(tmp_path: Path, folder: Path):
    with FaultServer(status(401)) as server:
        app = install(tmp_path / "data", server.url)
        request = exported(app, folder)[0]
        live = app.review(opened(app, folder), EPREUVE, judge="llm")[0]
    body = {"error": {"message": "Incorrect API key provided"}}
    response = {"status_code": 401, "body": body}
    line = {"custom_id": request["custom_id"], "response": response}

    (outcome,) = app.requests().import_answers(jsonl(line))

    assert isinstance(live, FindingFailure)
    assert outcome.message_fr == live.message_fr


def test_several_files_of_answers_are_imported_together(run: Any, tmp_path: Path, folder: Path):
    requests = [json.loads(one) for one in run("export", folder).stdout.splitlines()]
    good, bad = tmp_path / "reponses.jsonl", tmp_path / "erreurs.jsonl"
    good.write_text('{"custom_id": "inconnue", "content": "x"}\n', encoding="utf-8")
    error = {"custom_id": requests[0]["custom_id"], "error": {"code": "batch_expired"}}
    bad.write_text(json.dumps(error) + "\n", encoding="utf-8")

    told = run("import", good, bad)

    assert "« reponses.jsonl », ligne 1 : « inconnue »" in told.stderr
    assert "« erreurs.jsonl », ligne 1" in told.stderr
    assert "batch_expired" in told.stderr


class PressedAfterALook(SqlSwitch):
    """Pressed by somebody else just after it was first looked at."""

    looks = 0

    def require_on(self) -> None:
        self.looks += 1
        if self.looks == 2:
            self.stop("Ada", MOMENT)
        super().require_on()


def test_a_stop_just_after_an_import_began_is_told_of_each_line(app: App, folder: Path):
    requests = exported(app, folder)
    dossier = opened(app, folder)
    store = SqlReviewStore(app.settings.database)
    pressed = build_app(app.settings, switch=PressedAfterALook(store.database, store.journal))
    lines = jsonl(*good_lines(app, requests))
    outcomes = pressed.requests().import_answers(lines)
    assert states(outcomes) == [LineState.FAILED] * len(requests)
    assert all("L'assistant est arrêté" in one.message_fr for one in outcomes)
    assert drafts(app, dossier) == {}
    app.switch.start("Ada", MOMENT)
    assert states(app.requests().import_answers(lines)) == [LineState.IMPORTED] * len(requests)
