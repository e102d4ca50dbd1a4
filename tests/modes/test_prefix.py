"""What a provider's prefix cache serves: requests of an épreuve that begin with the same bytes."""

import json
import os
from collections import Counter
from pathlib import Path

import pytest

from assistant.app import build_app
from assistant.prompting.document_text import document_text
from assistant.settings import LlmMode, Settings
from tests.conftest import COHORT

#: A word-processed file, a deck with a PDF, a workbook; several criteria compare with other pieces.
FOLDERS = ("cand-001_LEROY-Camille", "cand-002_BENALI-Sofiane")


pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def data_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One for all: what was read is read once."""
    return tmp_path_factory.mktemp("prefix")


def requests_of(
    mode: LlmMode, folder: str, data_dir: Path, useful: int | None = None
) -> dict[str, list[list[dict[str, str]]]]:
    """For each épreuve, the messages of each request of the first round."""
    settings = Settings(
        _env_file=None,
        data_dir=data_dir,
        llm_mode=mode,
        llm_context_tokens=128_000,
        llm_useful_tokens=useful,
    )
    app = build_app(settings)
    dossier = app.open(COHORT / folder)
    return {
        epreuve: [
            json.loads(line)["body"]["messages"]
            for line in app.requests().export(dossier, epreuve).lines
        ]
        for epreuve in dossier.epreuves
    }


def deliverables_in(text: str) -> int:
    return text.count("⟦FIN Livrable ")


@pytest.mark.parametrize(
    ("mode", "folder"),
    [
        ("critere", FOLDERS[0]),
        ("critere", FOLDERS[1]),
        ("preuves_puis_verdict", FOLDERS[0]),
        ("groupe", FOLDERS[0]),
        ("votes", FOLDERS[1]),
    ],
)
def test_instructions_and_deliverables_are_the_same_bytes_for_all_criteria_of_an_epreuve(
    mode: LlmMode, folder: str, data_dir: Path
) -> None:
    app = build_app(Settings(_env_file=None, data_dir=data_dir))
    dossier = app.open(COHORT / folder)
    for epreuve, requests in requests_of(mode, folder, data_dir).items():
        assert len(requests) > 1
        assert len({messages[0]["content"] for messages in requests}) == 1
        shared = os.path.commonprefix([messages[1]["content"] for messages in requests])
        texts = [document_text(document) for document in dossier.deliverables(epreuve)]
        assert deliverables_in(shared) == len(texts)
        assert len(shared) > sum(map(len, texts))


def test_all_epreuves_share_the_instructions(data_dir: Path) -> None:
    asked = requests_of("critere", FOLDERS[0], data_dir)
    assert len(asked) > 1
    assert len({messages[0]["content"] for r in asked.values() for messages in r}) == 1


@pytest.mark.parametrize("mode", ["critere", "preuves_puis_verdict"])
def test_the_parts_of_a_long_file_are_shared_by_the_criteria_that_read_them(
    mode: LlmMode, data_dir: Path
) -> None:
    requests = requests_of(mode, FOLDERS[0], data_dir, useful=4000)["E1.3"]
    parts = [m[1]["content"] for m in requests if "Ils sont lus en" in m[1]["content"]]
    texts = Counter(part[: part.rindex("⟦FIN Livrable ")] for part in parts)

    shared = [times for times in texts.values() if times > 1]
    assert len(shared) > 1
    assert len(set(shared)) == 1  # each part, once for each of these criteria
    assert min(shared) >= 5


def test_a_small_model_has_the_same_short_instructions_each_time(data_dir: Path) -> None:
    requests = requests_of("petit_modele", FOLDERS[0], data_dir)["E1.3"]
    (instructions,) = {messages[0]["content"] for messages in requests}

    assert len(instructions) < 2500
