"""Citations and quotes are found again when they are there, and only then."""

import zipfile

import docx
import pytest
from reportlab.pdfgen import canvas

from assistant.evaluation.citations import locate
from assistant.evaluation.labels import GoldLabel
from assistant.evaluation.quotes import QuoteInspector
from assistant.evaluation.recall import supported_attendu
from assistant.evaluation.second_reader import read_again
from assistant.grounding import evidence_at
from ingest import registry
from ingest.building import DocumentBuilder
from ingest.types import BlockKind, Channel, Locator, SourceFile
from tests import factories, sample_findings
from tests.evaluation.sets import MET, word_file


def found(citation, document):
    return [document.text[span.start : span.end] for span in locate(citation, document)]


def test_every_place_of_a_citation_is_found():
    document = factories.document("Le pain est pesé.", "Rien.", "Le pain est pesé. Deux fois.")

    assert found("le pain est pesé", document) == ["Le pain est pesé"] * 2


def test_typography_is_folded_and_the_text_s_own_words_are_given_back():
    document = factories.document("L’audit coûte 9\u00a0600 € – « hors taxes ».")

    assert found('l\'audit coûte 9 600 € - " hors taxes "', document) == [
        "L’audit coûte 9 600 € – « hors taxes »"
    ]


def test_a_citation_with_an_elision_needs_all_its_pieces():
    document = factories.document("Le budget est de 500 euros pour trois affiches en mars.")

    assert len(found("Le budget est de 500 euros […] en mars", document)) == 2
    assert found("Le budget est de 500 euros […] en avril", document) == []


def test_a_changed_figure_is_not_the_citation():
    assert (
        found("Le budget est de 501 euros", factories.document("Le budget est de 500 euros.")) == []
    )


def recognised(*lines):
    builder = DocumentBuilder(SourceFile.from_bytes("scan.pdf", b"scan"), format_name="pdf")
    for line in lines:
        place = Locator(file="scan.pdf", page=1, channel=Channel.OCR)
        builder.add(BlockKind.PARAGRAPH, line, place)
    return builder.build()


def test_recognised_text_is_compared_with_tolerance_and_written_text_is_not():
    line = "1O h 15 : je pubIie un message sur Facebook"
    citation = "10 h 15 : je publie un message sur Facebook"

    assert found(citation, recognised("Titre", line)) == [line]
    assert found(citation, factories.document(line)) == []
    assert found("Aucun rapport avec ce texte reconnu", recognised(line)) == []


def test_the_second_reader_finds_words_cells_and_headers_of_a_word_file(tmp_path):
    document = docx.Document()
    document.add_paragraph("Le budget est de 9 600 € TTC.")
    table = document.add_table(rows=1, cols=2)
    table.cell(0, 0).text, table.cell(0, 1).text = "Affiches", "1 200 €"
    document.sections[0].header.paragraphs[0].text = "Dossier de Camille –"
    document.save(str(tmp_path / "a.docx"))

    reading = read_again(tmp_path / "a.docx")

    assert reading.holds("Le budget est de 9 600 € TTC.")
    assert reading.holds("Affiches | 1 200 €")
    assert reading.holds("1. Le budget est de 9 600 € TTC.")  # a list's number is computed
    assert reading.holds("Dossier de Camille – 12", Channel.HEADER)  # and so is a page's


def test_the_second_reader_finds_no_invented_quote(tmp_path):
    word_file(tmp_path / "a.docx", "Le budget est de 9 600 € TTC.", "Il est tenu.")

    reading = read_again(tmp_path / "a.docx")

    for invented in (
        "Le budget est de 9 800 € TTC.",
        "Le budget n'est pas de 9 600 € TTC.",
        "Le budget est de 9 600 € TTC. Il n'est pas tenu.",
        "Il est tenu. | Jamais écrit",
    ):
        assert not reading.holds(invented)


def test_the_second_reader_knows_how_a_workbook_keeps_dates_and_rounded_values(tmp_path):
    sheet = (
        '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
        '<row r="1"><c r="A1"><v>46083</v></c><c r="B1"><v>0.019340000000000003</v></c>'
        '<c r="C1" t="inlineStr"><is><t>Une cellule de texte assez longue</t></is></c></row>'
        "</sheetData></worksheet>"
    )
    with zipfile.ZipFile(tmp_path / "a.xlsx", "w") as archive:
        archive.writestr("xl/worksheets/sheet1.xml", sheet)

    reading = read_again(tmp_path / "a.xlsx")

    assert reading.holds("02/03/2026 | 1,93 % | Une cellule de texte assez longue")
    assert not reading.holds("03/03/2026")
    assert not reading.holds("1,94 %")


def test_the_second_reader_reads_pdf_and_plain_text(tmp_path):
    page = canvas.Canvas(str(tmp_path / "a.pdf"))
    page.drawString(72, 700, "Un texte de PDF assez long pour compter.")
    page.save()
    (tmp_path / "a.html").write_text("<p>Un <b>texte</b> d&eacute;coup&eacute; de page</p>")

    assert read_again(tmp_path / "a.pdf").holds("texte de PDF assez long")
    assert read_again(tmp_path / "a.html").holds("Un texte découpé de page")


@pytest.mark.parametrize("name", ["scan.pdf", "photo.png", "abime.docx", "absent.docx"])
def test_a_file_without_a_second_reading_is_not_counted_against_the_quotes(tmp_path, name):
    if name == "scan.pdf":
        page = canvas.Canvas(str(tmp_path / name))
        page.rect(10, 10, 100, 100)
        page.save()
    elif name != "absent.docx":
        (tmp_path / name).write_bytes(b"PK\x03\x04 ceci n'est rien")

    assert read_again(tmp_path / name) is None


@pytest.fixture
def word_document(tmp_path):
    path = word_file(tmp_path / "a.docx", "Le budget est de 9 600 € TTC.", "Il est tenu en mars.")
    return registry.read(SourceFile.from_path(path))


def quoting(*evidence):
    """A draft that shows these quotes and no other."""
    draft = sample_findings.finding()
    (attendu, *_) = draft.attendus
    return draft.model_copy(
        update={
            "attendus": (attendu.model_copy(update={"evidence": evidence}),),
            "checks": (),
            "search": draft.search.model_copy(update={"nearest": ()}),
        }
    )


def test_a_quote_of_the_file_is_found_again_in_both_ways(tmp_path, word_document):
    check = QuoteInspector(tmp_path, [word_document]).inspect(
        quoting(evidence_at(word_document, 0, 29))
    )

    assert (check.shown, check.reread, check.second_readable, check.second_read) == (1, 1, 1, 1)


def test_a_quote_at_another_place_is_not_found_again_though_its_words_are(tmp_path, word_document):
    there = evidence_at(word_document, 0, 29)
    elsewhere = there.model_copy(update={"start": 1, "end": 30})

    check = QuoteInspector(tmp_path, [word_document]).inspect(quoting(elsewhere))

    assert (check.shown, check.reread, check.second_read) == (1, 0, 1)


def test_an_invented_quote_is_found_in_neither_way(tmp_path, word_document):
    there = evidence_at(word_document, 0, 29)
    invented = there.model_copy(update={"quote": "Le budget est de 9 800 € TTC."})

    check = QuoteInspector(tmp_path, [word_document]).inspect(quoting(invented))

    assert (check.shown, check.reread, check.second_readable, check.second_read) == (1, 0, 1, 0)


def test_a_quote_of_a_file_that_changed_since_is_not_found_again(tmp_path, word_document):
    shown = evidence_at(word_document, 0, 29)
    path = word_file(tmp_path / "a.docx", "Un autre texte que celui qui a été examiné.")
    now = registry.read(SourceFile.from_path(path))

    check = QuoteInspector(tmp_path, [now]).inspect(quoting(shown))

    assert (check.reread, check.second_read) == (0, 0)


def label(comment, citation=""):
    return GoldLabel(
        candidat="c",
        fichier="f",
        epreuve="P1",
        critere="P1/petrissage/CE1",
        verdict=MET,
        citation=citation,
        commentaire=comment,
        line=2,
    )


CRITERION = factories.criterion(
    attendus=(
        ("La farine est pesée et notée dans le carnet.", True),
        ("La cuisson au four est chronométrée puis contrôlée.", True),
    )
)


def test_the_attendu_a_label_speaks_of_is_decided_from_its_own_words():
    assert supported_attendu(label("La cuisson est bien chronométrée."), CRITERION) == 2
    assert supported_attendu(label("Tout est noté.", "farine pesée : 500 g"), CRITERION) == 1


def test_no_attendu_is_decided_when_the_label_is_not_plain():
    assert supported_attendu(label("C'est bien fait."), CRITERION) is None
    assert supported_attendu(label("Farine pesée, cuisson chronométrée."), CRITERION) is None
