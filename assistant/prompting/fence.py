"""Keeps a candidate's words apart from ours inside a prompt.

The fence is a line that carries a marker nobody can write in advance. The marker is derived from
the documents' text and a secret salt rather than drawn for each call, because the documents come
first in the prompt: a marker that changed at every call would lose the provider's prefix cache,
and the whole file would be paid for again for each criterion. A candidate knows neither the salt
nor, while writing, the final text that is hashed; no reply of the model goes back to them; and
the marker is checked not to stand in any of the texts.
"""

import hashlib
import hmac
import os
import re
import secrets
from collections.abc import Sequence
from pathlib import Path
from typing import Final

_MARKER_LENGTH: Final = 16
_SALT_BYTES: Final = 32

#: Words that chat templates and common prompts reserve: a model may take them for a change of
#: speaker, whoever wrote them. Closed list, so that ordinary text between brackets is left alone.
_RESERVED: Final = (
    r"INST|SYS|SYSTEM_PROMPT|AVAILABLE_TOOLS|TOOL_CALLS?|TOOL_RESULTS|s|bos|eos|pad|unk|think|"
    r"thinking|tool_call|tool_response|system|user|assistant|human|document|documents|"
    r"instructions?|start_of_turn|end_of_turn|begin_of_text|im_start|im_end"
)
_DELIMITER: Final = re.compile(
    rf"<[|｜][^<>\n]{{0,60}}?[|｜]>|<{{1,2}}/?(?:{_RESERVED})>{{1,2}}"
    rf"|\[/?(?:INST|SYS|SYSTEM_PROMPT|AVAILABLE_TOOLS|TOOL_CALLS?|TOOL_RESULTS)\]|[⟦⟧]",
    re.IGNORECASE,
)
_OPEN_TO_SAFE: Final = str.maketrans("<>[]⟦⟧", "‹›❲❳❲❳")
_SAFE_TO_OPEN: Final = str.maketrans("‹›❲❳", "<>[]")
_NEUTRALISED: Final = re.compile(
    rf"‹[|｜][^‹›\n]{{0,60}}?[|｜]›|‹{{1,2}}/?(?:{_RESERVED})›{{1,2}}|❲/?[A-Z_]+❳", re.IGNORECASE
)
_PLACE: Final = re.compile(r"(?:\s*⟦[^⟧\n]{0,200}⟧)+\s*")


#: What a model writes around a quote to say where it stands: « [Livrable 1, page 2] … ».
_WHERE: Final = (
    r"(?:livrable|pièce|page|p\.|pp\.|§|section|partie|tableau|ligne|feuille|diapositive|diapo|"
    r"slide|paragraphe|titre)[ \u00a0]?(?:n°[ \u00a0]?)?[\w.,’'§› \u00a0-]{0,80}"
)
_PLACED_BEFORE: Final = re.compile(rf"^[\[(]{_WHERE}[\])]\s*[:–—-]?\s*", re.IGNORECASE)
_PLACED_AFTER: Final = re.compile(rf"(?<=[»\"”])\s*[\[(]{_WHERE}[\])][.]?$", re.IGNORECASE)


def fence_marker(salt: bytes, texts: Sequence[str]) -> str:
    """A marker for these texts: the same each time, unknown without the salt, in none of them."""
    digest = hashlib.sha256()
    for text in texts:
        digest.update(hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest())
    for attempt in range(1000):
        material = digest.digest() + attempt.to_bytes(2, "big")
        marker = hmac.new(salt, material, hashlib.sha256).hexdigest()[:_MARKER_LENGTH]
        if not any(marker in text for text in texts):
            return marker
    raise AssertionError("a thousand 64-bit markers all stand in the text")


def neutralised(text: str) -> str:
    """The text with whatever could pass for a fence or a chat delimiter made harmless.

    Only the brackets change, for look-alikes: a person and a model still read the same words,
    and `clean_quote` restores them so that a quote is found in the original.
    """
    return _DELIMITER.sub(lambda match: match.group().translate(_OPEN_TO_SAFE), text)


def clean_quote(quote: str) -> str:
    """A model's quote without what the prompt added to the document: place marks, look-alikes."""
    quote = _PLACE.sub("\n", quote)
    quote = _NEUTRALISED.sub(lambda match: match.group().translate(_SAFE_TO_OPEN), quote)
    return _PLACED_AFTER.sub("", _PLACED_BEFORE.sub("", quote.strip())).strip()


def installation_salt(path: Path) -> bytes:
    """The installation's own salt, drawn at the first use and kept readable by its owner only.

    Two processes that start together may each draw one and the last is kept: that costs a missed
    cache, nothing else. Raises: `OSError`.
    """
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(secrets.token_bytes(_SALT_BYTES))
        draft.replace(path)
    salt = path.read_bytes()
    if len(salt) < _SALT_BYTES:
        raise OSError(f"{path} is not a salt: delete it to draw a new one")
    return salt
