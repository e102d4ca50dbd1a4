"""OpenDocument files that hide text, or are built to harm: told apart from honest ones."""

import pytest

from ingest.errors import CorruptedFile, EncryptedFile, IngestError, UnsafeFile, WrongExtension
from ingest.formats.odf import read_ods, read_odt
from ingest.types import Document, HiddenReason, SourceFile
from tests.corpus_text import PAGE_LAYOUT, cell, odf, png, row, text_style


def style(family: str, name: str, inside: str, *, parent: str = "") -> str:
    inherits = f' style:parent-style-name="{parent}"' if parent else ""
    return (
        f'<style:style style:name="{name}" style:family="{family}"{inherits}>{inside}</style:style>'
    )


def span(name: str) -> str:
    return f'<text:p>vu<text:span text:style-name="{name}">secret</text:span></text:p>'


def read_text(
    body: str, automatic: str = "", common: str = "", layouts: str = PAGE_LAYOUT
) -> Document:
    masters = '<style:master-page style:name="Standard" style:page-layout-name="pm1"/>'
    data = odf(
        "text",
        body,
        automatic=automatic,
        common=common,
        layouts=layouts,
        masters=masters,
        parts={"Pictures/a.png": png()},
    )
    return read_odt(SourceFile.from_bytes("t.odt", data))


WHITE = 'fo:color="#ffffff"'
DARK_CELL = style(
    "table-cell", "Sombre", '<style:table-cell-properties fo:background-color="#1f3864"/>'
)
BLUE_CELL = style(
    "table-cell", "Bleue", '<style:table-cell-properties fo:background-color="#2a6099"/>'
)
DARK_BOX = style(
    "graphic", "Sombre", '<style:graphic-properties draw:fill="solid" draw:fill-color="#000000"/>'
)
DARK_PAGE = """<style:page-layout style:name="pm1"><style:page-layout-properties
  fo:page-width="21cm" fo:background-color="#202020"/></style:page-layout>"""


def in_cell(cell_style: str, text_name: str) -> str:
    return (
        "<text:p>vu</text:p><table:table><table:table-row>"
        f'<table:table-cell table:style-name="{cell_style}">'
        f'<text:p><text:span text:style-name="{text_name}">secret</text:span></text:p>'
        "</table:table-cell></table:table-row></table:table>"
    )


def in_box(attributes: str, box_style: str = "", text_name: str = "") -> str:
    return (
        f'<text:p>vu<draw:frame draw:style-name="{box_style}" {attributes}><draw:text-box><text:p>'
        f'<text:span text:style-name="{text_name}">secret</text:span></text:p></draw:text-box>'
        "</draw:frame></text:p>"
    )


#: What hides « secret » → (body, automatic styles, common styles, reason).
HIDING: dict[str, tuple[str, str, str, HiddenReason]] = {
    "blanc": (span("T"), text_style("T", WHITE), "", HiddenReason.NEAR_BACKGROUND),
    "presque blanc": (
        span("T"),
        text_style("T", 'fo:color="#f4f4f4"'),
        "",
        HiddenReason.NEAR_BACKGROUND,
    ),
    "blanc hérité d'un style commun": (
        span("T"),
        text_style("T", 'fo:font-weight="bold"', parent="Fantome"),
        text_style("Fantome", WHITE),
        HiddenReason.NEAR_BACKGROUND,
    ),
    "blanc par le style de paragraphe": (
        '<text:p>vu</text:p><text:p text:style-name="P">secret</text:p>',
        style("paragraph", "P", f"<style:text-properties {WHITE}/>"),
        "",
        HiddenReason.NEAR_BACKGROUND,
    ),
    "transparent": (
        span("T"),
        text_style("T", 'fo:color="#000000" loext:opacity="0%"'),
        "",
        HiddenReason.NEAR_BACKGROUND,
    ),
    "de la couleur de sa cellule": (
        in_cell("Bleue", "T"),
        BLUE_CELL + text_style("T", 'fo:color="#2a6099"'),
        "",
        HiddenReason.NEAR_BACKGROUND,
    ),
    "blanc surligné de blanc dans une cellule sombre": (
        in_cell("Sombre", "T"),
        DARK_CELL + text_style("T", f'{WHITE} fo:background-color="#ffffff"'),
        "",
        HiddenReason.NEAR_BACKGROUND,
    ),
    "un point": (span("T"), text_style("T", 'fo:font-size="1pt"'), "", HiddenReason.TINY),
    "un pour cent": (span("T"), text_style("T", 'fo:font-size="1%"'), "", HiddenReason.TINY),
    "exposant minuscule": (
        span("T"),
        text_style("T", 'style:text-position="super 1%"'),
        "",
        HiddenReason.TINY,
    ),
    "interligne nul": (
        '<text:p>vu</text:p><text:p text:style-name="P">secret</text:p>',
        style("paragraph", "P", '<style:paragraph-properties fo:line-height="0.1pt"/>'),
        "",
        HiddenReason.TINY,
    ),
    "masqué": (span("T"), text_style("T", 'text:display="none"'), "", HiddenReason.VANISHED),
    "section masquée": (
        '<text:p>vu</text:p><text:section text:display="none"><text:p>secret</text:p>'
        "</text:section>",
        "",
        "",
        HiddenReason.VANISHED,
    ),
    "section conditionnelle": (
        '<text:p>vu</text:p><text:section text:display="condition" text:condition="ooow:1==1">'
        "<text:p>secret</text:p></text:section>",
        "",
        "",
        HiddenReason.VANISHED,
    ),
    "champ de texte masqué": (
        '<text:p>vu<text:hidden-text text:is-hidden="true" text:string-value="secret"/></text:p>',
        "",
        "",
        HiddenReason.VANISHED,
    ),
    "paragraphe masqué": (
        '<text:p>vu</text:p><text:p>secret<text:hidden-paragraph text:is-hidden="true"/></text:p>',
        "",
        "",
        HiddenReason.VANISHED,
    ),
    "variable non affichée": (
        '<text:p>vu<text:variable-set text:display="none">secret</text:variable-set></text:p>',
        "",
        "",
        HiddenReason.VANISHED,
    ),
    "autre branche d'un texte conditionnel": (
        '<text:p><text:conditional-text text:string-value-if-true="vu" '
        'text:string-value-if-false="secret">vu</text:conditional-text></text:p>',
        "",
        "",
        HiddenReason.VANISHED,
    ),
    "cadre hors de la page": (
        in_box('svg:width="3cm" svg:height="1cm" svg:x="-40cm" svg:y="0cm"'),
        "",
        "",
        HiddenReason.OFF_PAGE,
    ),
    "cadre sans largeur": (
        in_box('svg:width="0cm" svg:height="1cm" svg:x="1cm" svg:y="0cm"'),
        "",
        "",
        HiddenReason.TINY,
    ),
    "retrait hors de la page": (
        '<text:p>vu</text:p><text:p text:style-name="P">secret</text:p>',
        style("paragraph", "P", '<style:paragraph-properties fo:margin-left="80cm"/>'),
        "",
        HiddenReason.OFF_PAGE,
    ),
    "retrait négatif d'une page": (
        '<text:p>vu</text:p><text:p text:style-name="P">secret</text:p>',
        style("paragraph", "P", '<style:paragraph-properties fo:margin-left="-60cm"/>'),
        "",
        HiddenReason.OFF_PAGE,
    ),
    "première ligne en retrait négatif d'une page": (
        '<text:p>vu</text:p><text:p text:style-name="P">secret</text:p>',
        style("paragraph", "P", '<style:paragraph-properties fo:text-indent="-60cm"/>'),
        "",
        HiddenReason.OFF_PAGE,
    ),
    "blanc dans un cadre qui efface le fond de son modèle": (
        in_box('svg:width="5cm"', "Vide", "T"),
        style("graphic", "Vide", '<style:graphic-properties draw:fill="none"/>', parent="Sombre")
        + text_style("T", WHITE),
        DARK_BOX,
        HiddenReason.NEAR_BACKGROUND,
    ),
    "blanc dans un cadre au fond transparent": (
        in_box('svg:width="5cm"', "Vide", "T"),
        style("graphic", "Vide", '<style:graphic-properties draw:opacity="0%"/>', parent="Sombre")
        + text_style("T", WHITE),
        DARK_BOX,
        HiddenReason.NEAR_BACKGROUND,
    ),
    "forme non affichée, venue d'un autre logiciel": (
        in_box('svg:width="5cm" drawooo:display="none"'),
        "",
        "",
        HiddenReason.VANISHED,
    ),
    "forme d'un groupe non affiché": (
        '<text:p>vu<draw:g drawooo:display="none"><draw:custom-shape svg:width="5cm">'
        "<text:p>secret</text:p></draw:custom-shape></draw:g></text:p>",
        "",
        "",
        HiddenReason.VANISHED,
    ),
    "lettres écrasées": (
        span("T"),
        text_style("T", 'style:text-scale="1%"'),
        "",
        HiddenReason.TINY,
    ),
}


@pytest.mark.parametrize("way", HIDING)
def test_a_text_hidden_in_any_way_is_found_and_kept_out(way: str) -> None:
    body, automatic, common, reason = HIDING[way]

    document = read_text(body, automatic, common)

    assert "secret" not in document.text
    assert [(hidden.text, hidden.reason) for hidden in document.hidden] == [("secret", reason)]


#: What looks like hiding and is not → (body, automatic styles, page layouts).
HONEST: dict[str, tuple[str, str, str]] = {
    "blanc dans une cellule sombre": (
        in_cell("Sombre", "T"),
        DARK_CELL + text_style("T", WHITE),
        "",
    ),
    "blanc dans un cadre sombre": (
        in_box('svg:width="5cm"', "Sombre", "T"),
        DARK_BOX + text_style("T", WHITE),
        "",
    ),
    "blanc dans un cadre dont le modèle donne la couleur du fond": (
        in_box('svg:width="5cm"', "Plein", "T"),
        style("graphic", "Plein", '<style:graphic-properties draw:fill="solid"/>', parent="Nuit")
        + style(
            "graphic",
            "Nuit",
            '<style:graphic-properties draw:fill="none" draw:fill-color="#101040"/>',
        )
        + text_style("T", WHITE),
        "",
    ),
    "lettres étroites": (span("T"), text_style("T", 'style:text-scale="60%"'), ""),
    "blanc surligné de noir": (
        span("T"),
        text_style("T", f'{WHITE} fo:background-color="#000000"'),
        "",
    ),
    "blanc sur une page sombre": (span("T"), text_style("T", WHITE), DARK_PAGE),
    "blanc devant une image": (
        '<text:p>vu<draw:frame svg:width="9cm" svg:height="9cm" svg:x="0cm" svg:y="0cm">'
        '<draw:image xlink:href="Pictures/a.png"/></draw:frame>'
        '<draw:custom-shape svg:width="4cm" svg:height="1cm" svg:x="1cm" svg:y="1cm"><text:p>'
        '<text:span text:style-name="T">secret</text:span></text:p></draw:custom-shape></text:p>',
        text_style("T", WHITE),
        "",
    ),
    "couleur automatique, dite transparente par LibreOffice": (
        span("T"),
        text_style("T", 'style:use-window-font-color="true" loext:opacity="0%"'),
        "",
    ),
    "jaune": (span("T"), text_style("T", 'fo:color="#ffff00"'), ""),
    "appel de note en exposant": (
        span("T"),
        text_style("T", 'style:text-position="super 58%"'),
        "",
    ),
    "petites lettres": (span("T"), text_style("T", 'fo:font-size="6pt"'), ""),
    "style rendu visible": (
        span("T"),
        text_style("T", 'text:display="true"', parent="M") + text_style("M", 'text:display="none"'),
        "",
    ),
    "section dont la condition est inconnue": (
        '<text:section text:display="condition" text:condition="ooow:Client EQ 1">'
        "<text:p>vu secret</text:p></text:section>",
        "",
        "",
    ),
}


@pytest.mark.parametrize("way", HONEST)
def test_a_text_that_can_be_seen_is_not_taken_for_hidden(way: str) -> None:
    body, automatic, layouts = HONEST[way]

    document = read_text(body, automatic, layouts=layouts or PAGE_LAYOUT)

    assert "secret" in document.text
    assert document.hidden == ()


def test_zero_width_characters_are_recorded_and_taken_out() -> None:
    document = read_text("<text:p>ac\u200bquis</text:p>")

    assert document.text == "acquis"
    assert document.hidden[0].reason is HiddenReason.INVISIBLE_CHARACTERS


ENDLESS = 'table:number-columns-repeated="16384"'
LOUD = f"<text:p>{'x' * 100_000}</text:p>"

HOSTILE: dict[str, tuple[bytes, type[IngestError] | str]] = {
    "billion de cellules": (
        odf(
            "spreadsheet",
            '<table:table table:name="f">'
            + row(cell("x", ENDLESS), attributes='table:number-rows-repeated="1048576"')
            + "</table:table>",
        ),
        "démesuré",
    ),
    "cellules énormes répétées": (
        odf(
            "spreadsheet",
            f'<table:table table:name="f">{row(cell("", ENDLESS, inside=LOUD))}</table:table>',
        ),
        "démesuré",
    ),
    "colonnes innombrables": (
        odf(
            "spreadsheet",
            '<table:table table:name="f"><table:table-column '
            f'table:number-columns-repeated="{"9" * 400}"/>{row(cell("lu"))}</table:table>',
        ),
        "lu",
    ),
    "espaces innombrables": (
        odf("text", f'<text:p>a<text:s text:c="{"9" * 30}"/>b</text:p>'),
        "a b",
    ),
    "cadres dans des cadres": (
        odf(
            "text",
            "<text:p>"
            + "<draw:frame><draw:text-box><text:p>" * 60
            + "fond"
            + "</text:p></draw:text-box></draw:frame>" * 60
            + "</text:p>",
        ),
        UnsafeFile,
    ),
    "éléments dans des éléments": (
        odf("text", "<text:p>" + "<text:span>" * 400 + "fond" + "</text:span>" * 400 + "</text:p>"),
        UnsafeFile,
    ),
    "styles qui s'héritent en rond": (
        odf(
            "text",
            '<text:p><text:span text:style-name="A">lu</text:span></text:p>',
            automatic=text_style("A", "", parent="B") + text_style("B", "", parent="A"),
        ),
        "lu",
    ),
    "contenu absent": (odf("text", "", parts={"content.xml": "<a/>"}), CorruptedFile),
    "contenu coupé": (odf("text", "", parts={"content.xml": "<office:doc"}), CorruptedFile),
    "entités": (
        odf("text", "", parts={"content.xml": '<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'}),
        UnsafeFile,
    ),
    "chiffré": (odf("text", "", manifest="<m:encryption-data/>"), EncryptedFile),
    "autre format": (odf("text", "", mimetype="application/epub+zip"), WrongExtension),
    "fichier coupé": (odf("text", "<text:p>a</text:p>")[:200], CorruptedFile),
}


@pytest.mark.timeout(30)
@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_file_ends_in_its_error_or_is_read_within_bounds(name: str) -> None:
    data, outcome = HOSTILE[name]
    spreadsheet = b"opendocument.spreadsheet" in data
    read = read_ods if spreadsheet else read_odt
    file = SourceFile.from_bytes("piege.ods" if spreadsheet else "piege.odt", data)

    if isinstance(outcome, str):
        document = read(file)
        said = document.text + " ".join(part.reason_fr for part in document.unread)
        assert outcome in said
        assert len(document.text) < 20_000_000
    else:
        with pytest.raises(outcome) as raised:
            read(file)
        assert file.filename in raised.value.user_message
