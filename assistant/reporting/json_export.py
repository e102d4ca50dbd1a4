"""The whole report as JSON, for programs and for the audit trail."""

import json
from typing import Any, Final

from assistant.domain.assessment import Signature
from assistant.domain.finding import CriterionFinding
from assistant.domain.report import CriterionEntry, Report

#: Changes when a program that reads the previous form could no longer read this one.
FORMAT: Final = "preuve/grille/1"


def report_json(
    report: Report,
    *,
    traces: bool = True,
    signature: Signature | None = None,
    record: str = "",
) -> str:
    """Everything the report holds, in a stable order.

    - `format`: `preuve/grille/1`;
    - `status`: `brouillon` or `complet`;
    - `summary`: one object per criterion, in the order of the grid: `criterion_id`, `state`
      (`decided`, `disputed`, `open`), `verdict` and its `label` (null until decided),
      `decided_by`, `decided_at`, `draft_verdict` (null without a draft), `draft_key`, `abstention`
      (the reasons, from `AbstentionReason`, of a draft that is not assessable), `failure` (the
      French message when the draft failed);
    - `report`: the `Report` itself, which `Report.model_validate` reads back;
    - `signature` and `record` once it is signed: `signature.sha256` is that of the text `record`.

    Without `traces`, `report` and what the summary says of drafts are left out; each criterion
    has its `justification` and, when the draft was upheld, its `quotes`.
    """
    content: dict[str, Any] = {"format": FORMAT, "status": report.status}
    if traces:
        content["summary"] = [_summary(report, entry) for entry in report.entries]
        content["report"] = report.model_dump(mode="json")
    else:
        content["dossier"] = report.dossier.id
        content["epreuve"] = report.rubric.id
        content["summary"] = [_bare(report, entry) for entry in report.entries]
    if signature is not None:
        content["signature"] = signature.model_dump(mode="json")
    if signature is not None and traces:
        content["record"] = record
    text = json.dumps(content, ensure_ascii=False, indent=2)
    # A file name in another encoding carries lone surrogates: UTF-8 refuses them, JSON's own
    # escape (the same letters) does not.
    return text.encode("utf-8", "backslashreplace").decode("utf-8") + "\n"


def _bare(report: Report, entry: CriterionEntry) -> dict[str, Any]:
    kept = ("criterion_id", "state", "verdict", "label", "decided_by", "decided_at")
    told = _summary(report, entry)
    quotes = entry.upheld.evidence if entry.upheld else ()
    return {name: told[name] for name in kept} | {
        "justification": entry.printed_justification,
        "quotes": [{"quote": e.quote, "place": e.place_fr} for e in quotes],
    }


def _summary(report: Report, entry: CriterionEntry) -> dict[str, Any]:
    draft = entry.finding if isinstance(entry.finding, CriterionFinding) else None
    failure = entry.finding if entry.finding is not None and draft is None else None
    decision = entry.decision
    return {
        "criterion_id": entry.criterion.id,
        "state": "decided" if decision else "disputed" if entry.disputed else "open",
        "verdict": decision.verdict.value if decision else None,
        "label": report.certification.libelle(decision.verdict) if decision else None,
        "decided_by": decision.assessor if decision else None,
        "decided_at": decision.decided_at.isoformat() if decision else None,
        "draft_verdict": draft.verdict.value if draft else None,
        "draft_key": draft.provenance.key if draft else None,
        "abstention": [reason.value for reason in draft.reasons] if draft else [],
        "failure": getattr(failure, "message_fr", None),
    }
