"""What a cohort will take: calls, tokens, time. Made from lengths, corrected by what was measured.

No tokeniser is loaded (see `assistant.prompting.extent`): characters are divided by a usual ratio,
and as soon as this model has answered here, what it counted corrects the rest.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Final

from assistant.domain.cohort import PlannedCriterion, SpendingRecord
from assistant.domain.finding import Usage
from assistant.domain.rubric import Criterion
from ingest.types import Frozen

#: French prompts in a usual tokeniser: prose takes 4 to 4.5, tables, numbers and signs 3 to 3.5.
_CHARACTERS_PER_TOKEN: Final = 3.65
#: What makes a prompt fit is decided with this shorter ratio, by `assistant.prompting.extent`.
_FITTING_RATIO: Final = 3.2
#: Measured on the prompts of the example cohort, in characters: the lines that say where a passage
#: stands and the list of its headings, what fences a document, and what stands beside the
#: criterion's own words (computed checks; passages pointed out in a file that is not short).
_MARKS_SHARE: Final = 1.06
_FENCE_CHARACTERS: Final = 180
_CHECKS_CHARACTERS: Final = 400
_POINTERS_CHARACTERS: Final = 1500
_SHORT_CHARACTERS: Final = 7200
_PASSAGES_CHARACTERS: Final = 12_000
_QUOTES_CHARACTERS: Final = 2500
_REPLY_CHARACTERS: Final = 245
_REPLY_CHARACTERS_PER_ATTENDU: Final = 245
#: Providers cache prefixes from this length on, by steps. Source: OpenAI, « Prompt caching ».
_CACHED_FROM: Final = 1024
_CACHED_STEP: Final = 128
_UNKNOWN_SECONDS_PER_CALL: Final = 8.0
_FEWEST_CRITERIA: Final = 5


class BlankRequest(Frozen):
    """The length of a request that shows empty documents. Units: characters.

    `instructions` come first and never change; `frame` stands around the documents and is the
    same for all the criteria of an épreuve; `own` is what the criteria asked about add.
    `shows_documents` is False when it holds the quotes found before, instead of the deliverables.
    """

    instructions: int
    frame: int
    own: int
    shows_documents: bool = True


#: The requests made about some criteria of one épreuve, asked about together.
BlankRequests = Callable[[Sequence[PlannedCriterion]], Sequence[BlankRequest]]


class RequestShape(Frozen):
    """How a judge asks.

    Units: `room`, what a prompt may hold, in tokens. `by_model` is False when no request is made
    at all. `readings`: how many times the whole of a criterion is asked.
    """

    by_model: bool = True
    room: int = 28_000
    readings: int = 1
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
    """Foresees requests from the lengths of the texts that they will hold.

    `blank` measures what a request holds beside them; without it, requests are not foreseen.
    """

    def __init__(
        self,
        shape: RequestShape,
        calibration: Calibration | None = None,
        blank: BlankRequests | None = None,
    ) -> None:
        self.shape = shape
        self.calibration = calibration or Calibration()
        self._blank = blank or (lambda _: ())

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
        met: set[_Prefix] = set()
        return tuple(self._group(group, criteria, characters, met) for group in groups)

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
        met: set["_Prefix"],
    ) -> Estimate:
        if not self.shape.by_model:
            each = self.shape.seconds_per_criterion
            return Estimate(criteria=len(group), seconds=each * len(group))
        shown = _Shown.of(group, characters)
        requests = [self._request(blank, shown, met) for blank in self._blank(group)]
        attendus = sum(len(criteria[planned.criterion_id].attendus) for planned in group)
        written = self.shape.readings * (
            _REPLY_CHARACTERS * len(group) + _REPLY_CHARACTERS_PER_ATTENDU * attendus
        )
        c = self.calibration
        return Estimate(
            criteria=len(group),
            usage=Usage(
                calls=round(len(requests) * c.requests),
                input_tokens=round(sum(_tokens(whole) for whole, _ in requests) * c.input),
                cached_tokens=round(
                    sum(_cached(_tokens(known)) for _, known in requests) * c.cached
                ),
                output_tokens=round(_tokens(written) * c.output),
            ),
            seconds=len(requests) * c.requests * c.seconds_per_request,
        )

    def _request(
        self, blank: BlankRequest, shown: "_Shown", met: set["_Prefix"]
    ) -> tuple[float, float]:
        """Characters of a request, and of its beginning that the provider has met before.

        The instructions are met from one dossier to the next.
        """
        head = float(blank.instructions)
        beside = blank.own + _CHECKS_CHARACTERS
        if not blank.shows_documents:
            before = head + blank.frame + shown.pieces
            again = (shown.compared, False) in met
            met.add((shown.compared, False))
            return before + beside + _QUOTES_CHARACTERS, before if again else head
        if shown.documents > _SHORT_CHARACTERS:
            beside += _POINTERS_CHARACTERS
        shared = head + blank.frame + shown.documents
        whole = shared + shown.pieces + beside
        if whole / _FITTING_RATIO > self.shape.room:
            most = self.shape.room * _FITTING_RATIO
            some = head + blank.frame + beside + shown.pieces + _PASSAGES_CHARACTERS
            return min(most, some), head
        known = max(
            [head]
            + [shared for pieces, after in met if after and pieces != shown.compared]
            + [shared + shown.pieces for pieces, after in met if after and pieces == shown.compared]
        )
        met.add((shown.compared, True))
        return whole, known


#: What a provider has met: the compared pieces that a request shows, by their SHA-256, and whether
#: the deliverables come before them.
_Prefix = tuple[tuple[str, ...], bool]


class _Shown(Frozen):
    """What the requests about some criteria show of the dossier. Units: characters."""

    documents: float
    pieces: float
    compared: tuple[str, ...]

    @classmethod
    def of(cls, group: Sequence[PlannedCriterion], characters: Mapping[str, int]) -> "_Shown":
        deliverables = group[0].files.deliverables
        named = (sha for one in group for _, shas in one.files.pieces for sha in shas)
        compared = tuple(sha for sha in dict.fromkeys(named) if sha not in deliverables)
        return cls(
            documents=_length(deliverables, characters),
            pieces=_length(compared, characters),
            compared=compared,
        )


def _length(shas: Sequence[str], characters: Mapping[str, int]) -> float:
    return sum(characters.get(sha, 0) * _MARKS_SHARE + _FENCE_CHARACTERS for sha in shas)


def _tokens(characters: float) -> int:
    return round(characters / _CHARACTERS_PER_TOKEN)


def _cached(tokens: int) -> int:
    return tokens // _CACHED_STEP * _CACHED_STEP if tokens >= _CACHED_FROM else 0
