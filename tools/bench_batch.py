"""Measures a generated cohort through the loopback server, in a process of its own.

python -m tools.bench_batch --dossiers 24 --concurrency 32 prints Markdown lines. The server has a
latency and a prefix cache; nothing is sent elsewhere. CPU is that of this process alone, imports
of the model's libraries included: they weigh less as the cohort grows.
"""

import argparse
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.cohorts import Forgetful, generate, installation


def measure(dossiers: int, concurrency: int, latency: float, folder: Path, url: str) -> list[str]:
    """Markdown rows: what was measured, its value."""
    promo = generate(folder / "promo", dossiers)
    app = installation(folder, url, llm_concurrency=concurrency)
    with app.cohorts().cohort(promo, judge="llm") as cohort:
        started = time.monotonic()
        plan = cohort.plan()
        planned = time.monotonic() - started
        cpu, started = time.process_time(), time.monotonic()
        report = cohort.run(plan, Forgetful())
        wall, cpu = time.monotonic() - started, time.process_time() - cpu
        started = time.monotonic()
        cohort.plan()
        again = time.monotonic() - started
    ideal = plan.pending * latency / concurrency
    fresh = report.usage.input_tokens - report.usage.cached_tokens
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    rows = {
        "critères examinés ou en échec": f"{report.drafted + report.failed} sur {plan.pending}",
        "plan, première lecture (s)": f"{planned:.1f}",
        "plan, rien n'ayant changé (s)": f"{again:.2f}",
        "durée (s), idéal à la même latence": f"{wall:.1f}, {ideal:.1f}",
        "calcul par critère (ms), imports compris": f"{1000 * cpu / max(1, report.drafted):.0f}",
        "tokens lus, dont non en cache": f"{report.usage.input_tokens}, {fresh}",
        "mémoire, au plus (Mio)": f"{peak:.0f}",
    }
    return [f"| {dossiers} | {name} | {value} |" for name, value in rows.items()]


def main() -> None:
    """Start the server, measure, stop it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--dossiers", type=int, default=24)
    parser.add_argument("--concurrency", type=int, default=32)
    parser.add_argument("--latency", type=float, default=0.5, help="secondes par demande")
    asked = parser.parse_args()
    command = [sys.executable, "-m", "tools.loopback_llm", "--base-seconds", str(asked.latency)]
    with (
        subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server,
        tempfile.TemporaryDirectory() as folder,
    ):
        assert server.stdout is not None
        url = server.stdout.readline().strip()
        try:
            rows = measure(asked.dossiers, asked.concurrency, asked.latency, Path(folder), url)
        finally:
            server.terminate()
    print("| dossiers | mesure | valeur |\n| ---: | --- | ---: |\n" + "\n".join(rows))


if __name__ == "__main__":
    main()
