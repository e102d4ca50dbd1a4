"""Slides, sheets and text tables damaged at random: read, or refused with a reason."""

import io
import re
import zipfile
from collections.abc import Callable, Mapping

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.errors import IngestError
from ingest.formats.csv_table import read_csv
from ingest.formats.pptx import read_pptx
from ingest.formats.xlsx import read_xlsx
from ingest.types import Document, SourceFile
from tests.conftest import COHORT
from tests.corpus_office import source

#: What replaces a value: bounds, other types, places that do not exist, nothing.
EXTREMES = [
    b"", b"-1", b"0", b"0.5", b"100%", b"1e308", b"nan", b"true", b"zz", b"FFFFFF", b"#REF!",
    b"4294967296", b"99999999999999999999", b"-9999999999", b"XFD1048576", b"A1:XFD1048576",
    b"../../x", "é".encode(),
]  # fmt: skip
#: Where to strike: attribute values, texts, attribute names, empty elements.
TARGETS = [rb'(?<=")[^"<>]*(?=")', rb"(?<=>)[^<>]+(?=<)", rb'[\w:]+(?==")', rb"<[\w:]+[^<>]*/>"]
FILES = sorted(p for p in COHORT.glob("*/*") if p.suffix in {".pptx", ".xlsx"})
READERS: Mapping[str, Callable[[SourceFile], Document]] = {".pptx": read_pptx, ".xlsx": read_xlsx}


def unpacked(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def packed(parts: Mapping[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def struck(part: bytes, data: st.DataObject) -> bytes:
    """The part with one value changed, or one of its bytes."""
    places = list(re.finditer(data.draw(st.sampled_from(TARGETS)), part))
    if not places:
        at = data.draw(st.integers(0, len(part)))
        return part[:at] + data.draw(st.binary(max_size=3)) + part[at + 1 :]
    found = places[data.draw(st.integers(0, len(places) - 1))]
    return part[: found.start()] + data.draw(st.sampled_from(EXTREMES)) + part[found.end() :]


def read_or_refused(reader: Callable[[SourceFile], Document], file: SourceFile) -> Document | None:
    """What is read; None for a foreseen refusal. Any other failure fails the test."""
    try:
        return reader(file)
    except IngestError:
        return None


@pytest.mark.slow
@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
@settings(max_examples=40, deadline=10_000)
@given(data=st.data())
def test_a_damaged_office_file_is_read_or_refused(path, data) -> None:  # type: ignore[no-untyped-def]
    parts = unpacked(path.read_bytes())
    names = sorted(n for n in parts if n.endswith((".xml", ".rels")) and "theme" not in n)
    for name in data.draw(st.lists(st.sampled_from(names), min_size=1, max_size=4)):
        parts[name] = struck(parts[name], data)

    damaged = source(path.name, packed(parts))

    document = read_or_refused(READERS[path.suffix], damaged)

    assert document is None or 0 <= document.coverage <= 1


@settings(max_examples=200, deadline=5_000)
@given(data=st.one_of(st.binary(max_size=400), st.text(alphabet='a;,\t|"\n\r\0é=', max_size=200)))
def test_any_bytes_read_as_a_table_of_text(data: bytes | str) -> None:
    raw = data.encode() if isinstance(data, str) else data

    document = read_csv(source("t.csv", raw))

    assert all(block.text == block.text.strip() for block in document.blocks)
