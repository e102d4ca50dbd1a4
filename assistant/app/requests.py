"""A language model that is not at hand: its requests written to a file, its answers read back.

A request's id holds digests only. What it stands for is computed again at the import, from the
dossiers that this installation knows: the same files, grid, prompt, model and settings give the
same id, anything else is refused for that line. Both ways draft as a live run does, with the
answers that are there; what is missing is what the export writes.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from functools import cached_property

from assistant.adapters.batch_format import AnswerLine, RequestId, Step, read_answers, request_line
from assistant.adapters.llm import LlmJudge
from assistant.adapters.llm.recorded import AnswersMissing, RecordedJudge
from assistant.adapters.openai_recorded import RecordedChatModel, offline_settings
from assistant.app.answer_lines import (
    Asked,
    LineOutcome,
    LineState,
    places,
    refused,
    sorted_lines,
)
from assistant.app.answers import FILES_FR, EpreuveImport
from assistant.app.cases import EpreuveBench
from assistant.app.judges import always_on, llm_judge, second_settings
from assistant.app.library import DossierLibrary
from assistant.app.runner import Bundle, EpreuveRunner
from assistant.domain.dossier import Dossier
from assistant.domain.finding import FindingFailure
from assistant.domain.rubric import RubricSet
from assistant.errors import ASK_ALONE, ModelError, NoDeliverable
from assistant.ports import Judge, ReviewStore
from assistant.pricing import EuroPrice
from assistant.settings import Settings
from ingest.errors import UserFacingError
from ingest.types import Frozen

__all__ = ["Correspondence", "EpreuveRequests", "LineOutcome", "LineState"]


class EpreuveRequests(Frozen):
    """The requests of one épreuve, in the grid's order.

    `kept` counts the criteria drafted already, `ready` those whose answers were given and are to
    be imported; `first_steps` the requests whose answers will lead to others; `failures` tells
    the criteria that cannot be asked about.
    """

    lines: tuple[str, ...]
    kept: int
    ready: int = 0
    first_steps: int = 0
    failures: tuple[FindingFailure, ...] = ()


class Correspondence:
    """Writes what would be asked of a model, and drafts from what it answered.

    Raises, when built: `SettingsInvalid`.
    """

    def __init__(
        self,
        settings: Settings,
        rubrics: RubricSet,
        store: ReviewStore,
        library: DossierLibrary,
        bench: Callable[[Dossier, str], EpreuveBench],
        runner: Callable[[EpreuveBench, Judge], EpreuveRunner],
        model: str = "",
        price: EuroPrice | None = None,
        *,
        allowed: Callable[[], None] = always_on,
    ) -> None:
        self._allowed = allowed
        self._settings = offline_settings(settings, model)
        self._rubrics = rubrics
        self._store = store
        self._library = library
        self._bench = bench
        self._runner = runner
        second = second_settings(self._settings)
        voices = [one for one in (self._settings, second) if one]
        self._voices = [RecordedChatModel(one, price) for one in voices]

    @property
    def model(self) -> str:
        """The model that requests name."""
        return self._settings.llm_model

    def places(self, dossier_id: str) -> Collection[str]:
        """The digests that the dossier's requests begin their ids with."""
        return places([dossier_id], self._rubrics)

    def export(self, dossier: Dossier, epreuve: str, answers: bytes = b"") -> EpreuveRequests:
        """The requests that a review by the language model would make now.

        `answers`: those of an earlier export. What they lead to is written, and what they lack.
        Raises: `UnknownEpreuve`; `NoDeliverable` when no file of the épreuve can be read;
        `UnicodeDecodeError`.
        """
        bench = self._bench(dossier, epreuve)
        _require_deliverable(dossier, epreuve)
        known = sorted_lines(read_answers(answers), places([dossier.id], self._rubrics))
        judge = RecordedJudge(self._judge, self._voices, ask_again=True)
        writer = _Writer(
            self._runner(bench, judge), judge, known.by_dossier.get(dossier.id, {}).get(epreuve, ())
        )
        return writer.requests(dossier.id)

    def import_answers(
        self, data: bytes, dossier_ids: Collection[str] = (), earlier: bytes = b""
    ) -> tuple[LineOutcome, ...]:
        """Draft from every line that can be used; the outcomes are in the file's order.

        Only these dossiers, or all known ones. `earlier`: the answers of earlier steps, which
        those of `data` follow; nothing is told of them.
        Raises: `UnicodeDecodeError`, `StoreUnavailable`, `AssistantStopped`.
        """
        self._allowed()
        ids = dossier_ids or [record.id for record in self._store.dossiers()]
        lines = list(read_answers(data))
        answered = {line.custom_id for line in lines}
        before = [
            line.model_copy(update={"number": 0})
            for line in read_answers(earlier)
            if line.custom_id not in answered
        ]
        known = sorted_lines([*before, *lines], places(ids, self._rubrics))
        outcomes = list(known.refused)
        for dossier_id, by_epreuve in known.by_dossier.items():
            outcomes += self._import_dossier(dossier_id, by_epreuve)
        told = [outcome for outcome in outcomes if outcome.number]
        return tuple(sorted(told, key=lambda outcome: outcome.number))

    def _import_dossier(
        self, dossier_id: str, by_epreuve: Mapping[str, tuple[Asked, ...]]
    ) -> Iterator[LineOutcome]:
        """The dossier is read once; when it cannot be, each of its lines says so."""
        try:
            dossier = self._library.reopen(dossier_id)
        except UserFacingError as error:
            for asked in by_epreuve.values():
                yield from (refused(one.line, error.user_message, one.place) for one in asked)
            return
        for epreuve, asked in by_epreuve.items():
            yield from self._import_epreuve(dossier, epreuve, asked)

    def _import_epreuve(
        self, dossier: Dossier, epreuve: str, asked: Iterable[Asked]
    ) -> Iterator[LineOutcome]:
        if not dossier.deliverables(epreuve):
            yield from (refused(one.line, FILES_FR, one.place) for one in asked)
            return
        judge = RecordedJudge(self._judge, self._voices)
        runner = self._runner(self._bench(dossier, epreuve), judge)
        yield from EpreuveImport(runner, judge, self._store, self.model).outcomes(asked)

    @cached_property
    def _judge(self) -> LlmJudge:
        return llm_judge(self._settings, *self._voices)


class _Writer:
    """Writes the requests of one épreuve that have no answer yet."""

    def __init__(self, runner: EpreuveRunner, judge: RecordedJudge, asked: Iterable[Asked]) -> None:
        self._runner = runner
        self._judge = judge
        self._asked = list(asked)
        self._lines: list[str] = []
        self._failures: list[FindingFailure] = []
        self._ready = self._first_steps = 0

    def requests(self, dossier_id: str) -> EpreuveRequests:
        kept = 0
        for bundle in self._runner.bundles():
            kept += len(bundle.members) - len(bundle.due)
            if bundle.due and not (bundle.is_group and self._group(dossier_id, bundle)):
                self._one_by_one(dossier_id, bundle)
        return EpreuveRequests(
            lines=tuple(self._lines),
            kept=kept,
            ready=self._ready,
            first_steps=self._first_steps,
            failures=tuple(self._failures),
        )

    def _group(self, dossier_id: str, bundle: Bundle) -> bool:
        """Whether the group can be asked about at once: its request is then written."""
        mine = RequestId.of(dossier_id, *bundle.members[0])
        self._judge.hold(self._answers(mine))
        try:
            self._ready += len(self._runner.draft_together(bundle))
        except AnswersMissing as missing:
            self._write(missing, mine)
        except ASK_ALONE:
            return False
        except ModelError as error:
            self._failures += [self._runner.failure(*one, error) for one in bundle.due_members]
        return True

    def _one_by_one(self, dossier_id: str, bundle: Bundle) -> None:
        for scope, key in bundle.due_members:
            mine = RequestId.of(dossier_id, scope, key)
            self._judge.hold(self._answers(mine))
            try:
                finding = self._runner.draft(scope, key)
            except AnswersMissing as missing:
                self._write(missing, mine)
                continue
            if isinstance(finding, FindingFailure):
                self._failures.append(finding)
            else:
                self._ready += 1

    def _answers(self, mine: RequestId) -> dict[Step | None, AnswerLine]:
        """The answers given to this request and to its other steps."""
        return {
            one.request.step: one.line
            for one in self._asked
            if one.request.place == mine.place
            and one.request.files == mine.files
            and mine.key.startswith(one.request.key)
        }

    def _write(self, missing: AnswersMissing, mine: RequestId) -> None:
        for one in missing.missing:
            named = mine.model_copy(update={"step": one.step})
            self._lines.append(request_line(named, one.body))
            self._first_steps += one.comes_before_another


def _require_deliverable(dossier: Dossier, epreuve: str) -> None:
    if dossier.deliverables(epreuve):
        return
    told = " ".join(failure.message_fr for failure in dossier.failures_for(epreuve))
    cause = told or f"Aucun fichier n'y est rattaché à l'épreuve {epreuve}."
    raise NoDeliverable(f"nothing for {epreuve}", dossier=dossier.id, cause=cause)
