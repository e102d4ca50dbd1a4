"""When an épreuve may be signed, and what the signature is about."""

import hashlib
import json
from collections.abc import Collection, Iterator

from assistant.domain.assessment import Assessment, Obstacle
from assistant.domain.decision import HumanDecision, latest_by_assessor
from assistant.domain.finding import CriterionFinding
from assistant.domain.report import CriterionEntry, Report

#: Changes when the same facts would be written another way.
FORMAT = "preuve/releve/1"


def is_stale(entry: CriterionEntry) -> bool:
    """Whether a ruling that counts is about a draft that was made again since."""
    draft = entry.finding
    if not isinstance(draft, CriterionFinding):
        return False
    return any(d.finding_key != draft.provenance.key for d in _counting(entry))


def _counting(entry: CriterionEntry) -> list[HumanDecision]:
    latest = list(latest_by_assessor(entry.decisions).values())
    return [d for d in latest if d.action == "adjudicate"] or latest


def obstacles(
    report: Report, assessment: Assessment, to_review: Collection[str]
) -> tuple[Obstacle, ...]:
    """What must still be done before signing, in the order in which to do it.

    `to_review`: the criteria that whoever signs has marked « à revoir ».
    """
    return tuple(_obstacles(report, assessment, to_review))


def _obstacles(
    report: Report, assessment: Assessment, to_review: Collection[str]
) -> Iterator[Obstacle]:
    readers = report.certification.relecture.evaluateurs
    entries = report.entries
    if readers > 1 and not assessment.all_submitted(readers):
        yield Obstacle(cause_fr="les deux lectures à soumettre")
    disputed = tuple(e.criterion.id for e in entries if e.disputed)
    if disputed:
        yield Obstacle(cause_fr=f"{_count(len(disputed))} à arbitrer", criteria=disputed)
    undecided = tuple(
        e.criterion.id for e in entries if e.decision is None and e.criterion.id not in disputed
    )
    if undecided:
        yield Obstacle(cause_fr=f"{_count(len(undecided))} sans décision", criteria=undecided)
    stale = tuple(e.criterion.id for e in entries if e.decision is not None and is_stale(e))
    if stale:
        cause = f"{_count(len(stale))} dont la proposition a été refaite depuis la décision"
        yield Obstacle(cause_fr=cause, criteria=stale)
    marked = tuple(e.criterion.id for e in entries if e.criterion.id in to_review)
    if marked:
        yield Obstacle(cause_fr=f"{_count(len(marked))} « à revoir »", criteria=marked)


def _count(number: int) -> str:
    return f"{number} critère{'s' if number > 1 else ''}"


def canonical_record(report: Report, assessment: Assessment) -> str:
    """All that is signed, as JSON with sorted keys and no spaces: the same facts, the same bytes.

    File names are left out, which often carry a candidate's name; hashes say which files.
    """
    content = {
        "format": FORMAT,
        "dossier": report.dossier.id,
        "epreuve": report.rubric.id,
        "certification": {
            "id": report.certification.id,
            "version": report.certification.version,
            "sha256": report.certification.content_hash,
        },
        "grille": {"version": report.rubric.version, "sha256": report.rubric.content_hash},
        "fichiers": sorted(
            {
                file.sha256
                for file in report.dossier.files
                if report.rubric.id in file.epreuves or not file.epreuves
            }
        ),
        "lecteurs": list(assessment.readers),
        "arbitre": assessment.arbiter,
        "criteres": [_criterion(entry) for entry in report.entries],
    }
    return json.dumps(content, sort_keys=True, ensure_ascii=True, separators=(",", ":"))


def record_hash(record: str) -> str:
    """SHA-256 of a canonical record."""
    return hashlib.sha256(record.encode()).hexdigest()


def drafts_of(record: str) -> dict[str, str]:
    """The key of the draft that each criterion had when the record was signed."""
    content = json.loads(record)
    return {c["id"]: c["proposition"] for c in content["criteres"] if c["proposition"]}


def _criterion(entry: CriterionEntry) -> dict[str, object]:
    draft = entry.finding
    decision = entry.decision
    return {
        "id": entry.criterion.id,
        "verdict": decision.verdict.value if decision else None,
        "decide_par": decision.assessor if decision else None,
        "proposition": draft.provenance.key if isinstance(draft, CriterionFinding) else None,
        "decisions": [d.model_dump(mode="json") for d in entry.decisions],
    }
