"""The bands of a run: how often drafts of each observable kind agreed with their label."""

import datetime as dt
from collections.abc import Sequence
from typing import Final

from assistant.domain.bands import LEVELS, Band, BandTable, Feature
from assistant.domain.rubric import RubricSet
from assistant.evaluation import bootstrap
from assistant.evaluation.catalogue import BY_ID
from assistant.evaluation.run import Row, Run

_AGREEMENT: Final = "agreement"
_NOTHING_VARIES_FR: Final = "rien ne varie d'un candidat à l'autre"


def band_table(
    run: Run, rubrics: RubricSet, *, command: str, authors: int, on: dt.date
) -> BandTable:
    """What drafts of each kind were worth on the whole set, both parts together.

    Kinds too rare to be bounded are kept, with the reason: they are never shown beside a draft.
    """
    return BandTable(
        set_name=run.set.name,
        set_title=run.set.title,
        set_version=run.set.version,
        labels_hash=run.set.labels_hash,
        labels=len(run.rows),
        candidates=len(run.candidates),
        authors=authors,
        command=command,
        measured_on=on,
        engine=run.engine,
        rubrics={rubric.id: rubric.content_hash for rubric in rubrics.rubrics},
        bands=bands(run.rows),
    )


def bands(rows: Sequence[Row]) -> tuple[Band, ...]:
    """The bands of every level, the largest first within each."""
    return tuple(band for level in LEVELS for band in _of_level(rows, level))


def _of_level(rows: Sequence[Row], level: Sequence[Feature]) -> list[Band]:
    groups: dict[tuple[str, ...], list[Row]] = {}
    for row in rows:
        if row.kind is not None:
            groups.setdefault(tuple(row.kind.at(level).values()), []).append(row)
    found = [_band(dict(zip(level, values, strict=True)), own) for values, own in groups.items()]
    return sorted(found, key=lambda band: (-band.size, sorted(band.features.items())))


def _band(features: dict[Feature, str], rows: Sequence[Row]) -> Band:
    statistic = BY_ID[_AGREEMENT]
    interval = bootstrap.interval(statistic, rows)
    note = "" if interval else bootstrap.too_small(statistic, rows) or _NOTHING_VARIES_FR
    return Band(
        features=features,
        size=len(rows),
        candidates=len({row.candidate for row in rows}),
        agreed=sum(row.draft is row.gold for row in rows),
        low=interval.low if interval else None,
        high=interval.high if interval else None,
        note_fr=note,
    )
