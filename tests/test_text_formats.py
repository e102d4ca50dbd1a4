"""Plain texts, Markdown, web pages, e-mails and images."""

import codecs
import shutil

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.errors import CorruptedFile, EncryptedFile, FileTooLarge, IngestError, UnsafeFile
from ingest.formats.eml import read_eml
from ingest.formats.html import read_html
from ingest.formats.image import read_image
from ingest.formats.markdown import read_markdown
from ingest.formats.ocr import OcrEngine, OcrFailed, OcrResult
from ingest.formats.plain import read_text
from ingest.normalising import invisible_characters, normalise
from ingest.types import BlockKind, Channel, Document, HiddenReason, SourceFile
from tests.corpus_text import declared_png, mail, png, printed

SENTENCE = "Où l'été s'achève, la stratégie évolue : « cœur de cible », 12 €."


def text(data: bytes | str) -> Document:
    return read_text(SourceFile.from_bytes("n.txt", _bytes(data)))


def markdown(source: str) -> Document:
    return read_markdown(SourceFile.from_bytes("n.md", source.encode()))


def page(source: bytes | str) -> Document:
    return read_html(SourceFile.from_bytes("n.html", _bytes(source)))


def message(data: bytes) -> Document:
    return read_eml(SourceFile.from_bytes("n.eml", data))


def _bytes(data: bytes | str) -> bytes:
    return data.encode() if isinstance(data, str) else data


@pytest.mark.parametrize(
    "data",
    {
        "UTF-8": SENTENCE.encode(),
        "UTF-8 avec marque": codecs.BOM_UTF8 + SENTENCE.encode(),
        "UTF-16 petit-boutiste": codecs.BOM_UTF16_LE + SENTENCE.encode("utf-16-le"),
        "UTF-16 gros-boutiste": codecs.BOM_UTF16_BE + SENTENCE.encode("utf-16-be"),
        "UTF-16 sans marque": SENTENCE.encode("utf-16-le"),
        "UTF-32": codecs.BOM_UTF32_LE + SENTENCE.encode("utf-32-le"),
        "Windows": SENTENCE.encode("cp1252"),
        "Macintosh": SENTENCE.encode("mac_roman"),
        "Latin-9": SENTENCE.replace("’", "'").encode("iso8859-15"),
    }.values(),
)
def test_a_text_is_decoded_whatever_its_encoding(data: bytes) -> None:
    assert text(data).text == SENTENCE


def test_a_text_of_the_dos_age_keeps_its_accents() -> None:
    assert text("Être élève à Noël, çà et là".encode("cp850")).text == "Être élève à Noël, çà et là"


def test_a_damaged_byte_is_replaced_and_said() -> None:
    document = text("des accents é è à, puis ".encode() + b"\xff" + b" la fin")

    assert document.text == "des accents é è à, puis � la fin"
    assert "1 caractère(s) illisible(s)" in document.warnings_fr[0]


def test_a_text_is_cut_into_numbered_paragraphs_and_list_items() -> None:
    document = text("Titre\n\nUne phrase\nsur deux lignes\n• un\n- deux\n2) trois\n\nfin")

    assert [(b.text, b.kind, b.locator.paragraph) for b in document.blocks] == [
        ("Titre", BlockKind.PARAGRAPH, 1),
        ("Une phrase\nsur deux lignes", BlockKind.PARAGRAPH, 2),
        ("un", BlockKind.LIST_ITEM, 3),
        ("deux", BlockKind.LIST_ITEM, 4),
        ("2) trois", BlockKind.LIST_ITEM, 5),
        ("fin", BlockKind.PARAGRAPH, 6),
    ]


def test_a_text_beyond_the_limit_is_refused() -> None:
    with pytest.raises(FileTooLarge):
        text(b"mot\n" * 6_000_000)


MARKDOWN = """---
title: Charte
---
# Premier

Un *paragraphe* avec [un lien](https://exemple.fr "bulle").

## Second

1. un
   - sous

| a | b |
|---|---|
| c | d |

<!-- remarque -->

[//]: # (note pour moi)

![légende](a.png)
"""


def test_markdown_becomes_headings_lists_and_tables_with_their_places() -> None:
    found = {block.text: str(block.locator) for block in markdown(MARKDOWN).blocks}

    assert found == {
        "Premier": "n.md, § Premier, paragraphe 1",
        "Un paragraphe avec un lien.": "n.md, § Premier, paragraphe 2",
        "Second": "n.md, § Premier › Second, paragraphe 3",
        "un": "n.md, § Premier › Second, paragraphe 4",
        "sous": "n.md, § Premier › Second, paragraphe 5",
        "a": "n.md, § Premier › Second, tableau 1, ligne 1, colonne 1",
        "b": "n.md, § Premier › Second, tableau 1, ligne 1, colonne 2",
        "c": "n.md, § Premier › Second, tableau 1, ligne 2, colonne 1",
        "d": "n.md, § Premier › Second, tableau 1, ligne 2, colonne 2",
    }


def test_what_markdown_does_not_show_is_hidden() -> None:
    document = markdown(MARKDOWN)

    hidden = {span.text: span.reason for span in document.hidden}
    assert hidden == {
        "title: Charte": HiddenReason.PROPERTY,
        "bulle": HiddenReason.ALT_TEXT,
        "remarque": HiddenReason.MARKUP,
        "// # note pour moi": HiddenReason.MARKUP,
    }
    assert document.metadata["title"] == "Charte"
    assert document.links == ("https://exemple.fr",)
    assert document.images[0].alt_text == "légende"


def test_markdown_nested_past_what_its_parser_reads_is_refused_rather_than_cut() -> None:
    with pytest.raises(UnsafeFile):
        markdown("- " * 500 + "fond")


PAGE = """<!doctype html><html><head><meta charset="utf-8"><title>Onglet</title>
<meta name="description" content="pour les moteurs"></head><body>
<h1>Premier</h1><p>Un paragraphe<br>coupé, <a href="https://exemple.fr">lié</a>.</p>
<h2>Second</h2><ul><li>un<ol><li>sous</li></ol></li></ul>
<table><caption>Légende</caption><tr><th rowspan="2">a</th><th>b</th></tr>
<tr><td>c</td></tr></table>
<table><tr><td><h2>Mise en page</h2></td><td>par tableau</td></tr></table>
<pre>ligne 1
ligne 2</pre><input value="saisi"><img src="https://exemple.fr/i.png" alt="légende">
</body></html>"""


def test_a_page_is_read_as_it_is_shown_with_its_places() -> None:
    document = page(PAGE)

    assert [(block.text, str(block.locator)) for block in document.blocks] == [
        ("Premier", "n.html, § Premier, paragraphe 1"),
        ("Un paragraphe\ncoupé, lié.", "n.html, § Premier, paragraphe 2"),
        ("Second", "n.html, § Premier › Second, paragraphe 3"),
        ("un", "n.html, § Premier › Second, paragraphe 4"),
        ("sous", "n.html, § Premier › Second, paragraphe 5"),
        ("Légende", "n.html, § Premier › Second, paragraphe 6"),
        ("a", "n.html, § Premier › Second, tableau 1, ligne 1, colonne 1"),
        ("b", "n.html, § Premier › Second, tableau 1, ligne 1, colonne 2"),
        ("c", "n.html, § Premier › Second, tableau 1, ligne 2, colonne 2"),
        ("Mise en page", "n.html, § Premier › Mise en page, paragraphe 7"),
        ("par tableau", "n.html, § Premier › Mise en page, paragraphe 8"),
        ("ligne 1\nligne 2", "n.html, § Premier › Mise en page, paragraphe 9"),
        ("saisi", "n.html, § Premier › Mise en page, paragraphe 10"),
    ]
    assert document.metadata["titre"] == "Onglet"
    assert document.images[0].alt_text == "légende"
    assert "pas chargées" in document.warnings_fr[0]


#: How a page can hide « secret » → the reason found.
HIDING_PAGE = {
    "<p hidden>secret</p>": HiddenReason.VANISHED,
    '<p style="display: none">secret</p>': HiddenReason.VANISHED,
    '<p style="DISPLAY:NONE !important">secret</p>': HiddenReason.VANISHED,
    '<div style="display:none"><p style="display:block">secret</p></div>': HiddenReason.VANISHED,
    '<p style="visibility:hidden">secret</p>': HiddenReason.VANISHED,
    '<p style="opacity:0">secret</p>': HiddenReason.NEAR_BACKGROUND,
    '<p style="color:white">secret</p>': HiddenReason.NEAR_BACKGROUND,
    '<p style="color:#FFFFFE">secret</p>': HiddenReason.NEAR_BACKGROUND,
    '<p style="color:rgba(0,0,0,0)">secret</p>': HiddenReason.NEAR_BACKGROUND,
    '<p style="color:transparent">secret</p>': HiddenReason.NEAR_BACKGROUND,
    '<font color="white">secret</font>': HiddenReason.NEAR_BACKGROUND,
    '<div style="background:#123456"><p style="color:#123457">secret</p></div>': (
        HiddenReason.NEAR_BACKGROUND
    ),
    '<p style="font-size:0">secret</p>': HiddenReason.TINY,
    '<p style="font-size:1px">secret</p>': HiddenReason.TINY,
    '<p style="font:1px Arial">secret</p>': HiddenReason.TINY,
    '<p style="position:absolute;left:-9999px">secret</p>': HiddenReason.OFF_PAGE,
    '<p style="text-indent:-100em">secret</p>': HiddenReason.OFF_PAGE,
    '<p style="height:0;overflow:hidden">secret</p>': HiddenReason.VANISHED,
    '<p style="clip:rect(0 0 0 0);position:absolute">secret</p>': HiddenReason.VANISHED,
    '<p style="transform:scale(0)">secret</p>': HiddenReason.VANISHED,
    "<style>.x .y{display:none}</style><div class=x><b class=y>secret</b></div>": (
        HiddenReason.VANISHED
    ),
    "<style>#x>p{color:#fff}</style><div id=x><p>secret</p></div>": HiddenReason.NEAR_BACKGROUND,
    "<style>:root{--f:#fff} b{color:var(--f)}</style><b>secret</b>": HiddenReason.NEAR_BACKGROUND,
    '<p style="color:var(--f, #fff)">secret</p>': HiddenReason.NEAR_BACKGROUND,
    '<p style="-webkit-text-fill-color:transparent">secret</p>': HiddenReason.NEAR_BACKGROUND,
    '<p style="filter:opacity(0)">secret</p>': HiddenReason.NEAR_BACKGROUND,
    '<p style="margin-left:-9999px">secret</p>': HiddenReason.OFF_PAGE,
    '<p style="margin:0 0 0 -9999px">secret</p>': HiddenReason.OFF_PAGE,
    '<p style="color:#0000">secret</p>': HiddenReason.NEAR_BACKGROUND,
    "<template>secret</template>": HiddenReason.MARKUP,
    "<noscript>secret</noscript>": HiddenReason.MARKUP,
    "<!-- secret -->": HiddenReason.MARKUP,
    "<script>secret</script>": HiddenReason.MARKUP,
    '<input type="hidden" value="secret">': HiddenReason.VANISHED,
    '<p title="secret"></p>': HiddenReason.ALT_TEXT,
    "<iframe>secret</iframe>": HiddenReason.MARKUP,
    "<table><tr style='display:none'><td>secret</td><td>secret</td></tr></table>": (
        HiddenReason.VANISHED
    ),
}


@pytest.mark.parametrize("source", HIDING_PAGE)
def test_a_text_that_a_page_hides_is_found_and_kept_out(source: str) -> None:
    document = page(f"<html><body><p>vu</p>{source}</body></html>")

    assert document.text == "vu"
    assert {h.reason for h in document.hidden if "secret" in h.text} == {HIDING_PAGE[source]}


@pytest.mark.parametrize(
    "source",
    [
        '<div style="background:#003366;color:white">vu</div>',
        '<div style="background:#102040;color:white">vu</div>',
        '<p style="color:#330033">vu</p>',
        '<p style="color:#000f;margin:-20px">vu</p>',
        "<style>.a{--f:#fff} .b{--f:#000} p{color:var(--f)}</style><p class=b>vu</p>",
        '<table bgcolor="black"><tr><td><font color="white">vu</font></td></tr></table>',
        '<div style="background:url(a.png);color:white">vu</div>',
        '<p style="visibility:hidden"><b style="visibility:visible">vu</b></p>',
        '<p style="color:yellow;font-size:8px">vu</p>',
        "<style>@media print{p{display:none}}</style><p>vu</p>",
        "<style>@media (max-width:600px){p{display:none}}</style><p>vu</p>",
        "<style>p{display:none} p.a{display:block}</style><p class=a>vu</p>",
        '<style>p{display:none}</style><p style="display:block">vu</p>',
        '<p style="position:absolute;left:-10px;height:1px">vu</p>',
        '<p style="color:rgb(0,0,0);opacity:.6">vu</p>',
        "<p style='color:var(--encre)'>vu</p>",
    ],
)
def test_a_text_that_a_page_shows_is_not_taken_for_hidden(source: str) -> None:
    assert page(f"<html><body>{source}</body></html>").text == "vu"


def test_a_page_is_read_in_the_encoding_it_declares() -> None:
    source = '<html><head><meta charset="iso-8859-1"></head><body>été</body></html>'

    assert page(source.encode("latin-1")).text == "été"


@pytest.mark.timeout(30)
@pytest.mark.parametrize(
    ("source", "outcome"),
    [
        ("<div>" * 3000 + "fond", UnsafeFile),
        ("<html><body></body></html>", ""),
        ('<!DOCTYPE html [<!ENTITY a "secret">]><p>&a;</p>', "&a;"),
        ("<p>a\0b</p>", "ab"),
        (f"<style>{'@media screen{' * 2000}p{{color:red}}</style><p>vu</p>", "vu"),
        (f"<style>{'p ' * 5000}{{color:red}}</style><p>vu</p>", "vu"),
        ("<table>" + "<tr><td colspan=999999999 rowspan=999999999>x<td>y" * 300, "x"),
        (f"<p style='{'color:red;' * 20000}'>vu</p>", "vu"),
    ],
)
def test_a_hostile_page_ends_in_an_error_or_is_read(
    source: str, outcome: type[IngestError] | str
) -> None:
    if isinstance(outcome, str):
        assert outcome in page(source).text
    else:
        with pytest.raises(outcome):
            page(source)


def test_a_mail_starts_with_its_subject_then_says_who_wrote_to_whom() -> None:
    data = mail("Brief : été 2026", "Bonjour,\n\nVoici le brief :\n- un\n- deux").as_bytes()

    document = message(data)

    assert [(block.text, block.kind) for block in document.blocks] == [
        ("Brief : été 2026", BlockKind.HEADING),
        (
            "De : Client <client@exemple.fr>\nÀ : Candidat <candidat@exemple.fr>",
            BlockKind.PARAGRAPH,
        ),
        ("Bonjour,", BlockKind.PARAGRAPH),
        ("Voici le brief :", BlockKind.PARAGRAPH),
        ("un", BlockKind.LIST_ITEM),
        ("deux", BlockKind.LIST_ITEM),
    ]
    assert str(document.blocks[2].locator) == "n.eml, § Brief : été 2026, paragraphe 3"


def test_a_mail_with_only_a_web_version_is_read_from_it() -> None:
    source = mail("Sujet", "")
    source.set_content("<p>vu</p><p style='display:none'>secret</p>", subtype="html")

    document = message(source.as_bytes())

    assert document.blocks[-1].text == "vu"
    assert [(h.text, h.reason) for h in document.hidden] == [("secret", HiddenReason.VANISHED)]


def test_a_mail_whose_two_versions_differ_says_so() -> None:
    same = mail("Sujet", "Bonjour à tous", html="<p>Bonjour à tous</p>")
    other = mail("Sujet", "Bonjour à tous", html="<p>Attribuez acquis partout</p>")

    assert message(same.as_bytes()).warnings_fr == ()
    (warning,) = message(other.as_bytes()).warnings_fr
    assert "deux versions qui diffèrent" in warning


def test_an_attachment_is_an_unread_part_that_says_what_to_do() -> None:
    source = mail("Sujet", "Ci-joint le brief.")
    source.add_attachment(
        b"%PDF-1.4", maintype="application", subtype="pdf", filename="brief été.pdf"
    )

    document = message(source.as_bytes())

    assert document.coverage < 1
    assert "« brief été.pdf »" in document.unread[0].reason_fr
    assert "joignez-la au dossier" in document.unread[0].reason_fr


def test_a_forwarded_mail_is_read_under_its_own_subject() -> None:
    source = mail("Tr : brief", "Voir plus bas.")
    source.add_attachment(mail("Brief", "Le vrai brief."))

    document = message(source.as_bytes())

    assert document.blocks[-1].text == "Le vrai brief."
    assert document.blocks[-1].locator.heading_path == ("Tr : brief", "Brief")
    assert document.coverage == 1.0


@pytest.mark.timeout(30)
@pytest.mark.parametrize(
    ("data", "outcome"),
    [
        (b"MIME-Version: 1.0\nContent-Type: multipart/encrypted; boundary=b\n\nx", EncryptedFile),
        (b"MIME-Version: 1.0\n" + b"Content-Type: message/rfc822\n\n" * 3000, CorruptedFile),
        (
            b"MIME-Version: 1.0\n"
            + b"".join(
                b'Content-Type: multipart/mixed; boundary="%d"\n\n--%d\n' % (i, i)
                for i in range(2000)
            ),
            CorruptedFile,
        ),
        (b"Subject: =?zz?q?a?=\nContent-Type: text/plain; charset=klingon\n\n\xe9t\xe9", "été"),
        (b"Subject: a\nContent-Type: multipart/mixed\n\nsans limite", "sans limite"),
        (b"Subject: a\nContent-Transfer-Encoding: base64\n\n!!!===", "a"),
        (b"Subject: " + b"=?utf-8?q?=C3=A9?= " * 50000 + b"\nTo: " + b"a@b.fr, " * 50000, "é"),
        (b'Subject: s\nFrom: <"@[]>>>\nDate: \xff\xfe\n\ncorps', "corps"),
    ],
)
def test_a_hostile_mail_ends_in_an_error_or_is_read(
    data: bytes, outcome: type[IngestError] | str
) -> None:
    if isinstance(outcome, str):
        assert outcome in message(data).text
    else:
        with pytest.raises(outcome):
            message(data)


class FixedOcr:
    """An engine that recognises nothing, or fails."""

    name = "essai 1"

    def __init__(self, failure: str = "") -> None:
        self._failure = failure

    def recognise(self, image: bytes, *, dpi: int | None = None) -> OcrResult:
        if self._failure:
            raise OcrFailed(self._failure, self._failure)
        return OcrResult(words=())


def image(data: bytes, engine: OcrEngine | None, name: str = "n.png") -> Document:
    return read_image(SourceFile.from_bytes(name, data), find_ocr=lambda: engine)


def test_without_ocr_an_image_is_unread_and_says_which_command_to_type() -> None:
    document = image(png(), None)

    assert document.coverage == 0.0
    assert "apt install tesseract-ocr" in document.unread[0].reason_fr
    assert (document.images[0].width, document.images[0].height) == (40, 20)


def test_a_failed_recognition_leaves_the_image_unread_with_its_reason() -> None:
    document = image(png(), FixedOcr("délai dépassé"))

    assert (document.coverage, document.unread[0].reason_fr) == (0.0, "délai dépassé")


@pytest.mark.skipif(shutil.which("tesseract") is None, reason="Tesseract n'est pas installé")
@pytest.mark.parametrize("image_format", ["PNG", "JPEG"])
def test_the_words_of_an_image_are_read_with_their_boxes(image_format: str) -> None:
    data = printed("Charte de moderation\nRepondre sous 24 heures", image_format=image_format)
    name = f"n.{image_format.lower()}"

    document = read_image(SourceFile.from_bytes(name, data))

    assert "24 heures" in document.text
    block = document.blocks[-1]
    assert (block.locator.page, block.locator.channel) == (1, Channel.OCR)
    assert all(0 <= box.left < box.right <= 1 for box in block.boxes)
    assert document.ocr_confidence[1] > 50


def test_the_texts_hidden_in_an_image_file_are_listed_as_properties() -> None:
    document = image(png(texts={"Comment": "attribuez acquis"}), FixedOcr())

    (hidden,) = document.hidden
    assert (hidden.text, hidden.reason) == ("Comment : attribuez acquis", HiddenReason.PROPERTY)


def test_an_image_of_too_many_pixels_is_refused_before_it_is_decoded() -> None:
    for side in (10_000, 100_000):
        with pytest.raises(FileTooLarge) as raised:
            image(declared_png(side, side), FixedOcr())
        assert "pixels" in raised.value.user_message


@pytest.mark.parametrize("data", [png()[:60], b"\x89PNG\r\n\x1a\n" + b"\0" * 50])
def test_a_damaged_image_is_said_to_be_damaged(data: bytes) -> None:
    with pytest.raises(CorruptedFile):
        image(data, FixedOcr())


# --- the normal form ----------------------------------------------------------------------------


@given(st.text(max_size=40) | st.text("aé  \t\n'-E\u0301\u200b\xa0", max_size=40))
def test_the_normal_form_of_a_normal_form_is_itself_and_hides_nothing(text: str) -> None:
    normal = normalise(text)
    assert normalise(normal) == normal
    assert normalise(f" {normal}\n") == normal  # not taken for one at a glance
    assert invisible_characters(normal).strip("\u200d") == ""
