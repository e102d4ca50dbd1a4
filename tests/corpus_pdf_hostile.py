"""PDF files of a few kilobytes that are made to cost a reader its time or its memory."""

import zlib

from tests.corpus_pdf import FONT, form, raw_page, raw_pdf, shown, stream


def nested_forms(depth: int, fan: int) -> bytes:
    """Forms that each draw the next one `fan` times: `fan` to the power of `depth` texts."""
    fonts = b"/Font << /F1 5 0 R >>"
    more = {}
    for level in range(depth):
        deeper = level < depth - 1
        content = b"/X Do " * fan if deeper else shown("lol")
        inner = b"/XObject << /X %d 0 R >>" % (11 + level) if deeper else b""
        more[10 + level] = form(content, b"/Resources << %s %s >>" % (fonts, inner))
    return raw_page(b"/X Do", resources=b"/XObject << /X 10 0 R >>", more=more)


def looping_form() -> bytes:
    """A form that draws itself."""
    resources = b"/Resources << /Font << /F1 5 0 R >> /XObject << /X 10 0 R >> >>"
    more = {10: form(b"/X Do /X Do " + shown("encore"), resources)}
    return raw_page(b"/X Do", resources=b"/XObject << /X 10 0 R >>", more=more)


def looping_inherited_form() -> bytes:
    """A form without resources of its own, that draws itself through the page's."""
    more = {10: form(b"/X Do /X Do " + shown("encore"))}
    return raw_page(b"/X Do", resources=b"/XObject << /X 10 0 R >>", more=more)


def flate_bomb(megabytes: int, filters: int = 1) -> bytes:
    """A content stream that unpacks to that many megabytes."""
    data = shown("lol") * (megabytes * 1024 * 1024 // len(shown("lol")))
    for _ in range(filters):
        data = zlib.compress(data, 9)
    names = b" ".join([b"/FlateDecode"] * filters)
    return raw_page(b"", more={4: stream(data, b"/Filter [%s]" % names)})


def minute_tiles() -> bytes:
    """A pattern repeated millions of times to fill the page."""
    pattern = stream(
        b"0 0 1 1 re f",
        b"/Type /Pattern /PatternType 1 /PaintType 1 /TilingType 1 /BBox [0 0 1 1] "
        b"/XStep 0.01 /YStep 0.01 /Resources << >>",
    )
    content = b"/Pattern cs /P scn 0 0 595 842 re f " + shown("sous le motif", before="0 g")
    return raw_page(content, resources=b"/Pattern << /P 10 0 R >>", more={10: pattern})


def huge_image() -> bytes:
    """An image that says it has 40 000 by 40 000 pixels."""
    image = stream(
        zlib.compress(b"\0" * 1000),
        b"/Type /XObject /Subtype /Image /Width 40000 /Height 40000 /ColorSpace /DeviceGray "
        b"/BitsPerComponent 8 /Filter /FlateDecode",
    )
    content = shown("sur l'image") + b"q 500 0 0 500 0 0 cm /Im Do Q"
    return raw_page(content, resources=b"/XObject << /Im 10 0 R >>", more={10: image})


def looping_type3() -> bytes:
    """A font whose glyph is written in the font itself."""
    font = (
        b"<< /Type /Font /Subtype /Type3 /FontBBox [0 0 9 9] /FontMatrix [1 0 0 1 0 0] "
        b"/CharProcs << /a 11 0 R >> /Encoding << /Differences [97 /a] >> /FirstChar 97 "
        b"/LastChar 97 /Widths [1] /Resources << /Font << /T 10 0 R >> >> >>"
    )
    glyph = stream(b"1 0 d0 BT /T 1 Tf (aaaa) Tj ET")
    content = b"BT /T 12 Tf 72 700 Td (aaaa) Tj ET"
    return raw_page(
        content, more={5: font, 10: font, 11: glyph}, resources=b"/Font << /T 10 0 R >>"
    )


def page_tree_loop() -> bytes:
    """Pages that contain their own parent."""
    return raw_pdf(
        {
            1: b"<< /Type /Catalog /Pages 2 0 R >>",
            2: b"<< /Type /Pages /Kids [3 0 R 2 0 R] /Count 2 >>",
            3: b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R "
            b"/Resources << /Font << /F1 5 0 R >> >> >>",
            4: stream(shown("Une page")),
            5: FONT,
        }
    )


def many_pages(count: int) -> bytes:
    """The same page, many times, each an object of its own."""
    kids = b" ".join(b"%d 0 R" % number for number in range(10, 10 + count))
    page = (
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R "
        b"/Resources << /Font << /F1 5 0 R >> >> >>"
    )
    return raw_pdf(
        {
            1: b"<< /Type /Catalog /Pages 2 0 R >>",
            2: b"<< /Type /Pages /Kids [%s] /Count %d >>" % (kids, count),
            4: stream(shown("Une page")),
            5: FONT,
            **dict.fromkeys(range(10, 10 + count), page),
        }
    )


def bookmark_loop() -> bytes:
    """Bookmarks that follow themselves."""
    return raw_page(
        shown("Texte"),
        catalog=b"/Outlines 13 0 R",
        more={
            13: b"<< /Type /Outlines /First 14 0 R /Last 14 0 R /Count 1 >>",
            14: b"<< /Title (Encore) /Parent 13 0 R /Next 14 0 R /First 14 0 R >>",
        },
    )


def structure_loop() -> bytes:
    """A structure tree whose element contains itself."""
    return raw_page(
        shown("Texte"),
        page=b"/StructParents 0",
        catalog=b"/MarkInfo << /Marked true >> /StructTreeRoot 11 0 R",
        more={
            11: b"<< /Type /StructTreeRoot /K 12 0 R /ParentTree 13 0 R >>",
            12: b"<< /Type /StructElem /S /Figure /P 11 0 R /Pg 3 0 R /K [12 0 R 0] /Alt (x) >>",
            13: b"<< /Nums [0 [12 0 R]] >>",
        },
    )
