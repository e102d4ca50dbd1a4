"""What the batches leave beside the store, cohort by cohort: names, requests, answers.

A cohort's folder holds the table that says which candidate an identifier stands for, what an
archive had to leave out, and, when a provider's batch endpoint was used, the files that were sent
and those that came back.
"""

import csv
import io
import os
import shutil
from collections.abc import Callable, Collection, Iterable, Iterator
from pathlib import Path
from typing import Final

PSEUDONYMS: Final = "pseudonymes.csv"
LEFT_OUT: Final = "ecartes.txt"
#: What a run started from the page had to say.
SAID: Final = "dernier_lancement.txt"
REQUESTS: Final = ".demandes.jsonl"
ANSWERS: Final = ".reponses.jsonl"
COHORTS: Final = "cohortes"
_OURS: Final = b'"preuve-'
_PLACE_BYTES: Final = 12

#: The digests that the requests about some dossiers begin their ids with.
Places = Callable[[Iterable[str]], Collection[str]]


class CohortTraces:
    """Of all the cohorts of one installation. Every method raises: `OSError`."""

    def __init__(self, data_dir: Path, places: Places) -> None:
        self._root = data_dir / COHORTS
        self._places = places

    def forget(self, dossier_ids: Collection[str], names: Collection[str]) -> None:
        """Take dossiers out: their lines of the tables, what was asked of them and answered.

        Requests are kept for the dossiers that a table still names: a line about no known
        dossier goes, whatever grid it was made with.
        """
        for folder in self._folders():
            _forget_names(folder / PSEUDONYMS, dossier_ids)
            _forget_words(folder / LEFT_OUT, names)
            # Its lines are cut where a terminal's end: a name may stand on two of them.
            (folder / SAID).unlink(missing_ok=True)
            known = self._places(_identifiers(folder / PSEUDONYMS))
            for path in _exchanged(folder):
                lines = path.read_bytes().splitlines(keepends=True)
                _replace(path, [line for line in lines if place_of(line) in known], len(lines))

    def forget_cohort(self, cohort_id: str, in_use: Iterable[Path]) -> None:
        """Take a whole cohort out, all but candidates' files that dossiers still stand on.

        Then the table stays too: those dossiers are known by it.
        """
        folder = self._root / cohort_id
        if not folder.is_dir():
            return
        if any(used.is_relative_to(folder.resolve()) for used in in_use):
            for path in _exchanged(folder):
                path.unlink()
            return
        shutil.rmtree(folder)

    def _folders(self) -> list[Path]:
        return sorted(path for path in self._root.glob("*") if path.is_dir())


def place_of(line: bytes) -> str:
    """The place digest of the first id in a line; empty when none is ours."""
    _, _, rest = line.partition(_OURS)
    return rest[:_PLACE_BYTES].decode("ascii", "replace")


def csv_text(lines: list[list[str]]) -> str:
    """The lines as a table of names has them."""
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=";", lineterminator="\r\n").writerows(lines)
    return text.getvalue()


def _exchanged(folder: Path) -> list[Path]:
    return sorted(path for end in (REQUESTS, ANSWERS) for path in folder.rglob(f"*{end}"))


def _table(path: Path) -> list[list[str]]:
    if not path.is_file():
        return []
    text = path.read_bytes().decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text, newline=""), delimiter=";"))


def _identifiers(path: Path) -> Iterator[str]:
    return (line[0] for line in _table(path)[1:] if line)


def _forget_names(path: Path, dossier_ids: Collection[str]) -> None:
    lines = _table(path)
    kept = [line for line in lines if not line or line[0] not in dossier_ids]
    _replace(path, [csv_text(kept).encode("utf-8-sig")], 1 + len(lines) - len(kept))


def _forget_words(path: Path, names: Collection[str]) -> None:
    if path.is_file():
        lines = path.read_bytes().splitlines(keepends=True)
        kept = [line for line in lines if not any(name.encode() in line for name in names)]
        _replace(path, kept, len(lines))


def _replace(path: Path, kept: list[bytes], before: int) -> None:
    """Write a file again when it loses something: whole or not at all; empty, it goes."""
    if len(kept) == before:
        return
    if not kept:
        path.unlink()
        return
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    draft.touch(mode=0o600)
    draft.write_bytes(b"".join(kept))
    draft.replace(path)
