"""What an imported answer quotes: honest typography is accepted, a changed meaning never is.

The answers are built from the requests of the example dossiers' Word files, one quote for each
attendu, and go through the importer. The figures are printed with `pytest -s`.
"""

import json
import shutil
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import cycle, islice

import pytest

from assistant import relevance, substance
from assistant.adapters.batch_format import completion
from assistant.app import App, build_app
from assistant.app.requests import LineOutcome
from assistant.domain.dossier import Dossier, FileRole
from assistant.domain.finding import AttenduFinding, CriterionFinding
from assistant.domain.rubric import Criterion
from assistant.domain.verdict import AttenduStatus, Verdict
from assistant.settings import Settings
from ingest.types import Document
from tests.conftest import COHORT
from tests.quote_corpus import Quote, corrupted_quotes, honest_quotes, letters, without_codes

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

ROUNDS = 2  # answers to every request, each round with other quotes
#: Found in the file, and worth nothing: a table's header row that lines up a criterion's key words
#: (« N° | Objectif | Mesure | Échéance »), a promise (« seront présentés à l'oral »), what has
#: nothing to do with the criterion nor the rest of the file: quotes go to any criterion here.
FOUND_BUT_EMPTY = {substance.KEYWORDS_FR, substance.PROMISE_FR, relevance.UNRELATED_FR}
CLAIMS = {AttenduStatus.SATISFIED, AttenduStatus.PARTIAL}
Work = tuple[Dossier, str, Document]
Checked = tuple[str, str, AttenduFinding, CriterionFinding]  # kind, quote, and what became of it


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> App:
    return build_app(Settings(_env_file=None, data_dir=tmp_path_factory.mktemp("data")))


@pytest.fixture(scope="module")
def works(app: App, tmp_path_factory: pytest.TempPathFactory) -> list[Work]:
    """Every épreuve that one Word file of the cohort answers, with that file."""
    found: list[Work] = []
    for source in sorted(path for path in COHORT.iterdir() if path.is_dir()):
        folder = tmp_path_factory.mktemp("dossier") / source.name
        folder.mkdir()
        for file in source.glob("*.docx"):
            shutil.copy(file, folder)
        dossier = app.open(folder)
        for epreuve in dossier.epreuves:
            documents = dossier.deliverables(epreuve)
            if len(documents) == 1:
                found.append((dossier, epreuve, documents[0]))
    return found


def answer(criterion: Criterion, quotes: Iterator[Quote]) -> tuple[str, list[Quote]]:
    """« Satisfait » everywhere, each attendu on one quote of its own."""
    used = list(islice(quotes, len(criterion.attendus)))
    reply = {
        "attendus": [
            {
                "numero": attendu.numero,
                "citations": [quote],
                "statut": "satisfait",
                "justification": "C'est écrit.",
            }
            for attendu, (_, quote) in zip(criterion.attendus, used, strict=True)
        ],
        "motif": "Tout y est.",
        "verdict_propose": "acquis",
        "manques": [],
        "questions_oral": [],
    }
    return json.dumps(reply), used


def imported(
    app: App, work: Work, quotes: Sequence[Quote], model: str
) -> Iterator[tuple[LineOutcome, list[Quote]]]:
    """Export an épreuve's requests, answer them all with these quotes, import the answers.

    Each model's name is a round of its own: what one answered is not asked of another again.
    """
    dossier, epreuve, _ = work
    pool = cycle(quotes)
    lines, used_by_line = [], []
    for round_number in range(ROUNDS):
        requests = app.requests(f"{model}-{round_number}")
        exported = requests.export(dossier, epreuve).lines
        for criterion, request in zip(app.rubric(epreuve).criteres, exported, strict=True):
            content, used = answer(criterion, pool)
            custom_id = json.loads(request)["custom_id"]
            lines.append(json.dumps({"custom_id": custom_id, **completion(content)}))
            used_by_line.append(used)
        outcomes = requests.import_answers("\n".join(lines).encode(), [dossier.id])
        yield from zip(outcomes, used_by_line, strict=True)
        lines, used_by_line = [], []


def checked(outcomes: Iterator[tuple[LineOutcome, list[Quote]]]) -> Iterator[Checked]:
    for outcome, used in outcomes:
        finding = outcome.finding
        assert isinstance(finding, CriterionFinding), outcome.message_fr
        for attendu, (kind, quote) in zip(finding.attendus, used, strict=True):
            yield kind, quote, attendu, finding


def test_honest_quotes_are_accepted_and_shown_as_the_file_has_them(app: App, works: list[Work]):
    kinds: Counter[str] = Counter()
    answers: set[tuple[str, str]] = set()
    refused: list[str] = []
    empty: list[str] = []
    for work in works:
        quotes = honest_quotes(work[2])
        for kind, quote, attendu, finding in checked(imported(app, work, quotes, "honnete")):
            kinds[kind] += 1
            answers.add((finding.provenance.key, finding.criterion_id))
            words = letters(without_codes(quote).removeprefix("⟦page 99⟧"))
            found = [letters(evidence.quote) for evidence in attendu.evidence]
            if any(item.reason_fr in FOUND_BUT_EMPTY for item in attendu.rejected):
                empty.append(f"{kind} : {quote}")
            elif attendu.rejected or words not in found:
                refused.append(f"{kind} : {quote}")
    print(f"\n{len(answers)} réponses honnêtes, {kinds.total()} citations : {dict(kinds)}")
    print(f"trouvées mais sans contenu propre : {empty}")
    assert refused == [], "\n".join(refused)
    assert len(empty) <= kinds.total() / 50, "\n".join(empty)
    assert len(answers) >= 200
    assert kinds.total() >= 200
    assert len(kinds) >= 15


def test_corrupted_quotes_are_all_rejected_and_no_verdict_stands_on_them(
    app: App, works: list[Work]
):
    kinds: Counter[str] = Counter()
    answers: set[tuple[str, str]] = set()
    accepted: list[str] = []
    for work in works:
        dossier, epreuve, document = work
        criteria = app.rubric(epreuve).criteres
        grid = [c.texte for c in criteria] + [a.texte for c in criteria for a in c.attendus]
        briefs = dossier.with_role(FileRole.BRIEF)
        quotes = corrupted_quotes(document, briefs[0] if briefs else None, grid)
        for kind, quote, attendu, finding in checked(imported(app, work, quotes, "corrompu")):
            kinds[kind] += 1
            answers.add((finding.provenance.key, finding.criterion_id))
            rejected = [item.quote for item in attendu.rejected]
            if rejected != [quote] or attendu.status in CLAIMS:
                accepted.append(f"{kind} : {quote}")
            elif finding.verdict in (Verdict.MET, Verdict.PARTIALLY_MET):
                accepted.append(f"verdict {finding.verdict} de {finding.criterion_id}")
    print(f"\n{len(answers)} réponses corrompues, {kinds.total()} citations : {dict(kinds)}")
    assert accepted == [], "\n".join(accepted)
    assert len(answers) >= 200
    assert kinds.total() >= 200
    assert len(kinds) == 14
