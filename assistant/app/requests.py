"""A language model that is not at hand: its requests written to a file, its answers read back.

A request's id holds digests only. What it stands for is computed again at the import, from the
dossiers that this installation knows: the same files, grid, prompt, model and settings give the
same id, anything else is refused for that line.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator
from enum import StrEnum
from functools import cached_property
from typing import Final

from assistant.adapters.batch_format import (
    AnswerLine,
    RequestId,
    files_digest,
    place_digest,
    read_answers,
    request_line,
)
from assistant.adapters.llm import LlmJudge
from assistant.adapters.llm.dialogue import next_round
from assistant.adapters.openai_recorded import RecordedChatModel, offline_settings
from assistant.app.cases import EpreuveBench
from assistant.app.judges import llm_judge
from assistant.app.library import DossierLibrary
from assistant.app.runner import EpreuveRunner
from assistant.domain.dossier import Dossier
from assistant.domain.finding import CriterionFinding, Finding, FindingFailure
from assistant.domain.rubric import RubricSet
from assistant.errors import ModelError, NoDeliverable
from assistant.ports import Judge, ReviewStore
from assistant.settings import Settings
from ingest.errors import UserFacingError
from ingest.types import Frozen

_ALIEN_FR: Final = "« {id} » n'est pas un identifiant écrit par « preuve requests export »."
_UNKNOWN_FR: Final = (
    "La demande « {id} » ne vient d'aucun dossier connu de cette installation. Indiquez le "
    "dossier à la suite du fichier de réponses, ou ouvrez-le d'abord avec « preuve review »."
)
_TWICE_FR: Final = "La demande « {id} » a déjà sa réponse à la ligne {first}."
_FILES_FR: Final = (
    "Un fichier du dossier a changé depuis l'export : cette réponse porte sur un autre texte. "
    "Exportez à nouveau les demandes de ce dossier."
)
_SETTINGS_FR: Final = (
    "La grille, la consigne, le modèle ou un réglage a changé depuis l'export. Reprenez ceux de "
    "l'export (modèle attendu ici : « {model} », voir --model), ou exportez à nouveau."
)
_OTHER_MODEL_FR: Final = "Réponse donnée par le modèle « {answered} », demandée à « {asked} »."
_SHOWN: Final = 80


class LineState(StrEnum):
    """What became of a line of answers, in the words that are shown."""

    IMPORTED = "reprise"
    KEPT = "déjà reprise"
    FAILED = "échec"
    REFUSED = "refusée"


class LineOutcome(Frozen):
    """One line: what became of it, and why. Dossier and épreuve are empty when unknown."""

    number: int
    state: LineState
    dossier_id: str = ""
    epreuve: str = ""
    criterion_id: str = ""
    message_fr: str = ""
    finding: Finding | None = None

    @property
    def bad(self) -> bool:
        return self.state in (LineState.FAILED, LineState.REFUSED)


class EpreuveRequests(Frozen):
    """The requests of one épreuve, in the grid's order.

    `kept` counts the criteria drafted already; `failures` tells those that cannot be asked.
    """

    lines: tuple[str, ...]
    kept: int
    failures: tuple[FindingFailure, ...] = ()


class _Place(Frozen):
    dossier_id: str
    epreuve: str
    criterion_id: str


_Asked = tuple[AnswerLine, RequestId, _Place]


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
    ) -> None:
        self._settings = offline_settings(settings, model)
        self._rubrics = rubrics
        self._store = store
        self._library = library
        self._bench = bench
        self._runner = runner
        self._model = RecordedChatModel(self._settings)

    @property
    def model(self) -> str:
        """The model that requests name."""
        return self._settings.llm_model

    def export(self, dossier: Dossier, epreuve: str) -> EpreuveRequests:
        """The requests that a review by the language model would make now.

        Raises: `UnknownEpreuve`; `NoDeliverable` when no file of the épreuve can be read.
        """
        bench = self._bench(dossier, epreuve)
        _require_deliverable(dossier, epreuve)
        runner = self._runner(bench, self._judge)
        pending = runner.pending()
        lines: list[str] = []
        failures: list[FindingFailure] = []
        for scope, key in pending:
            try:
                asked = next_round(self._judge.dialogue(bench.case(scope)))
            except ModelError as error:
                failures.append(runner.failure(scope, key, error))
                continue
            assert isinstance(asked, tuple)
            body = self._model.request(asked[0].prompt, asked[0].reply_type)
            lines.append(request_line(RequestId.of(dossier.id, scope, key), body))
        return EpreuveRequests(
            lines=tuple(lines),
            kept=len(bench.rubric.criteres) - len(pending),
            failures=tuple(failures),
        )

    def import_answers(
        self, data: bytes, dossier_ids: Collection[str] = ()
    ) -> tuple[LineOutcome, ...]:
        """Draft from every line that can be used; the outcomes are in the file's order.

        Only these dossiers, or all known ones. Raises: `UnicodeDecodeError`, `StoreUnavailable`.
        """
        ids = dossier_ids or [record.id for record in self._store.dossiers()]
        outcomes, todo = self._sort(read_answers(data), self._places(ids))
        for dossier_id, by_epreuve in todo.items():
            outcomes += self._import_dossier(dossier_id, by_epreuve)
        return tuple(sorted(outcomes, key=lambda outcome: outcome.number))

    def _places(self, dossier_ids: Iterable[str]) -> dict[str, _Place]:
        """Every criterion of these dossiers, without opening any."""
        return {
            place_digest(dossier_id, rubric.id, criterion.id): _Place(
                dossier_id=dossier_id, epreuve=rubric.id, criterion_id=criterion.id
            )
            for dossier_id in dossier_ids
            for rubric in self._rubrics.rubrics
            for criterion in rubric.criteres
        }

    def _sort(
        self, lines: Iterable[AnswerLine], places: dict[str, _Place]
    ) -> tuple[list[LineOutcome], dict[str, dict[str, list[_Asked]]]]:
        """The lines that answer nothing we asked, and the others by dossier and épreuve."""
        refused: list[LineOutcome] = []
        todo: dict[str, dict[str, list[_Asked]]] = defaultdict(lambda: defaultdict(list))
        first: dict[str, int] = {}
        for line in lines:
            request = RequestId.parse(line.custom_id)
            place = places.get(request.place) if request else None
            shown = _shown(line.custom_id)
            if not line.custom_id:
                refused.append(_refused(line, f"Ligne illisible : {line.problem_fr}."))
            elif line.custom_id in first:
                message = _TWICE_FR.format(id=shown, first=first[line.custom_id])
                refused.append(_refused(line, message, place))
            elif request is None:
                refused.append(_refused(line, _ALIEN_FR.format(id=shown)))
            elif place is None:
                refused.append(_refused(line, _UNKNOWN_FR.format(id=shown)))
            else:
                todo[place.dossier_id][place.epreuve].append((line, request, place))
            first.setdefault(line.custom_id, line.number)
        return refused, todo

    def _import_dossier(
        self, dossier_id: str, by_epreuve: dict[str, list[_Asked]]
    ) -> Iterator[LineOutcome]:
        """The dossier is read once; when it cannot be, each of its lines says so."""
        try:
            dossier = self._library.reopen(dossier_id)
        except UserFacingError as error:
            for asked in by_epreuve.values():
                yield from (_refused(line, error.user_message, place) for line, _, place in asked)
            return
        for epreuve, asked in by_epreuve.items():
            yield from self._import_epreuve(dossier, epreuve, asked)

    def _import_epreuve(
        self, dossier: Dossier, epreuve: str, asked: Iterable[_Asked]
    ) -> list[LineOutcome]:
        if not dossier.deliverables(epreuve):
            return [_refused(line, _FILES_FR, place) for line, _, place in asked]
        bench = self._bench(dossier, epreuve)
        runner = self._runner(bench, self._judge)
        return [self._import_line(bench, runner, *one) for one in asked]

    def _import_line(
        self,
        bench: EpreuveBench,
        runner: EpreuveRunner,
        line: AnswerLine,
        request: RequestId,
        place: _Place,
    ) -> LineOutcome:
        scope, key = runner.scoped(bench.rubric.critere(place.criterion_id))
        if request.files != files_digest(scope):
            return _refused(line, _FILES_FR, place)
        if not key.startswith(request.key):
            return _refused(line, _SETTINGS_FR.format(model=self.model), place)
        if (kept := self._store.finding(key)) is not None:
            return _outcome(line, LineState.KEPT, place, finding=kept)
        self._model.hold(line)
        finding = runner.draft(scope, key)
        if isinstance(finding, FindingFailure):
            self._show_failure(place, finding)
            return _outcome(line, LineState.FAILED, place, finding.message_fr, finding)
        note = _model_note(line, self.model)
        if note:
            finding = finding.model_copy(update={"notes_fr": (*finding.notes_fr, note)})
        self._store.save_finding(place.dossier_id, finding)
        return _outcome(line, LineState.IMPORTED, place, note, finding)

    def _show_failure(self, place: _Place, failure: FindingFailure) -> None:
        """Show the failure, unless it is shown already: importing again changes nothing."""
        current = self._store.current_findings(place.dossier_id, place.epreuve)
        shown = current.get(place.criterion_id)
        if isinstance(shown, FindingFailure):
            failure = failure.model_copy(update={"failed_at": shown.failed_at})
        if failure != shown:
            self._store.save_finding(place.dossier_id, failure)

    @cached_property
    def _judge(self) -> LlmJudge:
        return llm_judge(self._settings, self._model)


def _require_deliverable(dossier: Dossier, epreuve: str) -> None:
    if dossier.deliverables(epreuve):
        return
    told = " ".join(failure.message_fr for failure in dossier.failures_for(epreuve))
    cause = told or f"Aucun fichier n'y est rattaché à l'épreuve {epreuve}."
    raise NoDeliverable(f"nothing for {epreuve}", dossier=dossier.id, cause=cause)


def _model_note(line: AnswerLine, asked: str) -> str:
    """Says when another model answered. A dated name of the same model is the same model."""
    answered = line.model
    dated = re.compile(rf"{re.escape(asked)}(?:[-@:](?:\d[\d.-]*|latest))?", re.IGNORECASE)
    if not answered or dated.fullmatch(answered):
        return ""
    return _OTHER_MODEL_FR.format(answered=_shown(answered), asked=asked)


def _shown(text: str) -> str:
    """Words of the file that a message repeats: short, and on one line."""
    return re.sub(r"[^\w.:@/+-]+", " ", text)[:_SHOWN].strip()


def _refused(line: AnswerLine, message: str, place: _Place | None = None) -> LineOutcome:
    if place is None:
        return LineOutcome(number=line.number, state=LineState.REFUSED, message_fr=message)
    return _outcome(line, LineState.REFUSED, place, message)


def _outcome(
    line: AnswerLine,
    state: LineState,
    place: _Place,
    message: str = "",
    finding: CriterionFinding | FindingFailure | None = None,
) -> LineOutcome:
    return LineOutcome(
        number=line.number,
        state=state,
        dossier_id=place.dossier_id,
        epreuve=place.epreuve,
        criterion_id=place.criterion_id,
        message_fr=message,
        finding=finding,
    )
