"""One long deliverable, one épreuve: uncached tokens and waiting, beside the least possible.

python -m tools.bench_dossier writes Markdown lines. A strategy of some fifteen pages, made of the
example cohort's paragraphs, is reviewed over real HTTP on a loopback server with a latency, a speed
of reading and of writing, and a prefix cache. The floor in tokens is the text once and the
criteria; in time, one request that finds nothing in the cache. With 10 % of faults too.
"""

import argparse
import random
import tempfile
import time
from pathlib import Path
from typing import Final, NamedTuple

from assistant.app import build_app
from assistant.domain.finding import FindingFailure
from assistant.reading import build_reader
from assistant.settings import Settings
from tools.bench_judging import COHORT, floor
from tools.loopback_llm import Account, Behaviour, LoopbackServer

EPREUVE: Final = "E1.2"
_WORDS_PER_PAGE: Final = 450
TIMES: Final = {
    "base_seconds": 0.3,
    "prefill_tokens_per_second": 3000.0,
    "output_tokens_per_second": 300.0,
}
FAULTS: Final = {"too_many": 0.05, "broken": 0.03, "truncated": 0.02}


class Review(NamedTuple):
    """What one review took. Units: seconds, of this process for `computed`."""

    account: Account
    criteria: int
    answered: int
    failed: int
    seconds: float
    computed: float


def strategy(folder: Path, pages: int, *, seed: int = 3) -> Path:
    """A dossier of one deliverable of so many pages, and a brief."""
    reader = build_reader(Settings(_env_file=None), cached=False)
    chance = random.Random(seed)
    paragraphs: list[str] = []
    for path in sorted(COHORT.glob(f"cand-*/{EPREUVE}_*")):
        text = reader.read(reader.load(path, path.name)).text
        paragraphs += [line for line in text.split("\n") if len(line.split()) > 3]
    folder.mkdir(parents=True)
    kept: list[str] = []
    while len(" ".join(kept).split()) < pages * _WORDS_PER_PAGE:
        kept.append(paragraphs[len(kept) % len(paragraphs)])
        if len(kept) > len(paragraphs):  # a second time, with other figures
            kept[-1] = f"{kept[-1]} (variante {chance.randrange(1000)})"
    (folder / f"{EPREUVE}_strategie.md").write_text("\n\n".join(kept), encoding="utf-8")
    brief = next(iter(sorted(COHORT.glob("cand-*/brief*.docx"))))
    (folder / brief.name).write_bytes(brief.read_bytes())
    return folder


def review(folder: Path, data_dir: Path, behaviour: Behaviour, concurrency: int) -> Review:
    """All the criteria, on a server that has met nothing before."""
    with LoopbackServer(behaviour) as server:
        app = build_app(
            Settings(
                _env_file=None,
                data_dir=data_dir,
                llm_model="essai",
                llm_base_url=server.url,
                llm_context_tokens=128_000,
                llm_concurrency=concurrency,
            )
        )
        dossier = app.open(folder)
        app.bench(dossier, EPREUVE).scope(app.rubric(EPREUVE).criteres[0])
        computed, started = time.process_time(), time.monotonic()
        findings = app.review(dossier, EPREUVE, judge="llm")
        seconds, computed = time.monotonic() - started, time.process_time() - computed
        account = server.account
    failed = sum(isinstance(finding, FindingFailure) for finding in findings)
    return Review(account, len(findings), len(findings) - failed, failed, seconds, computed)


def rows(pages: int, concurrency: int) -> list[str]:
    """The table's lines."""
    with tempfile.TemporaryDirectory() as place:
        root = Path(place)
        folder = strategy(root / "dossier", pages)
        first = review(folder, root / "premier", Behaviour(), concurrency)  # loads the libraries
        alone = review(folder, root / "seul", Behaviour(), concurrency)
        calm = review(folder, root / "calme", Behaviour(**TIMES), concurrency)
        stormy = review(folder, root / "pannes", Behaviour(seed=5, **TIMES, **FAULTS), concurrency)
        least = floor([folder], root / "plancher")
    account = calm.account
    fresh = account.input_tokens - account.cached_tokens
    one = account.input_tokens / account.answers / TIMES["prefill_tokens_per_second"]
    one += TIMES["base_seconds"]
    one += account.output_tokens / account.answers / TIMES["output_tokens_per_second"]
    table = {
        "critères, demandes": f"{calm.criteria}, {account.calls}",
        "texte et critères, lus une fois (tokens)": f"{least.documents} + {least.criteria}",
        "tokens hors cache ÷ plancher": f"{fresh / least.read:.2f}",
        "sans cache de préfixe, ce serait": f"{account.input_tokens / least.read:.1f}",
        "durée, une demande seule (s)": f"{calm.seconds:.1f}, {one:.1f}",
        "durée ÷ une demande seule": f"{calm.seconds / one:.2f}",
        "chargement des bibliothèques, une fois (s)": f"{first.seconds - alone.seconds:.1f}",
        "calcul par critère (ms), bibliothèques chargées": (
            f"{1000 * alone.computed / alone.criteria:.0f}"
        ),
        "avec 10 % de pannes : répondus, échecs expliqués": f"{stormy.answered}, {stormy.failed}",
        "avec 10 % de pannes : demandes, durée (s)": (
            f"{stormy.account.calls}, {stormy.seconds:.1f}"
        ),
    }
    return [f"| {name} | {value} |" for name, value in table.items()]


def main() -> None:
    """Parse the command line, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pages", type=int, default=15)
    parser.add_argument("--concurrency", type=int, default=32)
    asked = parser.parse_args()
    print("| mesure | valeur |\n| --- | ---: |\n" + "\n".join(rows(asked.pages, asked.concurrency)))


if __name__ == "__main__":
    main()
