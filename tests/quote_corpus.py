"""Honest and corrupted quotes, made from a deliverable's own text by fixed rules.

An honest quote differs from the file by its typography only; a corrupted one says something
else. Nothing is drawn at random: the same text gives the same quotes.
"""

import html
import json
import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from html.entities import codepoint2name
from itertools import zip_longest

from assistant.domain.french import fold_accents
from ingest.types import BlockKind, Document

Quote = tuple[str, str]  # how it was made, and its words

_SENTENCE_END = re.compile(r"(?<=[.!?;])\s+")
_SHORTEST, _LONGEST = 30, 300
_NOT_LETTERS = re.compile(r"[\W_]+")

# -- the passages ---------------------------------------------------------------------------------


def sentences(document: Document) -> list[str]:
    """Sentences long enough to prove something, and whole rows of tables."""
    rows: dict[tuple[object, ...], list[str]] = {}
    found: list[str] = []
    for block in document.blocks:
        if block.kind is BlockKind.TABLE_CELL:
            place = (block.locator.table, block.locator.row)
            rows.setdefault(place, []).append(block.text)
        elif block.kind in (BlockKind.PARAGRAPH, BlockKind.LIST_ITEM):
            found += _SENTENCE_END.split(block.text)
    found += [" | ".join(cells) for cells in rows.values() if len(cells) > 1]
    kept = (s.strip() for s in found)
    return [
        s for s in dict.fromkeys(kept) if _SHORTEST <= len(s) <= _LONGEST and s in document.text
    ]


def letters(text: str) -> str:
    """The letters and figures alone: what typography does not change."""
    return _NOT_LETTERS.sub("", fold_accents(unicodedata.normalize("NFKC", text)).casefold())


def without_codes(quote: str) -> str:
    """What an honest quote says, without the codes that some kinds write."""
    text = re.sub("</?b>", "", html.unescape(html.unescape(quote)))
    return re.sub(r"\\u([0-9a-f]{4})", lambda match: chr(int(match[1], 16)), text)


# -- honest ---------------------------------------------------------------------------------------


def _replaced(*pairs: tuple[str, str]) -> Callable[[str], str]:
    def change(text: str) -> str:
        for old, new in pairs:
            text = text.replace(old, new)
        return text

    return change


def _first_letter(text: str) -> str:
    return text[0].swapcase() + text[1:]


def _broken_line(text: str) -> str:
    middle = text.find(" ", len(text) // 2)
    return text if middle < 0 else f"{text[:middle]}\n{text[middle + 1 :]}"


def _in_a_word(text: str, what: str) -> str:
    """With something in the middle of its longest word."""
    word = max(re.findall(r"[^\W\d_]+", text), key=len)
    half = len(word) // 2
    return text.replace(word, word[:half] + what + word[half:], 1)


_NAMED = str.maketrans(
    {chr(code): f"&{name};" for code, name in codepoint2name.items() if code > 127}
)
_HONEST: dict[str, Callable[[str], str]] = {
    "apostrophes droites": _replaced(("’", "'")),
    "apostrophes courbes": _replaced(("'", "’")),
    "guillemets droits": _replaced(("« ", '"'), (" »", '"'), ("«\u00a0", '"'), ("\u00a0»", '"')),
    "guillemets autour": lambda text: f"« {text} »",
    "guillemets anglais autour": lambda text: f"“{text}”",
    "tirets courts": _replaced(("—", "-"), ("–", "-")),
    "tirets insécables": _replaced(("-", "\u2011")),
    "espaces insécables": _replaced((" :", "\u00a0:"), (" €", "\u202f€"), (" %", "\u00a0%")),
    "toutes insécables": _replaced((" ", "\u00a0")),
    "espaces ordinaires": _replaced(("\u00a0", " "), ("\u202f", " ")),
    "espaces doubles": _replaced((" ", "  ")),
    "première lettre": _first_letter,
    "ligatures": _replaced(("oe", "œ"), ("fi", "ﬁ"), ("fl", "ﬂ")),
    "sans ligature": _replaced(("œ", "oe"), ("æ", "ae")),
    "saut de ligne": _broken_line,
    "cellules sans séparateur": _replaced((" | ", " ")),
    "cellules en tabulations": _replaced((" | ", "\t")),
    "sans point final": lambda text: text.rstrip(" .;:!?"),
    "points de suspension": lambda text: text.rstrip(" .;:!?") + "…",
    "points de suspension devant": lambda text: f"… {text}",
    "accents décomposés": lambda text: unicodedata.normalize("NFD", text),
    "lieu en tête": lambda text: f"⟦page 99⟧\n{text}",
    "trois points": _replaced(("…", "...")),
    "majuscules": str.upper,
    "mot coupé en fin de ligne": lambda text: _in_a_word(text, "-\n"),
    "césure cachée": lambda text: _in_a_word(text, "\u00ad"),
    "espace sans largeur": lambda text: _in_a_word(text, "\u200b"),
    "puce": lambda text: text if text[0].isdigit() else f"- {text}",
    "étoile": lambda text: f"* {text}",
    "gras": lambda text: f"**{text.rstrip(' .')}**",
    "guillemets simples": lambda text: f"‹ {text} ›",
    "cellules en tirets": _replaced((" | ", " — ")),
    "cellules en deux-points": _replaced((" | ", " : ")),
    "cellules en points-virgules": _replaced((" | ", " ; ")),
    "cellules en barres": _replaced((" | ", " / ")),
    "cellules à la ligne": _replaced((" | ", "\n")),
    "ligne de tableau": lambda text: f"| {text} |" if " | " in text else text,
    "milliers sans espace": lambda text: re.sub(
        r"(?<![\d,.])(\d{1,3})[ \u00a0\u202f](\d{3})(?!\d)", r"\1\2", text
    ),
    "entités nommées": lambda text: html.escape(text).translate(_NAMED),
    "entités numériques": lambda text: re.sub("[^\x00-\x7f]", lambda m: f"&#{ord(m[0])};", text),
    "entités deux fois": lambda text: html.escape(html.escape(text).translate(_NAMED)),
    "balises": lambda text: re.sub(r"^(\w+)", r"<b>\1</b>", text),
    "caractères échappés": lambda text: json.dumps(text)[1:-1],
    "virgule en point": lambda text: re.sub(
        r"(?<![\d,.])(\d+),(\d{1,2})(?![\d,.])", r"\1.\2", text
    ),
}


def honest_quotes(document: Document) -> list[Quote]:
    """Each passage in each typography that changes it, the kinds taken in turn."""
    passages = sentences(document)
    kinds = [
        [(kind, quote) for passage in passages if (quote := change(passage)) != passage]
        for kind, change in _HONEST.items()
    ]
    return _in_turn(kinds)


# -- corrupted ------------------------------------------------------------------------------------

_MONTHS = (
    "janvier février mars avril mai juin juillet août septembre octobre novembre décembre".split()
)
_DAYS = "lundi mardi mercredi jeudi vendredi samedi dimanche".split()
_NEGATIONS = ((r"\bsans\b", "avec"), (r"\bn[e'’]\s?", ""), (r"\bpas\b ", ""), (r"\bnon\b", "oui"))
_OPPOSITES = (
    ("avant", "après"),
    ("augmenter", "diminuer"),
    ("hausse", "baisse"),
    ("interne", "externe"),
    ("public", "privé"),
    ("publique", "privée"),
    ("positif", "négatif"),
    ("premier", "dernier"),
    ("première", "dernière"),
    ("gratuit", "payant"),
    ("matin", "soir"),
    ("ouverture", "fermeture"),
    ("minimum", "maximum"),
    ("plus", "moins"),
    ("avec", "sans"),
    ("toujours", "jamais"),
    ("chaque", "aucun"),
    ("tous", "aucun"),
    ("forces", "faiblesses"),
    ("autorisé", "interdit"),
    ("local", "national"),
    ("début", "fin"),
    ("court", "long"),
    ("fort", "faible"),
    ("jeunes", "âgés"),
)
_PERSONS = (
    ("nous", "vous"),
    ("notre", "votre"),
    ("nos", "vos"),
    ("je", "il"),
    ("mon", "son"),
    ("le client", "le concurrent"),
    ("la cliente", "la concurrente"),
    ("community manager", "directeur financier"),
    ("gérante", "stagiaire"),
    ("responsable", "prestataire"),
    ("équipe", "agence"),
)
_UNITS = (
    ("€", "%"),
    ("%", "€"),
    ("euros", "points"),
    ("jours", "heures"),
    ("heures", "minutes"),
    ("h", "min"),
    ("semaine", "journée"),
    ("semaines", "journées"),
    ("mois", "fois"),
    ("fois", "mois"),
    ("abonnés", "clients"),
    ("min", "h"),
    ("ans", "mois"),
    ("€", "k€"),
    ("€", "M€"),
    ("HT", "TTC"),
    ("TTC", "HT"),
)
_INVENTED = (
    "La direction a validé par écrit la démarche de {word} le lundi suivant la présentation.",
    "Une étude menée auprès de mille personnes confirme l'intérêt de {word} pour la marque.",
    "Le candidat a parfaitement compris la demande et propose une réponse complète sur {word}.",
    "Chaque indicateur de {word} est suivi dans un tableau partagé avec le client.",
)


def _swaps(text: str, pairs: Sequence[tuple[str, str]]) -> Iterator[str]:
    """The text with the first word of a pair replaced by the second, once for each pair."""
    for old, new in pairs:
        word = rf"(?<!\w){re.escape(old)}(?!\w)"
        changed = re.sub(word, new, text, count=1, flags=re.IGNORECASE)
        if changed != text:
            yield changed


def _number(text: str) -> Iterator[str]:
    for match in re.finditer(r"\d", text):
        digit = str((int(match.group()) + 3) % 10)
        yield text[: match.start()] + digit + text[match.end() :]
        return


def _number_tenfold(text: str) -> Iterator[str]:
    changed = re.sub(r"(\d)(?!\d|[  \u202f.,]?\d)", r"\g<1>0", text, count=1)
    if changed != text:
        yield changed


def _date(text: str) -> Iterator[str]:
    months = list(zip(_MONTHS, _MONTHS[1:] + _MONTHS[:1], strict=True))
    days = list(zip(_DAYS, _DAYS[1:] + _DAYS[:1], strict=True))
    years = [(str(year), str(year - 1)) for year in range(2020, 2030)]
    yield from _swaps(text, [*months, *days, *years])


def _dropped_negation(text: str) -> Iterator[str]:
    for pattern, new in _NEGATIONS:
        changed = re.sub(pattern, new, text, count=1, flags=re.IGNORECASE)
        if changed != text:
            yield changed


def _inserted(*words: str) -> Callable[[str], Iterator[str]]:
    def insert(text: str) -> Iterator[str]:
        middle = text.find(" ", len(text) // 2)
        if middle > 0:
            yield from (f"{text[:middle]} {word}{text[middle:]}" for word in words)

    return insert


def _removed_word(text: str) -> Iterator[str]:
    words = text.split(" ")
    inner = [n for n, word in enumerate(words[1:-1], start=1) if len(word) > 5 and word.isalpha()]
    if inner:
        dropped = inner[len(inner) // 2]
        yield " ".join(words[:dropped] + words[dropped + 1 :])


_CORRUPTED: dict[str, Callable[[str], Iterator[str]]] = {
    "nombre changé": _number,
    "nombre décuplé": _number_tenfold,
    "date changée": _date,
    "négation ôtée": _dropped_negation,
    "négation ajoutée": _inserted("pas", "jamais"),
    "mot contraire": lambda text: _swaps(text, _OPPOSITES),
    "autre personne": lambda text: _swaps(text, _PERSONS),
    "autre unité": lambda text: _swaps(text, _UNITS),
    "mots ajoutés": _inserted("très largement", "et gratuitement"),
    "mot ôté": _removed_word,
}


def _merged(passages: Sequence[str]) -> Iterator[str]:
    """The beginning of one sentence, the end of another that stands elsewhere."""
    half = len(passages) // 2
    for first, second in zip(passages, passages[half:], strict=False):
        head, tail = first.split(" "), second.split(" ")
        yield " ".join((*head[: len(head) // 2], *tail[len(tail) // 2 :]))


def _invented(document: Document) -> Iterator[str]:
    words = [h.text.casefold() for h in document.headings] or ["cette action"]
    for number, word in enumerate(words):
        yield _INVENTED[number % len(_INVENTED)].format(word=word)


def corrupted_quotes(
    document: Document, brief: Document | None, grid: Sequence[str]
) -> list[Quote]:
    """Quotes that the deliverable does not hold; `grid`: the criteria's and attendus' own words."""
    passages = sentences(document)
    made: dict[str, list[str]] = {
        kind: [quote for passage in passages for quote in change(passage)]
        for kind, change in _CORRUPTED.items()
    }
    made["deux phrases fondues"] = list(_merged(passages))
    made["phrase du brief"] = sentences(brief) if brief else []
    made["phrase de la grille"] = [text for text in grid if len(text) >= _SHORTEST]
    made["phrase inventée"] = list(_invented(document))
    held = letters(document.text)
    kinds = [
        [(kind, quote) for quote in dict.fromkeys(quotes) if letters(quote) not in held]
        for kind, quotes in made.items()
    ]
    return _in_turn(kinds)


def _in_turn(kinds: Sequence[Sequence[Quote]]) -> list[Quote]:
    return [quote for turn in zip_longest(*kinds) for quote in turn if quote is not None]
