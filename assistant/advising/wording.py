"""Turns an attendu's own words into the end of a French sentence.

« Les besoins du client sont énoncés. » can follow a verb (« … montre que les besoins du client
sont énoncés »); « Analyse de marché : taille, tendances. » cannot, and is quoted. When in doubt,
it is quoted: a quotation is always correct French.
"""

import re
from typing import Final

#: How a sentence that stands alone begins. A pronoun speaks of another sentence; a bare noun is
#: understood only in an enumeration (« Couleurs et logo sont… »).
_DETERMINER: Final = re.compile(
    r"(?:L['’]|Les?|La|Une?|Des|Au moins|Chaque|Tous|Toutes|Tout|Toute|Aucune?|Ces?|Cette|Leurs?|"
    r"Plusieurs|Pour chaque|Pour chacune?|Dans chaque)\b"
)
#: The verb of the main clause, in the third person, not of a relative one.
_VERB: Final = re.compile(
    r"(?<!\bqui )(?<!\bque )(?<!\bdont )\b(?:n['’]|s['’]|se )?(?:est|sont|ont|a|vont|peut|peuvent|"
    r"doit|doivent|reçoi(?:t|vent)|couvr(?:e|ent)|renvo(?:ie|ient)|appara(?:ît|issent)|vaut|"
    r"(?:figure|porte|comporte|découle|rattache|précise|respecte|explique|rappelle|nomme|illustre|"
    r"existe|termine|rassemble|adresse|vise|invite|varie|appuie|éclaire|traite|présente|fonde|"
    r"dépasse|donne|montre|mentionne|relève|tombe|entre|mesure|complète|associe|prolonge|cite|"
    r"hiérarchise|accompagne|apporte|restitue|rejoint|facilite|alterne|concorde|apaise|comprend|"
    r"dispose|permette|retrace|distingue|justifie|résume|détaille|propose|indique|décline)(?:nt)?|"
    r"(?:répon|correspon|contredi|condui|produi)(?:d|t|dent|sent)|conv(?:ient|iennent)|"
    r"t(?:ient|iennent)|cont(?:ient|iennent)|di(?:t|sent)|décri(?:t|vent)|sui(?:t|vent)|"
    r"ser(?:t|vent)|tradui(?:t|sent)|redonne(?:nt)?|permet(?:tent)?|voient)\b"
)
_ENUMERATION: Final = re.compile(r"[A-ZÉÈÀ][a-zéèêàç]+(?: [^,:;]+?)?(?:, | et | ou )")
_PRONOUN: Final = re.compile(
    r"(?:Ils?|Elles?|Aucune? n[e'’]|Chacune?|Celles?|Ceux|Son|Sa|Ses|En|Pour|On)(?:\b|(?<=['’]))"
)
_VOWEL: Final = re.compile(r"[aeiouyàâéèêëîïôûùœæ]", re.IGNORECASE)
_TAIL: Final = re.compile(r"^(?P<head>[^:()]+) : (?P<tail>[^:()]+)$")


def after_que(texte: str) -> str:
    """« que les besoins et attentes du client sont énoncés »; empty when it is no sentence.

    An enumeration after a colon goes between brackets.
    """
    plain = texte.strip().rstrip(".")
    head = plain.split(" : ", 1)[0]
    if " ; " in plain or not _stands_alone(head):
        return ""
    if tail := _TAIL.match(plain):
        plain = f"{tail['head']} ({tail['tail']})"
    clause = lowered(plain)
    return f"qu'{clause}" if _VOWEL.match(clause) else f"que {clause}"


def _stands_alone(clause: str) -> bool:
    verb = _VERB.search(clause)
    if verb is None or _PRONOUN.match(clause):
        return False
    listed = _ENUMERATION.match(clause)
    return bool(_DETERMINER.match(clause) or (listed and listed.end() <= verb.start()))


def as_quoted(texte: str) -> str:
    """The attendu's own words between guillemets, without their full stop."""
    return f"« {texte.strip().rstrip('.')} »"


def lowered(text: str) -> str:
    """Without the capital of its first word, unless that word is an acronym."""
    first = text.split(" ", 1)[0]
    return (
        text if len(first) > 1 and first[1:] != first[1:].lower() else text[:1].lower() + text[1:]
    )


def sentence(text: str) -> str:
    """With a full stop, unless it has its own end."""
    text = text.strip()
    return text if text.endswith((".", "!", "?", "…")) else f"{text}."


def shortened(quote: str, longest: int) -> str:
    """On one line, cut at a word. Units: characters."""
    line = " ".join(quote.split())
    return line if len(line) <= longest else f"{line[:longest].rsplit(' ', 1)[0].rstrip(' ,;:|')}…"
