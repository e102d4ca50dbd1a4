"""Small local models: few attendus in a request, short texts, a plain reply, checks first.

An attendu that a conclusive check refutes is not asked about. The others are asked a few at a
time, on the passages found for them. Where the grid wants a whole reading, what was not found is
then looked for in every part of the file; only after that may it be said absent.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from assistant.adapters.llm.dialogue import Ask, Dialogue, ask
from assistant.adapters.llm.judgement import attendu_judgement, with_answers
from assistant.adapters.llm.replies import StatusesReply, statuses_reply
from assistant.adapters.llm.showing import (
    Showing,
    Values,
    may_conclude_absence,
    showing_notes,
    truncated_usage,
)
from assistant.agreement import agreed
from assistant.domain.case import AttenduJudgement, CriterionCase, Judgement
from assistant.domain.finding import CheckOutcome, CheckResult, Usage
from assistant.domain.rubric import Attendu
from assistant.domain.verdict import AttenduStatus
from assistant.grounding import Grounder
from assistant.ports import Answer
from assistant.prompting import Extent, small_values

SMALL_PROMPT: Final = "small_review.v2"
_SETTLED_FR: Final = "Contrôle {code} : {message}"
_NOTE_FR: Final = (
    "Examen adapté à un petit modèle : {most} attendu(s) au plus par demande, sur les passages "
    "retenus par la recherche, contrôles calculés d'abord. L'appréciation est déduite des statuts."
)


class SmallModel:
    """At most `most` attendus in a request."""

    prompt_ids: Final = (SMALL_PROMPT,)

    def __init__(self, showing: Showing, *, most: int) -> None:
        self._showing = showing
        self._most = most

    def dialogue(self, case: CriterionCase) -> Dialogue[Judgement]:
        """Raises: `ModelContextExceeded`."""
        settled = list(_settled_by_checks(case))
        numbers = {word.numero for word in settled}
        due = [attendu for attendu in case.criterion.attendus if attendu.numero not in numbers]
        first = [self._request(case, few) for few in _few(due, self._most)]
        answers = yield from ask([one for one, _ in first])
        truncated = truncated_usage([one for one, _ in first], answers)
        whole = all(extent.whole for _, extent in first)
        words = [
            word
            for (_, extent), answer in zip(first, answers, strict=True)
            for word in _words(answer.reply, case, extent, truncated)
        ]
        parts = 0
        if case.criterion.lecture.integrale and not whole:
            words, more, parts, cut = yield from self._everywhere(case, due, words)
            answers, truncated = (*answers, *more), truncated or cut
        notes = (
            agreed(_NOTE_FR.format(most=self._most)),
            *showing_notes(Extent(), truncated, parts=parts),
        )
        return with_answers(_judgement(case, [*settled, *words], notes), answers)

    def _request(
        self, case: CriterionCase, few: Sequence[Attendu]
    ) -> tuple[Ask[StatusesReply], Extent]:
        """The whole text where the grid asks for it and it fits, else the passages for these."""
        near = _near(case, few)
        prompt, extent = self._showing.fitted(
            SMALL_PROMPT, near, _values(near, few), whole=case.criterion.lecture.integrale
        )
        return Ask(prompt, statuses_reply(few)), extent

    def _everywhere(
        self, case: CriterionCase, due: Sequence[Attendu], words: Sequence[AttenduJudgement]
    ) -> Dialogue[
        tuple[list[AttenduJudgement], tuple[Answer[StatusesReply], ...], int, Usage | None]
    ]:
        """Look in every part for what the passages did not show."""
        shown = {w.numero for w in words if w.status in (_SATISFIED, _PARTIAL)}
        sought = [attendu for attendu in due if attendu.numero not in shown]
        asks: list[Ask[StatusesReply]] = []
        parts = 0
        for few in _few(sought, self._most):
            prompts = self._showing.parts(SMALL_PROMPT, case, _values(case, few))
            parts = max(parts, len(prompts))
            asks += [Ask(prompt, statuses_reply(few)) for prompt in prompts]
        answers = yield from ask(asks)
        truncated = truncated_usage(asks, answers)
        read = [
            word for answer in answers for word in _words(answer.reply, case, Extent(), truncated)
        ]
        grounder = Grounder(case.deliverables, case.certification.seuils.citations)
        best = [
            _best([word for word in read if word.numero == attendu.numero], grounder)
            for attendu in sought
        ]
        kept = [word for word in words if word.numero in shown]
        return [*kept, *best], answers, parts, truncated


_SATISFIED: Final = AttenduStatus.SATISFIED
_PARTIAL: Final = AttenduStatus.PARTIAL


def _values(case: CriterionCase, few: Sequence[Attendu]) -> Values:
    return lambda extent, marker: small_values(case, few, extent, marker)


def _few(attendus: Sequence[Attendu], most: int) -> Iterator[Sequence[Attendu]]:
    for start in range(0, len(attendus), most):
        yield attendus[start : start + most]


def _near(case: CriterionCase, few: Sequence[Attendu]) -> CriterionCase:
    """The case with only the passages that the search brought for these attendus."""
    numbers = {attendu.numero for attendu in few}
    passages = tuple(p for p in case.passages.passages if numbers & set(p.attendus))
    kept = case.passages.model_copy(update={"passages": passages or case.passages.passages})
    return case.model_copy(update={"passages": kept})


def _settled_by_checks(case: CriterionCase) -> Iterator[AttenduJudgement]:
    for attendu in case.criterion.attendus:
        if (check := _refutation(case.checks, attendu.numero)) is not None:
            yield AttenduJudgement(
                numero=attendu.numero,
                status=AttenduStatus.ABSENT,
                justification=_SETTLED_FR.format(code=check.code, message=check.message_fr),
            )


def _refutation(checks: Iterable[CheckResult], numero: int) -> CheckResult | None:
    for check in checks:
        failed = check.outcome is CheckOutcome.DISCREPANCY and check.strength == "C"
        if failed and check.attendu == numero:
            return check
    return None


def _words(
    reply: StatusesReply, case: CriterionCase, extent: Extent, truncated: Usage | None
) -> Iterator[AttenduJudgement]:
    sure = truncated is None and (extent.whole or may_conclude_absence(case, extent))
    for attendu in reply.attendus:
        yield attendu_judgement(attendu, may_conclude_absence=sure)


def _best(words: Sequence[AttenduJudgement], grounder: Grounder) -> AttenduJudgement:
    """What the parts say together: the most favourable claim that a verified quote supports.

    Without one: a claim that nothing supports if there is one, for it to be shown as such; else
    what could not be told, and absent only when every part says so.
    """
    proven = [w for w in words if _is_claim(w) and grounder.ground(w.quotes)[0]]
    claimed = [w for w in words if _is_claim(w)]
    untold = [w for w in words if w.status is AttenduStatus.NOT_VERIFIABLE]
    for group in (proven, claimed, untold, words):
        if group:
            best = max(group, key=lambda word: word.status.rank or 0)
            same = [word for word in group if word.status is best.status]
            quotes = tuple(dict.fromkeys(quote for word in same for quote in word.quotes))
            return best.model_copy(update={"quotes": quotes})
    raise AssertionError("every attendu is asked about in every part")


def _is_claim(word: AttenduJudgement) -> bool:
    return word.status in (_SATISFIED, _PARTIAL)


def _judgement(
    case: CriterionCase, words: Sequence[AttenduJudgement], notes: tuple[str, ...]
) -> Judgement:
    ordered = tuple(sorted(words, key=lambda word: word.numero))
    texts = {attendu.numero: attendu.texte for attendu in case.criterion.attendus}
    absent = [texts[w.numero] for w in ordered if w.status is AttenduStatus.ABSENT]
    return Judgement(
        attendus=ordered,
        rationale=_rationale(ordered),
        missing=tuple(absent),
        notes_fr=notes,
    )


def _rationale(words: Sequence[AttenduJudgement]) -> str:
    counts = Counter(word.status.label_fr for word in words)
    told = ", ".join(f"« {label} » {times} fois" for label, times in counts.items())
    return f"Statuts donnés aux {len(words)} attendus : {told}."
