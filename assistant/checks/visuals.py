"""DET-IMG, DET-ALT, DET-POIDS, DET-CAPTURE: what is known of images without seeing them."""

import re
from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Final

from assistant.agreement import agreed
from assistant.checks.context import GAP, OK, SILENT, CheckContext, Place
from assistant.checks.numbers import show
from assistant.checks.text import fold
from assistant.domain.finding import CheckResult
from assistant.domain.tables import ImageFormat, Reseau
from ingest.types import Block, BlockKind, Document, ImageInfo

_SIZE: Final = re.compile(r"(?<!\d)(?P<w>\d{2,4}) ?[x×] ?(?P<h>\d{2,4})(?!\d)(?! ?(?:€|%))")
#: Relative tolerance on a ratio of sides; the rubric's proposal.
_TOLERANCE: Final = 0.02


def check_image_sizes(context: CheckContext) -> Iterator[CheckResult]:
    """DET-IMG: sizes that the text declares for a network, against the dated table of formats."""
    networks = context.certification.tables.reseaux
    if not networks:
        return
    for document in context.deliverables:
        for block in document.blocks:
            for match in _SIZE.finditer(block.text):
                network = _network_near(document, block, networks)
                size = (int(match["w"]), int(match["h"]))
                if network is None or min(size) < 100:
                    continue
                place = Place(document, block.start + match.start(), block.start + match.end())
                yield _declared(context, network, size, place)


def _network_near(document: Document, block: Block, networks: Sequence[Reseau]) -> Reseau | None:
    """The only network that the row, the paragraph or else the section names."""
    row = [
        b.text for b in document.blocks_between(max(0, block.start - 200), block.end + 200)
        if b.kind is BlockKind.TABLE_CELL
        and (b.locator.table, b.locator.sheet, b.locator.row)
        == (block.locator.table, block.locator.sheet, block.locator.row)
    ]  # fmt: skip
    near = " ".join(row) if block.kind is BlockKind.TABLE_CELL else block.text
    for text in (near, " ".join(block.locator.heading_path)):
        named = [n for n in networks if re.search(rf"\b{re.escape(fold(n.nom))}\b", fold(text))]
        if named:
            return named[0] if len(named) == 1 else None
    return None


def _declared(
    context: CheckContext, network: Reseau, size: tuple[int, int], place: Place
) -> CheckResult:
    known = ", ".join(f"{f.largeur} × {f.hauteur}" for f in network.formats)
    if any(_same_ratio(size, f) for f in network.formats):
        text = f"{network.nom} : {size[0]} × {size[1]} a le ratio d'un format usuel."
        return context.result(OK, "I", text, places=[place])
    text = f"{network.nom} : {size[0]} × {size[1]} n'est pas dans la table des formats usuels."
    return context.result(SILENT, "I", text, places=[place], expected_fr=f"Table datée : {known}.")


def _same_ratio(size: tuple[int, int], known: ImageFormat) -> bool:
    ratio, wanted = size[0] / size[1], known.largeur / known.hauteur
    return abs(ratio - wanted) <= _TOLERANCE * wanted


_FILENAME: Final = re.compile(
    r"^\S+\.(?:jpe?g|png|gif|webp|svg|bmp|tiff?|heic)$|^(?:image|picture|img|photo|capture|graphique)"
    r"[ _-]?\d*$|^(?:une image contenant|description generee automatiquement)",
    re.IGNORECASE,
)
_TAGGED: Final = frozenset({"docx", "pptx", "odt", "odp", "xlsx", "html"})
_HASHTAG: Final = re.compile(r"#(?P<tag>[^\W\d_]{12,})")


def check_alternatives(context: CheckContext) -> Iterator[CheckResult]:
    """DET-ALT: images with a real alternative text; long hashtags in mixed case."""
    for document in context.deliverables:
        images = [image for image in document.images if _shown(image)]
        if images and document.format in _TAGGED:
            yield _alternatives(context, document, images)
        yield from _hashtags(context, document)


def _shown(image: ImageInfo) -> bool:
    """Not a bullet or a rule of the layout."""
    return (image.width or 100) >= 32 and (image.height or 100) >= 32


def _alternatives(
    context: CheckContext, document: Document, images: Sequence[ImageInfo]
) -> CheckResult:
    lacking = [image for image in images if not real_alternative(image.alt_text)]
    described = agreed(f"{len(images) - len(lacking)} image(s) décrite(s)")
    told = f"{document.filename} : {described} sur {len(images)}"
    attendu = context.attendu(r"alternativ")
    if lacking:
        where = " ; ".join(str(image.locator) for image in lacking[:6])
        text = f"{told}. Sans texte alternatif : {where}."
        every = len(lacking) == len(images)  # some may be decorative
        return context.result(GAP, "C" if every else "I", text, attendu=attendu if every else None)
    return context.result(OK, "C", f"{told}.", attendu=attendu)


def real_alternative(text: str) -> bool:
    """Neither empty nor the name of a file nor an automatic label."""
    return bool(text.strip()) and not _FILENAME.search(fold(text.strip()))


def _hashtags(context: CheckContext, document: Document) -> Iterator[CheckResult]:
    """Long hashtags all in lower case: a screen reader cannot cut them into words."""
    found = list(_HASHTAG.finditer(document.text))
    flat = [m for m in found if m["tag"].islower()]
    if flat:
        names = ", ".join(m.group() for m in flat[:6])
        places = [Place(document, m.start(), m.end()) for m in flat[:6]]
        yield context.result(GAP, "I", f"Hashtags longs sans majuscules : {names}.", places=places)
    elif found:
        places = [Place(document, m.start(), m.end()) for m in found[:3]]
        text = f"{len(found)} hashtags longs, tous en casse mixte."
        yield context.result(OK, "I", text, places=places)


def check_weight(context: CheckContext) -> Iterator[CheckResult]:
    """DET-POIDS: the weight of the images of each file, which makes most of it."""
    for document in context.deliverables:
        weights = [image.bytes_count for image in document.images if image.bytes_count]
        if weights:
            total = Decimal(sum(weights)) / 1_000_000
            text = (
                f"{document.filename} : {len(weights)} images, {show(total, 'Mo', Decimal('0.1'))}."
            )
            yield context.result(SILENT, "R", text)


_CAPTURE: Final = re.compile(r"\bcaptures?\b(?: d'ecran)?|\bcopie d'ecran|screenshot")
_ELSEWHERE: Final = re.compile(
    r"soutenance|a l'oral|au jury|en direct|projete|dossier partage|seront (?:montre|presente)"
)


def check_captures(context: CheckContext) -> Iterator[CheckResult]:
    """DET-CAPTURE: screenshots announced, and the images that may be them; they are to be seen."""
    announced = [p for d in context.deliverables for p in _announced(d)]
    images = [i for d in context.deliverables for i in d.images if _shown(i)]
    elsewhere = [p for p in announced if _ELSEWHERE.search(fold(_sentence(p)))]
    if announced and not images:
        text = "Une capture est annoncée, aucune image n'est dans le livrable."
        yield context.result(SILENT if elsewhere else GAP, "I", text, places=announced[:3])
    elif images:
        told = agreed(f"{len(images)} image(s)")
        text = f"{told} dans le livrable : à regarder pour lire les réglages."
        yield context.result(SILENT, "R", text, places=announced[:3])
    else:
        yield context.result(SILENT, "I", "Aucune capture ni image dans le livrable.")


def _announced(document: Document) -> Iterator[Place]:
    for match in _CAPTURE.finditer(fold(document.text)):
        yield Place(document, match.start(), match.end())


def _sentence(place: Place) -> str:
    text = place.document.text
    return text[max(0, place.start - 80) : place.end + 120]
