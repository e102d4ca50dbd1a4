"""A dossier handed in as a zip: taken out in memory, whatever the archive tries."""

import os
import stat
import unicodedata
import zipfile
from pathlib import Path

import pytest

from ingest.archives import ArchiveLimits, unpack
from ingest.errors import (
    CorruptedFile,
    EmptyFile,
    EncryptedFile,
    FileTooLarge,
    IngestError,
    UnsafeFile,
    WrongExtension,
)
from ingest.types import SourceFile
from tests.corpus_text import odf, zip_of, zipped

_UNIX = 3


def opened(data: bytes, **limits: int | float) -> tuple[dict[str, bytes], dict[str, IngestError]]:
    """Files by name, errors by the name they concern."""
    file = SourceFile.from_bytes("dossier.zip", data)
    files, errors = unpack(file, limits=ArchiveLimits.model_validate(limits))
    return {f.filename: f.data for f in files}, {e.filename: e for e in errors}


def entry(name: str, *, flags: int = 0, mode: int = 0) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name)
    info.create_system = _UNIX
    info.external_attr = mode << 16
    info.flag_bits |= flags
    return info


def test_the_files_of_a_dossier_come_out_under_their_base_names() -> None:
    files, errors = opened(zipped({"LEROY/rendu.txt": "a", "LEROY/annexes/plan.txt": "b"}))

    assert files == {"rendu.txt": b"a", "plan.txt": b"b"}
    assert errors == {}


def test_files_of_the_same_name_whatever_its_case_keep_their_folder() -> None:
    files, _ = opened(zipped({"E1/Bilan.txt": "a", "E2/bilan.TXT": "b", "seul.txt": "c"}))

    assert files == {"E1 - Bilan.txt": b"a", "E2 - bilan.TXT": b"b", "seul.txt": b"c"}


def test_even_identical_paths_end_as_distinct_files() -> None:
    with pytest.warns(UserWarning, match="Duplicate name"):
        data = zip_of((entry("a.txt"), b"1"), (entry("a.txt"), b"2"))

    files, _ = opened(data)

    assert files == {"a.txt": b"1", "a (2).txt": b"2"}


def test_what_systems_and_programs_leave_behind_is_ignored() -> None:
    litter = (
        "__MACOSX/._rendu.txt",
        "dossier/.DS_Store",
        "Thumbs.db",
        "desktop.ini",
        "~$rendu.docx",
        "d/.~lock.rendu.odt#",
        "d/._rendu.txt",
    )

    files, errors = opened(zipped({**dict.fromkeys(litter, "x"), "rendu.txt": "a", "vide/": ""}))

    assert (list(files), errors) == (["rendu.txt"], {})


@pytest.mark.parametrize(
    "raw",
    ["Stratégie été.txt".encode(), "Stratégie été.txt".encode("cp850")],
    ids=["UTF-8 sans marque", "DOS"],
)
def test_accents_in_names_are_kept_whatever_wrote_the_archive(raw: bytes) -> None:
    placeholder = b"#" * len(raw)
    data = zipped({placeholder.decode(): "a"}).replace(placeholder, raw)

    files, _ = opened(data)

    assert list(files) == ["Stratégie été.txt"]


def test_names_come_out_composed_and_without_tricks() -> None:
    tricky = unicodedata.normalize("NFD", "é") + "\u202excod.txt"

    files, _ = opened(zipped({tricky: "a", "x" * 300 + ".txt": "b"}))

    assert "éxcod.txt" in files
    assert all(len(name) <= 150 and name.endswith(".txt") for name in files)


@pytest.mark.parametrize(
    "name",
    [
        "../fuite.txt",
        "a/../../fuite.txt",
        "/etc/fuite.txt",
        "C:\\fuite.txt",
        "..\\..\\fuite.txt",
        "C:fuite.txt",
    ],
)
def test_a_path_that_leads_out_is_refused_and_the_rest_is_kept(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "travail").mkdir()
    monkeypatch.chdir(tmp_path / "travail")

    files, errors = opened(zip_of((entry(name), b"x"), (entry("bon.txt"), b"a")))

    assert files == {"bon.txt": b"a"}
    (error,) = errors.values()
    assert isinstance(error, UnsafeFile)
    assert "chemin hors de l'archive" in error.user_message
    assert "fuite.txt" in error.user_message
    assert [p for p in tmp_path.rglob("*") if p.is_file()] == []


@pytest.mark.parametrize("kind", [stat.S_IFLNK, stat.S_IFIFO, stat.S_IFCHR])
def test_a_link_or_a_device_is_refused_and_the_rest_is_kept(kind: int) -> None:
    link = entry("lien.txt", mode=kind | 0o777)

    files, errors = opened(zip_of((link, b"/etc/passwd"), (entry("bon.txt"), b"a")))

    assert files == {"bon.txt": b"a"}
    assert isinstance(errors["lien.txt"], UnsafeFile)
    assert "lien vers un autre fichier" in errors["lien.txt"].user_message


def test_an_encrypted_entry_is_said_to_be_protected_and_the_rest_is_kept() -> None:
    data = bytearray(zipped({"cle.txt": "secret", "bon.txt": "a"}))
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.index(signature) + offset] |= 1

    files, errors = opened(bytes(data))

    assert files == {"bon.txt": b"a"}
    assert isinstance(errors["cle.txt"], EncryptedFile)


def test_an_archive_in_the_archive_is_opened_once_and_no_further() -> None:
    deepest = zipped({"fond.txt": "c"})
    inner = zipped({"dedans.txt": "b", "encore.zip": deepest})

    files, errors = opened(zipped({"rendu.txt": "a", "annexes.zip": inner}))

    assert files == {"rendu.txt": b"a", "dedans.txt": b"b"}
    assert "archives imbriquées" in errors["encore.zip"].user_message


def test_a_damaged_inner_archive_spares_the_rest() -> None:
    files, errors = opened(zipped({"a.txt": "a", "casse.zip": b"PK\x03\x04 rien", "faux.zip": "b"}))

    assert files == {"a.txt": b"a"}
    assert isinstance(errors["casse.zip"], CorruptedFile)
    assert isinstance(errors["faux.zip"], WrongExtension)


def test_an_entry_that_inflates_beyond_reason_is_refused_while_it_is_read() -> None:
    files, errors = opened(
        zipped({"bombe.txt": b"\0" * 20_000_000, "bon.txt": "a"}), ratio_floor_bytes=1_000_000
    )

    assert files == {"bon.txt": b"a"}
    assert "taux de compression anormal" in errors["bombe.txt"].user_message


def test_a_declared_size_that_lies_changes_nothing() -> None:
    data = bytearray(zipped({"bombe.txt": b"\0" * 20_000_000}))
    for signature, offset in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        at = data.index(signature) + offset
        data[at : at + 4] = (10).to_bytes(4, "little")

    files, errors = opened(bytes(data), ratio_floor_bytes=1_000_000)

    assert files == {}
    assert isinstance(errors["bombe.txt"], CorruptedFile | UnsafeFile)


def test_a_file_too_large_is_refused_and_the_rest_is_kept() -> None:
    files, errors = opened(
        zipped({"gros.txt": os.urandom(300_000), "bon.txt": "a"}), max_file_bytes=200_000
    )

    assert files == {"bon.txt": b"a"}
    assert isinstance(errors["gros.txt"], FileTooLarge)


def test_files_too_large_together_condemn_the_archive() -> None:
    data = zipped({f"{n}.txt": os.urandom(100_000) for n in range(4)})

    with pytest.raises(FileTooLarge) as raised:
        opened(data, max_total_bytes=250_000)

    assert "« dossier.zip »" in raised.value.user_message


def test_too_many_files_condemn_the_archive_nested_ones_counted() -> None:
    many = {f"{n}.txt": "x" for n in range(8)}

    with pytest.raises(UnsafeFile) as raised:
        opened(zipped({**many, "suite.zip": zipped(many)}), max_files=12)

    assert "plus de 12 fichiers" in raised.value.user_message


@pytest.mark.parametrize(
    ("data", "error"),
    [
        (b"", EmptyFile),
        (b"du texte", WrongExtension),
        (b"\x00\x01" * 50, CorruptedFile),
        (odf("text", "<text:p>a</text:p>"), WrongExtension),
        (zipped({"a.txt": "a"})[:-10], CorruptedFile),
    ],
    ids=["vide", "texte", "binaire", "odt renommé", "coupé"],
)
def test_what_is_not_a_sound_zip_is_refused(data: bytes, error: type[IngestError]) -> None:
    with pytest.raises(error) as raised:
        opened(data)

    assert "« dossier.zip »" in raised.value.user_message


def test_a_damaged_entry_spares_the_rest() -> None:
    data = bytearray(zip_of((entry("casse.txt"), b"abcdefgh" * 50), (entry("bon.txt"), b"a")))
    start = data.index(b"casse.txt") + len("casse.txt")
    data[start : start + 8] = b"\xff" * 8

    files, errors = opened(bytes(data))

    assert files == {"bon.txt": b"a"}
    assert isinstance(errors["casse.txt"], CorruptedFile)
