"""The language model behind any OpenAI-compatible address, through LangChain's `ChatOpenAI`.

`with_structured_output` is not used: it raises on a truncated reply (its text and usage lost) or
silently accepts half an object. The form is bound to the request and the reply validated by us;
it is bound in `extra_body`, because a `response_format` that LangChain recognises sends the reply
through the SDK's own parser, which raises in the same cases, and because LangChain renames or
drops what it knows (`max_tokens`, a temperature for « gpt-5… »). The SDK's retries are off: they
see neither a malformed body nor an unusable reply, and they would multiply ours.
"""

import logging
import random
import time
import warnings
from collections.abc import Callable
from contextlib import nullcontext
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from pydantic import SecretStr

from assistant.adapters.openai_content import content_of
from assistant.adapters.openai_endpoint import NO_KEY, chat_endpoint
from assistant.adapters.openai_failures import MALFORMED_BODY, Failure, failure_of
from assistant.adapters.openai_forms import (
    SHARED_MEMORY,
    Form,
    LadderMemory,
    form_body,
    ladder,
    reasons,
    sampling_body,
    schema_in_words,
    schema_name,
)
from assistant.adapters.openai_reply import Received, Reply, read_reply
from assistant.adapters.openai_status import PING, ModelStatus, Ping, failed_status
from assistant.adapters.openai_talk import Talk, turns
from assistant.adapters.openai_traffic import TrafficGate
from assistant.adapters.openai_waiting import LONGEST_BACKOFF_SECONDS, Patience
from assistant.domain.finding import Usage
from assistant.ports import Answer, Prompt
from assistant.pricing import EuroPrice
from assistant.settings import Settings, silence_libraries

if TYPE_CHECKING:
    import httpx2
    from langchain_openai import ChatOpenAI

_LOG: Final = logging.getLogger(__name__)
_PING_ATTEMPTS: Final = 2


def _always() -> None:
    """Refuses no request."""


class OpenAiChatModel:
    """Implements `ChatModel`. One instance serves all threads.

    `sleep`, `clock` and `jitter` are replaced in tests; `memory` holds what endpoints accept;
    `transport` takes the place of the network, to read answers that were recorded. `price` says
    what the answers cost; without it they have no cost. `gate` paces the requests and counts them,
    those of other models of the same server included.
    Raises, when built: `ModelNotConfigured`, `SettingsInvalid`.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        memory: LadderMemory = SHARED_MEMORY,
        sleep: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] = time.monotonic,
        jitter: Callable[[], float] = random.random,
        transport: "httpx2.BaseTransport | None" = None,
        price: EuroPrice | None = None,
        gate: TrafficGate | None = None,
        allowed: Callable[[], None] = _always,
    ) -> None:
        self.endpoint = chat_endpoint(settings)
        self._settings = settings
        self._memory = memory
        self._sleep, self._clock, self._jitter = sleep, clock, jitter
        self._transport = transport
        self._price = price
        self._gate = gate
        self._allowed = allowed

    def __repr__(self) -> str:
        return f"OpenAiChatModel({self.name!r})"

    @property
    def name(self) -> str:
        return f"{self.endpoint.host}/{self.endpoint.model}"

    @property
    def parameters(self) -> dict[str, str]:
        """What is asked for; a server that refuses one of these is asked again without it."""
        settings = self._settings
        asked = {
            "temperature": f"{settings.llm_temperature:g}",
            "max_output_tokens": str(self._longest),
            "structured_output": settings.llm_structured_output,
        }
        return asked if settings.llm_seed is None else {**asked, "seed": str(settings.llm_seed)}

    @property
    def _longest(self) -> int:
        """Tokens of a reply, those of its thoughts included where they count."""
        room = self._settings.llm_max_output_tokens
        thinks = reasons(self.endpoint.host, self.endpoint.model)
        return room + self._settings.llm_reasoning_tokens if thinks else room

    def answer(self, prompt: Prompt, reply_type: type[Reply]) -> Answer[Reply]:
        """See `ChatModel`: at most `llm_max_attempts` requests, plus one per refused form."""
        talk = self._talk(prompt, reply_type, self._settings.llm_max_attempts)
        result = self._converse(talk)
        if isinstance(result, Failure):
            raise result.error(talk.patience.made)
        return result

    def request(self, prompt: Prompt, reply_type: type[Reply]) -> dict[str, Any]:
        """The body of the first request that `answer` would make, without making it.

        An endpoint never met is asked in the best form that the settings allow.
        """
        form = ladder(self._settings.llm_structured_output)[0]
        messages = turns(prompt, schema_in_words(form, reply_type))
        return {
            "model": self.endpoint.model,
            "messages": [{"role": m.role, "content": content_of(m)} for m in messages],
            **self._asked(form, reply_type),
        }

    def ping(self) -> ModelStatus:
        """Ask for a tiny reply and say what works. Costs one short request, two at most."""
        _ = self._llm  # loading the libraries is not the endpoint's slowness
        started = self._clock()
        talk = self._talk(PING, Ping, _PING_ATTEMPTS)
        result = self._converse(talk)
        seconds = round(self._clock() - started, 2)
        if isinstance(result, Failure):
            return failed_status(result, attempts=talk.patience.made, seconds=seconds)
        return ModelStatus(
            ok=True,
            host=self.endpoint.host,
            model=self.endpoint.model,
            reachable=True,
            key_accepted=True,
            model_known=True,
            form_fr=talk.form.label_fr,
            seconds=seconds,
            message_fr=f"Le modèle répond ({talk.form.label_fr}).",
        )

    def close(self) -> None:
        """Close the connections kept open."""
        if "_http" in self.__dict__:
            self._http.close()

    def _talk(self, prompt: Prompt, reply_type: type[Reply], attempts: int) -> Talk[Reply]:
        forms = list(ladder(self._settings.llm_structured_output))
        accepted = self._memory.get(self._key(reply_type))
        proven = accepted is not None and accepted.form in forms
        if accepted is not None and proven:
            forms = forms[forms.index(accepted.form) :]
        patience = Patience(
            attempts,
            attempts * (self.endpoint.timeout + LONGEST_BACKOFF_SECONDS),
            sleep=self._sleep,
            clock=self._clock,
            jitter=self._jitter,
        )
        dropped = set(accepted.dropped) if accepted is not None else set()
        return Talk(prompt, reply_type, forms, patience, proven, dropped)

    def _converse(self, talk: Talk[Reply]) -> Answer[Reply] | Failure:
        while True:
            received = self._ask(talk)
            if isinstance(received, Failure):
                failure = received
            else:
                talk.usage = _sum(talk.usage, received.usage)
                if self._gate is not None:
                    priced = self._price.applied(received.usage) if self._price else received.usage
                    self._gate.received(priced)
                reply = read_reply(received, talk.reply_type, self.endpoint)
                if not isinstance(reply, Failure):
                    if not talk.passing:
                        self._memory.learn(self._key(talk.reply_type), talk.accepted)
                    usage = self._price.applied(talk.usage) if self._price else talk.usage
                    return Answer(reply=reply, raw_text=received.text, usage=usage)
                failure = reply
            form = talk.form
            if not talk.go_on(failure):
                return failure
            if self._gate is not None:
                self._gate.repeated()
            _LOG.info("%s: %s, %s; next: %s", self.name, form, failure.detail, talk.form)

    def _ask(self, talk: Talk[Reply]) -> Received | Failure:
        """One HTTP exchange."""
        import openai

        from assistant.adapters.openai_messages import from_langchain, to_langchain

        dropped = frozenset(talk.dropped)
        body = self._asked(talk.form, talk.reply_type, dropped, longer=talk.longer)
        model = self._llm.bind(extra_body=body)
        messages = talk.messages()
        tokens = sum(len(message.text) for message in messages) // 4
        try:
            with self._gate.passage(tokens) if self._gate else nullcontext():
                self._allowed()  # after the wait for one's turn
                message = model.invoke(to_langchain(messages), config={"callbacks": []})
        except (openai.APIError, *MALFORMED_BODY) as error:
            return failure_of(error, self.endpoint)
        return from_langchain(message)

    def _asked(
        self,
        form: Form,
        reply_type: type[Reply],
        dropped: frozenset[str] = frozenset(),
        *,
        longer: int = 1,
    ) -> dict[str, Any]:
        """All of a request's body but the model and the messages."""
        sampling = sampling_body(
            self.endpoint.host,
            model=self.endpoint.model,
            temperature=self._settings.llm_temperature,
            seed=self._settings.llm_seed,
            max_tokens=self._longest * longer,
            dropped=dropped,
        )
        return {**sampling, **form_body(form, reply_type)}

    def _key(self, reply_type: type[Reply]) -> tuple[str, str, str]:
        return self.endpoint.url, self.endpoint.model, schema_name(reply_type)

    @cached_property
    def _llm(self) -> "ChatOpenAI":
        silence_libraries()
        from langchain_openai import ChatOpenAI

        from assistant.adapters.openai_transport import idle_async_client

        # LangChain warns when a server has no JSON schema mode; the ladder deals with it.
        warnings.filterwarnings("ignore", module=r"langchain_openai\.chat_models\.base")
        return ChatOpenAI(
            model=self.endpoint.model,
            base_url=self.endpoint.url,
            api_key=SecretStr(self.endpoint.secret or NO_KEY),
            http_client=self._http,
            http_async_client=idle_async_client(),
            max_retries=0,
            use_responses_api=False,
            cache=False,
        )

    @cached_property
    def _http(self) -> "httpx2.Client":
        from assistant.adapters.openai_transport import http_client

        observe = self._gate.observe if self._gate else None
        return http_client(self.endpoint, self._transport, observe)


def _sum(left: Usage, right: Usage) -> Usage:
    return Usage(
        calls=left.calls + right.calls,
        input_tokens=left.input_tokens + right.input_tokens,
        cached_tokens=left.cached_tokens + right.cached_tokens,
        output_tokens=left.output_tokens + right.output_tokens,
    )
