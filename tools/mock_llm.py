"""A mock of an OpenAI-compatible server, on loopback, to try the language model path without one.

It understands nothing: for each attendu it quotes the sentence of the deliverable that shares
most words with it. `python -m tools.mock_llm` prints the settings to use; `--fault` makes it
misbehave, to see what an evaluator is told.
"""

import argparse
import json
import re
import time
from collections.abc import Callable
from functools import lru_cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final

from tools.mock_modes import mode_reply

_DELIVERABLE: Final = re.compile(r"⟦DÉBUT (Livrable \d+) · \w+⟧\n(.*?)\n⟦FIN \1 · \w+⟧", re.DOTALL)
_ATTENDU: Final = re.compile(r"^(\d+)\. (?:★ )?(.+)$", re.MULTILINE)
_WORD: Final = re.compile(r"\w{4,}")
_LONGEST_QUOTE: Final = 300
_SATISFIED, _PARTIAL = 3, 2  # words in common

Reply = dict[str, Any]


def reply_to(prompt: str) -> Reply:
    """A well-formed reply to a prompt of `prompts/`, or to a connection test."""
    if "Attendus :" not in prompt:
        return {"reponse": "prêt"}
    if (reply := mode_reply(prompt, _answered)) is not None:
        return reply
    listed = prompt.rpartition("Attendus :")[2]
    due, attendus = _ATTENDU.findall(listed), _answered(prompt, listed)
    missing = [text for (_, text), a in zip(due, attendus, strict=True) if a["statut"] == "absent"]
    return {
        "attendus": attendus,
        "motif": "Réponse du serveur d'essai : des mots en commun, aucun jugement.",
        "verdict_propose": "partiel",
        "manques": missing,
        "questions_oral": ["Pouvez-vous préciser ce point ?"] if missing else [],
    }


def _answered(prompt: str, listed: str) -> list[Reply]:
    """The attendus of a list, each with the sentence of the prompt's documents nearest to it."""
    sentences = [s for _, text in _DELIVERABLE.findall(prompt) for s in _sentences(text)]
    return [_attendu(int(number), text, sentences) for number, text in _ATTENDU.findall(listed)]


@lru_cache(maxsize=64)
def _sentences(text: str) -> tuple[tuple[str, frozenset[str]], ...]:
    """Each sentence and its words: a document is asked about many times."""
    lines = [line for line in text.splitlines() if not line.startswith("⟦")]
    parts = [part.strip() for line in lines for part in re.split(r"(?<=[.!?]) ", line)]
    kept = [part[:_LONGEST_QUOTE].strip() for part in parts if len(part) > 20]
    return tuple((part, frozenset(_WORD.findall(part.lower()))) for part in kept)


def _attendu(number: int, text: str, sentences: list[tuple[str, frozenset[str]]]) -> Reply:
    wanted = set(_WORD.findall(text.lower()))
    best, words = max(sentences, key=lambda one: len(wanted & one[1]), default=("", frozenset()))
    shared = len(wanted & words)
    if shared < _PARTIAL:
        return _said(number, [], "absent", "Aucune phrase ne reprend les mots de l'attendu.")
    status = "satisfait" if shared >= _SATISFIED else "partiel"
    return _said(number, [best], status, f"{shared} mots en commun avec l'attendu.")


def _said(number: int, quotes: list[str], status: str, why: str) -> Reply:
    return {"numero": number, "citations": quotes, "statut": status, "justification": why}


def _invented(reply: Reply) -> Reply:
    for attendu in reply.get("attendus", []):
        attendu["citations"] = ["Cette phrase n'est dans aucun livrable, elle est inventée."]
        attendu["statut"] = "satisfait"
    return reply


#: What `--fault` can do to a good reply: give another text, and why it stopped.
FAULTS: Final[dict[str, Callable[[Reply], tuple[str, str]]]] = {
    "aucune": lambda reply: (json.dumps(reply, ensure_ascii=False), "stop"),
    "citation-inventee": lambda reply: (json.dumps(_invented(reply), ensure_ascii=False), "stop"),
    "tronquee": lambda reply: (json.dumps(reply, ensure_ascii=False)[:80], "length"),
    "hors-schema": lambda reply: (json.dumps({"avis": "favorable"}), "stop"),
    "vide": lambda reply: ("", "stop"),
    "filtree": lambda reply: ("", "content_filter"),
}
#: Faults that are an HTTP status: the status, and the code of the error.
STATUSES: Final[dict[str, tuple[int, str]]] = {
    "cle-refusee": (401, "invalid_api_key"),
    "modele-inconnu": (404, "model_not_found"),
    "surcharge": (429, "rate_limit_exceeded"),
    "credit-epuise": (429, "insufficient_quota"),
    "panne": (500, "server_error"),
    "contexte": (400, "context_length_exceeded"),
}


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    fault = "aucune"
    delay = 0.0

    def do_POST(self) -> None:
        length = int(self.headers.get("Content-Length", "0"))
        body = json.loads(self.rfile.read(length) or b"{}")
        prompt = "\n".join(str(message["content"]) for message in body.get("messages", []))
        time.sleep(self.delay)
        if self.fault in STATUSES:
            status, code = STATUSES[self.fault]
            self._send(status, {"error": {"message": code, "code": code, "type": code}})
            return
        text, reason = FAULTS[self.fault](reply_to(prompt))
        self._send(200, _completion(text, reason, read=len(prompt) // 4))

    def _send(self, status: int, payload: Reply) -> None:
        data = json.dumps(payload).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, format: str, *args: object) -> None:
        """Say that a request came, without a word of what it holds."""
        print(f"{self.log_date_time_string()} {format % args}", flush=True)


def _completion(text: str, reason: str, *, read: int) -> Reply:
    written = len(text) // 4
    return {
        "id": "essai",
        "object": "chat.completion",
        "created": int(time.time()),
        "model": "serveur-d-essai",
        "choices": [
            {
                "index": 0,
                "finish_reason": reason,
                "message": {"role": "assistant", "content": text},
            }
        ],
        "usage": {
            "prompt_tokens": read,
            "completion_tokens": written,
            "total_tokens": read + written,
        },
    }


def server(port: int, *, fault: str = "aucune", delay: float = 0.0) -> ThreadingHTTPServer:
    """A server bound to 127.0.0.1, ready to `serve_forever`; port 0 takes a free one."""
    handler = type("Handler", (_Handler,), {"fault": fault, "delay": delay})
    return ThreadingHTTPServer(("127.0.0.1", port), handler)


def main() -> None:
    """Serve until interrupted."""
    parser = argparse.ArgumentParser(description="Serveur d'essai : il ne comprend rien.")
    parser.add_argument("--port", type=int, default=8099)
    parser.add_argument("--fault", choices=[*FAULTS, *STATUSES], default="aucune")
    parser.add_argument("--delay", type=float, default=0.0, help="secondes avant chaque réponse")
    arguments = parser.parse_args()
    with server(arguments.port, fault=arguments.fault, delay=arguments.delay) as serving:
        print("Serveur d'essai prêt (Ctrl+C pour l'arrêter). Réglages :")
        print(f"  PREUVE_LLM_BASE_URL=http://127.0.0.1:{serving.server_port}/v1")
        print("  PREUVE_LLM_MODEL=serveur-d-essai", flush=True)
        try:
            serving.serve_forever()
        except KeyboardInterrupt:
            print("Arrêté.")


if __name__ == "__main__":
    main()
