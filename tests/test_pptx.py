"""Slides: every place a phrase can be, in a person's order, with all that they hide."""

import struct
import zlib
from collections.abc import Sequence

import pytest

from ingest.errors import (
    CorruptedFile,
    EmptyFile,
    EncryptedFile,
    FileTooLarge,
    IngestError,
    UnsafeFile,
    WrongExtension,
)
from ingest.formats.ocr import OcrEngine, OcrResult, OcrWord
from ingest.formats.pptx import read_pptx
from ingest.types import BlockKind, Channel, Document, HiddenReason
from tests import corpus_office as office
from tests.corpus_office import (
    Rel,
    Slide,
    block_of,
    chart,
    diagram,
    frame,
    group,
    hidden_of,
    para,
    pic,
    pptx,
    run,
    solid,
    source,
    sp,
    table,
    tc,
    title,
)

CHART_URI = office.C_NS
DIAGRAM_URI = office.DGM_NS


def png(*, alpha: int | None = None, side: int = 40) -> bytes:
    """A grey picture; with an alpha channel when `alpha` is given."""
    pixel = b"\x80\x80\x80" + (b"" if alpha is None else bytes([alpha]))
    header = struct.pack(">IIBBBBB", side, side, 8, 2 if alpha is None else 6, 0, 0, 0)
    rows = zlib.compress((b"\0" + pixel * side) * side)

    def chunk(kind: bytes, data: bytes) -> bytes:
        checked = kind + data
        return struct.pack(">I", len(data)) + checked + struct.pack(">I", zlib.crc32(checked))

    pieces = (chunk(b"IHDR", header), chunk(b"IDAT", rows), chunk(b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(pieces)


def read(*slides: Slide, **changes: object) -> Document:
    return read_pptx(source("veille.pptx", pptx(*slides, **changes)))  # type: ignore[arg-type]


def with_part(
    shapes: Sequence[str], kind: str, name: str, part: str | bytes, **fields: object
) -> Slide:
    """A slide that refers to one part, by the id « rIdX »."""
    target = name.removeprefix("ppt/")
    return Slide(
        shapes=shapes,
        rels=[Rel("rIdX", kind, f"../{target}")],
        parts={name: part},
        **fields,  # type: ignore[arg-type]
    )


def texts(document: Document) -> list[str]:
    return [block.text for block in document.blocks]


# --- every place --------------------------------------------------------------------------------

CHART_SLIDE = with_part(
    [
        title("Les chiffres"),
        frame(f'<c:chart xmlns:c="{office.C_NS}" r:id="rIdX"/>', CHART_URI),
    ],
    "chart",
    "ppt/charts/chart1.xml",
    chart("Repère du graphique", ["janvier", "mars"], {"Abonnés": [1200, "1450.5"]}),
)
DIAGRAM_SLIDE = with_part(
    [
        title("Le cycle"),
        frame(f'<dgm:relIds xmlns:dgm="{office.DGM_NS}" r:dm="rIdX"/>', DIAGRAM_URI),
    ],
    "diagramData",
    "ppt/diagrams/data1.xml",
    diagram("Repère écouter", "Repère publier"),
)
EVERYWHERE = Slide(
    shapes=[
        title("Repère du titre"),
        sp("Repère du corps", para("Repère du niveau deux", level=1), at=None, ph='idx="1"'),
        sp("Repère de la zone", at=(1, 5, 6, 0.5)),
        group(sp("Repère du groupe", at=(0, 0, 5, 1)), at=(1, 5.6, 5, 1), inner=(0, 0, 5, 1)),
        group(group(sp("Repère du sous-groupe", at=(7, 5.6, 4, 0.5)), at=(7, 5.6, 4, 0.5))),
        table([["Repère d'entête", "Coût"], ["Publicité", "Repère de cellule"]]),
        sp("Repère du pied", at=(4, 7, 4, 0.4), ph='type="ftr" idx="3"'),
        sp("12", at=(11, 7, 1, 0.4), ph='type="sldNum" idx="4"'),
    ],
    notes=[sp("Repère des notes", at=None, ph='type="body" idx="3"')],
)


@pytest.fixture(scope="module")
def everywhere() -> Document:
    return read(Slide([title("Accueil")]), EVERYWHERE, CHART_SLIDE, DIAGRAM_SLIDE)


@pytest.mark.parametrize(
    ("marker", "kind", "place"),
    [
        ("Repère du titre", BlockKind.HEADING, "diapositive 2, § Repère du titre, paragraphe 1"),
        ("Repère du corps", BlockKind.LIST_ITEM, "diapositive 2, § Repère du titre, paragraphe 2"),
        (
            "Repère du niveau deux",
            BlockKind.LIST_ITEM,
            "diapositive 2, § Repère du titre, paragraphe 3",
        ),
        (
            "Repère d'entête",
            BlockKind.TABLE_CELL,
            "diapositive 2, § Repère du titre, tableau 1, ligne 1, colonne 1",
        ),
        (
            "Repère de cellule",
            BlockKind.TABLE_CELL,
            "diapositive 2, § Repère du titre, tableau 1, ligne 2, colonne 2",
        ),
        (
            "Repère de la zone",
            BlockKind.PARAGRAPH,
            "diapositive 2, § Repère du titre, paragraphe 4",
        ),
        (
            "Repère du pied",
            BlockKind.PARAGRAPH,
            "diapositive 2, § Repère du titre, paragraphe 7, pied de page",
        ),
        (
            "Repère des notes",
            BlockKind.PARAGRAPH,
            "diapositive 2, § Repère du titre, paragraphe 1, commentaires du présentateur",
        ),
        ("Repère du graphique", BlockKind.PARAGRAPH, "diapositive 3, § Les chiffres, graphique"),
        ("Repère écouter", BlockKind.LIST_ITEM, "diapositive 4, § Le cycle"),
    ],
)
def test_each_place_of_a_slide_is_read_and_named(
    everywhere: Document, marker: str, kind: BlockKind, place: str
) -> None:
    block = block_of(everywhere, marker)

    assert block.kind is kind
    assert str(block.locator) == f"veille.pptx, {place}"


def test_groups_are_read_wherever_they_nest(everywhere: Document) -> None:
    assert block_of(everywhere, "Repère du groupe").locator.slide == 2
    assert block_of(everywhere, "Repère du sous-groupe").locator.slide == 2


def test_the_levels_of_a_list_are_kept(everywhere: Document) -> None:
    assert block_of(everywhere, "Repère du corps").level == 1
    assert block_of(everywhere, "Repère du niveau deux").level == 2


def test_a_chart_gives_its_categories_and_values(everywhere: Document) -> None:
    line = block_of(everywhere, "Abonnés")

    assert line.text == "Abonnés : janvier = 1200 ; mars = 1450,5"
    assert line.locator.channel is Channel.CHART


def test_slide_numbers_and_master_prompts_are_not_text(everywhere: Document) -> None:
    assert "12" not in texts(everywhere)
    assert "Modifiez" not in everywhere.text
    assert "Pied du masque" not in everywhere.text


def test_the_document_counts_its_slides_and_their_size(everywhere: Document) -> None:
    assert (everywhere.unit_name_fr, everywhere.unit_count) == ("diapositives", 4)
    assert len(everywhere.page_sizes) == 4
    assert everywhere.page_sizes[0].width == 960
    assert everywhere.coverage == 1


def test_blocks_carry_the_place_of_their_shape_on_the_slide(everywhere: Document) -> None:
    (box,) = block_of(everywhere, "Repère de la zone").boxes

    assert box.page == 2
    assert box.left == pytest.approx(1 / (office.SLIDE_WIDTH / office.INCH), abs=1e-3)


def test_a_footer_repeated_on_each_slide_is_said_once() -> None:
    footer = sp("Veille 2026", at=None, ph='type="ftr" idx="3"')

    document = read(Slide([title("Un"), footer]), Slide([title("Deux"), footer]))

    assert block_of(document, "Veille 2026").locator.slide == 1


def test_text_printed_by_the_master_is_said_once_where_it_first_shows() -> None:
    printed = sp("Confidentiel agence", at=(9, 7, 3, 0.4))

    document = read(Slide([title("Un")]), Slide([title("Deux")]), master_xml=office.master(printed))

    block = block_of(document, "Confidentiel agence")
    assert block.locator.slide == 1
    assert block.locator.channel is Channel.FOOTER


def test_a_merged_cell_is_read_once_at_its_corner() -> None:
    merged = table(
        [
            [tc("Semaine 11", attributes='gridSpan="2"'), tc("", attributes='hMerge="1"'), "Total"],
            ["Lundi", "Mardi", "3"],
        ]
    )

    document = read(Slide([title("Plan"), merged]))

    assert block_of(document, "Semaine 11").locator.column == 1
    assert block_of(document, "Total").locator.column == 3
    assert "Semaine 11 | Total\nLundi | Mardi | 3" in document.text


def test_a_monstrous_merge_costs_nothing() -> None:
    merged = table([[tc("Repère", attributes='gridSpan="2000000000" rowSpan="2000000000"')]])

    assert block_of(read(Slide([merged])), "Repère").locator.row == 1


def test_links_are_listed() -> None:
    linked = sp(
        para(run("le site", look='<a:hlinkClick r:id="rIdX"/>')),
        naming='<a:hlinkClick r:id="rIdY"/>',
    )
    rels = [
        Rel("rIdX", "hyperlink", "https://exemple.fr/a", external=True),
        Rel("rIdY", "hyperlink", "https://exemple.fr/b", external=True),
    ]

    document = read(Slide([linked], rels=rels))

    assert set(document.links) == {"https://exemple.fr/a", "https://exemple.fr/b"}


def test_a_picture_is_known_by_its_size_its_hash_and_its_description() -> None:
    slide = with_part(
        [title("Maquette"), pic("rIdX", alt="Repère de la maquette")],
        "image",
        "ppt/media/image1.png",
        png(),
    )

    document = read(slide)

    (image,) = document.images
    assert (image.width, image.height, image.alt_text) == (40, 40, "Repère de la maquette")
    assert image.locator.slide == 1
    assert image.content_type == "image/png"
    assert hidden_of(document, "Repère de la maquette").reason is HiddenReason.ALT_TEXT


@pytest.mark.parametrize("kind", ["videoFile", "audioFile"])
def test_a_film_or_a_sound_is_said_to_be_unread(kind: str) -> None:
    media = f'<a:{kind} r:link="rIdX"/>'
    slide = with_part(
        [title("Démo"), pic("rIdX", media=media)], "video", "ppt/media/demo.mp4", b"\0"
    )

    document = read(slide, Slide([title("Suite")]))

    (part,) = document.unread
    assert part.locator.slide == 1
    assert "demo.mp4" in part.reason_fr
    assert 0 < part.weight <= 0.1
    assert any("Diapositive 1" in warning for warning in document.warnings_fr)


def test_an_embedded_object_is_said_to_be_unread() -> None:
    object_xml = '<p:oleObj progId="Excel.Sheet.12" r:id="rIdX"/>'
    uri = "http://schemas.openxmlformats.org/presentationml/2006/ole"

    document = read(Slide([title("Annexe"), frame(object_xml, uri)]))

    assert "Excel.Sheet.12" in document.unread[0].reason_fr


def read_with(engine: OcrEngine | None, *slides: Slide) -> Document:
    return read_pptx(source("veille.pptx", pptx(*slides)), find_ocr=lambda: engine)


PICTURED = with_part([pic("rIdX", at=(0, 0, 13, 7))], "image", "ppt/media/image1.png", png())
PAINTED = Slide(
    background='<a:blipFill><a:blip r:embed="rIdX"/></a:blipFill>',
    rels=PICTURED.rels,
    parts=PICTURED.parts,
)


@pytest.mark.parametrize("pictured", [PICTURED, PAINTED], ids=["picture", "background"])
def test_without_ocr_a_slide_made_of_a_picture_is_unread_not_empty(pictured: Slide) -> None:
    document = read_with(None, Slide([title("Un"), sp("Texte")]), pictured)

    (part,) = document.unread
    assert part.locator.slide == 2
    assert "tesseract-ocr-fra" in part.reason_fr
    assert document.coverage == pytest.approx(0.5)
    assert len(document.images) == 1


class ScriptedOcr:
    """Reads the same words in any image, in its right half."""

    name = "scripted"

    def recognise(
        self, image: bytes, *, dpi: int | None = None, one_block: bool = False
    ) -> OcrResult:
        word = OcrWord(
            text="Repère lu",
            left=0.5,
            top=0.0,
            right=1.0,
            bottom=0.1,
            confidence=90,
            paragraph=(1, 1),
            line=(1, 1, 1),
        )
        return OcrResult(words=(word,))


def test_a_slide_made_of_a_picture_is_read_by_ocr_at_its_place() -> None:
    half = with_part([pic("rIdX", at=(0, 0, 6, 7))], "image", "ppt/media/image1.png", png())

    document = read_with(ScriptedOcr(), Slide([title("Un")]), half)

    block = block_of(document, "Repère lu")
    assert (block.locator.slide, block.locator.channel) == (2, Channel.OCR)
    assert block.boxes[0].left == pytest.approx(3 * office.INCH / office.SLIDE_WIDTH, abs=1e-3)
    assert document.ocr_confidence == {2: 90}
    assert document.coverage == 1


def test_pictures_of_slides_that_have_text_are_left_to_the_eye() -> None:
    slide = with_part(
        [pic("rIdX", at=(0, 0, 13, 7)), title("Maquette")], "image", "ppt/media/i.png", png()
    )

    assert read_with(ScriptedOcr(), slide).text == "Maquette"


# --- the order of a person ----------------------------------------------------------------------


def test_shapes_are_read_from_top_to_bottom_whatever_their_order_in_the_file() -> None:
    document = read(
        Slide(
            [sp("trois", at=(1, 5, 9, 1)), sp("un", at=(1, 1, 9, 1)), sp("deux", at=(1, 3, 9, 1))]
        )
    )

    assert texts(document) == ["un", "deux", "trois"]


def test_columns_are_read_one_after_the_other() -> None:
    left = [sp(f"gauche {i}", at=(0.5, 2 + 1.1 * i, 5, 1)) for i in range(3)]
    right = [sp(f"droite {i}", at=(7, 2 + 1.1 * i, 5, 1)) for i in range(3)]
    heading = sp("Avant et après", at=(0.5, 0.4, 12, 1))

    document = read(Slide([*right, *left, heading]))

    assert texts(document) == [
        "Avant et après",
        *(f"gauche {i}" for i in range(3)),
        *(f"droite {i}" for i in range(3)),
    ]


def test_rows_that_stand_apart_are_read_across() -> None:
    cells = [
        sp(f"{label}{n}", at=(left, 1 + 2.2 * n, 3, 0.5))
        for n in range(3)
        for label, left in (("date ", 1), ("action ", 4.1))
    ]

    document = read(Slide(cells[::-1]))

    assert texts(document) == [
        "date 0", "action 0", "date 1", "action 1", "date 2", "action 2",
    ]  # fmt: skip


def test_a_placeholder_without_a_place_takes_its_layouts() -> None:
    document = read(
        Slide([sp("sous le corps", at=(1, 6.6, 4, 0.3)), sp("corps", at=None, ph='idx="1"')])
    )

    assert texts(document) == ["corps", "sous le corps"]


def test_the_largest_text_is_the_title_where_there_is_no_placeholder() -> None:
    document = read(
        Slide(
            [
                sp(para(run("Le détail, plus bas", size=16)), at=(1, 4, 9, 1)),
                sp(para(run("Ma campagne", size=40)), at=(1, 1, 9, 1)),
            ]
        )
    )

    assert [block.kind for block in document.blocks] == [BlockKind.HEADING, BlockKind.PARAGRAPH]
    assert document.blocks[1].locator.heading_path == ("Ma campagne",)


# --- hidden -------------------------------------------------------------------------------------

SECRET = "Repère caché"
WHITE = solid("FFFFFF")


def white(text: str = SECRET) -> str:
    return para(run(text, look=WHITE))


@pytest.mark.parametrize(
    ("shape", "reason"),
    [
        pytest.param(sp(SECRET, attributes='hidden="1"'), HiddenReason.VANISHED, id="hidden shape"),
        pytest.param(
            group(sp(SECRET), attributes='hidden="1"'), HiddenReason.VANISHED, id="hidden group"
        ),
        pytest.param(sp(SECRET, at=(20, 1, 4, 1)), HiddenReason.OFF_PAGE, id="right of the slide"),
        pytest.param(sp(SECRET, at=(-9, 1, 4, 1)), HiddenReason.OFF_PAGE, id="left of the slide"),
        pytest.param(sp(SECRET, at=(1, 9, 4, 1)), HiddenReason.OFF_PAGE, id="below the slide"),
        pytest.param(
            group(sp(SECRET, at=(0, 0, 1, 1)), at=(30, 1, 2, 2), inner=(0, 0, 2, 2)),
            HiddenReason.OFF_PAGE,
            id="a group moved off the slide",
        ),
        pytest.param(sp(SECRET, at=(1, 1, 0, 0)), HiddenReason.TINY, id="no size"),
        pytest.param(sp(para(run(SECRET, size=1))), HiddenReason.TINY, id="one point"),
        pytest.param(
            sp(
                para(run(SECRET, size=10)),
                body='<a:bodyPr><a:normAutofit fontScale="10000"/></a:bodyPr>',
            ),
            HiddenReason.TINY,
            id="shrunk to fit",
        ),
        pytest.param(
            sp(f'<a:p><a:r><a:rPr sz="1800" spc="-1500"/><a:t>{SECRET}</a:t></a:r></a:p>'),
            HiddenReason.TINY,
            id="letters piled up",
        ),
        pytest.param(sp(white()), HiddenReason.NEAR_BACKGROUND, id="white on white"),
        pytest.param(
            sp(para(run(SECRET, look=solid("F5F5F5")))), HiddenReason.NEAR_BACKGROUND, id="pale"
        ),
        pytest.param(
            sp(para(run(SECRET, look=solid("bg1")))), HiddenReason.NEAR_BACKGROUND, id="theme"
        ),
        pytest.param(
            sp(para(run(SECRET, look=solid("000000", opacity=2)))),
            HiddenReason.NEAR_BACKGROUND,
            id="transparent",
        ),
        pytest.param(
            sp(para(run(SECRET, look="<a:noFill/>"))), HiddenReason.NEAR_BACKGROUND, id="no ink"
        ),
        pytest.param(
            sp(para(run(SECRET, look=solid("4472C4"))), fill=solid("accent1")),
            HiddenReason.NEAR_BACKGROUND,
            id="the colour of its shape",
        ),
        pytest.param(
            sp(
                para(
                    run(SECRET, look=f'{WHITE}<a:highlight><a:srgbClr val="FFFFFF"/></a:highlight>')
                ),
                fill=solid("000000"),
            ),
            HiddenReason.NEAR_BACKGROUND,
            id="the colour of its highlighting",
        ),
        pytest.param(
            sp(white(), fill=solid("FFFFFF", opacity=30)),
            HiddenReason.NEAR_BACKGROUND,
            id="white on a white veil",
        ),
        pytest.param(
            table([[tc(para(run(SECRET, look=solid("4472C4"))), fill=solid("4472C4"))]]),
            HiddenReason.NEAR_BACKGROUND,
            id="the colour of its cell",
        ),
        pytest.param(
            table([[tc(white())]]), HiddenReason.NEAR_BACKGROUND, id="white in a bare table"
        ),
        pytest.param(
            table([[tc("Vu", attributes='gridSpan="2"'), tc(SECRET, attributes='hMerge="1"')]]),
            HiddenReason.VANISHED,
            id="under a merge",
        ),
    ],
)
def test_what_a_person_does_not_see_on_a_slide_is_hidden(shape: str, reason: HiddenReason) -> None:
    document = read(Slide([title("Bilan"), shape, sp("Ce qui se voit", at=(1, 4, 6, 1))]))

    span = hidden_of(document, SECRET)
    assert span.reason is reason
    assert span.locator.slide == 1
    assert span.locator.channel is Channel.HIDDEN
    assert "Ce qui se voit" in document.text


@pytest.mark.parametrize(
    "shapes",
    [
        pytest.param([sp(white(), fill=solid("1F3864"))], id="white on a dark shape"),
        pytest.param(
            [sp("", at=(0, 0, 13, 3), fill=solid("1F3864")), sp(white())], id="white on a band"
        ),
        pytest.param(
            [
                sp("", at=(0, 2, 13, 0.8), fill=solid("1F3864")),
                sp(para(run(SECRET, size=20, look=WHITE)), at=(1, 2, 8, 3)),
            ],
            id="white at the top of a tall box, on a band",
        ),
        pytest.param([sp(white(), fill=solid("1F3864"), geometry="ellipse")], id="white in a disc"),
        pytest.param([table([[tc(white(), fill=solid("1F3864"))]])], id="white in a dark cell"),
        pytest.param(
            [
                table(
                    [[tc(white())], ["corps"]],
                    properties='<a:tblPr firstRow="1"><a:tableStyleId>'
                    "{5C22544A-7EE6-4342-B048-85BDC9FD1C3A}</a:tableStyleId></a:tblPr>",
                )
            ],
            id="white in the heading of a styled table",
        ),
        pytest.param([sp(para(run(SECRET, size=8)))], id="small print"),
        pytest.param([sp(para(run(SECRET, look=solid("A6A6A6"))))], id="grey"),
        pytest.param([sp(SECRET, at=(11, 2, 4, 1))], id="half off the slide"),
        pytest.param([sp(SECRET, at=(1, 2, 1, 0))], id="a box without height overflows"),
        pytest.param(
            [sp(SECRET, at=(1, 2, 6, 1)), sp("", at=(2, 2, 3, 1), fill=solid("1F3864"))],
            id="half under a shape",
        ),
    ],
)
def test_what_a_person_sees_is_not_taken_for_hidden(shapes: Sequence[str]) -> None:
    document = read(Slide([title("Bilan"), *shapes]))

    assert SECRET in document.text


def test_white_is_seen_on_a_dark_slide_and_black_is_not() -> None:
    document = read(
        Slide([sp(white("clair"), at=(1, 1, 6, 1)), sp(para(run(SECRET, look=solid("000000"))))],
              background=solid("101010"))
    )  # fmt: skip

    assert "clair" in document.text
    assert hidden_of(document, SECRET).reason is HiddenReason.NEAR_BACKGROUND


def test_white_is_seen_on_a_band_of_the_master() -> None:
    band = sp("", at=(0, 0, 13.4, 7.5), fill=solid("1F3864"))

    document = read(Slide([sp(white())]), master_xml=office.master(band))

    assert SECRET in document.text


def test_a_gradient_hides_only_what_melts_into_all_of_it() -> None:
    def gradient(end: str) -> str:
        return (
            '<a:gradFill><a:gsLst><a:gs pos="0"><a:srgbClr val="FFFFFF"/></a:gs>'
            f'<a:gs pos="100000"><a:srgbClr val="{end}"/></a:gs></a:gsLst></a:gradFill>'
        )

    assert SECRET in read(Slide([sp(white(), fill=gradient("000000"))])).text
    hidden_of(read(Slide([sp(white(), fill=gradient("F8F8F8"))])), SECRET)


@pytest.mark.parametrize("alpha", [None, 255])
def test_text_under_an_opaque_picture_is_covered(alpha: int | None) -> None:
    slide = with_part(
        [sp(SECRET, at=(2, 2, 4, 1)), pic("rIdX", at=(1, 1, 9, 5))],
        "image",
        "ppt/media/image1.png",
        png(alpha=alpha),
    )

    assert hidden_of(read(slide), SECRET).reason is HiddenReason.COVERED


@pytest.mark.parametrize(
    ("shapes", "tail", "alpha"),
    [
        pytest.param([pic("rIdX", at=(1, 1, 9, 5)), sp(SECRET)], "", None, id="text in front"),
        pytest.param([sp(SECRET), pic("rIdX", at=(1, 1, 9, 5))], "", 0, id="see-through picture"),
        pytest.param([sp(SECRET), pic("rIdX", at=(4, 1, 9, 5))], "", None, id="half covered"),
        pytest.param(
            [sp(SECRET), pic("rIdX", at=(1, 1, 9, 5), number=77)],
            '<p:timing><p:tnLst><p:par><p:cTn><p:spTgt spid="77"/></p:cTn></p:par></p:tnLst>'
            "</p:timing>",
            None,
            id="a picture that an animation removes",
        ),
    ],
)
def test_text_near_a_picture_is_seen(shapes: Sequence[str], tail: str, alpha: int | None) -> None:
    slide = with_part(shapes, "image", "ppt/media/image1.png", png(alpha=alpha), tail=tail)

    assert SECRET in read(slide).text


def test_text_under_an_opaque_shape_is_covered() -> None:
    slide = Slide([sp(SECRET, at=(2, 2, 4, 1)), sp("", at=(1, 1, 9, 5), fill=solid("4472C4"))])

    assert hidden_of(read(slide), SECRET).reason is HiddenReason.COVERED


def test_all_of_a_hidden_slide_is_hidden() -> None:
    secret = Slide(
        [title("Titre secret"), sp("Corps secret"), table([["Cellule secrète"]])],
        notes=[sp("Note secrète", ph='type="body" idx="3"')],
        attributes='show="0"',
    )

    document = read(Slide([title("Un")]), secret, Slide([title("Trois")]))

    for marker in ("Titre secret", "Corps secret", "Cellule secrète", "Note secrète"):
        span = hidden_of(document, marker)
        assert span.reason is HiddenReason.HIDDEN_SLIDE
        assert span.locator.slide == 2
    assert texts(document) == ["Un", "Trois"]
    assert block_of(document, "Trois").locator.slide == 3
    assert document.unit_count == 3


def test_a_slide_taken_out_of_the_presentation_is_hidden() -> None:
    document = read(Slide([title("Un")]), unlisted=[Slide([sp(SECRET)])])

    assert hidden_of(document, SECRET).reason is HiddenReason.HIDDEN_SLIDE


def test_only_the_hidden_runs_of_a_paragraph_are_hidden() -> None:
    mixed = para("Budget de 9 600 € ", run(SECRET, look=WHITE), run(" pour l'année"))

    document = read(Slide([sp(mixed)]))

    assert document.text == "Budget de 9 600 € pour l'année"
    assert hidden_of(document, SECRET).locator.paragraph == 1


def test_white_speaker_notes_are_hidden() -> None:
    notes = [sp(para("Dire bonjour. ", run(SECRET, look=WHITE)), ph='type="body" idx="3"')]

    document = read(Slide([title("Un")], notes=notes))

    assert "Dire bonjour." in document.text
    assert hidden_of(document, SECRET).locator.channel is Channel.SPEAKER_NOTES


def test_a_hidden_title_names_no_section() -> None:
    document = read(Slide([sp(white(), at=None, ph='type="title"'), sp("Corps", at=(1, 5, 5, 1))]))

    hidden_of(document, SECRET)
    assert SECRET not in block_of(document, "Corps").locator.heading_path


def test_what_a_program_shows_instead_of_what_it_does_not_know_is_read_once() -> None:
    def either(choice: str, fallback: str, namespace: str) -> str:
        return (
            f'<mc:AlternateContent xmlns:n="{namespace}"><mc:Choice Requires="n">{choice}'
            f"</mc:Choice><mc:Fallback>{fallback}</mc:Fallback></mc:AlternateContent>"
        )

    known = either(
        sp("Vu par tous", at=(1, 1, 6, 1)),
        sp("Vu par tous", at=(1, 1, 6, 1)),
        "http://schemas.microsoft.com/office/drawing/2010/main",
    )
    unknown = either(sp(SECRET), sp("Repli affiché"), "http://exemple.fr/inconnu")

    document = read(Slide([known, unknown]))

    assert texts(document) == ["Vu par tous", "Repli affiché"]
    assert hidden_of(document, SECRET).reason is HiddenReason.MARKUP


@pytest.mark.parametrize(
    "comment",
    [
        '<p:cmLst xmlns:p="p"><p:cm authorId="0"><p:text>Repère caché</p:text></p:cm></p:cmLst>',
        f'<p188:cmLst xmlns:p188="m" xmlns:a="{office.A_NS}"><p188:cm><p188:replyLst><p188:reply>'
        "<p188:txBody><a:p><a:r><a:t>Repère caché</a:t></a:r></a:p></p188:txBody></p188:reply>"
        "</p188:replyLst><p188:txBody><a:p><a:r><a:t>À revoir</a:t></a:r></a:p></p188:txBody>"
        "</p188:cm></p188:cmLst>",
    ],
    ids=["old", "modern, in an answer"],
)
def test_comments_are_hidden_at_their_slide(comment: str) -> None:
    slide = with_part([title("Un")], "comments", "ppt/comments/comment1.xml", comment)

    span = hidden_of(read(Slide([title("Zéro")]), slide), SECRET)

    assert span.reason is HiddenReason.COMMENT
    assert (span.locator.slide, span.locator.channel) == (2, Channel.COMMENT)


def test_properties_are_metadata_and_never_text() -> None:
    document = read(
        Slide([title("Un")]),
        parts={"docProps/core.xml": office.core_properties(title="Repère caché", creator="Ada")},
    )

    assert document.metadata["titre"] == SECRET
    assert hidden_of(document, SECRET).reason is HiddenReason.PROPERTY


def test_invisible_characters_are_dropped_and_reported() -> None:
    document = read(Slide([sp("bud\u200bget\u202e")]))

    assert document.text == "budget"
    assert document.hidden[0].reason is HiddenReason.INVISIBLE_CHARACTERS


# --- hostile ------------------------------------------------------------------------------------


def test_a_damaged_slide_does_not_cost_the_others() -> None:
    data = pptx(
        Slide([title("Un")]),
        Slide([title("Deux")]),
        parts={"ppt/slides/slide2.xml": "<p:sld><pas fermé"},
    )

    document = read_pptx(source("deck.pptx", data))

    assert document.text == "Un"
    assert [part.locator.slide for part in document.unread] == [2]
    assert document.coverage == pytest.approx(0.5)
    assert any("Diapositive 2" in warning for warning in document.warnings_fr)


def test_a_slide_missing_from_the_file_is_said_to_be_unread() -> None:
    data = pptx(Slide([title("Un")]), Slide([title("Deux")]))
    without = data.replace(b"slides/slide2.xml", b"slides/slideX.xml")

    document = read_pptx(source("deck.pptx", without))

    assert document.coverage < 1


OLE_ENCRYPTED = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + (
    "EncryptedPackage".encode("utf-16-le").ljust(64, b"\0")
)
WORKBOOK = office.xlsx(office.Sheet("F", [office.row(1, office.text_cell("A1", "x"))]))
ENTITY = '<!DOCTYPE s [<!ENTITY x SYSTEM "file:///etc/passwd">]><s>&x;</s>'


def with_main(name: str, content: str) -> bytes:
    return pptx(Slide([title("Un")]), parts={name: content})


@pytest.mark.parametrize(
    ("data", "error"),
    [
        pytest.param(b"", EmptyFile, id="empty"),
        pytest.param(b"PK\x03\x04 pas un zip", CorruptedFile, id="not a zip"),
        pytest.param(b"%PDF-1.7\n", WrongExtension, id="a pdf"),
        pytest.param(OLE_ENCRYPTED, EncryptedFile, id="encrypted"),
        pytest.param(WORKBOOK, WrongExtension, id="a workbook"),
        pytest.param(
            with_main("ppt/presentation.xml", "<p:pres"), CorruptedFile, id="no presentation"
        ),
        pytest.param(
            with_main("ppt/slides/slide1.xml", "<p:sld"), CorruptedFile, id="only a damaged slide"
        ),
        pytest.param(with_main("ppt/slides/slide1.xml", ENTITY), UnsafeFile, id="external entity"),
        pytest.param(
            with_main("ppt/slides/slide1.xml", "<a/>" * 9_000_000), FileTooLarge, id="enormous"
        ),
    ],
)
def test_a_hostile_presentation_is_refused_with_its_reason(
    data: bytes, error: type[IngestError]
) -> None:
    with pytest.raises(error) as caught:
        read_pptx(source("deck.pptx", data))

    assert "deck.pptx" in caught.value.user_message


def test_thousands_of_tags_on_one_slide_are_refused_alone() -> None:
    heavy = Slide([sp("x")], parts={"ppt/slides/slide1.xml": "<p>" + "<a/>" * 2_100_000 + "</p>"})

    document = read(heavy, Slide([title("Deux")]))

    assert document.text == "Deux"
    assert document.coverage == pytest.approx(0.5)


def test_a_diagram_that_turns_in_circles_ends() -> None:
    looping = diagram("A", "B").replace(
        "</dgm:cxnLst>", '<dgm:cxn modelId="9" srcId="2" destId="0" srcOrd="0"/></dgm:cxnLst>'
    )
    slide = with_part(
        [frame(f'<dgm:relIds xmlns:dgm="{office.DGM_NS}" r:dm="rIdX"/>', DIAGRAM_URI)],
        "diagramData",
        "ppt/diagrams/data1.xml",
        looping,
    )

    assert texts(read(slide)) == ["A", "B"]


def test_a_slide_of_hundreds_of_shapes_is_read_in_good_time() -> None:
    shapes = [
        sp(f"forme {i:04d}", at=(i % 12, i // 12 % 7, 1, 0.5), fill=solid("EEECE1"))
        for i in range(1_500)
    ]

    document = read(Slide(shapes))

    assert len(document.blocks) + len(document.hidden) >= 1_500


def test_a_slide_of_countless_shapes_is_refused_alone() -> None:
    crowd = Slide([sp("x")] * 3_001)

    document = read(Slide([title("Un")]), crowd, Slide([title("Trois")]))

    assert document.text == "Un\nTrois"
    assert [part.locator.slide for part in document.unread] == [2]


def test_a_group_without_a_size_does_not_divide_by_zero() -> None:
    flat = group(sp(SECRET, at=(1, 1, 3, 1)), at=(1, 1, 3, 1), inner=(0, 0, 0, 0))

    assert SECRET in read(Slide([flat])).text


def test_macros_are_reported_and_never_run() -> None:
    document = read(Slide([title("Un")]), parts={"ppt/vbaProject.bin": b"\0"})

    assert any("macros" in warning for warning in document.warnings_fr)
