"""Generated cohorts: the example candidates' texts, as text files, with variations."""

import random
import re
import shutil
from functools import cache
from pathlib import Path
from typing import Any

from assistant.app import App, build_app
from assistant.reading import build_reader
from assistant.settings import Settings
from tests.conftest import COHORT

PRICES = """
version: essai
devises: {EUR: {euros: 1.0, depuis: 2026-01-01, source: par définition}}
modeles:
  - {nom: essai, devise: EUR, depuis: 2026-01-01, source: essai,
     entree: 2, entree_en_cache: 0.5, sortie: 8, lot: 0.5}
"""
#: Small files of few criteria: a test runs many dossiers, not much of each.
_LIGHT = ("E1.1_veille_BENALI.pptx", "E3.1_analyse-early-bird_BENALI.pdf")


@cache
def _texts() -> dict[str, str]:
    """The visible text of the example deliverables, by épreuve's file name."""
    reader = build_reader(Settings(_env_file=None), cached=False)
    found = {}
    for path in sorted(COHORT.glob("cand-*/*")):
        if path.name in _LIGHT or path.name == "brief-client.docx":
            document = reader.read(reader.load(path, path.name))
            found.setdefault("brief" if "brief" in path.name else path.name[:4], document.text)
    return found


def generate(root: Path, count: int, *, seed: int = 0) -> Path:
    """`count` dossiers of one or two deliverables and a brief, each with words of its own."""
    chance = random.Random(seed)
    texts = _texts()
    epreuves = sorted(name for name in texts if name != "brief")
    for number in range(count):
        folder = root / f"CANDIDAT-{number:04d} Dominique"
        folder.mkdir(parents=True, exist_ok=True)
        for epreuve in epreuves[: 1 + number % len(epreuves)]:
            text = _varied(texts[epreuve], chance, number)
            (folder / f"{epreuve}_rendu.md").write_text(text, encoding="utf-8")
        (folder / "brief-client.md").write_text(texts["brief"], encoding="utf-8")
    return root


def _varied(text: str, chance: random.Random, number: int) -> str:
    """Some paragraphs less, some numbers changed, a line that is nobody else's."""
    paragraphs = [p for p in text.split("\n") if len(p) < 40 or chance.random() > 0.1]
    changed = "\n\n".join(paragraphs)
    changed = re.sub(r"\b(\d)(\d)\b", lambda m: f"{m[1]}{chance.randrange(10)}", changed)
    return f"# Rendu du dossier {number}\n\n{changed}\n"


def installation(tmp_path: Path, url: str = "", **changes: Any) -> App:
    """An application with data of its own, whose model is behind `url` and priced."""
    tmp_path.mkdir(exist_ok=True)
    prices = tmp_path / "prix.yaml"
    prices.write_text(PRICES, encoding="utf-8")
    values: dict[str, Any] = {
        "data_dir": tmp_path / "donnees",
        "llm_base_url": url,
        "llm_model": "essai" if url else "",
        "llm_context_tokens": 128_000,
        "llm_concurrency": 8,
        "llm_timeout_seconds": 5.0,
        "prices_file": prices,
        "reading_workers": 1,
    } | changes
    return build_app(Settings(_env_file=None, **values))


def forget(tmp_path: Path) -> None:
    """A new installation in the same place."""
    shutil.rmtree(tmp_path / "donnees", ignore_errors=True)


class Silent:
    """A `Witness` that only remembers."""

    def __init__(self) -> None:
        self.events: list[str] = []
        self.findings: list[Any] = []

    def opened(self, dossier: Any) -> None:
        self.events.append(f"opened {dossier.dossier_id}")

    def unopened(self, dossier: Any, message_fr: str) -> None:
        self.events.append(f"unopened {dossier.dossier_id}")

    def done(self, dossier_id: str, finding: Any, traffic: Any) -> None:
        self.findings.append(finding)

    def closed(self, dossier: Any) -> None:
        self.events.append(f"closed {dossier.dossier_id}")


class Forgetful(Silent):
    """A `Witness` that keeps nothing, so that what is measured is not its own memory."""

    def done(self, dossier_id: str, finding: Any, traffic: Any) -> None:
        """Nothing."""
