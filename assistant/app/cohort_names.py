"""The tables that say, cohort by cohort, which candidate an identifier stands for."""

import csv
import io
from collections.abc import Collection
from pathlib import Path
from typing import Final

PSEUDONYMS: Final = "pseudonymes.csv"
COHORTS: Final = "cohortes"


def forget_names(data_dir: Path, dossier_ids: Collection[str]) -> None:
    """Take the lines of these dossiers out of every table. Raises: `OSError`."""
    for path in sorted((data_dir / COHORTS).glob(f"*/{PSEUDONYMS}")):
        text = path.read_bytes().decode("utf-8-sig")
        lines = list(csv.reader(io.StringIO(text, newline=""), delimiter=";"))
        kept = [line for line in lines if not line or line[0] not in dossier_ids]
        if len(kept) < len(lines):
            path.write_text(csv_text(kept), encoding="utf-8-sig", newline="")


def csv_text(lines: list[list[str]]) -> str:
    """The lines as such a table has them."""
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=";", lineterminator="\r\n").writerows(lines)
    return text.getvalue()
