"""Tables of text: any encoding, any separator, each cell at its row and column."""

import pytest

from ingest.formats.csv_table import read_csv
from ingest.types import BlockKind, Document, HiddenReason
from tests.corpus_office import block_of, source


def read(data: bytes | str) -> Document:
    raw = data.encode() if isinstance(data, str) else data
    return read_csv(source("calendrier.csv", raw))


TABLE = (
    "Date;Canal;Texte prévu\n02/03/2026;Instagram;« Déjà l'été ? »\n03/03/2026;Facebook;10,5 €\n"
)


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16", "utf-16-le", "utf-16-be", "mac_roman"]
)
def test_accents_are_read_in_every_usual_encoding(encoding: str) -> None:
    document = read(TABLE.encode(encoding))

    cell = block_of(document, "« Déjà l'été ? »")
    assert str(cell.locator) == "calendrier.csv, tableau 1, ligne 2, colonne 3"
    assert cell.kind is BlockKind.TABLE_CELL
    assert document.text.startswith("Date | Canal | Texte prévu\n02/03/2026 | Instagram | ")


@pytest.mark.parametrize("separator", [";", ",", "\t", "|"])
def test_the_separator_is_found(separator: str) -> None:
    rows = [["Jour", "Canal", "Portée"], ["lundi", "Instagram", "1200"], ["mardi", "X", "90"]]
    text = "\n".join(separator.join(row) for row in rows)

    document = read(text)

    assert block_of(document, "90").locator.column == 3
    assert len(document.blocks) == 9


def test_decimal_commas_do_not_cut_french_numbers() -> None:
    document = read("Coût;Taux\n1,5;2,5\n3,5;4,5\n")

    assert [b.text for b in document.blocks] == ["Coût", "Taux", "1,5", "2,5", "3,5", "4,5"]


def test_the_separator_announced_to_excel_is_followed() -> None:
    document = read("sep=,\na;b,c\nd,e\n")

    assert [b.text for b in document.blocks] == ["a;b", "c", "d", "e"]


def test_quoted_cells_keep_their_separators_marks_and_lines() -> None:
    document = read('Titre;Texte\n"Un; deux";"Dit ""oui""\net s\'en va"\n')

    assert block_of(document, "Un; deux").locator.column == 1
    assert block_of(document, "oui").text == 'Dit "oui"\net s\'en va'


def test_empty_cells_keep_the_columns_of_the_others() -> None:
    document = read("a;b;c\n;;x\n;;\ny;;\n")

    assert (block_of(document, "x").locator.row, block_of(document, "x").locator.column) == (2, 3)
    assert block_of(document, "y").locator.row == 4


def test_lines_of_prose_are_not_cut() -> None:
    document = read("Bonjour à tous\nIl pleut, dit-il, et il part\nFin\n")

    assert [b.text for b in document.blocks][1] == "Il pleut, dit-il, et il part"


def test_a_quotation_mark_never_closed_does_not_swallow_the_table() -> None:
    rows = "".join(f"ligne {n};texte {n}\n" for n in range(5_000))

    document = read(f'"ouvert;x\n{rows}')

    assert block_of(document, "texte 4999").locator.row == 5001
    assert any("guillemet" in warning for warning in document.warnings_fr)


def test_a_mark_inside_a_cell_is_a_plain_character() -> None:
    document = read('Écran;15" large\nTexte;"il dit" oui\n')

    assert block_of(document, "15").text == '15" large'
    assert len(document.blocks) == 4


def test_a_line_longer_than_python_reads_is_kept() -> None:
    document = read("a;b\n" + "x" * 200_000 + ";y\n")

    assert block_of(document, "y").locator.column == 2


def test_invisible_characters_and_zeros_are_dropped() -> None:
    document = read("a;b\nbud\u200bget;c\0d\n")

    assert "budget | cd" in document.text
    assert document.hidden[0].reason is HiddenReason.INVISIBLE_CHARACTERS
    assert document.hidden[0].locator.row == 2


def test_too_many_cells_for_so_small_a_file_are_cut_with_a_warning() -> None:
    document = read("a;b\n" * 40_000)

    assert len(document.blocks) == 60_000
    assert document.coverage == pytest.approx(0.75)
    assert any("20000" in warning for warning in document.warnings_fr)


@pytest.mark.parametrize("data", [b"", b"\n\n", b";;;\n;;;\n", b"\xff\xfe", bytes(range(256)) * 50])
def test_bytes_that_are_no_table_end_without_a_crash(data: bytes) -> None:
    document = read(data)

    assert document.format == "csv"
