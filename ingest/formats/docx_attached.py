"""Reads what hangs on a paragraph: notes, comments, text boxes, pictures, charts, objects."""

import hashlib
import posixpath
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Final

from ingest.errors import CorruptedFile
from ingest.formats.docx_backdrop import ground_behind
from ingest.formats.docx_drawing import (
    AltText,
    Canvas,
    Content,
    Embedded,
    Lines,
    Linked,
    Picture,
    TextBox,
    drawing_contents,
)
from ingest.formats.docx_geometry import covers_its_paragraph
from ingest.formats.docx_notes import Notes
from ingest.formats.docx_output import Output
from ingest.formats.docx_paragraph import Attached, CommentMark, Graphic, NoteMark, Paragraph
from ingest.formats.docx_source import DocxSource, Place
from ingest.formats.docx_xml import Element, plain_text
from ingest.formats.ooxml_chart import chart_lines, diagram_lines
from ingest.formats.ooxml_image import image_size, is_opaque
from ingest.types import BlockKind, Channel, HiddenReason, ImageInfo, Locator

#: Characters a part may hold when its text cannot be counted: about a third of a page.
_OBJECT_CHARACTERS: Final = 600
_EQUATION_CHARACTERS: Final = 30
_OBJECT_NAMES_FR: Final = (
    ("Excel", "feuille Excel"),
    ("Word", "document Word"),
    ("PowerPoint", "présentation PowerPoint"),
    ("Equation", "équation d'un ancien éditeur"),
    ("MathType", "équation MathType"),
    ("MSGraph", "graphique Microsoft Graph"),
    ("Visio", "schéma Visio"),
    ("Acro", "document PDF"),
    ("opendocument", "document OpenDocument"),
    ("soffice", "document OpenDocument"),
    ("Package", "fichier joint"),
    ("Forms", "contrôle de formulaire"),
)


_NOWHERE: Final = Locator(file="")


class Attachments:
    """Emits what paragraphs carry, each part of the file once.

    `story` walks the blocks of a text box or a note.
    """

    def __init__(
        self,
        source: DocxSource,
        output: Output,
        notes: Mapping[str, Notes],
        comments: Mapping[str, Element],
        story: Callable[[Element, Place], None],
    ) -> None:
        self._source = source
        self._output = output
        self._notes = notes
        self._comments = dict(comments)
        self._story = story
        self._shown_parts: set[str] = set()
        self._images: dict[str, ImageInfo] = {}
        self._opaque: dict[str, bool] = {}

    def emit(self, attached: Iterable[Attached], place: Place, section: int) -> None:
        """Read what hangs on a paragraph. `place` is the paragraph's."""
        attached = list(attached)
        neighbours = [item.element for item in attached if isinstance(item, Graphic)]
        for item in attached:
            if isinstance(item, NoteMark):
                self._note(item, place, section)
            elif isinstance(item, CommentMark):
                self._comment(item, place)
            else:
                ground = ground_behind(item.element, neighbours, self._source.theme, place.ground)
                for content in self._contents(item, replace(place, ground=ground)):
                    self._content(content, place.unseen(item.reason))

    def cover(self, paragraph: Paragraph, place: Place) -> None:
        """Hide a paragraph's text when a picture anchored to it stands in front of it."""
        graphics = [item for item in paragraph.attached if isinstance(item, Graphic)]
        for graphic in graphics:
            for content in self._contents(graphic, place):
                if isinstance(content, Picture) and self._covers(content, paragraph, place):
                    paragraph.cover()
                    return

    def remaining_comments(self, place: Place) -> None:
        """The comments that nothing in the text refers to."""
        for comment in self._comments.values():
            self._output.hide(plain_text(comment), HiddenReason.COMMENT, place)
        self._comments.clear()

    def _contents(self, graphic: Graphic, place: Place) -> Iterable[Content]:
        canvas = Canvas(
            self._source.theme, place.page, lambda target: self._is_opaque(place.part, target)
        )
        return drawing_contents(graphic.element, canvas, place.ground)

    def _covers(self, picture: Picture, paragraph: Paragraph, place: Place) -> bool:
        length = len(paragraph.text.strip())
        return (
            picture.frame is not None
            and length > 0
            and covers_its_paragraph(picture.frame, place.page, length, paragraph.size)
            and self._is_opaque(place.part, picture.relationship)
        )

    def _note(self, mark: NoteMark, place: Place, section: int) -> None:
        notes = self._notes.get(mark.kind)
        taken = None if notes is None else notes.take(mark, section)
        if notes is None or taken is None:
            return
        shown, element = taken
        channel = Channel.FOOTNOTE if mark.kind == "footnote" else Channel.ENDNOTE
        note_place = place.at(note=shown, channel=channel, table=None, row=None, column=None)
        self._story(element, replace(note_place, part=notes.part, in_flow=False))

    def _comment(self, mark: CommentMark, place: Place) -> None:
        comment = self._comments.pop(mark.id, None)
        if comment is not None:
            self._output.hide(plain_text(comment), HiddenReason.COMMENT, place)

    def _content(self, content: Content, place: Place) -> None:
        if isinstance(content, TextBox):
            self._text_box(content, place)
        elif isinstance(content, Lines):
            for line in content.lines:
                shown_at = _in_box(place).unseen(content.reason)
                self._output.show(BlockKind.PARAGRAPH, line, shown_at)
        elif isinstance(content, Picture):
            self._picture(content, place)
        elif isinstance(content, Linked):
            self._linked(content, place)
        elif isinstance(content, Embedded):
            self._embedded(content, place)
        elif isinstance(content, AltText):
            self._output.hide(content.text, HiddenReason.ALT_TEXT, place)

    def _text_box(self, box: TextBox, place: Place) -> None:
        inside = replace(_in_box(place), ground=box.ground, ink=box.ink, in_flow=False)
        self._story(box.content, inside.unseen(box.reason))

    def _picture(self, picture: Picture, place: Place) -> None:
        link = self._source.link(place.part, picture.relationship)
        if link is not None and link.external:
            self._output.warn(f"Image liée, non enregistrée dans le fichier : {link.target}")
        known = ImageInfo(locator=place.locator)
        if link is not None and not link.external and link.target in self._source.package:
            known = self._image(link.target)
        update = {"locator": place.locator, "alt_text": picture.alt_text}
        self._output.images.append(known.model_copy(update=update))

    def _image(self, name: str) -> ImageInfo:
        """What is known of an image part, wherever it is shown."""
        if name not in self._images:
            package = self._source.package
            # The locator is set where the picture stands.
            info = ImageInfo(locator=_NOWHERE, content_type=package.content_type(name))
            try:
                data = package.read(name)
            except CorruptedFile:
                self._output.warn(f"Image endommagée dans le fichier : {posixpath.basename(name)}")
            else:
                width, height = image_size(data) or (None, None)
                measured = {
                    "width": width,
                    "height": height,
                    "sha256": hashlib.sha256(data).hexdigest(),
                    "bytes_count": len(data),
                }
                info = info.model_copy(update=measured)
            self._images[name] = info
        return self._images[name]

    def _is_opaque(self, part: str, relationship: str) -> bool:
        link = self._source.link(part, relationship)
        if link is None or link.external or link.target not in self._source.package:
            return False
        if link.target not in self._opaque:
            try:
                self._opaque[link.target] = is_opaque(self._source.package.read(link.target))
            except CorruptedFile:
                self._opaque[link.target] = False  # what cannot be drawn hides nothing
        return self._opaque[link.target]

    def _linked(self, linked: Linked, place: Place) -> None:
        name_fr = "graphique" if linked.kind == "chart" else "schéma SmartArt"
        link = self._source.link(place.part, linked.relationship)
        if link is None or link.external:
            self._output.unread(f"{name_fr} sans données", place, characters=_OBJECT_CHARACTERS)
            return
        if link.target in self._shown_parts:
            return
        self._shown_parts.add(link.target)
        try:
            root = self._source.package.xml(link.target)
        except CorruptedFile:
            root = None
        read = chart_lines if linked.kind == "chart" else diagram_lines
        lines = () if root is None else read(root)
        if not lines:
            self._output.unread(f"{name_fr} illisible", place, characters=_OBJECT_CHARACTERS)
        for line in lines:
            shown_at = place.at(channel=Channel.CHART) if linked.kind == "chart" else _in_box(place)
            self._output.show(BlockKind.PARAGRAPH, line, shown_at.unseen(linked.reason))

    def _embedded(self, embedded: Embedded, place: Place) -> None:
        named = (fr for mark, fr in _OBJECT_NAMES_FR if mark.lower() in embedded.prog_id.lower())
        name_fr = next(named, embedded.prog_id[:60] or "objet")
        equation = "équation" in name_fr
        characters = _EQUATION_CHARACTERS if equation else _OBJECT_CHARACTERS
        self._output.unread(f"objet incorporé non lu ({name_fr})", place, characters=characters)


def _in_box(place: Place) -> Place:
    return place.at(channel=Channel.TEXT_BOX) if place.in_body else place
