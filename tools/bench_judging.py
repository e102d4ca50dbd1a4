"""What each way of asking a language model costs, on the example cohort, beside the least possible.

Every mode reviews every dossier over real HTTP, against `tools.loopback_llm`: it understands
nothing, but it counts requests and tokens, and keeps a prefix cache as providers do (steps of 128
tokens, from 1 024 on). Each dossier has a new server, so that nothing is cached from another one.
The floor is the dossier's text once, the criteria with their attendus, and the answers: no
instructions, no search, nothing twice.

`python -m tools.bench_judging --markdown docs/benchmarks.md` writes the table between its marks.
"""

import argparse
import sys
import tempfile
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, NamedTuple, get_args

from assistant.app import App, build_app
from assistant.domain.dossier import Dossier
from assistant.domain.finding import FindingFailure, Usage
from assistant.pricing import EuroPrice, load_prices
from assistant.prompting.document_text import document_text
from assistant.settings import LlmMode, Settings, bundled
from tools.loopback_llm import LoopbackServer, count_tokens

COHORT: Final = bundled("eval_sets") / "cohorte-exemple"
#: Whose prices turn tokens into euros: a way of asking is compared with another, not a model.
PRICED: Final = ("gpt-4.1-mini", "api.openai.com")
_START: Final = "<!-- interrogation : écrite par `make bench`, ne pas modifier à la main -->"
_END: Final = "<!-- fin de l'interrogation -->"


class Variant(NamedTuple):
    """A mode, with the settings that differ from the defaults."""

    name: str
    settings: dict[str, Any]


VARIANTS: Final = (
    *(Variant(mode, {"llm_mode": mode}) for mode in get_args(LlmMode)),
    Variant("critere, contexte utile de 6 000", {"llm_useful_tokens": 6000}),
)


class Cost(NamedTuple):
    """What reviewing some dossiers took. `failures` counts criteria without a finding."""

    usage: Usage
    dossiers: int
    criteria: int
    failures: int


class Floor(NamedTuple):
    """The least that a model must read: tokens of the texts, and of the criteria."""

    documents: int
    criteria: int

    @property
    def read(self) -> int:
        return self.documents + self.criteria


def measure(variant: Variant, folders: Sequence[Path], data_dir: Path) -> Cost:
    """Review these dossiers, each with a server of its own."""
    usage, criteria, failures = Usage(), 0, 0
    for folder in folders:
        with LoopbackServer() as server:
            app = _install(data_dir, server.url, **variant.settings)
            dossier = app.open(folder)
            for epreuve in dossier.epreuves:
                findings = app.review(dossier, epreuve, judge="llm")
                criteria += len(findings)
                failures += sum(isinstance(finding, FindingFailure) for finding in findings)
            account = server.account
        usage = Usage(
            calls=usage.calls + account.calls,
            input_tokens=usage.input_tokens + account.input_tokens,
            cached_tokens=usage.cached_tokens + account.cached_tokens,
            output_tokens=usage.output_tokens + account.output_tokens,
        )
    return Cost(usage, len(folders), criteria, failures)


def floor(folders: Sequence[Path], data_dir: Path) -> Floor:
    """Each text of each épreuve once, and its criteria."""
    app = _install(data_dir, "http://127.0.0.1:9/v1")
    documents = criteria = 0
    for folder in folders:
        dossier = app.open(folder)
        for epreuve in dossier.epreuves:
            documents += sum(count_tokens(text) for text in _texts(app, dossier, epreuve))
            criteria += sum(
                count_tokens("\n".join((c.texte, *(a.texte for a in c.attendus))))
                for c in app.rubric(epreuve).criteres
            )
    return Floor(documents, criteria)


def _texts(app: App, dossier: Dossier, epreuve: str) -> Iterator[str]:
    """The deliverables and all that any criterion compares them with, each once."""
    bench = app.bench(dossier, epreuve)
    scopes = [bench.scope(criterion) for criterion in app.rubric(epreuve).criteres]
    shown = {
        document.sha256: document
        for scope in scopes
        for document in (
            *scope.deliverables,
            *(document for piece in scope.pieces for document in piece.documents),
        )
    }
    return (document_text(document) for document in shown.values())


def _install(data_dir: Path, url: str, **changes: Any) -> App:
    values = {"data_dir": data_dir, "llm_model": "essai", "llm_base_url": url, "llm_concurrency": 1}
    return build_app(Settings(_env_file=None, **{**values, **changes}))


def table(costs: Sequence[tuple[Variant, Cost]], least: Floor, price: EuroPrice) -> str:
    """Means for one dossier, and how many times the floor."""
    answers = costs[0][1].usage.output_tokens
    floor_usage = Usage(input_tokens=least.read, output_tokens=answers)
    dossiers = costs[0][1].dossiers
    lines = [
        "| manière | demandes | tokens lus | hors cache | écrits | hors cache ÷ plancher "
        "| coût | coût ÷ plancher | échecs |",
        "| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |",
        _row("plancher", floor_usage, floor_usage, dossiers, price, "—"),
    ]
    lines += [
        _row(variant.name, cost.usage, floor_usage, cost.dossiers, price, str(cost.failures))
        for variant, cost in costs
    ]
    return "\n".join(lines)


def _row(
    name: str, usage: Usage, least: Usage, dossiers: int, price: EuroPrice, failures: str
) -> str:
    fresh = usage.input_tokens - usage.cached_tokens
    cells = [
        name,
        _number(usage.calls / dossiers) if usage.calls else "—",
        _number(usage.input_tokens / dossiers),
        _number(fresh / dossiers),
        _number(usage.output_tokens / dossiers),
        _number(fresh / least.input_tokens, 2),
        f"{_number(100 * price.cost(usage) / dossiers, 2)} c€",
        _number(price.cost(usage) / price.cost(least), 2),
        failures,
    ]
    return f"| {' | '.join(cells)} |"


def _number(value: float, digits: int = 0) -> str:
    return f"{value:,.{digits}f}".replace(",", " ").replace(".", ",")


def section(costs: Sequence[tuple[Variant, Cost]], least: Floor, price: EuroPrice) -> str:
    """The measured part of the page."""
    cost = costs[0][1]
    told = (
        f"{cost.dossiers} dossiers, {cost.criteria} critères ; moyennes pour un dossier. "
        f"Plancher : {_number(least.documents / cost.dossiers)} tokens de textes et "
        f"{_number(least.criteria / cost.dossiers)} de critères, lus une fois, et les réponses de "
        f"la manière « {costs[0][0].name} ». Coût aux prix de {PRICED[0]} ({price.source_fr})."
    )
    return "\n\n".join((told, table(costs, least, price)))


def write(path: Path, text: str) -> None:
    """Replace the figures of a page, between its two marks."""
    page = path.read_text(encoding="utf-8")
    before, rest = page.split(_START)
    after = rest.split(_END)[1]
    path.write_text(f"{before}{_START}\n\n{text}\n\n{_END}{after}", encoding="utf-8")


def main() -> None:
    """Parse the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--markdown", type=Path)
    parser.add_argument("--dossiers", type=int, help="only the first ones")
    arguments = parser.parse_args()
    folders = sorted(path for path in COHORT.iterdir() if path.is_dir())[: arguments.dossiers]
    price = load_prices(Settings(_env_file=None)).price(*PRICED, datetime.now(UTC).date())
    if price is None:
        parser.error(f"no price for {PRICED[0]}")
    costs = []
    with tempfile.TemporaryDirectory(prefix="preuve-bench-") as data:
        least = floor(folders, Path(data))
        for variant in VARIANTS:
            costs.append((variant, measure(variant, folders, Path(data))))
            print(variant.name, costs[-1][1], file=sys.stderr, flush=True)
    text = section(costs, least, price)
    print(text)
    if arguments.markdown:
        write(arguments.markdown, text)


if __name__ == "__main__":
    main()
