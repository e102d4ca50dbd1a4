"""The inside of an OpenDocument paragraph: what is seen of it, what is not, what hangs from it."""

import re
from dataclasses import dataclass, field
from typing import Final

from ingest.formats.appearance import Look
from ingest.formats.odf_styles import OdfStyles
from ingest.formats.odf_xml import Element, attribute, plain_text, q
from ingest.types import HiddenReason

_WHITESPACE: Final = re.compile(r"[ \t\r\n]+")

_SPACE: Final = q("text:s")
_BREAKS: Final = {q("text:tab"): "\t", q("text:line-break"): "\n"}
_SPAN: Final = q("text:span")
_ANCHOR: Final = q("text:a")
_CONDITIONAL: Final = q("text:conditional-text")
_HIDDEN_TEXT: Final = q("text:hidden-text")
_HIDDEN_PARAGRAPH: Final = q("text:hidden-paragraph")
_SCRIPT: Final = q("text:script")

NOTE: Final = q("text:note")
ANNOTATION: Final = q("office:annotation")
DRAW: Final = q("draw:a").removesuffix("a")
DR3D: Final = q("dr3d:scene").removesuffix("scene")

#: Marks of positions and of revisions: they hold no text of their own.
_SILENT: Final = frozenset(
    q(f"text:{name}")
    for name in (
        "bookmark",
        "bookmark-start",
        "bookmark-end",
        "change",
        "change-start",
        "change-end",
        "reference-mark-start",
        "reference-mark-end",
        "soft-page-break",
        "alphabetical-index-mark",
        "alphabetical-index-mark-start",
        "toc-mark",
        "toc-mark-start",
        "user-index-mark",
        "user-index-mark-start",
    )
) | {q("office:annotation-end")}

#: Conditions that are true whatever the document: only these can be told without its fields.
_ALWAYS_TRUE: Final = re.compile(
    r"(?:\w+:)?\s*(?:true|[1-9]\d*|(?P<same>\w+)\s*={1,2}\s*(?P=same))"
)


@dataclass(frozen=True, slots=True)
class Inset:
    """Something anchored in a paragraph: a note, a comment, a frame, a shape."""

    element: Element
    look: Look
    reason: HiddenReason | None


@dataclass(slots=True)
class InlineText:
    """A paragraph as it was read. `hidden` keeps its pieces in order, neighbours joined."""

    visible: list[str] = field(default_factory=list)
    hidden: list[tuple[HiddenReason, str]] = field(default_factory=list)
    insets: list[Inset] = field(default_factory=list)
    links: list[str] = field(default_factory=list)
    vanished: bool = False  # a hidden-paragraph field takes it all away

    @property
    def text(self) -> str:
        return "".join(self.visible)

    def put(self, text: str, reason: HiddenReason | None) -> None:
        """Append a piece, seen when `reason` is None."""
        if reason is None:
            self.visible.append(text)
        elif self.hidden and self.hidden[-1][0] is reason:
            self.hidden[-1] = (reason, self.hidden[-1][1] + text)
        else:
            self.hidden.append((reason, text))


def read_inline(
    paragraph: Element, look: Look, styles: OdfStyles, reason: HiddenReason | None = None
) -> InlineText:
    """Read a paragraph, a heading or any inline element. `reason` hides it all beforehand."""
    reader = _InlineReader(styles)
    reader.walk(paragraph, look, reason)
    result = reader.result
    if result.vanished and reason is None:
        return _all_hidden(result)
    return result


def is_hidden_by_condition(element: Element) -> bool:
    """Whether a section or a field is hidden, by its stored state or by a constant condition."""
    if attribute(element, "text:is-hidden") == "true":
        return True
    return _ALWAYS_TRUE.fullmatch(attribute(element, "text:condition").strip().lower()) is not None


class _InlineReader:
    def __init__(self, styles: OdfStyles) -> None:
        self._styles = styles
        self.result = InlineText()

    def walk(self, element: Element, look: Look, reason: HiddenReason | None) -> None:
        """Read what an element holds; `look` is that of its own text."""
        self._put(element.text, look, reason)
        for child in element:
            self._child(child, look, reason)
            self._put(child.tail, look, reason)

    def _child(self, child: Element, look: Look, reason: HiddenReason | None) -> None:
        tag = str(child.tag)
        if tag in _SILENT:
            return
        if tag == _SPACE:
            self._put(" ", look, reason)
        elif tag in _BREAKS:
            # Not collapsed like the spaces of the XML.
            self.result.put(_BREAKS[tag], reason or look.hidden_reason)
        elif tag in (NOTE, ANNOTATION) or tag.startswith((DRAW, DR3D)):
            self.result.insets.append(Inset(child, look, reason))
        elif tag in (_SPAN, _ANCHOR):
            self._styled(child, look, reason)
        else:
            self._field(child, look, reason)

    def _styled(self, child: Element, look: Look, reason: HiddenReason | None) -> None:
        if child.tag == _ANCHOR and (target := attribute(child, "xlink:href")):
            self.result.links.append(target)
        style = attribute(child, "text:style-name")
        self.walk(child, self._styles.over(look, "text", style), reason)

    def _field(self, child: Element, look: Look, reason: HiddenReason | None) -> None:
        """Fields show their content, except the ones made to hide or to choose."""
        if child.tag == _SCRIPT:
            self._put(child.text, look, HiddenReason.MARKUP)
        elif child.tag == _HIDDEN_PARAGRAPH:
            self.result.vanished |= is_hidden_by_condition(child)
        elif child.tag == _HIDDEN_TEXT:
            self._hidden_text(child, look, reason)
        elif attribute(child, "text:display") == "none":
            self.walk(child, look, reason or HiddenReason.VANISHED)
        else:
            self.walk(child, look, reason)
            if child.tag == _CONDITIONAL:
                self._other_choices(child, look)

    def _hidden_text(self, child: Element, look: Look, reason: HiddenReason | None) -> None:
        stored = attribute(child, "text:string-value")
        if is_hidden_by_condition(child):
            self._put(stored or plain_text(child), look, HiddenReason.VANISHED)
        else:
            self._put(plain_text(child) or stored, look, reason)

    def _other_choices(self, child: Element, look: Look) -> None:
        shown = plain_text(child)
        for name in ("text:string-value-if-true", "text:string-value-if-false"):
            if (other := attribute(child, name)) != shown:
                self._put(other, look, HiddenReason.VANISHED)

    def _put(self, text: str | None, look: Look, reason: HiddenReason | None) -> None:
        if text:
            self.result.put(_WHITESPACE.sub(" ", text), reason or look.hidden_reason)


def _all_hidden(result: InlineText) -> InlineText:
    insets = [Inset(i.element, i.look, i.reason or HiddenReason.VANISHED) for i in result.insets]
    hidden = [(HiddenReason.VANISHED, result.text), *result.hidden]
    return InlineText(hidden=hidden, insets=insets, links=result.links)
