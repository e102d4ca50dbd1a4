"""Marks by which office containers are recognised."""

from typing import Final

OLE_MAGIC: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"

#: Main content type (its distinctive middle) or ODF media type → format, most specific first.
_MAIN_PARTS: Final = (
    ("wordprocessingml.document.main", "docx"),
    ("wordprocessingml.template.main", "docx"),
    ("ms-word.document.macroenabled", "docx"),
    ("ms-word.template.macroenabled", "docx"),
    ("presentationml.presentation.main", "pptx"),
    ("presentationml.slideshow.main", "pptx"),
    ("presentationml.template.main", "pptx"),
    ("ms-powerpoint.presentation.macroenabled", "pptx"),
    ("ms-powerpoint.slideshow.macroenabled", "pptx"),
    ("ms-powerpoint.template.macroenabled", "pptx"),
    ("spreadsheetml.sheet.main", "xlsx"),
    ("spreadsheetml.template.main", "xlsx"),
    ("ms-excel.sheet.macroenabled", "xlsx"),
    ("ms-excel.template.macroenabled", "xlsx"),
    ("ms-excel.sheet.binary", "xlsb"),
    ("opendocument.text", "odt"),
    ("opendocument.presentation", "odp"),
    ("opendocument.spreadsheet", "ods"),
    ("opendocument.graphics", "odg"),
)


def package_format(main_types: str) -> str | None:
    """The format that content types (joined) or an ODF media type announce: « docx »."""
    lowered = main_types.lower()
    return next((name for mark, name in _MAIN_PARTS if mark in lowered), None)


def ole_has_stream(data: bytes, name: str) -> bool:
    """Whether an OLE compound file has a stream of that name in its directory.

    A directory entry starts with its name in UTF-16, padded with zeros to 64 bytes.
    """
    return name.encode("utf-16-le").ljust(64, b"\0") in data
