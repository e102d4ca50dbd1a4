"""Replacement text (/ActualText): characters that a file gives instead of those it draws.

Honest uses abound (a ligature, a hyphenated word); it is also a way to have a page show one thing
and be read as another. pdfium reads the replacement, pypdf the glyphs: what the glyphs do not say
is not believed.
"""

import itertools
from typing import Final

from pypdf import PageObject

from ingest.formats.pdf_limits import PYPDF_FAILURES
from ingest.formats.pdf_model import Word
from ingest.types import HiddenReason

#: Units: bytes of content beyond which pypdf would take seconds.
_LARGEST: Final = 1024 * 1024
#: Replacements so short stand for a ligature, a hyphen, a bullet.
_SHORT: Final = 2


def hide_lies(words: list[Word], page: PageObject | None) -> bool:
    """Hide replacement texts that the page does not draw; whether there were any.

    `page` is pypdf's, None when it does not know the page: nothing is believed then.
    """
    replaced = [word for word in words if word.style.replaced and word.hidden is None]
    if not replaced:
        return False
    drawn = _glyphs(page)
    lies = False
    for _, group in itertools.groupby(replaced, key=lambda word: word.source):
        run = list(group)
        text = _letters("".join(word.text for word in run))
        if len(text) > _SHORT and text not in drawn:
            lies = True
            for word in run:
                word.hidden = HiddenReason.INVISIBLE_RENDERING
    return lies


def _glyphs(page: PageObject | None) -> str:
    """Letters and digits that the page's glyphs stand for, in their order."""
    if page is None:
        return ""
    try:
        contents = page.get_contents()
        if contents is None or len(contents.get_data()) > _LARGEST:
            return ""
        return _letters(page.extract_text())
    except PYPDF_FAILURES:
        return ""


def _letters(text: str) -> str:
    return "".join(char for char in text.lower() if char.isalnum())
