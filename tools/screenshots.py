"""Takes the pictures of the documentation: python -m tools.screenshots.

Needs Chromium and the development packages. The dossiers are the fictional ones of the project.
"""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.browser import ROOT, Server, browser

IMAGES = ROOT / "docs" / "images"
EXAMPLE = ROOT / "eval_sets" / "cohorte-exemple" / "cand-002_BENALI-Sofiane"
CRITERION = "E2.3/operationnalite-campagne/CE2"


def take_pictures() -> None:
    """Review one example dossier in a folder of its own, then photograph the page."""
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder) / "data"
        subprocess.run(
            [sys.executable, "-m", "assistant.cli", "review", str(EXAMPLE)],
            env=os.environ | {"PREUVE_DATA_DIR": str(data)},
            check=False,  # an unreadable file would only be missing from the picture
            stdout=subprocess.DEVNULL,
        )
        server = Server(data, Path(folder) / "server.log")
        server.start()
        try:
            _photograph(server.url)
        finally:
            server.kill()


def _photograph(url: str) -> None:
    IMAGES.mkdir(parents=True, exist_ok=True)
    with browser() as chrome:
        page = chrome.new_page(locale="fr-FR", viewport={"width": 1500, "height": 1080})
        page.goto(url)
        page.wait_for_selector("button[data-criterion]")
        page.get_by_role("combobox", name="Épreuve").click()
        page.get_by_role("option", name=CRITERION.partition("/")[0]).click()
        page.locator(f'button[data-criterion="{CRITERION}"]').click()
        page.wait_for_selector(f"#fiche .eyebrow:has-text('{CRITERION}')")
        page.wait_for_timeout(800)
        page.screenshot(path=IMAGES / "page.png")


if __name__ == "__main__":
    take_pictures()
