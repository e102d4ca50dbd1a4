"""What the mock server replies to the other ways of asking: evidence, verdict, group, statuses.

Each is recognised by the last words of its prompt, as `prompts/*.jinja` write them.
"""

import re
from collections.abc import Callable
from typing import Any, Final

Reply = dict[str, Any]
#: The attendus that a prompt lists, answered one by one: given the prompt and where they stand.
Answered = Callable[[str, str], list[Reply]]

_QUOTE: Final = re.compile(r"^\[(\d+)\] .*?\(attendus ([\d, ]+)\) : ", re.MULTILINE)
_NUMBER: Final = re.compile(r"^(\d+)\. (?:★ )?(.+)$", re.MULTILINE)
_CRITERION: Final = re.compile(r"^## Critère (\d+)$", re.MULTILINE)
_WORDS: Final = {
    "motif": "Réponse du serveur d'essai : des mots en commun, aucun jugement.",
    "verdict_propose": "partiel",
    "manques": [],
    "questions_oral": [],
}


def mode_reply(prompt: str, answered: Answered) -> Reply | None:
    """The reply to a prompt of another mode than one request a criterion; None for no such one."""
    last = prompt.rpartition("Réponds")[2]
    if "les citations relevées" in last:
        return {"attendus": [_quotes_only(a) for a in answered(prompt, _listed(prompt))]}
    if '"preuves" ne contient' in last:
        return {"attendus": _on_quotes(prompt), **_WORDS}
    if '"criteres"' in last:
        return {"criteres": list(_criteria(prompt, answered))}
    if last.lstrip().startswith("par le seul objet JSON, avec") and "# Épreuve" not in prompt:
        return {"attendus": answered(prompt, _listed(prompt))}
    return None


def _listed(prompt: str) -> str:
    return prompt.rpartition("Attendus :")[2]


def _quotes_only(attendu: Reply) -> Reply:
    return {"numero": attendu["numero"], "citations": attendu["citations"]}


def _on_quotes(prompt: str) -> list[Reply]:
    """Satisfied when a quote was found for the attendu, absent otherwise."""
    found = [
        (int(number), {int(n) for n in attendus.split(",")})
        for number, attendus in _QUOTE.findall(prompt)
    ]
    words = []
    for number, _ in _NUMBER.findall(_listed(prompt)):
        proofs = [quote for quote, attendus in found if int(number) in attendus]
        status = "satisfait" if proofs else "absent"
        why = f"{len(proofs)} citation(s) retrouvée(s)."
        words.append(
            {"numero": int(number), "preuves": proofs, "statut": status, "justification": why}
        )
    return words


def _criteria(prompt: str, answered: Answered) -> list[Reply]:
    _, *parts = _CRITERION.split(prompt)
    pairs = zip(parts[::2], parts[1::2], strict=True)
    return [
        {
            "critere": int(number),
            "reponse": {
                "attendus": answered(prompt, text.partition("Attendus :")[2].partition("\n\n")[0]),
                **_WORDS,
            },
        }
        for number, text in pairs
    ]
