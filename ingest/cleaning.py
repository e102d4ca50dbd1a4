"""Takes out of a document the characters that no database or file can store."""

import re
from typing import Any, Final

from pydantic_core import PydanticSerializationError

from ingest.types import Document

_UNSTORABLE: Final = re.compile("[\x00\ud800-\udfff]")
_REPLACEMENT: Final = "\ufffd"


def storable_text(text: str) -> str:
    """The text with NUL characters and lone surrogates replaced, one for one, by « \ufffd ».

    They come from file names that are not Unicode and from damaged properties, links and
    headers; the text of blocks has none left (`ingest.normalising.normalise`).
    """
    return _UNSTORABLE.sub(_REPLACEMENT, text)


def to_json(document: Document) -> bytes:
    """The document as UTF-8 JSON that any database takes."""
    try:
        data = document.model_dump_json().encode()
    except PydanticSerializationError:  # a lone surrogate somewhere
        return _cleaned(document).model_dump_json().encode()
    return _cleaned(document).model_dump_json().encode() if b"\\u0000" in data else data


def _cleaned(document: Document) -> Document:
    return Document.model_validate(_storable(document.model_dump()))


def _storable(value: Any) -> Any:
    match value:
        case str():
            return _UNSTORABLE.sub(_REPLACEMENT, value)
        case dict():
            return {_storable(key): _storable(item) for key, item in value.items()}
        case list() | tuple():
            return [_storable(item) for item in value]
        case _:
            return value
