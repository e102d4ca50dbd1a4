"""The properties of an office file: who wrote it, when, and what its fields say."""

from typing import Final

from ingest.building import DocumentBuilder
from ingest.errors import CorruptedFile, FileTooLarge
from ingest.formats.docx_xml import Element, local
from ingest.formats.package import Package
from ingest.normalising import normalise
from ingest.types import Channel, HiddenReason, Locator

#: Property → its French name in `Document.metadata`.
_NAMES: Final = {
    "title": "titre",
    "subject": "sujet",
    "creator": "auteur",
    "keywords": "mots-clés",
    "description": "description",
    "category": "catégorie",
    "contentStatus": "état",
    "language": "langue",
    "lastModifiedBy": "dernière modification par",
    "created": "créé le",
    "modified": "modifié le",
    "lastPrinted": "imprimé le",
    "revision": "révision",
    "version": "version",
    "Application": "logiciel",
    "AppVersion": "version du logiciel",
    "Company": "organisation",
    "Manager": "responsable",
    "Template": "modèle",
    "HyperlinkBase": "base des liens",
    "TotalTime": "minutes d'édition",
}
#: What a person can type there, and could use to speak to a machine.
_FREE_TEXT: Final = frozenset(
    {"title", "subject", "keywords", "description", "category", "contentStatus", "creator"}
    | {"Company", "Manager", "HyperlinkBase", "lastModifiedBy"}
)
_PARTS: Final = ("core-properties", "extended-properties")
_CUSTOM: Final = "custom-properties"
#: Units: characters.
_LONGEST: Final = 2_000


def read_properties(package: Package, builder: DocumentBuilder) -> None:
    """Put a file's properties in the metadata, and the free text among them in hidden spans.

    Raises: `UnsafeFile`.
    """
    for link in package.relationships():
        if link.external or link.kind not in (*_PARTS, _CUSTOM):
            continue
        try:
            root = package.xml(link.target)
        except (CorruptedFile, FileTooLarge):
            builder.warnings_fr.append("Propriétés du fichier illisibles : elles sont ignorées.")
            continue
        for element in root if root is not None else ():
            if link.kind == _CUSTOM:
                _custom(element, package.filename, builder)
            else:
                _known(element, package.filename, builder)


def _known(element: Element, filename: str, builder: DocumentBuilder) -> None:
    name, text = local(element), normalise(element.text or "")[:_LONGEST]
    if not text or name not in _NAMES:
        return
    builder.metadata[_NAMES[name]] = text
    if name in _FREE_TEXT:
        _hide(f"{_NAMES[name]} : {text}", filename, builder)


def _custom(element: Element, filename: str, builder: DocumentBuilder) -> None:
    name = normalise(element.get("name") or "")[:_LONGEST]
    text = normalise("".join(str(piece) for piece in element.itertext()))[:_LONGEST]
    if name and text:
        builder.metadata[name] = text
        _hide(f"{name} : {text}", filename, builder)


def _hide(text: str, filename: str, builder: DocumentBuilder) -> None:
    builder.hide(text, HiddenReason.PROPERTY, Locator(file=filename, channel=Channel.PROPERTIES))
