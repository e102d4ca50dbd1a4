"""One long deliverable judged here and by other tools, on the same server, in the same run.

python -m tools.bench_peers writes Markdown lines. The others are installed in an environment of
their own (`--environment`, kept between runs), for nothing of theirs belongs in this project's.
Each has a server that has met nothing before, with the times and the faults of `bench_dossier`.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import venv
from pathlib import Path
from typing import Any, Final, NamedTuple

from assistant.app import build_app
from assistant.settings import Settings
from tools.bench_dossier import EPREUVE, FAULTS, TIMES, review, strategy
from tools.bench_judging import COHORT, floor
from tools.loopback_llm import Account, Behaviour, LoopbackServer

ROOT: Final = Path(__file__).resolve().parent.parent
PEERS: Final = {"rubric": "rubric==2.2.0", "autorubric": "autorubric==1.6.1"}
#: Times the text is judged under faults, each with other luck.
_STORMS: Final = 6
#: What both ask a model for. As long as the explanations of the loopback server's own answers.
_REPLY: Final = json.dumps(
    {"criterion_status": "MET", "explanation": "Le livrable le montre, avec ses chiffres. " * 45}
)


class Judged(NamedTuple):
    """What one tool took for one text. Units: seconds, of its process for `computed`."""

    name: str
    account: Account
    answered: int
    seconds: float
    computed: float


def installed(folder: Path) -> Path:
    """The Python of an environment that has the peers."""
    python = folder / "bin" / "python"
    if not python.exists():
        venv.create(folder, with_pip=True)
        command = [str(python), "-m", "pip", "install", "-q", "openai", *PEERS.values()]
        subprocess.run(command, check=True)
    return python


def peer(name: str, python: Path, job: dict[str, Any], behaviour: Behaviour) -> Judged:
    """The other tool's own script, in its own environment."""
    with LoopbackServer(behaviour.model_copy(update={"reply": _REPLY})) as server:
        told = subprocess.run(
            [str(python), str(ROOT / "tools" / "peers" / f"run_{name}.py")],
            input=json.dumps({**job, "url": server.url}),
            env={**os.environ, "LITELLM_LOCAL_MODEL_COST_MAP": "True"},  # no price list fetched
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        account = server.account
    said = json.loads(told.strip().splitlines()[-1])
    if said["error"]:
        print(f"{name}: {said['error']}", file=sys.stderr)
    return Judged(name, account, said["answered"], said["seconds"], said["computed"])


def ours(folder: Path, data_dir: Path, behaviour: Behaviour) -> Judged:
    """This project, its libraries loaded."""
    found = review(folder, data_dir, behaviour, concurrency=32)
    return Judged("preuve", found.account, found.answered, found.seconds, found.computed)


def rows(pages: int, python: Path) -> list[str]:
    """The table's lines."""
    calm = Behaviour(**TIMES)
    stormy = [Behaviour(seed=seed, **FAULTS) for seed in range(_STORMS)]
    with tempfile.TemporaryDirectory() as place:
        root = Path(place)
        folder = strategy(root / "dossier", pages)
        review(folder, root / "premier", Behaviour(), 32)  # loads the libraries
        least = floor([folder], root / "plancher")
        rubric = build_app(Settings(_env_file=None, data_dir=root / "grille")).rubric(EPREUVE)
        job = {
            "text": next(folder.glob("*.md")).read_text(encoding="utf-8"),
            "criteria": [
                "\n".join((c.texte, *(a.texte for a in c.attendus))) for c in rubric.criteres
            ],
        }
        faulty = [ours(folder, root / f"pannes{s.seed}", s) for s in stormy]
        found = [(ours(folder, root / "calme", calm), faulty)]
        for name in PEERS:
            faulty = [peer(name, python, job, one) for one in stormy]
            found.append((peer(name, python, job, calm), faulty))
    return [_row(one, faulty, least.read, len(rubric.criteres)) for one, faulty in found]


def _row(calm: Judged, stormy: list[Judged], least: int, criteria: int) -> str:
    fresh = calm.account.input_tokens - calm.account.cached_tokens
    written = calm.account.output_tokens / max(1, calm.account.answers)
    read = calm.account.input_tokens / max(1, calm.account.answers)
    alone = TIMES["base_seconds"] + read / TIMES["prefill_tokens_per_second"]
    alone += written / TIMES["output_tokens_per_second"]
    cells = (
        calm.name,
        str(calm.account.calls),
        f"{fresh / least:.1f}",
        f"{calm.seconds:.1f}",
        f"{calm.seconds / alone:.2f}",
        f"{1000 * calm.computed / criteria:.0f}",
        f"{calm.answered} sur {criteria}",
        f"{sum(one.answered for one in stormy)} sur {criteria * len(stormy)}",
    )
    return f"| {' | '.join(cells)} |".replace(".", ",")


def main() -> None:
    """Parse the command line, install, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pages", type=int, default=15)
    parser.add_argument("--environment", type=Path, default=ROOT / ".preuve" / "autres-outils")
    asked = parser.parse_args()
    assert COHORT.is_dir()
    lines = rows(asked.pages, installed(asked.environment))
    heads = (
        "outil",
        "demandes",
        "tokens hors cache ÷ plancher",
        "durée (s)",
        "durée ÷ une demande seule",
        "calcul par critère (ms)",
        "répondus",
        "répondus, 10 % de pannes",
    )
    print(f"| {' | '.join(heads)} |\n| --- |{' ---: |' * (len(heads) - 1)}")
    print("\n".join(lines))


if __name__ == "__main__":
    main()
