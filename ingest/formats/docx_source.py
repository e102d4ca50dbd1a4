"""What the modules that walk a .docx share: its parts, and where the walk stands."""

from dataclasses import dataclass, field, replace

from ingest.formats.colours import WHITE, Colour
from ingest.formats.docx_colour import Theme
from ingest.formats.docx_fields import paired_marks
from ingest.formats.docx_geometry import Page
from ingest.formats.docx_numbering import Numbering
from ingest.formats.docx_styles import Props, Styles
from ingest.formats.docx_xml import Element, settle_alternates
from ingest.formats.package import Package, Relationship
from ingest.types import Channel, HiddenReason, Locator


@dataclass(frozen=True)
class Place:
    """Where a text stands and what it inherits from what surrounds it.

    `ground` is the colour behind the text, None when it cannot be told; `ink` the colour of
    text that names none; `hidden` is set when all that stands here is unseen.
    """

    locator: Locator
    part: str
    page: Page = Page()
    ground: Colour | None = WHITE
    ink: Colour | None = None
    hidden: HiddenReason | None = None
    table_run: Props = field(default_factory=dict)
    in_flow: bool = False  # the body itself: its paragraphs count and its headings lead

    def at(self, **changes: object) -> "Place":
        """The same place with a locator changed in those fields."""
        return replace(self, locator=self.locator.model_copy(update=changes))

    def unseen(self, reason: HiddenReason | None) -> "Place":
        """The same place, hidden unless it already was."""
        return self if reason is None or self.hidden else replace(self, hidden=reason)

    @property
    def in_table(self) -> bool:
        return self.locator.table is not None

    @property
    def in_body(self) -> bool:
        return self.locator.channel is Channel.BODY


class DocxSource:
    """The parts of a .docx, each settled (alternates chosen) once."""

    def __init__(self, package: Package, main: str) -> None:
        self.package = package
        self.main = main
        self.not_shown: list[tuple[str, str]] = []  # part, text of a branch Word leaves out
        self.field_marks: frozenset[Element] = frozenset()
        self._settled: dict[str, Element | None] = {}
        self._links: dict[str, dict[str, Relationship]] = {}
        self.settings = self.related_part("settings")
        self.theme = Theme(self.related_part("theme"), self.settings)
        self.styles = Styles(self.related_part("styles"))
        self.numbering = Numbering(self.related_part("numbering"), self.styles)

    def part(self, name: str) -> Element | None:
        """A part's root, ready to be walked; None when it is absent.

        Raises: `CorruptedFile`, `UnsafeFile`, `FileTooLarge`.
        """
        if name not in self._settled:
            root = self.package.xml(name)
            if root is not None:
                self.not_shown += [(name, text) for text in settle_alternates(root)]
                self.field_marks |= paired_marks(root)
            self._settled[name] = root
        return self._settled[name]

    def related_part(self, kind: str) -> Element | None:
        """The root of the main part's first relation of that kind."""
        name = self.package.related(kind, self.main)
        return None if name is None else self.part(name)

    def link(self, part: str, relationship_id: str | None) -> Relationship | None:
        """A part's relationship by its id."""
        if part not in self._links:
            self._links[part] = {r.id: r for r in self.package.relationships(part)}
        return self._links[part].get(relationship_id or "")
