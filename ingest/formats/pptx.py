"""Reads .pptx presentations: slides in order, with their notes, and all that they hide."""

from collections.abc import Sequence
from typing import Final

from ingest.building import DocumentBuilder
from ingest.errors import CorruptedFile, FileTooLarge
from ingest.formats.drawing import link_id
from ingest.formats.drawing_geometry import EMU_PER_POINT
from ingest.formats.drawing_output import Output
from ingest.formats.drawing_text import plain_paragraphs
from ingest.formats.ocr import OcrFinder, find_tesseract
from ingest.formats.ooxml_parts import OfficeParts
from ingest.formats.ooxml_properties import read_properties
from ingest.formats.package import open_package
from ingest.formats.pptx_look import Deck
from ingest.formats.pptx_slide import SlideReader
from ingest.types import Document, HiddenReason, Locator, PageSize, SourceFile

#: A presentation of a candidate has tens of slides.
MAX_SLIDES: Final = 2_000


def read_pptx(file: SourceFile, *, find_ocr: OcrFinder = find_tesseract) -> Document:
    """Read a presentation. A slide that cannot be read is left out, and said to be.

    `find_ocr` finds what reads the slides made of a picture.

    Raises: `EmptyFile`, `EncryptedFile`, `WrongExtension`, `CorruptedFile`, `FileTooLarge`,
    `UnsafeFile`.
    """
    package = open_package(file, expected="pptx")
    parts = OfficeParts(package)
    main = package.related("officeDocument")
    root = parts.load(main)
    if main is None or root is None:
        raise CorruptedFile("no presentation part", filename=file.filename)
    deck = Deck(parts, main, root)
    slides = [deck.links.part(link_id(e)) for e in root.iterfind("{*}sldIdLst/{*}sldId")]
    builder = DocumentBuilder(file, format_name="pptx")
    builder.unit_name_fr = "diapositives"
    builder.unit_count = len(slides)
    size = PageSize(width=deck.size.width / EMU_PER_POINT, height=deck.size.height / EMU_PER_POINT)
    builder.page_sizes += [size] * min(len(slides), MAX_SLIDES)
    output = Output(builder, Locator(file=file.filename))
    _read_slides(deck, slides, output, find_ocr)
    _read_unlisted(deck, slides, output)
    read_properties(package, builder)
    if package.has_macros:
        output.warn("Ce fichier contient des macros : elles ne sont jamais exécutées.")
    return builder.build()


def _read_slides(
    deck: Deck, slides: Sequence[str | None], output: Output, find_ocr: OcrFinder
) -> None:
    styles = deck.links.parts("tableStyles")
    reader = SlideReader(deck, styles[0] if styles else None, find_ocr)
    seen: set[str] = set()
    failures: list[CorruptedFile | FileTooLarge] = []
    weight = 1 / max(1, len(slides))
    for number, part in enumerate(slides[:MAX_SLIDES], start=1):
        here = output.at(slide=number)
        if part is None or part in seen:
            here.unread("diapositive absente du fichier", weight)
            continue
        seen.add(part)
        try:
            reader.read(part, here, weight)
        except (CorruptedFile, FileTooLarge) as error:
            failures.append(error)
            here.unread("diapositive illisible", weight)
            here.warn(f"Diapositive {number} illisible : elle n'a pas été lue.")
    if failures and len(failures) == len(seen):
        raise failures[0]
    if (left := len(slides) - MAX_SLIDES) > 0:
        output.warn(f"Seules les {MAX_SLIDES} premières diapositives ont été lues.")
        output.unread(f"{left} diapositives au-delà de la limite", left * weight)


def _read_unlisted(deck: Deck, slides: Sequence[str | None], output: Output) -> None:
    """Slides kept in the file and left out of the presentation: nobody sees them."""
    for part in deck.links.parts("slide"):
        if part in slides:
            continue
        try:
            root = deck.parts.load(part)
        except (CorruptedFile, FileTooLarge):
            output.warn("Une diapositive retirée de la présentation est illisible.")
            continue
        for body in root.iter("{*}txBody") if root is not None else ():
            output.hide(plain_paragraphs(body), HiddenReason.HIDDEN_SLIDE)
