"""Measures the evaluator's desk in a real browser: python -m tools.bench_desk.

A store of 500 dossiers of 17 criteria, all drafted, a third of them decided. The queue is opened,
then the criteria of one dossier are walked through and decided with the keyboard; times are read
in the page itself, from the key to the new criterion on the screen. Needs Chromium.
"""

import argparse
import platform
import statistics
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from playwright.sync_api import Page

from assistant.app import App, build_app
from assistant.domain.decision import HumanDecision
from assistant.domain.finding import CriterionFinding
from assistant.domain.verdict import Verdict
from assistant.ports import DossierRecord
from assistant.settings import Settings
from ingest.types import Frozen
from tests.browser import browser
from tests.desk import make_dossier, make_draft
from tests.live import served
from tests.web import site_for

EPREUVE: Final = "E1.2"
DOSSIERS: Final = 500
OPENINGS: Final = 10
_START: Final = "<!-- poste : écrit par `make bench`, ne pas modifier à la main -->"
_END: Final = "<!-- fin du poste -->"

#: Press a key and wait until another criterion is on the screen. Returns milliseconds.
_CHANGE_JS: Final = """key => new Promise(done => {
  const box = document.getElementById("fiche");
  const before = box.querySelector(".carte").dataset.critere;
  const start = performance.now();
  const seen = new MutationObserver(() => {
    const card = box.querySelector(".carte");
    if (card && card.dataset.critere !== before) {
      seen.disconnect();
      requestAnimationFrame(() => done(performance.now() - start));
    }
  });
  seen.observe(box, { childList: true });
  box.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true }));
})"""
_OPENED_JS: Final = "performance.getEntriesByType('navigation')[0].domComplete"


class Measure(Frozen):
    """One row. Units: milliseconds."""

    name: str
    times: tuple[float, ...]

    @property
    def row(self) -> str:
        median, worst = statistics.median(self.times), max(self.times)
        return f"| {self.name} | {len(self.times)} | {median:.0f} | {worst:.0f} |"


def fill(app: App, folder: Path, dossiers: int) -> str:
    """Drafts for every criterion of every dossier; returns the id of the one with a real file."""
    dossier_id, document = make_dossier(app, folder, EPREUVE)
    criteria = app.rubric(EPREUVE).criteres
    record = app.library.record(dossier_id)
    for number in range(dossiers):
        own = dossier_id if number == 0 else f"D-{number:04d}"
        if number:
            app.store.save_dossier(
                DossierRecord(**{**record.model_dump(), "id": own, "label": own})
            )
        for place, criterion in enumerate(criteria):
            verdict = list(Verdict)[(number + place) % 4]
            made = make_draft(own, document, criterion, verdict, epreuve=EPREUVE)
            app.store.save_finding(own, made)
            if number % 3 == 1:
                app.store.append_decision(_confirmed(own, made))
    return dossier_id


def _confirmed(dossier_id: str, made: CriterionFinding) -> HumanDecision:
    return HumanDecision(
        dossier_id=dossier_id,
        epreuve=EPREUVE,
        criterion_id=made.criterion_id,
        assessor="Ada",
        action="accept",
        verdict=made.verdict,
        draft_verdict=made.verdict,
        finding_key=made.provenance.key,
        decided_at=made.provenance.created_at,
    )


def measure(page: Page, address: str, dossier_id: str) -> tuple[Measure, ...]:
    """Open the queue, walk forwards, decide everything."""
    openings = []
    for _ in range(OPENINGS):
        page.goto(address, wait_until="load")
        openings.append(float(page.evaluate(_OPENED_JS)))
    page.goto(f"{address}/dossier/{dossier_id}/{EPREUVE}", wait_until="networkidle")
    walked = [float(page.evaluate(_CHANGE_JS, "j")) for _ in range(16)]
    page.goto(f"{address}/dossier/{dossier_id}/{EPREUVE}", wait_until="networkidle")
    decided = [float(page.evaluate(_CHANGE_JS, "Enter")) for _ in range(16)]
    return (
        Measure(name="ouvrir la file", times=tuple(openings)),
        Measure(name="passer au critère suivant (`j`)", times=tuple(walked)),
        Measure(name="confirmer et passer au suivant (`Entrée`)", times=tuple(decided)),
    )


def run(dossiers: int) -> tuple[Measure, ...]:
    """Fill a store of one's own, serve it, and measure in Chromium."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        app = build_app(Settings(data_dir=folder / "data"))
        dossier_id = fill(app, folder / "dossier", dossiers)
        with served(site_for(app, "Ada")) as address, browser() as chrome:
            return measure(chrome.new_page(locale="fr-FR"), address, dossier_id)


def table(measures: Sequence[Measure], dossiers: int) -> str:
    """The figures as Markdown."""
    head = (
        f"{dossiers} dossiers de 17 critères. Python {platform.python_version()}, "
        f"{platform.machine()}, Chromium sans écran, le {time.strftime('%d/%m/%Y')}.\n\n"
        "| geste | mesures | médiane (ms) | pire (ms) |\n| --- | ---: | ---: | ---: |\n"
    )
    return head + "\n".join(found.row for found in measures)


def write(path: Path, text: str) -> None:
    """Replace what stands between the two marks of a document."""
    whole = path.read_text(encoding="utf-8")
    before, rest = whole.split(_START)
    after = rest.split(_END)[1]
    path.write_text(f"{before}{_START}\n\n{text}\n\n{_END}{after}", encoding="utf-8")


def main() -> None:
    """Parse the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--dossiers", type=int, default=DOSSIERS)
    parser.add_argument("--markdown", type=Path)
    arguments = parser.parse_args()
    text = table(run(arguments.dossiers), arguments.dossiers)
    print(text)
    if arguments.markdown:
        write(arguments.markdown, text)


if __name__ == "__main__":
    main()
