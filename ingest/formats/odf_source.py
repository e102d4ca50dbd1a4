"""The parts of an OpenDocument file that all its readers need, and its properties."""

from dataclasses import dataclass, field
from typing import Final

from ingest.building import DocumentBuilder
from ingest.errors import CorruptedFile
from ingest.formats.odf_flow import FlowReader
from ingest.formats.odf_objects import OdfObjects, is_external
from ingest.formats.odf_styles import OdfStyles
from ingest.formats.odf_xml import Element, attribute, plain_text, q
from ingest.formats.package import Package, open_package
from ingest.formats.unread import Unread
from ingest.types import Channel, Document, HiddenReason, Locator, SourceFile

#: Element of meta.xml → its name in `Document.metadata`, and whether it is a free text.
_PROPERTIES: Final = (
    ("dc:title", "titre", True),
    ("dc:subject", "sujet", True),
    ("dc:description", "description", True),
    ("meta:keyword", "mots-clés", True),
    ("meta:initial-creator", "auteur", True),
    ("dc:creator", "dernière modification par", True),
    ("meta:creation-date", "créé le", False),
    ("dc:date", "modifié le", False),
    ("meta:generator", "logiciel", False),
    ("dc:language", "langue", False),
)


@dataclass(slots=True)
class OdfSource:
    """An opened OpenDocument file and the document being built from it."""

    file: SourceFile
    package: Package
    content: Element
    styles: Element | None
    builder: DocumentBuilder
    objects: OdfObjects
    unread: Unread = field(default_factory=Unread)

    @classmethod
    def open(cls, file: SourceFile, format_name: str) -> "OdfSource":
        """Open a file of that format. Raises what `open_package` raises."""
        package = open_package(file, expected=format_name)
        content = package.xml("content.xml")
        if content is None:
            raise CorruptedFile("no content.xml", filename=file.filename)
        source = cls(
            file=file,
            package=package,
            content=content,
            styles=package.xml("styles.xml"),
            builder=DocumentBuilder(file, format_name=format_name),
            objects=OdfObjects(package),
        )
        source._read_properties()
        if package.has_macros:
            source.builder.warnings_fr.append("Le fichier contient des macros : non exécutées.")
        return source

    @property
    def place(self) -> Locator:
        return Locator(file=self.file.filename)

    def body(self, name: str) -> Element:
        """The main element: `office:text`. Raises `CorruptedFile` when it is not there."""
        body = self.content.find(f"{q('office:body')}/{q(name)}")
        if body is None:
            raise CorruptedFile(f"no {name}", filename=self.file.filename)
        return body

    def flow(
        self, *, of_styles: bool = False, box_channel: Channel = Channel.TEXT_BOX
    ) -> FlowReader:
        """A reader of the content, or of what `styles.xml` holds (headers, master slides)."""
        part = self.styles if of_styles and self.styles is not None else self.content
        styles = OdfStyles(self.styles, part)
        page = styles.page(next(iter(styles.masters), ""))
        return FlowReader(
            self.builder, styles, self.objects, self.unread, page, box_channel=box_channel
        )

    def finish(self) -> Document:
        """The document, once everything has been read."""
        for element in self.content.iter(q("table:table-source"), q("office:dde-source")):
            target = attribute(element, "xlink:href")
            if is_external(target):
                self.builder.links.append(target)
                self.builder.warnings_fr.append(f"Données liées, non chargées : {target}")
        self.unread.weigh(self.builder)
        return self.builder.build()

    def _read_properties(self) -> None:
        root = self.package.xml("meta.xml")
        if root is None:
            return
        place = self.place.model_copy(update={"channel": Channel.PROPERTIES})
        for name, label, is_free_text in _PROPERTIES:
            values = [plain_text(element).strip() for element in root.iter(q(name))]
            self._property(label, ", ".join(filter(None, values)), place, hide=is_free_text)
        for element in root.iter(q("meta:user-defined")):
            label = attribute(element, "meta:name")
            self._property(label, plain_text(element).strip(), place, hide=True)

    def _property(self, label: str, value: str, place: Locator, *, hide: bool) -> None:
        if not value:
            return
        self.builder.metadata[label] = value
        if hide and any(char.isalpha() for char in value):
            self.builder.hide(f"{label} : {value}", HiddenReason.PROPERTY, place)
