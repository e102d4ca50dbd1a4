"""The queue in one query, over columns alone: no draft and no decision is read again."""

from typing import Any

from sqlalchemy import Integer, Select, and_, case, cast, func, select
from sqlalchemy.orm import Session
from sqlalchemy.sql.elements import ColumnElement
from sqlalchemy.sql.selectable import Subquery

from assistant.adapters.sql_desk_models import (
    AssessmentRow,
    CriterionFactsRow,
    EpreuveFactsRow,
    RulingRow,
    WorksheetRow,
)
from assistant.domain.attention import Attention
from assistant.domain.verdict import Verdict, VerdictRule

Figures = dict[str, Any]
_COUNTED = ("drafted", "settled", "disputed", "ruled", "mine", "stale", "to_review")


def queue_rows(
    session: Session, person: str, readers: int, rule: VerdictRule
) -> list[tuple[str, str, str | None, Figures]]:
    """For each épreuve: its dossier, its id, its assessment's JSON and its figures."""
    return [
        (
            row["dossier_id"],
            row["epreuve"],
            row["body"],
            {
                "flagged": row["flagged"],
                **{name: row[name] or 0 for name in _COUNTED},
                "reasons": {
                    reason: row[reason.value]
                    for reason in Attention
                    if reason is not Attention.INJECTION and row[reason.value]
                },
            },
        )
        for row in session.execute(_statement(person, readers, rule)).mappings()
    ]


def _statement(person: str, readers: int, rule: VerdictRule) -> Select[Any]:
    drafts = _drafts(rule)
    rulings = _by_epreuve(_by_criterion(person), readers)
    marks = _marks(person)
    facts = EpreuveFactsRow
    return (
        select(
            facts.dossier_id,
            facts.epreuve,
            facts.flagged,
            AssessmentRow.body,
            *(column for column in drafts.c if column.name not in ("dossier_id", "epreuve")),
            *(column for column in rulings.c if column.name not in ("dossier_id", "epreuve")),
            marks.c.to_review,
        )
        .outerjoin(AssessmentRow, _same(AssessmentRow, facts))
        .outerjoin(drafts, _same(drafts.c, facts))
        .outerjoin(rulings, _same(rulings.c, facts))
        .outerjoin(marks, _same(marks.c, facts))
        .order_by(facts.updated_at.desc(), facts.dossier_id, facts.epreuve)
    )


def _same(left: Any, right: Any) -> ColumnElement[bool]:
    return and_(left.dossier_id == right.dossier_id, left.epreuve == right.epreuve)


def _count(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return func.sum(case((condition, 1), else_=0))


def _drafts(rule: VerdictRule) -> Subquery:
    """How many criteria of each épreuve ask for attention, by reason.

    The conditions are those of `DraftFacts.attention`; a test compares the two.
    """
    row = CriterionFactsRow
    conditions: dict[Attention, ColumnElement[bool]] = {
        Attention.FAILURE: row.verdict.is_(None),
        Attention.CONTRADICTION: row.contradicted > 0,
        Attention.REJECTED: row.rejected > 0,
        Attention.NEAR: and_(
            row.verdict == Verdict.NOT_MET.value,
            row.starred > 0,
            row.touched + 1 >= rule.partiel_au_moins_partiels * row.starred,
        ),
        Attention.ABSTENTION: row.verdict == Verdict.NOT_ASSESSABLE.value,
        Attention.COVERAGE: row.coverage < 1.0,
    }
    return (
        select(
            row.dossier_id,
            row.epreuve,
            func.count().label("drafted"),
            *(_count(condition).label(reason.value) for reason, condition in conditions.items()),
        )
        .group_by(row.dossier_id, row.epreuve)
        .subquery()
    )


def _by_criterion(person: str) -> Subquery:
    """Where the rulings of each criterion stand, as `final_decision` and `is_disputed` say."""
    row, facts = RulingRow, CriterionFactsRow
    adjudicated = case((row.adjudicates == 1, row.verdict))
    return (
        select(
            row.dossier_id,
            row.epreuve,
            func.count(row.verdict).label("people"),
            func.count(func.distinct(row.verdict)).label("verdicts"),
            func.min(row.stands).label("stands"),
            func.count(func.distinct(adjudicated)).label("adjudicated"),
            func.max(cast(row.assessor == person, Integer)).label("mine"),
            func.max(
                case(
                    (and_(facts.finding_key.is_not(None), facts.finding_key != row.finding_key), 1),
                    else_=0,
                )
            ).label("stale"),
        )
        .outerjoin(facts, and_(_same(facts, row), facts.criterion_id == row.criterion_id))
        .where(row.verdict.is_not(None))
        .group_by(row.dossier_id, row.epreuve, row.criterion_id)
        .subquery()
    )


def _by_epreuve(criteria: Subquery, readers: int) -> Subquery:
    c = criteria.c
    agreed = and_(c.adjudicated == 0, c.people >= readers, c.verdicts == 1, c.stands == 1)
    disputed = case((c.adjudicated > 0, c.adjudicated), else_=c.verdicts) > 1
    return (
        select(
            c.dossier_id,
            c.epreuve,
            _count(agreed | (c.adjudicated == 1)).label("settled"),
            _count(disputed).label("disputed"),
            func.count().label("ruled"),
            func.sum(c.mine).label("mine"),
            func.sum(c.stale).label("stale"),
        )
        .group_by(c.dossier_id, c.epreuve)
        .subquery()
    )


def _marks(person: str) -> Subquery:
    row = WorksheetRow
    return (
        select(row.dossier_id, row.epreuve, func.sum(row.to_review).label("to_review"))
        .where(row.author == person)
        .group_by(row.dossier_id, row.epreuve)
        .subquery()
    )
