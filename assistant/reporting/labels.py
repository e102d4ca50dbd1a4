"""French words and typography of the exports."""

import re
import unicodedata
from datetime import datetime
from typing import Final

from assistant.domain.finding import EngineId

_NBSP: Final = "\u00a0"
_THIN: Final = "\u202f"

_MONTHS: Final = (
    "janvier février mars avril mai juin juillet août septembre octobre novembre décembre".split()
)

ACTIONS_FR: Final = {
    "accept": "Proposition confirmée",
    "override": "Proposition modifiée",
    "adjudicate": "Désaccord arbitré",
    "blind": "Lecture à l'aveugle",
    "withdraw": "Décision annulée",
}

NO_GENERATIVE_MODEL_FR: Final = (
    "Ces propositions viennent du moteur embarqué : recherche dans les textes, repérage des "
    "attendus et contrôles calculés. Aucun modèle génératif n'a été utilisé."
)
GENERATIVE_MODEL_FR: Final = (
    "Ces propositions ont été rédigées par un modèle de langage ; chaque citation a été retrouvée "
    "dans les fichiers par le programme, ou écartée."
)


def apostrophes(text: str) -> str:
    """Curl the apostrophes of our own words; what stands between « and » is left as it is."""
    if "'" not in text:
        return text
    depth, written = 0, []
    for at, sign in enumerate(text):
        depth = max(0, depth + (sign == "«") - (sign == "»"))
        curled = sign == "'" and not depth and text[at - 1 : at].isalpha() and _elided(text, at)
        written.append("’" if curled else sign)
    return "".join(written)


def _elided(text: str, at: int) -> bool:
    follows = text[at + 1 : at + 2]
    return follows.isalnum() or follows == "«"


def fr(text: str) -> str:
    """The apostrophes and the spaces of French. For our own words, never for a quote.

    What stands between « and » keeps its apostrophes.
    """
    text = apostrophes(text)
    text = re.sub(r" (?=[:»%€])", _NBSP, text)
    text = re.sub(r" (?=[;?!])", _THIN, text)
    return text.replace("« ", f"«{_NBSP}")


def quoted(text: str) -> str:
    """A quote between guillemets, itself untouched."""
    return f"«{_NBSP}{text}{_NBSP}»"


def date_fr(moment: datetime) -> str:
    """« 24 novembre 2026 », in the moment's own zone."""
    day = "1er" if moment.day == 1 else str(moment.day)
    return f"{day}{_NBSP}{_MONTHS[moment.month - 1]} {moment.year}"


def moment_fr(moment: datetime) -> str:
    """« 24 novembre 2026 à 18 h 05 », in the moment's own zone."""
    return f"{date_fr(moment)} à {moment.hour}{_NBSP}h{_NBSP}{moment.minute:02d}"


def count_fr(number: int, singular: str, plural: str = "") -> str:
    """« 0 critère », « 1 critère », « 2 critères »; large numbers are grouped by threes."""
    noun = singular if abs(number) < 2 else plural or f"{singular}s"
    return f"{number_fr(number)}{_NBSP}{noun}"


def number_fr(number: int) -> str:
    """« 1 234 567 »."""
    return f"{number:,}".replace(",", _THIN)


def percent_fr(share: float) -> str:
    """« 93 % » for 0.93. What is not whole is never rounded up to 100 %."""
    percent = round(share * 100) if share >= 1 else min(round(share * 100), 99)
    return f"{percent}{_NBSP}%"


def list_fr(items: list[str]) -> str:
    """« A », « A et B », « A, B et C »."""
    return " et ".join([", ".join(items[:-1]), items[-1]]) if len(items) > 1 else "".join(items)


def engine_fr(engine: EngineId) -> str:
    """Which engine, in one line."""
    if engine.engine == "embedded":
        return f"moteur embarqué {engine.version}, sans modèle génératif"
    parameters = "".join(f", {name} {value}" for name, value in sorted(engine.parameters.items()))
    return f"modèle de langage {engine.model}, consigne {engine.prompt}{parameters}"


#: Invisible characters that are part of ordinary text: soft hyphen, joiners (emoji, some scripts).
_ORDINARY_FORMATS: Final = frozenset("\u00ad\u200c\u200d")


def visible(text: str) -> str:
    """The text as a document can hold and show it.

    Control characters become their pictures (␀), other invisible ones and those that would
    reorder what is read become their code (⟨U+202E⟩), what XML cannot hold becomes U+FFFD. Line
    breaks and tabs stay.
    """
    return "".join(_visible_character(char) for char in text.replace("\r\n", "\n"))


def _visible_character(char: str) -> str:
    code = ord(char)
    if char in "\n\t" or char in _ORDINARY_FORMATS:
        return char
    if code < 0x20:
        return chr(0x2400 + code)
    if 0xD800 <= code <= 0xDFFF or code & 0xFFFE == 0xFFFE:
        return "\ufffd"
    if unicodedata.category(char) in ("Cc", "Cf"):
        return f"⟨U+{code:04X}⟩"
    return char
