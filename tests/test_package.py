"""Office packages that nobody vouches for: each ends in its message, none harms the reader."""

import io
import random
import struct
import zipfile
import zlib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.errors import (
    CorruptedFile,
    EmptyFile,
    EncryptedFile,
    FileTooLarge,
    IngestError,
    UnsafeFile,
    WrongExtension,
)
from ingest.formats.docx import read_docx
from ingest.formats.package import Package, open_package
from ingest.formats.package_zip import PackageLimits
from ingest.types import SourceFile
from tests.corpus_docx import NAMESPACES, p, relationships, simple, styled, zipped

NAME = "rapport.docx"
PLAIN = simple(p("texte"))
TYPES = zipfile.ZipFile(io.BytesIO(PLAIN)).read("[Content_Types].xml")


def opened(data: bytes, *, expected: str | None = "docx", **limits: float) -> Package:
    bounds = PackageLimits.model_validate(limits) if limits else None
    return open_package(SourceFile.from_bytes(NAME, data), expected=expected, limits=bounds)


def plain_files() -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(PLAIN)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def with_entries(entries: dict[str, bytes]) -> bytes:
    """The plain file with these entries more, or in place of its own."""
    return zipped({**plain_files(), **entries})


def renamed(old: str, new: str) -> bytes:
    """The plain file, its entries taking other names."""
    return zipped({name.replace(old, new): data for name, data in plain_files().items()})


def ole(*streams: str) -> bytes:
    """A compound file as far as its directory is concerned."""
    directory = b"".join(
        name.encode("utf-16-le").ljust(64, b"\0").ljust(128, b"\1") for name in streams
    )
    return b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 504 + directory


def with_flag(data: bytes, flag: int) -> bytes:
    """The same zip, a flag being set on every entry of its directory."""
    changed = bytearray(data)
    at = changed.find(b"PK\x01\x02")
    while at >= 0:
        changed[at + 8 : at + 10] = struct.pack("<H", flag)
        at = changed.find(b"PK\x01\x02", at + 4)
    return bytes(changed)


def declaring(data: bytes, size: int) -> bytes:
    """The same zip, its directory giving another unpacked size to its last entry."""
    changed = bytearray(data)
    at = changed.rfind(b"PK\x01\x02")
    changed[at + 24 : at + 28] = struct.pack("<I", size)
    return bytes(changed)


def twice(name: str, other: str) -> bytes:
    """A zip with two entries whose names are the same for an office program."""
    assert len(name) == len(other)
    spare = "x" * len(name)
    data = zipped({"[Content_Types].xml": TYPES, name: b"<a/>", spare: b"<b/>"})
    return data.replace(spare.encode(), other.encode())


def packed_with(method: int) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        archive.writestr("[Content_Types].xml", TYPES)
    return buffer.getvalue()


def main_part(xml: bytes) -> bytes:
    """A file whose main part is that XML."""
    return with_entries({"word/document.xml": xml})


LAUGHS = "".join(f'<!ENTITY l{i} "{f"&l{i - 1};" * 10}">' for i in range(1, 10))
WORD = f"<w:document {NAMESPACES}><w:body>{p('&l9;')}</w:body></w:document>"
OUTSIDE = f"<w:document {NAMESPACES}><w:body>{p('&x;')}</w:body></w:document>"

REFUSED = {
    "empty": (b"", EmptyFile, "vide"),
    "text": (b"Bonjour, ceci est un texte.", WrongExtension, "texte"),
    "pdf": (b"%PDF-1.7\n%\xe2\xe3", WrongExtension, "PDF"),
    "rtf": (b"{\\rtf1\\ansi Bonjour}", WrongExtension, "RTF"),
    "html": (b"<!DOCTYPE html><html><body>x</body></html>", WrongExtension, "web"),
    "old word": (ole("Root Entry", "WordDocument"), WrongExtension, ".doc"),
    "old excel": (ole("Root Entry", "Workbook"), WrongExtension, ".xls"),
    "encrypted": (ole("Root Entry", "EncryptedPackage"), EncryptedFile, "mot de passe"),
    "noise": (random.Random(7).randbytes(5000), CorruptedFile, "endommagé"),
    "truncated": (PLAIN[: len(PLAIN) // 2], CorruptedFile, "endommagé"),
    "zip header only": (b"PK\x03\x04", CorruptedFile, "endommagé"),
    "zip of other things": (zipped({"notes.txt": b"x"}), WrongExtension, "archive"),
    "zip without main part": (zipped({"[Content_Types].xml": TYPES}), CorruptedFile, "endommagé"),
    "encrypted entries": (with_flag(PLAIN, 1), EncryptedFile, "mot de passe"),
    "path above": (with_entries({"word/../../etc/passwd": b"x"}), UnsafeFile, "chemin"),
    "absolute path": (with_entries({"/etc/passwd": b"x"}), UnsafeFile, "chemin"),
    "windows path": (with_entries({"..\\..\\boot.ini": b"x"}), UnsafeFile, "chemin"),
    "drive": (with_entries({"C:/boot.ini": b"x"}), UnsafeFile, "chemin"),
    "same name twice": (twice("word/a.xml", "word/a.xml"), UnsafeFile, "double"),
    "same name but for case": (twice("word/a.xml", "word/A.xml"), UnsafeFile, "double"),
    "bzip2": (packed_with(zipfile.ZIP_BZIP2), UnsafeFile, "compression"),
    "lzma": (packed_with(zipfile.ZIP_LZMA), UnsafeFile, "compression"),
    "external entity": (
        main_part(b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]>' + OUTSIDE.encode()),
        UnsafeFile,
        "DTD",
    ),
    "billion laughs": (
        main_part(f'<!DOCTYPE a [<!ENTITY l0 "ha">{LAUGHS}]>{WORD}'.encode()),
        UnsafeFile,
        "DTD",
    ),
    "doctype in utf-16": (
        main_part(f'<?xml version="1.0" encoding="UTF-16"?><!DOCTYPE a>{OUTSIDE}'.encode("utf-16")),
        UnsafeFile,
        "DTD",
    ),
    "doctype in utf-7": (
        main_part(
            b'<?xml version="1.0" encoding="UTF-7"?>+ADwAIQ-DOCTYPE a [+ADwAIQ-ENTITY x "y"+AD4]'
            + b"+AD4"
            + OUTSIDE.encode()
        ),
        IngestError,
        "",
    ),
    "remote dtd": (
        main_part(b'<!DOCTYPE a SYSTEM "http://127.0.0.1:9/x.dtd">' + OUTSIDE.encode()),
        UnsafeFile,
        "DTD",
    ),
    "deep": (main_part(b"<a>" * 5000 + b"</a>" * 5000), UnsafeFile, "démesuré"),
    "a text of 11 MB": (
        main_part(f"<w:document {NAMESPACES}>{'x' * 11_000_000}</w:document>".encode()),
        UnsafeFile,
        "démesuré",
    ),
    "malformed": (main_part(b"<w:document"), CorruptedFile, "endommagé"),
    "no body": (main_part(f"<w:document {NAMESPACES}/>".encode()), CorruptedFile, "endommagé"),
    "xml bomb": (with_entries({"word/bombe.xml": b" " * 60_000_000}), FileTooLarge, "volumineux"),
    "excel in disguise": (
        styled().build(
            p("x"),
            main_type="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml",
        ),
        WrongExtension,
        "Excel",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
@pytest.mark.timeout(10)
def test_a_hostile_or_foreign_file_is_refused_with_its_message(case: str) -> None:
    data, error, words = REFUSED[case]
    with pytest.raises(error) as raised:
        read_docx(SourceFile.from_bytes(NAME, data))
    assert NAME in raised.value.user_message
    assert words in raised.value.user_message
    assert "{" not in raised.value.user_message


def test_an_entry_that_lies_about_its_size_is_damaged() -> None:
    data = with_entries({"word/lourd.xml": b"<a>" + b"x" * 5000 + b"</a>"})
    package = opened(declaring(data, 100))
    with pytest.raises(CorruptedFile, match="lourd"):
        package.read("word/lourd.xml")


def test_a_wrong_checksum_is_damaged() -> None:
    raw = bytearray(zipped({"word/a.xml": b"<a>original</a>"}))
    raw[raw.index(b"original") if b"original" in raw else 45] ^= 0xFF
    package = open_package(SourceFile.from_bytes(NAME, bytes(raw)))
    with pytest.raises(CorruptedFile):
        package.read("word/a.xml")


@pytest.mark.parametrize(
    ("limits", "error"),
    [
        ({"max_entries": 3}, UnsafeFile),
        ({"max_unpacked_bytes": 500}, FileTooLarge),
        ({"max_xml_bytes": 50}, FileTooLarge),
        ({"max_ratio": 0.5, "ratio_floor_bytes": 100}, FileTooLarge),
    ],
)
def test_limits_are_the_callers(limits: dict[str, float], error: type[IngestError]) -> None:
    with pytest.raises(error) as raised:
        opened(PLAIN, **limits).xml("word/document.xml")
    assert NAME in raised.value.user_message


def test_a_part_is_found_whatever_its_case_and_slashes() -> None:
    package = opened(renamed("word/document.xml", "word\\Document.xml"))
    assert "word/document.xml" in package
    assert package.xml("WORD/document.xml") is package.xml("word/document.xml")
    assert package.content_type("word/Document.xml").endswith("main+xml")
    assert read_docx(SourceFile.from_bytes(NAME, renamed("/", "\\"))).text == "texte"


def test_relationships_are_resolved_inside_the_package() -> None:
    links = relationships(
        '<Relationship Id="a" Type="http://x/image" Target="../media/i%20mage.png"/>'
        '<Relationship Id="b" Type="http://x/image" Target="/word/media/j.png"/>'
        '<Relationship Id="c" Type="http://x/hyperlink" Target="../../../etc/passwd"/>'
        '<Relationship Id="d" Type="http://x/hyperlink" Target="http://e.fr/a" '
        'TargetMode="External"/>'
    )
    package = opened(with_entries({"word/sub/_rels/x.xml.rels": links}))
    found = {link.id: link for link in package.relationships("word/sub/x.xml")}
    assert found["a"].target == "word/media/i mage.png"
    assert found["b"].target == "word/media/j.png"
    assert found["c"].target == "etc/passwd"
    assert found["c"].target not in package
    assert (found["d"].target, found["d"].external) == ("http://e.fr/a", True)
    assert package.relationships("word/none.xml") == ()


def test_every_office_file_of_the_cohort_is_recognised(cohort: Path) -> None:
    suffixes = {".docx", ".pptx", ".xlsx", ".odt"}
    paths = [path for path in cohort.glob("*/*") if path.suffix in suffixes]
    assert {path.suffix for path in paths} == suffixes
    for path in paths:
        package = open_package(SourceFile.from_path(path), expected=path.suffix[1:])
        assert not package.has_macros


def test_an_encrypted_opendocument_is_refused_and_an_old_manifest_is_not() -> None:
    def document(manifest: bytes) -> bytes:
        media_type = b"application/vnd.oasis.opendocument.text"
        return zipped({"mimetype": media_type, "META-INF/manifest.xml": manifest})

    old = document(b'<!DOCTYPE manifest:manifest PUBLIC "-//x" "Manifest.dtd"><manifest:manifest/>')
    assert opened(old, expected="odt").format == "odt"
    with pytest.raises(EncryptedFile):
        opened(document(b"<m><manifest:encryption-data/></m>"), expected="odt")


def outcome(data: bytes) -> str:
    """The name of the document read, or the message of its refusal."""
    try:
        return read_docx(SourceFile.from_bytes(NAME, data)).filename
    except IngestError as error:
        return error.user_message


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 10_000), st.integers(0, 255)), min_size=1, max_size=8))
def test_a_damaged_file_never_fails_but_by_its_own_error(damage: list[tuple[int, int]]) -> None:
    data = bytearray(PLAIN)
    for place, value in damage:
        data[place % len(data)] = value
    assert NAME in outcome(bytes(data))


@settings(max_examples=100, deadline=None)
@given(st.data())
def test_a_damaged_main_part_never_fails_but_by_its_own_error(data: st.DataObject) -> None:
    """The container is sound, so that what is damaged is the reader's own ground."""
    xml = plain_files()["word/document.xml"]
    start = xml.index(b"<w:body>")
    tags = st.sampled_from(
        ["w:p", "w:r", "w:t", "w:tbl", "w:tr", "w:tc", "w:sdt", "w:sdtContent", "w:ins", "w:del",
         "w:drawing", "w:pict", "w:fldChar", "w:footnoteReference", "w:ruby", "m:oMath", "w:pPr",
         "w:numPr", "w:gridSpan", "w:vMerge", "w:tcPr", "wp:inline", "a:graphic", "v:shape"]
    )  # fmt: skip
    trees = st.recursive(
        st.text(alphabet="ab é", max_size=4),
        lambda inner: st.tuples(tags, st.lists(inner, max_size=4)).map(_element),
        max_leaves=25,
    )
    body = "".join(data.draw(st.lists(trees, max_size=5)))
    damaged = xml[:start] + f"<w:body>{body}</w:body></w:document>".encode()
    assert NAME in outcome(main_part(damaged))


def _element(tag_and_content: tuple[str, list[str]]) -> str:
    tag, content = tag_and_content
    return f'<{tag} w:val="3" w:id="1" r:id="rId1">{"".join(content)}</{tag}>'


@pytest.mark.parametrize(
    "body",
    [
        "<w:tbl><w:tr><w:tc>" * 60 + p("fond") + "</w:tc></w:tr></w:tbl>" * 60,
        "<w:ins>" * 200 + p("fond") + "</w:ins>" * 200,
        "<w:p><w:r>" + "<w:pict><v:shape><v:textbox><w:txbxContent><w:p><w:r>" * 35
        + "<w:t>fond</w:t>" + "</w:r></w:p></w:txbxContent></v:textbox></v:shape></w:pict>" * 35
        + "</w:r></w:p>",
    ],
    ids=["tables", "insertions", "boxes"],
)  # fmt: skip
def test_deep_nesting_is_read(body: str) -> None:
    assert "fond" in read_docx(SourceFile.from_bytes(NAME, simple(body))).text


@pytest.mark.timeout(10)
@pytest.mark.parametrize(
    "body",
    [
        '<w:tbl><w:tr><w:tc><w:tcPr><w:gridSpan w:val="2000000000"/></w:tcPr>'
        f"{p('fond')}</w:tc></w:tr></w:tbl>",
        "<w:p/>" * 50_000 + p("fond"),
        "<w:p>" + "<w:r><w:t>a</w:t></w:r>" * 50_000 + "<w:r><w:t>fond</w:t></w:r></w:p>",
        "<w:p><w:r>" + "<w:tab/>" * 50_000 + "<w:t>fond</w:t></w:r></w:p>",
        "".join(p("fond", style="Titre1") for _ in range(5_000)),
        '<w:p><w:pPr><w:numPr><w:ilvl w:val="99999999999999999999"/><w:numId w:val="1"/></w:numPr>'
        "</w:pPr><w:r><w:t>fond</w:t></w:r></w:p>",
        "<w:p>"
        + '<w:r><w:footnoteReference w:id="1"/></w:r>' * 20_000
        + "<w:r><w:t>fond</w:t></w:r></w:p>",
    ],
    ids=["span", "paragraphs", "runs", "tabs", "headings", "levels", "calls"],
)
def test_a_multiplied_element_costs_no_more_than_it_weighs(body: str) -> None:
    made = styled()
    made.word_part(
        "footnotes",
        "footnotes",
        f'<w:footnote w:id="1">{p("note " * 1000)}</w:footnote>',
        "footnotes",
    )
    document = read_docx(SourceFile.from_bytes(NAME, made.build(body)))
    assert "fond" in document.text
    assert len(document.text) < 500_000


def test_loops_between_parts_end() -> None:
    made = styled()
    loop = (
        '<w:style w:type="paragraph" w:styleId="{0}"><w:name w:val="{0}"/><w:basedOn w:val="{1}"/>'
    )
    styles = "".join(loop.format(*pair) + "</w:style>" for pair in (("A", "B"), ("B", "A")))
    made.parts["word/styles.xml"] = f"<w:styles {NAMESPACES}>{styles}</w:styles>".encode()
    call = '<w:p><w:r><w:footnoteReference w:id="1"/></w:r><w:r><w:t>note</w:t></w:r></w:p>'
    made.word_part(
        "footnotes", "footnotes", f'<w:footnote w:id="1">{call}</w:footnote>', "footnotes"
    )
    document = read_docx(SourceFile.from_bytes(NAME, made.build(p("x", style="A") + call)))
    assert document.text == "x\nnote\nnote"


def test_zlib_garbage_is_damaged() -> None:
    """An entry whose deflate stream is noise, under a sound directory."""
    noise = random.Random(3).randbytes(400)
    data = bytearray(zipped({"a.xml": zlib.compress(noise) + noise}))
    at = data.index(b"a.xml") + 5
    data[at : at + 200] = noise[:200]
    package = open_package(SourceFile.from_bytes(NAME, bytes(data)))
    with pytest.raises(CorruptedFile):
        package.read("a.xml")
