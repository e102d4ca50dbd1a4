"""Kills a cohort's run again and again, at random instants, and counts what that costs.

python -m tools.kill_batch --kills 50 prints Markdown lines. Each run is a process of its own,
killed with SIGKILL, planning included; the next one resumes. Nothing leaves this machine.
"""

import argparse
import json
import multiprocessing
import random
import tempfile
import time
from multiprocessing.context import ForkServerContext
from pathlib import Path
from typing import Final

from pydantic import BaseModel, SecretStr
from sqlalchemy import create_engine, text

from assistant.app import App
from assistant.app.cohort.journal import RunJournal
from assistant.domain.finding import CriterionFinding
from assistant.domain.verdict import Verdict
from tests.cohorts import generate, installation
from tools.loopback_llm import Behaviour, LoopbackServer

CONCURRENCY: Final = 8
_LATENCY_SECONDS: Final = 0.15
#: One run in five is killed before its first request, the others at any time after it.
_EARLY_SHARE: Final = 0.2
_LONGEST_START_SECONDS: Final = 1.5
_LONGEST_LIFE_SECONDS: Final = 0.8
_CRITERIA_PER_KILL: Final = 22
_CRITERIA_PER_DOSSIER: Final = 13
_JOURNAL: Final = "journal.jsonl"

#: A criterion's place: dossier, épreuve, criterion.
Place = tuple[str, str, str]


class Outcome(BaseModel):
    """What many kills did. `told` findings were written in the journal, hence promised.

    `before_any_call`: kills while the cohort was being planned. `calls` is the server's count.
    """

    kills: int = 0
    before_any_call: int = 0
    criteria: int = 0
    findings: int = 0
    rows: int = 0
    told: int = 0
    lost: int = 0
    duplicated: int = 0
    decisions: int = 0
    decisions_lost: int = 0
    calls: int = 0
    worst_extra: int = 0

    @property
    def extra(self) -> int:
        """Calls beyond one for each criterion."""
        return self.calls - self.criteria

    @property
    def allowed(self) -> int:
        """What was in flight, at the most, each time that a run was killed."""
        return (self.kills - self.before_any_call) * CONCURRENCY

    def plus(self, other: "Outcome") -> "Outcome":
        """Both cohorts together."""
        summed = {name: value + getattr(other, name) for name, value in self}
        worst = max(self.worst_extra, other.worst_extra)
        return Outcome(**summed | {"worst_extra": worst})

    def markdown(self) -> str:
        rows = {
            "processus tués, dont avant la première demande": f"{self.kills}, "
            f"{self.before_any_call}",
            "critères, propositions à la fin": f"{self.criteria}, {self.findings}",
            "propositions perdues, en double": f"{self.lost}, {self.duplicated}",
            "décisions prises entre-temps, perdues": f"{self.decisions}, {self.decisions_lost}",
            "demandes en trop (ce qui était en cours, au plus)": f"{self.extra} ({self.allowed})",
            "dont, au plus, pour un même arrêt (demandes simultanées)": f"{self.worst_extra} "
            f"({CONCURRENCY})",
        }
        return "\n".join(f"| {name} | {value} |" for name, value in rows.items())


def run_cohort(folder: str, promo: str, url: str, database: str = "") -> None:
    """What `preuve batch` does, in the process to be killed."""
    app = installed(Path(folder), url, database)
    with (
        app.cohorts().cohort(Path(promo), judge="llm") as cohort,
        RunJournal(Path(folder) / _JOURNAL, app.clock) as journal,
    ):
        cohort.run(cohort.plan(), journal)


def installed(folder: Path, url: str, database: str) -> App:
    """The application on that server's database, or on a file when there is none."""
    return installation(folder, url, llm_concurrency=CONCURRENCY, database_url=SecretStr(database))


def processes() -> ForkServerContext:
    """Starts processes from one that has loaded the libraries already."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([__name__, "chromadb", "langchain_openai", "openai"])
    return context


def drafts(app: App) -> dict[Place, CriterionFinding]:
    """Every draft on screen, by its place."""
    found: dict[Place, CriterionFinding] = {}
    for record in app.dossiers():
        for epreuve in record.epreuves:
            for criterion_id, finding in app.store.current_findings(record.id, epreuve).items():
                assert isinstance(finding, CriterionFinding), finding.message_fr
                found[record.id, epreuve, criterion_id] = finding
    return found


def kill_again_and_again(
    folder: Path,
    kills: int,
    *,
    seed: int = 2026,
    context: ForkServerContext | None = None,
    database: str = "",
) -> Outcome:
    """Run a cohort in `folder`, kill it that many times, end it, and count.

    Between two runs a person decides on one of the new drafts. `database`: a PostgreSQL address,
    for drafts and decisions kept there instead of in a file.
    """
    dossiers = max(4, kills * _CRITERIA_PER_KILL // _CRITERIA_PER_DOSSIER)
    promo = generate(folder / "promo", dossiers)
    with LoopbackServer(Behaviour(base_seconds=_LATENCY_SECONDS)) as server:
        chance = random.Random(seed)
        trial = _Trial(folder, promo, server, chance, context or processes(), database)
        for _ in range(kills):
            trial.kill_once()
        run_cohort(str(folder), str(promo), server.url, database)
        return trial.outcome()


class _Trial:
    def __init__(
        self,
        folder: Path,
        promo: Path,
        server: LoopbackServer,
        chance: random.Random,
        context: ForkServerContext,
        database: str,
    ) -> None:
        self._folder, self._promo, self._server = folder, promo, server
        self._database = database
        self._chance, self._context = chance, context
        self._decided: dict[Place, str] = {}
        self._seen: dict[Place, str] = {}
        self._lost: set[Place] = set()
        self._result = Outcome()

    def kill_once(self) -> None:
        calls = self._server.account.calls
        kept = len(self._seen)
        process = self._context.Process(
            target=run_cohort,
            args=(str(self._folder), str(self._promo), self._server.url, self._database),
        )
        process.start()
        if self._chance.random() < _EARLY_SHARE:
            process.join(self._chance.uniform(0, _LONGEST_START_SECONDS))
        else:
            while self._server.account.calls == calls and process.exitcode is None:
                process.join(0.01)
            process.join(self._chance.uniform(0, _LONGEST_LIFE_SECONDS))
        if process.exitcode is not None:
            raise RuntimeError("the run ended before it could be killed")
        process.kill()
        process.join()
        process.close()
        self._look()
        made = self._server.account.calls - calls
        self._result.kills += 1
        self._result.before_any_call += made == 0
        extra = made - (len(self._seen) - kept)
        self._result.worst_extra = max(self._result.worst_extra, extra)

    def _look(self) -> None:
        """What is kept now: all that was there, all that the journal tells."""
        app = installed(self._folder, self._server.url, self._database)
        found = {place: draft.provenance.key for place, draft in drafts(app).items()}
        self._lost |= {place for place, key in self._seen.items() if found.get(place) != key}
        self._lost |= self._told() - set(found)
        fresh = sorted(set(found) - set(self._seen))
        self._seen = found
        if fresh:
            self._decide(app, self._chance.choice(fresh))

    def _decide(self, app: App, place: Place) -> None:
        draft = app.finding(*place)
        met = draft is not None and draft.verdict is Verdict.MET
        app.decide(
            place[0],
            place[2],
            epreuve=place[1],
            assessor="Ana",
            action="override",
            verdict=Verdict.NOT_MET if met else Verdict.MET,
            reason="Lu à la main.",
        )
        self._decided[place] = self._seen[place]

    def _told(self) -> set[Place]:
        path = self._folder / _JOURNAL
        lines = path.read_text(encoding="utf-8").splitlines() if path.is_file() else []
        events = [json.loads(line) for line in lines if line.endswith("}")]
        return {
            (event["dossier"], event["epreuve"], event["critere"])
            for event in events
            if event["quoi"] == "critere"
        }

    def outcome(self) -> Outcome:
        self._look()
        app = installed(self._folder, "", self._database)
        with app.cohorts().cohort(self._promo, judge="embedded") as cohort:
            criteria = cohort.plan().criteria
        rows, places = _rows(self._database or f"sqlite:///{app.settings.database_path}")
        return self._result.model_copy(
            update={
                "criteria": criteria,
                "findings": len(self._seen),
                "rows": rows,
                "told": len(self._told()),
                "lost": len(self._lost) + max(0, criteria - len(self._seen)),
                "duplicated": rows - places,
                "decisions": len(self._decided),
                "decisions_lost": sum(not self._stands(app, p) for p in self._decided),
                "calls": self._server.account.calls,
            }
        )

    def _stands(self, app: App, place: Place) -> bool:
        """Whether a decision is there, once, about the draft that was read."""
        found = [d for d in app.store.decisions(*place[:2]) if d.criterion_id == place[2]]
        return [d.finding_key for d in found] == [self._decided[place]]


def _rows(address: str) -> tuple[int, int]:
    """Rows of findings, and the places that they are about. Raises: `RuntimeError`."""
    engine = create_engine(address.replace("postgresql://", "postgresql+psycopg://"))
    with engine.connect() as connection:
        if engine.dialect.name == "sqlite":
            whole = connection.execute(text("PRAGMA integrity_check")).scalar_one()
            if whole != "ok":
                raise RuntimeError("the database is damaged")
        count = "SELECT count(*), count(DISTINCT dossier_id || ' ' || criterion_id) FROM findings"
        rows, places = connection.execute(text(count)).one()
    engine.dispose()
    return int(rows), int(places)


def main() -> None:
    """Kill, resume, count; print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--seed", type=int, default=2026)
    asked = parser.parse_args()
    started = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        outcome = kill_again_and_again(Path(folder), asked.kills, seed=asked.seed)
    print("| mesure | valeur |\n| --- | ---: |\n" + outcome.markdown())
    print(f"\nDurée : {time.monotonic() - started:.0f} s.")


if __name__ == "__main__":
    main()
