"""A language model under measure, over real HTTP: tokens, failures, invented quotes, stability."""

import json
from itertools import count
from pathlib import Path
from typing import get_args

import pytest
from typer.testing import CliRunner

from assistant.app.laboratory import laboratory
from assistant.cli import cli
from assistant.domain.finding import JudgeName
from assistant.evaluation.figures import measure
from assistant.evaluation.harness import run_set
from assistant.evaluation.sets import load_set
from assistant.evaluation.wording import engine_text
from assistant.settings import LlmMode, Settings
from tests.evaluation.sets import CITATIONS, write_cohort
from tests.fault_server import FaultServer, completion, status
from tools.loopback_llm import LoopbackServer

ALICE = "cand-a_ALICE"
FIRST_CRITERION = "Les données et indicateurs de performance sont identifiés"
LLM: JudgeName = "llm"


def reply(exchange, quote, verdict):
    """A valid reply: the first criterion has six attendus, the others five."""
    asked = json.dumps(exchange.body["messages"][-1], ensure_ascii=False)
    attendus = [
        {"numero": n, "citations": [quote] if quote else [], "statut": verdict, "justification": ""}
        for n in range(1, (6 if FIRST_CRITERION in asked else 5) + 1)
    ]
    return json.dumps(
        {
            "attendus": attendus,
            "motif": "Dit par le test.",
            "verdict_propose": "acquis" if verdict == "satisfait" else "non_acquis",
            "manques": [],
            "questions_oral": [],
        },
        ensure_ascii=False,
    )


def answering(quote, verdict="satisfait"):
    return lambda exchange: exchange.send(completion(reply(exchange, quote, verdict)))


def run_with(server, tmp_path, mode="critere", **options):
    settings = Settings(
        _env_file=None,
        llm_model="essai",
        llm_base_url=server.url,
        llm_mode=mode,
        data_dir=tmp_path / "data",
    )
    folder = write_cohort(tmp_path / "jeu", [ALICE])
    return run_set(load_set(folder), lambda: laboratory(settings, LLM), **options)


def test_a_model_s_quotes_tokens_and_verdicts_are_measured(tmp_path):
    with FaultServer(answering(CITATIONS[0])) as server:
        run = run_with(server, tmp_path)

    figures = measure(run)
    overall = figures.parts[0].overall
    assert run.engine.model.endswith("essai")
    assert overall["quote_exactness"].value == 1.0
    assert figures.spent.calls == 3
    assert figures.spent.input_tokens > 0
    assert run.rows[0].supported is True


def test_an_invented_quote_is_never_counted_as_shown(tmp_path):
    with FaultServer(answering("75 conversions et 1 900 € de dépense")) as server:
        run = run_with(server, tmp_path)

    assert {row.draft.value for row in run.rows if row.draft} == {"non_evaluable"}
    assert measure(run).parts[0].overall["quote_exactness"].value == 1.0  # nearest passages only
    assert run.rows[0].supported is False


def test_a_model_that_fails_is_a_failure_on_each_criterion_never_a_verdict(tmp_path):
    with FaultServer(status(401)) as server:
        run = run_with(server, tmp_path)

    assert [row.draft for row in run.rows] == [None] * 3
    assert {row.error for row in run.rows} == {"ModelKeyRefused"}
    overall = measure(run).parts[0].overall
    assert overall["failures"].value == 1.0
    assert overall["agreement"].value == 0.0


def test_a_model_that_changes_its_mind_is_unstable(tmp_path):
    calls = count()

    def moody(exchange):
        satisfied = next(calls) < 3  # the three criteria of the first run
        answer = answering(CITATIONS[0], "satisfait" if satisfied else "absent")
        answer(exchange)

    with FaultServer(moody) as server:
        run = run_with(server, tmp_path, runs=2)

    assert len(run.replicates) == 1
    stability = measure(run).parts[0].overall["stability"].value
    assert stability is not None
    assert stability < 1.0


@pytest.mark.parametrize("mode", get_args(LlmMode))
def test_every_way_of_asking_can_be_measured(mode, tmp_path):
    """With the mock server: no figure of a model, but the whole path of a measure."""
    with LoopbackServer() as server:
        run = run_with(server, tmp_path, mode=mode)
        counted = server.account

    figures = measure(run)
    assert [row.error for row in run.rows] == [""] * 3
    assert run.engine.parameters["mode"] == mode
    assert f"manière « {mode} »" in engine_text(run.engine)
    assert figures.spent.calls == counted.answers
    assert figures.spent.input_tokens == counted.input_tokens
    assert figures.spent.output_tokens == counted.output_tokens


def test_the_command_measures_a_mode_and_says_which(tmp_path, monkeypatch):
    folder = write_cohort(tmp_path / "jeu", [ALICE])
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PREUVE_DATA_DIR", str(tmp_path / "data"))
    with LoopbackServer() as server:
        monkeypatch.setenv("PREUVE_LLM_BASE_URL", server.url)
        arguments = ["eval", str(folder), "--judge", "llm", "--model", "essai", "--mode", "groupe"]
        result = CliRunner().invoke(cli, [*arguments, "--out", "mesures"])

    assert result.exit_code == 0, result.output
    measured = json.loads(Path("mesures/mesures.json").read_text(encoding="utf-8"))
    assert '"mode": "groupe"' in json.dumps(measured)
    assert "--mode groupe" in Path("mesures/rapport.html").read_text(encoding="utf-8")
