"""What the use of the desk tells: agreement, overrides, time, changes of mind. Pure counts.

The assistant is never counted as an evaluator: « between people » compares two persons, and its
drafts are only what a person agreed with or not.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import combinations
from statistics import median
from typing import Final

from pydantic import AwareDatetime

from assistant.domain.assessment import Assessment, Visit
from assistant.domain.decision import HumanDecision, latest_by_assessor, shift
from assistant.domain.shares import Share, share_of
from assistant.domain.verdict import Verdict
from ingest.types import Frozen

#: From the least favourable; a verdict that is not on the scale has no direction.
_SCALE: Final = (Verdict.NOT_MET, Verdict.PARTIALLY_MET, Verdict.MET)


class Origin(Frozen):
    """What made a draft. `model`: the engine's version for the embedded engine."""

    model: str
    prompt: str = ""
    rubric_version: str = ""
    rubric_hash: str = ""


class Reading(Frozen):
    """What people did on one épreuve of one dossier, in the order in which they did it."""

    assessment: Assessment
    decisions: tuple[HumanDecision, ...] = ()
    visits: tuple[Visit, ...] = ()
    reopened_at: AwareDatetime | None = None

    @property
    def dossier_id(self) -> str:
        return self.assessment.dossier_id

    @property
    def epreuve(self) -> str:
        return self.assessment.epreuve


class Case(Frozen):
    """One person's last word against the draft that it is about."""

    dossier_id: str
    epreuve: str
    criterion_id: str
    draft: Verdict
    ruled: Verdict
    reason_id: str
    finding_key: str

    @property
    def departs(self) -> bool:
        return self.ruled is not self.draft


class CriterionFigures(Frozen):
    """Units: seconds. `blind`: before the draft was shown; `people`: two persons, independently.

    `overridden`: the cases where a person departed from the draft, for those who may open them.
    """

    epreuve: str
    criterion_id: str
    with_draft: Share
    blind: Share
    people: Share
    overridden: tuple[Case, ...] = ()
    median_seconds: float | None = None
    timed: int = 0


class Shift(Frozen):
    """What people who had ruled blind did once the draft was shown.

    Of those whom the draft contradicted: `kept` theirs, `joined` the draft, went `elsewhere`;
    `left`: agreed blind, then departed. `up`, `down`: changes towards a more or a less favourable
    verdict.
    """

    blind: int = 0
    contradicted: int = 0
    kept: int = 0
    joined: int = 0
    elsewhere: int = 0
    left: int = 0
    up: int = 0
    down: int = 0


class OriginFigures(Frozen):
    """Agreement with the drafts of one origin, and when people ruled on them."""

    origin: Origin
    with_draft: Share
    first: AwareDatetime
    last: AwareDatetime


class ReaderFigures(Frozen):
    """How one person confirms drafts. Units: seconds.

    `untouched`: confirmations made within `quick` seconds with no quote, page or prose opened.
    """

    person: str
    rulings: int
    untouched: Share
    median_seconds: float | None


class Statistics(Frozen):
    """All figures of an installation. `readings`: how many épreuves they come from."""

    readings: int
    with_draft: Share
    blind: Share
    people: Share
    criteria: tuple[CriterionFigures, ...]
    reasons: tuple[tuple[str, int], ...]
    shift: Shift
    origins: tuple[OriginFigures, ...]
    readers: tuple[ReaderFigures, ...]

    @property
    def most_overridden(self) -> tuple[CriterionFigures, ...]:
        """The criteria that people depart from, the most often first."""
        found = [c for c in self.criteria if c.overridden]
        return tuple(sorted(found, key=lambda c: (-len(c.overridden), c.criterion_id)))


def compute(
    readings: Sequence[Reading], origins: Mapping[str, Origin], *, quick: float
) -> Statistics:
    """The figures of these readings. `origins`: by the key of the draft; `quick` in seconds."""
    cases = [case for reading in readings for case in _cases(reading)]
    blind = [case for reading in readings for case in _blind_cases(reading)]
    pairs = [pair for reading in readings for pair in _pairs(reading)]
    times = [time for reading in readings for time in _times(reading)]
    return Statistics(
        readings=sum(bool(reading.decisions) for reading in readings),
        with_draft=_agreement(cases),
        blind=_agreement(blind),
        people=share_of([same for _, _, same in pairs]),
        criteria=_criteria(cases, blind, pairs, times),
        reasons=_reasons(cases),
        shift=_shift(readings),
        origins=_origins(readings, origins),
        readers=_readers(readings, quick),
    )


_Place = tuple[str, str]  # épreuve, criterion
_Pair = tuple[str, str, bool]
_Time = tuple[str, str, float]


def _agreement(cases: Iterable[Case]) -> Share:
    return share_of([not case.departs for case in cases])


def _criteria(
    cases: Sequence[Case], blind: Sequence[Case], pairs: Sequence[_Pair], times: Sequence[_Time]
) -> tuple[CriterionFigures, ...]:
    own, before = _grouped(cases), _grouped(blind)
    same: dict[_Place, list[bool]] = {}
    for epreuve, criterion_id, agreed in pairs:
        same.setdefault((epreuve, criterion_id), []).append(agreed)
    seconds: dict[_Place, list[float]] = {}
    for epreuve, criterion_id, time in times:
        seconds.setdefault((epreuve, criterion_id), []).append(time)
    return tuple(
        CriterionFigures(
            epreuve=place[0],
            criterion_id=place[1],
            with_draft=_agreement(own.get(place, ())),
            blind=_agreement(before.get(place, ())),
            people=share_of(same.get(place, [])),
            overridden=tuple(c for c in own.get(place, ()) if c.departs),
            median_seconds=median(seconds[place]) if place in seconds else None,
            timed=len(seconds.get(place, ())),
        )
        for place in sorted({*own, *before, *same, *seconds})
    )


def _grouped(cases: Iterable[Case]) -> dict[_Place, list[Case]]:
    found: dict[_Place, list[Case]] = {}
    for case in cases:
        found.setdefault((case.epreuve, case.criterion_id), []).append(case)
    return found


def _by_criterion(reading: Reading) -> Mapping[str, list[HumanDecision]]:
    found: dict[str, list[HumanDecision]] = {}
    for decision in reading.decisions:
        found.setdefault(decision.criterion_id, []).append(decision)
    return found


def _cases(reading: Reading) -> Iterable[Case]:
    """Each reader's last word, where a draft was on their screen; arbiters settle, apart."""
    for decisions in _by_criterion(reading).values():
        for decision in latest_by_assessor(decisions).values():
            if decision.action != "adjudicate" and decision.stands:
                yield from _case(decision)


def _blind_cases(reading: Reading) -> Iterable[Case]:
    for decisions in _by_criterion(reading).values():
        for decision in _first_blind(decisions).values():
            yield from _case(decision)


def _first_blind(decisions: Sequence[HumanDecision]) -> Mapping[str, HumanDecision]:
    first: dict[str, HumanDecision] = {}
    for decision in decisions:
        if decision.action == "blind":
            first.setdefault(decision.assessor, decision)
    return first


def _case(decision: HumanDecision) -> Iterable[Case]:
    if decision.draft_verdict is not None:
        yield Case(
            dossier_id=decision.dossier_id,
            epreuve=decision.epreuve,
            criterion_id=decision.criterion_id,
            draft=decision.draft_verdict,
            ruled=decision.verdict,
            reason_id=decision.reason_id,
            finding_key=decision.finding_key,
        )


def _pairs(reading: Reading) -> Iterable[_Pair]:
    """Whether two readers agree, as they did before either could know the other's ruling."""
    for criterion_id, decisions in _by_criterion(reading).items():
        until = reading.reopened_at
        alone = [
            d
            for d in decisions
            if d.action != "adjudicate" and (until is None or d.decided_at < until)
        ]
        words = latest_by_assessor(alone).values()
        for one, other in combinations((d.verdict for d in words), 2):
            yield reading.epreuve, criterion_id, one is other


def _times(reading: Reading) -> Iterable[_Time]:
    """Seconds that each person spent on each criterion that they ruled on, all stays together."""
    ruled = {(d.criterion_id, d.assessor) for d in reading.decisions}
    spent: dict[tuple[str, str], float] = {}
    for visit in reading.visits:
        place = visit.criterion_id, visit.person
        spent[place] = spent.get(place, 0.0) + visit.seconds
    for (criterion_id, person), seconds in spent.items():
        if (criterion_id, person) in ruled and seconds > 0:
            yield reading.epreuve, criterion_id, seconds


def _reasons(cases: Iterable[Case]) -> tuple[tuple[str, int], ...]:
    """The reasons of the overrides by their place in the short list; empty: in free words."""
    counted = Counter(case.reason_id for case in cases if case.departs)
    return tuple(sorted(counted.items(), key=lambda item: (-item[1], item[0])))


def _shift(readings: Iterable[Reading]) -> Shift:
    counts: Counter[str] = Counter()
    for reading in readings:
        for decisions in _by_criterion(reading).values():
            for person, first in _first_blind(decisions).items():
                counts.update(_moves(first, shift(decisions, person)))
    return Shift(**counts)


def _moves(first: HumanDecision, moved: tuple[Verdict, Verdict] | None) -> Iterable[str]:
    if moved is None:
        return
    before, after = moved
    yield "blind"
    if before is not first.draft_verdict:
        yield "contradicted"
        yield _outcome(before, after, first.draft_verdict)
    elif after is not before:
        yield "left"
    if before in _SCALE and after in _SCALE and after is not before:
        yield "up" if _SCALE.index(after) > _SCALE.index(before) else "down"


def _outcome(before: Verdict, after: Verdict, draft: Verdict | None) -> str:
    if after is before:
        return "kept"
    return "joined" if after is draft else "elsewhere"


def _origins(
    readings: Iterable[Reading], origins: Mapping[str, Origin]
) -> tuple[OriginFigures, ...]:
    found: dict[Origin, list[tuple[AwareDatetime, bool]]] = {}
    for reading in readings:
        for decisions in _by_criterion(reading).values():
            for decision in latest_by_assessor(decisions).values():
                origin = origins.get(decision.finding_key)
                if origin is None or decision.action == "adjudicate" or not decision.stands:
                    continue
                same = decision.verdict is decision.draft_verdict
                found.setdefault(origin, []).append((decision.decided_at, same))
    figures = (
        OriginFigures(
            origin=origin,
            with_draft=share_of([same for _, same in ruled]),
            first=min(at for at, _ in ruled),
            last=max(at for at, _ in ruled),
        )
        for origin, ruled in found.items()
    )
    return tuple(sorted(figures, key=lambda f: f.first))


def _readers(readings: Sequence[Reading], quick: float) -> tuple[ReaderFigures, ...]:
    visits = [v for reading in readings for v in reading.visits if v.outcome and v.draft_shown]
    names = sorted({visit.person for visit in visits}, key=str.casefold)
    return tuple(_reader(name, [v for v in visits if v.person == name], quick) for name in names)


def _reader(name: str, visits: Sequence[Visit], quick: float) -> ReaderFigures:
    accepted = [visit for visit in visits if visit.outcome == "accept"]
    return ReaderFigures(
        person=name,
        rulings=len(visits),
        untouched=share_of([v.untouched and v.seconds <= quick for v in accepted]),
        median_seconds=median(v.seconds for v in visits) if visits else None,
    )
