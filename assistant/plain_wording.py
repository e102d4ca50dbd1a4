r"""What a quote says once the codes that programs write in the place of characters are undone.

A model that was shown a web page, or whose answer went through a tool that makes web pages, writes
« l&#39;audience », « <b>mot</b> » or « \u00e9 ». No word is added or guessed.
"""

import html
import re
from typing import Final

_ESCAPED: Final = re.compile(r"\\u([0-9a-fA-F]{4})|\\[nrt](?![a-z])")
#: Those that only dress words. An exponent is none: « 10<sup>2</sup> » is another figure.
_TAG: Final = re.compile(
    r"</?(?:a|b|i|u|em|strong|mark|span|p|br|div|li|ul|ol|td|th|tr|q|h[1-6]|blockquote)"
    r"(?:\s[^<>]{0,200})?/?>",
    re.IGNORECASE,
)
_QUOTED_LINE: Final = re.compile(r"^\s*>\s+", re.MULTILINE)


def plain_wording(quote: str) -> str:
    """The quote without codes; the same string when it has none."""
    text = html.unescape(html.unescape(quote))  # « &amp;eacute; » went through two tools
    text = _ESCAPED.sub(_character, text)
    return _QUOTED_LINE.sub("", _TAG.sub(" ", text))


def _character(match: re.Match[str]) -> str:
    return chr(int(match[1], 16)) if match[1] else " "
