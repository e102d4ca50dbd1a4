"""The one normal form of extracted text, made once, when a document is built.

NFC, one kind of space, no control characters; what is dropped on the way and could carry a
message is told apart, for the reader to record.
"""

import re
import unicodedata
from typing import Final

_SPACES: Final = re.compile(r"[^\S\n]+")
_INVISIBLE: Final = re.compile(
    "[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff\U000e0000-\U000e007f]"
)
#: A regional flag (England, Scotland…): a black flag and tags that name the region.
_FLAG_EMOJI: Final = re.compile("\U0001f3f4[\U000e0020-\U000e007e]{1,8}\U000e007f")
_SURROGATES: Final = re.compile("[\ud800-\udfff]")
_CONTROLS: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
#: More marks over one letter than any script writes: ordering them takes a quadratic time.
_COMBINING: Final = "".join(
    char for char in map(chr, range(0x300, 0x3100)) if unicodedata.combining(char)
)
_PILED_MARKS: Final = re.compile(f"([{_COMBINING}]{{30}})[{_COMBINING}]+")
_LINES: Final = re.compile(r" ?\n[ \n]*")
#: What is already in its normal form, as most of a table's cells are.
_PLAIN: Final = re.compile("[!-~À-ÿ]+(?: [!-~À-ÿ]+)*")


def normalise(text: str) -> str:
    r"""The one normal form of extracted text.

    NFC; every run of spaces (no-break and thin ones included) becomes one space; line breaks
    stay single `\n`; zero-width, bidirectional, tag and control characters go (a reader that
    meets them records a `HiddenSpan`: see `invisible_characters`); halves of a character that
    nothing can store become « \ufffd »; of the marks piled on a letter, thirty stay.
    """
    if _PLAIN.fullmatch(text):
        return text
    text = _PILED_MARKS.sub(r"\1", text)
    if _SURROGATES.search(text):
        text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    text = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n"))
    text = _INVISIBLE.sub("", text.replace("\u2028", "\n").replace("\x0b", "\n"))
    text = _CONTROLS.sub("", text.replace("\t", " "))
    # Marks may have joined their letter, or each other, only now.
    text = unicodedata.normalize("NFC", _PILED_MARKS.sub(r"\1", text))
    return _LINES.sub("\n", _SPACES.sub(" ", text)).strip()


def invisible_characters(text: str) -> str:
    """The characters `normalise` drops that can carry a message or reorder one.

    Soft hyphens, a leading byte-order mark, the joiners of emoji sequences and the tags of flags
    are ordinary and not reported.
    """
    if text.isascii():
        return ""
    found = _INVISIBLE.findall(_FLAG_EMOJI.sub("", text.replace("\u00ad", "").lstrip("\ufeff")))
    return "".join(char for char in found if char != "\u200d")


def tag_message(invisible: str) -> str:
    """What tag characters spell: each stands, unseen, for one ASCII character."""
    return "".join(chr(ord(char) - 0xE0000) for char in invisible if "\U000e0020" <= char)
