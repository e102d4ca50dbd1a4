"""Word files made by the tests: raw parts, so that every corner of the format can be reached."""

import io
import struct
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field

NAMESPACES = " ".join(
    f'xmlns:{prefix}="{uri}"'
    for prefix, uri in {
        "w": "http://schemas.openxmlformats.org/wordprocessingml/2006/main",
        "r": "http://schemas.openxmlformats.org/officeDocument/2006/relationships",
        "m": "http://schemas.openxmlformats.org/officeDocument/2006/math",
        "mc": "http://schemas.openxmlformats.org/markup-compatibility/2006",
        "a": "http://schemas.openxmlformats.org/drawingml/2006/main",
        "c": "http://schemas.openxmlformats.org/drawingml/2006/chart",
        "dgm": "http://schemas.openxmlformats.org/drawingml/2006/diagram",
        "pic": "http://schemas.openxmlformats.org/drawingml/2006/picture",
        "wp": "http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing",
        "wps": "http://schemas.microsoft.com/office/word/2010/wordprocessingShape",
        "wpg": "http://schemas.microsoft.com/office/word/2010/wordprocessingGroup",
        "w14": "http://schemas.microsoft.com/office/word/2010/wordml",
        "v": "urn:schemas-microsoft-com:vml",
        "o": "urn:schemas-microsoft-com:office:office",
        "x": "http://example.org/unknown",
    }.items()
)
_WORD_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml"
_RELATION = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_MAIN_TYPE = f"{_WORD_TYPE}.document.main+xml"

STYLES = """
<w:docDefaults><w:rPrDefault><w:rPr><w:sz w:val="22"/></w:rPr></w:rPrDefault></w:docDefaults>
<w:style w:type="paragraph" w:default="1" w:styleId="Normal"><w:name w:val="Normal"/></w:style>
<w:style w:type="paragraph" w:styleId="Titre1"><w:name w:val="heading 1"/>
  <w:basedOn w:val="Normal"/><w:pPr><w:outlineLvl w:val="0"/></w:pPr></w:style>
<w:style w:type="paragraph" w:styleId="Titre2"><w:name w:val="heading 2"/>
  <w:basedOn w:val="Normal"/><w:pPr><w:outlineLvl w:val="1"/></w:pPr></w:style>
<w:style w:type="paragraph" w:styleId="Maison"><w:name w:val="Titre maison"/>
  <w:basedOn w:val="Titre2"/></w:style>
<w:style w:type="paragraph" w:styleId="Nomme"><w:name w:val="Titre 3"/></w:style>
<w:style w:type="paragraph" w:styleId="Sommaire"><w:name w:val="TOC Heading"/>
  <w:basedOn w:val="Titre1"/><w:pPr><w:outlineLvl w:val="9"/></w:pPr></w:style>
<w:style w:type="paragraph" w:styleId="Title"><w:name w:val="Title"/></w:style>
<w:style w:type="character" w:styleId="Cache"><w:name w:val="Cache"/>
  <w:rPr><w:vanish/></w:rPr></w:style>
<w:style w:type="character" w:styleId="CacheFille"><w:name w:val="Cache fille"/>
  <w:basedOn w:val="Cache"/></w:style>
<w:style w:type="character" w:styleId="Rendu"><w:name w:val="Rendu"/>
  <w:basedOn w:val="Cache"/><w:rPr><w:vanish w:val="0"/></w:rPr></w:style>
<w:style w:type="paragraph" w:styleId="ParCache"><w:name w:val="Paragraphe cache"/>
  <w:rPr><w:vanish/></w:rPr></w:style>
<w:style w:type="table" w:styleId="Sombre"><w:name w:val="Sombre"/>
  <w:tblStylePr w:type="firstRow"><w:rPr><w:color w:val="FFFFFF"/></w:rPr>
    <w:tcPr><w:shd w:val="clear" w:color="auto" w:fill="1F3864"/></w:tcPr></w:tblStylePr></w:style>
"""


def level(rank: int, number_format: str, text: str) -> str:
    """A level of a list definition."""
    return (
        f'<w:lvl w:ilvl="{rank}"><w:start w:val="1"/><w:numFmt w:val="{number_format}"/>'
        f'<w:lvlText w:val="{text}"/></w:lvl>'
    )


def list_definition(number: int, *levels: str) -> str:
    """A list definition; its instance is made below."""
    return f'<w:abstractNum w:abstractNumId="{number}">{"".join(levels)}</w:abstractNum>'


NUMBERING = "".join(
    [
        list_definition(
            1,
            level(0, "decimal", "%1."),
            level(1, "decimal", "%1.%2"),
            level(2, "lowerLetter", "%3)"),
            level(3, "upperRoman", "%4 –"),
        ),
        list_definition(2, level(0, "bullet", "•"), level(1, "bullet", "o")),
        list_definition(3, level(0, "cardinalText", "%1 -"), level(1, "bullet", "Objectif :")),
        *(f'<w:num w:numId="{n}"><w:abstractNumId w:val="{n}"/></w:num>' for n in (1, 2, 3)),
        '<w:num w:numId="4"><w:abstractNumId w:val="1"/><w:lvlOverride w:ilvl="0">'
        '<w:startOverride w:val="7"/></w:lvlOverride></w:num>',
    ]
)


@dataclass
class Docx:
    """A .docx under construction: part name → content, and what the main part refers to."""

    parts: dict[str, bytes] = field(default_factory=dict)
    types: dict[str, str] = field(default_factory=dict)
    relations: list[str] = field(default_factory=list)

    def add(
        self, name: str, content: str | bytes, kind: str, type_: str = "", id_: str = ""
    ) -> str:
        """Add a part that the main part refers to; returns the relationship's id."""
        self.parts[f"word/{name}"] = content.encode() if isinstance(content, str) else content
        if type_:
            self.types[f"/word/{name}"] = type_
        identifier = id_ or f"rId{len(self.relations) + 1}"
        self.relations.append(
            f'<Relationship Id="{identifier}" Type="{_RELATION}/{kind}" Target="{name}"/>'
        )
        return identifier

    def word_part(self, name: str, root: str, content: str, kind: str, id_: str = "") -> str:
        """Add a WordprocessingML part with its usual namespaces."""
        xml = f"<w:{root} {NAMESPACES}>{content}</w:{root}>"
        return self.add(
            f"{name}.xml", xml, kind, f"{_WORD_TYPE}.{name.rstrip('0123456789')}+xml", id_
        )

    def external(self, kind: str, target: str, id_: str) -> None:
        """Add a relationship to the outside."""
        self.relations.append(
            f'<Relationship Id="{id_}" Type="{_RELATION}/{kind}" Target="{target}" '
            'TargetMode="External"/>'
        )

    def build(self, body: str, *, document: str = "", main_type: str = _MAIN_TYPE) -> bytes:
        """The file's bytes. `document` goes before the body (a page background)."""
        overrides = "".join(
            f'<Override PartName="{name}" ContentType="{type_}"/>'
            for name, type_ in {"/word/document.xml": main_type, **self.types}.items()
        )
        files = {
            "[Content_Types].xml": (
                '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
                '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.'
                'relationships+xml"/><Default Extension="xml" ContentType="application/xml"/>'
                '<Default Extension="png" ContentType="image/png"/>'
                f"{overrides}</Types>"
            ).encode(),
            "_rels/.rels": relationships(
                f'<Relationship Id="rId1" Type="{_RELATION}/officeDocument" '
                'Target="word/document.xml"/>'
            ),
            "word/document.xml": (
                f"<w:document {NAMESPACES}>{document}<w:body>{body}</w:body></w:document>"
            ).encode(),
            "word/_rels/document.xml.rels": relationships("".join(self.relations)),
            **self.parts,
        }
        return zipped(files)


def relationships(content: str) -> bytes:
    """A relationships part."""
    return (
        '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
        f"{content}</Relationships>"
    ).encode()


def zipped(files: Mapping[str, bytes]) -> bytes:
    """A zip of these files, in this order."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def styled(*, settings: str = "") -> Docx:
    """A .docx with the styles and numbering above."""
    made = Docx()
    made.word_part("styles", "styles", STYLES, "styles")
    made.word_part("numbering", "numbering", NUMBERING, "numbering")
    made.word_part("settings", "settings", settings, "settings")
    return made


def simple(body: str, *, settings: str = "") -> bytes:
    """A .docx of that body, with the styles and numbering above."""
    return styled(settings=settings).build(body)


def p(text: str = "", *, style: str = "", props: str = "", run: str = "") -> str:
    """A paragraph of one run; `props` and `run` are the inside of its `w:pPr` and `w:rPr`."""
    named = f'<w:pStyle w:val="{style}"/>' if style else ""
    return f"<w:p><w:pPr>{named}{props}</w:pPr>{r(text, run)}</w:p>" if text else "<w:p/>"


def r(text: str, props: str = "") -> str:
    """A run."""
    properties = f"<w:rPr>{props}</w:rPr>" if props else ""
    return f'<w:r>{properties}<w:t xml:space="preserve">{text}</w:t></w:r>'


def listed(text: str, num: int, level: int = 0, style: str = "") -> str:
    """A paragraph of a list."""
    props = f'<w:numPr><w:ilvl w:val="{level}"/><w:numId w:val="{num}"/></w:numPr>'
    return p(text, style=style, props=props)


def table(*rows: str, props: str = "", columns: int = 3) -> str:
    """A table of rows made by `tr`."""
    grid = "<w:gridCol/>" * columns
    return f"<w:tbl><w:tblPr>{props}</w:tblPr><w:tblGrid>{grid}</w:tblGrid>{''.join(rows)}</w:tbl>"


def tr(*cells: str, props: str = "") -> str:
    """A row of cells made by `tc`."""
    return f"<w:tr><w:trPr>{props}</w:trPr>{''.join(cells)}</w:tr>"


def tc(content: str, props: str = "") -> str:
    """A cell; a bare text becomes its paragraph."""
    inside = content if content.startswith("<") or not content else p(content)
    return f"<w:tc><w:tcPr>{props}</w:tcPr>{inside or p()}</w:tc>"


def shape_box(
    content: str,
    *,
    fill: str = "",
    style: str = "",
    size: str = 'cx="900000" cy="900000"',
    position: str = "",
    alt: str = "",
    hidden: str = "",
    depth: int = 1,
) -> str:
    """A run holding a DrawingML text box, or a bare shape when it has no content."""
    frame = "anchor" if position else "inline"
    text = f"<wps:txbx><w:txbxContent>{content}</w:txbxContent></wps:txbx>" if content else ""
    return (
        f'<w:r><w:drawing><wp:{frame} relativeHeight="{depth}">{position}<wp:extent {size}/>'
        f'<wp:docPr id="1" name="z" descr="{alt}" {hidden}/><a:graphic><a:graphicData uri="wps">'
        f"<wps:wsp><wps:spPr>{fill}</wps:spPr>{style}{text}<wps:bodyPr/></wps:wsp>"
        f"</a:graphicData></a:graphic></wp:{frame}></w:drawing></w:r>"
    )


def vml_box(content: str, style: str = "width:100pt;height:50pt", attributes: str = "") -> str:
    """A run holding a VML text box."""
    return (
        f'<w:r><w:pict><v:shape style="{style}" {attributes}><v:textbox><w:txbxContent>{content}'
        "</w:txbxContent></v:textbox></v:shape></w:pict></w:r>"
    )


def picture(relationship: str, *, alt: str = "", anchor: str = "") -> str:
    """A run holding a picture, floating when `anchor` gives its position."""
    frame, attributes = ("anchor", 'behindDoc="0"') if anchor else ("inline", "")
    return (
        f'<w:r><w:drawing><wp:{frame} {attributes}>{anchor}<wp:extent cx="6000000" cy="3000000"/>'
        f'{"<wp:wrapNone/>" if anchor else ""}<wp:docPr id="2" name="Image 2" descr="{alt}"/>'
        '<a:graphic><a:graphicData uri="pic"><pic:pic><pic:nvPicPr><pic:cNvPr id="0" name="i"/>'
        f'</pic:nvPicPr><pic:blipFill><a:blip r:embed="{relationship}"/></pic:blipFill><pic:spPr/>'
        f"</pic:pic></a:graphicData></a:graphic></wp:{frame}></w:drawing></w:r>"
    )


def linked_graphic(tag: str) -> str:
    """A run holding a chart or a diagram: `tag` is the element that refers to its part."""
    return (
        '<w:r><w:drawing><wp:inline><wp:extent cx="900000" cy="900000"/><wp:docPr id="3" name="g"/>'
        f"<a:graphic><a:graphicData>{tag}</a:graphicData></a:graphic></wp:inline></w:drawing></w:r>"
    )


def png(width: int, height: int, *, alpha: bool = False) -> bytes:
    """A grey PNG."""
    channels = 4 if alpha else 3

    def chunk(name: bytes, data: bytes) -> bytes:
        checked = name + data
        return struct.pack(">I", len(data)) + checked + struct.pack(">I", zlib.crc32(checked))

    header = struct.pack(">IIBBBBB", width, height, 8, 6 if alpha else 2, 0, 0, 0)
    lines = (b"\0" + b"\x80" * (width * channels)) * height
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(lines))
        + chunk(b"IEND", b"")
    )
