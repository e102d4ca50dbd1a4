"""Goes through containers as Word does: wrappers are transparent, deletions are known."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from ingest.formats.docx_xml import Element, local
from ingest.types import HiddenReason

_TRANSPARENT: Final = frozenset(
    {"ins", "moveTo", "smartTag", "customXml", "sdt", "sdtContent", "dir", "bdo"}
)
_DELETING: Final = frozenset({"del", "moveFrom"})


@dataclass(frozen=True)
class FlowItem:
    """A paragraph, table, row, cell or other element, and why it is unseen if it is."""

    element: Element
    reason: HiddenReason | None


def flow(container: Element, reason: HiddenReason | None = None) -> Iterator[FlowItem]:
    """The elements a container holds, in order, seen through content controls and revisions."""
    for child in container:
        name = local(child)
        if name in _TRANSPARENT:
            yield from flow(child, reason)
        elif name in _DELETING:
            yield from flow(child, HiddenReason.DELETED)
        else:
            yield FlowItem(child, reason)
