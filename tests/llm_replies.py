"""Replies a language model could give on the case of `llm_cases`."""

import json
from typing import Any

from tests.llm_cases import ROW, SENTENCE


def valid_reply(count: int = 2, **changes: Any) -> dict[str, Any]:
    """A good reply: a quote from the deliverable for each attendu."""
    quotes = [SENTENCE, ROW]
    return {
        "attendus": [
            {
                "numero": n,
                "citations": [quotes[(n - 1) % 2]],
                "statut": "satisfait",
                "justification": "Le rythme est chiffré.",
            }
            for n in range(1, count + 1)
        ],
        "motif": "Le calendrier est chiffré et daté.",
        "verdict_propose": "acquis",
        "manques": [],
        "questions_oral": ["Qui publie pendant les congés ?"],
    } | changes


def valid_json(count: int = 2, **changes: Any) -> str:
    return json.dumps(valid_reply(count, **changes), ensure_ascii=False)
