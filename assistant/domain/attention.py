"""What an evaluator should look at first in a draft, told without reading it again."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from assistant.domain.finding import AttenduFinding, CheckOutcome, CriterionFinding, Finding
from assistant.domain.verdict import Verdict, VerdictRule
from ingest.types import Frozen

#: What a computed check may bear on: a status of full satisfaction.
_FULL: Final = 2


class Attention(StrEnum):
    """Why a criterion asks for a person's eye, the most pressing first."""

    INJECTION = "injection"
    FAILURE = "echec"
    CONTRADICTION = "controle"
    REJECTED = "citations"
    NEAR = "seuil"
    ABSTENTION = "abstention"
    COVERAGE = "couverture"

    @property
    def label_fr(self) -> str:
        return _LABELS[self]


_LABELS: Final[Mapping[Attention, str]] = {
    Attention.INJECTION: "passage adressé à l'assistant",
    Attention.FAILURE: "échec de l'examen",
    Attention.CONTRADICTION: "contrôle contre proposition",
    Attention.REJECTED: "citation rejetée",
    Attention.NEAR: "non acquis proche du seuil",
    Attention.ABSTENTION: "abstention",
    Attention.COVERAGE: "lecture incomplète",
}


class DraftFacts(Frozen):
    """A draft in a few figures, kept beside it so that a queue of thousands reads no draft.

    `key` and `verdict` are None for a failure. `contradicted`: computed checks that go against
    what the draft says; `starred`, `touched`: determining attendus, and those at least partly
    met. Units: `coverage`, 0 to 1.
    """

    key: str | None = None
    verdict: Verdict | None = None
    contradicted: int = 0
    rejected: int = 0
    coverage: float = 1.0
    starred: int = 0
    touched: int = 0

    @classmethod
    def of(cls, finding: Finding) -> "DraftFacts":
        if not isinstance(finding, CriterionFinding):
            return cls()
        starred = [attendu for attendu in finding.attendus if attendu.etoile]
        return cls(
            key=finding.provenance.key,
            verdict=finding.verdict,
            contradicted=_contradicted(finding),
            rejected=len(finding.rejected),
            coverage=finding.search.coverage,
            starred=len(starred),
            touched=sum((attendu.status.rank or 0) > 0 for attendu in starred),
        )

    @property
    def failed(self) -> bool:
        return self.verdict is None

    def near(self, rule: VerdictRule) -> bool:
        """Whether one more attendu, even partly met, would have changed « non acquis »."""
        wanted = rule.partiel_au_moins_partiels * self.starred
        return self.verdict is Verdict.NOT_MET and self.starred > 0 and self.touched + 1 >= wanted

    def attention(self, rule: VerdictRule) -> tuple[Attention, ...]:
        """The reasons to look at this criterion first, the most pressing first."""
        reasons = {
            Attention.FAILURE: self.failed,
            Attention.CONTRADICTION: self.contradicted > 0,
            Attention.REJECTED: self.rejected > 0,
            Attention.NEAR: self.near(rule),
            Attention.ABSTENTION: self.verdict is Verdict.NOT_ASSESSABLE,
            Attention.COVERAGE: self.coverage < 1.0,
        }
        return tuple(reason for reason in Attention if reasons.get(reason))


def _contradicted(finding: CriterionFinding) -> int:
    """Checks that found a discrepancy where the draft is satisfied. Locating ones say nothing."""
    attendus = {attendu.numero: attendu for attendu in finding.attendus}
    return sum(
        check.outcome is CheckOutcome.DISCREPANCY
        and check.strength != "R"
        and _satisfied(finding, attendus.get(check.attendu or 0))
        for check in finding.checks
    )


def _satisfied(finding: CriterionFinding, attendu: AttenduFinding | None) -> bool:
    if attendu is None:
        return finding.verdict is Verdict.MET
    return attendu.status.rank == _FULL
