"""Reads what OpenDocument frames and shapes hold: text, pictures, charts, formulas, objects."""

from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from ingest.errors import UnsafeFile
from ingest.formats.odf_context import CellContext, Context
from ingest.formats.odf_drawing import ANCHOR, FRAME, MAX_NESTING, Drawn, Painter
from ingest.formats.odf_objects import ChartText, OdfObjects, is_external
from ingest.formats.odf_styles import PageLayout
from ingest.formats.odf_tables import TableCell
from ingest.formats.odf_xml import Element, attribute, plain_text, q
from ingest.types import BlockKind, Channel, HiddenReason, ImageInfo

if TYPE_CHECKING:
    from ingest.formats.odf_flow import FlowReader

#: Characters that an object may hold when its text cannot be counted: about a third of a page.
_OBJECT_CHARACTERS: Final = 600

_DESCRIPTIONS: Final = (q("svg:title"), q("svg:desc"))
_TEXT_BOX: Final = q("draw:text-box")
_IMAGE: Final = q("draw:image")
_OBJECT: Final = q("draw:object")
_UNREADABLE: Final = frozenset(
    {q("draw:object-ole"), q("draw:plugin"), q("draw:applet"), q("draw:floating-frame")}
)
_TABLE: Final = q("table:table")
_CONTROL: Final = q("draw:control")
_THUMBNAIL: Final = q("draw:page-thumbnail")


class BoxReader:
    """Reads drawings, their text by way of `flow`. `channel` is that of boxes on the page."""

    def __init__(
        self, flow: "FlowReader", objects: OdfObjects, page: PageLayout, channel: Channel
    ) -> None:
        self._flow = flow
        self._objects = objects
        self._channel = channel
        self._controls: dict[str, Element] | None = None
        self.painter = Painter(flow.styles, page, objects.is_see_through)

    def read(self, elements: Iterable[Element], context: Context) -> None:
        """Read drawings anchored at one place of a text."""
        elements = list(elements)
        for element in elements:
            targets = (attribute(a, "xlink:href") for a in element.iter(ANCHOR))
            self._flow.builder.links += filter(None, targets)
        for drawn in self.painter.lay(elements, context.look):
            self.draw(drawn, context)

    def draw(self, drawn: Drawn, context: Context) -> None:
        """Read one drawing. Raises `UnsafeFile` when boxes nest without end."""
        if context.nesting >= MAX_NESTING:
            raise UnsafeFile(
                "boxes too deep", filename=context.place.file, cause="cadres imbriqués à l'excès"
            )
        channel = self._channel if context.place.channel is Channel.BODY else context.place.channel
        inner = replace(
            context.at(channel=channel).hidden_by(drawn.reason),
            look=drawn.look,
            list_level=0,
            nesting=context.nesting + 1,
        )
        alternative = _alternative_text(drawn.element)
        # A picture keeps its description with it.
        if alternative and drawn.element.find(_IMAGE) is None:
            place = inner.at(channel=Channel.ALT_TEXT).place
            self._flow.builder.hide(alternative, HiddenReason.ALT_TEXT, place)
        if drawn.element.tag == FRAME:
            on_page = replace(inner, place=context.at().place)
            self._frame(drawn.element, alternative, inner, on_page)
        elif drawn.element.tag == _CONTROL:
            self._control(drawn.element, inner)
        elif drawn.element.tag != _THUMBNAIL:
            self._flow.read(drawn.element, inner)

    def _frame(self, frame: Element, alternative: str, context: Context, on_page: Context) -> None:
        """A frame holds one thing, in several forms: the first that can be read is taken.

        A picture or an object stands on the page itself, a text in a box.
        """
        for child in frame:
            if child.tag == _TEXT_BOX:
                return self._flow.read(child, context)
            if child.tag == _TABLE:
                return self._flow.read(frame, context)
            if child.tag == _IMAGE:
                return self._image(child, alternative, on_page)
            if child.tag == _OBJECT and self._object(child, on_page):
                return None
            if child.tag in _UNREADABLE or child.tag == _OBJECT:
                return self._unreadable(child, on_page)
        return None

    def _image(self, image: Element, alternative: str, context: Context) -> None:
        picture = self._objects.picture(image)
        if is_external(picture.target):
            self._flow.external(picture.target, "Image")
        width, height = picture.size or (None, None)
        self._flow.builder.images.append(
            ImageInfo(
                locator=context.place,
                alt_text=alternative,
                width=width,
                height=height,
                content_type=picture.content_type,
                sha256=picture.sha256,
                bytes_count=picture.bytes_count,
            )
        )

    def _object(self, element: Element, context: Context) -> bool:
        """Read a chart or a formula; whether it was one."""
        if (chart := self._objects.chart(element)) is not None:
            self._chart(chart, context)
            return True
        if formula := self._objects.formula(element):
            self._flow.say(BlockKind.PARAGRAPH, formula, context)
            return True
        return False

    def _chart(self, chart: ChartText, context: Context) -> None:
        here = context.at(channel=Channel.CHART)
        for title in chart.titles:
            self._flow.say(BlockKind.PARAGRAPH, title, here)
        if chart.table is None:
            return
        number = self._flow.next_table()

        def place(cell: TableCell, around: Context) -> CellContext:
            return CellContext(around.at(table=number, row=cell.row, column=cell.column))

        self._flow.grid(chart.table, here, place)

    def _unreadable(self, element: Element, context: Context) -> None:
        target = attribute(element, "xlink:href")
        if is_external(target):
            self._flow.external(target, "Donnée liée")
        reason_fr = "objet incorporé non lu (autre document, vidéo ou son)"
        self._flow.unread.add(reason_fr, context.place, characters=_OBJECT_CHARACTERS)

    def _control(self, element: Element, context: Context) -> None:
        """A form control shows its label, and the value typed or chosen in it."""
        control = self._form_control(element)
        if control is None:
            return
        shown = [attribute(control, f"form:{name}") for name in ("label", "current-value")]
        if not shown[1]:
            shown[1] = attribute(control, "form:value")
        paragraphs = [plain_text(p) for p in control.iter(q("text:p"))]
        text = "\n".join(dict.fromkeys(filter(None, [*shown, *paragraphs])))
        self._flow.say(BlockKind.PARAGRAPH, text, context)

    def _form_control(self, element: Element) -> Element | None:
        if self._controls is None:
            forms = element.getroottree().getroot().iter(q("office:forms"))
            self._controls = {
                control.get(name) or "": control
                for form in forms
                for control in form.iter()
                for name in (q("form:id"), q("xml:id"))
            }
        wanted = attribute(element, "draw:control")
        return self._controls.get(wanted) if wanted else None


def _alternative_text(element: Element) -> str:
    pieces = [plain_text(child) for child in element if child.tag in _DESCRIPTIONS]
    return "\n".join(dict.fromkeys(filter(None, (piece.strip() for piece in pieces))))
