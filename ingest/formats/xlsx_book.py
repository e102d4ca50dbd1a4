"""A workbook's own part: its sheets, its calendar, the names it gives, what it leans on."""

from collections.abc import Sequence
from typing import NamedTuple

from ingest.errors import CorruptedFile
from ingest.formats.docx_xml import Element
from ingest.formats.drawing import Links, is_true, link_id
from ingest.formats.drawing_colours import Theme
from ingest.formats.ooxml_parts import OfficeParts
from ingest.formats.xlsx_strings import TextRun, read_strings
from ingest.formats.xlsx_styles import Styles


class SheetEntry(NamedTuple):
    """A sheet as the workbook lists it. `part` is None when it is missing from the file."""

    name: str
    part: str | None
    is_hidden: bool
    is_chart: bool


class Workbook(NamedTuple):
    """What all the sheets share. `recalculates`: values may be out of date until it is opened."""

    parts: OfficeParts
    root: Element
    sheets: tuple[SheetEntry, ...]
    theme: Theme
    styles: Styles
    strings: Sequence[tuple[TextRun, ...]]
    date1904: bool
    recalculates: bool

    @property
    def names(self) -> list[tuple[str, str]]:
        """The names that the workbook defines, with what each stands for."""
        found = self.root.iterfind("{*}definedNames/{*}definedName")
        return [(e.get("name") or "", e.text or "") for e in found]

    def outside_files(self) -> list[str]:
        """Addresses of the workbooks that formulas refer to. They are never opened."""
        package = self.parts.package
        parts = Links(self.parts, package.related("officeDocument") or "").parts("externalLink")
        return [
            link.target for part in parts for link in package.relationships(part) if link.external
        ]


def open_workbook(parts: OfficeParts) -> Workbook:
    """Read what the sheets need. Raises: `CorruptedFile`, `FileTooLarge`, `UnsafeFile`."""
    main = parts.package.related("officeDocument")
    root = parts.load(main)
    if main is None or root is None:
        raise CorruptedFile("no workbook part", filename=parts.package.filename)
    links = Links(parts, main)
    themes, styles = links.parts("theme"), links.parts("styles")
    strings = links.parts("sharedStrings")
    theme = Theme.read(parts.load(themes[0]) if themes else None)
    properties, calculation = root.find("{*}workbookPr"), root.find("{*}calcPr")
    return Workbook(
        parts=parts,
        root=root,
        sheets=tuple(_entry(e, links) for e in root.iterfind("{*}sheets/{*}sheet")),
        theme=theme,
        styles=Styles(parts.load(styles[0]) if styles else None, theme),
        strings=read_strings(parts, strings[0] if strings else None),
        date1904=properties is not None and is_true(properties.get("date1904")),
        recalculates=calculation is not None and is_true(calculation.get("fullCalcOnLoad")),
    )


def _entry(element: Element, links: Links) -> SheetEntry:
    identifier = link_id(element)
    return SheetEntry(
        name=element.get("name") or "",
        part=links.part(identifier),
        is_hidden=element.get("state") in ("hidden", "veryHidden"),
        is_chart=links.kind(identifier) == "chartsheet",
    )
