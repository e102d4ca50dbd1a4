"""Plans a cohort dossier by dossier: what was planned from the same files is not read again."""

import hashlib
import json
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Final

from assistant import dossiers
from assistant.app.cases import EpreuveBench
from assistant.app.intake import dossier_id, pseudonym
from assistant.app.library import StoredDossier
from assistant.cohort import Candidate
from assistant.domain.cohort import DossierPlan, PlannedCriterion, ScopeFiles
from assistant.domain.dossier import Dossier
from assistant.domain.rubric import RubricSet
from assistant.ports import CohortStore, ReviewStore
from assistant.review import scope_files
from ingest.errors import UserFacingError

#: Failures that another try may not meet: the plan made with them is not kept.
_PASSING: Final = frozenset({"ReadingTimedOut", "ReadingCrashed", "FileUnavailable"})
_AHEAD: Final = 2

Opener = Callable[[Path], Dossier]


class Planner:
    """Makes or finds again the plan of each candidate.

    `opened` reads a dossier's folder; `reading` is the signature of how files are read;
    `epreuve`, when not empty, is the only one that matters. `keeps` is False when a plan depends on
    more than files: examples drawn from people's decisions change as they decide.
    """

    def __init__(
        self,
        cohort_id: str,
        rubrics: RubricSet,
        store: ReviewStore,
        cohorts: CohortStore,
        *,
        opened: Opener,
        bench: Callable[[Dossier, str], EpreuveBench],
        reading: str,
        epreuve: str = "",
        keeps: bool = True,
    ) -> None:
        self._cohort_id = cohort_id
        self._store = store
        self._cohorts = cohorts
        self._opened = opened
        self._bench = bench
        self._epreuve = epreuve
        self._keeps = keeps
        grids = [rubric.content_hash for rubric in rubrics.rubrics]
        self._basis = [reading, rubrics.certification.content_hash, sorted(grids), epreuve]

    def plans(self, candidates: Sequence[Candidate], workers: int) -> Iterator[DossierPlan]:
        """One plan per candidate, in order, several being read at a time."""
        with ThreadPoolExecutor(workers, thread_name_prefix="plan") as pool:
            waiting: deque[Future[DossierPlan]] = deque()
            for candidate in candidates:
                waiting.append(pool.submit(self.plan, candidate))
                if len(waiting) > workers + _AHEAD:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()

    def plan(self, candidate: Candidate) -> DossierPlan:
        """Never raises for what is wrong with a dossier: its plan says it."""
        try:
            identifier = dossier_id(candidate.folder)
            signature = self._signature(identifier, candidate.folder)
            kept = self._cohorts.plan(self._cohort_id, identifier)
            if self._keeps and kept is not None and kept.signature == signature:
                return kept
            dossier = self._opened(candidate.folder)
        except UserFacingError as error:
            return DossierPlan(
                dossier_id=pseudonym(candidate.folder),
                label=candidate.name,
                folder=str(candidate.folder),
                signature="",
                problem_fr=error.user_message,
            )
        if self._epreuve:  # opening for one épreuve may have recorded what a file is
            signature = self._signature(identifier, candidate.folder)
        plan = self._made(candidate, dossier, signature)
        self._cohorts.save_plan(self._cohort_id, plan)
        return plan

    def _made(self, candidate: Candidate, dossier: Dossier, signature: str) -> DossierPlan:
        passing = any(failure.error in _PASSING for failure in dossier.failures)
        return DossierPlan(
            dossier_id=dossier.id,
            label=candidate.name,
            folder=str(candidate.folder),
            signature="" if passing else signature,
            summary=dossier.summary,
            criteria=tuple(self._criteria(dossier)),
            characters={sha: len(document.text) for sha, document in dossier.documents.items()},
        )

    def _criteria(self, dossier: Dossier) -> Iterator[PlannedCriterion]:
        for epreuve in (self._epreuve,) if self._epreuve else dossier.epreuves:
            bench = self._bench(dossier, epreuve)
            for criterion in bench.rubric.criteres:
                files = (
                    scope_files(bench.scope(criterion))
                    if dossier.deliverables(epreuve)
                    else ScopeFiles(deliverables=())
                )
                yield PlannedCriterion(epreuve=epreuve, criterion_id=criterion.id, files=files)

    def _signature(self, identifier: str, folder: Path) -> str:
        """Raises: `ManifestInvalid`."""
        record = self._store.dossier(identifier)
        known = StoredDossier.model_validate_json(record.manifest_json) if record else None
        given = known.given if known else {}
        material = [
            self._basis,
            [[str(p.relative_to(folder)), _content(p)] for p in dossiers.files_of(folder)],
            dossiers.read_manifest(folder).model_dump(mode="json"),
            {name: said.model_dump(mode="json") for name, said in sorted(given.items())},
        ]
        return hashlib.sha256(json.dumps(material).encode()).hexdigest()


def _content(path: Path) -> str:
    """SHA-256 of a file; what cannot be read has none, and is told when the dossier is opened."""
    try:
        with path.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError:
        return ""
