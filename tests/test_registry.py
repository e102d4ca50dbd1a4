"""Where files enter: what is refused, under which message, and what is promised of the rest."""

import contextlib
import io
import random
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from docx import Document as new_docx
from reportlab.pdfgen.canvas import Canvas

from ingest import registry
from ingest.errors import (
    CorruptedFile,
    EmptyFile,
    EncryptedFile,
    FileTooLarge,
    IngestError,
    NothingReadable,
    UnsupportedFormat,
    WrongExtension,
)
from ingest.formats.sniff import Kind, sniff
from ingest.limits import ReadingLimits
from ingest.types import SourceFile
from tests.corpus_office import Sheet, Slide, pptx, text_cell, title, xlsx
from tests.corpus_office import row as sheet_row
from tests.corpus_text import cell, mail, odf, png, printed, row, zipped


def docx(text: str = "Bonjour") -> bytes:
    document, buffer = new_docx(), io.BytesIO()
    document.add_paragraph(text)
    document.save(buffer)
    return buffer.getvalue()


def pdf() -> bytes:
    buffer = io.BytesIO()
    canvas = Canvas(buffer)
    canvas.drawString(72, 720, "Bonjour tout le monde")
    canvas.save()
    return buffer.getvalue()


def ole(stream: str) -> bytes:
    """An old Office file: only its mark and the name of a stream."""
    name = stream.encode("utf-16-le").ljust(64, b"\0")
    return b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 504 + name + b"\0" * 64


SHEET = f'<table:table table:name="f">{row(cell("Bonjour"))}</table:table>'
SLIDE = (
    "<draw:page><draw:frame svg:width='5cm'><draw:text-box><text:p>Bonjour</text:p>"
    "</draw:text-box></draw:frame></draw:page>"
)

SAMPLES: dict[Kind, bytes] = {
    Kind.DOCX: docx(),
    Kind.PPTX: pptx(Slide([title("Bonjour")])),
    Kind.XLSX: xlsx(Sheet("Feuille", [sheet_row(1, text_cell("A1", "Bonjour"))])),
    Kind.ODT: odf("text", "<text:p>Bonjour</text:p>"),
    Kind.ODS: odf("spreadsheet", SHEET),
    Kind.ODP: odf("presentation", SLIDE),
    Kind.PDF: pdf(),
    Kind.PNG: png(),
    Kind.JPEG: printed("Bonjour", image_format="JPEG"),
    Kind.HTML: b"<!-- vu --><!DOCTYPE html><html><body>Bonjour</body></html>",
    Kind.EML: mail("Objet", "Bonjour").as_bytes(),
    Kind.TEXT: "Bonjour à tous".encode(),
    Kind.RTF: b"{\\rtf1 Bonjour}",
    Kind.DOC: ole("WordDocument"),
    Kind.XLS: ole("Workbook"),
    Kind.PPT: ole("PowerPoint Document"),
    Kind.MSG: ole("__properties_version1.0"),
    Kind.ZIP: zipped({"a.txt": "a"}),
    Kind.EPUB: zipped({"mimetype": "application/epub+zip"}),
    Kind.IWORK: zipped({"Index/Document.iwa": "x"}),
    Kind.RAR: b"Rar!\x1a\x07\x00" + b"\0" * 20,
    Kind.SEVEN_ZIP: b"7z\xbc\xaf\x27\x1c" + b"\0" * 20,
    Kind.GZIP: b"\x1f\x8b\x08" + b"\0" * 20,
    Kind.GIF: b"GIF89a" + b"\0" * 20,
    Kind.WEBP: b"RIFF\0\0\0\0WEBP" + b"\0" * 20,
    Kind.TIFF: b"II*\0" + b"\0" * 20,
    Kind.HEIC: b"\0\0\0\x18ftypheic" + b"\0" * 20,
    Kind.VIDEO: b"\0\0\0\x18ftypmp42" + b"\0" * 20,
    Kind.AUDIO: b"ID3\x04\0" + b"\0" * 20,
    Kind.EXE: b"MZ\x90\0" + b"\0" * 60,
}

#: The content that each extension announces. A text may look like nearly anything.
ANNOUNCED = {
    ".docx": {Kind.DOCX},
    ".pdf": {Kind.PDF},
    ".pptx": {Kind.PPTX},
    ".xlsx": {Kind.XLSX},
    ".xlsm": {Kind.XLSX},
    ".csv": {Kind.TEXT, Kind.EML},
    ".odt": {Kind.ODT},
    ".odp": {Kind.ODP},
    ".ods": {Kind.ODS},
    ".md": {Kind.TEXT, Kind.EML},
    ".txt": {Kind.TEXT, Kind.EML},
    ".html": {Kind.HTML, Kind.TEXT},
    ".htm": {Kind.HTML, Kind.TEXT},
    ".eml": {Kind.EML},
    ".png": {Kind.PNG},
    ".jpg": {Kind.JPEG},
    ".jpeg": {Kind.JPEG},
}


@pytest.mark.parametrize("kind", SAMPLES)
def test_content_is_recognised_whatever_its_name(kind: Kind) -> None:
    assert sniff(SAMPLES[kind]) is kind


@pytest.mark.parametrize(
    ("suffix", "kind"),
    [(s, k) for s, announced in ANNOUNCED.items() for k in SAMPLES if k not in announced],
)
def test_a_wrong_extension_is_refused_and_the_message_names_the_content(
    suffix: str, kind: Kind
) -> None:
    with pytest.raises(WrongExtension) as raised:
        registry.read(SourceFile.from_bytes(f"rendu{suffix}", SAMPLES[kind]))

    message = raised.value.user_message
    assert f"« rendu{suffix} »" in message
    assert f"son contenu est {kind.value}" in message
    assert "Renommez-le" in message


def test_every_extension_that_is_supported_has_its_announced_content() -> None:
    assert set(registry.SUPPORTED) == set(ANNOUNCED)


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("a.docx", Kind.DOCX),
        ("a.DOCX", Kind.DOCX),
        ("a.pdf", Kind.PDF),
        ("a.pptx", Kind.PPTX),
        ("a.xlsx", Kind.XLSX),
        ("a.xlsm", Kind.XLSX),
        ("a.odt", Kind.ODT),
        ("a.ods", Kind.ODS),
        ("a.odp", Kind.ODP),
        ("a.txt", Kind.TEXT),
        ("a.md", Kind.TEXT),
        ("a.csv", Kind.TEXT),
        ("a.html", Kind.HTML),
        ("a.htm", Kind.HTML),
        ("a.eml", Kind.EML),
    ],
)
def test_a_file_is_read_by_the_reader_of_its_extension(name: str, kind: Kind) -> None:
    document = registry.read(SourceFile.from_bytes(name, SAMPLES[kind]))

    assert "Bonjour" in document.text
    assert document.filename == name


@pytest.mark.parametrize("name", ["rendu.doc", "rendu.pages", "rendu", "rendu.zip", ".docx"])
def test_an_unknown_extension_is_refused_with_the_list_of_those_that_are_read(name: str) -> None:
    with pytest.raises(UnsupportedFormat) as raised:
        registry.read(SourceFile.from_bytes(name, b"x"))

    assert ".docx, .pdf, .pptx" in raised.value.user_message


@pytest.mark.parametrize(
    ("name", "advice"),
    [
        ("rendu.doc", "Ouvrez-le dans Word, « Fichier › Enregistrer sous », choisissez .docx"),
        ("RENDU.PAGES", "« Fichier › Exporter vers › Word »"),
        ("stratégie.gdoc", "téléchargez le document"),
        ("affiche.heic", "Enregistrez l'image en .png ou .jpg"),
        ("reel.mp4", "déposez-en une transcription"),
        ("rendu.rar", "Décompressez l'archive"),
        ("maquette.psd", "Exportez-le en .pdf"),
        ("rendu.docm", "Il peut contenir des macros"),
        ("rendu.xyz", "Convertissez-le"),
    ],
)
def test_a_format_that_is_not_read_comes_with_what_to_do_of_it(name: str, advice: str) -> None:
    with pytest.raises(UnsupportedFormat) as raised:
        registry.read(SourceFile.from_bytes(name, b"x"))

    assert name in raised.value.user_message
    assert advice in raised.value.user_message


@pytest.mark.parametrize("suffix", registry.SUPPORTED)
def test_an_empty_file_is_said_to_be_empty(suffix: str) -> None:
    with pytest.raises(EmptyFile, match="0 bytes"):
        registry.read(SourceFile.from_bytes(f"vide{suffix}", b""))


def test_a_file_beyond_the_limit_is_refused_with_its_size() -> None:
    with pytest.raises(FileTooLarge) as raised:
        registry.read(
            SourceFile.from_bytes("gros.txt", b"x" * 3_000_000), limits=ReadingLimits(max_file_mb=1)
        )

    assert "3,0 Mo ; limite : 1,0 Mo" in raised.value.user_message


@pytest.mark.parametrize(
    ("name", "data", "cause"),
    [
        ("blanc.txt", b"  \n\n ", "il ne contient aucun texte"),
        ("blanc.odt", odf("text", "<text:p/>"), "il ne contient aucun texte"),
        ("masque.html", b"<html><p hidden>secret</p></html>", "tout son texte est masqu"),
        (
            "image.odt",
            odf(
                "text", "<text:p><draw:frame><draw:image xlink:href='a.png'/></draw:frame></text:p>"
            ),
            "il ne contient que des images",
        ),
    ],
)
def test_a_file_without_any_visible_text_is_refused_with_its_cause(
    name: str, data: bytes, cause: str
) -> None:
    with pytest.raises(NothingReadable) as raised:
        registry.read(SourceFile.from_bytes(name, data))

    assert cause in raised.value.user_message


@pytest.mark.parametrize(
    ("name", "data", "error"),
    [
        ("a.docx", docx()[:500], CorruptedFile),
        ("a.odt", b"PK\x03\x04 puis n'importe quoi", CorruptedFile),
        ("a.pdf", b"%PDF-1.7 puis rien", CorruptedFile),
        ("a.docx", b"\x00\x01\x02" * 100, CorruptedFile),
        ("a.docx", ole("EncryptedPackage"), EncryptedFile),
        ("a.png", png()[:40], CorruptedFile),
    ],
)
def test_a_damaged_or_closed_file_is_explained_by_its_reader(
    name: str, data: bytes, error: type[IngestError]
) -> None:
    with pytest.raises(error) as raised:
        registry.read(SourceFile.from_bytes(name, data))

    assert f"« {name} »" in raised.value.user_message


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (b"PK n'est pas une archive", Kind.TEXT),
        (b"MZ est une marque", Kind.TEXT),
        (b"ID3 : troisi\xe8me id\xe9e", Kind.TEXT),
        (b"De : moi\nObjet : rien", Kind.TEXT),
        ("Été".encode("utf-16"), Kind.TEXT),
        (b"\n\n%PDF-1.4\n", Kind.PDF),
        (b"\xef\xbb\xbf<!doctype html>", Kind.HTML),
        ("<html>été</html>".encode("utf-16"), Kind.HTML),
        (b"<?xml version='1.0'?><svg/>", Kind.SVG),
        (b"<?xml version='1.0'?><html/>", Kind.HTML),
        (b"<?xml version='1.0'?><autre/>", Kind.XML),
        (bytes(range(256)), Kind.BINARY),
    ],
)
def test_texts_are_not_taken_for_what_their_first_letters_recall(data: bytes, kind: Kind) -> None:
    assert sniff(data) is kind


def test_importing_the_registry_loads_no_library_of_any_format() -> None:
    heavy = ("lxml", "PIL", "pypdfium2", "openpyxl", "docx", "markdown_it", "cssselect")
    code = f"import sys, ingest.registry; print([m for m in {heavy!r} if m in sys.modules])"

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "[]"


@pytest.mark.timeout(120)
@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("a.odt", Kind.ODT),
        ("a.ods", Kind.ODS),
        ("a.odp", Kind.ODP),
        ("a.html", Kind.HTML),
        ("a.eml", Kind.EML),
        ("a.md", Kind.TEXT),
        ("a.txt", Kind.TEXT),
    ],
)
def test_mutated_files_end_in_a_document_or_in_a_foreseen_error(name: str, kind: Kind) -> None:
    chance = random.Random(20260224)
    for _ in range(60):
        data = _mutated(SAMPLES[kind], chance)
        with contextlib.suppress(IngestError):
            document = registry.read(SourceFile.from_bytes(name, data))
            assert document.text or document.unread


def _mutated(data: bytes, chance: random.Random) -> bytes:
    """Some bytes changed, cut or doubled; inside the XML of a package rather than its zip."""
    if not data.startswith(b"PK"):
        return _shaken(data, chance)
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        parts: dict[str, bytes | str] = {name: archive.read(name) for name in archive.namelist()}
    victim = chance.choice(["content.xml", "styles.xml"])
    part = parts[victim]
    parts[victim] = _shaken(part if isinstance(part, bytes) else part.encode(), chance)
    return zipped(parts)


def _shaken(data: bytes, chance: random.Random) -> bytes:
    shaken = bytearray(data)
    for _ in range(chance.randint(1, 4)):
        at = chance.randrange(len(shaken))
        change = chance.choice(["flip", "cut", "double", "insert"])
        if change == "flip":
            shaken[at] ^= 1 << chance.randrange(8)
        elif change == "cut":
            del shaken[at : at + chance.randint(1, 20)]
        elif change == "double":
            shaken[at:at] = shaken[at : at + chance.randint(1, 200)]
        else:
            shaken[at:at] = chance.choice(
                [b"\0", b"\xff", b"<", b">", b'"', b"&#0;", b"\xed\xa0\x80"]
            )
        if not shaken:
            break
    return bytes(shaken)


def test_every_file_of_the_example_cohort_is_read(cohort: Path) -> None:
    paths = [
        p for p in sorted(cohort.glob("*/*")) if p.suffix in (".odt", ".docx", ".pptx", ".xlsx")
    ]

    for path in paths:
        document = registry.read(SourceFile.from_path(path))
        assert document.text
        assert document.coverage > 0.9
