"""The gold labels of a set, as its CSV file says them, and what is wrong in that file."""

import csv
import io
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from typing import Final, Literal

from assistant.domain.verdict import Verdict
from assistant.errors import EvalSetInvalid
from ingest.types import Frozen

COLUMNS: Final = (
    "candidat",
    "fichier",
    "epreuve",
    "critere_id",
    "verdict",
    "citation",
    "commentaire",
)
_OPTIONAL: Final = frozenset({"citation", "commentaire"})


class GoldLabel(Frozen):
    """One gold verdict. `line` is its line in the CSV file, from 2.

    `citation` is a short verbatim extract of the file, empty for a pure absence.
    """

    candidat: str
    fichier: str
    epreuve: str
    critere: str
    verdict: Verdict
    citation: str = ""
    commentaire: str = ""
    line: int


class SetProblem(Frozen):
    """What does not match in a set. `line`: of the labels' file, 0 when no line is at fault.

    An « erreur » keeps a label out of the figures, or shows that some are missing; a
    « remarque » is to be read by whoever keeps the set.
    """

    line: int = 0
    severity: Literal["erreur", "remarque"] = "erreur"
    message_fr: str

    def __str__(self) -> str:
        place = f"ligne {self.line} : " if self.line else ""
        return f"{place}{self.message_fr}"


def read_labels(path: Path) -> tuple[tuple[GoldLabel, ...], tuple[SetProblem, ...]]:
    """The labels that can be understood, and the lines that cannot.

    Raises: `EvalSetInvalid` when the file is not there, not UTF-8, or lacks a column.
    """
    labels: list[GoldLabel] = []
    problems: list[SetProblem] = []
    for line, row in _rows(path):
        verdict = row["verdict"]
        try:
            known = Verdict(verdict)
        except ValueError:
            possible = ", ".join(v.value for v in Verdict)
            message = f"verdict « {verdict} » inconnu (verdicts possibles : {possible})."
            problems.append(SetProblem(line=line, message_fr=message))
            continue
        labels.append(
            GoldLabel(
                candidat=row["candidat"],
                fichier=row["fichier"],
                epreuve=row["epreuve"],
                critere=row["critere_id"],
                verdict=known,
                citation=row["citation"],
                commentaire=row["commentaire"],
                line=line,
            )
        )
    return tuple(labels), tuple(problems)


def _rows(path: Path) -> Iterator[tuple[int, dict[str, str]]]:
    text = _text(path)
    header = text.partition("\n")[0]
    reader = csv.DictReader(io.StringIO(text), delimiter=";" if ";" in header else ",")
    missing = [c for c in COLUMNS if c not in (reader.fieldnames or ()) and c not in _OPTIONAL]
    if missing:
        raise _invalid(path, f"colonnes absentes : {', '.join(missing)}.")
    while True:
        line = reader.line_num + 1
        row = next(reader, None)
        if row is None:
            return
        yield line, {column: _clean(row.get(column)) for column in COLUMNS}


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise _invalid(path, "le fichier des étiquettes est introuvable.") from None
    except UnicodeDecodeError:
        raise _invalid(path, "le fichier des étiquettes n'est pas en UTF-8.") from None
    except OSError as error:
        raise _invalid(path, f"le fichier des étiquettes est illisible ({error}).") from None


def _clean(value: str | None) -> str:
    return unicodedata.normalize("NFC", (value or "").strip())


def _invalid(path: Path, problem: str) -> EvalSetInvalid:
    return EvalSetInvalid(problem, path=path.name, problem=problem)
