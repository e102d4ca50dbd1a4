"""Hands a cohort's requests to a provider's batch endpoint, waits, and drafts from the answers.

What was handed over is written before it is sent and known again after a kill: by the store, or
by the label that the provider keeps with it. What a batch leaves unanswered is for a live run.
"""

import hashlib
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from assistant.app.answer_lines import LineState
from assistant.app.cohort.overview import PlannedDossier
from assistant.app.cohort.planning import Opener
from assistant.app.cohort_traces import ANSWERS, REQUESTS, place_of
from assistant.domain.cohort import BatchRecord, BatchState, SpendingRecord, Traffic
from assistant.domain.finding import CriterionFinding, Usage
from assistant.errors import NoDeliverable
from assistant.ports import Clock, CohortStore
from ingest.errors import UserFacingError
from ingest.types import Frozen

if TYPE_CHECKING:
    from assistant.app.requests import Correspondence, EpreuveRequests


class Progress(Protocol):
    """How far a batch is."""

    @property
    def status(self) -> str: ...
    @property
    def total(self) -> int: ...
    @property
    def completed(self) -> int: ...
    @property
    def output_file(self) -> str: ...
    @property
    def error_file(self) -> str: ...
    @property
    def ended(self) -> bool: ...


class BatchEndpoint(Protocol):
    """A provider that answers files of requests. Every method raises a `ModelError`."""

    @property
    def host(self) -> str: ...

    def send(self, requests: bytes, label: str) -> str: ...

    def progress(self, batch_id: str) -> Progress: ...

    def labelled(self) -> dict[str, str]: ...

    def fetch(self, file_id: str) -> bytes: ...


class HandoverLimits(Frozen):
    """What a file may hold, and how often to ask. Units: bytes, seconds."""

    requests: int
    file_bytes: int
    poll_seconds: float


class Handover:
    """One cohort's files of requests. `told` receives what a person waiting wants to know."""

    def __init__(
        self,
        cohort_id: str,
        run: SpendingRecord,
        cohorts: CohortStore,
        endpoint: BatchEndpoint,
        correspondence: "Correspondence",
        folder: Path,
        clock: Clock,
        limits: HandoverLimits,
        *,
        opened: Opener,
        told: Callable[[str], None],
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._cohort_id = cohort_id
        self._run = run
        self._cohorts = cohorts
        self._endpoint = endpoint
        self._correspondence = correspondence
        self._folder = folder
        self._clock = clock
        self._limits = limits
        self._opened = opened
        self._told = told
        self._sleep = sleep

    def run(self, dossiers: Sequence[PlannedDossier], epreuve: str = "") -> int:
        """Send what was never sent, wait for all, draft; again for the modes that ask in steps.

        Returns how many findings were drafted. Raises: a `ModelError`, `StoreUnavailable`.
        """
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._resume()
        drafted = self._receive()
        while self._send(dossiers, epreuve):
            drafted += self._receive()
        return drafted

    def _resume(self) -> None:
        """Files written before a kill: known to the provider, or to be sent again."""
        known = {record.input_file for record in self._cohorts.batches(self._cohort_id)}
        orphans = [
            path
            for path in sorted(self._folder.glob(f"*{REQUESTS}"))
            if path.name.removesuffix(REQUESTS) not in known
        ]
        labelled = self._endpoint.labelled() if orphans else {}
        for path in orphans:
            label = path.name.removesuffix(REQUESTS)
            data = path.read_bytes()
            batch_id = labelled.get(label) or self._endpoint.send(data, label)
            self._record(batch_id, label, data.count(b"\n"))

    def _send(self, dossiers: Sequence[PlannedDossier], epreuve: str) -> int:
        """Hand over the requests that were never handed over; how many."""
        before = set(self._sent_ids())
        answers = self._answers_by_place()
        fresh = (
            line
            for planned in dossiers
            for line in self._lines(planned, epreuve, answers)
            if _custom_id(line) not in before
        )
        sent = 0
        for data in self._files(fresh):
            label = hashlib.sha256(data).hexdigest()[:24]
            path = self._folder / f"{label}{REQUESTS}"
            path.touch(mode=0o600)
            path.write_bytes(data)
            self._record(self._endpoint.send(data, label), label, data.count(b"\n"))
            sent += data.count(b"\n")
        if sent:
            self._told(f"{sent} demandes confiées à {self._endpoint.host}.")
        return sent

    def _lines(
        self, planned: PlannedDossier, epreuve: str, answers: dict[str, list[bytes]]
    ) -> Iterator[str]:
        if not planned.pending:
            return
        try:
            dossier = self._opened(planned.folder)
        except UserFacingError as error:
            self._told(f"{planned.name} : {error.user_message}")
            return
        mine = self._correspondence.places(dossier.id)
        known = b"\n".join(line for place in mine for line in answers.get(place, ()))
        for one in (epreuve,) if epreuve else dossier.epreuves:
            try:
                requests: EpreuveRequests = self._correspondence.export(dossier, one, known)
            except NoDeliverable:  # its failures are told by the live run
                continue
            yield from requests.lines

    def _files(self, lines: Iterable[str]) -> Iterator[bytes]:
        """Lines gathered in files that the provider accepts."""
        part: list[bytes] = []
        size = 0
        for line in lines:
            data = f"{line}\n".encode()
            full = len(part) >= self._limits.requests or size + len(data) > self._limits.file_bytes
            if part and full:
                yield b"".join(part)
                part, size = [], 0
            part.append(data)
            size += len(data)
        if part:
            yield b"".join(part)

    def _receive(self) -> int:
        """Wait for every batch under way; draft from what came. How many findings."""
        drafted = 0
        for record in self._cohorts.batches(self._cohort_id):
            if record.state is BatchState.SENT:
                progress = self._awaited(record)
                drafted += self._taken(record, progress)
        return drafted

    def _awaited(self, record: BatchRecord) -> Progress:
        last = ""
        while not (progress := self._endpoint.progress(record.batch_id)).ended:
            told = f"{record.batch_id} : {progress.completed} réponses sur {progress.total}"
            if told != last:
                self._told(f"{told}, en attente.")
                last = told
            self._sleep(self._limits.poll_seconds)
        return progress

    def _taken(self, record: BatchRecord, progress: Progress) -> int:
        files = [file for file in (progress.output_file, progress.error_file) if file]
        came = b"\n".join(self._endpoint.fetch(file) for file in files)
        data = self._still_wanted(came)
        earlier = self._all_answers()
        path = self._folder / f"{record.input_file}{ANSWERS}"
        path.touch(mode=0o600)
        path.write_bytes(data)
        outcomes = self._correspondence.import_answers(data, earlier=earlier) if data else ()
        findings = [
            o.finding
            for o in outcomes
            if isinstance(o.finding, CriterionFinding) and o.state is LineState.IMPORTED
        ]
        self._spend(findings)
        state = BatchState.FETCHED if came else BatchState.FAILED
        self._cohorts.save_batch(
            record.model_copy(update={"state": state, "message_fr": progress.status})
        )
        self._told(f"{record.batch_id} : {len(findings)} propositions.")
        return len(findings)

    def _still_wanted(self, answers: bytes) -> bytes:
        """Without what was answered about dossiers erased since: their requests are gone."""
        wanted = {
            place_of(line)
            for path in self._folder.glob(f"*{REQUESTS}")
            for line in path.read_bytes().splitlines()
        }
        return b"\n".join(line for line in answers.splitlines() if place_of(line) in wanted)

    def _spend(self, findings: Sequence[CriterionFinding]) -> None:
        traffic = self._run.traffic
        for finding in findings:
            usage: Usage = finding.provenance.usage
            traffic += Traffic(requests=usage.calls, usage=usage)
        self._run = self._run.model_copy(update={"traffic": traffic})
        self._cohorts.commit([], self._run)

    def _record(self, batch_id: str, label: str, requests: int) -> None:
        self._cohorts.save_batch(
            BatchRecord(
                cohort_id=self._cohort_id,
                batch_id=batch_id,
                host=self._endpoint.host,
                model=self._correspondence.model,
                requests=requests,
                state=BatchState.SENT,
                sent_at=self._clock.now(),
                input_file=label,
            )
        )

    def _sent_ids(self) -> Iterator[str]:
        for path in self._folder.glob(f"*{REQUESTS}"):
            with path.open(encoding="utf-8") as lines:
                yield from (_custom_id(line) for line in lines)

    def _all_answers(self) -> bytes:
        return b"\n".join(p.read_bytes() for p in sorted(self._folder.glob(f"*{ANSWERS}")))

    def _answers_by_place(self) -> dict[str, list[bytes]]:
        found: defaultdict[str, list[bytes]] = defaultdict(list)
        for line in self._all_answers().splitlines():
            if place := place_of(line):
                found[place].append(line)
        return found


def _custom_id(line: str) -> str:
    """The id at the head of a line that `batch_format.request_line` wrote."""
    return line[: line.index(",")].rpartition(":")[2].strip('"')
