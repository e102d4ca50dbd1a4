"""Pages and images leave as pixels only: bounded, and without anything else of their file."""

import hashlib
import io

import docx
import pytest
from PIL import ExifTags, Image, ImageChops, ImageDraw, PngImagePlugin
from reportlab.lib.pagesizes import A4

from ingest.errors import PictureUnavailable
from ingest.service import ReadingService
from ingest.types import Box, SourceFile
from ingest.wire import Cover
from tests.corpus_pdf import canvas_pdf, source

READER = ReadingService(isolated=False)
SECRET = "Camille Leroy, 06 12 34 56 78"
LIMITS = {"side": 300, "max_bytes": 60_000}


def opened(data: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(data))
    image.load()
    return image


def photo(side: int = 900) -> Image.Image:
    image = Image.new("RGB", (side, side // 2), "white")
    ImageDraw.Draw(image).ellipse((20, 20, 200, 200), fill=(200, 30, 30))
    return image


def jpeg_with_exif(image: Image.Image) -> bytes:
    exif = Image.Exif()
    exif[ExifTags.Base.Artist] = SECRET
    exif[ExifTags.Base.Orientation] = 6
    out = io.BytesIO()
    image.save(out, "JPEG", exif=exif, comment=SECRET.encode())
    return out.getvalue()


def word_file(*images: bytes) -> SourceFile:
    document = docx.Document()
    document.add_paragraph("La palette est montrée ci-dessous.")
    for data in images:
        document.add_picture(io.BytesIO(data))
    out = io.BytesIO()
    document.save(out)
    return SourceFile.from_bytes("charte.docx", out.getvalue())


def test_a_photo_leaves_without_its_exif_its_comment_or_its_orientation_mark():
    file = SourceFile.from_bytes("photo.jpg", jpeg_with_exif(photo()))
    data = READER.picture(file, **LIMITS)
    shown = opened(data)
    assert SECRET.encode() not in data
    assert not shown.getexif()
    assert "comment" not in shown.info
    assert shown.size == (150, 300), "turned upright, then made smaller"


def test_a_png_leaves_without_its_texts_and_its_colour_profile():
    texts = PngImagePlugin.PngInfo()
    texts.add_text("Author", SECRET)
    out = io.BytesIO()
    photo().save(out, "PNG", pnginfo=texts, icc_profile=b"\0" * 128)
    data = READER.picture(SourceFile.from_bytes("photo.png", out.getvalue()), **LIMITS)
    assert SECRET.encode() not in data
    assert not {"Author", "icc_profile"} & set(opened(data).info)


def test_what_shows_through_is_seen_on_white():
    out = io.BytesIO()
    Image.new("RGBA", (100, 100), (0, 0, 0, 0)).save(out, "PNG")
    data = READER.picture(SourceFile.from_bytes("logo.png", out.getvalue()), **LIMITS)
    assert opened(data).getpixel((50, 50)) == (255, 255, 255)


def test_a_heavy_picture_becomes_a_light_one():
    noise = Image.effect_noise((1200, 1200), 90).convert("RGB")
    out = io.BytesIO()
    noise.save(out, "PNG")
    file = SourceFile.from_bytes("bruit.png", out.getvalue())
    data = READER.picture(file, side=1200, max_bytes=20_000)
    assert len(data) <= 20_000
    assert opened(data).format == "JPEG"


def test_a_page_is_drawn_without_its_text():
    def draw(canvas):
        canvas.setTitle(SECRET)
        canvas.setFillColorRGB(0.8, 0.1, 0.1)
        canvas.rect(100, 100, 300, 500, fill=1)
        canvas.showPage()
        canvas.drawString(100, 700, "Page deux")

    file = source(canvas_pdf(draw, A4))
    first, second = (opened(READER.picture(file, page=n, **LIMITS)) for n in (1, 2))
    assert max(first.size) == 300
    red, green, _ = first.getpixel((first.width // 2, first.height // 2))
    assert red > 180 > 60 > green
    assert second.getpixel((second.width // 2, second.height // 2)) == (255, 255, 255)
    assert SECRET.encode() not in READER.picture(file, page=1, **LIMITS)
    with pytest.raises(PictureUnavailable):
        READER.picture(file, page=3, **LIMITS)


def test_an_embedded_image_is_found_by_its_fingerprint_and_cleaned():
    inside = jpeg_with_exif(photo())
    file = word_file(inside)
    sha256 = hashlib.sha256(inside).hexdigest()
    assert sha256 in {image.sha256 for image in READER.read(file).images}
    data = READER.picture(file, image=sha256, **LIMITS)
    assert SECRET.encode() not in data
    assert max(opened(data).size) == 300


@pytest.mark.parametrize("name", ["charte.docx", "charte.pdf", "charte.txt"])
def test_an_image_that_is_not_there_is_a_typed_error(name):
    data = word_file(jpeg_with_exif(photo(200))).data if name.endswith("docx") else b"%PDF-1.4"
    with pytest.raises(PictureUnavailable):
        READER.picture(SourceFile.from_bytes(name, data), image="0" * 64, **LIMITS)


def test_a_damaged_image_is_a_typed_error():
    broken = jpeg_with_exif(photo())[:400]
    with pytest.raises(PictureUnavailable):
        READER.picture(SourceFile.from_bytes("photo.jpg", broken), **LIMITS)


def test_words_to_cover_are_painted_over_wherever_the_page_shows_them():
    def draw(canvas):
        for y in (700, 300):
            canvas.drawString(100, y, "Par Camille Leroy, en mars")

    file = source(canvas_pdf(draw, A4))
    cover = Cover(text="Camille Leroy", here=True)
    plain, painted = (
        opened(READER.picture(file, page=1, side=842, max_bytes=900_000, covers=covers))
        for covers in ((), (cover,))
    )
    changed = ImageChops.difference(plain, painted).getbbox()
    assert changed is not None
    height = plain.size[1]
    assert changed[1] < height * 0.2 and changed[3] > height * 0.6, "both places"  # noqa: PT018
    grey = (128, 128, 128)
    assert painted.getpixel((int(plain.size[0] * 0.25), int(height * (1 - 704 / 842)))) == grey
    beside = painted.crop((0, 0, int(plain.size[0] * 0.18), height))
    assert ImageChops.difference(beside, plain.crop((0, 0, *beside.size))).getbbox() is None


def test_a_page_whose_words_to_cover_are_not_found_is_not_shown():
    file = source(canvas_pdf(lambda canvas: canvas.rect(100, 100, 90, 90), A4))
    with pytest.raises(PictureUnavailable, match="not found"):
        READER.picture(file, page=1, **LIMITS, covers=(Cover(text="Camille Leroy", here=True),))
    block = Box(page=1, left=0.1, top=0.1, right=0.9, bottom=0.2)
    covered = Cover(text="Camille Leroy", boxes=(block,), here=True)
    shown = opened(READER.picture(file, page=1, **LIMITS, covers=(covered,)))
    assert shown.getpixel((shown.width // 2, int(shown.height * 0.15))) == (128, 128, 128)


def test_it_works_the_same_in_a_reading_process():
    file = SourceFile.from_bytes("photo.jpg", jpeg_with_exif(photo()))
    assert ReadingService().picture(file, **LIMITS) == READER.picture(file, **LIMITS)
