"""Reads what stands inside a paragraph: its text, seen or not, and what hangs on it."""

from collections.abc import Callable, Mapping
from typing import Final, TypeAlias

from ingest.formats.docx_fields import FieldCode, Fields
from ingest.formats.docx_geometry import is_clipped, is_paragraph_off_page
from ingest.formats.docx_math import math_text
from ingest.formats.docx_paragraph import (
    WITHOUT_ROOM,
    CommentMark,
    Graphic,
    NoteMark,
    Paragraph,
    Piece,
    Reason,
)
from ingest.formats.docx_source import DocxSource, Place
from ingest.formats.docx_styles import merged, paragraph_props
from ingest.formats.docx_symbols import symbol
from ingest.formats.docx_visibility import hidden_reason
from ingest.formats.docx_xml import Element, M, integer, is_on, local, plain_text, value, w
from ingest.types import Channel, HiddenReason


def read_paragraph(element: Element, source: DocxSource, place: Place, fields: Fields) -> Paragraph:
    """Read a `w:p` that stands at a place."""
    return _Reader(element, source, place, fields).read(place.hidden)


class _Reader:
    """Walks one paragraph. Handlers are found by local name in the tables below."""

    def __init__(self, element: Element, source: DocxSource, place: Place, fields: Fields) -> None:
        self._element = element
        self._source = source
        self._place = place
        self._fields = fields
        properties = element.find(w("pPr"))
        style = source.styles.paragraph_style(properties)
        props = merged((source.styles.paragraph_of(style), paragraph_props(properties)))
        self._ground = source.theme.of_shading(props.get("shd")) or place.ground
        self.found = Paragraph(style=style, props=props)

    def read(self, reason: Reason) -> Paragraph:
        self._walk(self._element, reason or self._paragraph_reason())
        return self.found

    def _paragraph_reason(self) -> Reason:
        """Why the paragraph as a whole is unseen, from its own place and line height."""
        if is_clipped(self.found.props):
            return HiddenReason.TINY
        boxed = self._place.in_table or self._place.locator.channel is Channel.TEXT_BOX
        if not boxed and is_paragraph_off_page(self.found.props, self._place.page):
            return HiddenReason.OFF_PAGE
        return None

    def _walk(self, container: Element, reason: Reason) -> None:
        for child in container:
            handler = _INLINE.get(local(child), _Reader._unknown)
            handler(self, child, reason)

    def _run(self, run: Element, reason: Reason) -> None:
        styles, place = self._source.styles, self._place
        props = styles.effective_run(self.found.style, run.find(w("rPr")), place.table_run)
        if not self.found.pieces and "sz" in props:
            self.found.size = integer(value(props["sz"])) or self.found.size
        reason = reason or hidden_reason(
            props, self._source.theme, ground=self._ground, ink=place.ink
        )
        for child in run:
            handler = _IN_RUN.get(local(child), _Reader._unknown)
            handler(self, child, reason)

    def _add(self, text: str, reason: Reason) -> None:
        if text:
            hidden = reason or (HiddenReason.MARKUP if self._fields.in_code else None)
            # White on white, a space is still the space between two words.
            seen = text.isspace() and hidden not in WITHOUT_ROOM
            self.found.pieces.append(Piece(text, None if seen else hidden))

    # Inside a paragraph

    def _deleted(self, element: Element, reason: Reason) -> None:
        self._walk(element, HiddenReason.DELETED)

    def _hyperlink(self, element: Element, reason: Reason) -> None:
        identifier = element.get(f"{{{_R}}}id")
        link = self._source.link(self._place.part, identifier)
        if link is not None and link.external:
            self.found.links.append(link.target)
        self._walk(element, reason)

    def _content_control(self, element: Element, reason: Reason) -> None:
        content = element.find(w("sdtContent"))
        if content is not None:
            self._walk(content, reason)

    def _simple_field(self, element: Element, reason: Reason) -> None:
        code = FieldCode()
        code.code = value(element, "instr") or ""
        self._complete(code, reason)
        self._walk(element, reason)

    def _equation(self, element: Element, reason: Reason) -> None:
        for run in element.iter(f"{{{M}}}r"):
            props = self._source.styles.effective_run(
                self.found.style, run.find(w("rPr")), self._place.table_run
            )
            reason = reason or hidden_reason(props, self._source.theme, ground=self._ground)
        self._add(math_text(element), reason)

    def _unknown(self, element: Element, reason: Reason) -> None:
        """Word shows nothing of what it does not know."""
        self._add(plain_text(element), HiddenReason.MARKUP)

    def _ignored(self, element: Element, reason: Reason) -> None:
        """Marks without text of their own."""

    # Inside a run

    def _text(self, element: Element, reason: Reason) -> None:
        self._add(element.text or "", reason)

    def _deleted_text(self, element: Element, reason: Reason) -> None:
        self._add(element.text or "", HiddenReason.DELETED)

    def _line_break(self, element: Element, reason: Reason) -> None:
        self._add("\n", reason)

    def _tab(self, element: Element, reason: Reason) -> None:
        self._add("\t", reason)

    def _hyphen(self, element: Element, reason: Reason) -> None:
        self._add("-", reason)

    def _symbol(self, element: Element, reason: Reason) -> None:
        self._add(symbol(value(element, "font") or "", value(element, "char") or ""), reason)

    def _ruby(self, element: Element, reason: Reason) -> None:
        base, above = element.find(w("rubyBase")), element.find(w("rt"))
        if base is not None:
            self._walk(base, reason)
        if above is not None:
            self._add(" (", reason)
            self._walk(above, reason)
            self._add(")", reason)

    def _field_code(self, element: Element, reason: Reason) -> None:
        self._fields.add_code(element.text or "")

    def _field_mark(self, element: Element, reason: Reason) -> None:
        if value(element, "fldCharType") == "begin":
            self._add(_form_value(element), reason)
        if (completed := self._fields.mark(element)) is not None:
            self._complete(completed, reason)

    def _complete(self, code: FieldCode, reason: Reason) -> None:
        if code.link:
            self.found.links.append(code.link)
        elif code.label:
            self._add(code.label, reason)
        elif code.is_suspect:
            self.found.pieces.append(Piece(code.code, HiddenReason.MARKUP))

    def _note(self, element: Element, reason: Reason) -> None:
        kind = local(element).removesuffix("Reference")
        mark = ""
        if is_on(element) and value(element, "customMarkFollows") in ("1", "true", "on"):
            following = element.getnext()
            mark = "" if following is None else plain_text(following)
        if reason is None:
            self.found.attached.append(NoteMark(kind, value(element, "id") or "", mark))

    def _comment(self, element: Element, reason: Reason) -> None:
        self.found.attached.append(CommentMark(value(element, "id") or ""))

    def _graphic(self, element: Element, reason: Reason) -> None:
        self.found.attached.append(Graphic(element, reason))


def _form_value(begin: Element) -> str:
    """What an old form field shows by itself: a ticked box, a chosen entry."""
    box = begin.find(f"{w('ffData')}/{w('checkBox')}")
    if box is not None:
        ticked = box.find(w("checked"))
        return "☒ " if is_on(ticked if ticked is not None else box.find(w("default"))) else "☐ "
    choices = begin.find(f"{w('ffData')}/{w('ddList')}")
    if choices is None:
        return ""
    entries = [value(e) or "" for e in choices.iterfind(w("listEntry"))]
    chosen = integer(value(choices.find(w("result")))) or 0
    return entries[chosen] if 0 <= chosen < len(entries) else ""


_Handler: TypeAlias = Callable[[_Reader, Element, Reason], None]
_R: Final = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_MARKS: Final = (
    "pPr rPr bookmarkStart bookmarkEnd proofErr permStart permEnd commentRangeStart "
    "commentRangeEnd moveFromRangeStart moveFromRangeEnd moveToRangeStart moveToRangeEnd "
    "customXmlInsRangeStart customXmlInsRangeEnd customXmlDelRangeStart customXmlDelRangeEnd "
    "customXmlMoveFromRangeStart customXmlMoveFromRangeEnd customXmlMoveToRangeStart "
    "customXmlMoveToRangeEnd smartTagPr customXmlPr sdtPr sdtEndPr fldData"
).split()
_RUN_MARKS: Final = (
    "rPr lastRenderedPageBreak softHyphen footnoteRef endnoteRef annotationRef separator "
    "continuationSeparator delInstrText pgNum dayShort monthShort yearShort dayLong monthLong "
    "yearLong"
).split()
_INLINE: Final[Mapping[str, _Handler]] = {
    **dict.fromkeys(_MARKS, _Reader._ignored),
    **dict.fromkeys(("ins", "moveTo", "smartTag", "customXml", "dir", "bdo"), _Reader._walk),
    **dict.fromkeys(("del", "moveFrom"), _Reader._deleted),
    **dict.fromkeys(("oMath", "oMathPara"), _Reader._equation),
    "r": _Reader._run,
    "hyperlink": _Reader._hyperlink,
    "sdt": _Reader._content_control,
    "fldSimple": _Reader._simple_field,
    # Some producers leave these outside of any run.
    "commentReference": _Reader._comment,
}
_IN_RUN: Final[Mapping[str, _Handler]] = {
    **dict.fromkeys(_RUN_MARKS, _Reader._ignored),
    **dict.fromkeys(("br", "cr"), _Reader._line_break),
    **dict.fromkeys(("tab", "ptab"), _Reader._tab),
    **dict.fromkeys(("drawing", "pict", "object"), _Reader._graphic),
    **dict.fromkeys(("footnoteReference", "endnoteReference"), _Reader._note),
    "t": _Reader._text,
    "delText": _Reader._deleted_text,
    "noBreakHyphen": _Reader._hyphen,
    "sym": _Reader._symbol,
    "ruby": _Reader._ruby,
    "instrText": _Reader._field_code,
    "fldChar": _Reader._field_mark,
    "commentReference": _Reader._comment,
}
