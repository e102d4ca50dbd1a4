"""The mock server a person can start: good enough to see the whole path, and every failure."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from assistant.adapters.llm import LlmJudge
from assistant.adapters.openai_chat import OpenAiChatModel
from assistant.adapters.openai_forms import LadderMemory
from assistant.domain.case import Judgement
from assistant.errors import (
    ModelContextExceeded,
    ModelError,
    ModelKeyRefused,
    ModelNotFound,
    ModelQuotaExceeded,
    ModelRefused,
    ModelReplyInvalid,
    ModelUnavailable,
)
from assistant.prompting import PromptLibrary
from assistant.settings import Settings, bundled
from tests.llm_cases import case
from tools.mock_llm import server


@contextmanager
def serving(fault: str) -> Iterator[OpenAiChatModel]:
    with server(0, fault=fault) as mock:
        thread = threading.Thread(target=mock.serve_forever, args=(0.01,))
        thread.start()
        settings = Settings(
            _env_file=None,
            llm_model="serveur-d-essai",
            llm_base_url=f"http://127.0.0.1:{mock.server_port}/v1",
        )
        try:
            yield OpenAiChatModel(settings, memory=LadderMemory(), sleep=lambda seconds: None)
        finally:
            mock.shutdown()
            thread.join()


def assess(model: OpenAiChatModel) -> Judgement:
    prompts = PromptLibrary(bundled("prompts"))
    judge = LlmJudge(model, prompts, "criterion_review.v1", context_tokens=32_000)
    return judge.assess(case(attendus=4))


def test_it_answers_every_attendu_with_sentences_of_the_deliverable() -> None:
    a_case = case(attendus=4)
    with serving("aucune") as model:
        judgement = assess(model)

    assert [a.numero for a in judgement.attendus] == [1, 2, 3, 4]
    quotes = [quote for a in judgement.attendus for quote in a.quotes]
    assert quotes
    assert all(quote in a_case.deliverables[0].text for quote in quotes)


def test_it_passes_the_connection_test() -> None:
    with serving("aucune") as model:
        assert model.ping().ok


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        ("tronquee", ModelReplyInvalid),
        ("hors-schema", ModelReplyInvalid),
        ("vide", ModelReplyInvalid),
        ("filtree", ModelRefused),
        ("cle-refusee", ModelKeyRefused),
        ("modele-inconnu", ModelNotFound),
        ("surcharge", ModelUnavailable),
        ("credit-epuise", ModelQuotaExceeded),
        ("panne", ModelUnavailable),
        ("contexte", ModelContextExceeded),
    ],
)
def test_each_fault_shows_its_own_error(fault: str, kind: type[ModelError]) -> None:
    with serving(fault) as model, pytest.raises(kind):
        assess(model)
