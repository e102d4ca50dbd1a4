"""The measure of what a way of asking costs: counted by the server, written in its own place."""

from pathlib import Path

import docx
import pytest

from assistant.domain.finding import Usage
from assistant.pricing import EuroPrice
from tools.bench_judging import Cost, Floor, Variant, floor, measure, section, table, write

PRICE = EuroPrice(fresh_input=0.01, cached_input=0.001, output=0.1, source_fr="test")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "cand-x"
    folder.mkdir()
    document = docx.Document()
    document.add_heading("Charte de modération", level=1)
    for n in range(60):
        document.add_paragraph(
            f"Nous répondons à chaque commentaire, règle numéro {n}, sans délai."
        )
    document.save(folder / "E1.3_charte.docx")
    return folder


@pytest.mark.slow
def test_a_group_reads_less_than_one_request_a_criterion_and_the_floor_less_than_both(
    folder: Path, tmp_path: Path
) -> None:
    data = tmp_path / "data"
    least = floor([folder], data)
    one = measure(Variant("critere", {}), [folder], data)
    group = measure(Variant("groupe", {"llm_mode": "groupe"}), [folder], data)

    assert one.usage.calls == one.criteria == group.criteria
    assert group.usage.calls < one.usage.calls
    assert (one.failures, group.failures) == (0, 0)
    fresh = [c.usage.input_tokens - c.usage.cached_tokens for c in (one, group)]
    assert one.usage.cached_tokens > least.documents  # the document is not paid for each time
    assert 0 < least.read < min(fresh)


def test_the_table_gives_means_and_ratios_to_the_floor() -> None:
    usage = Usage(calls=6, input_tokens=3000, cached_tokens=1000, output_tokens=20)
    costs = [(Variant("critere", {}), Cost(usage, dossiers=2, criteria=6, failures=1))]
    *_, least, row = table(costs, Floor(documents=900, criteria=100), PRICE).splitlines()

    assert least == "| plancher | — | 500 | 500 | 10 | 1,00 | 600,00 c€ | 1,00 | — |"
    assert row == "| critere | 3 | 1 500 | 1 000 | 10 | 2,00 | 1 150,00 c€ | 1,92 | 1 |"
    assert section(costs, Floor(documents=900, criteria=100), PRICE).startswith("2 dossiers")


def test_the_figures_are_written_between_their_own_marks(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    marks = (
        "<!-- interrogation : écrite par `make bench`, ne pas modifier à la main -->",
        "<!-- fin de l'interrogation -->",
    )
    page.write_text(f"avant\n{marks[0]}\nvieux\n{marks[1]}\naprès", encoding="utf-8")
    write(page, "neuf")

    assert page.read_text(encoding="utf-8") == (f"avant\n{marks[0]}\n\nneuf\n\n{marks[1]}\naprès")
