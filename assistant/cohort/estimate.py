"""What a cohort will take: calls, tokens, time. Made from lengths, corrected by what was measured.

No tokeniser is loaded (see `assistant.prompting.extent`): characters are divided by a usual ratio,
and as soon as this model has answered here, what it counted corrects the rest.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from assistant.domain.cohort import PlannedCriterion, SpendingRecord
from assistant.domain.finding import Usage
from assistant.domain.rubric import Criterion
from ingest.types import Frozen

#: French text in a usual tokeniser. Prompts also hold numbers, signs and JSON, a little denser.
_CHARACTERS_PER_TOKEN: Final = 3.9
#: What makes a prompt fit is decided with this shorter ratio, by `assistant.prompting.extent`.
_FITTING_RATIO: Final = 3.2
#: Measured on the prompts of the example cohort, in characters: the lines that say where a passage
#: stands, what fences a document, and what stands beside the criterion's own words (sections of
#: the file, passages pointed out, computed checks).
_MARKS_SHARE: Final = 1.06
_FENCE_CHARACTERS: Final = 300
_AIDS_CHARACTERS: Final = 3600
_PASSAGES_CHARACTERS: Final = 12_000
_REPLY_CHARACTERS: Final = 260
_REPLY_CHARACTERS_PER_ATTENDU: Final = 260
#: Providers cache prefixes from this length on, by steps. Source: OpenAI, « Prompt caching ».
_CACHED_FROM: Final = 1024
_CACHED_STEP: Final = 128
_UNKNOWN_SECONDS_PER_CALL: Final = 8.0
_FEWEST_CRITERIA: Final = 5


class RequestShape(Frozen):
    """How a judge asks.

    `instructions` is the length of what comes before the documents, in characters; `room`, what a
    prompt may hold, in tokens; `calls`, how many requests an average criterion needs.
    `by_model` is False when no request is made at all.
    """

    by_model: bool = True
    instructions: int = 5850
    room: int = 28_000
    calls: float = 1.0
    seconds_per_criterion: float = 0.0  # of computing on this machine, without a model


class Calibration(Frozen):
    """What earlier runs say of the estimate: measured over foreseen.

    `criteria` counts what it stands on; 0 means that nothing was measured.
    """

    criteria: int = 0
    requests: float = 1.0
    input: float = 1.0
    cached: float = 1.0
    output: float = 1.0
    seconds_per_request: float = _UNKNOWN_SECONDS_PER_CALL

    @classmethod
    def of(cls, records: Sequence[SpendingRecord]) -> "Calibration":
        """From runs with one model; too few criteria say nothing."""
        criteria = sum(record.criteria for record in records)
        if criteria < _FEWEST_CRITERIA:
            return cls()
        used = [record.traffic.usage for record in records]
        foreseen = [record.expected for record in records]
        requests = sum(record.traffic.requests for record in records)
        seconds = sum(record.traffic.seconds for record in records)

        def ratio(measured: Iterable[int], expected: Iterable[int]) -> float:
            total = sum(expected)
            return sum(measured) / total if total else 1.0

        return cls(
            criteria=criteria,
            requests=ratio([requests], [u.calls for u in foreseen]),
            input=ratio([u.input_tokens for u in used], [u.input_tokens for u in foreseen]),
            cached=ratio([u.cached_tokens for u in used], [u.cached_tokens for u in foreseen]),
            output=ratio([u.output_tokens for u in used], [u.output_tokens for u in foreseen]),
            seconds_per_request=seconds / requests if requests else _UNKNOWN_SECONDS_PER_CALL,
        )


class Estimate(Frozen):
    """What some criteria will take. Units: tokens; `seconds` of waiting, one call at a time."""

    criteria: int = 0
    usage: Usage = Usage()
    seconds: float = 0.0

    def __add__(self, other: "Estimate") -> "Estimate":
        left, right = self.usage, other.usage
        return Estimate(
            criteria=self.criteria + other.criteria,
            usage=Usage(
                calls=left.calls + right.calls,
                input_tokens=left.input_tokens + right.input_tokens,
                cached_tokens=left.cached_tokens + right.cached_tokens,
                output_tokens=left.output_tokens + right.output_tokens,
            ),
            seconds=self.seconds + other.seconds,
        )


class Estimator:
    """Foresees requests from the lengths of the texts that they will hold."""

    def __init__(self, shape: RequestShape, calibration: Calibration | None = None) -> None:
        self.shape = shape
        self.calibration = calibration or Calibration()

    def epreuve(
        self,
        groups: Sequence[Sequence[PlannedCriterion]],
        criteria: Mapping[str, Criterion],
        characters: Mapping[str, int],
    ) -> tuple[Estimate, ...]:
        """One estimate per group of criteria asked about together, alone most often.

        The first pays for the documents that all share. `criteria` by id; `characters` of each
        document by SHA-256.
        """
        return tuple(
            self._group(group, criteria, characters, warm=number > 0)
            for number, group in enumerate(groups)
        )

    def raw(self, estimate: Estimate) -> Usage:
        """The usage as foreseen before any correction: what a later calibration compares with."""
        c = self.calibration
        usage = estimate.usage
        return Usage(
            calls=round(usage.calls / c.requests) if c.requests else usage.calls,
            input_tokens=round(usage.input_tokens / c.input) if c.input else usage.input_tokens,
            cached_tokens=round(usage.cached_tokens / c.cached) if c.cached else 0,
            output_tokens=round(usage.output_tokens / c.output) if c.output else 0,
        )

    def _group(
        self,
        group: Sequence[PlannedCriterion],
        criteria: Mapping[str, Criterion],
        characters: Mapping[str, int],
        *,
        warm: bool,
    ) -> Estimate:
        if not self.shape.by_model:
            each = self.shape.seconds_per_criterion
            return Estimate(criteria=len(group), seconds=each * len(group))
        asked = [criteria[planned.criterion_id] for planned in group]
        lengths = [
            self._lengths(planned, criterion, characters)
            for planned, criterion in zip(group, asked, strict=True)
        ]
        shared, alone = lengths[0][0], sum(own for _, own in lengths)
        attendus = sum(len(criterion.attendus) for criterion in asked)
        written = _REPLY_CHARACTERS * len(group) + _REPLY_CHARACTERS_PER_ATTENDU * attendus
        calls = max(1, round(self.shape.calls))
        c = self.calibration
        # A second request on the same criterion finds the documents in the cache too.
        again = calls if warm else calls - 1
        return Estimate(
            criteria=len(group),
            usage=Usage(
                calls=round(calls * c.requests),
                input_tokens=round(_tokens(shared + alone) * calls * c.input),
                cached_tokens=round(_cached(_tokens(shared)) * again * c.cached),
                output_tokens=round(_tokens(written) * calls * c.output),
            ),
            seconds=calls * c.requests * c.seconds_per_request,
        )

    def _lengths(
        self, planned: PlannedCriterion, criterion: Criterion, characters: Mapping[str, int]
    ) -> tuple[float, float]:
        """Characters that the épreuve's requests share, and those of this criterion alone."""
        files = planned.files
        documents = sum(characters.get(sha, 0) for sha in files.deliverables) * _MARKS_SHARE
        documents += _FENCE_CHARACTERS
        compared = {sha for _, shas in files.pieces for sha in shas} - set(files.deliverables)
        pieces = sum(characters.get(sha, 0) for sha in compared) * _MARKS_SHARE
        own = (
            _AIDS_CHARACTERS + len(criterion.texte) + sum(len(a.texte) for a in criterion.attendus)
        )
        shared, alone = self.shape.instructions + documents, pieces + own
        if (shared + alone) / _FITTING_RATIO <= self.shape.room:
            return shared, alone
        most = self.shape.room * _FITTING_RATIO - self.shape.instructions
        return self.shape.instructions, min(most, own + pieces + _PASSAGES_CHARACTERS)


def _tokens(characters: float) -> int:
    return round(characters / _CHARACTERS_PER_TOKEN)


def _cached(tokens: int) -> int:
    return tokens // _CACHED_STEP * _CACHED_STEP if tokens >= _CACHED_FROM else 0
