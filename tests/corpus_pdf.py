"""PDF files made by the tests: raw objects for the oddities, reportlab for ordinary pages."""

import io
import zlib
from collections.abc import Callable, Mapping

import pypdfium2 as pdfium
from PIL import Image
from reportlab.lib import colors
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle, getSampleStyleSheet
from reportlab.lib.units import cm
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import (
    BaseDocTemplate,
    Flowable,
    Frame,
    ListFlowable,
    ListItem,
    PageTemplate,
    Paragraph,
    Table,
    TableStyle,
)

from ingest.types import SourceFile

STYLES = getSampleStyleSheet()
BODY = ParagraphStyle("corps", fontName="Helvetica", fontSize=10.5, leading=13, spaceAfter=6)
JUSTIFIED = ParagraphStyle("justifié", BODY, alignment=4)
TITLE = ParagraphStyle("titre", BODY, fontName="Helvetica-Bold", fontSize=20, leading=24)
CHAPTER = ParagraphStyle("chapitre", BODY, fontName="Helvetica-Bold", fontSize=15, leading=20)
SECTION = ParagraphStyle("section", BODY, fontName="Helvetica-Bold", fontSize=12, leading=16)

LOREM = (
    "La stratégie éditoriale de la marque s'appuie sur un calendrier partagé, relu chaque lundi "
    "par les deux personnes qui publient. Les formats courts dominent le début de semaine et les "
    "entretiens plus longs arrivent le jeudi, quand les abonnés ont davantage de temps devant eux."
)


def source(data: bytes, filename: str = "livrable.pdf") -> SourceFile:
    return SourceFile.from_bytes(filename, data)


# Raw objects


def stream(data: bytes, entries: bytes = b"", *, compressed: bool = False) -> bytes:
    """A stream object's body."""
    if compressed:
        data, entries = zlib.compress(data, 9), entries + b" /Filter /FlateDecode"
    return b"<< /Length %d %s >>\nstream\n" % (len(data), entries) + data + b"\nendstream"


def raw_pdf(objects: Mapping[int, bytes], trailer: bytes = b"") -> bytes:
    """A file of numbered objects; object 1 is the catalog."""
    out = bytearray(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")
    offsets = {}
    for number, body in sorted(objects.items()):
        offsets[number] = len(out)
        out += b"%d 0 obj\n" % number + body + b"\nendobj\n"
    start, size = len(out), max(objects) + 1
    out += b"xref\n0 %d\n0000000000 65535 f \n" % size
    for number in range(1, size):
        known = number in offsets
        out += b"%010d %05d %c \n" % (
            offsets.get(number, 0),
            0 if known else 65535,
            b"n" if known else b"f",
        )
    out += b"trailer\n<< /Size %d /Root 1 0 R %s >>\n" % (size, trailer)
    return bytes(out + b"startxref\n%d\n%%%%EOF\n" % start)


FONT = b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>"


def raw_page(
    content: bytes,
    *,
    resources: bytes = b"",
    page: bytes = b"",
    catalog: bytes = b"",
    more: Mapping[int, bytes] | None = None,
    trailer: bytes = b"",
    box: bytes = b"[0 0 595 842]",
) -> bytes:
    """One page whose content stream is given; font /F1 is object 5, more objects start at 10."""
    objects = {
        1: b"<< /Type /Catalog /Pages 2 0 R %s >>" % catalog,
        2: b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        3: b"<< /Type /Page /Parent 2 0 R /MediaBox %s /Contents 4 0 R "
        b"/Resources << /Font << /F1 5 0 R >> %s >> %s >>" % (box, resources, page),
        4: stream(content),
        5: FONT,
    }
    return raw_pdf({**objects, **(more or {})}, trailer)


def shown(text: str, x: float = 72, y: float = 700, size: float = 12, before: str = "") -> bytes:
    """Operators that show one line of text. `before` goes inside the text object."""
    escaped = text.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)")
    line = f"BT {before} /F1 {size} Tf 1 0 0 1 {x} {y} Tm ({escaped}) Tj ET "
    return line.encode("cp1252")


def form(content: bytes, entries: bytes = b"") -> bytes:
    return stream(
        content,
        b"/Type /XObject /Subtype /Form /BBox [0 0 595 842] " + entries,
    )


def image_object(width: int, height: int, grey: int = 128) -> bytes:
    return stream(
        bytes([grey]) * (width * height),
        b"/Type /XObject /Subtype /Image /Width %d /Height %d /ColorSpace /DeviceGray "
        b"/BitsPerComponent 8" % (width, height),
        compressed=True,
    )


# Ordinary pages


def canvas_pdf(draw: Callable[[Canvas], None], pagesize: tuple[float, float] = A4) -> bytes:
    """What `draw` draws; it ends its pages itself."""
    file = io.BytesIO()
    canvas = Canvas(file, pagesize=pagesize)
    draw(canvas)
    canvas.save()
    return file.getvalue()


def flowing_pdf(
    story: list[Flowable],
    *,
    columns: int = 1,
    furniture: Callable[[Canvas, BaseDocTemplate], None] | None = None,
) -> bytes:
    """Paragraphs and tables that flow over A4 pages, in one or more columns."""
    file = io.BytesIO()
    document = BaseDocTemplate(file, pagesize=A4)
    width, gutter = A4[0] - 4 * cm, 0.8 * cm
    column = (width - gutter * (columns - 1)) / columns
    frames = [
        Frame(2 * cm + index * (column + gutter), 2.2 * cm, column, A4[1] - 5 * cm, 0, 0, 0, 0)
        for index in range(columns)
    ]
    template = PageTemplate(frames=frames)
    if furniture is not None:
        template.onPage = furniture
    document.addPageTemplates([template])
    document.build(list(story))
    return file.getvalue()


def grid(rows: list[list[str]], **options: object) -> Table:
    """A table ruled all around its cells."""
    style = TableStyle([("GRID", (0, 0), (-1, -1), 0.5, colors.black)])
    cells = [[Paragraph(text, BODY) for text in row] for row in rows]
    return Table(cells, style=style, **options)


def bullets(texts: list[str]) -> ListFlowable:
    return ListFlowable(
        [ListItem(Paragraph(text, BODY)) for text in texts], bulletType="bullet", start="•"
    )


def running(header: str, footer: str) -> Callable[[Canvas, BaseDocTemplate], None]:
    """A header and a footer on every page; `{page}` in them is the page's number."""

    def draw(canvas: Canvas, _document: BaseDocTemplate) -> None:
        canvas.setFont("Helvetica", 8)
        page = canvas.getPageNumber()
        canvas.drawString(2 * cm, A4[1] - 1.2 * cm, header.format(page=page))
        canvas.drawCentredString(A4[0] / 2, 1.1 * cm, footer.format(page=page))

    return draw


# Scans


def scanned(pdf: bytes, *, dpi: int = 150, layer: str = "", turn: float = 0.0) -> bytes:
    """The same pages as images, with a hidden text layer over each when given.

    Units: `turn` in degrees, as a sheet put askew on the glass.
    """
    document = pdfium.PdfDocument(pdf)
    file = io.BytesIO()
    canvas = Canvas(file, pagesize=A4)
    for page in document:
        picture = page.render(scale=dpi / 72, grayscale=True).to_pil()
        picture = picture.rotate(turn, fillcolor=255, resample=Image.Resampling.BICUBIC)
        canvas.drawInlineImage(picture, 0, 0, *A4)
        if layer:
            text = canvas.beginText(2 * cm, A4[1] - 3 * cm)
            text.setFont("Helvetica", 10)
            text.setTextRenderMode(3)
            for line in layer.splitlines():
                text.textLine(line)
            canvas.drawText(text)
        canvas.showPage()
    canvas.save()
    document.close()
    return file.getvalue()


def paragraph(text: str) -> Paragraph:
    return Paragraph(text, BODY)


def pixels(png: bytes) -> Image.Image:
    return Image.open(io.BytesIO(png)).convert("RGB")
