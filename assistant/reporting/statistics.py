"""The statistics as words, CSV and JSON. A share of too few cases is withheld everywhere."""

import csv
import io
import json
from collections.abc import Iterator

from assistant.domain.certification import Relecture
from assistant.domain.shares import Share
from assistant.domain.statistics import CriterionFigures, Statistics
from assistant.reporting.cells import safe_text
from assistant.reporting.labels import count_fr, percent_fr

_NBSP = "\u00a0"
_DASH = "—"
_KINDS = {
    "avec_proposition": "with_draft",
    "avant_proposition": "blind",
    "entre_evaluateurs": "people",
}


def share_fr(share: Share, least: int) -> str:
    """« 85 % (de 64 à 95 %), sur 20 », or why no share is given."""
    if not share.size:
        return _DASH
    if not share.enough(least):
        return f"{count_fr(share.size, 'cas', 'cas')}, il en faut {least}"
    low, high = share.interval
    whole = percent_fr(share.count / share.size)
    return f"{whole} (de {round(low * 100)} à {percent_fr(high)}), sur{_NBSP}{share.size}"


def seconds_fr(seconds: float | None) -> str:
    """« 1 min 20 s »."""
    if seconds is None:
        return _DASH
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes}{_NBSP}min{_NBSP}{rest:02d}{_NBSP}s" if minutes else f"{rest}{_NBSP}s"


def reason_fr(relecture: Relecture, reason_id: str) -> str:
    """The reason's words in the certification's list; one that left the list by its id."""
    motif = relecture.motif(reason_id)
    return motif.libelle if motif else reason_id or "Donné en toutes lettres, hors de la liste"


def statistics_csv(figures: Statistics, least: int) -> bytes:
    """One line per criterion; semicolons, with the mark that makes Excel read UTF-8.

    Units: shares from 0 to 1, seconds. A share that is withheld is empty; its size is there.
    """
    text = io.StringIO()
    writer = csv.writer(text, delimiter=";", lineterminator="\r\n")
    measures = [
        f"{kind}_{column}" for kind in _KINDS for column in ("cas", "accord", "bas", "haut")
    ]
    writer.writerow(["epreuve", "critere", *measures, "ecarts", "secondes_mediane", "lectures"])
    writer.writerows(_line(criterion, least) for criterion in figures.criteria)
    return text.getvalue().encode("utf-8-sig")


def _line(criterion: CriterionFigures, least: int) -> list[str]:
    cells = [safe_text(criterion.epreuve), safe_text(criterion.criterion_id)]
    for name in _KINDS.values():
        cells += _share_cells(getattr(criterion, name), least)
    seconds = criterion.median_seconds
    shown = criterion.with_draft.enough(least)
    return [
        *cells,
        str(len(criterion.overridden)) if shown else "",
        "" if seconds is None else f"{seconds:.1f}".replace(".", ","),
        str(criterion.timed),
    ]


def _share_cells(share: Share, least: int) -> Iterator[str]:
    yield str(share.size)
    numbers = (share.value, *share.interval) if share.enough(least) else (None, None, None)
    yield from ("" if n is None else f"{n:.4f}".replace(".", ",") for n in numbers)


def statistics_json(figures: Statistics, least: int, *, readers: bool = False) -> str:
    """Everything but people's names and the candidates' dossiers. `readers`: each person too."""

    def share(one: Share) -> dict[str, object]:
        if not one.enough(least):
            return {"cas": one.size, "accord": None, "intervalle": None}
        return {"cas": one.size, "accord": one.value, "intervalle": list(one.interval)}

    told: dict[str, object] = {
        "minimum": least,
        "lectures": figures.readings,
        **{kind: share(getattr(figures, name)) for kind, name in _KINDS.items()},
        "criteres": [
            {
                "epreuve": one.epreuve,
                "critere": one.criterion_id,
                **{kind: share(getattr(one, name)) for kind, name in _KINDS.items()},
                "secondes_mediane": one.median_seconds,
                "personnes_chronometrees": one.timed,
            }
            for one in figures.criteria
        ],
        "motifs": dict(figures.reasons),
        "premiere_lecture": figures.shift.model_dump(),
        "versions": [
            {
                **one.origin.model_dump(),
                "du": one.first.isoformat(),
                "au": one.last.isoformat(),
                "avec_proposition": share(one.with_draft),
            }
            for one in figures.origins
        ],
    }
    if readers:
        told["personnes"] = [one.model_dump() for one in figures.readers]
    return json.dumps(told, ensure_ascii=False, indent=2)
