"""Passages: whole where they can be, exact always."""

from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.building import DocumentBuilder
from ingest.chunking import Chunk, split
from ingest.formats.docx import read_docx
from ingest.types import Block, BlockKind, Channel, Document, Locator, SourceFile

FILE = SourceFile.from_bytes("plan.docx", b"plan")
TARGET, MOST = 900, 1600

SENTENCE = "La boutique publie trois fois par semaine sur son compte principal. "


def words(count: int, word: str = "mot") -> str:
    return " ".join([word] * count)


class Writer:
    """Writes a document block by block."""

    def __init__(self) -> None:
        self.builder = DocumentBuilder(FILE, format_name="docx")
        self.tables = 0
        self.place = Locator(file=FILE.filename)

    def heading(self, text: str, level: int = 1) -> "Writer":
        self.builder.add(BlockKind.HEADING, text, self.place, level=level)
        return self

    def paragraph(self, text: str, channel: Channel = Channel.BODY) -> "Writer":
        place = self.place.model_copy(update={"channel": channel})
        self.builder.add(BlockKind.PARAGRAPH, text, place)
        return self

    def table(self, rows: Sequence[Sequence[str]]) -> "Writer":
        self.tables += 1
        for row, cells in enumerate(rows, start=1):
            for column, text in enumerate(cells, start=1):
                update = {"table": self.tables, "row": row, "column": column}
                self.builder.add(BlockKind.TABLE_CELL, text, self.place.model_copy(update=update))
        return self

    def on(self, **place: object) -> "Writer":
        self.place = self.place.model_copy(update=place)
        return self

    def done(self) -> Document:
        return self.builder.build()


def texts(document: Document) -> list[str]:
    return [chunk.text for chunk in split(document)]


def holding(chunks: Sequence[Chunk], block: Block) -> list[Chunk]:
    return [c for c in chunks if c.start < block.end and c.end > block.start]


def test_a_short_document_is_one_chunk() -> None:
    document = Writer().heading("Contexte").paragraph("Une boulangerie.").done()
    (chunk,) = split(document)
    assert chunk.text == document.text == "Contexte\nUne boulangerie."
    assert chunk.locator == document.blocks[0].locator
    assert chunk.sha256 == FILE.sha256


def test_an_empty_document_has_no_chunk() -> None:
    assert split(Writer().done()) == ()


def test_sections_are_cut_at_their_headings() -> None:
    document = (
        Writer().heading("Cible").paragraph(words(130)).heading("Ton").paragraph(words(130)).done()
    )
    assert [text.split("\n")[0] for text in texts(document)] == ["Cible", "Ton"]


def test_headings_in_a_row_go_with_what_follows() -> None:
    document = (
        Writer()
        .paragraph(words(200))
        .heading("Audit")
        .heading("Marché", 2)
        .heading("Zone", 3)
        .paragraph(words(200))
        .done()
    )
    first, second = texts(document)
    assert first == words(200)
    assert second.startswith("Audit\nMarché\nZone\nmot")


def test_a_small_section_joins_its_neighbour_of_the_same_chapter_only() -> None:
    document = (
        Writer()
        .heading("Audit")
        .paragraph(words(120))
        .heading("Marché", 2)
        .paragraph(words(20))
        .heading("Concurrents", 2)
        .paragraph(words(120))
        .heading("Stratégie")
        .paragraph(words(20))
        .heading("Ton")
        .paragraph(words(20))
        .done()
    )
    starts = [[line for line in text.split("\n") if "mot" not in line] for text in texts(document)]
    assert starts == [["Audit", "Marché"], ["Concurrents"], ["Stratégie", "Ton"]]


def test_a_long_section_is_cut_evenly_between_paragraphs() -> None:
    document = Writer().heading("Plan")
    for _ in range(12):
        document.paragraph(words(60))
    sizes = [len(text) for text in texts(document.done())]
    assert max(sizes) <= MOST
    assert max(sizes) - min(sizes) <= 250
    assert len(sizes) == 3


def test_a_long_paragraph_is_cut_between_sentences() -> None:
    document = Writer().paragraph(SENTENCE * 60).done()
    pieces = texts(document)
    assert len(pieces) > 3
    assert all(piece.rstrip().endswith("principal.") for piece in pieces)
    assert all(len(piece) <= MOST for piece in pieces)
    assert "".join(pieces) == document.text


def test_an_abbreviation_followed_by_a_small_letter_is_no_sentence_end() -> None:
    text = "Voir p. ex. la charte, art. dix, etc. puis la suite, " * 60
    assert not any(
        piece.rstrip().endswith("p.") for piece in texts(Writer().paragraph(text).done())
    )


def test_words_without_end_are_cut_all_the_same() -> None:
    pieces = texts(Writer().paragraph("x" * 5000).done())
    assert "".join(pieces) == "x" * 5000
    assert max(map(len, pieces)) <= MOST


def test_a_small_table_stays_whole_with_its_heading() -> None:
    rows = [[f"ligne {i}", words(10), words(10)] for i in range(10)]
    document = Writer().paragraph(words(150)).heading("Budget").table(rows).done()
    chunks = split(document)
    table = [chunk for chunk in chunks if "ligne 0" in chunk.text]
    assert len(table) == 1
    assert table[0].text.startswith("Budget\nligne 0")
    assert "ligne 9" in table[0].text


def test_a_large_table_is_cut_between_rows_only() -> None:
    rows = [[f"ligne {i}", words(12), words(12)] for i in range(60)]
    document = Writer().heading("Calendrier").table(rows).done()
    chunks = split(document)
    assert len(chunks) > 4
    assert chunks[0].text.startswith("Calendrier\nligne 0")
    for chunk in chunks:
        for line in chunk.text.split("\n"):
            assert line == "Calendrier" or line.count(" | ") == 2
    # The header row is not repeated: offsets are the document's own.
    assert sum("ligne 0" in chunk.text for chunk in chunks) == 1


def test_a_huge_row_is_cut_between_cells_then_sentences() -> None:
    document = Writer().table([["Étape", words(300, "cellule"), SENTENCE * 40]]).done()
    chunks = split(document)
    assert max(len(chunk.text) for chunk in chunks) <= MOST
    assert chunks[0].locator.column == 1
    assert chunks[-1].locator.column == 3
    assert chunks[-1].text.startswith("La boutique")


def test_a_note_between_two_rows_does_not_break_a_small_table() -> None:
    writer = Writer().paragraph(words(250)).heading("Indicateurs")
    writer.table([["Taux", "12 %"]])
    writer.paragraph("Source : caisse.", Channel.FOOTNOTE)
    writer.tables -= 1
    writer.table([["Coût", "3 €"]])
    (chunk,) = [c for c in split(writer.done()) if "Taux" in c.text]
    assert chunk.text == "Indicateurs\nTaux | 12 %\nSource : caisse.\nCoût | 3 €"


def test_margins_and_sheets_never_share_a_chunk() -> None:
    document = Writer().paragraph("Texte.").paragraph("Nom, page 1", Channel.FOOTER).done()
    assert texts(document) == ["Texte.", "Nom, page 1"]
    sheets = Writer().on(sheet="Janvier").table([["a"]]).on(sheet="Mars").table([["b"]]).done()
    assert texts(sheets) == ["a", "b"]


def test_a_long_slide_is_not_mixed_with_the_next() -> None:
    document = Writer().on(slide=1).paragraph(words(200)).on(slide=2).paragraph(words(200)).done()
    assert [chunk.locator.slide for chunk in split(document)] == [1, 2]


def test_ids_are_unique_across_a_dossier() -> None:
    document = Writer().paragraph(SENTENCE * 100).done()
    other = document.model_copy(update={"sha256": "f" * 64})
    ids = [chunk.id for one in (document, other) for chunk in split(one)]
    assert len(set(ids)) == len(ids)


@pytest.mark.parametrize(("target", "most"), [(0, 10), (10, 5), (-1, 5)])
def test_impossible_sizes_are_refused(target: int, most: int) -> None:
    with pytest.raises(ValueError, match="target_chars"):
        split(Writer().paragraph("x").done(), target_chars=target, max_chars=most)


def test_the_cohort_is_cut_into_passages_of_retrieval_size(cohort: Path) -> None:
    for path in sorted(cohort.glob("*/*.docx")):
        document = read_docx(SourceFile.from_path(path))
        chunks = split(document)
        check_exact_cover(document, chunks, MOST)
        assert sum(len(c.text) for c in chunks) / len(chunks) > 250


text = st.one_of(
    st.text(alphabet="aé .\n!-«»", min_size=1, max_size=40),
    st.integers(1, 12).map(lambda n: SENTENCE * n),
    st.integers(1, 900).map(lambda n: "y" * n),
)
step = st.one_of(
    st.tuples(st.just("heading"), text, st.integers(1, 4)),
    st.tuples(
        st.just("paragraph"),
        text,
        st.sampled_from([Channel.BODY, Channel.FOOTNOTE, Channel.FOOTER]),
    ),
    st.tuples(
        st.just("table"),
        st.lists(st.lists(text, min_size=1, max_size=4), min_size=1, max_size=5),
        st.none(),
    ),
    st.tuples(st.just("slide"), st.integers(1, 3), st.none()),
)


def written(steps: Sequence[tuple[str, object, object]]) -> Document:
    writer = Writer()
    for name, first, second in steps:
        if name == "slide":
            writer.on(slide=first)
        elif name == "table":
            writer.table(first)  # type: ignore[arg-type]  # a list of rows, by the strategy
        else:
            getattr(writer, name)(first, second)
    return writer.done()


def check_exact_cover(document: Document, chunks: Sequence[Chunk], most: int) -> None:
    covered: list[int] = []
    for chunk in chunks:
        assert chunk.text == document.text[chunk.start : chunk.end]
        assert 0 < len(chunk.text) <= most
        covered += range(chunk.start, chunk.end)
    assert covered == sorted(set(covered))
    inside = set(covered)
    for block in document.blocks:
        assert set(range(block.start, block.end)) <= inside
    for before, after in zip(chunks, chunks[1:], strict=False):
        # Nothing but the separator of two blocks lies between two chunks.
        assert document.text[before.end : after.start] in ("", "\n", " | ")


@settings(max_examples=200, deadline=None)
@given(st.lists(step, max_size=14), st.integers(20, 400), st.integers(0, 600))
def test_every_block_is_covered_exactly_once(
    steps: list[tuple[str, object, object]], target: int, more: int
) -> None:
    document = written(steps)
    chunks = split(document, target_chars=target, max_chars=target + more)
    check_exact_cover(document, chunks, target + more)
    assert chunks == split(document, target_chars=target, max_chars=target + more)
    assert len({chunk.id for chunk in chunks}) == len(chunks)


@settings(max_examples=150, deadline=None)
@given(st.lists(step, max_size=10))
def test_rows_are_cut_only_when_too_long_and_headings_stay_with_what_follows(
    steps: list[tuple[str, object, object]],
) -> None:
    document = written(steps)
    chunks = split(document)
    rows: dict[tuple[int | None, int | None], list[Block]] = {}
    for block in document.blocks:
        if block.kind is BlockKind.TABLE_CELL:
            rows.setdefault((block.locator.table, block.locator.row), []).append(block)
    for cells in rows.values():
        if cells[-1].end - cells[0].start <= MOST:
            assert len({c.id for cell in cells for c in holding(chunks, cell)}) == 1
    for heading, following in zip(document.blocks, document.blocks[1:], strict=False):
        if heading.kind is not BlockKind.HEADING or following.kind is BlockKind.HEADING:
            continue
        opening = min(block.start for block in holding_headings(document, heading))
        unit = rows.get((following.locator.table, following.locator.row), [following])
        # Only what could not fit with it, or is never mixed with it, leaves a heading alone.
        fits = heading.end - opening < MOST // 2 and unit[-1].end - opening <= MOST
        mixed = following.locator.channel is not Channel.FOOTER
        if fits and mixed:
            assert holding(chunks, heading)[-1] == holding(chunks, following)[0]


def holding_headings(document: Document, last: Block) -> list[Block]:
    """The headings in a row that end with this one."""
    run: list[Block] = []
    for block in document.blocks[: document.blocks.index(last) + 1]:
        run = [*run, block] if block.kind is BlockKind.HEADING else []
    return run
