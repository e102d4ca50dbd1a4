"""What the first bytes of a file say it is, in words an assessor understands."""

from typing import Final

OLE_MAGIC: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
ZIP_MAGIC: Final = b"PK"

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

PACKAGE_NAMES_FR: Final = {
    "docx": "un document Word (.docx)",
    "pptx": "une présentation PowerPoint (.pptx)",
    "xlsx": "un classeur Excel (.xlsx)",
    "xlsb": "un classeur Excel binaire (.xlsb)",
    "odt": "un texte OpenDocument (.odt)",
    "odp": "une présentation OpenDocument (.odp)",
    "ods": "un classeur OpenDocument (.ods)",
    "odg": "un dessin OpenDocument (.odg)",
}

_SIGNATURES: Final = (
    (b"%PDF-", "un PDF (.pdf)"),
    (b"{\\rtf", "un texte RTF (.rtf)"),
    (b"\x89PNG\r\n\x1a\n", "une image PNG (.png)"),
    (b"\xff\xd8\xff", "une image JPEG (.jpg)"),
    (b"GIF8", "une image GIF (.gif)"),
    (b"7z\xbc\xaf\x27\x1c", "une archive 7-Zip (.7z)"),
    (b"Rar!\x1a\x07", "une archive RAR (.rar)"),
    (b"\x1f\x8b", "une archive gzip (.gz)"),
    (b"MZ", "un programme Windows (.exe)"),
)

_OLE_STREAMS: Final = (
    ("WordDocument", "un ancien document Word (.doc)"),
    ("Workbook", "un ancien classeur Excel (.xls)"),
    ("Book", "un ancien classeur Excel (.xls)"),
    ("PowerPoint Document", "une ancienne présentation PowerPoint (.ppt)"),
    ("__properties_version1.0", "un courriel Outlook (.msg)"),
)


def package_format(main_types: str) -> str | None:
    """The format that content types (joined) or an ODF media type announce: « docx »."""
    lowered = main_types.lower()
    return next((name for mark, name in _MAIN_PARTS if mark in lowered), None)


def describe_foreign(data: bytes) -> str | None:
    """What a file that is not a zip package is, in French; None when it is not recognised."""
    if data.startswith(OLE_MAGIC):
        found = (name for stream, name in _OLE_STREAMS if ole_has_stream(data, stream))
        return next(found, "un ancien fichier Office (OLE)")
    start = data[:1024].lstrip(b"\xef\xbb\xbf \t\r\n")
    if found_fr := next((name for magic, name in _SIGNATURES if start.startswith(magic)), None):
        return found_fr
    if start[:15].lower().startswith((b"<!doctype html", b"<html")):
        return "une page web (.html)"
    if start.startswith(b"<?xml"):
        return "un fichier XML (.xml)"
    return "un fichier texte (.txt)" if _is_plain_text(data[:4096]) else None


def ole_has_stream(data: bytes, name: str) -> bool:
    """Whether an OLE compound file has a stream of that name in its directory.

    A directory entry starts with its name in UTF-16, padded with zeros to 64 bytes.
    """
    return name.encode("utf-16-le").ljust(64, b"\0") in data


def _is_plain_text(sample: bytes) -> bool:
    try:
        text = sample.decode("utf-8")
    except UnicodeDecodeError as error:
        # A cut in the middle of the last character is the sample's doing, not the file's.
        text = sample[: error.start].decode("utf-8") if error.start >= len(sample) - 3 else ""
    return bool(text) and all(char.isprintable() or char in "\t\r\n\f" for char in text)
