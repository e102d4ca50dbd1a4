"""Cuts deliverables that are too long into parts to be read one after the other, each once.

Every block is in exactly one part. The cut depends on the deliverables and on the size alone, so
that the parts are the same for every criterion, and a provider's prefix cache serves them.
"""

from collections.abc import Iterator, Sequence

from ingest.chunking import Chunk, split
from ingest.types import Block, BlockKind, Document, Frozen


class Slice(Frozen):
    """A half-open range of a deliverable's text, and the headings that open in it."""

    sha256: str
    start: int
    end: int
    headings: tuple[str, ...]


class Part(Frozen):
    """One part of the deliverables: `number` of `count`, counted from 1."""

    number: int
    count: int
    slices: tuple[Slice, ...]


def split_parts(deliverables: Sequence[Document], characters: int) -> tuple[Part, ...]:
    """Parts of at most that many characters, cut between sections where that is possible.

    Raises: `ValueError` unless `characters` is positive.
    """
    slices = [piece for document in deliverables for piece in _slices(document, characters)]
    groups: list[list[Slice]] = []
    room = 0
    for piece in slices:
        length = piece.end - piece.start
        if not groups or length > room:
            groups.append([])
            room = characters
        groups[-1].append(piece)
        room -= length
    return tuple(
        Part(number=number, count=len(groups), slices=tuple(group))
        for number, group in enumerate(groups, start=1)
    )


def _slices(document: Document, characters: int) -> Iterator[Slice]:
    """Runs of whole passages; the last section of a run goes to the next when it is cut."""
    most = max(1, characters)
    chunks = split(document, target_chars=min(900, most), max_chars=min(1600, most))
    opens = {b.start for b in document.blocks if b.kind is BlockKind.HEADING}
    run: list[Chunk] = []
    for chunk in chunks:
        if run and chunk.end - run[0].start > characters:
            kept = run if chunk.start in opens else _up_to_a_heading(run, opens)
            yield _slice(document, kept)
            run = run[len(kept) :]
            if run and chunk.end - run[0].start > characters:
                yield _slice(document, run)
                run = []
        run.append(chunk)
    if run:
        yield _slice(document, run)


def _up_to_a_heading(run: list[Chunk], opens: set[int]) -> list[Chunk]:
    """The run without its last section, unless that would leave less than half of it."""
    for count in range(len(run) - 1, 0, -1):
        if run[count].start in opens:
            length = run[-1].end - run[0].start
            return run[:count] if run[count].start - run[0].start > length // 2 else run
    return run


def _slice(document: Document, run: Sequence[Chunk]) -> Slice:
    start, end = run[0].start, run[-1].end
    headings = tuple(
        _heading(block)
        for block in document.blocks_between(start, end)
        if block.kind is BlockKind.HEADING and block.start >= start
    )
    return Slice(sha256=document.sha256, start=start, end=end, headings=headings)


def _heading(block: Block) -> str:
    return " ".join(block.text.split())
