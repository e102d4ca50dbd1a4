"""Text in images, by Tesseract: words with boxes and confidence, gathered into paragraphs.

Tesseract is a program of its own, run by subprocess on one image at a time, without a shell, with
a time-out, on one thread, in a private temporary folder. Where the program or its French data is
not installed, `find_tesseract` returns None and the caller marks the part unread with
`OCR_MISSING_FR`.
"""

import csv
import io
import os
import shutil
import statistics
import subprocess
import tempfile
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from itertools import groupby
from pathlib import Path
from typing import Final, Protocol

from ingest.building import DocumentBuilder
from ingest.formats.pdf_text import clean, join_lines, list_mark, without_bullet
from ingest.types import BlockKind, Box, Channel, Frozen, Locator

OCR_LANGUAGE: Final = "fra"
OCR_INSTALL_COMMAND: Final = "sudo apt install tesseract-ocr tesseract-ocr-fra"
OCR_MISSING_FR: Final = (
    "image sans texte : la reconnaissance de caractères n'est pas installée. Installez-la "
    f"(« {OCR_INSTALL_COMMAND} »), puis déposez à nouveau le fichier"
)
OCR_SECONDS: Final = 90.0
_PROBE_SECONDS: Final = 15.0
_AUTOMATIC, _ONE_BLOCK = "3", "6"  # Tesseract's page segmentation modes
_WORD_LEVEL: Final = "5"  # Tesseract's TSV: 1 page, 2 block, 3 paragraph, 4 line, 5 word
#: A line this many times taller than the median one is a title.
_TITLE_RATIO: Final = 1.3
#: Below this confidence, marks without any letter or digit are specks and rulings.
_NOISE_BELOW: Final = 60.0
_BULLETS: Final = frozenset("•*-–·»°")


class OcrFailed(Exception):
    """One image could not be recognised. `reason_fr` says why, for an `UnreadPart`."""

    def __init__(self, detail: str, reason_fr: str) -> None:
        super().__init__(detail)
        self.reason_fr = reason_fr


class OcrWord(Frozen):
    """A recognised word.

    Units: the box in fractions of the image, origin top left; `confidence` 0 to 100. `line` is
    equal for the words of one printed line, `paragraph` for those of one paragraph.
    """

    text: str
    left: float
    top: float
    right: float
    bottom: float
    confidence: float
    paragraph: tuple[int, int]
    line: tuple[int, int, int]


class OcrResult(Frozen):
    """What was recognised, in reading order. `confidence` is the words' mean, 0 to 100."""

    words: tuple[OcrWord, ...]

    @property
    def confidence(self) -> float:
        if not self.words:
            return 0.0
        return sum(word.confidence for word in self.words) / len(self.words)


class OcrEngine(Protocol):
    """Anything that reads the words of an image."""

    @property
    def name(self) -> str:
        """Program and version, as the extraction report shows it."""
        ...

    def recognise(
        self, image: bytes, *, dpi: int | None = None, one_block: bool = False
    ) -> OcrResult:
        """Read a PNG or a JPEG. `dpi` helps when known. Raises `OcrFailed`.

        `one_block` reads every line, however short, instead of looking for columns and leaving
        out what looks like drawing.
        """
        ...


#: Finds an engine when one is needed; None when none is installed.
OcrFinder = Callable[[], OcrEngine | None]


class TesseractOcr:
    """Tesseract, called once per image."""

    def __init__(self, program: str, version: str, *, seconds: float = OCR_SECONDS) -> None:
        self._program = program
        self._seconds = seconds
        self.name = f"tesseract {version}"

    def recognise(
        self, image: bytes, *, dpi: int | None = None, one_block: bool = False
    ) -> OcrResult:
        """Read a PNG or a JPEG. Raises `OcrFailed` on a time-out or when Tesseract gives up."""
        with tempfile.TemporaryDirectory(prefix="preuve-ocr-") as folder:
            path = Path(folder, "image")
            path.write_bytes(image)
            options = ["-l", OCR_LANGUAGE, "--psm", _ONE_BLOCK if one_block else _AUTOMATIC]
            if dpi:
                options += ["--dpi", str(dpi)]
            command = [self._program, path.name, "stdout", *options, "tsv"]
            return _parse_tsv(_run(command, folder=folder, seconds=self._seconds))


def find_tesseract(program: str = "tesseract") -> OcrEngine | None:
    """The installed Tesseract with its French data; None when one of them is missing."""
    path = shutil.which(program)
    return _probe(path) if path else None


def add_ocr_blocks(
    builder: DocumentBuilder, result: OcrResult, locator: Locator, *, page: int = 1
) -> tuple[str, ...]:
    """Append what was recognised as blocks of channel OCR with their boxes on `page`.

    A noticeably taller line is a heading, a line with a bullet or a number a list item. Within
    the image, blocks are numbered from 1. Returns the heading path that the text ends under.
    """
    height = _median_height(result.words)
    path = locator.heading_path
    for number, lines in enumerate(_pieces(result.words), start=1):
        text = clean(join_lines([_line_text(line) for line in lines]))
        kind = _kind(lines, text, height)
        if kind is BlockKind.HEADING:
            path = (text,)
        place = {"heading_path": path, "paragraph": number, "channel": Channel.OCR}
        builder.add(
            kind,
            without_bullet(text),
            locator.model_copy(update=place),
            level=None if kind is BlockKind.PARAGRAPH else 1,
            boxes=[_line_box(line, page) for line in lines],
        )
    return path


Line = list[OcrWord]


def _pieces(words: Iterable[OcrWord]) -> Iterator[list[Line]]:
    """Paragraphs as lists of lines; each list item is a paragraph of its own."""
    for _, paragraph in groupby(words, key=lambda word: word.paragraph):
        piece: list[Line] = []
        for _, group in groupby(paragraph, key=lambda word: word.line):
            line = list(group)
            if piece and list_mark(_line_text(line)):
                yield piece
                piece = []
            piece.append(line)
        yield piece


def _kind(lines: list[Line], text: str, height: float) -> BlockKind:
    if list_mark(text):
        return BlockKind.LIST_ITEM
    tall = _median_height(word for line in lines for word in line) > _TITLE_RATIO * height
    return BlockKind.HEADING if tall and len(lines) <= 2 else BlockKind.PARAGRAPH


def _line_text(line: Line) -> str:
    return " ".join(word.text for word in line)


def _line_box(line: Line, page: int) -> Box:
    return Box(
        page=page,
        left=min(word.left for word in line),
        top=min(word.top for word in line),
        right=max(word.right for word in line),
        bottom=max(word.bottom for word in line),
    )


def _median_height(words: Iterable[OcrWord]) -> float:
    """Median over the words with enough letters to be as tall as their font."""
    heights = [word.bottom - word.top for word in words if len(word.text) > 3]
    return statistics.median(heights) if heights else 0.0


@cache
def _probe(path: str) -> OcrEngine | None:
    """Ask the program once for its version and languages."""
    try:
        languages = _run([path, "--list-langs"], folder=None, seconds=_PROBE_SECONDS)
        version = _run([path, "--version"], folder=None, seconds=_PROBE_SECONDS)
    except OcrFailed:
        return None
    if OCR_LANGUAGE not in languages.split():
        return None
    return TesseractOcr(path, version.split()[1] if len(version.split()) > 1 else "")


def _run(command: list[str], *, folder: str | None, seconds: float) -> str:
    """Standard output of a program that ends well in time. Raises `OcrFailed`."""
    try:
        done = subprocess.run(
            command,
            cwd=folder,
            env={**os.environ, "OMP_THREAD_LIMIT": "1"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=seconds,
            check=True,
        )
    except subprocess.TimeoutExpired as error:
        raise OcrFailed(
            f"{command[0]}: time-out", f"reconnaissance abandonnée après {seconds:.0f} secondes"
        ) from error
    except (subprocess.CalledProcessError, OSError) as error:
        raise OcrFailed(
            f"{command[0]}: {error}", "la reconnaissance de caractères a échoué sur cette image"
        ) from error
    return done.stdout.decode("utf-8", errors="replace")


def _parse_tsv(tsv: str) -> OcrResult:
    """Words of Tesseract's TSV; row level 1 gives the image's size in pixels."""
    words = []
    width = height = 1.0
    for row in csv.DictReader(io.StringIO(tsv), delimiter="\t", quoting=csv.QUOTE_NONE):
        if row["level"] == "1":
            width, height = float(row["width"]), float(row["height"])
        elif row["level"] == _WORD_LEVEL and row["text"].strip():
            word = _word(row, width, height)
            if word.confidence >= _NOISE_BELOW or _means_something(word.text):
                words.append(word)
    return OcrResult(words=tuple(words))


def _means_something(text: str) -> bool:
    return text in _BULLETS or any(char.isalnum() for char in text)


def _word(row: dict[str, str], width: float, height: float) -> OcrWord:
    left, top = float(row["left"]), float(row["top"])
    paragraph = (int(row["block_num"]), int(row["par_num"]))
    return OcrWord(
        text=row["text"].strip(),
        left=left / width,
        top=top / height,
        right=(left + float(row["width"])) / width,
        bottom=(top + float(row["height"])) / height,
        confidence=float(row["conf"]),
        paragraph=paragraph,
        line=(*paragraph, int(row["line_num"])),
    )
