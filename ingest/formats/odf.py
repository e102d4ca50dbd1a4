"""Reads OpenDocument files: .odt here, .odp and .ods by the modules beside this one."""

from collections.abc import Iterator
from typing import Final

from ingest.formats.appearance import Look
from ingest.formats.odf_context import Context
from ingest.formats.odf_sheets import read_ods
from ingest.formats.odf_slides import read_odp
from ingest.formats.odf_source import OdfSource
from ingest.formats.odf_styles import OdfStyles
from ingest.formats.odf_xml import Element, attribute, plain_text, q
from ingest.types import Channel, Document, HiddenReason, SourceFile

__all__ = ["read_odp", "read_ods", "read_odt"]

_MARGIN_CHANNELS: Final = {"header": Channel.HEADER, "footer": Channel.FOOTER}


def read_odt(file: SourceFile) -> Document:
    """Read a text: its flow in reading order, notes after what calls them, headers at the end.

    Paragraphs, headings and list items of the body are numbered from 1 together, empty ones and
    tables left out; tables are numbered over the whole text.
    Raises: `EncryptedFile`, `WrongExtension`, `CorruptedFile`, `FileTooLarge`, `UnsafeFile`.
    """
    source = OdfSource.open(file, "odt")
    flow = source.flow()
    paper = flow.styles.page(next(iter(flow.styles.masters), ""))
    look = flow.styles.default("paragraph", Look(background=paper.background))
    flow.read(source.body("office:text"), Context(place=source.place, look=look, leads=True))
    _read_margins(source, look)
    return source.finish()


def _read_margins(source: OdfSource, look: Look) -> None:
    """Headers and footers of the pages in use, each text once."""
    if source.styles is None:
        return
    flow = source.flow(of_styles=True)
    seen: set[tuple[Channel, str]] = set()
    for master in _masters_in_use(source, flow.styles):
        for margin in master:
            name = str(margin.tag).rpartition("}")[2].partition("-")[0]
            channel = _MARGIN_CHANNELS.get(name)
            text = plain_text(margin)
            if channel is None or not text.strip() or (channel, text) in seen:
                continue
            seen.add((channel, text))
            off = attribute(margin, "style:display") == "false"
            place = source.place.model_copy(update={"channel": channel})
            context = Context(place=place, look=look)
            flow.read(margin, context.hidden_by(HiddenReason.VANISHED if off else None))


def _masters_in_use(source: OdfSource, styles: OdfStyles) -> Iterator[Element]:
    """The page styles that a style asks for, the first one, and those that follow them."""
    wanted = list(styles.masters)[:1]
    for root in (source.content, source.styles):
        if root is not None:
            wanted += [attribute(e, "style:master-page-name") for e in root.iter(q("style:style"))]
    seen: set[str] = set()
    while wanted:
        name = wanted.pop(0)
        master = styles.masters.get(name)
        if master is None or name in seen:
            continue
        seen.add(name)
        wanted.append(attribute(master, "style:next-style-name"))
        yield master
