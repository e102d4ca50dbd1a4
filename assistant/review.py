"""Drafts a finding for one criterion: judge, ground, derive, explain.

The judge's word is never taken as such: `proving` says what the proof allows of it, attendu by
attendu, and `concluding` derives the verdict from the statuses by the rubric's rule.
"""

import hashlib
import json
import time
from collections.abc import Mapping, Sequence

from assistant import advising
from assistant.annotating import notes, search_record
from assistant.concluding import Conclusion, conclude
from assistant.discretion import names_a_result
from assistant.domain.case import (
    AttenduJudgement,
    CriterionCase,
    CriterionScope,
    Judgement,
)
from assistant.domain.certification import Certification
from assistant.domain.cohort import ScopeFiles
from assistant.domain.finding import (
    AttenduFinding,
    CriterionFinding,
    EngineId,
    Provenance,
)
from assistant.domain.once import once_per_object
from assistant.domain.rubric import Attendu, Criterion
from assistant.domain.verdict import Verdict
from assistant.grounding import Grounder
from assistant.observing import observations
from assistant.ports import Clock, GroupJudge, Judge
from assistant.privacy import JudgeView
from assistant.proving import prove
from ingest.types import Frozen


def finding_key(
    scope: CriterionScope,
    engine: EngineId,
    *,
    dossier_id: str,
    tools: str,
    together: Sequence[CriterionScope] = (),
) -> str:
    """SHA-256 over all that determines the answer: same key, same answer, no new call.

    `tools` names the versions of what prepares the case (reader, retrieval, embedder). The
    criterion itself is hashed rather than its whole grid, so that mending one criterion does not
    redo the others. `together`: all the scopes that one request asks about, when it does.
    """
    return planned_key(
        scope_files(scope),
        scope.certification,
        scope.rubric.id,
        scope.criterion,
        engine,
        dossier_id=dossier_id,
        tools=tools,
        together=[(one.criterion, scope_files(one)) for one in together],
    )


def scope_files(scope: CriterionScope) -> ScopeFiles:
    """What `planned_key` needs to know of the files, without their texts."""
    return ScopeFiles(
        deliverables=tuple(d.sha256 for d in scope.deliverables),
        pieces=tuple((p.nom, tuple(d.sha256 for d in p.documents)) for p in scope.pieces),
        context=tuple((p.nom, tuple(d.sha256 for d in p.documents)) for p in scope.context),
        missing=scope.missing_pieces,
        examples=tuple(hashlib.sha256(text.encode()).hexdigest() for text in scope.examples),
    )


def planned_key(
    files: ScopeFiles,
    certification: Certification,
    epreuve: str,
    criterion: Criterion,
    engine: EngineId,
    *,
    dossier_id: str,
    tools: str,
    together: Sequence[tuple[Criterion, ScopeFiles]] = (),
) -> str:
    """The key of a finding, from files that need not be open. See `finding_key`."""
    material: dict[str, object] = {
        "dossier": dossier_id,
        "files": list(files.deliverables),
        "pieces": [[name, list(shas)] for name, shas in files.pieces],
        "context": [[name, list(shas)] for name, shas in files.context],
        "missing": list(files.missing),
        "epreuve": epreuve,
        "criterion": _dumped(criterion),
        "thresholds": _dumped(certification.seuils),
        "tables": _dumped(certification.tables),
        "engine": engine.model_dump(mode="json"),
        "tools": tools,
        **({"examples": list(files.examples)} if files.examples else {}),
    }
    if together:
        material["together"] = [
            [_dumped(other), [[name, list(shas)] for name, shas in own.pieces]]
            for other, own in together
        ]
    text = json.dumps(material, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


@once_per_object
def _dumped(part: Frozen) -> Mapping[str, object]:
    """A part of the grid as plain values; read, never changed."""
    return part.model_dump(mode="json")


def review_criterion(
    case: CriterionCase,
    judge: Judge,
    grounder: Grounder,
    clock: Clock,
    *,
    dossier_id: str,
    key: str,
    view: JudgeView | None = None,
) -> CriterionFinding:
    """Draft a finding. What the candidate's text does not support is withheld, and shown so.

    `view` is what the judge sees of the dossier; without one it is made of the case alone, which
    knows nothing of the folder's name.
    Raises: a `ModelError` when the judge has no word to give.
    """
    started = time.perf_counter()
    view = view or JudgeView.of_cases([case])
    shown = view.case(case, masked=_is_away(judge.engine))
    judgement = view.judgement(judge.assess(shown))
    seconds = time.perf_counter() - started
    return _finding(case, judgement, judge.engine, grounder, view, clock, dossier_id, key, seconds)


def review_together(
    cases: Sequence[CriterionCase],
    judge: GroupJudge,
    engine: EngineId,
    grounder: Grounder,
    clock: Clock,
    *,
    dossier_id: str,
    keys: Sequence[str],
    view: JudgeView | None = None,
) -> tuple[CriterionFinding, ...]:
    """Draft the findings of criteria that are asked about in one request, in their order.

    `view`: see `review_criterion`.
    Raises: a `ModelError` when the judge has no word to give on them together.
    """
    started = time.perf_counter()
    view = view or JudgeView.of_cases(cases)
    shown = [view.case(case, masked=_is_away(engine)) for case in cases]
    judgements = [view.judgement(judgement) for judgement in judge.assess_together(shown)]
    seconds = (time.perf_counter() - started) / len(cases)
    return tuple(
        _finding(case, judgement, engine, grounder, view, clock, dossier_id, key, seconds)
        for case, judgement, key in zip(cases, judgements, keys, strict=True)
    )


def _is_away(engine: EngineId) -> bool:
    """Whether what a judge reads leaves the process: only the embedded engine may see names."""
    return engine.engine != "embedded"


def _finding(
    case: CriterionCase,
    judgement: Judgement,
    engine: EngineId,
    grounder: Grounder,
    view: JudgeView,
    clock: Clock,
    dossier_id: str,
    key: str,
    seconds: float,
) -> CriterionFinding:
    unseen = view.unseen(case)
    attendus = tuple(
        prove(attendu, _word_on(attendu, judgement), case, grounder, unseen)
        for attendu in case.criterion.attendus
    )
    concluded = conclude(attendus, judgement, case, engine)
    return CriterionFinding(
        criterion_id=case.criterion.id,
        epreuve=case.rubric.id,
        verdict=concluded.verdict,
        rationale=judgement.rationale,
        attendus=attendus,
        checks=case.checks,
        search=search_record(case, unseen),
        missing=judgement.missing,
        oral_questions=_questions(concluded, judgement, case, attendus),
        observations_fr=observations(case),
        advice_fr=_advice(concluded, judgement, case, attendus),
        notes_fr=(*_told(concluded), *judgement.notes_fr, *notes(case, unseen, attendus)),
        judge_verdict=judgement.verdict,
        abstention_fr=concluded.abstention_fr,
        reasons=concluded.reasons,
        raw_reply=judgement.raw_reply,
        provenance=Provenance(
            key=key,
            dossier_id=dossier_id,
            file_hashes=_file_hashes(case),
            certification=case.certification.id,
            rubric=case.rubric.id,
            rubric_version=case.rubric.version,
            rubric_hash=case.rubric.content_hash,
            engine=engine,
            usage=judgement.usage,
            seconds=round(seconds, 3),
            created_at=clock.now(),
        ),
    )


def _told(concluded: Conclusion) -> tuple[str, ...]:
    return (concluded.note_fr,) if concluded.note_fr else ()


def _questions(
    concluded: Conclusion,
    judgement: Judgement,
    case: CriterionCase,
    attendus: tuple[AttenduFinding, ...],
) -> tuple[str, ...]:
    """The judge's own, else, when something is left open, those that the grid gives."""
    own = tuple(q.strip() for q in judgement.oral_questions if q.strip())
    if own or concluded.verdict is Verdict.MET:
        return own[: advising.MAX_QUESTIONS]
    return advising.questions(case, attendus, concluded.reasons)


def _advice(
    concluded: Conclusion,
    judgement: Judgement,
    case: CriterionCase,
    attendus: tuple[AttenduFinding, ...],
) -> str:
    """The judge's own unless it says a result; nothing when nothing is left open."""
    if concluded.verdict is Verdict.MET:
        return ""
    own = " ".join(judgement.advice_fr.split())
    labels = [case.certification.libelle(verdict) for verdict in Verdict]
    if own and not names_a_result(own, labels):
        return own
    return advising.advice(case, attendus, concluded.reasons)


def _word_on(attendu: Attendu, judgement: Judgement) -> AttenduJudgement | None:
    return next((word for word in judgement.attendus if word.numero == attendu.numero), None)


def _file_hashes(case: CriterionCase) -> dict[str, str]:
    compared = [d for piece in (*case.pieces, *case.context) for d in piece.documents]
    return {d.filename: d.sha256 for d in (*case.deliverables, *compared)}
