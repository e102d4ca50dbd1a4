"""Cohorts: how far each is, the way to any of its criteria, and the runs: begun, paused."""

from datetime import timedelta
from pathlib import Path
from typing import Annotated, Final

from fastapi import APIRouter, Form, Request
from pydantic import BaseModel
from starlette.responses import RedirectResponse, Response

from assistant.app import JudgeName
from assistant.app.cohort import CohortFollower, RunForm
from assistant.domain.access import Action
from assistant.domain.cohort import CriterionState
from assistant.domain.person import Role
from assistant.errors import BudgetUnusable, CohortBusy, CohortEntrusted, CohortInvalid
from assistant.web.errors import status_of
from assistant.web.policy import Visible, allowed, needs
from assistant.web.rendering import render
from assistant.web.routes.desk import criterion_path
from assistant.web.site import Site, person_of, site_of
from ingest.errors import IngestError, UserFacingError

router = APIRouter()

#: What a person can mend on the form they have sent.
_MENDABLE: Final = (BudgetUnusable, CohortBusy, CohortEntrusted, CohortInvalid, IngestError)


class Prepared(BaseModel):
    """The form that prepares a cohort: one of those offered, or the path of one."""

    moteur: JudgeName
    choix: str = ""
    chemin: str = ""


class Run(BaseModel):
    """The form that runs a cohort. `geste`: « estimer » asks what a run would take."""

    moteur: JudgeName
    geste: str = "lancer"
    budget: str = ""
    pilote: str = ""


@router.get("/cohortes", dependencies=[needs(Action.FOLLOW_COHORTS)])
def every_cohort(request: Request) -> Response:
    """The cohorts that were planned on this installation."""
    return _every(request)


@router.post("/cohortes", dependencies=[needs(Action.RUN_COHORTS)])
def prepare(request: Request, asked: Annotated[Prepared, Form()]) -> Response:
    """Begin to read a cohort's files, and to foresee what examining it would take."""
    launcher, person = site_of(request).launcher, person_of(request)
    form = RunForm(judge=asked.moteur, estimate=True)
    try:
        # A path is the word of someone who has the whole machine; others choose from a list.
        if asked.chemin.strip() and not request.state.with_accounts:
            launcher.prepare(Path(asked.chemin.strip()), form, person.name)
        else:
            launcher.prepare_offered(asked.choix, form, person.name)
    except _MENDABLE as error:
        return _every(request, error, asked)
    return RedirectResponse("/cohortes", 303)


@router.get("/cohorte/{cohort_id}", dependencies=[needs(Action.FOLLOW_COHORTS)])
def one_cohort(request: Request, cohort_id: str, epreuve: str = "") -> Response:
    """One cohort: its progress, and one épreuve's candidates and criteria.

    An evaluator sees the dossiers that they may open; whoever runs cohorts, all of them.
    """
    return _one(request, cohort_id, epreuve)


@router.post("/cohorte/{cohort_id}/lancer", dependencies=[needs(Action.RUN_COHORTS)])
def run(request: Request, cohort_id: str, asked: Annotated[Run, Form()]) -> Response:
    """Run the cohort, or say what a run would take."""
    pilot = asked.pilote.strip()
    try:
        if pilot and not (pilot.isascii() and pilot.isdigit() and int(pilot) > 0):
            raise CohortInvalid(pilot, path=cohort_id, problem=_PILOT_FR)
        form = RunForm(
            judge=asked.moteur,
            estimate=asked.geste == "estimer",
            budget=asked.budget.strip(),
            pilot=int(pilot or 0),
        )
        site_of(request).launcher.start(cohort_id, form, person_of(request).name)
    except _MENDABLE as error:
        return _one(request, cohort_id, "", error, asked)
    return RedirectResponse(f"/cohorte/{cohort_id}", 303)


@router.post("/cohorte/{cohort_id}/pause", dependencies=[needs(Action.RUN_COHORTS)])
def pause(request: Request, cohort_id: str) -> Response:
    """Ask nothing more; what was asked is waited for and kept."""
    site_of(request).launcher.pause(cohort_id, person_of(request).name)
    return RedirectResponse(f"/cohorte/{cohort_id}", 303)


_PILOT_FR: Final = "le nombre de dossiers du pilote s'écrit en chiffres, par exemple 5."


def _every(
    request: Request, error: UserFacingError | None = None, asked: Prepared | None = None
) -> Response:
    site = site_of(request)
    cohorts = _follower(site).cohorts()
    known = {cohort.id for cohort in cohorts}
    return render(
        request,
        "cohortes.html.jinja",
        status_of(error) if error else 200,
        cohorts=cohorts,
        reading=[
            (one, "" if one.under_way else site.launcher.said(one.cohort_id))
            for one in site.launcher.launched()
            if one.cohort_id not in known
        ],
        offered=site.launcher.offered(),
        problem=error.user_message if error else "",
        asked=asked,
        left_fr=left_fr,
        **_controls(request, site),
    )


def _one(
    request: Request,
    cohort_id: str,
    epreuve: str,
    error: UserFacingError | None = None,
    asked: Run | None = None,
) -> Response:
    site, person = site_of(request), person_of(request)
    follower = _follower(site)
    progress = follower.progress(cohort_id)
    rubrics = {rubric.id: rubric for rubric in site.app.rubrics.rubrics}
    known = [one for one in progress.epreuves if one in rubrics]
    chosen = epreuve if epreuve in known else next(iter(known), "")
    visible = Visible(site, person)
    every = person.role in (Role.ADMIN, Role.OPERATOR)
    rows = follower.epreuve(cohort_id, chosen)
    controls = _controls(request, site)
    return render(
        request,
        "cohorte.html.jinja",
        status_of(error) if error else 200,
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
        problem=error.user_message if error else "",
        asked=asked,
        # Files are named in them, as the candidates named them: for whoever has the folders.
        anomalies=follower.anomalies(cohort_id) if controls["runs"] else (),
        failures=follower.failures(cohort_id) if controls["runs"] else (),
        said=site.launcher.said(cohort_id) if controls["runs"] else "",
        **controls,
    )


def _controls(request: Request, site: Site) -> dict[str, object]:
    """What the forms need: whether they are shown at all, and the engines there are."""
    return {
        "runs": allowed(request, Action.RUN_COHORTS),
        "by_path": not request.state.with_accounts,
        "llm": site.settings.llm_model if site.settings.llm_configured else "",
        "judge": site.settings.judge,
    }


def _follower(site: Site) -> CohortFollower:
    return CohortFollower(site.app.cohorts(), site.launcher.under_way)


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
