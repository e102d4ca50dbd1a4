"""Kills a process that keeps drafts and decisions, at random instants, and counts what that costs.

The process tells, one by one, what it was promised (the store has returned); then it is killed
with SIGKILL and the store is opened again. Run by `tools.kill_points`, on both kinds of store.
"""

import random
import time
from collections.abc import Iterator
from contextlib import suppress
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerContext
from pathlib import Path
from typing import Final

from pydantic import BaseModel

from assistant.adapters.sql_store import SqlReviewStore
from assistant.audit import verify
from tests.sample_findings import decision, finding

DOSSIER: Final = "D-1"
EPREUVE: Final = "E9.1"
_START_SECONDS: Final = 60
_LONGEST_LIFE_SECONDS: Final = 0.06


class Outcome(BaseModel):
    """What many kills did to decisions. `told`: promised to whoever decided."""

    kills: int = 0
    told: int = 0
    kept: int = 0
    lost: int = 0
    doubled: int = 0
    without_draft: int = 0
    journal_faults: int = 0


def write_forever(target: str, first: int, acknowledgements: Connection) -> None:
    """Run in the process to be killed: one finding, one decision, then their acknowledgement."""
    store = SqlReviewStore(_opened(target))
    number = first
    while True:
        key = f"k{number}"
        store.save_finding(DOSSIER, finding(key, criterion_id=criterion(number)))
        store.append_decision(decision(criterion(number), finding_key=key))
        acknowledgements.send(number)
        number += 1


def criterion(number: int) -> str:
    """The criterion of the decision of that number."""
    return f"{EPREUVE}/groupe/CE{number}"


def write_then_kill(
    processes: ForkServerContext, target: str | Path, first: int, seconds: float, *, after_one: bool
) -> list[int]:
    """The numbers acknowledged before the kill, which comes `seconds` after the start.

    `after_one`: the seconds are counted from the first acknowledgement.
    """
    receiver, sender = processes.Pipe(duplex=False)
    writer = processes.Process(target=write_forever, args=(str(target), first, sender), daemon=True)
    writer.start()
    sender.close()
    if after_one and not receiver.poll(_START_SECONDS):
        raise RuntimeError("the writer has not started")
    time.sleep(seconds)
    writer.kill()
    writer.join()
    received = list(_received(receiver))
    receiver.close()
    writer.close()
    return received


def kill_decisions(
    target: str | Path, kills: int, *, seed: int, processes: ForkServerContext
) -> Outcome:
    """Decide on and on in one database, be killed that many times, and count."""
    chance = random.Random(seed)
    told: set[str] = set()
    written: list[str] = []
    lost: set[str] = set()
    for _ in range(kills):
        life = chance.uniform(0, _LONGEST_LIFE_SECONDS)
        numbers = write_then_kill(processes, target, len(written), life, after_one=True)
        told |= {criterion(number) for number in numbers}
        with SqlReviewStore(_opened(str(target))) as store:
            written = [d.criterion_id for d in store.decisions(DOSSIER, EPREUVE)]
        lost |= told - set(written)
    with SqlReviewStore(_opened(str(target))) as store:
        shown = store.current_findings(DOSSIER, EPREUVE)
        faults = verify(store.journal).faults
    return Outcome(
        kills=kills,
        told=len(told),
        kept=len(written),
        lost=len(lost),
        doubled=len(written) - len(set(written)),
        without_draft=len(set(written) - set(shown)),
        journal_faults=len(faults),
    )


def _opened(target: str) -> str | Path:
    return target if "://" in target else Path(target)


def _received(receiver: Connection) -> Iterator[int]:
    with suppress(EOFError):
        while True:
            yield receiver.recv()
