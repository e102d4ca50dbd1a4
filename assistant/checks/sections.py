"""DET-RUBRIQUES, DET-LEXIQUE, DET-JUSTIF: what is named, spoken of, and argued."""

import re
from collections.abc import Iterator, Sequence
from typing import Final

from assistant.agreement import agreed
from assistant.checks.context import GAP, OK, SILENT, CheckContext, Place, listed
from assistant.checks.text import Span, find_term, fold, sentences, stems
from assistant.domain.finding import CheckResult
from ingest.types import BlockKind, Document

#: Words that give a cause, an aim or a consequence.
_CONNECTORS: Final = re.compile(
    r"\bcar\b|\bparce qu|\bafin (?:de|d'|que)|\bpour que\b|\bpour (?:ne pas )?\w+(?:er|ir|re)\b"
    r"|\bpermet(?:tent|tant)?\b|\bcompte tenu\b|\ben raison\b|\bcontrairement\b|\bdonc\b|\bainsi\b"
    r"|\bpuisqu|\bgrace a\b|\ba cause\b|\bc'est (?:la|pourquoi)\b|\bde sorte\b"
    r"|\bcela\b.{0,15}\bevite|\bjustifi|\bmotiv"
    r"|\bpourquoi\b|\braisons?\b|\bdu fait\b|\bcorrespond"
    r"|\bau regard\b|\bc'est (?:donc|le moment)\b"
)
_SYNONYMS: Final = {
    "contexte": ("contexte", "situation", "présentation", "qui sommes-nous", "point de départ"),
    "besoins": ("besoin", "demande", "attente", "problématique"),
    "objectifs": ("objectif", "but", "finalité"),
    "enjeux": ("enjeu",),
    "perimetre": ("périmètre", "hors périmètre", "champ"),
    "livrables": ("livrable", "rendu", "production"),
    "budget": ("budget", "ressources financières", "coût", "devis", "financement"),
    "calendrier": ("calendrier", "planning", "rétroplanning", "échéance", "dates"),
    "acteurs": ("acteur", "interlocuteur", "équipe", "parties prenantes", "rôle"),
    "cible": ("cible", "public", "persona", "audience"),
    "indicateurs": ("indicateur", "KPI", "mesure"),
    "plan d'action": ("plan d'action", "plan d'actions", "actions"),
    "risques": ("risque", "contingence", "plan B", "vigilance"),
    "contraintes": ("contrainte", "à respecter", "limite"),
    "message": ("message",),
    "contact": ("contact", "interlocuteur"),
}


def check_sections(context: CheckContext) -> Iterator[CheckResult]:
    """DET-RUBRIQUES: each expected section, in a heading, a label or a table's title."""
    wanted = listed(context.settings) if "(" in context.settings else []
    wanted = [name for name in wanted if not re.match(r"\d|onze|quatre|cinq|six", name)]
    if len(wanted) < 2:
        return
    found = {name: place for name in wanted if (place := _section(context, name))}
    missing = [name for name in wanted if name not in found]
    if found:
        text = f"Rubriques repérées : {', '.join(found)}."
        yield context.result(OK, "R", text, places=list(found.values()))
    if missing and context.fully_read:
        titles = [h.text for d in context.deliverables for h in d.headings]
        text = (
            f"Intitulés non repérés : {', '.join(missing)}. Titres trouvés : "
            f"{' ; '.join(titles) or 'aucun'}."
        )
        yield context.result(GAP, "I", text)
    elif missing:
        text = f"Non repérés, mais une partie du dossier n'a pas été lue : {', '.join(missing)}."
        yield context.result(SILENT, "I", text)


def _section(context: CheckContext, name: str) -> Place | None:
    terms = (name, *_SYNONYMS.get(fold(name), _SYNONYMS.get(fold(name) + "s", ())))
    for document in context.deliverables:
        for block in document.blocks:
            label = block.text if block.kind is BlockKind.HEADING else _lead(block.text)
            for term in terms:
                if hit := next(find_term(term, label), None):
                    return Place(document, block.start + hit.start, block.start + hit.end)
    return None


def _lead(text: str) -> str:
    """The label that opens a paragraph or fills a cell: « Budget. … », « Cible : … »."""
    match = re.match(r"[^.:\n]{2,60}(?= ?[.:])", text)
    return match.group() if match else text if len(text) <= 40 else ""


def check_lexicon(context: CheckContext) -> Iterator[CheckResult]:
    """DET-LEXIQUE: words of the subject in the text itself, headings aside."""
    terms = _terms(context)
    if not terms:
        return
    found = {term: place for term in terms if (place := _in_body(context.deliverables, term))}
    if found:
        text = f"Termes repérés : {', '.join(found)}."
        yield context.result(OK, "R", text, places=list(found.values()))
    else:
        yield context.result(SILENT, "R", f"Aucun de ces termes n'est repéré : {', '.join(terms)}.")


def _terms(context: CheckContext) -> tuple[str, ...]:
    """The words that the rubric lists after the code, else its « repérage »."""
    named = listed(context.settings) if "(" in context.settings else []
    return tuple(named) if len(named) >= 3 else context.criterion.reperage


def _in_body(documents: Sequence[Document], term: str) -> Place | None:
    wanted = set(stems(term))
    for document in documents:
        for block in document.blocks:
            if block.kind is BlockKind.HEADING or not wanted & set(stems(block.text)):
                continue
            if hit := next(find_term(term, block.text), None):
                return Place(document, block.start + hit.start, block.start + hit.end)
    return None


def check_reasons(context: CheckContext) -> Iterator[CheckResult]:
    """DET-JUSTIF: a causal word within two sentences of the subject's words."""
    places = []
    near_subject = False
    for document in context.deliverables:
        found = [(block.start, s) for block in document.blocks for s in sentences(block.text)]
        subjects = [i for i, (_, s) in enumerate(found) if _speaks_of(context, s.text)]
        near_subject |= bool(subjects)
        causal = {i for i, (_, s) in enumerate(found) if _CONNECTORS.search(fold(s.text))}
        near = sorted({i for at in subjects for i in range(at - 2, at + 3) if i in causal})
        places += [_place(document, *found[i]) for i in near]
    if places:
        text = agreed(f"{len(places)} phrase(s) avec un lien de cause ou de but près du sujet.")
        yield context.result(OK, "I", text, places=places[:6])
    elif near_subject and context.fully_read:
        text = "Le sujet est nommé, sans lien de cause ou de but à moins de deux phrases."
        yield context.result(GAP, "I", text)


def _speaks_of(context: CheckContext, text: str) -> bool:
    return any(next(find_term(term, text), None) for term in context.criterion.reperage)


def _place(document: Document, offset: int, sentence: Span) -> Place:
    return Place(document, offset + sentence.start, offset + sentence.end)
