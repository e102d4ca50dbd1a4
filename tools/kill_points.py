"""`kill -9` at random points in decisions and in batches, on a file and on a PostgreSQL server.

python -m tools.kill_points --kills 200 --markdown docs/pannes.md writes the table there. The
server is one of its own, on a socket; nothing leaves this machine. PostgreSQL has to be installed.
"""

import argparse
import datetime as dt
import tempfile
from multiprocessing.context import ForkServerContext
from pathlib import Path
from typing import Final

from tests.postgresql import new_database, running_server
from tools import kill_batch
from tools.kill_decisions import Outcome as Decisions
from tools.kill_decisions import kill_decisions

_START: Final = "<!-- arrêts : écrit par tools.kill_points, ne pas modifier à la main -->"
_END: Final = "<!-- fin des arrêts -->"
#: A cohort is started afresh after that many kills: planning a large one takes most of the time.
_KILLS_PER_COHORT: Final = 20

Outcomes = tuple[Decisions, kill_batch.Outcome]


def kill(kills: int, *, seed: int, server: str) -> Outcomes:
    """Half of the kills in decisions, half in batches; on a file when `server` is empty."""
    context = kill_batch.processes()
    context.set_forkserver_preload(["tools.kill_batch", "tools.kill_decisions"])
    in_decisions = kills // 2
    with tempfile.TemporaryDirectory() as name:
        target = new_database(server) if server else str(Path(name) / "preuve.sqlite3")
        decisions = kill_decisions(target, in_decisions, seed=seed, processes=context)
    return decisions, _batches(kills - in_decisions, seed=seed, server=server, context=context)


def _batches(
    kills: int, *, seed: int, server: str, context: ForkServerContext
) -> kill_batch.Outcome:
    total = kill_batch.Outcome()
    while total.kills < kills:
        number = min(_KILLS_PER_COHORT, kills - total.kills)
        database = new_database(server) if server else ""
        with tempfile.TemporaryDirectory() as name:
            one = kill_batch.kill_again_and_again(
                Path(name), number, seed=seed + total.kills, context=context, database=database
            )
        total = total.plus(one)
    return total


def table(file: Outcomes, server: Outcomes) -> str:
    """Markdown: one column for each store."""
    columns = [_column(*outcomes) for outcomes in (file, server)]
    lines = ["| | SQLite | PostgreSQL |", "| --- | ---: | ---: |"]
    lines += [f"| {name} | {value} | {columns[1][name]} |" for name, value in columns[0].items()]
    return "\n".join(lines)


def _column(decisions: Decisions, batch: kill_batch.Outcome) -> dict[str, str]:
    return {
        "arrêts pendant des décisions": f"{decisions.kills}",
        "décisions annoncées comme enregistrées": f"{decisions.told}",
        "dont perdues, en double, sans leur proposition": f"{decisions.lost}, "
        f"{decisions.doubled}, {decisions.without_draft}",
        "défauts que « preuve audit verify » trouve ensuite": f"{decisions.journal_faults}",
        "arrêts pendant une cohorte": f"{batch.kills}",
        "dont avant la première demande": f"{batch.before_any_call}",
        "critères de ces cohortes, propositions à la fin": f"{batch.criteria}, {batch.findings}",
        "propositions perdues, en double": f"{batch.lost}, {batch.duplicated}",
        "décisions prises entre deux arrêts, dont perdues ou en double": f"{batch.decisions}, "
        f"{batch.decisions_lost}",
        "demandes refaites (au plus : ce qui était en cours)": f"{batch.extra} ({batch.allowed})",
    }


def write(path: Path, text: str) -> None:
    """Put the table in its place of the document."""
    before, rest = path.read_text(encoding="utf-8").split(_START)
    after = rest.split(_END)[1]
    path.write_text(f"{before}{_START}\n\n{text}\n\n{_END}{after}", encoding="utf-8")


def main() -> None:
    """Kill, count, print or write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=200, help="for each store")
    parser.add_argument("--seed", type=int, default=2026)
    parser.add_argument("--markdown", type=Path)
    asked = parser.parse_args()
    file = kill(asked.kills, seed=asked.seed, server="")
    print(file, flush=True)
    with running_server() as folder:
        server = kill(asked.kills, seed=asked.seed, server=folder)
    command = f"python -m tools.kill_points --kills {asked.kills} --seed {asked.seed}"
    today = dt.datetime.now(tz=dt.UTC).strftime("%d/%m/%Y")
    text = f"Mesuré le {today} par `{command}`.\n\n{table(file, server)}"
    print(text)
    if asked.markdown:
        write(asked.markdown, text)


if __name__ == "__main__":
    main()
