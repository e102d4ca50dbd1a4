"""Reads OpenDocument presentations (.odp)."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Final

from ingest.formats.appearance import Look
from ingest.formats.odf_context import Context
from ingest.formats.odf_drawing import Drawn, Painter
from ingest.formats.odf_inline import ANNOTATION, DR3D, DRAW
from ingest.formats.odf_source import OdfSource
from ingest.formats.odf_styles import PageLayout
from ingest.formats.odf_xml import Element, attribute, plain_text, q
from ingest.normalising import normalise
from ingest.types import BlockKind, Channel, Document, HiddenReason, PageSize, SourceFile

#: Frames that repeat from slide to slide: a footer, a date, a number.
_REPEATED: Final = frozenset({"footer", "header", "date-time", "page-number", "page"})


def read_odp(file: SourceFile) -> Document:
    """Read a presentation slide by slide: title first, the rest in painting order, notes last.

    Tables are numbered within their slide. What a master slide shows is read once, with the
    first slide that uses it.
    Raises: `EncryptedFile`, `WrongExtension`, `CorruptedFile`, `FileTooLarge`, `UnsafeFile`.
    """
    source = OdfSource.open(file, "odp")
    reader = _SlideReader(source)
    slides = source.body("office:presentation").findall(q("draw:page"))
    for number, slide in enumerate(slides, start=1):
        reader.read(slide, number)
    source.builder.unit_name_fr = "diapositives"
    source.builder.unit_count = len(slides)
    return source.finish()


class _SlideReader:
    def __init__(self, source: OdfSource) -> None:
        self._source = source
        self._flow = source.flow(box_channel=Channel.BODY)
        self._master_flow = source.flow(of_styles=True, box_channel=Channel.BODY)
        self._masters_read: set[str] = set()
        self._footers_read: set[str] = set()

    def read(self, slide: Element, number: int) -> None:
        """Read one slide and its notes."""
        self._flow.restart_tables()
        master = attribute(slide, "draw:master-page-name")
        paper = self._flow.styles.page(master)
        size = PageSize(width=paper.width, height=paper.height)
        self._source.builder.page_sizes.append(size)
        style = attribute(slide, "draw:style-name")
        hidden = self._property(style, "presentation:visibility") == "hidden"
        context = Context(
            place=self._source.place.model_copy(update={"slide": number}),
            look=self._ground(slide, master, paper),
            reason=HiddenReason.HIDDEN_SLIDE if hidden else None,
        )
        behind = self._master_drawings(master, style, context, paper)
        drawn = self._flow.boxes.painter.lay(
            _drawings(slide), context.look, page=paper, behind=behind
        )
        self._slide(drawn, context)
        self._footer(slide, style, context)
        self._master(master, behind, context)
        self._annotations(slide, context)
        self._notes(slide, context)

    def _slide(self, drawn: list[Drawn], context: Context) -> None:
        shown = [d for d in drawn if attribute(d.element, "presentation:placeholder") != "true"]
        titles = [d for d in shown if _role(d) == "title"]
        seen = (self._flow.text_of(d.element) for d in titles if d.reason is None)
        path = tuple(filter(None, (" ".join(normalise(text).split()) for text in seen)))[:1]
        here = context.at(heading_path=path)
        for title in titles:
            self._flow.boxes.draw(title, replace(here, heading_level=1))
        for other in shown:
            if _role(other) in _REPEATED:
                self._repeated(other, context)
            elif _role(other) != "title":
                self._flow.boxes.draw(other, here)

    def _repeated(self, drawn: Drawn, context: Context) -> None:
        """A footer is read on the first slide that shows it; numbers and dates are only noise."""
        text = self._flow.text_of(drawn.element)
        if _role(drawn) in {"footer", "header"} and text not in self._footers_read:
            self._footers_read.add(text)
            self._flow.boxes.draw(drawn, context.at(channel=Channel.FOOTER))

    def _ground(self, slide: Element, master: str, paper: PageLayout) -> Look:
        """What the text of a slide starts from: its background, and the default of its shapes."""
        look = Look(background=paper.background, size=18.0)
        element = self._flow.styles.masters.get(master)
        if element is not None:
            own = attribute(element, "draw:style-name")
            look = self._master_flow.styles.over(look, "drawing-page", own)
        look = self._flow.styles.over(look, "drawing-page", attribute(slide, "draw:style-name"))
        return self._flow.styles.default("graphic", look)

    def _master_drawings(
        self, master: str, slide_style: str, context: Context, paper: PageLayout
    ) -> list[Drawn]:
        """What the master slide paints behind the slide's own drawings."""
        element = self._flow.styles.masters.get(master)
        shown = self._property(slide_style, "presentation:background-objects-visible") != "false"
        if element is None or not shown:
            return []
        own = [e for e in _drawings(element) if not attribute(e, "presentation:class")]
        return self._master_painter.lay(own, context.look, page=paper)

    @property
    def _master_painter(self) -> Painter:
        return self._master_flow.boxes.painter

    def _master(self, name: str, drawn: Iterable[Drawn], context: Context) -> None:
        if name in self._masters_read:
            return
        self._masters_read.add(name)
        for drawing in drawn:
            self._master_flow.boxes.draw(drawing, context.at(channel=Channel.FOOTER))

    def _footer(self, slide: Element, style: str, context: Context) -> None:
        name = attribute(slide, "presentation:use-footer-name")
        if not name or self._property(style, "presentation:display-footer") == "false":
            return
        for declared in self._source.content.iter(q("presentation:footer-decl")):
            text = plain_text(declared)
            if attribute(declared, "presentation:name") == name and text not in self._footers_read:
                self._footers_read.add(text)
                self._flow.say(BlockKind.PARAGRAPH, text, context.at(channel=Channel.FOOTER))

    def _annotations(self, slide: Element, context: Context) -> None:
        place = context.at(channel=Channel.COMMENT).place
        for annotation in slide.iterfind(ANNOTATION):
            text = self._flow.text_of(annotation)
            self._source.builder.hide(text, HiddenReason.COMMENT, place)

    def _notes(self, slide: Element, context: Context) -> None:
        notes = slide.find(q("presentation:notes"))
        if notes is None:
            return
        # Notes are printed on white, whatever the slide.
        look = self._flow.styles.default("graphic", Look())
        here = replace(context.at(channel=Channel.SPEAKER_NOTES), look=look)
        for drawn in self._flow.boxes.painter.lay(_drawings(notes), look):
            prompt = attribute(drawn.element, "presentation:placeholder") == "true"
            if not prompt and _role(drawn) not in _REPEATED:
                self._flow.boxes.draw(drawn, here)

    def _property(self, style: str, key: str) -> str:
        return self._flow.styles.value("drawing-page", style, "drawing-page", key)


def _role(drawn: Drawn) -> str:
    """What a layout makes of a frame: « title », « outline », « footer », « notes »."""
    return attribute(drawn.element, "presentation:class")


def _drawings(page: Element) -> list[Element]:
    return [child for child in page if str(child.tag).startswith((DRAW, DR3D))]
