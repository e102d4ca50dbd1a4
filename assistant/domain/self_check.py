"""What a candidate is told of a draft: what is there and where, what is thin, what is missing.

Never a verdict, a mark or a judge's words: only the grid's own attendus, the candidate's own
passages, and one thing to do.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import timedelta
from enum import StrEnum
from typing import Final

from pydantic import AwareDatetime

from assistant.domain.finding import AttenduFinding, CriterionFinding, Finding
from assistant.domain.rubric import Criterion, Rubric
from assistant.domain.verdict import AttenduStatus
from ingest.types import Frozen


class Coverage(StrEnum):
    """Where one attendu stands in a draft. The values are the words on screen."""

    COVERED = "couvert"
    THIN = "à étoffer"
    ABSENT = "pas trouvé"
    UNSEEN = "à vérifier vous-même"


_COVERAGE: Final[Mapping[AttenduStatus, Coverage]] = {
    AttenduStatus.SATISFIED: Coverage.COVERED,
    AttenduStatus.LOCATED: Coverage.COVERED,
    AttenduStatus.PARTIAL: Coverage.THIN,
    AttenduStatus.TO_CHECK: Coverage.THIN,
    AttenduStatus.ABSENT: Coverage.ABSENT,
    AttenduStatus.NOT_LOCATED: Coverage.ABSENT,
    AttenduStatus.NOT_VERIFIABLE: Coverage.UNSEEN,
}


#: An attendu that asks for something not to be there: not finding it is no news.
_WANTED_ABSENT: Final = re.compile(r"aucune?\b", re.IGNORECASE)
#: What a candidate looks at first.
_PRESSING: Final = (Coverage.ABSENT, Coverage.THIN, Coverage.UNSEEN, Coverage.COVERED)

#: Gives one thing to do on a criterion.
NextStep = Callable[[Criterion, Sequence[AttenduFinding]], str]


class Spot(Frozen):
    """A passage of the candidate's own draft, and where it stands."""

    quote: str
    place_fr: str


class AttenduCoverage(Frozen):
    """One attendu of the grid in one draft."""

    numero: int
    texte: str
    etoile: bool
    coverage: Coverage
    spots: tuple[Spot, ...] = ()


class CriterionCoverage(Frozen):
    """One criterion in one draft. `failed_fr`: why it could not be read, empty otherwise.

    `to_do_fr`: one thing to do, for every criterion that was read.
    """

    criterion_id: str
    texte: str
    attendus: tuple[AttenduCoverage, ...] = ()
    to_do_fr: str = ""
    failed_fr: str = ""

    @property
    def open(self) -> tuple[AttenduCoverage, ...]:
        """What is not covered, the most pressing first."""
        left = (a for a in self.attendus if a.coverage is not Coverage.COVERED)
        return tuple(sorted(left, key=_pressing))

    @property
    def covered(self) -> tuple[AttenduCoverage, ...]:
        return tuple(a for a in self.attendus if a.coverage is Coverage.COVERED)


class Draft(Frozen):
    """A draft handed in for a self-check. `id` names it among its owner's drafts."""

    id: str
    epreuve: str
    filenames: tuple[str, ...]
    created_at: AwareDatetime

    def expires_at(self, days: int) -> AwareDatetime:
        """When it is deleted. Units: whole days."""
        return self.created_at + timedelta(days=days)


class Change(Frozen):
    """An attendu that does not stand where it stood in the version before."""

    numero: int
    texte: str
    before: Coverage
    after: Coverage

    @property
    def better(self) -> bool:
        order = list(Coverage)
        return order.index(self.after) < order.index(self.before)


def coverage_of(
    rubric: Rubric, findings: Iterable[Finding], next_step: NextStep
) -> tuple[CriterionCoverage, ...]:
    """What is told of each criterion, in the grid's order; those not read yet are left out.

    `next_step` speaks where a finding carries no advice.
    """
    found = {finding.criterion_id: finding for finding in findings}
    return tuple(
        _criterion(criterion, found[criterion.id], next_step)
        for criterion in rubric.criteres
        if criterion.id in found
    )


def where_to_begin(
    criteria: Iterable[CriterionCoverage], most: int = 3
) -> tuple[CriterionCoverage, ...]:
    """The few criteria to look at first: those where something determining was not found."""
    left = [criterion for criterion in criteria if criterion.open]
    return tuple(sorted(left, key=lambda criterion: _pressing(criterion.open[0]))[:most])


def changes(
    before: Iterable[CriterionCoverage], after: Iterable[CriterionCoverage]
) -> dict[str, tuple[Change, ...]]:
    """What moved from one version to the next, by criterion id; still criteria are left out."""
    old = {
        (criterion.criterion_id, attendu.numero): attendu.coverage
        for criterion in before
        for attendu in criterion.attendus
    }
    moved: dict[str, tuple[Change, ...]] = {}
    for criterion in after:
        found = tuple(
            Change(numero=a.numero, texte=a.texte, before=was, after=a.coverage)
            for a in criterion.attendus
            if (was := old.get((criterion.criterion_id, a.numero), a.coverage)) is not a.coverage
        )
        if found:
            moved[criterion.criterion_id] = found
    return moved


def _criterion(criterion: Criterion, finding: Finding, next_step: NextStep) -> CriterionCoverage:
    if not isinstance(finding, CriterionFinding):
        return CriterionCoverage(
            criterion_id=criterion.id, texte=criterion.texte, failed_fr=finding.message_fr
        )
    return CriterionCoverage(
        criterion_id=criterion.id,
        texte=criterion.texte,
        attendus=tuple(_attendu(attendu) for attendu in finding.attendus),
        to_do_fr=finding.advice_fr or next_step(criterion, finding.attendus),
    )


def _pressing(attendu: AttenduCoverage) -> tuple[int, bool]:
    return _PRESSING.index(attendu.coverage), not attendu.etoile


def _coverage(attendu: AttenduFinding) -> Coverage:
    coverage = _COVERAGE[attendu.status]
    if coverage is Coverage.ABSENT and _WANTED_ABSENT.match(attendu.texte):
        return Coverage.UNSEEN
    return coverage


def _attendu(attendu: AttenduFinding) -> AttenduCoverage:
    return AttenduCoverage(
        numero=attendu.numero,
        texte=attendu.texte,
        etoile=attendu.etoile,
        coverage=_coverage(attendu),
        spots=tuple(Spot(quote=e.quote, place_fr=e.place_fr) for e in attendu.evidence),
    )
