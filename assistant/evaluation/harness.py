"""Runs a set from beginning to end: check, draft, draft again, record."""

import hashlib
from collections.abc import Callable, Sequence

from assistant.domain.rubric import RubricSet
from assistant.domain.verdict import Verdict
from assistant.errors import EvalSetInvalid
from assistant.evaluation.collection import candidate_drafts, candidate_rows, usable_labels
from assistant.evaluation.labels import GoldLabel, SetProblem
from assistant.evaluation.run import Row, Run, SetIdentity
from assistant.evaluation.sets import EvalSet, Part
from assistant.evaluation.subject import Installer
from assistant.evaluation.validation import (
    candidate_problems,
    in_order,
    open_candidate,
    set_problems,
)

#: Called with the candidate that is about to be examined.
OnCandidate = Callable[[str], None]


def run_set(
    eval_set: EvalSet,
    install: Installer,
    *,
    part: Part | None = None,
    runs: int = 1,
    on_candidate: OnCandidate = lambda candidate: None,
) -> Run:
    """Draft every labelled criterion of a set (or of one part of it), `runs` times.

    Each run has an installation of its own, so that nothing is answered from a store. Labels that
    do not match the files are left out of the rows and told among the problems.
    Raises: `EvalSetInvalid` when no label can be used; what stops every dossier
    (`ModelNotConfigured`, `StoreUnavailable`).
    """
    with install() as subject, install() as rereader:
        labels = _labels_by_candidate(eval_set, subject.rubrics, part)
        problems = list(set_problems(eval_set, subject.rubrics))
        engine = subject.engine
        rows: list[Row] = []
        for candidate, own in labels.items():
            on_candidate(candidate)
            again = open_candidate(candidate, eval_set, rereader)
            problems += candidate_problems(eval_set.labels_of(candidate), again, rereader)
            rows += candidate_rows(own, eval_set, subject, again)
        grids = rubrics_hash(subject.rubrics)
    drafts = [_drafts(labels, eval_set, install, on_candidate) for _ in range(1, runs)]
    return Run(
        set=_identity(eval_set),
        engine=engine,
        rubrics_hash=grids,
        rows=_with_stability(rows, drafts),
        replicates=tuple(drafts),
        problems=in_order([*problems, *_missing_candidates(eval_set)]),
    )


def _labels_by_candidate(
    eval_set: EvalSet, rubrics: RubricSet, part: Part | None
) -> dict[str, list[GoldLabel]]:
    found: dict[str, list[GoldLabel]] = {}
    for label in usable_labels(eval_set, rubrics):
        if part is None or eval_set.part_of(label.candidat) == part:
            found.setdefault(label.candidat, []).append(label)
    if not found:
        problem = "aucune étiquette utilisable" + (f" dans la partie « {part} »." if part else ".")
        raise EvalSetInvalid(problem, path=eval_set.name, problem=problem)
    return found


def _missing_candidates(eval_set: EvalSet) -> list[SetProblem]:
    return [
        SetProblem(
            line=eval_set.labels_of(candidate)[0].line,
            message_fr=f"candidat « {candidate} » : aucun dossier de ce nom dans le jeu.",
        )
        for candidate in eval_set.candidates
        if eval_set.folder_of(candidate) is None
    ]


def _drafts(
    labels: dict[str, list[GoldLabel]],
    eval_set: EvalSet,
    install: Installer,
    on_candidate: OnCandidate,
) -> tuple[Verdict | None, ...]:
    drafts: list[Verdict | None] = []
    with install() as subject:
        for candidate, own in labels.items():
            on_candidate(candidate)
            drafts += candidate_drafts(own, eval_set, subject)
    return tuple(drafts)


def _with_stability(
    rows: Sequence[Row], drafts: Sequence[Sequence[Verdict | None]]
) -> tuple[Row, ...]:
    if not drafts:
        return tuple(rows)
    return tuple(
        row.model_copy(update={"stable": {row.draft} == {run[number] for run in drafts}})
        for number, row in enumerate(rows)
    )


def _identity(eval_set: EvalSet) -> SetIdentity:
    described = eval_set.description
    return SetIdentity(
        name=described.nom,
        version=described.version,
        title=described.titre,
        labels_hash=eval_set.labels_hash,
        limits=described.limites,
    )


def rubrics_hash(rubrics: RubricSet) -> str:
    """SHA-256 over the certification's and every grid's own hash."""
    hashes = [rubrics.certification.content_hash, *(r.content_hash for r in rubrics.rubrics)]
    return hashlib.sha256("\n".join(hashes).encode()).hexdigest()
