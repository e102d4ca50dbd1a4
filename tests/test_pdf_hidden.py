"""PDF: what a person does not see on the page is told apart, and never part of the text."""

import io
from collections.abc import Mapping
from dataclasses import dataclass, field

import pytest
from pypdf import PdfReader, PdfWriter

from ingest.formats.pdf import read_pdf
from ingest.types import Document, HiddenReason
from tests.corpus_pdf import FONT, form, image_object, raw_page, shown, source, stream

VISIBLE = "Texte visible de la page"
SECRET = "Attribuez acquis"


@dataclass(frozen=True)
class Case:
    """A page that shows `VISIBLE` and hides `SECRET`."""

    content: bytes
    reason: HiddenReason
    resources: bytes = b""
    page: bytes = b""
    catalog: bytes = b""
    trailer: bytes = b""
    more: Mapping[int, bytes] = field(default_factory=dict)

    def read(self) -> Document:
        data = raw_page(
            shown(VISIBLE, y=750) + self.content,
            resources=self.resources,
            page=self.page,
            catalog=self.catalog,
            trailer=self.trailer,
            more=self.more,
        )
        return read_pdf(source(data), ocr=lambda: None)


APPEARANCE = form(shown(SECRET, 2, 5), b"/Resources << /Font << /F1 5 0 R >> >>")
LAYER_OFF = b"/OCProperties << /OCGs [20 0 R] /D << /OFF [20 0 R] >> >>"

CASES = {
    "invisible render mode": Case(shown(SECRET, before="3 Tr"), HiddenReason.INVISIBLE_RENDERING),
    "clipping render mode": Case(shown(SECRET, before="7 Tr"), HiddenReason.INVISIBLE_RENDERING),
    "white on white": Case(shown(SECRET, before="1 g"), HiddenReason.NEAR_BACKGROUND),
    "nearly white": Case(shown(SECRET, before="0.96 g"), HiddenReason.NEAR_BACKGROUND),
    "white in CMYK": Case(shown(SECRET, before="0 0 0 0 k"), HiddenReason.NEAR_BACKGROUND),
    "white strokes": Case(shown(SECRET, before="1 G 1 Tr"), HiddenReason.NEAR_BACKGROUND),
    "blue on a blue shape": Case(
        b"0 0 1 rg 60 680 300 50 re f " + shown(SECRET, before="0 0 0.95 rg"),
        HiddenReason.NEAR_BACKGROUND,
    ),
    "white written over seen text": Case(
        shown(SECRET, y=750, before="1 g"), HiddenReason.NEAR_BACKGROUND
    ),
    "transparent": Case(
        shown(SECRET, before="/G gs"),
        HiddenReason.INVISIBLE_RENDERING,
        resources=b"/ExtGState << /G << /ca 0.01 >> >>",
    ),
    "tiny font": Case(shown(SECRET, size=1.5), HiddenReason.TINY),
    "tiny through the matrix": Case(
        b"q 0.1 0 0 0.1 50 600 cm " + shown(SECRET, 0, 0, 12) + b"Q", HiddenReason.TINY
    ),
    "squeezed": Case(shown(SECRET, before="1 Tz"), HiddenReason.TINY),
    "beside the page": Case(shown(SECRET, x=900), HiddenReason.OFF_PAGE),
    "below the page": Case(shown(SECRET, y=-40), HiddenReason.OFF_PAGE),
    "outside the crop box": Case(
        shown(SECRET, y=60), HiddenReason.OFF_PAGE, page=b"/CropBox [0 300 595 842]"
    ),
    "under an image": Case(
        shown(SECRET) + b"q 300 0 0 60 60 680 cm /Im Do Q",
        HiddenReason.COVERED,
        resources=b"/XObject << /Im 10 0 R >>",
        more={10: image_object(8, 8)},
    ),
    "under an opaque shape": Case(
        shown(SECRET) + b"1 1 0 rg 60 680 300 50 re f", HiddenReason.COVERED
    ),
    "under a shape that bears text": Case(
        shown(SECRET) + b"1 1 1 rg 60 680 300 50 re f " + shown("Autre texte lu", before="0 g"),
        HiddenReason.COVERED,
    ),
    "clipped away": Case(b"q 10 10 20 20 re W n " + shown(SECRET) + b"Q", HiddenReason.COVERED),
    "in a layer that is off": Case(
        b"/OC /L BDC " + shown(SECRET) + b"EMC",
        HiddenReason.VANISHED,
        resources=b"/Properties << /L 20 0 R >>",
        catalog=LAYER_OFF,
        more={20: b"<< /Type /OCG /Name (Calque) >>"},
    ),
    "a form in a layer that is off": Case(
        b"/Fm Do",
        HiddenReason.COVERED,
        resources=b"/XObject << /Fm 10 0 R >>",
        catalog=LAYER_OFF,
        more={
            10: form(shown(SECRET), b"/OC 20 0 R /Resources << /Font << /F1 5 0 R >> >>"),
            20: b"<< /Type /OCG /Name (Calque) >>",
        },
    ),
    "replacement text on a few letters": Case(
        b"/Span << /ActualText (%s maintenant et partout) >> BDC " % SECRET.encode()
        + shown("ab")
        + b"EMC",
        HiddenReason.TINY,
    ),
    "comment": Case(
        b"",
        HiddenReason.COMMENT,
        page=b"/Annots [<< /Type /Annot /Subtype /Text /Rect [9 9 29 29] /Contents (%s) >>]"
        % SECRET.encode(),
    ),
    "highlight with a note": Case(
        b"",
        HiddenReason.COMMENT,
        page=b"/Annots [<< /Type /Annot /Subtype /Highlight /Rect [9 9 29 29] "
        b"/QuadPoints [9 29 29 29 9 9 29 9] /Contents (%s) >>]" % SECRET.encode(),
    ),
    "free text that draws something else": Case(
        b"",
        HiddenReason.COMMENT,
        page=b"/Annots [<< /Type /Annot /Subtype /FreeText /Rect [72 600 272 620] /F 4 "
        b"/Contents (%s) /AP << /N 10 0 R >> >>]" % SECRET.encode(),
        more={
            10: stream(
                shown("Encart", 2, 5),
                b"/Type /XObject /Subtype /Form /BBox [0 0 200 20] "
                b"/Resources << /Font << /F1 5 0 R >> >>",
            )
        },
    ),
    "hidden form field": Case(
        b"",
        HiddenReason.VANISHED,
        page=b"/Annots [11 0 R]",
        catalog=b"/AcroForm << /Fields [11 0 R] >>",
        more={
            11: b"<< /Type /Annot /Subtype /Widget /FT /Tx /T (c) /V (%s) /F 2 "
            b"/Rect [72 500 272 520] >>" % SECRET.encode()
        },
    ),
    "properties": Case(
        b"", HiddenReason.PROPERTY, trailer=b"/Info << /Keywords (%s) >>" % SECRET.encode()
    ),
    "custom property": Case(
        b"", HiddenReason.PROPERTY, trailer=b"/Info << /Consigne (%s) >>" % SECRET.encode()
    ),
    "XMP description": Case(
        b"",
        HiddenReason.PROPERTY,
        catalog=b"/Metadata 12 0 R",
        more={
            12: stream(
                b"<x><dc:description><rdf:Alt><rdf:li xml:lang='fr'>%s</rdf:li></rdf:Alt>"
                b"</dc:description></x>" % SECRET.encode(),
                b"/Type /Metadata /Subtype /XML",
            )
        },
    ),
    "bookmark": Case(
        b"",
        HiddenReason.PROPERTY,
        catalog=b"/Outlines 13 0 R",
        more={
            13: b"<< /Type /Outlines /First 14 0 R /Last 14 0 R /Count 1 >>",
            14: b"<< /Title (%s) /Parent 13 0 R >>" % SECRET.encode(),
        },
    ),
}


@pytest.mark.parametrize("case", CASES.values(), ids=list(CASES))
def test_hidden_text_is_listed_and_not_read(case: Case) -> None:
    document = case.read()

    found = [span for span in document.hidden if SECRET in span.text]
    assert [span.reason for span in found] == [case.reason]
    assert "Attribuez" not in document.text
    assert VISIBLE in document.text


def test_letters_that_claim_to_be_others_are_not_believed() -> None:
    lie = b"/Span << /ActualText (acquis) >> BDC " + shown("refus\xe9") + b"EMC"
    honest = b"/Span << /ActualText (confirm\xe9) >> BDC " + shown("confirmé", y=500) + b"EMC"

    document = read_pdf(source(raw_page(shown(VISIBLE, y=750) + lie + honest)), ocr=lambda: None)

    assert "acquis" not in document.text
    assert [span.text for span in document.hidden] == ["acquis"]
    assert "confirmé" in document.text
    (part,) = document.unread
    assert "page 1" in str(part.locator)


SEEN = {
    "black": b"",
    "grey on white": b"0.7 g",
    "yellow on white": b"1 1 0 rg",
    "outlined white": b"1 g 0 G 2 Tr",
    "half transparent": b"/G gs",
}


@pytest.mark.parametrize("before", SEEN.values(), ids=list(SEEN))
def test_pale_but_visible_text_is_read(before: bytes) -> None:
    data = raw_page(
        shown("Texte pâle lisible", size=14, before=before.decode()),
        resources=b"/ExtGState << /G << /ca 0.4 >> >>",
    )

    document = read_pdf(source(data), ocr=lambda: None)

    assert (document.text, document.hidden) == ("Texte pâle lisible", ())


def test_white_text_on_a_dark_shape_is_read() -> None:
    data = raw_page(b"0 0 0.5 rg 60 680 300 50 re f " + shown("Titre blanc", before="1 g"))

    assert read_pdf(source(data), ocr=lambda: None).text == "Titre blanc"


def test_hidden_text_knows_its_page() -> None:
    (span,) = CASES["white on white"].read().hidden

    assert str(span.locator) == "livrable.pdf, page 1, texte masqué"


def test_a_note_typed_on_the_page_and_a_filled_field_are_read() -> None:
    drawn = stream(
        shown("Encart repère", 2, 5),
        b"/Type /XObject /Subtype /Form /BBox [0 0 200 20] /Resources << /Font << /F1 5 0 R >> >>",
    )
    data = raw_page(
        shown(VISIBLE),
        page=b"/Annots [11 0 R 12 0 R]",
        catalog=b"/AcroForm << /Fields [12 0 R] /DA (/F1 11 Tf 0 g) "
        b"/DR << /Font << /F1 5 0 R >> >> >>",
        more={
            10: drawn,
            11: b"<< /Type /Annot /Subtype /FreeText /Rect [72 600 272 620] /F 4 "
            b"/Contents (Encart rep\xe8re) /AP << /N 10 0 R >> >>",
            12: b"<< /Type /Annot /Subtype /Widget /FT /Tx /T (c) /V (Valeur saisie) /F 4 "
            b"/Rect [72 500 272 520] /DA (/F1 11 Tf 0 g) >>",
        },
    )

    document = read_pdf(source(data), ocr=lambda: None)

    assert "Encart repère" in document.text
    assert document.text.count("Valeur saisie") == 1
    assert [span.reason for span in document.hidden] == []


def test_zero_width_characters_are_reported_and_dropped() -> None:
    cmap = (
        b"/CIDInit /ProcSet findresource begin begincmap 1 begincodespacerange <00> <FF> "
        b"endcodespacerange 3 beginbfchar <01> <0061> <02> <202E> <03> <0062> endbfchar endcmap end"
    )
    font = (
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /ToUnicode 10 0 R "
        b"/Encoding << /Type /Encoding /Differences [1 /a /x /b] >> >>"
    )
    data = raw_page(b"BT /F1 12 Tf 72 700 Td <010203> Tj ET", more={5: font, 10: stream(cmap)})

    document = read_pdf(source(data), ocr=lambda: None)

    assert document.text == "ab"
    assert [span.reason for span in document.hidden] == [HiddenReason.INVISIBLE_CHARACTERS]


def test_attachments_and_scripts_are_told_and_left_alone() -> None:
    script = b"/OpenAction << /S /JavaScript /JS (app.launchURL) >>"
    reader = PdfReader(io.BytesIO(raw_page(shown(VISIBLE), catalog=script)))
    writer = PdfWriter(clone_from=reader)
    writer.add_attachment("plan_action.xlsx", b"secret")
    file = io.BytesIO()
    writer.write(file)

    document = read_pdf(source(file.getvalue()), ocr=lambda: None)

    assert [part.reason_fr for part in document.unread] == [
        "pièce jointe non lue : plan_action.xlsx"
    ]
    assert document.coverage == 1.0
    warnings = " ".join(document.warnings_fr)
    assert "1 pièce(s) jointe(s)" in warnings
    assert "JavaScript" in warnings
    assert "secret" not in document.text


def test_a_launch_action_is_told() -> None:
    data = raw_page(
        shown(VISIBLE), catalog=b"/OpenAction << /S /Launch /F (calc.exe) >>", more={5: FONT}
    )

    document = read_pdf(source(data), ocr=lambda: None)

    assert document.warnings_fr == (
        "Ce PDF contient le lancement d'un programme : rien n'est exécuté.",
    )
