"""What is known of the images of a criterion to be seen, without seeing them.

Facts of the files (how many, which sizes, which alternative texts, which colour codes), for the
person who will look; no conclusion is drawn from them.
"""

from collections.abc import Iterator, Sequence
from typing import Final

from assistant.agreement import agreed
from assistant.checks.colours import colours
from assistant.checks.visuals import real_alternative
from assistant.domain.case import CriterionCase
from assistant.domain.rubric import Evaluable
from ingest.types import Document, ImageInfo

_MOST_TOLD: Final = 6
_LONGEST_TEXT: Final = 80
#: Units: pixels. Smaller ones are bullets and rules of the layout.
_SMALLEST: Final = 32


def observations(case: CriterionCase) -> tuple[str, ...]:
    """French sentences, in the deliverables' order; none for a criterion that words settle."""
    if case.criterion.evaluable is not Evaluable.DOCUMENT_VISUEL:
        return ()
    return tuple(line for document in case.deliverables for line in _of(document))


def shown_images(document: Document) -> tuple[ImageInfo, ...]:
    """The images that someone is meant to look at."""
    return tuple(
        image
        for image in document.images
        if min(image.width or _SMALLEST, image.height or _SMALLEST) >= _SMALLEST
    )


def image_size(image: ImageInfo) -> str:
    """« 1080 × 1350 px », or « taille inconnue »."""
    if image.width is None or image.height is None:
        return "taille inconnue"
    return f"{image.width} × {image.height} px"


def _of(document: Document) -> Iterator[str]:
    images = shown_images(document)
    if not images:
        yield (
            f"« {document.filename} » : aucune image repérée (les dessins et la mise en page ne "
            "sont pas des images)."
        )
    else:
        yield _count(document, images)
    if palette := list(dict.fromkeys(str(colour) for colour in colours(document))):
        yield f"« {document.filename} » : couleurs codées dans le texte, {_some(palette)}."


def _count(document: Document, images: Sequence[ImageInfo]) -> str:
    sizes = [f"{image_size(image)}{_where(image)}" for image in images]
    texts = [" ".join(i.alt_text.split()) for i in images if real_alternative(i.alt_text)]
    told = f"« {document.filename} » : {agreed(f'{len(images)} image(s)')}, {_some(sizes)}."
    if not texts:
        return f"{told} Aucune n'a de texte alternatif."
    quoted = [f"« {text[:_LONGEST_TEXT]} »" for text in texts]
    return f"{told} {len(texts)} avec un texte alternatif : {_some(quoted)}."


def _where(image: ImageInfo) -> str:
    place = str(image.locator.model_copy(update={"heading_path": ()}))
    where = place.removeprefix(image.locator.file).removeprefix(", ")
    return f" ({where})" if where else ""


def _some(items: Sequence[str]) -> str:
    told = " ; ".join(items[:_MOST_TOLD])
    return f"{told} ; et {len(items) - _MOST_TOLD} autres" if len(items) > _MOST_TOLD else told
