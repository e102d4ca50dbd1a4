"""OpenDocument files, pages, mails, images and zips made by the tests, from raw parts."""

import io
import struct
import zipfile
import zlib
from collections.abc import Mapping
from email.message import EmailMessage

from PIL import Image, ImageDraw, ImageFont
from PIL.PngImagePlugin import PngInfo

_OASIS = "urn:oasis:names:tc:opendocument:xmlns:"
_NAMESPACES = " ".join(
    f'xmlns:{prefix}="{uri}"'
    for prefix, uri in {
        "office": _OASIS + "office:1.0",
        "text": _OASIS + "text:1.0",
        "table": _OASIS + "table:1.0",
        "draw": _OASIS + "drawing:1.0",
        "style": _OASIS + "style:1.0",
        "fo": _OASIS + "xsl-fo-compatible:1.0",
        "svg": _OASIS + "svg-compatible:1.0",
        "presentation": _OASIS + "presentation:1.0",
        "chart": _OASIS + "chart:1.0",
        "form": _OASIS + "form:1.0",
        "meta": _OASIS + "meta:1.0",
        "dc": "http://purl.org/dc/elements/1.1/",
        "xlink": "http://www.w3.org/1999/xlink",
        "math": "http://www.w3.org/1998/Math/MathML",
        "drawooo": "http://openoffice.org/2010/draw",
        "loext": "urn:org:documentfoundation:names:experimental:office:xmlns:loext:1.0",
    }.items()
)
_MEDIA = "application/vnd.oasis.opendocument."

#: A page style whose header and footer hold markers, and one that nothing uses.
MASTERS = """
<style:master-page style:name="Standard" style:page-layout-name="pm1">
  <style:header><text:p>phrase en-tête</text:p></style:header>
  <style:footer><text:p>phrase pied de page</text:p></style:footer>
  <style:header-first style:display="false"><text:p>phrase en-tête coupé</text:p>
  </style:header-first>
</style:master-page>
<style:master-page style:name="Inutile" style:page-layout-name="pm1">
  <style:header><text:p>phrase jamais imprimée</text:p></style:header>
</style:master-page>
"""
PAGE_LAYOUT = """
<style:page-layout style:name="pm1"><style:page-layout-properties fo:page-width="21cm"
  fo:page-height="29.7cm" fo:margin-left="2cm" fo:margin-right="2cm"/></style:page-layout>
"""


def odf(
    kind: str,
    body: str,
    *,
    automatic: str = "",
    common: str = "",
    masters: str = "",
    layouts: str = PAGE_LAYOUT,
    meta: str = "",
    manifest: str = "",
    parts: Mapping[str, bytes | str] | None = None,
    mimetype: str = "",
) -> bytes:
    """An OpenDocument file. `kind`: « text », « presentation » or « spreadsheet »."""
    documents = {
        "mimetype": mimetype or _MEDIA + kind,
        "content.xml": _root(
            "document-content",
            f"<office:automatic-styles>{automatic}</office:automatic-styles>"
            f"<office:body><office:{kind}>{body}</office:{kind}></office:body>",
        ),
        "styles.xml": _root(
            "document-styles",
            f"<office:styles>{common}</office:styles>"
            f"<office:automatic-styles>{layouts}</office:automatic-styles>"
            f"<office:master-styles>{masters}</office:master-styles>",
        ),
        "META-INF/manifest.xml": f"<manifest>{manifest}</manifest>",
    }
    if meta:
        documents["meta.xml"] = _root("document-meta", f"<office:meta>{meta}</office:meta>")
    return zipped(documents | dict(parts or {}))


def chart_part(title: str, header: str, value: str) -> str:
    """The content of a chart object."""
    return _root(
        "document-content",
        "<office:body><office:chart><chart:chart>"
        f"<chart:title><text:p>{title}</text:p></chart:title>"
        "<table:table><table:table-row><table:table-cell office:value-type='string'>"
        f"<text:p>{header}</text:p></table:table-cell></table:table-row>"
        "<table:table-row><table:table-cell office:value-type='float'>"
        f"<text:p>{value}</text:p></table:table-cell></table:table-row></table:table>"
        "</chart:chart></office:chart></office:body>",
    )


def cell(text: str, attributes: str = "", *, kind: str = "string", inside: str = "") -> str:
    """A spreadsheet cell."""
    paragraph = f"<text:p>{text}</text:p>" if text else ""
    return (
        f'<table:table-cell office:value-type="{kind}" {attributes}>{paragraph}{inside}'
        "</table:table-cell>"
    )


def row(*cells: str, attributes: str = "") -> str:
    """A table row."""
    return f"<table:table-row {attributes}>{''.join(cells)}</table:table-row>"


def text_style(name: str, properties: str, *, parent: str = "") -> str:
    """A character style: `text_style("T1", 'fo:color="#ffffff"')`."""
    inherits = f' style:parent-style-name="{parent}"' if parent else ""
    return (
        f'<style:style style:name="{name}" style:family="text"{inherits}>'
        f"<style:text-properties {properties}/></style:style>"
    )


def zipped(entries: Mapping[str, bytes | str]) -> bytes:
    """A zip of those entries, in order."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in entries.items():
            stored = name == "mimetype"  # as the OpenDocument standard wants
            method = zipfile.ZIP_STORED if stored else zipfile.ZIP_DEFLATED
            archive.writestr(name, content, compress_type=method)
    return buffer.getvalue()


def zip_of(*infos: tuple[zipfile.ZipInfo, bytes]) -> bytes:
    """A zip whose entries carry flags and attributes of their own."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for info, content in infos:
            archive.writestr(info, content)
    return buffer.getvalue()


def png(width: int = 40, height: int = 20, *, texts: Mapping[str, str] | None = None) -> bytes:
    """A white PNG."""
    info = PngInfo()
    for key, value in (texts or {}).items():
        info.add_text(key, value)
    buffer = io.BytesIO()
    Image.new("RGB", (width, height), "white").save(buffer, "PNG", pnginfo=info)
    return buffer.getvalue()


def declared_png(width: int, height: int) -> bytes:
    """A tiny PNG file that declares any size."""
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
        for name, data in (
            (b"IHDR", header),
            (b"IDAT", zlib.compress(b"\0" * 1000)),
            (b"IEND", b""),
        )
    )


def printed(text: str, *, image_format: str = "PNG") -> bytes:
    """An image of black words on white, large enough for OCR."""
    lines = text.split("\n")
    image = Image.new("RGB", (1400, 120 + 90 * len(lines)), "white")
    font = ImageFont.load_default(size=48)
    for number, line in enumerate(lines):
        ImageDraw.Draw(image).text((60, 60 + 90 * number), line, fill="black", font=font)
    buffer = io.BytesIO()
    image.save(buffer, image_format, dpi=(150, 150))
    return buffer.getvalue()


def mail(subject: str, text: str, *, html: str = "", **headers: str) -> EmailMessage:
    """A message from someone to someone."""
    message = EmailMessage()
    defaults = {"From": "Client <client@exemple.fr>", "To": "Candidat <candidat@exemple.fr>"}
    for name, value in {**defaults, **headers, "Subject": subject}.items():
        message[name] = value
    message.set_content(text)
    if html:
        message.add_alternative(html, subtype="html")
    return message


def _root(name: str, content: str) -> str:
    declaration = '<?xml version="1.0" encoding="UTF-8"?>'
    return f"{declaration}<office:{name} {_NAMESPACES}>{content}</office:{name}>"
