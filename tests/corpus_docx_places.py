"""A Word file with a phrase in every place a phrase can be, and the place expected for each."""

from dataclasses import dataclass
from typing import Any

from ingest.types import BlockKind, Channel, HiddenReason
from tests.corpus_docx import (
    NAMESPACES,
    linked_graphic,
    listed,
    p,
    picture,
    png,
    r,
    shape_box,
    styled,
    table,
    tc,
    tr,
    vml_box,
)


@dataclass(frozen=True)
class Expected:
    """A phrase of the corpus, and where it must be found. `where`: the locator's set fields."""

    phrase: str
    where: dict[str, Any]
    kind: BlockKind = BlockKind.PARAGRAPH
    level: int | None = None


@dataclass(frozen=True)
class ExpectedHidden:
    """A phrase of the corpus that no reader sees."""

    phrase: str
    reason: HiddenReason
    where: dict[str, Any]


CHART = f"""<c:chartSpace {NAMESPACES}><c:chart><c:title><c:tx><c:rich><a:p>
<a:r><a:t>marque titre du graphique</a:t></a:r></a:p>
</c:rich></c:tx></c:title><c:plotArea><c:barChart><c:ser><c:tx>
<c:strRef><c:strCache><c:pt idx="0"><c:v>marque serie</c:v></c:pt></c:strCache></c:strRef></c:tx>
<c:cat><c:strRef><c:strCache><c:pt idx="0"><c:v>janvier</c:v></c:pt><c:pt idx="1"><c:v>mars</c:v>
</c:pt></c:strCache></c:strRef></c:cat><c:val><c:numRef><c:numCache><c:formatCode>0.0%</c:formatCode>
<c:pt idx="0"><c:v>0.125</c:v></c:pt><c:pt idx="1"><c:v>0.3</c:v></c:pt></c:numCache></c:numRef>
</c:val></c:ser></c:barChart><c:valAx><c:title><c:tx><c:rich><a:p><a:r><a:t>marque axe</a:t></a:r>
</a:p></c:rich></c:tx></c:title></c:valAx></c:plotArea></c:chart></c:chartSpace>"""

DIAGRAM = f"""<dgm:dataModel {NAMESPACES}><dgm:ptLst><dgm:pt modelId="0" type="doc"/>
<dgm:pt modelId="2"><dgm:t><a:p><a:r><a:t>marque schema second</a:t></a:r></a:p></dgm:t></dgm:pt>
<dgm:pt modelId="1"><dgm:t><a:p><a:r><a:t>marque schema premier</a:t></a:r></a:p></dgm:t></dgm:pt>
<dgm:pt modelId="9" type="pres"><dgm:t><a:p><a:r><a:t>gabarit</a:t></a:r></a:p></dgm:t></dgm:pt>
</dgm:ptLst><dgm:cxnLst><dgm:cxn srcId="0" destId="1" srcOrd="0"/>
<dgm:cxn srcId="0" destId="2" srcOrd="1"/></dgm:cxnLst></dgm:dataModel>"""

NOTE_CALL = '<w:r><w:{kind}Reference w:id="{id}"/></w:r>'


def everywhere() -> tuple[bytes, list[Expected], list[ExpectedHidden]]:
    """A file with a phrase in every place a phrase can be, and what must be found of it."""
    made = styled()
    chart = made.add("charts/chart1.xml", CHART, "chart")
    diagram = made.add("diagrams/data1.xml", DIAGRAM, "diagramData")
    image = made.add("media/image1.png", png(40, 20), "image")
    made.external("hyperlink", "https://exemple.fr/lien", "rLien")
    made.word_part(
        "footnotes",
        "footnotes",
        '<w:footnote w:type="separator" w:id="-1"><w:p/></w:footnote>'
        f'<w:footnote w:id="1">{p("marque note une")}{p("marque note une suite")}</w:footnote>'
        f'<w:footnote w:id="2">{p("marque note dans tableau")}</w:footnote>'
        f'<w:footnote w:id="3">{p("marque note jamais appelee")}</w:footnote>',
        "footnotes",
    )
    made.word_part(
        "endnotes",
        "endnotes",
        f'<w:endnote w:id="5">{p("marque note de fin")}</w:endnote>',
        "endnotes",
    )
    made.word_part(
        "comments",
        "comments",
        f'<w:comment w:id="0" w:author="A">{p("marque commentaire")}</w:comment>'
        f'<w:comment w:id="1" w:author="A">{p("marque commentaire perdu")}</w:comment>',
        "comments",
    )
    made.word_part("header1", "hdr", p("marque en-tete") + p("", run=""), "header", "rEntete")
    made.word_part("header2", "hdr", p("marque en-tete inutilise"), "header", "rEntete2")
    made.word_part(
        "footer1", "ftr", table(tr(tc("marque pied"))) + p("marque pied suite"), "footer", "rPied"
    )
    field = (
        '<w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText>HYPERLINK '
        '"https://exemple.fr/champ"</w:instrText></w:r><w:r><w:fldChar w:fldCharType="separate"/>'
        f'</w:r>{r("marque champ")}<w:r><w:fldChar w:fldCharType="end"/></w:r>'
    )
    fraction = (
        "<m:oMath><m:f><m:num><m:r><m:t>clics</m:t></m:r></m:num><m:den><m:r><m:t>vues utiles</m:t>"
        "</m:r></m:den></m:f></m:oMath>"
    )
    body = [
        p("marque titre", style="Title"),  # paragraph 1
        p("marque chapitre", style="Titre1"),  # 2
        p("marque corps"),  # 3
        p(),  # 4
        f"<w:sdt><w:sdtContent>{p('marque controle de bloc')}</w:sdtContent></w:sdt>",  # 5
        p("marque section", style="Titre2"),  # 6
        # 7: all that a paragraph can hold in line
        f"<w:p>{r('debut ')}<w:ins>{r('marque inseree')}</w:ins><w:del><w:r>"
        f"<w:delText>marque supprimee</w:delText></w:r></w:del>"
        f"<w:sdt><w:sdtContent>{r(' marque controle en ligne ')}"
        f'</w:sdtContent></w:sdt><w:hyperlink r:id="rLien">{r("marque lien ")}</w:hyperlink>'
        f'<w:smartTag>{r("marque balise ")}</w:smartTag><w:fldSimple w:instr="AUTHOR">'
        f"{r('marque champ simple ')}</w:fldSimple>{field}<w:r><w:tab/><w:t>apres tabulation</w:t>"
        "<w:br/><w:t>apres retour</w:t><w:noBreakHyphen/><w:t>insecable</w:t><w:softHyphen/>"
        '<w:t>cesure</w:t><w:sym w:font="Wingdings" w:char="F0FC"/></w:r>'
        f"<w:r><w:ruby><w:rt>{r('dessus')}</w:rt><w:rubyBase>{r(' marque base')}"
        "</w:rubyBase></w:ruby></w:r></w:p>",
        f"<w:p>{r('marque formule : ')}{fraction}</w:p>",  # 8
        # 9: notes and a comment
        f"<w:p>{r('marque appel')}{NOTE_CALL.format(kind='footnote', id=1)}"
        f"{NOTE_CALL.format(kind='endnote', id=5)}"
        '<w:commentRangeStart w:id="0"/><w:r><w:commentReference w:id="0"/></w:r></w:p>',
        listed("marque puce", 2),  # 10
        listed("marque puce fille", 2, 1),  # 11
        # 12: drawings
        f"<w:p>{r('marque ancre')}"
        f"{shape_box(p('marque zone') + table(tr(tc('marque zone tableau'))))}"
        f"{vml_box(p('marque zone ancienne'))}{picture(image, alt='marque image')}"
        + linked_graphic(f'<c:chart r:id="{chart}"/>')
        + linked_graphic(f'<dgm:relIds r:dm="{diagram}"/>')
        + '<w:r><w:pict><v:shape style="width:9pt;height:9pt">'
        '<v:textpath string="marque filigrane"/>'
        "</v:shape></w:pict></w:r>"
        f"{shape_box(p('marque zone decrite'), alt='marque texte alternatif')}</w:p>",
        # A table with merges, a nested table and a note
        table(
            tr(tc("marque fusion large", '<w:gridSpan w:val="2"/>'), tc("marque coin")),
            tr(
                tc("marque fusion haute", '<w:vMerge w:val="restart"/>'),
                tc(p("marque ligne deux") + p("marque ligne deux suite")),
                tc(
                    f"<w:p>{r('marque cellule notee')}"
                    f"{NOTE_CALL.format(kind='footnote', id=2)}</w:p>"
                ),
            ),
            tr(
                tc("marque continuee", "<w:vMerge/>"),
                tc(
                    p("marque hote")
                    + table(tr(tc("marque imbriquee")), columns=1)
                    + p("marque hote fin")
                ),
                f"<w:sdt><w:sdtContent>{tc('marque cellule controle')}</w:sdtContent></w:sdt>",
            ),
        ),
        p("marque maison", style="Maison"),  # 13
        p("marque nomme", style="Nomme"),  # 14
        p("marque faux titre", style="Sommaire"),  # 15
        "<mc:AlternateContent><mc:Choice Requires='wps'>"
        f"{p('marque choisie')}</mc:Choice><mc:Fallback>{p('marque de rechange')}</mc:Fallback>"
        "</mc:AlternateContent>",  # 16
        f"<x:inconnu>{p('marque inconnue')}</x:inconnu>",
        "<w:moveFrom>" + p("marque deplacee") + "</w:moveFrom>",  # 17
        '<w:sectPr><w:headerReference w:type="default" r:id="rEntete"/>'
        '<w:headerReference w:type="even" r:id="rEntete2"/>'
        '<w:footerReference w:type="default" r:id="rPied"/></w:sectPr>',
    ]
    return made.build("".join(body)), _expected(), _expected_hidden()


def _expected() -> list[Expected]:
    one = ("marque chapitre",)
    two = ("marque chapitre", "marque section")
    cell = BlockKind.TABLE_CELL
    box = Channel.TEXT_BOX

    def at(number: int, path: tuple[str, ...] = two, **more: Any) -> dict[str, Any]:
        return {"paragraph": number, "heading_path": path, **more}

    def in_table(number: int, row: int, column: int, **more: Any) -> dict[str, Any]:
        place = {"table": number, "row": row, "column": column, "heading_path": two}
        return {**place, **more}

    heading = BlockKind.HEADING
    house = ("marque chapitre", "marque maison")
    named = (*house, "marque nomme")
    inline = at(7)
    return [
        Expected("marque titre", at(1, ("marque titre",)), heading, 1),
        Expected("marque chapitre", at(2, one), heading, 1),
        Expected("marque corps", at(3, one)),
        Expected("marque controle de bloc", at(5, one)),
        Expected("marque section", at(6, two), heading, 2),
        *[
            Expected(phrase, inline)
            for phrase in (
                "debut marque inseree marque controle en ligne marque lien marque balise",
                "marque champ simple marque champ apres tabulation\napres retour-insecablecesure✓",
                "marque base (dessus)",
            )
        ],
        Expected("marque formule : clics/(vues utiles)", at(8)),
        Expected("marque appel", at(9)),
        Expected("marque note une", at(9, note="1", channel=Channel.FOOTNOTE)),
        Expected("marque note une suite", at(9, note="1", channel=Channel.FOOTNOTE)),
        Expected("marque note de fin", at(9, note="i", channel=Channel.ENDNOTE)),
        Expected("marque puce", at(10), BlockKind.LIST_ITEM, 1),
        Expected("marque puce fille", at(11), BlockKind.LIST_ITEM, 2),
        Expected("marque ancre", at(12)),
        Expected("marque zone", at(12, channel=box)),
        Expected("marque zone tableau", in_table(1, 1, 1, channel=box), cell),
        Expected("marque zone ancienne", at(12, channel=box)),
        Expected("marque titre du graphique", at(12, channel=Channel.CHART)),
        Expected("marque axe", at(12, channel=Channel.CHART)),
        Expected("marque serie : janvier = 12,5 % ; mars = 30 %", at(12, channel=Channel.CHART)),
        Expected("marque schema premier\nmarque schema second", at(12, channel=box)),
        Expected("marque filigrane", at(12, channel=box)),
        Expected("marque zone decrite", at(12, channel=box)),
        Expected("marque fusion large", in_table(2, 1, 1), cell),
        Expected("marque coin", in_table(2, 1, 3), cell),
        Expected("marque fusion haute", in_table(2, 2, 1), cell),
        Expected("marque ligne deux\nmarque ligne deux suite", in_table(2, 2, 2), cell),
        Expected("marque cellule notee", in_table(2, 2, 3), cell),
        Expected(
            "marque note dans tableau",
            {"note": "2", "channel": Channel.FOOTNOTE, "heading_path": two},
        ),
        Expected("marque hote\nmarque hote fin", in_table(2, 3, 2), cell),
        Expected("marque cellule controle", in_table(2, 3, 3), cell),
        Expected("marque imbriquee", in_table(3, 1, 1), cell),
        Expected("marque maison", at(13, house), heading, 2),
        Expected("marque nomme", at(14, named), heading, 3),
        Expected("marque faux titre", at(15, named)),
        Expected("marque choisie", at(16, named)),
        Expected("marque en-tete", {"channel": Channel.HEADER}),
        Expected(
            "marque pied", {"channel": Channel.FOOTER, "table": 4, "row": 1, "column": 1}, cell
        ),
        Expected("marque pied suite", {"channel": Channel.FOOTER}),
    ]


def _expected_hidden() -> list[ExpectedHidden]:
    two = ("marque chapitre", "marque section")
    named = ("marque chapitre", "marque maison", "marque nomme")
    markup, deleted = HiddenReason.MARKUP, HiddenReason.DELETED
    hidden, gone = Channel.HIDDEN, Channel.DELETED
    at_12: dict[str, Any] = {"paragraph": 12, "heading_path": two}
    return [
        ExpectedHidden(
            "marque supprimee", deleted, {"paragraph": 7, "heading_path": two, "channel": gone}
        ),
        ExpectedHidden(
            "marque commentaire",
            HiddenReason.COMMENT,
            {"paragraph": 9, "heading_path": two, "channel": Channel.COMMENT},
        ),
        ExpectedHidden(
            "marque commentaire perdu", HiddenReason.COMMENT, {"channel": Channel.COMMENT}
        ),
        ExpectedHidden(
            "marque texte alternatif", HiddenReason.ALT_TEXT, {**at_12, "channel": Channel.ALT_TEXT}
        ),
        ExpectedHidden(
            "marque continuee",
            markup,
            {"table": 2, "row": 3, "column": 1, "heading_path": two, "channel": hidden},
        ),
        ExpectedHidden("marque inconnue", markup, {"heading_path": named, "channel": hidden}),
        ExpectedHidden("marque de rechange", markup, {"channel": hidden}),
        ExpectedHidden(
            "marque deplacee", deleted, {"paragraph": 17, "heading_path": named, "channel": gone}
        ),
        ExpectedHidden("marque note jamais appelee", markup, {"channel": Channel.FOOTNOTE}),
        ExpectedHidden("marque en-tete inutilise", markup, {"channel": Channel.HEADER}),
    ]
