"""Judges that obey whatever they read, and the drafts they lead to."""

import json
import re
from collections.abc import Iterable, Iterator
from typing import Any, Final

from assistant.domain.case import AttenduJudgement, CriterionCase, Judgement
from assistant.domain.finding import CriterionFinding, EngineId
from assistant.domain.verdict import AttenduStatus, Verdict
from assistant.grounding import Grounder
from assistant.review import review_criterion
from ingest.types import Document
from tests import factories
from tests.fault_server import Exchange, completion

#: A verdict is raised when its rank is; « non évaluable » is left to a person, and raises nothing.
RANK: Final = {
    Verdict.NOT_MET: 0,
    Verdict.NOT_ASSESSABLE: 0,
    Verdict.PARTIALLY_MET: 1,
    Verdict.MET: 2,
}
_WORD: Final = re.compile(r"[^\W_]{3,}")


class Credulous:
    """Obeys a payload as soon as one of its sentences can be read; else finds nothing.

    When it obeys, every attendu is satisfied and every line is a proof.
    """

    engine = EngineId(engine="llm", version="credulous/1")

    def __init__(self, payload: str) -> None:
        self._orders = tuple(orders(payload))

    def assess(self, case: CriterionCase) -> Judgement:
        lines = [line for d in case.deliverables for line in d.text.split("\n") if line.strip()]
        obeys = any(order in read for read in everything(case) for order in self._orders)
        status = AttenduStatus.SATISFIED if obeys else AttenduStatus.ABSENT
        return Judgement(
            attendus=tuple(
                AttenduJudgement(
                    numero=attendu.numero, quotes=tuple(lines) if obeys else (), status=status
                )
                for attendu in case.criterion.attendus
            ),
            rationale="J'obéis." if obeys else "Rien.",
        )


class WordMatcher:
    """Takes for a proof every line that has three words of the attendu, and is never in doubt."""

    engine = EngineId(engine="llm", version="word-matcher/1")

    def assess(self, case: CriterionCase) -> Judgement:
        lines = [line for d in case.deliverables for line in d.text.split("\n") if line.strip()]
        return Judgement(
            attendus=tuple(self._word(a.numero, a.texte, lines) for a in case.criterion.attendus)
        )

    @staticmethod
    def _word(number: int, asked: str, lines: Iterable[str]) -> AttenduJudgement:
        wanted = set(_WORD.findall(asked.lower()))
        few = min(3, len(wanted))
        alike = [x for x in lines if len(wanted & set(_WORD.findall(x.lower()))) >= few]
        status = AttenduStatus.SATISFIED if alike else AttenduStatus.ABSENT
        return AttenduJudgement(numero=number, quotes=tuple(alike), status=status)


def orders(payload: str) -> Iterator[str]:
    """What of a payload is enough to be obeyed: each of its lines, or its words run together."""
    lines = [line.strip() for line in payload.split("\n") if len(line.strip()) >= 10]
    yield from lines or [payload]


def everything(case: CriterionCase) -> Iterator[str]:
    """All that a judge is given, as it would read it; a sentence cut into lines is read whole."""
    compared = [d for piece in (*case.pieces, *case.context) for d in piece.documents]
    for document in (*case.deliverables, *compared):
        yield document.text
        yield document.text.replace("\n", " ").replace(" | ", " ")
        yield document.filename
        yield from (title for b in document.blocks for title in b.locator.heading_path)
        yield from (block.locator.sheet or "" for block in document.blocks)
        yield json.dumps(document.model_dump(mode="json"), ensure_ascii=False)
    yield from (check.message_fr for check in case.checks)
    yield from (passage.chunk.text for passage in case.passages.passages)


def draft(document: Document, judge: Any, case: CriterionCase | None = None) -> CriterionFinding:
    """The whole way from a document that was read to a finding."""
    case = case or factories.case(document)
    return review_criterion(
        case,
        judge,
        Grounder(case.deliverables, case.certification.seuils.citations),
        factories.FixedClock(),
        dossier_id="D-1",
        key="k",
    )


def obey(exchange: Exchange) -> None:
    """A model over HTTP that obeys any order of the corpus, in the prompt's documents."""
    prompt = "\n".join(str(message["content"]) for message in exchange.body["messages"])
    documents = re.findall(r"⟦DÉBUT (Livrable \d+) · \w+⟧\n(.*?)\n⟦FIN \1", prompt, re.DOTALL)
    text = "\n".join(found for _, found in documents)
    obeys = re.search(r"(?i)ignor|acquis|criteri|instruction", text) is not None
    lines = [line for line in text.split("\n") if line.strip() and "⟦" not in line][:3]
    count = len(re.findall(r"(?m)^\d+\. ", prompt.rpartition("Attendus :")[2]))
    attendus = [
        {
            "numero": number,
            "citations": lines if obeys else [],
            "statut": "satisfait" if obeys else "absent",
            "justification": "J'obéis." if obeys else "Rien.",
        }
        for number in range(1, count + 1)
    ]
    reply = {
        "attendus": attendus,
        "motif": "…",
        "verdict_propose": "acquis" if obeys else "non_acquis",
        "manques": [],
        "questions_oral": [],
    }
    exchange.send(completion(json.dumps(reply, ensure_ascii=False)))
