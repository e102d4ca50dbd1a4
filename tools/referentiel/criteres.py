"""Reads `criteres.csv`, the official wording of every criterion."""

import csv
import re
from itertools import groupby
from pathlib import Path
from typing import Final

from ingest.types import Frozen
from tools.referentiel.fragments import ConversionError, one_line

_NUMBER: Final = re.compile(r"\bC(?:E\.?)? ?\d+\.? ")


class CsvCriterion(Frozen):
    """One row, its columns as they stand."""

    id: str
    bloc: str
    epreuve: str
    titre_epreuve: str
    competences: str
    groupe: str
    titre_groupe: str
    ce: int
    texte: str


def read_criteria(path: Path) -> tuple[CsvCriterion, ...]:
    """The rows in their order. Raises: `pydantic.ValidationError` for a row that lacks one."""
    with path.open(encoding="utf-8", newline="") as file:
        return tuple(CsvCriterion.model_validate(row) for row in csv.DictReader(file))


def by_epreuve(rows: tuple[CsvCriterion, ...]) -> dict[str, list[CsvCriterion]]:
    """The rows of each épreuve, in order."""
    return {key: list(found) for key, found in groupby(rows, key=lambda row: row.epreuve)}


def verify_criteria_cell(epreuve: str, cell: str, rows: list[CsvCriterion]) -> None:
    """The extracted column, its numbers aside, says exactly the titles and texts of the rows.

    Raises: `ConversionError` with the first words that differ.
    """
    wanted: list[str] = []
    for _, found in groupby(rows, key=lambda row: row.groupe):
        group = list(found)
        wanted += [group[0].titre_groupe, *(row.texte for row in group)]
    left, right = _words(_NUMBER.sub("", cell)), _words(one_line(" ".join(wanted)))
    for position, (ours, theirs) in enumerate(zip(left, right, strict=False)):
        if ours != theirs:
            context = " ".join(left[max(0, position - 5) : position + 5])
            raise ConversionError(f"{epreuve} : « {context} » au lieu de « {theirs} »")
    if len(left) != len(right):
        raise ConversionError(f"{epreuve} : {len(left)} mots extraits, {len(right)} attendus")


def _words(text: str) -> list[str]:
    """Words without the final full stops that titles have in one source and not in the other."""
    return [word.rstrip(".") for word in text.split() if word.rstrip(".")]
