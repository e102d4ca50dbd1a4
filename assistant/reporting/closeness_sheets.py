"""The sheets of a workbook about texts that candidates share: side by side, without a verdict."""

from assistant.cohort import Closeness, PassageSide
from assistant.reporting.closeness import (
    COMMON_FR,
    NOT_COMPARED_FR,
    NOTHING_CLOSE_FR,
    about_fr,
    pairs_of,
    same_words_fr,
)
from assistant.reporting.cohort_book import Book, height, write
from assistant.reporting.labels import fr

_PASSAGE: int = 70


def close_passages_sheets(book: Book, closeness: Closeness | None) -> None:
    """« Passages proches », and « Textes communs » when some were set aside."""
    heads = ["Dossier", "Épreuve", "Où", "Passage", "Dossier", "Épreuve", "Où", "Passage"]
    heads += ["Mots communs"]
    widths = [14, 9, 26, _PASSAGE, 14, 9, 26, _PASSAGE, 16]
    note = NOT_COMPARED_FR if closeness is None else about_fr(closeness)
    sheet, line = book.listing("Passages proches", heads, widths, note)
    pairs = pairs_of(closeness) if closeness is not None else ()
    for pair in pairs:
        for passage in pair.passages:
            sides = (*_side(passage.left), *_side(passage.right))
            longest = max(passage.left.text, passage.right.text, key=len)
            sheet.set_row(line, height(longest, _PASSAGE))
            for column, word in enumerate((*sides, same_words_fr(passage))):
                write(sheet, line, column, word, book.text)
            line += 1
        if pair.more_fr:
            for column, word in enumerate((pair.left, "", "", pair.more_fr, pair.right)):
                write(sheet, line, column, word, book.text)
            line += 1
    if closeness is not None and not pairs:
        write(sheet, line, 0, NOTHING_CLOSE_FR, book.plain)
    if closeness is not None and closeness.common:
        _common(book, closeness)


def _common(book: Book, closeness: Closeness) -> None:
    heads = ["Dossiers", "Extrait, tel que l'un d'eux l'écrit", "Dossier", "Épreuve", "Où"]
    sheet, line = book.listing("Textes communs", heads, [12, 100, 14, 9, 40], fr(COMMON_FR))
    for common in closeness.common:
        dossier, epreuve, place, text = _side(common.sample)
        sheet.set_row(line, height(text, 100))
        sheet.write_number(line, 0, common.dossiers, book.whole)
        for column, word in enumerate((text, dossier, epreuve, place), start=1):
            write(sheet, line, column, word, book.text)
        line += 1


def _side(side: PassageSide) -> tuple[str, str, str, str]:
    return side.dossier_id, side.epreuve, side.place_fr, side.text
