"""Fields: a code that is not shown, then a result that is."""

import re
from typing import Final

from ingest.formats.docx_xml import Element, value, w

_LINK: Final = re.compile(r'\s*HYPERLINK\s+(?:"([^"]+)"|(\S+))', re.IGNORECASE)
_BUTTON: Final = re.compile(
    r"\s*(?:MACROBUTTON|GOTOBUTTON)\s+\S+\s+(.+)", re.IGNORECASE | re.DOTALL
)
#: Fields that honest documents are full of: their codes are not worth showing to anyone.
_ORDINARY: Final = frozenset(
    """
    = ADDIN ADDRESSBLOCK ASK AUTHOR AUTONUM AUTONUMLGL AUTONUMOUT AUTOTEXT AUTOTEXTLIST BIBLIOGRAPHY
    CITATION CREATEDATE DATE DDE DDEAUTO DOCPROPERTY DOCVARIABLE EDITTIME EMBED EQ FILENAME FILESIZE
    FORMCHECKBOX FORMDROPDOWN FORMTEXT GOTOBUTTON GREETINGLINE HYPERLINK IF INCLUDEPICTURE
    INCLUDETEXT INDEX KEYWORDS LASTSAVEDBY LINK LISTNUM MACROBUTTON MERGEFIELD MERGEREC NEXT
    NOTEREF NUMCHARS NUMPAGES NUMWORDS PAGE PAGEREF PRINT PRINTDATE REF REVNUM SAVEDATE SECTION
    SECTIONPAGES SEQ SHAPE STYLEREF SUBJECT SYMBOL TA TC TEMPLATE TIME TITLE TOA TOC USERADDRESS
    USERINITIALS USERNAME XE
    """.split()
)
_LONGEST_ORDINARY: Final = 400


class FieldCode:
    """A field being read: what its code says so far, and whether its result has begun."""

    def __init__(self) -> None:
        self.code = ""
        self.shows_result = False

    @property
    def link(self) -> str | None:
        """The address of a HYPERLINK field."""
        found = _LINK.match(self.code)
        return None if found is None else found.group(1) or found.group(2)

    @property
    def label(self) -> str:
        """The text that a button field shows: it is written in the code itself."""
        found = _BUTTON.match(self.code)
        return found.group(1).strip() if found else ""

    @property
    def is_suspect(self) -> bool:
        """Whether the code is no field anybody uses, or is long enough to hold a message."""
        word = self.code.split(maxsplit=1)[0].upper() if self.code.strip() else "="
        name = "=" if word.startswith("=") else word
        too_long = len(self.code) > _LONGEST_ORDINARY and name != "ADDIN"
        return name not in _ORDINARY or too_long


class Fields:
    """The fields open at a point of a story (body, note, header, text box)."""

    def __init__(self, marks: frozenset[Element]) -> None:
        self._marks = marks
        self._open: list[FieldCode] = []

    @property
    def in_code(self) -> bool:
        """Whether text at this point belongs to a code and is not shown."""
        return any(not field.shows_result for field in self._open)

    def add_code(self, text: str) -> None:
        if self._open:
            self._open[-1].code += text

    def mark(self, element: Element) -> FieldCode | None:
        """Take a `w:fldChar` into account; returns the field whose code it completes."""
        if element not in self._marks:
            return None
        kind = value(element, "fldCharType")
        if kind == "begin":
            self._open.append(FieldCode())
            return None
        if not self._open:
            return None
        field = self._open[-1]
        completed = None if field.shows_result else field
        if kind == "end":
            self._open.pop()
        else:
            field.shows_result = True
        return completed


def paired_marks(root: Element) -> frozenset[Element]:
    """The `w:fldChar` that form whole fields. A code that never ends hides nothing."""
    paired: list[Element] = []
    pending: list[list[Element]] = []
    for mark in root.iter(w("fldChar")):
        kind = value(mark, "fldCharType")
        if kind == "begin":
            pending.append([mark])
        elif pending:
            pending[-1].append(mark)
            if kind == "end":
                paired += pending.pop()
    return frozenset(paired)
