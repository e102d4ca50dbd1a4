"""Drafts from the recorded answers of one épreuve: one outcome for each line."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from assistant.adapters.batch_format import AnswerLine, files_digest
from assistant.adapters.llm.recorded import AnswersMissing, RecordedJudge
from assistant.agreement import agreed
from assistant.app.answer_lines import Asked, LineOutcome, LineState, outcome, refused, shown
from assistant.app.runner import ALONE_FR, Bundle, EpreuveRunner, noted
from assistant.domain.case import CriterionScope
from assistant.domain.finding import Finding, FindingFailure
from assistant.errors import ASK_ALONE, ModelError
from assistant.ports import ReviewStore

FILES_FR: Final = (
    "Un fichier du dossier a changé depuis l'export : cette réponse porte sur un autre texte. "
    "Exportez à nouveau les demandes de ce dossier."
)
_SETTINGS_FR: Final = (
    "La grille, la consigne, le modèle ou un réglage a changé depuis l'export. Reprenez ceux de "
    "l'export (modèle attendu ici : « {model} », voir --model), ou exportez à nouveau."
)
_OTHER_MODEL_FR: Final = "Réponse donnée par le modèle « {answered} », demandée à « {asked} »."
_MISSING_FR: Final = (
    "Ce critère demande {count} réponse(s) de plus, qui ne sont pas dans le fichier. « preuve "
    "requests export --reponses » écrit les demandes qui manquent ; importez ensuite toutes les "
    "réponses ensemble."
)
_NEXT_STEP_FR: Final = (
    "Première étape faite. « preuve requests export --reponses » écrit la demande suivante ; "
    "importez ensuite sa réponse, avec --avec pour celle-ci."
)
_BESIDE_FR: Final = "Une autre réponse sur ce critère est inutilisable (ligne {number})."
_ALONE_NEXT_FR: Final = (
    "Ce groupe de critères n'a pas pu être examiné en une fois. « preuve requests export "
    "--reponses » écrit une demande par critère ; importez ensuite leurs réponses, avec --avec "
    "pour celle-ci. {cause}"
)
_UNUSED_FR: Final = (
    "Cette réponse suit d'autres réponses que celles qui sont importées : elle n'est pas utilisée."
)


class EpreuveImport:
    """Implements the import for one épreuve of one dossier; `model` is the one that was asked."""

    def __init__(
        self, runner: EpreuveRunner, judge: RecordedJudge, store: ReviewStore, model: str
    ) -> None:
        self._runner = runner
        self._judge = judge
        self._store = store
        self._model = model

    def outcomes(self, asked: Iterable[Asked]) -> Iterator[LineOutcome]:
        """What became of each line. Raises: `StoreUnavailable`."""
        bundles = self._runner.bundles()
        member = {
            scope.criterion.id: (number, scope, key)
            for number, bundle in enumerate(bundles)
            for scope, key in bundle.members
        }
        usable: dict[int, list[Asked]] = defaultdict(list)
        for one in asked:
            number, scope, key = member[one.place.criterion_id]
            if one.request.files != files_digest(scope):
                yield refused(one.line, FILES_FR, one.place)
            elif not key.startswith(one.request.key):
                yield refused(one.line, _SETTINGS_FR.format(model=self._model), one.place)
            else:
                usable[number].append(one)
        for number, lines in usable.items():
            yield from self._bundle(bundles[number], lines)

    def _bundle(self, bundle: Bundle, asked: Sequence[Asked]) -> Iterator[LineOutcome]:
        of_the_group = [one for one in asked if one.request.step and not one.request.step.round]
        alone = [one for one in asked if one not in of_the_group]
        if of_the_group:
            yield from self._group(bundle, of_the_group, answered_alone=bool(alone))
        for scope, key in bundle.members:
            mine = [one for one in alone if one.place.criterion_id == scope.criterion.id]
            if mine:
                yield from self._criterion(bundle, scope, key, mine)

    def _group(
        self, bundle: Bundle, asked: Sequence[Asked], *, answered_alone: bool
    ) -> Iterator[LineOutcome]:
        line, _, place = asked[0]
        if not bundle.due:
            yield outcome(line, LineState.KEPT, place, finding=self._kept(bundle.members[0][1]))
            return
        self._judge.hold({one.request.step: one.line for one in asked})
        try:
            findings: Sequence[Finding] = self._runner.draft_together(bundle)
        except AnswersMissing:
            yield from (refused(one.line, _UNUSED_FR, one.place) for one in asked)
            return
        except ASK_ALONE as error:
            state = LineState.WAITING if answered_alone else LineState.FAILED
            message = _ALONE_NEXT_FR.format(cause=error.user_message)
            yield outcome(line, state, place, ALONE_FR if answered_alone else message)
            return
        except ModelError as error:
            findings = [self._runner.failure(*one, error) for one in bundle.due_members]
        for finding in findings:
            at = place.model_copy(update={"criterion_id": finding.criterion_id})
            yield self._settle([Asked(line, asked[0].request, at)], finding)[-1]

    def _criterion(
        self, bundle: Bundle, scope: CriterionScope, key: str, asked: Sequence[Asked]
    ) -> Iterator[LineOutcome]:
        if key not in bundle.due:
            yield from _all(asked, LineState.KEPT, finding=self._kept(key))
            return
        self._judge.hold({one.request.step: one.line for one in asked})
        try:
            finding = self._runner.draft(scope, key)
        except AnswersMissing as missing:
            used = self._used(asked)
            told = _NEXT_STEP_FR if missing.later else _MISSING_FR
            message = agreed(told.format(count=len(missing.missing)))
            yield from _all(used, LineState.WAITING, message)
            yield from self._unused(asked)
            return
        used = self._used(asked)
        if not used and isinstance(finding, FindingFailure):  # before any answer was read
            yield from _all(asked, LineState.FAILED, finding.message_fr)
            return
        if bundle.is_group:
            finding = noted(finding, ALONE_FR)
        yield from self._settle(used, finding)
        yield from self._unused(asked)

    def _settle(self, asked: Sequence[Asked], finding: Finding) -> list[LineOutcome]:
        """Keep the finding; the last of its lines carries it."""
        *others, last = asked
        if isinstance(finding, FindingFailure):
            self._show_failure(last.place.dossier_id, finding)
            message = _BESIDE_FR.format(number=last.line.number)
            return [
                *_all(others, LineState.WAITING, message),
                outcome(last.line, LineState.FAILED, last.place, finding.message_fr, finding),
            ]
        notes = dict.fromkeys(
            note
            for line, voice in self._judge.used
            if (note := _model_note(line, voice.endpoint.model))
        )
        for note in notes:
            finding = noted(finding, note)
        self._store.save_finding(last.place.dossier_id, finding)
        return [
            *_all(others, LineState.IMPORTED),
            outcome(last.line, LineState.IMPORTED, last.place, " ".join(notes), finding),
        ]

    def _used(self, asked: Sequence[Asked]) -> list[Asked]:
        """The lines that were read, in the order of the requests; the last may have failed."""
        order = {line.custom_id: n for n, (line, _) in enumerate(self._judge.used)}
        used = [one for one in asked if one.line.custom_id in order]
        return sorted(used, key=lambda one: order[one.line.custom_id])

    def _unused(self, asked: Sequence[Asked]) -> Iterator[LineOutcome]:
        used = self._used(asked)
        return (refused(one.line, _UNUSED_FR, one.place) for one in asked if one not in used)

    def _kept(self, key: str) -> Finding | None:
        return self._store.finding(key)

    def _show_failure(self, dossier_id: str, failure: FindingFailure) -> None:
        """Show the failure, unless it is shown already: importing again changes nothing."""
        current = self._store.current_findings(dossier_id, failure.epreuve)
        shown_now = current.get(failure.criterion_id)
        if isinstance(shown_now, FindingFailure):
            failure = failure.model_copy(update={"failed_at": shown_now.failed_at})
        if failure != shown_now:
            self._store.save_finding(dossier_id, failure)


def _all(
    asked: Sequence[Asked], state: LineState, message: str = "", *, finding: Finding | None = None
) -> Iterator[LineOutcome]:
    """The same outcome for each line; the finding goes with the last of them."""
    for n, one in enumerate(asked, start=1):
        found = finding if n == len(asked) else None
        yield outcome(one.line, state, one.place, message, found)


def _model_note(line: AnswerLine, asked: str) -> str:
    """Says when another model answered. A dated name of the same model is the same model."""
    answered = line.model
    dated = re.compile(rf"{re.escape(asked)}(?:[-@:](?:\d[\d.-]*|latest))?", re.IGNORECASE)
    if not answered or dated.fullmatch(answered):
        return ""
    return _OTHER_MODEL_FR.format(answered=shown(answered), asked=asked)
