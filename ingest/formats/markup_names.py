"""What the elements of HTML are to a reader."""

from typing import Final

HEADINGS: Final = {f"h{level}": level for level in range(1, 7)}
LISTS: Final = frozenset({"ul", "ol", "menu", "dir"})

#: Elements that start and end a paragraph.
BLOCKS: Final = (
    frozenset(
        """address article aside blockquote body caption center dd details dialog div dl dt
        fieldset figcaption figure footer form header hr legend li main nav optgroup option p pre
        section select summary tbody td tfoot th thead tr textarea button""".split()
    )
    | LISTS
    | frozenset(HEADINGS)
)

#: Never drawn: programs, style sheets, and what only shows where something else fails.
NOT_DRAWN: Final = frozenset(
    """script style template noscript noembed noframes datalist audio video canvas object iframe
    applet map head title desc metadata rp""".split()
)

#: Of what is not drawn, what is code: recorded, but cut short.
CODE: Final = frozenset({"script", "style"})

#: Pages and files shown inside the page, never fetched: attribute that names them.
EMBEDDED: Final = {
    "iframe": "src",
    "object": "data",
    "embed": "src",
    "video": "src",
    "audio": "src",
}

#: Inputs that show nothing, or nothing that can be read.
SILENT_INPUTS: Final = frozenset(
    {"checkbox", "radio", "password", "file", "image", "color", "range"}
)
