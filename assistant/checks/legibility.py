"""DET-LISIB and DET-LONGUEUR: how long sentences, paragraphs and posts are."""

import re
from collections.abc import Iterator
from statistics import mean
from typing import Final

from assistant.agreement import agreed
from assistant.checks.context import GAP, OK, SILENT, CheckContext, Place
from assistant.checks.text import fold, sentences, words
from assistant.domain.finding import CheckResult
from assistant.domain.tables import Reseau
from ingest.types import Block, BlockKind, Document

#: Words per sentence and per paragraph; a rubric's own figure (« ≤ 22 mots ») comes first.
_SENTENCE: Final = 25
_PARAGRAPH: Final = 150
#: A sentence that nobody reads in one breath, whatever the mean.
_ENDLESS: Final = 60


def check_legibility(context: CheckContext) -> Iterator[CheckResult]:
    """DET-LISIB: mean length of sentences, long paragraphs, headings."""
    given = re.search(r"≤ ?(\d+) mots", context.settings)
    limit = int(given[1]) if given else _SENTENCE
    for document in context.deliverables:
        prose = [b for b in document.blocks if b.kind is not BlockKind.TABLE_CELL]
        lengths = [
            (sum(1 for _ in words(s.text)), b, s)
            for b in prose
            if b.kind is not BlockKind.HEADING
            for s in sentences(b.text)
        ]
        lengths = [item for item in lengths if item[0] >= 4]
        if len(lengths) < 5:
            continue
        average = mean(length for length, *_ in lengths)
        longest, block, sentence = max(lengths, key=lambda item: item[0])
        long_paragraphs = [b for b in prose if sum(1 for _ in words(b.text)) > _PARAGRAPH]
        text = _told(document, average, limit, longest, len(long_paragraphs))
        start = block.start + sentence.start
        place = Place(document, start, block.start + sentence.end)
        yield context.result(
            GAP if average > limit or longest > _ENDLESS else OK, "I", text, places=[place]
        )


def _told(document: Document, average: float, limit: int, longest: int, long: int) -> str:
    figure = f"{average:.1f}".replace(".", ",")
    heavy = agreed(f"{long} paragraphe(s)")
    return (
        f"{document.filename} : {figure} mots par phrase en moyenne (repère : {limit}) ; la plus "
        f"longue en compte {longest} ; {heavy} de plus de {_PARAGRAPH} mots ; "
        f"{len(document.headings)} titres."
    )


_POST: Final = re.compile(r"^(?:legende|texte|description|bio|titre|post|publication|message)\b")
_QUOTED: Final = re.compile(r"«\s?(?P<text>[^»]{10,})\s?»")


def check_lengths(context: CheckContext) -> Iterator[CheckResult]:
    """DET-LONGUEUR: quoted posts, against the limit of the one network that is named nearby."""
    networks = context.certification.tables.reseaux
    for document in context.deliverables:
        for block in document.blocks:
            if not _POST.match(fold(block.text)):
                continue
            for match in _QUOTED.finditer(block.text):
                network = _network(document, block, networks)
                if network and network.textes:
                    span = match.span("text")
                    place = Place(document, block.start + span[0], block.start + span[1])
                    yield _length(context, network, place)


def _network(document: Document, block: Block, networks: tuple[Reseau, ...]) -> Reseau | None:
    near = fold(f"{' '.join(block.locator.heading_path)} {block.text}")
    named = [n for n in networks if re.search(rf"\b{re.escape(fold(n.nom))}\b", near)]
    return named[0] if len(named) == 1 else None


def _length(context: CheckContext, network: Reseau, place: Place) -> CheckResult:
    """A text longer than the longest limit fits nowhere on that network."""
    count = len(place.text.strip())
    limit = max(text.caracteres for text in network.textes)
    told = f"{network.nom} : {count} caractères, limite usuelle {limit}"
    if count > limit:
        return context.result(GAP, "C", f"{told}.", places=[place])
    smallest = min(text.caracteres for text in network.textes)
    outcome = OK if count <= smallest else SILENT
    return context.result(outcome, "C", f"{told}.", places=[place])
