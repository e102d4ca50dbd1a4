"""What was read of the files and what was not: warnings, unread parts, hidden text."""

from collections import Counter
from collections.abc import Iterator
from typing import Final

from assistant.domain.extraction import ExtractionReport, HiddenItem
from assistant.domain.report import Report
from assistant.reporting.content import Paragraph, Style, bold, paragraph, quote
from assistant.reporting.files import FileTable, ReferencedFile
from assistant.reporting.labels import count_fr, fr
from ingest.types import HiddenReason

#: Counted, not copied: ordinary in any file, and properties often name the candidate.
_ONLY_COUNTED: Final = frozenset({HiddenReason.PROPERTY.value, HiddenReason.ALT_TEXT.value})
_MAX_HIDDEN: Final = 30
_MAX_CHARACTERS: Final = 400


def reading_notes(report: Report, files: FileTable) -> Iterator[Paragraph]:
    """File by file; a sentence says so when there is nothing to report."""
    notes = [note for row in files.rows for note in _file_notes(row)]
    unreadable = [f for f in report.dossier.failures if _concerns(report, f.epreuves)]
    for failure in unreadable:
        yield paragraph(
            bold(fr("Fichier non lu : ")),
            failure.filename,
            f" — {failure.message_fr}",
            style=Style.BULLET,
        )
    yield from notes
    if not notes and not unreadable:
        yield paragraph("Rien à signaler.", style=Style.BODY)


def _concerns(report: Report, epreuves: tuple[str, ...]) -> bool:
    """A file that no épreuve claims may be the one that is missing here."""
    return not epreuves or report.rubric.id in epreuves


def _file_notes(row: ReferencedFile) -> Iterator[Paragraph]:
    read = row.extraction
    if read is None:
        yield _note(row, "le compte rendu de lecture n'a pas été conservé.")
        return
    for warning in read.warnings_fr:
        yield _note(row, warning)
    for part in read.unread_fr:
        yield _note(row, f"non lu : {_place(part, read.filename)}")
    if read.ocr_pages:
        pages = count_fr(len(read.ocr_pages), "page reconnue", "pages reconnues")
        yield _note(row, f"{pages} par lecture automatique des images.")
    yield from _flag_notes(row, read)
    yield from _hidden_notes(row, read)


def _flag_notes(row: ReferencedFile, read: ExtractionReport) -> Iterator[Paragraph]:
    """Passages that speak to the assessor or to an assistant: none is counted as proof."""
    if read.flags:
        found = count_fr(len(read.flags), "passage signalé", "passages signalés")
        yield _note(
            row,
            f"{found} (adressé à l'évaluateur ou à un assistant, ou déguisé) : jamais une preuve.",
        )
    for item in read.flags[:_MAX_HIDDEN]:
        hidden = HiddenItem(text=item.text, reason_fr=item.reason_fr, place_fr=item.place_fr)
        yield _hidden(hidden, read.filename)


def _hidden_notes(row: ReferencedFile, read: ExtractionReport) -> Iterator[Paragraph]:
    copied = [item for item in read.hidden if item.reason_fr not in _ONLY_COUNTED]
    counted = Counter(i.reason_fr for i in read.hidden if i.reason_fr in _ONLY_COUNTED)
    if copied:
        found = count_fr(len(copied), "texte invisible trouvé", "textes invisibles trouvés")
        yield _note(row, f"{found} ; jamais utilisé comme preuve ni comme consigne.")
    for item in copied[:_MAX_HIDDEN]:
        yield _hidden(item, read.filename)
    if len(copied) > _MAX_HIDDEN:
        others = count_fr(len(copied) - _MAX_HIDDEN, "autre")
        yield paragraph(fr(f"et {others} : voir l'export JSON."), style=Style.BULLET)
    for reason, count in counted.items():
        yield _note(row, f"{reason} : {count} (non utilisé ; texte dans l'export JSON).")


def _hidden(item: HiddenItem, filename: str) -> Paragraph:
    text, rest = item.text[:_MAX_CHARACTERS], len(item.text) - _MAX_CHARACTERS
    more = f" (et {count_fr(rest, 'caractère')} : voir l'export JSON)" if rest > 0 else ""
    return paragraph(
        f"– {item.reason_fr}, {_place(item.place_fr, filename)}",
        fr(" : "),
        quote(text),
        fr(more),
        style=Style.BULLET,
    )


def _place(place_fr: str, filename: str) -> str:
    """A place without its file's name, which the line gives by its short name."""
    return place_fr.removeprefix(filename).removeprefix(", ") or "fichier entier"


def _note(row: ReferencedFile, text: str) -> Paragraph:
    return paragraph(bold(fr(f"{row.reference} : ")), fr(text), style=Style.BULLET)
