"""A real llama.cpp server with a tiny random model: schema-valid nonsense in milliseconds.

Whatever it says, no invented quote and no unproven verdict may come out of the chain.
"""

import itertools
import select
import subprocess
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel

from assistant.adapters.clock import SystemClock
from assistant.adapters.criterion_reply import AttenduReply, CriterionReply
from assistant.adapters.llm import LlmJudge
from assistant.adapters.llm.replies import (
    EvidenceReply,
    GroupReply,
    StatusesReply,
    VerdictReply,
)
from assistant.adapters.openai_chat import OpenAiChatModel
from assistant.adapters.openai_forms import LadderMemory
from assistant.domain.case import CriterionCase
from assistant.domain.finding import CriterionFinding
from assistant.domain.verdict import AttenduStatus, Verdict
from assistant.errors import ModelContextExceeded, ModelReplyInvalid, ModelUnavailable
from assistant.grounding import Grounder
from assistant.ports import Answer, ChatModel, Message, Prompt, Reply
from assistant.prompting import PromptLibrary
from assistant.review import review_criterion
from assistant.settings import Settings, bundled
from tests.conftest import ROOT
from tests.llm_cases import case

pytestmark = [
    pytest.mark.live,
    pytest.mark.skipif(
        find_spec("xllamacpp") is None or find_spec("gguf") is None,
        reason="xllamacpp has no wheel for this platform: no real inference server to talk to",
    ),
]

_START_SECONDS = 60
_CORPUS = ROOT / "tests" / "data" / "referentiel" / "indicateurs.md"


@pytest.fixture(scope="module")
def server_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a server started for this module, ended by its own process id."""
    from tests.tiny_llm import write_model

    path = tmp_path_factory.mktemp("tiny") / "tiny.gguf"
    write_model(path, _CORPUS.read_text(encoding="utf-8"))
    log = path.with_suffix(".log")
    with log.open("wb") as errors:
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.tiny_llm", str(path)],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=errors,
        )
    assert process.stdout is not None
    try:
        yield f"{_address(process, log)}/v1"
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


def _address(process: "subprocess.Popen[bytes]", log: Path) -> str:
    assert process.stdout is not None
    waiting, *_ = select.select([process.stdout], [], [], _START_SECONDS)
    line = process.stdout.readline().decode() if waiting else ""
    if not line.startswith("ready "):
        tail = log.read_text(encoding="utf-8", errors="replace")[-2000:]
        pytest.fail(f"the inference server did not start (exit code {process.poll()}):\n{tail}")
    return line.split()[1]


def model(url: str, **changes: Any) -> OpenAiChatModel:
    values: dict[str, Any] = {
        "llm_model": "tiny",
        "llm_base_url": url,
        "llm_temperature": 1.0,
        "llm_max_output_tokens": 500,
        "llm_structured_output": "json_schema",
        "llm_max_attempts": 3,
    }
    return OpenAiChatModel(
        Settings(_env_file=None, **(values | changes)),
        memory=LadderMemory(),
        sleep=lambda seconds: None,
    )


def short_prompt(text: str = "Réponds.") -> Prompt:
    return Prompt(id="court.v1", template_hash="", messages=(Message(role="user", text=text),))


class Renumbered:
    """A real model's words, with each attendu given its number: nonsense never counts right."""

    def __init__(self, inner: ChatModel) -> None:
        self._inner = inner
        self.name, self.parameters = inner.name, inner.parameters

    def answer(self, prompt: Prompt, reply_type: type[Reply]) -> Answer[Reply]:
        assert issubclass(reply_type, CriterionReply)
        answer = self._inner.answer(prompt, CriterionReply)
        given = itertools.cycle(answer.reply.attendus or [_silence()])
        numbered = [
            {**said.model_dump(), "numero": number}
            for number, said in zip(reply_type.expected, given, strict=False)
        ]
        reply = reply_type.model_validate(answer.reply.model_dump() | {"attendus": numbered})
        return Answer(reply=reply, raw_text=answer.raw_text, usage=answer.usage)


def _silence() -> AttenduReply:
    return AttenduReply(numero=1, citations=(), statut="satisfait", justification="")


def draft(a_case: CriterionCase, chat: ChatModel) -> CriterionFinding:
    judge = LlmJudge(
        chat, PromptLibrary(bundled("prompts")), "criterion_review.v1", context_tokens=32_000
    )
    grounder = Grounder(a_case.deliverables, a_case.certification.seuils.citations)
    return review_criterion(a_case, judge, grounder, SystemClock(), dossier_id="d", key="k" * 64)


def attempt(a_case: CriterionCase, chat: ChatModel) -> CriterionFinding | None:
    """A finding, or None after an explicit failure: nonsense may ramble past every limit."""
    try:
        return draft(a_case, chat)
    except (ModelReplyInvalid, ModelUnavailable):
        return None


@pytest.mark.parametrize("reply_type", [EvidenceReply, VerdictReply, StatusesReply, GroupReply])
def test_the_server_imposes_the_schemas_of_the_other_ways_of_asking(
    server_url: str, reply_type: type[BaseModel]
) -> None:
    valid = 0
    for seed in range(6):
        try:
            answer = model(server_url, llm_seed=seed).answer(short_prompt(), reply_type)
        except (ModelReplyInvalid, ModelUnavailable):
            continue
        valid += 1
        assert isinstance(answer.reply, reply_type)

    assert valid > 0


def test_the_server_imposes_our_schema_and_counts_tokens(server_url: str) -> None:
    valid = 0
    for seed in range(12):
        try:
            answer = model(server_url, llm_seed=seed).answer(short_prompt(), CriterionReply)
        except (ModelReplyInvalid, ModelUnavailable):
            continue  # nonsense may ramble past the length limit, or break the server's parser
        valid += 1
        assert answer.raw_text.startswith("{")
        assert answer.usage.input_tokens > 0
        assert answer.usage.output_tokens > 0

    assert valid >= 8


def test_the_same_seed_gives_the_same_answer(server_url: str) -> None:
    first = model(server_url, llm_seed=3).answer(short_prompt(), CriterionReply)
    again = model(server_url, llm_seed=3).answer(short_prompt(), CriterionReply)

    assert first.raw_text == again.raw_text


def test_a_second_criterion_of_the_same_dossier_is_served_from_the_prefix_cache(
    server_url: str,
) -> None:
    chat = Renumbered(model(server_url, llm_seed=3))
    draft(case(attendus=2), chat)
    usage = draft(case(attendus=4), chat).provenance.usage

    assert usage.cached_tokens > 0.5 * usage.input_tokens


def test_nonsense_never_becomes_a_quote_or_a_verdict(server_url: str) -> None:
    statuses: set[AttenduStatus] = set()
    rejected = drafted = 0
    for seed in range(10):
        a_case = case(attendus=4)
        finding = attempt(a_case, Renumbered(model(server_url, llm_seed=seed)))
        if finding is None:
            continue
        drafted += 1
        text = a_case.deliverables[0].text
        assert all(e.quote == text[e.start : e.end] for e in finding.evidence)
        assert finding.verdict not in (Verdict.MET, Verdict.PARTIALLY_MET) or finding.evidence
        statuses |= {attendu.withheld or attendu.status for attendu in finding.attendus}
        rejected += len(finding.rejected)

    # Otherwise the nonsense would have tried nothing, and the test would show nothing.
    assert drafted >= 5
    assert AttenduStatus.SATISFIED in statuses
    assert rejected > 0


def test_without_numbers_put_right_nonsense_is_a_finding_or_an_explicit_failure(
    server_url: str,
) -> None:
    for seed in range(3):
        chat = model(server_url, llm_seed=seed, llm_max_attempts=2)
        finding = attempt(case(attendus=1), chat)

        assert finding is None or finding.evidence or finding.verdict is not Verdict.MET


def test_a_prompt_longer_than_the_context_is_said_to_be(server_url: str) -> None:
    with pytest.raises(ModelContextExceeded) as caught:
        model(server_url).answer(short_prompt("mot " * 60_000), CriterionReply)

    assert "PREUVE_LLM_CONTEXT_TOKENS" in caught.value.user_message


def test_the_connection_test_says_how_the_server_gives_json(server_url: str) -> None:
    found = model(server_url, llm_structured_output="auto", llm_temperature=0.5).ping()

    assert found.ok
    assert found.form_fr == "schéma JSON imposé par le serveur"
