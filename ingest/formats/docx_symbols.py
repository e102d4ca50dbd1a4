"""Characters of symbol fonts (`w:sym`), as the Unicode characters they look like."""

from typing import Final

_WINGDINGS: Final = {
    0x4A: "☺", 0x6C: "●", 0x6E: "■", 0x6F: "☐", 0x71: "❑", 0x72: "❒", 0x73: "⬧", 0x76: "❖",
    0x77: "⬥", 0x9F: "•", 0xA7: "▪", 0xA8: "☐", 0xD8: "➢", 0xDF: "←", 0xE0: "→", 0xE1: "↑",
    0xE2: "↓", 0xE8: "➔", 0xF0: "⇨", 0xFB: "✗", 0xFC: "✓", 0xFD: "☒", 0xFE: "☑",
}  # fmt: skip
_SYMBOL: Final = {
    0x22: "∀", 0x24: "∃", 0x2D: "−", 0x40: "≅", 0x5E: "⊥", 0xA3: "≤", 0xA5: "∞", 0xAB: "↔",
    0xAC: "←", 0xAD: "↑", 0xAE: "→", 0xAF: "↓", 0xB0: "°", 0xB1: "±", 0xB3: "≥", 0xB4: "×",
    0xB6: "∂", 0xB7: "•", 0xB8: "÷", 0xB9: "≠", 0xBA: "≡", 0xBB: "≈", 0xBC: "…", 0xC5: "⊕",
    0xC7: "∩", 0xC8: "∪", 0xCE: "∈", 0xCF: "∉", 0xD5: "∏", 0xD6: "√", 0xDE: "⇒", 0xE5: "∑",
    0xF2: "∫",
}  # fmt: skip
_GREEK_UPPER: Final = "ΑΒΧΔΕΦΓΗΙϑΚΛΜΝΟΠΘΡΣΤΥςΩΞΨΖ"
_GREEK_LOWER: Final = "αβχδεφγηιϕκλμνοπθρστυϖωξψζ"


def symbol(font: str, code: str) -> str:
    """The character of a symbol font; an empty string for a mark with no known meaning.

    `code` is hexadecimal; symbol fonts live at F000 to F0FF of the private area.
    """
    try:
        point = int(code, 16)
    except ValueError:
        return ""
    if not 0xF000 <= point <= 0xF0FF:
        return "" if 0xD800 <= point <= 0xDFFF or point > 0x10FFFF else chr(point)
    index = point - 0xF000
    if font.lower().startswith("wingdings"):
        return _WINGDINGS.get(index, "")
    if font.lower() == "symbol":
        return _greek(index) or _SYMBOL.get(index, "") or _ascii(index)
    return _ascii(index)


def _greek(index: int) -> str:
    if 0x41 <= index <= 0x5A:
        return _GREEK_UPPER[index - 0x41]
    return _GREEK_LOWER[index - 0x61] if 0x61 <= index <= 0x7A else ""


def _ascii(index: int) -> str:
    return chr(index) if 0x20 <= index < 0x7F else ""
