"""What a shape holds besides text: pictures, charts, diagrams, media, embedded objects."""

import hashlib
import posixpath
from typing import Final

from ingest.errors import CorruptedFile, FileTooLarge
from ingest.formats.docx_xml import Element, local
from ingest.formats.drawing import A, Links, link_id
from ingest.formats.drawing_output import Output
from ingest.formats.drawing_shapes import Shape
from ingest.formats.drawing_text import plain_paragraphs
from ingest.formats.ooxml_chart import chart_lines, diagram_lines
from ingest.formats.ooxml_image import image_size, is_opaque
from ingest.formats.ooxml_parts import OfficeParts
from ingest.formats.png_alpha import hides_all_behind
from ingest.types import BlockKind, Channel, HiddenReason, ImageInfo

#: Share of a slide that a film or an embedded object is taken to hold.
OBJECT_WEIGHT: Final = 0.1
_MAX_PICTURE_BYTES: Final = 64 * 1024 * 1024
_MEDIA: Final = {
    "videoFile": "vidéo",
    "quickTimeFile": "vidéo",
    "audioFile": "son",
    "wavAudioFile": "son",
    "audioCd": "son",
}


class Objects:
    """Reads the objects of one part's shapes. `weight` is the part's share of the file."""

    def __init__(self, parts: OfficeParts, part: str, weight: float) -> None:
        self._parts = parts
        self.weight = weight
        self.links = Links(parts, part)

    def graphic(self, shape: Shape, output: Output) -> None:
        """Write what a frame shows: a chart, a diagram, or that an object could not be read."""
        graphic = shape.graphic
        if graphic is None:
            return
        kind = local(graphic)
        if kind == "chart":
            self._chart(self.links.part(link_id(graphic)), output.at(channel=Channel.CHART))
        elif kind == "relIds":
            self._diagram(self.links.part(link_id(graphic, "dm")), output)
        elif kind in ("oleObj", "control"):
            self._embedded(graphic, output)

    def picture(self, shape: Shape, output: Output) -> None:
        """Record the pictures of a shape, or of its fill, and the films and sounds it plays."""
        for blip in shape.element.iter(f"{A}blip"):
            self._blip(blip, shape.alt_text, output)
        for element in shape.element.iter(*(f"{A}{name}" for name in _MEDIA)):
            self._medium(_MEDIA[local(element)], link_id(element, "link"), output)

    def alt_text(self, shape: Shape, output: Output) -> None:
        """Record a shape's alternative text: it is in the file, not on the page."""
        output.hide(shape.alt_text, HiddenReason.ALT_TEXT)

    def conceals(self, shape: Shape) -> bool:
        """Whether nothing shows through a picture."""
        blip = next(shape.element.iter(f"{A}blip"), None)
        if blip is None or blip.find(f"{A}alphaModFix") is not None:
            return False
        data = self.picture_data(link_id(blip, "embed"))
        return is_opaque(data) or hides_all_behind(data)

    def picture_data(self, link: str | None) -> bytes:
        """The bytes of a picture by its link; empty when it is absent, damaged or enormous."""
        return self._data(self.links.part(link))

    def background(self, root: Element, output: Output) -> None:
        """Record the picture that a slide is painted with."""
        for blip in root.iterfind(f"{{*}}cSld/{{*}}bg//{A}blip"):
            self._blip(blip, "", output)

    def _blip(self, blip: Element, alt_text: str, output: Output) -> None:
        name = self.links.part(link_id(blip, "embed"))
        if name is None:
            address = self.links.address(link_id(blip, "link"))
            output.warn(f"Image hors du fichier, non chargée : {address or 'adresse absente'}")
            output.link(address)
        data = self._data(name)
        width, height = image_size(data) or (None, None)
        output.builder.images.append(
            ImageInfo(
                locator=output.locator,
                alt_text=alt_text,
                width=width,
                height=height,
                content_type=self._parts.package.content_type(name or ""),
                sha256=hashlib.sha256(data).hexdigest() if data else "",
                bytes_count=len(data) or None,
            )
        )

    def _data(self, name: str | None) -> bytes:
        """A picture's bytes; empty when it is absent, damaged or enormous."""
        if name is None or self._parts.package.size(name) > _MAX_PICTURE_BYTES:
            return b""
        try:
            return self._parts.package.read(name)
        except CorruptedFile:
            return b""

    def _medium(self, what_fr: str, link: str | None, output: Output) -> None:
        address = self.links.address(link)
        name = posixpath.basename(self.links.part(link) or address or "")
        output.link(address)
        output.warn(f"{_place(output)} : {what_fr} « {name} » non lu(e).")
        output.unread(f"{what_fr} « {name} », non lu(e)", self.weight * OBJECT_WEIGHT)

    def _embedded(self, graphic: Element, output: Output) -> None:
        program = graphic.get("progId") or "type inconnu"
        output.warn(f"{_place(output)} : objet incorporé ({program}) non ouvert.")
        output.unread(f"objet incorporé ({program}), non ouvert", self.weight * OBJECT_WEIGHT)

    def _chart(self, name: str | None, output: Output) -> None:
        root = self._loaded(name, "graphique", output)
        if name is None or root is None:
            return
        for line in chart_lines(root):
            output.show(BlockKind.PARAGRAPH, line)
        for drawn in Links(self._parts, name).parts("chartUserShapes"):
            shapes = self._loaded(drawn, "dessin du graphique", output)
            for body in shapes.iter("{*}txBody") if shapes is not None else ():
                output.show(BlockKind.PARAGRAPH, plain_paragraphs(body))

    def _diagram(self, name: str | None, output: Output) -> None:
        root = self._loaded(name, "diagramme SmartArt", output)
        for line in diagram_lines(root) if root is not None else ():
            output.show(BlockKind.LIST_ITEM, line, level=1)

    def _loaded(self, name: str | None, what_fr: str, output: Output) -> Element | None:
        """A part's root; when it cannot be read, the place is marked unread."""
        try:
            root = self._parts.load(name)
        except (CorruptedFile, FileTooLarge):
            root = None
        if root is None:
            output.unread(f"{what_fr} illisible", self.weight * OBJECT_WEIGHT)
        return root


def _place(output: Output) -> str:
    locator = output.locator
    if locator.slide is not None:
        return f"Diapositive {locator.slide}"
    return f"Feuille « {locator.sheet} »" if locator.sheet else "Fichier"
