"""What the desk's use tells: tables, with a picture of each interval."""

from typing import Final

from fastapi import APIRouter, Request
from starlette.responses import Response

from assistant.domain.access import Action, may
from assistant.domain.statistics import Case, CriterionFigures
from assistant.reporting.statistics import reason_fr, seconds_fr, share_fr, statistics_csv
from assistant.web.policy import Visible, needs
from assistant.web.rendering import render
from assistant.web.routes.exports import attachment
from assistant.web.site import person_of, site_of

router = APIRouter()

#: How many criteria are listed with their cases, and how many cases of each.
_CRITERIA: Final = 10
_CASES: Final = 12


@router.get("/statistiques", dependencies=[needs(Action.SEE_STATISTICS)])
def page(request: Request) -> Response:
    """Agreement, overrides, time and changes of mind; the cases that this person may open."""
    site, person = site_of(request), person_of(request)
    visible = Visible(site, person)
    figures = site.statistics.figures()

    def opened(one: CriterionFigures) -> tuple[CriterionFigures, list[Case], int]:
        """The cases that may be opened, once each, and how many may not."""
        may_be = [c for c in one.overridden if visible.epreuve(c.dossier_id, c.epreuve)]
        links = {(c.dossier_id, c.draft, c.ruled): c for c in may_be}
        return one, list(links.values()), len(one.overridden) - len(may_be)

    certification = site.app.rubrics.certification
    return render(
        request,
        "statistiques.html.jinja",
        figures=figures,
        certification=certification,
        texts={c.id: c.texte for rubric in site.app.rubrics.rubrics for c in rubric.criteres},
        titles={rubric.id: rubric.titre for rubric in site.app.rubrics.rubrics},
        reasons=[(reason_fr(certification.relecture, key), n) for key, n in figures.reasons],
        overridden=[opened(one) for one in figures.most_overridden[:_CRITERIA]],
        shown_cases=_CASES,
        least=site.statistics.least,
        quick=site.statistics.quick,
        share_fr=share_fr,
        seconds_fr=seconds_fr,
        with_readers=may(person.role, Action.SEE_READERS),
    )


@router.get("/statistiques.csv", dependencies=[needs(Action.SEE_STATISTICS)])
def table(request: Request) -> Response:
    """The figures of each criterion, for a spreadsheet."""
    statistics = site_of(request).statistics
    data = statistics_csv(statistics.figures(), statistics.least)
    return attachment("statistiques.csv", data, "text/csv; charset=utf-8")
