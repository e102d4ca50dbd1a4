"""Footnotes and endnotes: their texts, and the numbers Word shows for them."""

from collections.abc import Iterator, Sequence
from typing import Final

from ingest.formats.docx_numbering import numeral
from ingest.formats.docx_paragraph import NoteMark
from ingest.formats.docx_xml import Element, integer, local, value, w

_USUAL_FORMATS: Final = {"footnote": "decimal", "endnote": "lowerRoman"}


class Notes:
    """The notes of one kind. Each is handed out once, however often it is called."""

    def __init__(
        self,
        kind: str,
        part: str,
        root: Element,
        settings: Element | None,
        sections: Sequence[Element],
    ) -> None:
        self.part = part
        self._kind = kind
        self._notes = {value(e, "id") or "": e for e in root if local(e) == kind}
        self._settings = settings
        self._sections = sections
        self._given: set[str] = set()
        self._count = 0
        self._section = 0

    def take(self, mark: NoteMark, section: int) -> tuple[str, Element] | None:
        """The number shown for a call, and the note; None when it is unknown or already given.

        `section` is the index of the section that holds the call.
        """
        note = self._notes.get(mark.id)
        if note is None or mark.id in self._given:
            return None
        self._given.add(mark.id)
        if mark.mark:
            return mark.mark, note
        rules = self._rules(section)
        if section != self._section and rules.get("numRestart") == "eachSect":
            self._count = 0
        self._section = section
        self._count += 1
        shown = self._count - 1 + (integer(rules.get("numStart")) or 1)
        named = rules.get("numFmt", _USUAL_FORMATS[self._kind])
        return numeral(shown, named) or str(shown), note

    def never_called(self) -> Iterator[Element]:
        """The notes that nothing calls: Word does not show them."""
        return (note for name, note in self._notes.items() if name not in self._given)

    def _rules(self, section: int) -> dict[str, str]:
        """numFmt, numStart and numRestart, the section's own before the document's."""
        holders = [self._settings]
        if section < len(self._sections):
            holders.append(self._sections[section])
        rules: dict[str, str] = {}
        for holder in holders:
            found = None if holder is None else holder.find(w(f"{self._kind}Pr"))
            for rule in found if found is not None else ():
                rules[local(rule)] = value(rule) or ""
        return rules
