"""Careful access to the raw objects of a PDF, where any value may be of any kind."""

from collections.abc import Iterator
from typing import Final

from pypdf.generic import ArrayObject, DictionaryObject, IndirectObject, NameObject, PdfObject

_MAX_ITEMS: Final = 10_000


def resolved(value: PdfObject | None) -> PdfObject | None:
    """The object itself, references followed."""
    return value.get_object() if value is not None else None


def as_dictionary(value: PdfObject | None) -> DictionaryObject:
    """A dictionary or a stream; an empty dictionary for anything else."""
    value = resolved(value)
    return value if isinstance(value, DictionaryObject) else DictionaryObject()


def items(value: PdfObject | None) -> list[PdfObject]:
    """The elements of an array, references followed; a lone value counts as an array of one."""
    value = resolved(value)
    if value is None:
        return []
    if not isinstance(value, ArrayObject):
        return [value]
    return [item for raw in value[:_MAX_ITEMS] if (item := resolved(raw)) is not None]


def entries(resources: DictionaryObject, kind: str) -> Iterator[tuple[str, DictionaryObject]]:
    """Named resources of one kind (« /Font »), those that are dictionaries or streams."""
    for name, value in as_dictionary(resources.get(kind)).items():
        if isinstance(found := resolved(value), DictionaryObject):
            yield str(name), found


def text_of(value: PdfObject | None) -> str:
    """A text string; empty for anything else."""
    value = resolved(value)
    is_text = isinstance(value, str) and not isinstance(value, NameObject)
    return str(value) if is_text else ""


def name_of(value: PdfObject | None) -> str:
    """A name such as « /Image »; empty for anything else."""
    value = resolved(value)
    return str(value) if isinstance(value, NameObject) else ""


def number(value: PdfObject | None, default: float) -> float:
    """A number; `default` for anything else."""
    value = resolved(value)
    return float(value) if isinstance(value, int | float) else default


def identity(value: DictionaryObject) -> int:
    """A number that tells an object of the file from the others."""
    reference = value.indirect_reference
    if isinstance(reference, IndirectObject):
        return reference.idnum
    return -id(value)
