"""How often drafts of a kind agreed with gold labels: measured on a set, never promised.

A kind is made of what anyone can observe on a finding: its verdict, whether each ★ attendu has an
exact quote, what the conclusive checks say, whether several readings agree. No figure is shown
for a judge, a prompt, a setting or a grid other than those that were measured.
"""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from typing import Final, Literal, Self

from pydantic import Field, model_validator

from assistant.domain.abstention import AbstentionReason
from assistant.domain.finding import CheckOutcome, CriterionFinding, EngineId
from assistant.domain.verdict import Verdict
from ingest.types import Frozen

Feature = Literal["verdict", "citations", "controles", "lectures"]

#: The groupings, finest first: a draft is given the first that has a large enough sample.
LEVELS: Final[tuple[tuple[Feature, ...], ...]] = (
    ("verdict", "citations", "controles", "lectures"),
    ("verdict", "citations", "lectures"),
    ("verdict",),
)
_WORDS: Final[Mapping[tuple[Feature, str], str]] = {
    ("citations", "toutes"): "une citation exacte pour chaque attendu ★",
    ("citations", "certaines"): "une citation exacte pour certains attendus ★ seulement",
    ("citations", "aucune"): "aucune citation exacte pour les attendus ★",
    ("controles", "ecart"): "un contrôle concluant en écart",
    ("controles", "conformes"): "les contrôles concluants conformes",
    ("controles", "muets"): "aucun contrôle concluant",
    ("lectures", "concordantes"): "des lectures concordantes",
    ("lectures", "partagees"): "des lectures partagées",
}


class DraftKind(Frozen):
    """What can be observed of a draft."""

    verdict: Verdict
    citations: Literal["toutes", "certaines", "aucune"]
    controles: Literal["ecart", "conformes", "muets"]
    lectures: Literal["une", "concordantes", "partagees"]

    @classmethod
    def of(cls, finding: CriterionFinding) -> Self:
        return cls(
            verdict=finding.verdict,
            citations=_quotes(finding),
            controles=_checks(finding),
            lectures=_readings(finding),
        )

    def at(self, level: Sequence[Feature]) -> dict[Feature, str]:
        """The values of these features."""
        return {feature: str(getattr(self, feature)) for feature in level}


class Band(Frozen):
    """The drafts of one kind: how many, of how many candidates, how many agreed with the label.

    `low` and `high` bound the share of agreement at 95 %, candidates being resampled; they are
    None when the sample is too small, and `note_fr` says so.
    """

    features: dict[Feature, str]
    size: int = Field(ge=1)
    candidates: int = Field(ge=1)
    agreed: int = Field(ge=0)
    low: float | None = Field(default=None, ge=0, le=1)
    high: float | None = Field(default=None, ge=0, le=1)
    note_fr: str = ""

    @model_validator(mode="after")
    def _is_bounded_or_says_why_not(self) -> Self:
        if (self.low is None or self.high is None) and not self.note_fr:
            raise ValueError("a band without an interval says why")
        if self.agreed > self.size:
            raise ValueError("no more drafts agree than there are")
        return self

    @property
    def share(self) -> float:
        return self.agreed / self.size

    @property
    def may_be_shown(self) -> bool:
        return self.low is not None and self.high is not None

    @property
    def kind_fr(self) -> str:
        """« une citation exacte pour chaque attendu ★, aucun contrôle concluant »; may be empty."""
        words = (_WORDS.get((name, value), "") for name, value in self.features.items())
        return ", ".join(word for word in words if word)


class BandTable(Frozen):
    """The bands of one judge on one set, and what they hold for.

    `rubrics`: content hash of each épreuve's grid. `authors`: who made the labels, 0 when unknown.
    """

    format: Literal["preuve/bandes/1"] = "preuve/bandes/1"
    set_name: str
    set_title: str = ""
    set_version: str
    labels_hash: str
    labels: int
    candidates: int
    authors: int = 0
    command: str
    measured_on: dt.date
    engine: EngineId
    rubrics: dict[str, str]
    bands: tuple[Band, ...]

    def holds_for(self, finding: CriterionFinding) -> bool:
        """Whether the finding was made by this very judge on this very grid."""
        made = finding.provenance
        return made.engine == self.engine and self.rubrics.get(made.rubric) == made.rubric_hash

    def band_of(self, kind: DraftKind) -> Band | None:
        """The finest band with a large enough sample; None when there is none."""
        for level in LEVELS:
            wanted = kind.at(level)
            for band in self.bands:
                if band.features == wanted and band.may_be_shown:
                    return band
        return None


def sentence_fr(finding: CriterionFinding, tables: Sequence[BandTable]) -> str:
    """What drafts like this one were worth on the evaluation set; empty when nobody knows.

    An abstention is no verdict: nothing is said of it.
    """
    if finding.verdict is Verdict.NOT_ASSESSABLE:
        return ""
    for table in sorted(tables, key=lambda table: table.measured_on, reverse=True):
        if table.holds_for(finding):
            band = table.band_of(DraftKind.of(finding))
            return _sentence(table, band) if band else ""
    return ""


def _sentence(table: BandTable, band: Band) -> str:
    authors = {0: "", 1: ", un seul auteur"}.get(table.authors, f", {table.authors} auteurs")
    kind = f" ({band.kind_fr})" if band.kind_fr else ""
    low, high = round(100 * (band.low or 0)), round(100 * (band.high or 0))
    return (
        f"Sur l'échantillon d'évaluation ({table.labels} étiquettes{authors}), les propositions de "
        f"ce genre{kind} concordaient {round(10 * band.share)} fois sur 10 : {band.agreed} sur "
        f"{band.size}, de {low} à {high} % à 95 %. Ce n'est pas une probabilité pour ce dossier."
    )


def _quotes(finding: CriterionFinding) -> Literal["toutes", "certaines", "aucune"]:
    starred = [attendu for attendu in finding.attendus if attendu.etoile]
    proven = [any(item.match == "exact" for item in attendu.evidence) for attendu in starred]
    if all(proven) and proven:
        return "toutes"
    return "certaines" if any(proven) else "aucune"


def _checks(finding: CriterionFinding) -> Literal["ecart", "conformes", "muets"]:
    outcomes = {check.outcome for check in finding.checks if check.strength == "C"}
    if CheckOutcome.DISCREPANCY in outcomes:
        return "ecart"
    return "conformes" if CheckOutcome.OK in outcomes else "muets"


def _readings(finding: CriterionFinding) -> Literal["une", "concordantes", "partagees"]:
    if finding.provenance.engine.parameters.get("mode") != "votes":
        return "une"
    split = any(_is_split(finding))
    return "partagees" if split else "concordantes"


def _is_split(finding: CriterionFinding) -> Iterator[bool]:
    for attendu in finding.attendus:
        yield attendu.reason is AbstentionReason.SPLIT_VOTES
        yield "[Lectures partagées" in attendu.justification
