"""Counts what is left to draft of a planned dossier, and foresees what it will take."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

from assistant.app.cohort.overview import PlannedDossier
from assistant.cohort import BlankRequests, Calibration, Estimate, Estimator, RequestShape
from assistant.domain.cohort import DossierPlan, PlannedCriterion, SpendingRecord
from assistant.ports import GroupJudge, Judge
from assistant.review import planned_key
from assistant.settings import Settings

if TYPE_CHECKING:
    from assistant.app.cohort.desk import CohortDesk

_EMBEDDED_SECONDS: Final = 0.05


class Counting:
    """For one judge. Nothing is opened: the keys are those of the plan's files."""

    def __init__(self, desk: "CohortDesk", judge: Judge, estimator: Estimator) -> None:
        self._desk = desk
        self._judge = judge
        self._engine = judge.engine
        self._estimator = estimator

    def of(self, plan: DossierPlan) -> PlannedDossier:
        readable = [planned for planned in plan.criteria if planned.files.deliverables]
        groups = [
            group
            for epreuve in dict.fromkeys(planned.epreuve for planned in readable)
            for group in self._groups(epreuve, [p for p in readable if p.epreuve == epreuve])
        ]
        keys = [self._keys(plan.dossier_id, group) for group in groups]
        drafted = self._desk.cohorts.drafted([key for each in keys for key in each])
        due = [
            group
            for group, each in zip(groups, keys, strict=True)
            if any(key not in drafted for key in each)
        ]
        return PlannedDossier(
            dossier_id=plan.dossier_id,
            name=plan.label,
            folder=Path(plan.folder),
            criteria=len(plan.criteria),
            pending=sum(key not in drafted for each in keys for key in each),
            stale=sum(not shown for shown in drafted.values()),
            unread=len(plan.criteria) - len(readable),
            epreuves=tuple(dict.fromkeys(p.epreuve for p in plan.criteria)),
            problem_fr=plan.problem_fr,
            estimate=self._estimate(due, plan.characters),
        )

    def _groups(
        self, epreuve: str, planned: Sequence[PlannedCriterion]
    ) -> Iterator[tuple[PlannedCriterion, ...]]:
        """The criteria that the judge asks about together: each alone, for most."""
        by_id = {one.criterion_id: one for one in planned}
        if not isinstance(self._judge, GroupJudge):
            yield from ((one,) for one in planned)
            return
        for criteria in self._judge.together(self._desk.rubrics.rubric(epreuve)):
            if group := tuple(by_id[c.id] for c in criteria if c.id in by_id):
                yield group

    def _keys(self, dossier_id: str, group: Sequence[PlannedCriterion]) -> list[str]:
        """As `EpreuveRunner` will compute them with the files open."""
        rubric = self._desk.rubrics.rubric(group[0].epreuve)
        members = [(rubric.critere(one.criterion_id), one.files) for one in group]
        return [
            planned_key(
                files,
                self._desk.rubrics.certification,
                rubric.id,
                criterion,
                self._engine,
                dossier_id=dossier_id,
                tools=self._desk.tools,
                together=members if len(members) > 1 else (),
            )
            for criterion, files in members
        ]

    def _estimate(
        self, due: Sequence[tuple[PlannedCriterion, ...]], characters: Mapping[str, int]
    ) -> Estimate:
        total = Estimate()
        for epreuve in dict.fromkeys(group[0].epreuve for group in due):
            rubric = self._desk.rubrics.rubric(epreuve)
            criteria = {criterion.id: criterion for criterion in rubric.criteres}
            mine = [group for group in due if group[0].epreuve == epreuve]
            total = sum(self._estimator.epreuve(mine, criteria, characters), total)
        return total


def embedded_estimator() -> Estimator:
    """Without a model, only computing takes time."""
    return Estimator(RequestShape(by_model=False, seconds_per_criterion=_EMBEDDED_SECONDS))


def model_estimator(
    settings: Settings, records: Sequence[SpendingRecord], blank: BlankRequests
) -> Estimator:
    """As the mode asks, corrected by what the same model has used before."""
    return Estimator(request_shape(settings), Calibration.of(records), blank)


def request_shape(settings: Settings) -> RequestShape:
    """How the mode asks, as far as an estimate needs to know."""
    room = settings.llm_context_tokens - min(
        settings.llm_max_output_tokens, settings.llm_context_tokens // 2
    )
    from assistant.adapters.llm import ModeOptions  # heavy, and of no use to the embedded engine

    options = ModeOptions(mode=settings.llm_mode, useful_tokens=settings.llm_useful_tokens)
    return RequestShape(
        room=min(room, options.useful or room),
        readings=settings.llm_votes if settings.llm_mode == "votes" else 1,
    )
