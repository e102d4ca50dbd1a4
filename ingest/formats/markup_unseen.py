"""What a page holds and never shows: programs, descriptions, comments, contents from elsewhere."""

from typing import Final

from lxml import etree

from ingest.building import DocumentBuilder
from ingest.formats.markup_names import CODE, EMBEDDED
from ingest.normalising import normalise
from ingest.types import Channel, HiddenReason, Locator

#: Units: characters kept of a program, and of an address in a message.
_CODE_KEPT: Final = 300
_ADDRESS_KEPT: Final = 200

#: What a page says of itself to search engines and social networks → its name in the metadata.
_META_FR: Final = {
    "description": "description",
    "og:description": "description",
    "keywords": "mots-clés",
    "author": "auteur",
    "generator": "logiciel",
}


class UnseenParts:
    """Records them in the builder, at the place given with each."""

    def __init__(self, builder: DocumentBuilder) -> None:
        self._builder = builder

    def hide(
        self, text: str, reason: HiddenReason, place: Locator, channel: Channel = Channel.HIDDEN
    ) -> None:
        """Record a text that is not seen."""
        self._builder.hide(text, reason, place.model_copy(update={"channel": channel}))

    def element(self, element: etree._Element, place: Locator) -> None:
        """Record an element that is not drawn, with all it holds."""
        for part in element.iter():
            if part.tag is etree.Comment:  # type: ignore[comparison-overlap]  # lxml marks comments so
                self.hide(part.text or "", HiddenReason.MARKUP, place)
            elif part.tag in EMBEDDED:
                self.embedded(part)
            elif part.tag == "meta":
                name = (part.get("name") or part.get("property") or "").lower()
                self._property(_META_FR.get(name, ""), part.get("content") or "", place)
            elif part.tag == "title" and element.tag == "head":
                self._property("titre", part.text or "", place)
            elif part.tag in CODE:
                self.hide((part.text or "")[:_CODE_KEPT], HiddenReason.MARKUP, place)
        if element.tag not in CODE and element.tag != "head":
            etree.strip_elements(element, etree.Comment, *CODE, with_tail=False)
            text = " ".join(str(text) for text in element.itertext())
            self.hide(text, HiddenReason.MARKUP, place)

    def embedded(self, element: etree._Element) -> None:
        """Report a content from elsewhere, which is never fetched."""
        target = (element.get(EMBEDDED[str(element.tag)]) or "").strip()
        if target and not target.startswith("data:"):
            self._builder.links.append(target)
            self._builder.warnings_fr.append(
                f"Contenu externe, non chargé : {target[:_ADDRESS_KEPT]}"
            )

    def descriptions(self, element: etree._Element, place: Locator) -> None:
        """Record what shows under the pointer, or is said to those who do not see."""
        for name in ("title", "aria-label"):
            if text := element.get(name):
                self.hide(text, HiddenReason.ALT_TEXT, place, Channel.ALT_TEXT)

    def _property(self, label: str, value: str, place: Locator) -> None:
        if label and (value := normalise(value)):
            self._builder.metadata.setdefault(label, value)
            of_file = Locator(file=place.file, channel=Channel.PROPERTIES)
            self._builder.hide(f"{label} : {value}", HiddenReason.PROPERTY, of_file)
