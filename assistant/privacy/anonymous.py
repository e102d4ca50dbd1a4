"""Words about a dossier that may be shown beside another one: nobody in them, no way back."""

import re
from collections.abc import Sequence
from typing import Final

from assistant.domain.dossier import Dossier
from assistant.domain.french import fold_accents
from assistant.privacy.contacts import Kind
from assistant.privacy.identity import own_words, pseudonyms_of
from assistant.privacy.private import private_passages
from ingest.building import DocumentBuilder
from ingest.types import BlockKind, Document, Locator, SourceFile

_TOKEN: Final = re.compile(rf"\[(?:{'|'.join(kind.value for kind in Kind)})_\d+[A-Z]*\]")
_SOMEBODY: Final = "[…]"


def anonymous(dossier: Dossier, texts: Sequence[str], people: Sequence[str] = ()) -> list[str]:
    """The texts without a name, an address, a number, an account or a file's name.

    `people`: others who may be named in them (the assessors). A text that says something of the
    candidate's private life comes back empty: a part of it would still tell.
    """
    said = [_document(text) for text in texts if text.strip()]
    known = dossier.model_copy(
        update={
            "documents": {**dossier.documents, **{d.sha256: d for d in said}},
            "identity": (*dossier.identity, *people),
        }
    )
    mask, own = pseudonyms_of(known).mask, own_words(known)
    return [
        "" if private_passages(text, own) else _TOKEN.sub(_SOMEBODY, mask(text)) for text in texts
    ]


def same_candidate(one: Dossier, other: Dossier) -> bool:
    """Whether two dossiers may be the same person's: a shared file of theirs, or a shared name."""
    if one.id == other.id or set(one.own_files) & set(other.own_files):
        return True
    names = [{fold_accents(word) for word in own_words(dossier)} for dossier in (one, other)]
    return bool(names[0] & names[1])


def _document(text: str) -> Document:
    file = SourceFile.from_bytes("remarque.txt", text.encode("utf-8", "surrogatepass"))
    builder = DocumentBuilder(file, format_name="txt")
    builder.add(BlockKind.PARAGRAPH, text, Locator(file=file.filename))
    return builder.build()
