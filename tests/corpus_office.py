"""Slides and sheets written part by part, so that each test says exactly what its file holds."""

import io
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from xml.sax.saxutils import escape, quoteattr

from ingest.types import Block, Document, HiddenSpan, SourceFile

RELS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE_RELS = "http://schemas.openxmlformats.org/package/2006/relationships"
A_NS = "http://schemas.openxmlformats.org/drawingml/2006/main"
P_NS = "http://schemas.openxmlformats.org/presentationml/2006/main"
S_NS = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
XDR_NS = "http://schemas.openxmlformats.org/drawingml/2006/spreadsheetDrawing"
C_NS = "http://schemas.openxmlformats.org/drawingml/2006/chart"
DGM_NS = "http://schemas.openxmlformats.org/drawingml/2006/diagram"
MC_NS = "http://schemas.openxmlformats.org/markup-compatibility/2006"
HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
SPACES = f'xmlns:a="{A_NS}" xmlns:p="{P_NS}" xmlns:r="{RELS}" xmlns:mc="{MC_NS}"'
SLIDE_WIDTH, SLIDE_HEIGHT = 12_192_000, 6_858_000
INCH = 914_400

PPTX_MAIN = "application/vnd.openxmlformats-officedocument.presentationml.presentation.main+xml"
XLSX_MAIN = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"
XLSM_MAIN = "application/vnd.ms-excel.sheet.macroEnabled.main+xml"


@dataclass(frozen=True)
class Rel:
    """A relationship of a part: its id, the last word of its type, and what it points at."""

    id: str
    kind: str
    target: str
    external: bool = False
    base: str = RELS


def rels_xml(rels: Sequence[Rel]) -> str:
    lines = [
        f'<Relationship Id="{rel.id}" Type="{rel.base}/{rel.kind}" Target={quoteattr(rel.target)}'
        + (' TargetMode="External"/>' if rel.external else "/>")
        for rel in rels
    ]
    return f'{HEAD}<Relationships xmlns="{PACKAGE_RELS}">{"".join(lines)}</Relationships>'


def package(main_part: str, main_type: str, parts: Mapping[str, str | bytes]) -> bytes:
    """A zip with its content types, its root relationships and those parts."""
    types = (
        f'{HEAD}<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
        '<Default Extension="rels" '
        'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Default Extension="xml" ContentType="application/xml"/>'
        '<Default Extension="png" ContentType="image/png"/>'
        '<Default Extension="jpeg" ContentType="image/jpeg"/>'
        f'<Override PartName="/{main_part}" ContentType="{main_type}"/></Types>'
    )
    root = [Rel("rId1", "officeDocument", main_part)]
    if "docProps/core.xml" in parts:
        root.append(Rel("rId2", "metadata/core-properties", "docProps/core.xml", base=PACKAGE_RELS))
    if "docProps/custom.xml" in parts:
        root.append(Rel("rId3", "custom-properties", "docProps/custom.xml"))
    whole = {"[Content_Types].xml": types, "_rels/.rels": rels_xml(root), **parts}
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in whole.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def core_properties(**fields: str) -> str:
    inside = "".join(f"<dc:{name}>{escape(text)}</dc:{name}>" for name, text in fields.items())
    return (
        f'{HEAD}<cp:coreProperties xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:cp='
        '"http://schemas.openxmlformats.org/package/2006/metadata/core-properties">'
        f"{inside}</cp:coreProperties>"
    )


# --- slides -------------------------------------------------------------------------------------


def solid(colour: str, *, opacity: int | None = None) -> str:
    """A fill: « FFFFFF », or a theme name such as « bg1 »."""
    alpha = "" if opacity is None else f'<a:alpha val="{opacity * 1000}"/>'
    if len(colour) == 6 and not colour.startswith("accent"):
        return f'<a:solidFill><a:srgbClr val="{colour}">{alpha}</a:srgbClr></a:solidFill>'
    return f'<a:solidFill><a:schemeClr val="{colour}">{alpha}</a:schemeClr></a:solidFill>'


def run(text: str, *, size: float | None = None, look: str = "") -> str:
    sz = "" if size is None else f' sz="{round(size * 100)}"'
    return f"<a:r><a:rPr{sz}>{look}</a:rPr><a:t>{escape(text)}</a:t></a:r>"


def para(*runs: str, level: int = 0, properties: str = "") -> str:
    """A paragraph; its pieces are XML runs, or plain words."""
    inside = "".join(piece if piece.startswith("<") else run(piece) for piece in runs)
    return f'<a:p><a:pPr lvl="{level}">{properties}</a:pPr>{inside}</a:p>'


def xfrm(x: float, y: float, w: float, h: float, *, rot: int = 0, tag: str = "a") -> str:
    """Units: inches."""
    left, top, width, height = (round(side * INCH) for side in (x, y, w, h))
    turned = f' rot="{rot * 60_000}"' if rot else ""
    return (
        f'<{tag}:xfrm{turned}><a:off x="{left}" y="{top}"/><a:ext cx="{width}" cy="{height}"/>'
        f"</{tag}:xfrm>"
    )


def sp(
    *paragraphs: str,
    at: tuple[float, float, float, float] | None = (1, 2, 6, 1),
    number: int = 9,
    ph: str = "",
    fill: str = "",
    attributes: str = "",
    naming: str = "",
    body: str = "",
    rot: int = 0,
    geometry: str = "rect",
) -> str:
    """A shape with text. `ph`: the attributes of its placeholder mark, e.g. `type="title"`."""
    mark = f"<p:ph {ph}/>" if ph else ""
    place = "" if at is None else xfrm(*at, rot=rot)
    shape = "" if ph else f'<a:prstGeom prst="{geometry}"/>'
    text = "".join(p if p.startswith("<") else para(p) for p in paragraphs)
    return (
        f'<p:sp><p:nvSpPr><p:cNvPr id="{number}" name="Forme" {attributes}>{naming}</p:cNvPr>'
        f"<p:cNvSpPr/><p:nvPr>{mark}</p:nvPr></p:nvSpPr><p:spPr>{place}{shape}{fill}</p:spPr>"
        f"<p:txBody>{body or '<a:bodyPr/>'}<a:lstStyle/>{text or '<a:p/>'}</p:txBody></p:sp>"
    )


def title(text: str) -> str:
    return sp(text, at=None, ph='type="title"', number=2)


def pic(
    link: str,
    *,
    at: tuple[float, float, float, float] = (1, 1, 3, 3),
    alt: str = "",
    number: int = 20,
    media: str = "",
) -> str:
    return (
        f'<p:pic><p:nvPicPr><p:cNvPr id="{number}" name="Image" descr={quoteattr(alt)}/>'
        f"<p:cNvPicPr/><p:nvPr>{media}</p:nvPr></p:nvPicPr>"
        f'<p:blipFill><a:blip r:embed="{link}"/></p:blipFill>'
        f"<p:spPr>{xfrm(*at)}</p:spPr></p:pic>"
    )


def group(
    *children: str,
    at: tuple[float, float, float, float] = (1, 1, 4, 4),
    inner: tuple[float, float, float, float] | None = None,
    attributes: str = "",
) -> str:
    x, y, w, h = (round(side * INCH) for side in at)
    cx, cy, cw, ch = (round(side * INCH) for side in inner or at)
    return (
        f'<p:grpSp><p:nvGrpSpPr><p:cNvPr id="30" name="Groupe" {attributes}/><p:cNvGrpSpPr/>'
        f'<p:nvPr/></p:nvGrpSpPr><p:grpSpPr><a:xfrm><a:off x="{x}" y="{y}"/>'
        f'<a:ext cx="{w}" cy="{h}"/><a:chOff x="{cx}" y="{cy}"/><a:chExt cx="{cw}" cy="{ch}"/>'
        f"</a:xfrm></p:grpSpPr>{''.join(children)}</p:grpSp>"
    )


def frame(
    data: str, uri: str, *, at: tuple[float, float, float, float] = (1, 2, 6, 2), number: int = 40
) -> str:
    return (
        f'<p:graphicFrame><p:nvGraphicFramePr><p:cNvPr id="{number}" name="Cadre"/>'
        f"<p:cNvGraphicFramePr/><p:nvPr/></p:nvGraphicFramePr>{xfrm(*at, tag='p')}"
        f'<a:graphic><a:graphicData uri="{uri}">{data}</a:graphicData></a:graphic>'
        "</p:graphicFrame>"
    )


def table(rows: Sequence[Sequence[str]], *, properties: str = "") -> str:
    """A table frame; a cell is a text, or a whole `a:tc`."""
    lines = "".join(
        '<a:tr h="1">' + "".join(c if c.startswith("<a:tc") else tc(c) for c in row) + "</a:tr>"
        for row in rows
    )
    return frame(f"<a:tbl>{properties}<a:tblGrid/>{lines}</a:tbl>", f"{A_NS}/table")


def tc(*paragraphs: str, attributes: str = "", fill: str = "") -> str:
    text = "".join(p if p.startswith("<") else para(p) for p in paragraphs)
    return (
        f"<a:tc {attributes}><a:txBody><a:bodyPr/>{text}</a:txBody><a:tcPr>{fill}</a:tcPr></a:tc>"
    )


def chart(
    heading: str, categories: Sequence[str], series: Mapping[str, Sequence[float | str]]
) -> str:
    """A chart part."""

    def points(values: Sequence[float | str]) -> str:
        return "".join(f'<c:pt idx="{i}"><c:v>{v}</c:v></c:pt>' for i, v in enumerate(values))

    body = "".join(
        f"<c:ser><c:tx><c:strRef><c:strCache>{points([name])}</c:strCache></c:strRef></c:tx>"
        f"<c:cat><c:strRef><c:strCache>{points(categories)}</c:strCache></c:strRef></c:cat>"
        f"<c:val><c:numRef><c:numCache><c:formatCode>General</c:formatCode>{points(values)}"
        "</c:numCache></c:numRef></c:val></c:ser>"
        for name, values in series.items()
    )
    return (
        f'{HEAD}<c:chartSpace xmlns:c="{C_NS}" xmlns:a="{A_NS}" xmlns:r="{RELS}"><c:chart>'
        f"<c:title><c:tx><c:rich><a:p><a:r><a:t>{escape(heading)}</a:t></a:r></a:p></c:rich>"
        f"</c:tx></c:title><c:plotArea><c:barChart>{body}</c:barChart></c:plotArea>"
        "</c:chart></c:chartSpace>"
    )


def diagram(*texts: str) -> str:
    """The data part of a SmartArt whose points hang from one root."""
    points = "".join(
        f'<dgm:pt modelId="{i}"><dgm:t><a:p><a:r><a:t>{escape(text)}</a:t></a:r></a:p></dgm:t>'
        "</dgm:pt>"
        for i, text in enumerate(texts, start=1)
    )
    links = "".join(
        f'<dgm:cxn modelId="{100 + i}" srcId="0" destId="{i}" srcOrd="{i}"/>'
        for i in range(1, len(texts) + 1)
    )
    return (
        f'{HEAD}<dgm:dataModel xmlns:dgm="{DGM_NS}" xmlns:a="{A_NS}"><dgm:ptLst>'
        f'<dgm:pt modelId="0" type="doc"/>{points}</dgm:ptLst><dgm:cxnLst>{links}</dgm:cxnLst>'
        "</dgm:dataModel>"
    )


@dataclass
class Slide:
    """A slide: its shapes' XML, the background's, and the parts it refers to."""

    shapes: Sequence[str] = ()
    notes: Sequence[str] = ()
    background: str = ""
    attributes: str = ""
    tail: str = ""
    rels: Sequence[Rel] = ()
    parts: Mapping[str, str | bytes] = field(default_factory=dict)

    def xml(self) -> str:
        back = f"<p:bg><p:bgPr>{self.background}</p:bgPr></p:bg>" if self.background else ""
        return (
            f"{HEAD}<p:sld {SPACES} {self.attributes}><p:cSld>{back}<p:spTree>"
            f"{''.join(self.shapes)}</p:spTree></p:cSld>{self.tail}</p:sld>"
        )


THEME = (
    f'{HEAD}<a:theme xmlns:a="{A_NS}"><a:themeElements><a:clrScheme name="x">'
    '<a:dk1><a:sysClr val="windowText" lastClr="000000"/></a:dk1>'
    '<a:lt1><a:sysClr val="window" lastClr="FFFFFF"/></a:lt1>'
    '<a:dk2><a:srgbClr val="1F3864"/></a:dk2><a:lt2><a:srgbClr val="EEECE1"/></a:lt2>'
    '<a:accent1><a:srgbClr val="4472C4"/></a:accent1>'
    '<a:hlink><a:srgbClr val="0563C1"/></a:hlink></a:clrScheme>'
    '<a:fmtScheme><a:bgFillStyleLst><a:solidFill><a:schemeClr val="phClr"/></a:solidFill>'
    "</a:bgFillStyleLst></a:fmtScheme></a:themeElements></a:theme>"
)
_CLR_MAP = '<p:clrMap bg1="lt1" tx1="dk1" bg2="lt2" tx2="dk2" accent1="accent1" hlink="hlink"/>'


def master(extra_shapes: str = "", *, background: str = '<a:schemeClr val="bg1"/>') -> str:
    return (
        f'{HEAD}<p:sldMaster {SPACES}><p:cSld><p:bg><p:bgRef idx="1001">{background}</p:bgRef>'
        "</p:bg><p:spTree>"
        + sp("Modifiez le titre", at=(0.5, 0.3, 12, 1), ph='type="title"')
        + sp("Modifiez le texte", at=(0.5, 1.5, 12, 5), ph='type="body" idx="1"')
        + sp("Pied du masque", at=(4, 7, 4, 0.4), ph='type="ftr" idx="3"')
        + f"{extra_shapes}</p:spTree></p:cSld>{_CLR_MAP}<p:txStyles><p:titleStyle><a:lvl1pPr>"
        f'<a:defRPr sz="4400">{solid("tx1")}</a:defRPr></a:lvl1pPr></p:titleStyle><p:bodyStyle>'
        + "".join(
            f'<a:lvl{n}pPr><a:buChar char="•"/><a:defRPr sz="2400">{solid("tx1")}</a:defRPr>'
            f"</a:lvl{n}pPr>"
            for n in (1, 2, 3)
        )
        + "</p:bodyStyle></p:txStyles></p:sldMaster>"
    )


def layout(extra_shapes: str = "") -> str:
    return (
        f"{HEAD}<p:sldLayout {SPACES}><p:cSld><p:spTree>"
        + sp("Modifiez le titre", at=None, ph='type="title"')
        + sp("Modifiez le texte", at=None, ph='idx="1"')
        + f"{extra_shapes}</p:spTree></p:cSld></p:sldLayout>"
    )


def pptx(
    *slides: Slide,
    master_xml: str = "",
    layout_xml: str = "",
    parts: Mapping[str, str | bytes] | None = None,
    unlisted: Sequence[Slide] = (),
    rels: Sequence[Rel] = (),
) -> bytes:
    """A presentation. `unlisted`: slides kept in the file and out of the presentation."""
    whole: dict[str, str | bytes] = {
        "ppt/slideMasters/slideMaster1.xml": master_xml or master(),
        "ppt/slideMasters/_rels/slideMaster1.xml.rels": rels_xml(
            [Rel("rId1", "theme", "../theme/theme1.xml")]
        ),
        "ppt/theme/theme1.xml": THEME,
        "ppt/slideLayouts/slideLayout1.xml": layout_xml or layout(),
        "ppt/slideLayouts/_rels/slideLayout1.xml.rels": rels_xml(
            [Rel("rId1", "slideMaster", "../slideMasters/slideMaster1.xml")]
        ),
    }
    links = list(rels)
    listed = ""
    for number, slide in enumerate([*slides, *unlisted], start=1):
        whole |= _slide_parts(number, slide)
        links.append(Rel(f"rIdS{number}", "slide", f"slides/slide{number}.xml"))
        if number <= len(slides):
            listed += f'<p:sldId id="{255 + number}" r:id="rIdS{number}"/>'
    whole["ppt/_rels/presentation.xml.rels"] = rels_xml(links)
    whole["ppt/presentation.xml"] = (
        f"{HEAD}<p:presentation {SPACES}><p:sldIdLst>{listed}</p:sldIdLst>"
        f'<p:sldSz cx="{SLIDE_WIDTH}" cy="{SLIDE_HEIGHT}"/><p:defaultTextStyle><a:lvl1pPr>'
        f'<a:defRPr sz="1800">{solid("tx1")}</a:defRPr></a:lvl1pPr></p:defaultTextStyle>'
        "</p:presentation>"
    )
    return package("ppt/presentation.xml", PPTX_MAIN, whole | dict(parts or {}))


def _slide_parts(number: int, slide: Slide) -> dict[str, str | bytes]:
    links = [Rel("rIdL", "slideLayout", "../slideLayouts/slideLayout1.xml"), *slide.rels]
    parts: dict[str, str | bytes] = {f"ppt/slides/slide{number}.xml": slide.xml(), **slide.parts}
    if slide.notes:
        links.append(Rel("rIdN", "notesSlide", f"../notesSlides/notesSlide{number}.xml"))
        parts[f"ppt/notesSlides/notesSlide{number}.xml"] = (
            f"{HEAD}<p:notes {SPACES}><p:cSld><p:spTree>"
            + sp("7", at=None, ph='type="sldNum" idx="5"')
            + "".join(slide.notes)
            + "</p:spTree></p:cSld></p:notes>"
        )
    parts[f"ppt/slides/_rels/slide{number}.xml.rels"] = rels_xml(links)
    return parts


# --- sheets -------------------------------------------------------------------------------------


def text_cell(reference: str, text: str, *, style: int = 0) -> str:
    return f'<c r="{reference}" s="{style}" t="inlineStr"><is><t>{escape(text)}</t></is></c>'


def number_cell(reference: str, value: str, *, style: int = 0, formula: str = "") -> str:
    computed = f"<f>{escape(formula)}</f>" if formula else ""
    return f'<c r="{reference}" s="{style}">{computed}<v>{value}</v></c>'


def row(number: int, *cells: str, attributes: str = "") -> str:
    return f'<row r="{number}" {attributes}>{"".join(cells)}</row>'


@dataclass
class Sheet:
    """A worksheet: its rows' XML and what stands before and after them."""

    name: str
    rows: Sequence[str] = ()
    head: str = ""
    tail: str = ""
    state: str = "visible"
    rels: Sequence[Rel] = ()
    parts: Mapping[str, str | bytes] = field(default_factory=dict)
    dimension: str = "A1"

    def xml(self) -> str:
        return (
            f'{HEAD}<worksheet xmlns="{S_NS}" xmlns:r="{RELS}">'
            f'<dimension ref="{self.dimension}"/>{self.head}'
            f"<sheetData>{''.join(self.rows)}</sheetData>{self.tail}</worksheet>"
        )


#: Styles by number: see `STYLE`.
STYLE = {
    "plain": 0,
    "date": 1,
    "percent": 2,
    "euro": 3,
    "white": 4,
    "tiny": 5,
    "nothing": 6,
    "white on blue": 7,
    "theme white": 8,
    "time": 9,
}
STYLES = (
    f'{HEAD}<styleSheet xmlns="{S_NS}"><numFmts><numFmt numFmtId="164" formatCode="0.0%"/>'
    '<numFmt numFmtId="165" formatCode="#,##0.00\\ &quot;€&quot;"/>'
    '<numFmt numFmtId="166" formatCode=";;;"/></numFmts><fonts><font><sz val="11"/></font>'
    '<font><sz val="11"/><color rgb="FFFFFFFF"/></font><font><sz val="2"/></font>'
    '<font><sz val="11"/><color theme="0"/></font></fonts>'
    '<fills><fill><patternFill patternType="none"/></fill>'
    '<fill><patternFill patternType="gray125"/></fill>'
    '<fill><patternFill patternType="solid"><fgColor rgb="FF1F3864"/></patternFill></fill>'
    "</fills><cellXfs>"
    + "".join(
        f'<xf numFmtId="{code}" fontId="{font}" fillId="{fill}"/>'
        for code, font, fill in (
            (0, 0, 0),
            (14, 0, 0),
            (164, 0, 0),
            (165, 0, 0),
            (0, 1, 0),
            (0, 2, 0),
            (166, 0, 0),
            (0, 1, 2),
            (0, 3, 0),
            (20, 0, 0),
        )
    )
    + '</cellXfs><dxfs><dxf><fill><patternFill><bgColor rgb="FF1F3864"/></patternFill></fill>'
    "</dxf></dxfs></styleSheet>"
)


def xlsx(
    *sheets: Sheet,
    strings: Sequence[str] = (),
    workbook: str = "",
    names: str = "",
    main_type: str = XLSX_MAIN,
    parts: Mapping[str, str | bytes] | None = None,
    rels: Sequence[Rel] = (),
) -> bytes:
    """A workbook. `strings`: the `si` elements' insides; `workbook`: XML before the sheets."""
    whole: dict[str, str | bytes] = {
        "xl/styles.xml": STYLES,
        "xl/theme/theme1.xml": THEME,
        "xl/sharedStrings.xml": f'{HEAD}<sst xmlns="{S_NS}">'
        + "".join(f"<si>{inside}</si>" for inside in strings)
        + "</sst>",
    }
    links = [
        Rel("rIdStyles", "styles", "styles.xml"),
        Rel("rIdTheme", "theme", "theme/theme1.xml"),
        Rel("rIdStrings", "sharedStrings", "sharedStrings.xml"),
        *rels,
    ]
    listed = ""
    for number, sheet in enumerate(sheets, start=1):
        whole[f"xl/worksheets/sheet{number}.xml"] = sheet.xml()
        if sheet.rels:
            whole[f"xl/worksheets/_rels/sheet{number}.xml.rels"] = rels_xml(sheet.rels)
        whole |= sheet.parts
        links.append(Rel(f"rId{number}", "worksheet", f"worksheets/sheet{number}.xml"))
        listed += (
            f'<sheet name={quoteattr(sheet.name)} sheetId="{number}" state="{sheet.state}" '
            f'r:id="rId{number}"/>'
        )
    whole["xl/_rels/workbook.xml.rels"] = rels_xml(links)
    whole["xl/workbook.xml"] = (
        f'{HEAD}<workbook xmlns="{S_NS}" xmlns:r="{RELS}">{workbook}<sheets>{listed}</sheets>'
        f"{names}</workbook>"
    )
    return package("xl/workbook.xml", main_type, whole | dict(parts or {}))


def drawing(*anchors: str) -> str:
    return f'{HEAD}<xdr:wsDr xmlns:xdr="{XDR_NS}" {SPACES}>{"".join(anchors)}</xdr:wsDr>'


def two_cell(
    content: str, start: tuple[int, int], end: tuple[int, int], *, ends_at: int = 900_000
) -> str:
    """An anchor from a cell to another one, as (row, column) counted from 0."""

    def corner(tag: str, place: tuple[int, int], offset: int) -> str:
        return (
            f"<xdr:{tag}><xdr:col>{place[1]}</xdr:col><xdr:colOff>{offset}</xdr:colOff>"
            f"<xdr:row>{place[0]}</xdr:row><xdr:rowOff>{offset}</xdr:rowOff></xdr:{tag}>"
        )

    return (
        f"<xdr:twoCellAnchor>{corner('from', start, 0)}{corner('to', end, ends_at)}{content}"
        "<xdr:clientData/></xdr:twoCellAnchor>"
    )


def in_sheet(shape: str) -> str:
    """A slide's shape, with the names that drawings of sheets give to the same elements."""
    return shape.replace("<p:", "<xdr:").replace("</p:", "</xdr:")


# --- reading ------------------------------------------------------------------------------------


def source(name: str, data: bytes) -> SourceFile:
    return SourceFile.from_bytes(name, data)


def block_of(document: Document, marker: str) -> Block:
    """The only block that holds the marker."""
    found = [block for block in document.blocks if marker in block.text]
    assert len(found) == 1, f"{marker!r} in {len(found)} blocks"
    return found[0]


def hidden_of(document: Document, marker: str) -> HiddenSpan:
    """The only hidden span that holds the marker, which no visible block may show."""
    assert marker not in document.text
    found = [span for span in document.hidden if marker in span.text]
    assert len(found) == 1, f"{marker!r} in {len(found)} hidden spans"
    return found[0]
