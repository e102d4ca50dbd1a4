"""The filled-in grid of one épreuve: what was drafted, what was decided, and by whom.

A draft until every criterion is settled by people; then final. Nothing here computes an overall
result: the jury does.
"""

from collections.abc import Mapping, Sequence
from typing import Annotated, Literal, Self

from pydantic import AwareDatetime, Field, model_validator

from assistant.domain.bands import BandTable, sentence_fr
from assistant.domain.decision import HumanDecision, final_decision, is_disputed
from assistant.domain.dossier import DossierSummary
from assistant.domain.finding import CriterionFinding, Finding, FindingFailure
from assistant.domain.rubric import (
    Bloc,
    Certification,
    Competence,
    CriteriaGroup,
    Criterion,
    Rubric,
    RubricSet,
)
from ingest.types import Frozen

#: The forms a grid is exported in.
ExportKind = Literal["docx", "pdf", "json"]

AnyFinding = Annotated[CriterionFinding | FindingFailure, Field(discriminator="kind")]


class CriterionEntry(Frozen):
    """One criterion with its draft (None before any review), its rulings, and the settled one.

    `calibration_fr`: what drafts of this kind were worth on an evaluation set; empty when that was
    not measured for the judge that made this one.
    """

    criterion: Criterion
    finding: AnyFinding | None = None
    decisions: tuple[HumanDecision, ...] = ()
    decision: HumanDecision | None = None
    calibration_fr: str = ""

    @property
    def disputed(self) -> bool:
        """Whether people have ruled, and do not agree."""
        return self.decision is None and is_disputed(self.decisions)

    @property
    def upheld(self) -> CriterionFinding | None:
        """The draft, when people settled on its verdict; None when they departed from it."""
        draft = self.finding
        if self.decision is None or not isinstance(draft, CriterionFinding):
            return None
        return draft if draft.verdict is self.decision.verdict else None

    @property
    def printed_justification(self) -> str:
        """What a person wrote to be printed, or else the words of the draft that they upheld."""
        if self.decision is None:
            return ""
        return self.decision.justification or (
            self.upheld.printable_rationale if self.upheld else ""
        )


class GroupEntry(Frozen):
    """A criteria group, in the order of the référentiel."""

    id: str
    titre: str
    entries: tuple[CriterionEntry, ...]


class Report(Frozen):
    """The grid of one épreuve of one dossier, at one time."""

    status: Literal["brouillon", "complet"]
    generated_at: AwareDatetime
    certification: Certification
    bloc: Bloc
    competences: tuple[Competence, ...]
    rubric: Rubric
    dossier: DossierSummary
    groups: tuple[GroupEntry, ...]

    @property
    def entries(self) -> tuple[CriterionEntry, ...]:
        return tuple(entry for group in self.groups for entry in group.entries)

    @property
    def decided(self) -> int:
        """How many criteria people have settled."""
        return sum(entry.decision is not None for entry in self.entries)

    @model_validator(mode="after")
    def _complete_means_settled(self) -> Self:
        if self.status == "complet" and self.decided < len(self.entries):
            raise ValueError("a complete report has every criterion settled")
        return self


def build_report(
    rubrics: RubricSet,
    epreuve: str,
    dossier: DossierSummary,
    findings: Mapping[str, Finding],
    decisions: Sequence[HumanDecision],
    now: AwareDatetime,
    *,
    bands: Sequence[BandTable] = (),
) -> Report:
    """Put drafts and rulings side by side. `findings` is keyed by criterion id.

    `bands`: what was measured of the judges that may have made these drafts.
    Raises: `KeyError` for an épreuve that the certification does not have.
    """
    rubric = rubrics.rubric(epreuve)
    readers = rubrics.certification.relecture.evaluateurs
    groups = tuple(_group(group, findings, decisions, readers, bands) for group in rubric.groupes)
    settled = all(e.decision is not None for group in groups for e in group.entries)
    return Report(
        status="complet" if settled else "brouillon",
        generated_at=now,
        certification=rubrics.certification,
        bloc=rubrics.certification.bloc_de(epreuve),
        competences=tuple(rubrics.certification.competence(c) for c in rubric.competences),
        rubric=rubric,
        dossier=dossier,
        groups=groups,
    )


def _group(
    group: CriteriaGroup,
    findings: Mapping[str, Finding],
    decisions: Sequence[HumanDecision],
    readers: int,
    bands: Sequence[BandTable],
) -> GroupEntry:
    entries = []
    for criterion in group.criteres:
        ruled = tuple(d for d in decisions if d.criterion_id == criterion.id)
        draft = findings.get(criterion.id)
        worth = sentence_fr(draft, bands) if isinstance(draft, CriterionFinding) else ""
        entries.append(
            CriterionEntry(
                criterion=criterion,
                finding=draft,
                decisions=ruled,
                decision=final_decision(ruled, readers),
                calibration_fr=worth,
            )
        )
    return GroupEntry(id=group.id, titre=group.titre, entries=tuple(entries))
