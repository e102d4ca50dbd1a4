"""The one way in: files are read in parallel, once, whatever their names and archives hold."""

import base64
import gzip
import io
import os
import stat
import time
import zipfile
from pathlib import Path

import docx
import pytest

from assistant.app.intake import open_folder
from assistant.reading import build_reader
from assistant.rubric_loader import load_rubric_set
from assistant.settings import Settings
from ingest.amounts import Amounts
from ingest.building import DocumentBuilder
from ingest.cache import DocumentCache
from ingest.cleaning import to_json
from ingest.errors import (
    CorruptedFile,
    FileTooLarge,
    FileUnavailable,
    IngestError,
    UnsupportedFormat,
)
from ingest.limits import ReadingLimits
from ingest.service import ReadingService
from ingest.types import (
    BlockKind,
    Document,
    HiddenReason,
    ImageInfo,
    Locator,
    SourceFile,
    UnreadPart,
)
from tests import corpus_docx as word
from tests.conftest import COHORT
from tests.corpus_pdf_hostile import many_pages
from tests.corpus_text import declared_png

BRIEF = COHORT / "cand-001_LEROY-Camille" / "brief-client.docx"


def text_file(text: str = "Une note de cadrage.", name: str = "note.txt") -> SourceFile:
    return SourceFile.from_bytes(name, text.encode())


def word_file(text: str) -> bytes:
    document = docx.Document()
    document.add_paragraph(text)
    buffer = io.BytesIO()
    document.save(buffer)
    return buffer.getvalue()


def zipped(files: dict[str, bytes], *, links: dict[str, str] | None = None) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
        for name, target in (links or {}).items():
            info = zipfile.ZipInfo(name)
            info.create_system = 3
            info.external_attr = (stat.S_IFLNK | 0o777) << 16
            archive.writestr(info, target)
    return buffer.getvalue()


@pytest.fixture(scope="module")
def rubrics():
    return load_rubric_set(Settings(_env_file=None).rubrics_path)


@pytest.fixture
def cached(tmp_path) -> ReadingService:
    return ReadingService(cache=DocumentCache(tmp_path / "cache"), isolated=False)


def entries(tmp_path: Path) -> list[Path]:
    return sorted((tmp_path / "cache").glob("??/*"))


def doctored(path: Path, **changes: object) -> None:
    """Change a kept document, to tell whether it is used."""
    document = Document.model_validate_json(gzip.decompress(path.read_bytes()))
    changed = document.model_copy(update=changes)
    path.write_bytes(gzip.compress(changed.model_dump_json().encode()))


# --- reading ------------------------------------------------------------------------------------


def test_a_file_read_apart_is_the_same_as_read_here():
    file = SourceFile.from_path(BRIEF)
    assert ReadingService().read(file) == ReadingService(isolated=False).read(file)


def test_files_keep_their_order_and_a_failure_takes_its_place():
    files = [text_file(f"texte {n}", f"{n}.txt") for n in range(8)]
    files.insert(3, SourceFile.from_bytes("cassé.docx", b"PK\x03\x04cass\xc3\xa9"))
    files.insert(5, SourceFile.from_bytes("jeu.exe", b"MZ"))
    results = ReadingService().read_all(files)
    assert [r.filename for r in results] == [f.filename for f in files]
    assert isinstance(results[3], CorruptedFile)
    assert isinstance(results[5], UnsupportedFormat)
    assert sum(isinstance(r, Document) for r in results) == 8


def test_a_file_too_large_is_refused_before_it_is_loaded(tmp_path):
    path = tmp_path / "gros.txt"
    with path.open("wb") as file:
        file.truncate(50_000_000_000)  # sparse: loading it would fill the memory
    service = ReadingService(ReadingLimits(max_file_mb=1))
    with pytest.raises(FileTooLarge, match="bytes") as caught:
        service.load(path, "gros.txt")
    assert "1,0 Mo" in caught.value.user_message


def test_a_file_that_the_system_refuses_is_named(tmp_path):
    with pytest.raises(FileUnavailable) as caught:
        ReadingService().load(tmp_path / "parti.docx", "parti.docx")
    assert "« parti.docx »" in caught.value.user_message


def test_a_name_that_is_not_unicode_can_be_shown_and_kept(tmp_path, rubrics):
    name = os.fsdecode("E1.2_stratégie".encode("latin-1") + b".txt")
    (tmp_path / name).write_text("Une stratégie.", encoding="utf-8")
    dossier = open_folder(tmp_path, rubrics, max_bytes=1_000_000)
    (file,) = dossier.files
    assert file.filename == "E1.2_strat\ufffdgie.txt"
    assert file.epreuves == ("E1.2",)
    dossier.summary.model_dump_json().encode()


STRAYS = ["\x00", "\ud800"]


@pytest.mark.parametrize("stray", STRAYS, ids=ascii)
def test_nothing_that_a_database_refuses_comes_out_of_a_message(stray):
    hidden = base64.b64encode(f"Objet{stray}du mail".encode("utf-8", "surrogatepass")).decode()
    mail = (
        f"From: a@b.fr\r\nSubject: =?utf-8?B?{hidden}?=\r\nContent-Transfer-Encoding: "
        "quoted-printable\r\n\r\nBon=00jour.\r\n"
    )
    document = ReadingService(isolated=False).read(SourceFile.from_bytes("m.eml", mail.encode()))
    text = document.model_dump_json()
    assert "\\u0000" not in text
    assert text.encode()
    assert "Objet" in text


@pytest.mark.parametrize("stray", STRAYS, ids=ascii)
def test_nothing_that_a_database_refuses_stays_anywhere_in_a_document(stray):
    bad = f"a{stray}b"
    place = Locator(file=bad, sheet=bad, heading_path=(bad,))
    builder = DocumentBuilder(text_file(), format_name="txt")
    builder.add(BlockKind.PARAGRAPH, f"Du texte{stray}.", place)
    builder.hide(bad, HiddenReason.COMMENT, place)
    builder.images.append(ImageInfo(locator=place, alt_text=bad))
    builder.links.append(bad)
    builder.warnings_fr.append(bad)
    builder.metadata[bad] = bad
    data = to_json(builder.build())
    assert b"\\u0000" not in data
    document = Document.model_validate_json(data)
    assert document.metadata == {"a\ufffdb": "a\ufffdb"}
    assert document.blocks[0].locator.heading_path == ("a\ufffdb",)


@pytest.mark.parametrize(
    ("limits", "name", "data", "told"),
    [
        ({"max_pages": 3}, "a.pdf", many_pages(4), "limite : 3 pages"),
        (
            {"max_unpacked_mb": 1},
            "a.docx",
            word.simple(word.p("x " * 2_000_000)),
            "une fois décompressé ; limite : 1,0 Mo",
        ),
        ({"max_image_megapixels": 2}, "a.png", declared_png(2000, 1001), "2000 × 1001 pixels"),
        ({"max_file_mb": 1}, "a.txt", b"x" * 1_000_001, "limite : 1,0 Mo"),
        (
            {"amounts": Amounts(characters=100)},
            "a.txt",
            b"mot " * 30,
            "plus de 100 caractères une fois lu",
        ),
        ({"amounts": Amounts(markup=50)}, "a.docx", word.simple(word.p("a") * 60), "limite : 50"),
    ],
    ids=["pages", "unpacked", "pixels", "bytes", "characters", "markup"],
)
def test_the_limits_of_size_are_the_settings(limits, name, data, told):
    service = ReadingService(ReadingLimits(**limits), isolated=False)
    with pytest.raises(FileTooLarge) as caught:
        service.read(SourceFile.from_bytes(name, data))
    assert told in caught.value.user_message


def test_cells_past_the_setting_are_unread_and_the_next_file_is_read_within_its_own(tmp_path):
    rows = "".join(f"a{n};b{n}\n" for n in range(1000)).encode()
    few = build_reader(Settings(_env_file=None, data_dir=tmp_path, max_cells=1000), cached=False)
    usual = build_reader(Settings(_env_file=None, data_dir=tmp_path), cached=False)

    cut, whole = (reader.read(SourceFile.from_bytes("a.csv", rows)) for reader in (few, usual))

    assert len(cut.blocks) == 1000
    assert cut.coverage == pytest.approx(0.5, abs=0.02)
    assert (len(whole.blocks), whole.coverage) == (2000, 1.0)


@pytest.mark.parametrize(
    ("setting", "files", "told"),
    [
        ({"max_archive_files": 2}, {f"{n}.txt": b"x" for n in range(3)}, "plus de 2 fichiers"),
        (
            {"max_unpacked_mb": 1},
            {f"{n}.txt": os.urandom(400_000) for n in range(3)},
            "limite : 1,0 Mo",
        ),
        ({"max_unpacked_ratio": 10}, {"a.txt": b"x" * 9_000_000}, "taux de compression anormal"),
        ({"max_file_mb": 1}, {"a.txt": os.urandom(1_000_001)}, "limite : 1,0 Mo"),
    ],
    ids=["files", "unpacked", "ratio", "bytes"],
)
def test_the_limits_of_an_archive_are_the_settings(setting, files, told, tmp_path):
    service = build_reader(Settings(_env_file=None, data_dir=tmp_path, **setting), cached=False)
    try:
        _, failures = service.unpack(SourceFile.from_bytes("rendu.zip", zipped(files)))
    except IngestError as error:
        failures = (error,)
    assert told in " ".join(failure.user_message for failure in failures)


# --- cache --------------------------------------------------------------------------------------


def test_the_same_bytes_are_parsed_once(cached, tmp_path):
    cached.read(text_file())
    (entry,) = entries(tmp_path)
    doctored(entry, warnings_fr=("sorti de la mémoire",))
    assert cached.read(text_file()).warnings_fr == ("sorti de la mémoire",)


def test_what_is_kept_is_exactly_what_was_read(cached):
    first = cached.read(SourceFile.from_path(BRIEF))
    assert cached.read(SourceFile.from_path(BRIEF)) == first


@pytest.mark.parametrize(
    "damage",
    [
        lambda data: b"",
        lambda data: data[: len(data) // 2],
        lambda data: data[:-4],
        lambda data: b"not gzip at all",
        lambda data: gzip.compress(b"{}"),
        lambda data: gzip.compress(b"[" * 100_000),
        lambda data: data[:40] + bytes([data[40] ^ 0xFF]) + data[41:],
    ],
    ids=["empty", "half", "no end", "noise", "other JSON", "deep", "a bit flipped"],
)
def test_a_damaged_entry_is_read_again(cached, tmp_path, damage):
    expected = cached.read(text_file())
    (entry,) = entries(tmp_path)
    entry.write_bytes(damage(entry.read_bytes()))
    assert cached.read(text_file()) == expected
    assert gzip.decompress(entry.read_bytes())


def test_an_entry_moved_to_another_file_s_place_is_not_believed(cached, tmp_path):
    cached.read(text_file("A"))
    (first,) = entries(tmp_path)
    cached.read(text_file("B"))
    second = next(path for path in entries(tmp_path) if path != first)
    second.write_bytes(first.read_bytes())
    assert cached.read(text_file("B")).text == "B"


def test_another_name_or_other_limits_are_another_entry(cached, tmp_path):
    cached.read(text_file(name="a.txt"))
    assert cached.read(text_file(name="b.txt")).filename == "b.txt"
    assert len(entries(tmp_path)) == 2
    other = ReadingService(
        ReadingLimits(seconds=30), cache=DocumentCache(tmp_path / "cache"), isolated=False
    )
    other.read(text_file(name="a.txt"))
    assert len(entries(tmp_path)) == 3


def test_a_document_not_wholly_read_is_tried_again_after_a_while(cached, tmp_path):
    document = cached.read(text_file())
    (entry,) = entries(tmp_path)
    unread = UnreadPart(locator=document.blocks[0].locator, reason_fr="pas de Tesseract", weight=1)
    doctored(entry, unread=(unread,))
    assert cached.read(text_file()).coverage == 0
    an_hour_ago = time.time() - 3600
    os.utime(entry, (an_hour_ago, an_hour_ago))
    assert cached.read(text_file()).coverage == 1


def test_a_refusal_is_not_kept(cached, tmp_path):
    with pytest.raises(CorruptedFile):
        cached.read(SourceFile.from_bytes("a.docx", b"PK\x03\x04abc"))
    assert entries(tmp_path) == []


def test_the_cache_forgets_what_was_not_used_for_longest(tmp_path):
    cache = DocumentCache(tmp_path / "cache", max_mb=1)
    service = ReadingService(cache=cache, isolated=False)
    texts = [os.urandom(150_000).hex() for _ in range(9)]
    for number, text in enumerate(texts):
        service.read(text_file(text, f"{number}.txt"))
        time.sleep(0.01)
    kept = entries(tmp_path)
    assert 0 < sum(path.stat().st_size for path in kept) <= 1_000_000
    names = {
        Document.model_validate_json(gzip.decompress(path.read_bytes())).filename for path in kept
    }
    assert "8.txt" in names
    assert "0.txt" not in names


def test_a_cache_that_cannot_be_written_costs_nothing_but_time(tmp_path):
    (tmp_path / "cache").write_text("a file where the folder should be", encoding="utf-8")
    service = ReadingService(cache=DocumentCache(tmp_path / "cache"), isolated=False)
    assert service.read(text_file()).text == "Une note de cadrage."


def test_one_setting_switches_the_cache_off(tmp_path):
    settings = Settings(_env_file=None, data_dir=tmp_path, reading_cache=False)
    build_reader(settings).read(text_file())
    assert not (tmp_path / "cache").exists()
    build_reader(settings.model_copy(update={"reading_cache": True})).read(text_file())
    assert (tmp_path / "cache").exists()


# --- archives -----------------------------------------------------------------------------------


def test_an_archive_in_a_dossier_becomes_its_files(tmp_path, rubrics):
    inner = {
        "rendu/E1.2_stratégie.docx": word_file("Une stratégie."),
        "rendu/brief-client.txt": b"Le brief.",
        "__MACOSX/._E1.2.docx": b"x",
        "dossier.yaml": b"id: AUTRE",
    }
    (tmp_path / "rendu.zip").write_bytes(zipped(inner))
    (tmp_path / "E1.3_charte.txt").write_bytes(b"Une charte.")
    dossier = open_folder(tmp_path, rubrics, max_bytes=10_000_000)
    assert [file.filename for file in dossier.files] == [
        "E1.3_charte.txt",
        "rendu.zip/E1.2_stratégie.docx",
        "rendu.zip/brief-client.txt",
    ]
    assert dossier.epreuves == ("E1.2", "E1.3")
    assert dossier.id != "AUTRE"
    assert dossier.deliverables("E1.2")[0].blocks[0].locator.file == "rendu.zip/E1.2_stratégie.docx"


def test_what_an_archive_does_not_give_is_named(tmp_path, rubrics):
    inner = {"E1.2_bon.txt": b"Bon.", "../../evil.txt": b"mauvais", "E1.3_x.docx": b"PK\x03\x04"}
    data = zipped(inner, links={"E2.1_lien.txt": "/etc/passwd"})
    (tmp_path / "rendu.zip").write_bytes(data)
    dossier = open_folder(tmp_path, rubrics, max_bytes=10_000_000)
    assert [file.filename for file in dossier.files] == ["rendu.zip/E1.2_bon.txt"]
    failed = {failure.filename: failure.message_fr for failure in dossier.failures}
    assert set(failed) == {
        "rendu.zip/evil.txt",
        "rendu.zip/E1.3_x.docx",
        "rendu.zip/E2.1_lien.txt",
    }
    assert "root:" not in dossier.model_dump_json()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["rendu.zip"]


def test_a_bad_archive_is_one_failure_beside_the_other_files(tmp_path, rubrics):
    (tmp_path / "rendu.zip").write_bytes(b"PK\x03\x04 not much of an archive")
    (tmp_path / "E1.2_note.txt").write_bytes(b"Une note.")
    dossier = open_folder(tmp_path, rubrics, max_bytes=10_000_000)
    assert [file.filename for file in dossier.files] == ["E1.2_note.txt"]
    assert [failure.filename for failure in dossier.failures] == ["rendu.zip"]


def test_links_out_of_a_dossier_are_not_followed(tmp_path, rubrics):
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "E1.3_secret.txt").write_text("secret", encoding="utf-8")
    folder = tmp_path / "dossier"
    folder.mkdir()
    (folder / "E1.2_note.txt").write_text("Une note.", encoding="utf-8")
    (folder / "lien").symlink_to(outside)
    (folder / "E2.1_lien.txt").symlink_to(outside / "E1.3_secret.txt")
    dossier = open_folder(folder, rubrics, max_bytes=1_000_000)
    assert [file.filename for file in dossier.files] == ["E1.2_note.txt"]
