"""Cohorts: how far each is, and the way to any of its criteria."""

from datetime import timedelta

from fastapi import APIRouter, Request
from starlette.responses import Response

from assistant.app.cohort import CohortFollower
from assistant.domain.access import Action
from assistant.domain.cohort import CriterionState
from assistant.domain.person import Role
from assistant.web.policy import Visible, needs
from assistant.web.rendering import render
from assistant.web.routes.desk import criterion_path
from assistant.web.site import person_of, site_of

router = APIRouter()


@router.get("/cohortes", dependencies=[needs(Action.FOLLOW_COHORTS)])
def every_cohort(request: Request) -> Response:
    """The cohorts that were planned on this installation."""
    cohorts = CohortFollower(site_of(request).app.cohorts()).cohorts()
    return render(request, "cohortes.html.jinja", cohorts=cohorts, left_fr=left_fr)


@router.get("/cohorte/{cohort_id}", dependencies=[needs(Action.FOLLOW_COHORTS)])
def one_cohort(request: Request, cohort_id: str, epreuve: str = "") -> Response:
    """One cohort: its progress, and one épreuve's candidates and criteria.

    An evaluator sees the dossiers that they may open; whoever runs cohorts, all of them.
    """
    site, person = site_of(request), person_of(request)
    follower = CohortFollower(site.app.cohorts())
    progress = follower.progress(cohort_id)
    rubrics = {rubric.id: rubric for rubric in site.app.rubrics.rubrics}
    known = [one for one in progress.epreuves if one in rubrics]
    chosen = epreuve if epreuve in known else next(iter(known), "")
    visible = Visible(site, person)
    every = person.role in (Role.ADMIN, Role.OPERATOR)
    rows = follower.epreuve(cohort_id, chosen)
    return render(
        request,
        "cohorte.html.jinja",
        cohort=progress,
        epreuve=chosen,
        epreuves=known,
        rubric=rubrics.get(chosen),
        rows=[row for row in rows if every or row.dossier_id in visible],
        visible=visible,
        states=tuple(CriterionState),
        signs=_SIGNS,
        where=criterion_path,
        left_fr=left_fr,
    )


_SIGNS = {
    CriterionState.TO_DO: "·",
    CriterionState.FAILED: "!",
    CriterionState.DRAFTED: "P",
    CriterionState.DECIDED: "✓",
}


def left_fr(left: timedelta) -> str:
    """« environ 12 min », « environ 3 h 05 »."""
    minutes = max(1, round(left.total_seconds() / 60))
    hours, minutes = divmod(minutes, 60)
    return f"environ {hours}\u00a0h\u00a0{minutes:02d}" if hours else f"environ {minutes}\u00a0min"
