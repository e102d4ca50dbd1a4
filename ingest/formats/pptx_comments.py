"""Comments on slides, in the two forms that PowerPoint has written them."""

from ingest.formats.docx_xml import Element, local
from ingest.formats.drawing_text import plain_paragraphs


def read_comments(root: Element | None) -> list[str]:
    """The texts of a comments part, answers after what they answer."""
    if root is None:
        return []
    found = (e for e in root.iter("{*}cm", "{*}reply"))
    texts = (_own_text(element) for element in found)
    return [text for text in texts if text.strip()]


def _own_text(comment: Element) -> str:
    for child in comment:
        if local(child) == "text":
            return child.text or ""
        if local(child) == "txBody":
            return plain_paragraphs(child)
    return ""
