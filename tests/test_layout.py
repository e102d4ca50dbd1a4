"""LibreOffice lays files out alone: nothing fetched, nothing read around, nothing left running."""

import io
import shutil
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from PIL import Image
from pypdf import PdfReader

from ingest.layout import LayoutFailed, OfficeLayout, find_office
from ingest.types import SourceFile
from tests.corpus_layout import OFFICE, lays_out, odf_text, word_file

needs_office = pytest.mark.skipif(OFFICE is None, reason="needs LibreOffice")


def links(address: str) -> str:
    """A picture and a section that are elsewhere."""
    return (
        '<text:p>Un paragraphe.<draw:frame svg:width="3cm" svg:height="3cm" '
        f'text:anchor-type="as-char"><draw:image xlink:href="{address}/a.png"/></draw:frame>'
        f'</text:p><text:section text:name="S"><text:section-source xlink:href="{address}/b.txt"/>'
        "<text:p>Dedans.</text:p></text:section>"
    )


@pytest.fixture
def visits():
    """A web server that keeps the first line of what it is asked, and answers nothing."""
    asked: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.1)
        over = threading.Event()

        def listen() -> None:
            while not over.is_set():
                try:
                    connection, _ = server.accept()
                except TimeoutError:
                    continue
                with connection:
                    asked.append(connection.recv(200).split(b"\r\n")[0])

        thread = threading.Thread(target=listen)
        thread.start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}", asked
        over.set()
        thread.join()


@needs_office
@pytest.mark.slow
def test_nothing_is_fetched_for_the_layout_that_libreoffice_would_fetch(visits, tmp_path):
    if not lays_out(".odt"):
        pytest.skip("this LibreOffice lays out no .odt")
    address, asked = visits
    file = SourceFile.from_bytes("rendu.odt", odf_text(links(address)))
    assert OFFICE.pdf(file).data.startswith(b"%PDF")
    assert asked == []

    (tmp_path / "rendu.odt").write_bytes(file.data)  # as anybody runs it
    profile = f"-env:UserInstallation={(tmp_path / 'profil').as_uri()}"
    command = [shutil.which("soffice"), profile, "--headless", "--convert-to", "pdf"]
    subprocess.run(
        [*command, "--outdir", str(tmp_path), str(tmp_path / "rendu.odt")],
        check=True,
        capture_output=True,
        timeout=60,
    )
    assert any(b"/a.png" in line for line in asked)


@needs_office
@pytest.mark.slow
def test_no_other_file_of_the_machine_is_laid_out(tmp_path):
    if not lays_out(".odt"):
        pytest.skip("this LibreOffice lays out no .odt")
    (tmp_path / "b.txt").write_text("SECRET DU POSTE", encoding="utf-8")
    Image.new("RGB", (60, 60), (250, 0, 250)).save(tmp_path / "a.png")
    made = OFFICE.pdf(SourceFile.from_bytes("a.odt", odf_text(links(tmp_path.as_uri()))))
    (page,) = PdfReader(io.BytesIO(made.data)).pages
    assert "SECRET" not in page.extract_text()
    assert "Un paragraphe." in page.extract_text()
    assert not any(image.image.getpixel((5, 5)) == (250, 0, 250) for image in page.images)


@needs_office
def test_a_laid_out_file_is_kept_and_not_laid_out_again(tmp_path):
    if not lays_out(".docx"):
        pytest.skip("this LibreOffice lays out no .docx")
    file = SourceFile.from_bytes("rendu.docx", word_file())
    first = find_office(cache=tmp_path).pdf(file)
    assert OfficeLayout("/nowhere/soffice", cache=tmp_path).pdf(file).data == first.data


@pytest.mark.skipif(sys.platform == "win32", reason="a shell script")
def test_a_layout_that_never_ends_is_stopped_with_its_children(tmp_path):
    log = tmp_path / "log"
    script = tmp_path / "soffice"
    script.write_text(f"#!/bin/sh\nsleep 300 & echo $! > {log}\nwait\n", encoding="utf-8")
    script.chmod(0o755)
    started = time.monotonic()
    with pytest.raises(LayoutFailed, match="not laid out"):
        OfficeLayout(str(script), seconds=1.0).pdf(SourceFile.from_bytes("a.docx", word_file()))
    assert time.monotonic() - started < 20
    time.sleep(0.2)
    assert not is_running(log.read_text(encoding="utf-8").strip())


def is_running(pid: str) -> bool:
    """False for a process that ended and that nobody has waited for yet."""
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").split()[2] != "Z"
    except FileNotFoundError:
        return False


def test_a_file_s_name_is_never_a_path_for_libreoffice(tmp_path):
    outside = tmp_path / "pages.pdf"
    file = SourceFile.from_bytes(f"../../..{outside.with_suffix('.docx')}", word_file())
    with pytest.raises(LayoutFailed):
        OfficeLayout("true").pdf(file)
    assert list(tmp_path.iterdir()) == []
