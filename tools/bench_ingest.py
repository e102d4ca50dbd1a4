"""Measures reading: pages a second and peak memory, beside other libraries, in one run.

`make bench` writes docs/benchmarks.md. Each measure is a process of its own, so that memory is
told apart; the time is computing time, so that a busy machine changes little; the ratios are
between processes of the same run.
"""

import argparse
import importlib.util
import io
import json
import platform
import random
import resource
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from email.message import EmailMessage
from importlib.metadata import version
from pathlib import Path
from typing import Final, NamedTuple

PAGES: Final = (10, 100, 1000)
_SEED: Final = 20260301
_WORDS_A_PAGE: Final = 380
_TIMEOUT: Final = 1800.0
_WORDS: Final = (
    "audience campagne publication engagement abonnés budget planning charte modération visuel "
    "objectif indicateur conversion boutique festival clients contenus calendrier veille crise "
    "stratégie réponse partenaire hébergement accessibilité le la les des une pour avec dans sur"
).split()


class Measure(NamedTuple):
    """One process. Units: seconds of computing, MiB at the peak."""

    seconds: float
    peak_mib: float
    characters: int


# --- the files ----------------------------------------------------------------------------------


def _sentence(luck: random.Random, words: int) -> str:
    text = " ".join(luck.choice(_WORDS) for _ in range(words))
    return text[0].upper() + text[1:] + "."


def _paragraphs(pages: int) -> Iterator[tuple[str, str]]:
    """Headings and paragraphs of about that many pages: (kind, text)."""
    luck = random.Random(_SEED)
    for page in range(1, pages + 1):
        yield "heading", f"Partie {page}. {_sentence(luck, 4)}"
        for _ in range(6):
            yield "paragraph", _sentence(luck, _WORDS_A_PAGE // 6)


def make_pdf(pages: int) -> bytes:
    """Flowing text with headings, page numbers and one small table a page."""
    from reportlab.lib.styles import getSampleStyleSheet
    from reportlab.platypus import PageBreak, Paragraph, SimpleDocTemplate, Table

    styles = getSampleStyleSheet()
    story: list[object] = []
    for kind, text in _paragraphs(pages):
        if kind == "heading":
            story += [PageBreak()] if story else []
            story += [
                Paragraph(text, styles["Heading2"]),
                Table([["Canal", "Vues", "Clics"], ["Instagram", "1 200", "84"]]),
            ]
        else:
            story.append(Paragraph(text, styles["BodyText"]))
    buffer = io.BytesIO()
    SimpleDocTemplate(buffer).build(story)
    return buffer.getvalue()


def make_docx(pages: int) -> bytes:
    """Headings, paragraphs and one small table a page, as Word writes them."""
    import docx

    document = docx.Document()
    for kind, text in _paragraphs(pages):
        if kind == "heading":
            document.add_heading(text, 2)
        else:
            document.add_paragraph(text)
    return _saved(document)


def make_pptx(pages: int) -> bytes:
    """Slides with a title, six lines and notes."""
    import pptx

    presentation = pptx.Presentation()
    luck = random.Random(_SEED)
    for number in range(1, pages + 1):
        slide = presentation.slides.add_slide(presentation.slide_layouts[1])
        slide.shapes.title.text = f"Diapositive {number}"
        lines = (_sentence(luck, 12) for _ in range(6))
        slide.placeholders[1].text_frame.text = "\n".join(lines)
        slide.notes_slide.notes_text_frame.text = _sentence(luck, 30)
    return _saved(presentation)


def make_xlsx(pages: int) -> bytes:
    """Forty rows of eight cells a page."""
    import openpyxl

    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("Calendrier")
    luck = random.Random(_SEED)
    for row in range(pages * 40):
        texts = [_sentence(luck, 4) for _ in range(5)]
        sheet.append([row, luck.random(), *texts, "programmé"])
    return _saved(book)


def make_csv(pages: int) -> bytes:
    """Twenty rows of six cells a page."""
    luck = random.Random(_SEED)
    rows = (
        ";".join((str(row), *(_sentence(luck, 4) for _ in range(5)))) for row in range(pages * 20)
    )
    return "\n".join(rows).encode()


def make_ods(pages: int) -> bytes:
    """Twenty rows of six cells a page."""
    luck = random.Random(_SEED)
    row = "<table:table-row>{}</table:table-row>"
    cell = '<table:table-cell office:value-type="string"><text:p>{}</text:p></table:table-cell>'
    rows = (
        row.format("".join(cell.format(_sentence(luck, 4)) for _ in range(6)))
        for _ in range(pages * 20)
    )
    return _odf("spreadsheet", f'<table:table table:name="Plan">{"".join(rows)}</table:table>')


def make_odp(pages: int) -> bytes:
    """Slides of six lines."""
    luck = random.Random(_SEED)
    page = (
        '<draw:page draw:name="{}"><draw:frame svg:x="2cm" svg:y="2cm" svg:width="20cm" '
        'svg:height="12cm"><draw:text-box>{}</draw:text-box></draw:frame></draw:page>'
    )
    slides = (
        page.format(n, "".join(f"<text:p>{_sentence(luck, 12)}</text:p>" for _ in range(6)))
        for n in range(1, pages + 1)
    )
    return _odf("presentation", "".join(slides))


def make_md(pages: int) -> bytes:
    """Headings and paragraphs."""
    marks = {"heading": "## ", "paragraph": ""}
    return "\n\n".join(f"{marks[kind]}{text}" for kind, text in _paragraphs(pages)).encode()


def make_eml(pages: int) -> bytes:
    """A letter as long as that."""
    letter = EmailMessage()
    letter["Subject"], letter["From"], letter["To"] = "Bilan", "a@exemple.fr", "b@exemple.fr"
    letter.set_content("\n\n".join(text for _, text in _paragraphs(pages)))
    return letter.as_bytes()


def make_odt(pages: int) -> bytes:
    """Headings and paragraphs in an OpenDocument text."""
    inside = "".join(
        f'<text:h text:outline-level="2">{text}</text:h>'
        if kind == "heading"
        else f"<text:p>{text}</text:p>"
        for kind, text in _paragraphs(pages)
    )
    return _odf("text", inside)


def _odf(kind: str, inside: str) -> bytes:
    urn = "urn:oasis:names:tc:opendocument:xmlns"
    names = ("office", "text", "table", "drawing", "svg-compatible")
    spaces = zip(("office", "text", "table", "draw", "svg"), names, strict=True)
    content = (
        '<?xml version="1.0" encoding="UTF-8"?><office:document-content '
        + " ".join(f'xmlns:{prefix}="{urn}:{name}:1.0"' for prefix, name in spaces)
        + f' office:version="1.2"><office:body><office:{kind}>{inside}</office:{kind}>'
        "</office:body></office:document-content>"
    )
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", f"application/vnd.oasis.opendocument.{kind}")
        archive.writestr("content.xml", content)
        archive.writestr("META-INF/manifest.xml", "<manifest/>")
    return buffer.getvalue()


def make_html(pages: int) -> bytes:
    """Headings and paragraphs."""
    tags = {"heading": "h2", "paragraph": "p"}
    body = "".join(f"<{tags[kind]}>{text}</{tags[kind]}>" for kind, text in _paragraphs(pages))
    return f"<!doctype html><html lang=fr><meta charset=utf-8><body>{body}</body></html>".encode()


def make_txt(pages: int) -> bytes:
    """Paragraphs."""
    return "\n\n".join(text for _, text in _paragraphs(pages)).encode()


def _saved(document: object) -> bytes:
    buffer = io.BytesIO()
    document.save(buffer)  # type: ignore[attr-defined]  # three libraries, the same method
    return buffer.getvalue()


MAKERS: Final[Mapping[str, Callable[[int], bytes]]] = {
    "pdf": make_pdf,
    "docx": make_docx,
    "pptx": make_pptx,
    "xlsx": make_xlsx,
    "csv": make_csv,
    "odt": make_odt,
    "ods": make_ods,
    "odp": make_odp,
    "html": make_html,
    "md": make_md,
    "eml": make_eml,
    "txt": make_txt,
}

# --- the readers --------------------------------------------------------------------------------


def _preuve(path: Path) -> int:
    """All that the product does: text, places, hidden text, flags, as JSON."""
    from ingest.jobs import run
    from ingest.types import Document
    from ingest.wire import Job, Request

    reply, bodies = run(Request(job=Job.READ, filename=path.name), path.read_bytes())
    if reply.failure is not None:
        raise SystemExit(reply.failure.error().user_message)
    document = Document.model_validate_json(bodies[0])
    if document.coverage < 1.0:
        raise SystemExit(f"lu à {document.coverage * 100:.0f} % seulement")
    return len(document.text)


def _preuve_cached(path: Path) -> int:
    """A second opening: the document comes from the cache."""
    from ingest.cache import DocumentCache
    from ingest.service import ReadingService
    from ingest.types import SourceFile

    cache = DocumentCache(path.parent / "cache")
    return len(ReadingService(cache=cache).read(SourceFile.from_path(path)).text)


def _pypdf(path: Path) -> int:
    from pypdf import PdfReader

    return sum(len(page.extract_text()) for page in PdfReader(path).pages)


def _pypdfium2(path: Path) -> int:
    import pypdfium2

    total = 0
    document = pypdfium2.PdfDocument(path)
    for page in document:
        textpage = page.get_textpage()
        total += len(textpage.get_text_range())
        textpage.close()
        page.close()
    return total


def _pdfminer(path: Path) -> int:
    from pdfminer.high_level import extract_text

    return len(extract_text(str(path)))


def _python_docx(path: Path) -> int:
    import docx

    return sum(len(paragraph.text) for paragraph in docx.Document(str(path)).paragraphs)


def _python_pptx(path: Path) -> int:
    import pptx

    slides = pptx.Presentation(str(path)).slides
    return sum(len(s.text_frame.text) for slide in slides for s in slide.shapes if s.has_text_frame)


def _openpyxl(path: Path) -> int:
    import openpyxl

    book = openpyxl.load_workbook(path, data_only=True)
    return sum(
        len(str(v)) for sheet in book for row in sheet.iter_rows(values_only=True) for v in row
    )


def _markitdown(path: Path) -> int:
    from markitdown import MarkItDown

    return len(MarkItDown().convert(str(path)).text_content)


READERS: Final[Mapping[str, Callable[[Path], int]]] = {
    "preuve": _preuve,
    "preuve (cache)": _preuve_cached,
    "pypdf": _pypdf,
    "pypdfium2": _pypdfium2,
    "pdfminer.six": _pdfminer,
    "python-docx": _python_docx,
    "python-pptx": _python_pptx,
    "openpyxl": _openpyxl,
    "markitdown": _markitdown,
}
_OTHERS: Final[Mapping[str, Sequence[str]]] = {
    "pdf": ("pypdfium2", "pypdf", "pdfminer.six", "markitdown"),
    "docx": ("python-docx", "markitdown"),
    "pptx": ("python-pptx", "markitdown"),
    "xlsx": ("openpyxl", "markitdown"),
    "html": ("markitdown",),
}

# --- measuring ----------------------------------------------------------------------------------


def measure_here(reader: str, path: Path) -> Measure:
    """Read a file in this process. The imports of the reader are not counted in the time."""
    warm = path.parent / f"warm{path.suffix}"
    if warm.exists() and warm != path:
        READERS[reader](warm)
    started = time.process_time()
    characters = READERS[reader](path)
    return Measure(time.process_time() - started, _peak_mib(), characters)


def _peak_mib() -> float:
    status = Path("/proc/self/status")
    if status.exists():
        return int(status.read_text(encoding="utf-8").partition("VmHWM:")[2].split()[0]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def measure(reader: str, path: Path) -> Measure | str:
    """The same in a process of its own; the cause, in French, when it fails or takes too long."""
    command = [sys.executable, "-m", "tools.bench_ingest", "--measure", reader, str(path)]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=_TIMEOUT)
    except subprocess.TimeoutExpired:
        return f"pas fini après {_TIMEOUT:.0f} s"
    if done.returncode:
        return done.stderr.strip().rpartition("\n")[2] or f"code de sortie {done.returncode}"
    return Measure(*json.loads(done.stdout.strip().splitlines()[-1]))


class Row(NamedTuple):
    """A line of the table. `ratio`: computing time over preuve's, in the same run."""

    format: str
    pages: int
    reader: str
    measured: Measure | None
    ratio: float | None
    failure_fr: str = ""


def run(formats: Sequence[str], sizes: Sequence[int]) -> Iterator[Row]:
    """Make each file and read it with each library."""
    with tempfile.TemporaryDirectory(prefix="preuve-bench-") as folder:
        for name in formats:
            Path(folder, f"warm.{name}").write_bytes(MAKERS[name](1))
            for pages in sizes:
                path = Path(folder, f"livrable-{pages}.{name}")
                path.write_bytes(MAKERS[name](pages))
                yield from _rows(name, pages, path)


def _rows(name: str, pages: int, path: Path) -> Iterator[Row]:
    ours = measure("preuve", path)
    yield _row(name, pages, "preuve", ours, ours)
    measure("preuve (cache)", path)  # fills the cache
    for reader in ("preuve (cache)", *_OTHERS.get(name, ())):
        if reader == "markitdown" and importlib.util.find_spec("markitdown") is None:
            continue
        yield _row(name, pages, reader, measure(reader, path), ours)


def _row(name: str, pages: int, reader: str, found: Measure | str, ours: Measure | str) -> Row:
    if isinstance(found, str):
        return Row(name, pages, reader, None, None, found)
    ratio = found.seconds / ours.seconds if isinstance(ours, Measure) and ours.seconds else None
    return Row(name, pages, reader, found, ratio)


# --- the report ---------------------------------------------------------------------------------


def table(rows: Sequence[Row]) -> str:
    """The figures as a Markdown table, in French."""
    lines = [
        "| format | pages | lecteur | pages/s | mémoire (Mio) | durée ÷ preuve |",
        "| --- | ---: | --- | ---: | ---: | ---: |",
    ]
    for row in rows:
        if row.measured is None:
            cells = "échec", "—", "—"
        else:
            speed = row.pages / max(row.measured.seconds, 1e-6)
            shown = f"{speed:,.0f}".replace(",", " ")
            ratio = "—" if row.ratio is None else f"{row.ratio:.2f}".replace(".", ",")
            cells = shown, f"{row.measured.peak_mib:.0f}", ratio
        lines.append(f"| {row.format} | {row.pages} | {row.reader} | {' | '.join(cells)} |")
    return "\n".join(lines)


def failures(rows: Sequence[Row]) -> str:
    """Why the lines that say « échec » do."""
    failed = [row for row in rows if row.failure_fr]
    return "\n".join(
        f"- échec, {r.format}, {r.pages} pages, {r.reader} : {r.failure_fr}" for r in failed
    )


def growth(rows: Sequence[Row]) -> str:
    """How the time of a page grows with the file, preuve alone: 1 is linear."""
    lines = []
    for name in dict.fromkeys(row.format for row in rows):
        ours = [r for r in rows if r.format == name and r.reader == "preuve" and r.measured]
        if len(ours) < 2:
            continue
        costs = [r.measured.seconds / r.pages for r in ours if r.measured]
        ratio = f"{costs[-1] / costs[-2]:.2f}".replace(".", ",")
        lines.append(
            f"- {name} : une page coûte {ratio} fois, de {ours[-2].pages} à {ours[-1].pages}"
        )
    return "\n".join(lines)


def machine() -> str:
    """What the figures were measured on."""
    libraries = (
        "pypdf",
        "pypdfium2",
        "pdfminer.six",
        "python-docx",
        "python-pptx",
        "openpyxl",
        "lxml",
    )
    versions = ", ".join(f"{name} {version(name)}" for name in libraries)
    return f"Python {platform.python_version()}, {platform.machine()}, {versions}"


_START: Final = "<!-- mesures : écrites par `make bench`, ne pas modifier à la main -->"
_END: Final = "<!-- fin des mesures -->"


def write(path: Path, rows: Sequence[Row]) -> None:
    """Replace the figures of a document, between its two marks."""
    text = path.read_text(encoding="utf-8")
    before, rest = text.split(_START)
    after = rest.split(_END)[1]
    parts = [_START, machine(), table(rows), failures(rows), growth(rows), _END]
    path.write_text(before + "\n\n".join(filter(None, parts)) + after, encoding="utf-8")


def main() -> None:
    """Parse the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--formats", default=",".join(MAKERS))
    parser.add_argument("--pages", default=",".join(map(str, PAGES)))
    parser.add_argument("--markdown", type=Path)
    parser.add_argument("--measure", nargs=2, metavar=("READER", "FILE"))
    arguments = parser.parse_args()
    if arguments.measure:
        reader, path = arguments.measure
        print(json.dumps(measure_here(reader, Path(path))))
        return
    sizes = [int(size) for size in arguments.pages.split(",")]
    rows = []
    for row in run(arguments.formats.split(","), sizes):
        rows.append(row)
        print(row, file=sys.stderr, flush=True)
    print(*filter(None, (table(rows), failures(rows), growth(rows))), sep="\n\n")
    if arguments.markdown:
        write(arguments.markdown, rows)


if __name__ == "__main__":
    main()
