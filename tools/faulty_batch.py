"""Runs a generated cohort through a faulty loopback server, and checks the accounts.

python -m tools.faulty_batch --dossiers 200 prints Markdown lines. 5 % of the answers are 429, 2 %
are 500, 1 % are cut short and 1 % never come. Three runs, as an operator would make them: a pilot
of five dossiers, then the rest under a budget that is too small, then all that is left. Exits
with 1 when something does not add up. Nothing leaves this machine.
"""

import argparse
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from pydantic import BaseModel

from assistant.app import App
from assistant.app.cohort import RunReport, Stop
from assistant.domain.cohort import Traffic
from assistant.domain.finding import FindingFailure
from tests.cohorts import Silent, generate, installation
from tools.loopback_llm import FAULTS, Account, Behaviour, LoopbackServer

_PILOT: Final = 5
_TIMEOUT_SECONDS: Final = 3.0
_BUDGET_SHARE: Final = 0.5


class Bill(BaseModel):
    """What a run was expected to cost, and what it did. Units: euros."""

    expected: float
    paid: float
    budget: float | None = None
    stop: Stop


class Accounts(BaseModel):
    """The whole trial. `traffic` is the client's count, `server` the server's own."""

    dossiers: int
    criteria: int
    findings: int
    failures: int
    unanswered: int
    bills: tuple[Bill, ...]
    spent_in_store: float
    traffic: Traffic
    server: Account
    seconds: float

    @property
    def problems(self) -> Iterator[str]:
        """What does not add up, in French."""
        usage, server = self.traffic.usage, self.server
        if self.unanswered:
            yield f"{self.unanswered} critère(s) sans proposition ni échec"
        counted = (self.traffic.requests, usage.input_tokens, usage.cached_tokens)
        served = (server.calls, server.input_tokens, server.cached_tokens)
        if (*counted, usage.output_tokens) != (*served, server.output_tokens):
            yield f"comptes différents : {counted} ici, {served} au serveur"
        for bill in self.bills:
            if bill.budget is not None and bill.paid > bill.budget:
                yield f"budget de {bill.budget:.4f} € dépassé : {bill.paid:.4f} €"
        for when, error in (("première", self.first_error), ("après pilote", self.error)):
            if abs(error) > 0.1:
                yield f"estimation ({when}) à {100 * error:+.1f} % de la facture"

    @property
    def error(self) -> float:
        """Of the estimate that the pilot has corrected, against what the rest has cost."""
        after_pilot, last = self.bills[1], self.bills[-1]
        paid = after_pilot.paid + last.paid
        return after_pilot.expected / paid - 1

    @property
    def first_error(self) -> float:
        """Of the estimate made before any request, against the whole bill."""
        return self.bills[0].expected / sum(bill.paid for bill in self.bills) - 1

    def markdown(self) -> str:
        usage, server = self.traffic.usage, self.server
        budgeted = self.bills[1]
        whole = sum(bill.paid for bill in self.bills)
        faults = (server.too_many, server.broken, server.truncated, server.silent)
        rows = {
            "dossiers, critères": f"{self.dossiers}, {self.criteria}",
            "propositions, échecs expliqués, sans réponse": f"{self.findings}, {self.failures}, "
            f"{self.unanswered}",
            "429, 500, réponses coupées, silences": ", ".join(str(n) for n in faults),
            "demandes : comptées ici, par le serveur": f"{self.traffic.requests}, {server.calls}",
            "tokens lus : ici, au serveur": f"{usage.input_tokens}, {server.input_tokens}",
            "dont en cache : ici, au serveur": f"{usage.cached_tokens}, {server.cached_tokens}",
            "tokens écrits : ici, au serveur": f"{usage.output_tokens}, {server.output_tokens}",
            "première estimation ÷ facture": f"{1 + self.first_error:.3f}",
            f"estimation après {_PILOT} dossiers ÷ facture du reste": f"{1 + self.error:.3f}",
            "budget, dépensé quand il arrête (€)": f"{budgeted.budget:.4f}, {budgeted.paid:.4f}",
            "facture, somme gardée en base (€)": f"{whole:.4f}, {self.spent_in_store:.4f}",
            "durée (s)": f"{self.seconds:.0f}",
        }
        return "\n".join(f"| {name} | {value} |" for name, value in rows.items())


def try_faults(folder: Path, dossiers: int, *, concurrency: int = 16, seed: int = 7) -> Accounts:
    """Generate, run three times, and take the accounts of everyone."""
    promo = generate(folder / "promo", dossiers)
    faults = Behaviour(seed=seed, hang_seconds=_TIMEOUT_SECONDS + 1, **FAULTS)
    started = time.monotonic()
    with LoopbackServer(faults) as server:
        app = installation(
            folder, server.url, llm_concurrency=concurrency, llm_timeout_seconds=_TIMEOUT_SECONDS
        )
        runs = [
            _run(app, promo, limit=_PILOT),
            _run(app, promo, budget_share=_BUDGET_SHARE),
            _run(app, promo),
        ]
        account = server.account
    findings, failures = _kept(app)
    with app.cohorts().cohort(promo, judge="llm") as cohort:
        criteria = cohort.plan().criteria
        cohort_id = cohort.id
    records = app.cohorts().cohorts.spending(cohort_id)
    return Accounts(
        dossiers=dossiers,
        criteria=criteria,
        findings=findings,
        failures=failures,
        unanswered=criteria - findings - failures,
        bills=tuple(bill for bill, _ in runs),
        spent_in_store=sum(record.traffic.usage.cost_eur or 0.0 for record in records),
        traffic=sum((report.traffic for _, report in runs), Traffic()),
        server=account,
        seconds=time.monotonic() - started,
    )


def _run(
    app: App, promo: Path, *, limit: int | None = None, budget_share: float | None = None
) -> tuple[Bill, RunReport]:
    with app.cohorts().cohort(promo, judge="llm") as cohort:
        plan = cohort.plan()
        expected = plan.cost_eur or 0.0
        left = None if budget_share is None else budget_share * expected
        budget = None if left is None else plan.spent_eur + left
        report = cohort.run(plan, Silent(), budget_eur=budget, limit=limit)
    bill = Bill(
        expected=expected,
        paid=report.usage.cost_eur or 0.0,
        budget=left,
        stop=report.stop,
    )
    return bill, report


def _kept(app: App) -> tuple[int, int]:
    """Findings and failures on screen."""
    shown = [
        finding
        for record in app.dossiers()
        for epreuve in record.epreuves
        for finding in app.store.current_findings(record.id, epreuve).values()
    ]
    failed = sum(isinstance(finding, FindingFailure) for finding in shown)
    return len(shown) - failed, failed


def main() -> None:
    """Run, print, and fail when something does not add up."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--dossiers", type=int, default=200)
    parser.add_argument("--concurrency", type=int, default=16)
    parser.add_argument("--seed", type=int, default=7)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        accounts = try_faults(
            Path(folder), asked.dossiers, concurrency=asked.concurrency, seed=asked.seed
        )
    print("| mesure | valeur |\n| --- | ---: |\n" + accounts.markdown())
    if problems := list(accounts.problems):
        sys.exit("\n".join(problems))


if __name__ == "__main__":
    main()
