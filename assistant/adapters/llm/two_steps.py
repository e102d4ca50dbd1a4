"""Two steps: quotes first, from all that must be read; then a verdict on the verified ones only.

Between the two, each quote is searched in the deliverables. What was not found is not shown to
the second request, and neither is the rest of the file: a status can rest on nothing but quotes
that exist. The first step reads deliverables that are too long in parts, each once.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from assistant.adapters.llm.dialogue import Ask, Dialogue, ask
from assistant.adapters.llm.judgement import with_answers, word_on
from assistant.adapters.llm.replies import (
    AttenduVerdict,
    EvidenceReply,
    VerdictReply,
    evidence_reply,
    verdict_reply,
)
from assistant.adapters.llm.showing import (
    Showing,
    may_conclude_absence,
    showing_notes,
    truncated_usage,
)
from assistant.domain.case import AttenduJudgement, CriterionCase, Judgement
from assistant.domain.finding import Evidence, Usage
from assistant.domain.verdict import Verdict
from assistant.flagging import set_aside
from assistant.grounding import Grounder
from assistant.ports import Answer, Prompt
from assistant.prompting import (
    Extent,
    FoundQuote,
    ReadingName,
    clean_quote,
    evidence_values,
    verdict_values,
)

EVIDENCE_PROMPT: Final = "criterion_evidence.v3"
VERDICT_PROMPT: Final = "criterion_verdict.v2"
#: Quotes shown for each attendu at the second step: fewer and fewer until they fit.
_SHOWN_PER_ATTENDU: Final = (12, 6, 3, 1)
_TWO_STEPS_FR: Final = (
    "Les citations ont été relevées et vérifiées d'abord ; le modèle s'est prononcé sur elles "
    "seules."
)
_FEWER_FR: Final = (
    "Les citations vérifiées étaient trop nombreuses : le modèle s'est prononcé sur les {count} "
    "premières de chaque attendu."
)


@dataclass(frozen=True, slots=True)
class Reading:
    """What the first step brought.

    `found` maps an attendu to its verified quotes, `rejected` to those that are not in the
    deliverables. `parts` counts the parts read, 0 when there was no need for any.
    """

    extent: Extent
    parts: int
    found: dict[int, tuple[Evidence, ...]]
    rejected: dict[int, tuple[str, ...]]
    answers: tuple[Answer[Any], ...]
    truncated: Usage | None

    @property
    def name(self) -> ReadingName:
        if self.parts:
            return "parts"
        return "whole" if self.extent.whole else "passages"

    def reordered(self, new_numbers: dict[int, int]) -> "Reading":
        """The same, its attendus renumbered."""
        return replace(
            self,
            found={new_numbers[n]: quotes for n, quotes in self.found.items()},
            rejected={new_numbers[n]: quotes for n, quotes in self.rejected.items()},
        )


@dataclass(frozen=True, slots=True)
class Opinion:
    """The second request, and what is needed to read its answer."""

    case: CriterionCase
    reading: Reading
    quotes: tuple[FoundQuote, ...]
    ask: Ask[VerdictReply]
    extent: Extent
    fewer: int | None

    def judgement(self, answer: Answer[VerdictReply]) -> Judgement:
        """The statuses, each with the quotes it rests on and those that were rejected."""
        reply, reading = answer.reply, self.reading
        truncated = reading.truncated or truncated_usage([self.ask], [answer])
        sure = truncated is None and (
            bool(reading.parts) or may_conclude_absence(self.case, reading.extent)
        )
        judged = Judgement(
            attendus=tuple(
                _attendu(word, self.quotes, reading, may_conclude_absence=sure)
                for word in sorted(reply.attendus, key=lambda word: word.numero)
            ),
            rationale=reply.motif.strip(),
            verdict=Verdict(reply.verdict_propose),
            missing=reply.manques,
            oral_questions=reply.questions_oral,
            notes_fr=tuple(self._notes(truncated)),
        )
        return with_answers(judged, (*reading.answers, answer))

    def _notes(self, truncated: Usage | None) -> Iterable[str]:
        extent = self.reading.extent.model_copy(
            update={"piece_characters": self.extent.piece_characters}
        )
        yield from showing_notes(extent, truncated, parts=self.reading.parts)
        yield _TWO_STEPS_FR
        if self.fewer is not None:
            yield _FEWER_FR.format(count=self.fewer)


class TwoSteps:
    """Evidence, then verdict."""

    prompt_ids: Final = (EVIDENCE_PROMPT, VERDICT_PROMPT)

    def __init__(self, showing: Showing) -> None:
        self._showing = showing

    def dialogue(self, case: CriterionCase) -> Dialogue[Judgement]:
        """Raises: `ModelContextExceeded`."""
        reading = yield from self.read(case)
        opinion = self.opinion(case, reading)
        (answer,) = yield from ask([opinion.ask])
        return opinion.judgement(answer)

    def read(self, case: CriterionCase) -> Dialogue[Reading]:
        """The first step: one request, or one for each part."""

        def values(extent: Extent, marker: str) -> dict[str, object]:
            return evidence_values(case, extent, marker)

        prompt, extent = self._showing.fitted(EVIDENCE_PROMPT, case, values)
        prompts: Sequence[Prompt] = (prompt,)
        in_parts = case.criterion.lecture.integrale and not extent.whole
        if in_parts:
            prompts = self._showing.parts(EVIDENCE_PROMPT, case, values)
        due = evidence_reply(case.criterion)
        asks = [Ask(one, due) for one in prompts]
        answers = yield from ask(asks)
        found, rejected = _verified(case, [answer.reply for answer in answers])
        return Reading(
            extent=extent,
            parts=len(prompts) if in_parts else 0,
            found=found,
            rejected=rejected,
            answers=answers,
            truncated=truncated_usage(asks, answers),
        )

    def opinion(self, case: CriterionCase, reading: Reading, *, voice: int = 0) -> Opinion:
        """The second step: as many verified quotes as one request holds.

        Raises: `ModelContextExceeded`.
        """
        most = max((len(quotes) for quotes in reading.found.values()), default=0)
        for limit in _SHOWN_PER_ATTENDU:
            quotes = _numbered(reading, limit)
            prompt, extent = self._verdict_prompt(case, reading, quotes)
            if self._showing.fits(prompt):
                due = verdict_reply(case.criterion, len(quotes))
                return Opinion(
                    case=case,
                    reading=reading,
                    quotes=quotes,
                    ask=Ask(prompt, due, voice),
                    extent=extent,
                    fewer=limit if limit < most else None,
                )
        raise self._showing.exceeded("one quote for each attendu does not fit")

    def _verdict_prompt(
        self, case: CriterionCase, reading: Reading, quotes: Sequence[FoundQuote]
    ) -> tuple[Prompt, Extent]:
        """The compared pieces are whole, or cut to what is left beside the quotes."""

        def values(extent: Extent, marker: str) -> dict[str, object]:
            return verdict_values(case, quotes, reading.name, reading.parts, extent, marker)

        bare = case.model_copy(
            update={"passages": case.passages.model_copy(update={"passages": ()})}
        )
        prompt = self._showing.render(VERDICT_PROMPT, case, Extent(passages=()), values)
        if self._showing.fits(prompt) or not case.pieces:
            return prompt, Extent(passages=())
        return self._showing.fitted(VERDICT_PROMPT, bare, values, whole=False)


def _verified(
    case: CriterionCase, replies: Iterable[EvidenceReply]
) -> tuple[dict[int, tuple[Evidence, ...]], dict[int, tuple[str, ...]]]:
    """The quotes of all replies, attendu by attendu: those that may prove, and the others."""
    grounder = Grounder(case.deliverables, case.certification.seuils.citations)
    said: dict[int, list[str]] = {}
    for reply in replies:
        for attendu in reply.attendus:
            said.setdefault(attendu.numero, []).extend(clean_quote(q) for q in attendu.citations)
    found: dict[int, tuple[Evidence, ...]] = {}
    rejected: dict[int, tuple[str, ...]] = {}
    for numero, quotes in sorted(said.items()):
        found[numero], rejected[numero] = _sorted_out(quotes, case, grounder)
    return found, rejected


def _sorted_out(
    quotes: Sequence[str], case: CriterionCase, grounder: Grounder
) -> tuple[tuple[Evidence, ...], tuple[str, ...]]:
    evidence, rejected = grounder.ground(quotes)
    kept, flagged = set_aside(evidence, case.deliverables)
    return kept, tuple(item.quote for item in (*rejected, *flagged))


def _numbered(reading: Reading, limit: int) -> tuple[FoundQuote, ...]:
    """The verified quotes in the deliverables' order, each once, with its attendus."""
    attendus: dict[tuple[str, int, int], list[int]] = {}
    items: dict[tuple[str, int, int], Evidence] = {}
    for numero, quotes in reading.found.items():
        for evidence in quotes[:limit]:
            key = (evidence.sha256, evidence.start, evidence.end)
            attendus.setdefault(key, []).append(numero)
            items[key] = evidence
    order = {sha256: n for n, sha256 in enumerate(dict.fromkeys(key[0] for key in items))}
    keys = sorted(items, key=lambda key: (order[key[0]], key[1], key[2]))
    return tuple(
        FoundQuote(number=n, evidence=items[key], attendus=tuple(sorted(attendus[key])))
        for n, key in enumerate(keys, start=1)
    )


def _attendu(
    word: AttenduVerdict,
    quotes: Sequence[FoundQuote],
    reading: Reading,
    *,
    may_conclude_absence: bool,
) -> AttenduJudgement:
    by_number = {quote.number: quote.evidence.quote for quote in quotes}
    proofs = [by_number[number] for number in word.preuves]
    shown = dict.fromkeys((*proofs, *reading.rejected.get(word.numero, ())))
    return word_on(
        word.numero,
        shown,
        word.statut,
        word.justification,
        may_conclude_absence=may_conclude_absence,
    )
