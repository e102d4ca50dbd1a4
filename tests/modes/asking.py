"""A judge in a given mode, over a model that answers by what it is asked for."""

from collections.abc import Callable, Mapping
from typing import Any

from pydantic import BaseModel

from assistant.adapters.llm import LlmJudge, ModeOptions
from assistant.domain.case import CriterionCase
from assistant.domain.finding import CriterionFinding, Usage
from assistant.errors import ModelError
from assistant.grounding import Grounder
from assistant.ports import Answer, ChatModel, Prompt, Reply
from assistant.prompting import PromptLibrary
from assistant.review import review_criterion
from assistant.settings import bundled
from tests.factories import FixedClock
from tests.llm_cases import ROW, SENTENCE, brief

LONG = "Une phrase de remplissage sans intérêt aucun. "

#: For each kind of reply, by its title: what is answered to a prompt.
Answers = Mapping[str, Callable[[str], dict[str, Any] | ModelError]]


class AnsweringModel:
    """A `ChatModel` that answers each kind of request as it is told, and keeps all prompts."""

    parameters: dict[str, str] = {}

    def __init__(self, answers: Answers, name: str = "essai/1") -> None:
        self.name = name
        self._answers = answers
        self.prompts: list[Prompt] = []

    @property
    def kinds(self) -> list[str]:
        return [prompt.id for prompt in self.prompts]

    def answer(self, prompt: Prompt, reply_type: type[Reply]) -> Answer[Reply]:
        self.prompts.append(prompt)
        title = str(reply_type.model_json_schema()["title"])
        said = self._answers[title](text_of(prompt))
        if isinstance(said, ModelError):
            raise said
        reply = reply_type.model_validate(said)
        usage = Usage(calls=1, input_tokens=len(text_of(prompt)), output_tokens=10)
        return Answer(reply=reply, raw_text=reply.model_dump_json(), usage=usage)


def text_of(prompt: Prompt) -> str:
    return "\n".join(message.text for message in prompt.messages)


def judge(model: ChatModel, second: ChatModel | None = None, **options: Any) -> LlmJudge:
    context = options.pop("context_tokens", 32_000)
    return LlmJudge(
        model,
        PromptLibrary(bundled("prompts"), salt=b"x" * 32),
        "criterion_review.v1",
        context_tokens=context,
        options=ModeOptions(**options),
        second=second,
    )


def draft(a_judge: LlmJudge, case: CriterionCase) -> CriterionFinding:
    """Through the review: quotes verified, verdict derived."""
    grounder = Grounder(
        case.deliverables,
        case.certification.seuils.citations,
        elsewhere=[("le brief", brief().text)],
    )
    return review_criterion(case, a_judge, grounder, FixedClock(), dossier_id="d", key="k" * 64)


def unchecked(case: CriterionCase) -> CriterionCase:
    return case.model_copy(update={"checks": ()})


def evidence(**quotes: list[str]) -> dict[str, Any]:
    """`a1=[…]` are the quotes on attendu 1."""
    return {"attendus": [{"numero": int(n[1:]), "citations": q} for n, q in quotes.items()]}


def words(statuses: Mapping[int, str], *, proof: str = "citations", **quotes: Any) -> list[Any]:
    """One element for each attendu, its quotes being SENTENCE and ROW in turn."""
    given = quotes.get("quotes") or {n: [[SENTENCE, ROW][(n - 1) % 2]] for n in statuses}
    return [
        {
            "numero": n,
            proof: given[n] if status in ("satisfait", "partiel") else [],
            "statut": status,
            "justification": "Dit par le modèle.",
        }
        for n, status in statuses.items()
    ]


def review(statuses: Mapping[int, str], **changes: Any) -> dict[str, Any]:
    return {
        "attendus": words(statuses),
        "motif": "Motif du modèle.",
        "verdict_propose": "partiel",
        "manques": [],
        "questions_oral": [],
    } | changes


def always(reply: dict[str, Any] | BaseModel) -> Callable[[str], dict[str, Any]]:
    data = reply.model_dump() if isinstance(reply, BaseModel) else reply
    return lambda prompt: data
