"""What one answer has tried so far, and how it goes on after a failure."""

from dataclasses import dataclass, field
from typing import Final, Generic

from assistant.adapters.openai_failures import Failure, Remedy
from assistant.adapters.openai_forms import Accepted, Form, schema_in_words
from assistant.adapters.openai_reply import Reply
from assistant.adapters.openai_waiting import Patience
from assistant.domain.finding import Usage
from assistant.ports import Message, Prompt

_INVALID_BEFORE_NEXT_FORM: Final = 2
#: A model that thinks may be cut before its first word: being brief would not help it.
_LONGEST: Final = 4
_NO_ROOM: Final = frozenset({400, 413, 422})


def turns(prompt: Prompt, *added: str) -> list[Message]:
    """The prompt, one message per turn, with these additions (when not empty) at its very end.

    Neighbours of the same role are joined: many chat templates refuse two user turns in a row.
    The end is where an addition costs no prefix-cache hit.
    """
    result: list[Message] = []
    extra = [Message(role="user", text=text) for text in added if text]
    for message in (*prompt.messages, *extra):
        if result and result[-1].role == message.role:
            joined = f"{result[-1].text}\n\n{message.text}"
            pictures = (*result[-1].pictures, *message.pictures)
            result[-1] = Message(role=message.role, text=joined, pictures=pictures)
        else:
            result.append(message)
    return result


@dataclass
class Talk(Generic[Reply]):
    """The forms still to try, best first, and what the next request must say or leave out.

    `proven`: this endpoint has already given a valid reply in the first of the forms. Two bad
    replies then speak against the model, not against the form: another is tried, not remembered.
    """

    prompt: Prompt
    reply_type: type[Reply]
    forms: list[Form]
    patience: Patience
    proven: bool = False
    dropped: set[str] = field(default_factory=set)
    correction_fr: str = ""
    usage: Usage = Usage()
    passing: bool = False  # the present form is tried for this answer only
    longer: int = 1  # times the usual length that the next reply may have
    _longest: int = _LONGEST
    _invalid: int = 0
    _server_errors: int = 0

    @property
    def form(self) -> Form:
        return self.forms[0]

    @property
    def accepted(self) -> Accepted:
        return Accepted(form=self.form, dropped=frozenset(self.dropped))

    def messages(self) -> list[Message]:
        """The prompt, with what this attempt adds at its very end."""
        return turns(self.prompt, schema_in_words(self.form, self.reply_type), self.correction_fr)

    def go_on(self, failure: Failure) -> bool:
        """Prepare the next request after a failure; False when nothing more can be tried."""
        if self.longer > 1 and failure.status in _NO_ROOM and not failure.parameter:
            self.longer = self._longest = 1  # the server has no room for more
            return self.patience.try_at_once()
        match failure.remedy:
            case Remedy.NONE:
                return False
            case Remedy.WAIT:
                return self.patience.try_later(failure.retry_after)
            case Remedy.ASK_AGAIN:
                return self._ask_again(failure)
            case Remedy.MAYBE_OTHER_FORM:
                return self._after_server_error(failure)
            case Remedy.DROP_PARAMETER if failure.parameter not in self.dropped:
                self.dropped.add(failure.parameter)
                return True
            case _:
                return self._next_form()

    def _ask_again(self, failure: Failure) -> bool:
        self.correction_fr = failure.correction_fr
        if failure.cut:
            self.longer = min(2 * self.longer, self._longest)
        self._invalid += 1
        if self._invalid >= _INVALID_BEFORE_NEXT_FORM:
            self.passing = self.passing or self.proven
            self._next_form()
        return self.patience.try_at_once()

    def _after_server_error(self, failure: Failure) -> bool:
        """A first HTTP 500 may be a breakdown; a second one, in a form never proven, is a no."""
        self._server_errors += 1
        if self.proven:
            return self.patience.try_later(failure.retry_after)
        if self._server_errors == 1 and self.patience.try_later(failure.retry_after):
            return True
        return self._next_form() or self.patience.try_later(failure.retry_after)

    def _next_form(self) -> bool:
        if len(self.forms) == 1:
            return False
        del self.forms[0]
        self.proven, self._invalid, self._server_errors = False, 0, 0
        return True
