"""PDF: damaged, encrypted and hostile files end quickly, in a known way."""

import contextlib
import io
import random
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from pypdf import PdfReader, PdfWriter

from ingest.errors import (
    CorruptedFile,
    EmptyFile,
    EncryptedFile,
    FileTooLarge,
    IngestError,
    WrongExtension,
)
from ingest.formats.pdf import read_pdf
from ingest.formats.pdf_limits import PdfLimits
from ingest.formats.pdf_render import render_page
from ingest.types import Box, Document
from tests import corpus_pdf as corpus
from tests import corpus_pdf_hostile as hostile
from tests.corpus_pdf import LOREM, flowing_pdf, grid, raw_page, shown, source

#: Units: seconds that any of these files may take; a machine under load is allowed for.
LIMIT = 10.0


def read(data: bytes, limits: PdfLimits | None = None) -> Document:
    start = time.process_time()
    try:
        return read_pdf(source(data), ocr=lambda: None, limits=limits)
    finally:
        assert time.process_time() - start < LIMIT


UNREAD: dict[str, tuple[Callable[[], bytes], str]] = {
    "forms that multiply": (lambda: hostile.nested_forms(9, 10), "trop complexe"),
    "forms nested too deep": (lambda: hostile.nested_forms(100, 1), "trop complexe"),
    "a form that draws itself": (hostile.looping_form, "se contient"),
    "a form that draws itself by inheritance": (hostile.looping_inherited_form, "se contient"),
    "a glyph that draws itself": (hostile.looping_type3, "se contient"),
    "a compression bomb": (lambda: hostile.flate_bomb(300), "trop complexe"),
    "a bomb in a bomb": (lambda: hostile.flate_bomb(300, filters=2), "trop complexe"),
    "a pattern of minute tiles": (hostile.minute_tiles, "trop complexe"),
    "an image of 1.6 billion pixels": (hostile.huge_image, "démesurée"),
    "images drawn thousands of times": (
        lambda: raw_page(
            b"q 500 0 0 500 0 0 cm /Im Do Q " * 3000 + shown("Texte"),
            resources=b"/XObject << /Im 10 0 R >>",
            more={10: corpus.image_object(3000, 3000)},
        ),
        "trop longue",
    ),
}


@pytest.mark.parametrize(("make", "reason"), UNREAD.values(), ids=list(UNREAD))
def test_a_page_too_costly_to_draw_is_unread_with_its_reason(
    make: Callable[[], bytes], reason: str
) -> None:
    document = read(make())

    (part,) = document.unread
    assert reason in part.reason_fr
    assert document.coverage == 0.0


def test_a_page_read_in_part_is_told() -> None:
    document = read(raw_page(shown("Texte bien long")), PdfLimits(max_characters=5))

    assert document.text == "Texte"
    (part,) = document.unread
    assert part.reason_fr == "plus de 5 caractères : la suite n'est pas lue"


READ: dict[str, Callable[[], bytes]] = {
    "bookmarks in a circle": hostile.bookmark_loop,
    "a structure tree in a circle": hostile.structure_loop,
    "arrays nested 100 000 deep": lambda: raw_page(
        shown("Texte"), page=b"/X " + b"[" * 100_000 + b"]" * 100_000
    ),
    "dictionaries nested 50 000 deep": lambda: raw_page(
        shown("Texte"), page=b"/X " + b"<</A " * 50_000 + b"1" + b">>" * 50_000
    ),
    "400 000 paths": lambda: raw_page(b"0 0 m 500 800 l 3 5 l S " * 400_000 + shown("Texte")),
    "a grid of 160 000 cells": lambda: raw_page(
        b"".join(b"%d 0 m %d 842 l S 0 %d m 595 %d l S " % ((i,) * 4) for i in range(0, 800, 2))
        + shown("Texte")
    ),
    "20 000 comments": lambda: raw_page(
        shown("Texte"),
        page=b"/Annots [%s]"
        % (b"<< /Type /Annot /Subtype /Text /Rect [9 9 29 29] /Contents (x) >> " * 20_000),
    ),
    "a dash pattern of nothing": lambda: raw_page(
        b"[0.00001 0.00001] 0 d 0 0 m 500 800 l S " * 1000 + shown("Texte")
    ),
    "20 000 lines over each other": lambda: raw_page(
        b"".join(
            shown(f"Texte {i}", x=(i * 37) % 500, y=(i * 13) % 800, before="0.9 0 0 rg")
            for i in range(20_000)
        )
    ),
    "no media box": lambda: raw_page(shown("Texte"), box=b"[(a) <<>>]"),
    "a page of no size": lambda: raw_page(shown("Texte"), box=b"[0 0 0 0]"),
    "a page of 100 kilometres": lambda: raw_page(shown("Texte"), box=b"[0 0 9000000 9000000]"),
    "pages that contain their parent": hostile.page_tree_loop,
}


@pytest.mark.parametrize("make", READ.values(), ids=list(READ))
def test_a_strange_file_is_read_or_says_what_is_not(make: Callable[[], bytes]) -> None:
    document = read(make())

    hidden = " ".join(span.text for span in document.hidden)
    assert "Texte" in document.text + hidden or "page" in document.text or document.unread


def test_too_many_pages_are_refused() -> None:
    with pytest.raises(FileTooLarge) as caught:
        read(hostile.many_pages(2001))

    assert "2001 pages ; limite : 2000 pages" in caught.value.user_message


def test_a_file_that_lies_about_its_page_count_is_refused() -> None:
    data = corpus.raw_pdf(
        {
            1: b"<< /Type /Catalog /Pages 2 0 R >>",
            2: b"<< /Type /Pages /Kids [] /Count 1000000 >>",
        }
    )

    with pytest.raises(IngestError):
        read(data)


def test_pages_that_come_too_late_are_unread_and_counted() -> None:
    limits = PdfLimits(seconds=0.05, seconds_per_page=0.0)

    document = read(hostile.many_pages(400), limits)

    assert 0.0 < document.coverage < 1.0
    assert "temps de lecture" in document.unread[-1].reason_fr


# Containers


def encrypted(user: str, owner: str = "propriétaire") -> bytes:
    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(raw_page(shown("Texte chiffré")))))
    writer.encrypt(user, owner, algorithm="AES-256")
    file = io.BytesIO()
    writer.write(file)
    return file.getvalue()


def test_a_password_is_asked_for() -> None:
    with pytest.raises(EncryptedFile) as caught:
        read(encrypted("secret"))

    assert "« livrable.pdf » est protégé par un mot de passe" in caught.value.user_message


def test_an_empty_password_opens_with_a_warning() -> None:
    document = read(encrypted(""))

    assert document.text == "Texte chiffré"
    assert "mot de passe vide" in document.warnings_fr[0]


@pytest.mark.parametrize(
    ("data", "error"),
    [
        (b"", EmptyFile),
        (b"PK\x03\x04" + b"\0" * 50, WrongExtension),
        (b"Bonjour, ceci est un texte.", WrongExtension),
        (b"\x89PNG\r\n\x1a\n" + b"\0" * 50, WrongExtension),
        (bytes(range(256)) * 8, CorruptedFile),
        (b"%PDF-1.7\n" + bytes(range(256)) * 8, CorruptedFile),
    ],
    ids=["empty", "zip", "text", "png", "noise", "a header and noise"],
)
def test_what_is_not_a_pdf_is_named(data: bytes, error: type[IngestError]) -> None:
    with pytest.raises(error) as caught:
        read(data)

    assert "« livrable.pdf »" in caught.value.user_message


def test_a_pdf_after_a_mail_header_is_read() -> None:
    assert read(b"Content-Type: application/pdf\n\n" + raw_page(shown("Texte"))).text == "Texte"


@pytest.mark.parametrize("kept", [0.98, 0.7, 0.4, 0.1])
def test_a_truncated_file_never_passes_for_a_whole_one(kept: float) -> None:
    story = [corpus.grid([["A", "B"], ["C", "D"]]), *[corpus.paragraph(LOREM) for _ in range(60)]]
    whole = flowing_pdf(story)

    try:
        document = read(whole[: int(len(whole) * kept)])
    except IngestError:
        return
    assert any("La fin du fichier manque" in warning for warning in document.warnings_fr)


# Mutations


@pytest.fixture(scope="module")
def specimens() -> list[bytes]:
    story = [corpus.paragraph(LOREM), grid([["Canal", "Visites"], ["E-mail", "410"]])]
    return [
        flowing_pdf(story),
        raw_page(shown("Texte") + shown("Autre", y=500)),
        hostile.nested_forms(3, 2),
        hostile.structure_loop(),
        encrypted(""),
    ]


def mutated(data: bytes, rng: random.Random) -> bytes:
    """A few bytes changed, a piece cut, doubled or moved."""
    out = bytearray(data)
    for _ in range(rng.randint(1, 12)):
        at = rng.randrange(len(out))
        match rng.randrange(5):
            case 0:
                out[at] = rng.randrange(256)
            case 1:
                del out[at : at + rng.randint(1, 40)]
            case 2:
                out[at:at] = out[at : at + rng.randint(1, 40)]
            case 3:
                out[at : at + 1] = b"%d" % rng.choice([0, -1, 2**31, 2**63, 99999])
            case _:
                other = rng.randrange(len(out))
                out[at : at + 8], out[other : other + 8] = (
                    out[other : other + 8],
                    out[at : at + 8],
                )
    return bytes(out) or b"%"


@pytest.mark.parametrize("seed", range(40))
def test_a_mutated_file_is_read_or_refused_in_time(specimens: list[bytes], seed: int) -> None:
    rng = random.Random(seed)
    for data in specimens:
        with contextlib.suppress(IngestError):
            assert 0.0 <= read(mutated(data, rng)).coverage <= 1.0


# Rendering


def test_a_rendered_page_shows_the_quote_marked() -> None:
    file = source(flowing_pdf([corpus.paragraph(LOREM)]))
    (block,) = read_pdf(file, ocr=lambda: None).blocks

    plain = corpus.pixels(render_page(file, 1, scale=1.0))
    marked = corpus.pixels(render_page(file, 1, boxes=block.boxes, scale=1.0))

    assert plain.size == marked.size == (595, 842)
    box = block.boxes[0]
    inside = round((box.left + box.right) / 2 * 595), round(box.top * 842) + 1
    assert marked.getpixel(inside) != plain.getpixel(inside)
    assert marked.getpixel((300, 800)) == plain.getpixel((300, 800)) == (255, 255, 255)


def test_boxes_of_other_pages_are_not_drawn() -> None:
    file = source(raw_page(shown("Texte")))
    elsewhere = Box(page=2, left=0.1, top=0.1, right=0.5, bottom=0.2)

    assert render_page(file, 1, boxes=[elsewhere]) == render_page(file, 1)


@pytest.mark.parametrize("page", [0, 2, 99])
def test_a_page_that_is_not_there_cannot_be_rendered(page: int) -> None:
    with pytest.raises(CorruptedFile):
        render_page(source(raw_page(shown("Texte"))), page)


def test_a_page_too_costly_is_not_rendered_either() -> None:
    with pytest.raises(CorruptedFile):
        render_page(source(hostile.looping_form()), 1)


def test_a_huge_page_is_rendered_small() -> None:
    image = corpus.pixels(render_page(source(raw_page(shown("T"), box=b"[0 0 14400 14400]")), 1))

    assert image.size[0] * image.size[1] <= 13_000_000


def test_nothing_is_written_to_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)

    read(raw_page(shown("Texte"), catalog=b"/OpenAction << /S /Launch /F (x) >>"))

    assert list(tmp_path.iterdir()) == []
