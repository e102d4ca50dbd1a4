"""OpenDocument files: every place a phrase can be in, with the place it is given."""

import csv
import re
import unicodedata
from collections.abc import Iterator
from pathlib import Path

import pytest

from ingest.formats.odf import read_odp, read_ods, read_odt
from ingest.formats.odf_sheets import readable_formula
from ingest.normalising import normalise
from ingest.types import BlockKind, Channel, Document, HiddenReason, SourceFile
from tests.corpus_text import MASTERS, cell, chart_part, odf, png, row

TEXT = """
<text:tracked-changes><text:changed-region><text:deletion>
  <text:p>phrase supprimée</text:p></text:deletion></text:changed-region></text:tracked-changes>
<text:p>phrase avant tout titre</text:p>
<text:h text:outline-level="1">Premier titre</text:h>
<text:p>phrase <text:span>du</text:span><text:s text:c="3"/>corps<office:annotation>
  <dc:creator>Quelqu'un</dc:creator><text:p>phrase en commentaire</text:p></office:annotation>
  suivie<text:note text:note-class="footnote"><text:note-citation>1</text:note-citation>
  <text:note-body><text:p>phrase en note</text:p></text:note-body></text:note></text:p>
<text:h text:outline-level="2">Sous-titre</text:h>
<text:list><text:list-item><text:p>phrase en liste</text:p>
  <text:list><text:list-item><text:p>phrase en sous-liste</text:p></text:list-item></text:list>
</text:list-item></text:list>
<table:table><table:table-column table:number-columns-repeated="2"/>
  <table:table-header-rows><table:table-row>
    <table:table-cell table:number-columns-spanned="2"><text:p>phrase fusionnée</text:p>
    </table:table-cell><table:covered-table-cell/></table:table-row></table:table-header-rows>
  <table:table-row><table:table-cell/><table:table-cell><text:p>phrase en cellule</text:p>
    <text:p>et sa suite</text:p><table:table><table:table-row><table:table-cell>
    <text:p>phrase imbriquée</text:p></table:table-cell></table:table-row></table:table>
  </table:table-cell></table:table-row></table:table>
<text:p>phrase d'ancrage<draw:frame svg:width="5cm"><draw:text-box>
  <text:p>phrase en cadre</text:p></draw:text-box></draw:frame></text:p>
<text:p><draw:custom-shape svg:width="5cm"><svg:desc>phrase décrivant la forme</svg:desc>
  <text:p>phrase en forme</text:p></draw:custom-shape></text:p>
<text:p><draw:frame svg:width="5cm"><draw:image xlink:href="Pictures/a.png"/>
  <svg:title>phrase de remplacement</svg:title></draw:frame></text:p>
<text:p><draw:frame svg:width="5cm"><draw:object xlink:href="./Object 1"/></draw:frame></text:p>
<text:section><text:p>phrase en section <text:a xlink:href="https://exemple.fr/">liée</text:a>
  </text:p></text:section>
<text:table-of-content><text:index-body><text:p>phrase du sommaire</text:p></text:index-body>
</text:table-of-content>
<text:p>phrase finale<text:note text:note-class="endnote"><text:note-citation>i</text:note-citation>
  <text:note-body><text:p>phrase en note de fin</text:p></text:note-body></text:note></text:p>
"""

#: Phrase → where it is said to be.
PLACES = {
    "phrase avant tout titre": "t.odt, paragraphe 1",
    "phrase du corps suivie": "t.odt, § Premier titre, paragraphe 3",
    "phrase en note": "t.odt, § Premier titre, note 1",
    "phrase en liste": "t.odt, § Premier titre › Sous-titre, paragraphe 5",
    "phrase en sous-liste": "t.odt, § Premier titre › Sous-titre, paragraphe 6",
    "phrase fusionnée": "t.odt, § Premier titre › Sous-titre, tableau 1, ligne 1, colonne 1",
    "phrase en cellule\net sa suite": (
        "t.odt, § Premier titre › Sous-titre, tableau 1, ligne 2, colonne 2"
    ),
    "phrase imbriquée": "t.odt, § Premier titre › Sous-titre, tableau 2, ligne 1, colonne 1",
    "phrase d'ancrage": "t.odt, § Premier titre › Sous-titre, paragraphe 7",
    "phrase en cadre": "t.odt, § Premier titre › Sous-titre, paragraphe 7, zone de texte",
    "phrase en forme": "t.odt, § Premier titre › Sous-titre, paragraphe 7, zone de texte",
    "phrase du graphique": "t.odt, § Premier titre › Sous-titre, paragraphe 7, graphique",
    "valeur 42": ("t.odt, § Premier titre › Sous-titre, tableau 3, ligne 2, colonne 1, graphique"),
    "phrase en section liée": "t.odt, § Premier titre › Sous-titre, paragraphe 8",
    "phrase du sommaire": "t.odt, § Premier titre › Sous-titre, paragraphe 9",
    "phrase finale": "t.odt, § Premier titre › Sous-titre, paragraphe 10",
    "phrase en note de fin": "t.odt, § Premier titre › Sous-titre, note i",
    "phrase en-tête": "t.odt, en-tête",
    "phrase pied de page": "t.odt, pied de page",
}


def text_document() -> Document:
    data = odf(
        "text",
        TEXT,
        masters=MASTERS,
        meta="<dc:title>phrase de propriété</dc:title><dc:language>fr-FR</dc:language>",
        parts={
            "Pictures/a.png": png(30, 10),
            "Object 1/content.xml": chart_part("phrase du graphique", "mois", "valeur 42"),
        },
    )
    return read_odt(SourceFile.from_bytes("t.odt", data))


@pytest.mark.parametrize(("phrase", "place"), PLACES.items())
def test_a_phrase_of_a_text_is_found_at_its_place(phrase: str, place: str) -> None:
    found = {block.text: str(block.locator) for block in text_document().blocks}

    assert found[phrase] == place


def test_a_text_keeps_reading_order_levels_and_links() -> None:
    document = text_document()

    assert [(b.text, b.level) for b in document.headings] == [
        ("Premier titre", 1),
        ("Sous-titre", 2),
    ]
    items = [(b.text, b.level) for b in document.blocks if b.kind is BlockKind.LIST_ITEM]
    assert items == [("phrase en liste", 1), ("phrase en sous-liste", 2)]
    order = [document.text.index(phrase) for phrase in PLACES]
    assert order == sorted(order)
    assert document.links == ("https://exemple.fr/",)
    assert document.metadata["langue"] == "fr-FR"
    assert document.coverage == 1.0


def test_what_is_not_on_the_page_of_a_text_is_hidden_with_its_reason() -> None:
    document = text_document()

    hidden = {span.text: (span.reason, span.locator.channel) for span in document.hidden}
    assert hidden["phrase supprimée"] == (HiddenReason.DELETED, Channel.DELETED)
    assert hidden["phrase en commentaire"] == (HiddenReason.COMMENT, Channel.COMMENT)
    assert hidden["phrase décrivant la forme"] == (HiddenReason.ALT_TEXT, Channel.ALT_TEXT)
    assert hidden["phrase en-tête coupé"] == (HiddenReason.VANISHED, Channel.HEADER)
    assert hidden["titre : phrase de propriété"] == (HiddenReason.PROPERTY, Channel.PROPERTIES)
    assert not any(span.text in document.text for span in document.hidden)
    assert "jamais imprimée" not in document.text


def test_an_image_of_a_text_is_known_with_its_description() -> None:
    (image,) = text_document().images

    assert (image.alt_text, image.width, image.height) == ("phrase de remplacement", 30, 10)
    assert image.content_type == "image/png"


SLIDES = """
<presentation:footer-decl
  presentation:name="ftr1">phrase pied de diapositive</presentation:footer-decl>
<draw:page draw:name="un" draw:master-page-name="Maitre" presentation:use-footer-name="ftr1">
  <draw:frame presentation:class="outline" svg:width="5cm" svg:height="5cm" svg:x="1cm" svg:y="5cm">
    <draw:text-box><text:list><text:list-item><text:p>phrase en plan</text:p></text:list-item>
    </text:list></draw:text-box></draw:frame>
  <draw:frame presentation:class="title" svg:width="5cm" svg:height="1cm" svg:x="1cm" svg:y="1cm">
    <draw:text-box><text:p>Titre de la diapositive</text:p></draw:text-box></draw:frame>
  <draw:g><draw:g><draw:custom-shape svg:width="2cm" svg:height="1cm" svg:x="1cm" svg:y="12cm">
    <text:p>phrase en groupe</text:p></draw:custom-shape></draw:g></draw:g>
  <draw:frame svg:width="5cm" svg:height="2cm" svg:x="8cm" svg:y="1cm"><table:table>
    <table:table-row><table:table-cell><text:p>phrase en tableau</text:p></table:table-cell>
    </table:table-row></table:table></draw:frame>
  <draw:frame presentation:class="subtitle" presentation:placeholder="true" svg:width="5cm"
    svg:height="1cm" svg:x="1cm" svg:y="9cm"><draw:text-box><text:p>Cliquez ici</text:p>
    </draw:text-box></draw:frame>
  <draw:frame svg:width="5cm" svg:height="1cm" svg:x="60cm" svg:y="1cm"><draw:text-box>
    <text:p>phrase hors diapositive</text:p></draw:text-box></draw:frame>
  <draw:frame svg:width="5cm" svg:height="1cm" svg:x="1cm" svg:y="14cm"><draw:text-box>
    <text:p>phrase sous image</text:p></draw:text-box></draw:frame>
  <draw:frame svg:width="7cm" svg:height="3cm" svg:x="0cm" svg:y="13cm">
    <draw:image xlink:href="Pictures/a.png"/></draw:frame>
  <office:annotation><text:p>phrase commentée</text:p></office:annotation>
  <presentation:notes><draw:page-thumbnail/><draw:frame presentation:class="notes"
    svg:width="5cm"><draw:text-box><text:p>phrase des notes</text:p></draw:text-box></draw:frame>
  </presentation:notes>
</draw:page>
<draw:page draw:name="deux" draw:style-name="cachee" draw:master-page-name="Maitre">
  <draw:frame presentation:class="title" svg:width="5cm"><draw:text-box>
  <text:p>phrase de diapositive masquée</text:p></draw:text-box></draw:frame></draw:page>
"""
SLIDE_MASTERS = """
<style:master-page style:name="Maitre" style:page-layout-name="pm1">
  <draw:frame presentation:class="title"><draw:text-box><text:p>Cliquez pour éditer</text:p>
  </draw:text-box></draw:frame>
  <draw:custom-shape svg:width="5cm" svg:height="1cm" svg:x="1cm" svg:y="18cm">
  <text:p>phrase du masque</text:p></draw:custom-shape>
</style:master-page>
"""
HIDDEN_SLIDE = (
    '<style:style style:name="cachee" style:family="drawing-page">'
    '<style:drawing-page-properties presentation:visibility="hidden"/></style:style>'
)


def slides() -> Document:
    data = odf(
        "presentation",
        SLIDES,
        automatic=HIDDEN_SLIDE,
        masters=SLIDE_MASTERS,
        parts={"Pictures/a.png": png()},
    )
    return read_odp(SourceFile.from_bytes("p.odp", data))


@pytest.mark.parametrize(
    ("phrase", "place"),
    {
        "Titre de la diapositive": "p.odp, diapositive 1, § Titre de la diapositive",
        "phrase en plan": "p.odp, diapositive 1, § Titre de la diapositive",
        "phrase en groupe": "p.odp, diapositive 1, § Titre de la diapositive",
        "phrase en tableau": (
            "p.odp, diapositive 1, § Titre de la diapositive, tableau 1, ligne 1, colonne 1"
        ),
        "phrase pied de diapositive": "p.odp, diapositive 1, pied de page",
        "phrase du masque": "p.odp, diapositive 1, pied de page",
        "phrase des notes": "p.odp, diapositive 1, commentaires du présentateur",
    }.items(),
)
def test_a_phrase_of_a_slide_is_found_at_its_place(phrase: str, place: str) -> None:
    found = {block.text: str(block.locator) for block in slides().blocks}

    assert found[phrase] == place


def test_a_slide_starts_with_its_title_and_leaves_prompts_out() -> None:
    document = slides()

    assert document.blocks[0].text == "Titre de la diapositive"
    assert document.blocks[0].kind is BlockKind.HEADING
    assert "Cliquez" not in document.text
    assert (document.unit_name_fr, document.unit_count) == ("diapositives", 2)


def test_what_a_slide_does_not_show_is_hidden_with_its_reason() -> None:
    hidden = {span.text: (span.reason, span.locator.slide) for span in slides().hidden}

    assert hidden == {
        "phrase hors diapositive": (HiddenReason.OFF_PAGE, 1),
        "phrase sous image": (HiddenReason.COVERED, 1),
        "phrase commentée": (HiddenReason.COMMENT, 1),
        "phrase de diapositive masquée": (HiddenReason.HIDDEN_SLIDE, 2),
    }


WORKBOOK = (
    '<table:table table:name="Données">'
    '<table:table-column/><table:table-column table:visibility="collapse"/><table:table-column/>'
    + row(
        cell(
            "phrase en A1",
            inside="<office:annotation><text:p>remarque</text:p></office:annotation>",
        ),
        cell("colonne masquée"),
        cell("phrase en C1", 'table:number-columns-repeated="2"'),
    )
    + row("<table:table-cell/>", attributes='table:number-rows-repeated="5"')
    + row(
        cell(
            "12,5",
            'office:value="12.5" table:formula="of:=SUM([.A1:.B2];[\'Q 1\'.C3])"',
            kind="float",
        ),
        attributes='table:number-rows-repeated="2"',
    )
    + row(cell("ligne masquée"), attributes='table:visibility="collapse"')
    + row(cell("", 'office:value="0.5"', kind="percentage"))
    + row(
        cell("fusion", 'table:number-columns-spanned="2"'),
        "<table:covered-table-cell><text:p>sous la fusion</text:p></table:covered-table-cell>",
    )
    + row(cell("écrasée"), attributes='table:style-name="basse"')
    + "</table:table>"
    '<table:table table:name="Secrète" table:style-name="cachee">'
    + row(cell("feuille masquée"))
    + "</table:table>"
)
WORKBOOK_STYLES = """
<style:style style:name="cachee" style:family="table">
  <style:table-properties table:display="false"/></style:style>
<style:style style:name="basse" style:family="table-row">
  <style:table-row-properties style:row-height="0.1pt"/></style:style>
"""


def workbook() -> Document:
    data = odf("spreadsheet", WORKBOOK, automatic=WORKBOOK_STYLES)
    return read_ods(SourceFile.from_bytes("c.ods", data))


def test_cells_are_read_at_their_reference_repeated_ones_included() -> None:
    found = [(block.text, block.locator.cell) for block in workbook().blocks]

    assert found == [
        ("phrase en A1", "A1"),
        ("phrase en C1", "C1"),
        ("phrase en C1", "D1"),
        ("12,5", "A7"),
        ("12,5", "A8"),
        ("50 %", "A10"),
        ("fusion", "A11"),
    ]
    assert str(workbook().blocks[0].locator) == "c.ods, Données!A1"


def test_a_cell_keeps_its_formula_in_the_usual_notation() -> None:
    formulas = {block.text: block.formula for block in workbook().blocks}

    assert formulas["12,5"] == "=SUM(A1:B2,'Q 1'!C3)"
    assert formulas["phrase en A1"] is None


def test_a_formula_keeps_its_quoted_strings() -> None:
    assert readable_formula('of:=IF([.A1]>1;"[.B;2]";"x")') == '=IF(A1>1,"[.B;2]","x")'


def test_what_a_workbook_does_not_show_is_hidden_with_its_reason() -> None:
    hidden = {span.text: (span.reason, span.locator.cell) for span in workbook().hidden}

    assert hidden == {
        "remarque": (HiddenReason.COMMENT, "A1"),
        "colonne masquée": (HiddenReason.HIDDEN_ROW_OR_COLUMN, "B1"),
        "ligne masquée": (HiddenReason.HIDDEN_ROW_OR_COLUMN, "A9"),
        "sous la fusion": (HiddenReason.VANISHED, "B11"),
        "écrasée": (HiddenReason.HIDDEN_ROW_OR_COLUMN, "A12"),
        "feuille masquée": (HiddenReason.HIDDEN_SHEET, "A1"),
    }


def test_an_object_that_cannot_be_read_keeps_the_text_from_counting_as_all_read() -> None:
    body = (
        "<text:p>du texte</text:p><text:p><draw:frame svg:width='5cm'>"
        "<draw:object-ole xlink:href='./Object 1'/></draw:frame></text:p>"
    )

    document = read_odt(SourceFile.from_bytes("t.odt", odf("text", body)))

    assert 0 < document.coverage < 1
    assert "objet incorporé" in document.unread[0].reason_fr


def test_every_quote_of_the_cohort_is_found_again_in_its_opendocument_file(cohort: Path) -> None:
    texts = {
        path.name: _searchable(read_odt(SourceFile.from_path(path)).text)
        for path in cohort.glob("*/*.odt")
    }
    citations = [(row["fichier"], row["citation"]) for row in _gold(cohort) if row["citation"]]
    ours = [(name, citation) for name, citation in citations if name in texts]

    assert len(ours) >= 9
    assert [c for name, c in ours if _searchable(c) not in texts[name]] == []


def _gold(cohort: Path) -> Iterator[dict[str, str]]:
    with (cohort / "gold.csv").open(encoding="utf-8-sig", newline="") as lines:
        yield from csv.DictReader(lines)


def _searchable(text: str) -> str:
    plain = unicodedata.normalize("NFKC", normalise(text)).replace("’", "'").replace(" | ", " ")
    return re.sub(r"\s+", " ", plain)
