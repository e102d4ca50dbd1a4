"""What an OpenDocument frame can hold besides text: pictures, charts, formulas, other objects."""

import hashlib
import posixpath
from dataclasses import dataclass
from typing import Final
from urllib.parse import unquote

from ingest.formats.odf_xml import Element, attribute, plain_text, q
from ingest.formats.ooxml_image import image_size, is_opaque
from ingest.formats.package import Package
from ingest.formats.sniff import Kind, sniff

_IMAGE: Final = q("draw:image")
_CHART: Final = q("chart:chart")
_TITLES: Final = frozenset({q("chart:title"), q("chart:subtitle")})
_MATH: Final = q("math:math")
_TABLE: Final = q("table:table")
_ANNOTATION: Final = q("math:annotation")

_CONTENT_TYPES: Final = {
    Kind.PNG: "image/png",
    Kind.JPEG: "image/jpeg",
    Kind.GIF: "image/gif",
    Kind.BMP: "image/bmp",
    Kind.TIFF: "image/tiff",
    Kind.WEBP: "image/webp",
    Kind.SVG: "image/svg+xml",
}


@dataclass(frozen=True, slots=True)
class ChartText:
    """The words of a chart: its titles (axes included), and the table of its values."""

    titles: tuple[str, ...]
    table: Element | None


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture of the package, or one outside it, which is not fetched (`sha256` is empty)."""

    target: str
    content_type: str = ""
    size: tuple[int, int] | None = None
    sha256: str = ""
    bytes_count: int | None = None


class OdfObjects:
    """Looks objects up in the package, each part read once."""

    def __init__(self, package: Package) -> None:
        self._package = package
        self._pictures: dict[str, Picture] = {}
        self._see_through: dict[str, bool] = {}

    def picture(self, element: Element) -> Picture:
        """What a `draw:image` shows."""
        target = attribute(element, "xlink:href")
        name = _part_name(target)
        if name not in self._pictures:
            self._pictures[name] = self._read_picture(target, name)
        return self._pictures[name]

    def is_see_through(self, frame: Element) -> bool:
        """Whether a frame's picture lets what is under it be seen."""
        image = frame.find(_IMAGE)
        name = _part_name(attribute(image, "xlink:href")) if image is not None else ""
        if name not in self._see_through:
            here = name in self._package
            self._see_through[name] = not (here and is_opaque(self._package.read(name)))
        return self._see_through[name]

    def chart(self, element: Element) -> ChartText | None:
        """The words of the chart that a `draw:object` shows; None when it is not a chart."""
        root = self._content(element)
        chart = root.find(f".//{_CHART}") if root is not None else None
        if chart is None:
            return None
        titles = [plain_text(e) for e in chart.iter(*_TITLES)]
        return ChartText(tuple(filter(None, titles)), chart.find(_TABLE))

    def formula(self, element: Element) -> str:
        """The formula that a `draw:object` shows, as it is typed; empty when it is not one."""
        root = self._content(element)
        if root is None:
            return ""
        math = root if root.tag == _MATH else root.find(f".//{_MATH}")
        if math is None:
            return ""
        typed = math.find(f".//{_ANNOTATION}")
        return plain_text(typed if typed is not None else math)

    def _content(self, element: Element) -> Element | None:
        """The root of an object: inside the frame, or in a folder of the package."""
        if (inside := next(element.iterchildren(_MATH, q("office:document")), None)) is not None:
            return inside
        name = _part_name(attribute(element, "xlink:href"))
        return self._package.xml(posixpath.join(name, "content.xml")) if name else None

    def _read_picture(self, target: str, name: str) -> Picture:
        if name not in self._package:
            return Picture(target)
        data = self._package.read(name)
        return Picture(
            target=target,
            content_type=_CONTENT_TYPES.get(sniff(data), ""),
            size=image_size(data),
            sha256=hashlib.sha256(data).hexdigest(),
            bytes_count=len(data),
        )


def is_external(target: str) -> bool:
    """Whether an address leads out of the package."""
    return "://" in target or target.startswith(("//", "file:", "../"))


def _part_name(target: str) -> str:
    return posixpath.normpath(unquote(target)).lstrip("/") if target else ""
