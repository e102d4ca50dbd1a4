"""Findings, failures and decisions that the tests of the store and of the exports share."""

import hashlib
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

from assistant.domain.decision import HumanDecision
from assistant.domain.finding import (
    AttenduFinding,
    CheckOutcome,
    CheckResult,
    CriterionFinding,
    EngineId,
    Evidence,
    FindingFailure,
    Provenance,
    RejectedQuote,
    SearchRecord,
    Usage,
)
from assistant.domain.verdict import AttenduStatus, Verdict
from ingest.types import Channel, Locator

MOMENT = datetime(2026, 11, 24, 18, 5, 30, 123456, tzinfo=timezone(timedelta(hours=1)))
SHA = hashlib.sha256(b"a deliverable").hexdigest()
FILE = "E9.1_rapport.docx"


def evidence(quote: str, *, file: str = FILE, start: int = 40, **place: Any) -> Evidence:
    locator = Locator(file=file, **{"heading_path": ("2. Audit",), "paragraph": 3, **place})
    return Evidence(
        quote=quote,
        filename=file,
        sha256=SHA,
        start=start,
        end=start + len(quote),
        locator=locator,
        place_fr=str(locator),
    )


def provenance(key: str, *, dossier_id: str = "D-1", engine: str = "embedded") -> Provenance:
    embedded = engine == "embedded"
    return Provenance(
        key=key,
        dossier_id=dossier_id,
        file_hashes={FILE: SHA},
        certification="essai",
        rubric="E9.1",
        rubric_version="1.0",
        rubric_hash="ab" * 32,
        engine=EngineId(engine="embedded", version="embarque/1")
        if embedded
        else EngineId(
            engine="llm",
            version="llm/1",
            model="modele-local-7b",
            prompt="criterion_review.v1",
            prompt_hash="cd" * 32,
            parameters={"temperature": "0.0"},
        ),
        usage=Usage() if embedded else Usage(calls=1, input_tokens=900, output_tokens=120),
        seconds=0.25,
        created_at=MOMENT,
    )


def finding(
    key: str = "k1",
    *,
    criterion_id: str = "E9.1/audit/CE1",
    verdict: Verdict = Verdict.PARTIALLY_MET,
    quote: str = "Le marché « local » compte 3 200 abonnés.\nIl croît de 12,5 %.",
    **changes: Any,
) -> CriterionFinding:
    values: dict[str, Any] = {
        "criterion_id": criterion_id,
        "epreuve": criterion_id.partition("/")[0],
        "verdict": verdict,
        "rationale": "L'audit décrit le marché, pas l'e-réputation.",
        "attendus": (
            AttenduFinding(
                numero=1,
                texte="Analyse du marché",
                etoile=True,
                status=AttenduStatus.LOCATED,
                justification="Passage proche des mots attendus.",
                evidence=(evidence(quote),),
                rejected=(
                    RejectedQuote(quote="inventé de toutes pièces", reason_fr="introuvable"),
                ),
            ),
            AttenduFinding(
                numero=2, texte="Benchmark", etoile=False, status=AttenduStatus.NOT_LOCATED
            ),
        ),
        "checks": (
            CheckResult(
                code="DET-CALCUL",
                title_fr="Somme du budget",
                outcome=CheckOutcome.DISCREPANCY,
                strength="C",
                message_fr="Le total écrit est 1 200 €, la somme est 1 150 €.",
                observed=(evidence("1 200 €", table=1, row=4, column=2, channel=Channel.BODY),),
            ),
        ),
        "search": SearchRecord(
            queries=("audit marché",), documents=(FILE,), sections=("2. Audit",), coverage=0.9
        ),
        "missing": ("un benchmark de trois concurrents",),
        "oral_questions": ("Comment avez-vous choisi les concurrents ?",),
        "provenance": provenance(key),
    }
    return CriterionFinding(**{**values, **changes})


def failure(
    criterion_id: str = "E9.1/audit/CE2", message: str = "Le modèle n'a pas répondu."
) -> FindingFailure:
    return FindingFailure(
        criterion_id=criterion_id,
        epreuve=criterion_id.partition("/")[0],
        message_fr=message,
        error="ModelUnavailable",
        retryable=True,
        key="kf",
        failed_at=MOMENT,
    )


def decision(
    criterion_id: str = "E9.1/audit/CE1",
    *,
    dossier_id: str = "D-1",
    assessor: str = "Anne Martin",
    verdict: Verdict = Verdict.PARTIALLY_MET,
    draft: Verdict | None = Verdict.PARTIALLY_MET,
    action: str = "",
    **changes: Any,
) -> HumanDecision:
    values: dict[str, Any] = {
        "dossier_id": dossier_id,
        "epreuve": criterion_id.partition("/")[0],
        "criterion_id": criterion_id,
        "assessor": assessor,
        "action": action or ("accept" if verdict is draft else "override"),
        "verdict": verdict,
        "reason": "" if verdict is draft and not action else "Vu à l'oral.",
        "draft_verdict": draft,
        "decided_at": MOMENT,
    }
    return HumanDecision(**{**values, **changes})


class FixedClock:
    """A clock that the test sets; each reading is a minute after the last."""

    def __init__(self, start: datetime = datetime(2026, 11, 24, 17, 0, tzinfo=UTC)) -> None:
        self.time = start

    def now(self) -> datetime:
        self.time += timedelta(minutes=1)
        return self.time
