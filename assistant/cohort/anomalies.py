"""What a person should look at before a cohort is run: missing, doubled, unreadable, ambiguous."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from enum import StrEnum
from typing import Final

from assistant.domain.cohort import DossierPlan
from assistant.domain.dossier import AssignmentSource, FileRole
from ingest.types import Frozen

#: An épreuve that this share of the candidates handed in is expected of the others.
_EXPECTED_SHARE: Final = 0.8
_FEWEST_DOSSIERS: Final = 5


class AnomalyKind(StrEnum):
    """The four kinds, in the words that are shown."""

    MISSING = "manquant"
    DOUBLED = "en double"
    UNREADABLE = "illisible"
    AMBIGUOUS = "ambigu"


class Anomaly(Frozen):
    """One thing to look at. `dossier_id` is empty when it concerns the cohort as a whole."""

    kind: AnomalyKind
    dossier_id: str = ""
    filename: str = ""
    message_fr: str


def of_dossier(plan: DossierPlan) -> tuple[Anomaly, ...]:
    """What one dossier shows by itself."""
    return tuple(_of_dossier(plan))


def _of_dossier(plan: DossierPlan) -> Iterator[Anomaly]:
    def told(kind: AnomalyKind, message: str, filename: str = "") -> Anomaly:
        return Anomaly(kind=kind, dossier_id=plan.dossier_id, filename=filename, message_fr=message)

    if plan.problem_fr:
        yield told(AnomalyKind.MISSING, plan.problem_fr)
    if plan.summary is None:
        return
    for failure in plan.summary.failures:
        missing = failure.error == "FileNotFoundError"
        kind = AnomalyKind.MISSING if missing else AnomalyKind.UNREADABLE
        yield told(kind, failure.message_fr, failure.filename)
    for report in plan.summary.extraction:
        if report.coverage < 1.0:
            share = f"{report.coverage * 100:.0f} %"
            message = f"« {report.filename} » n'a été lu qu'à {share}."
            yield told(AnomalyKind.UNREADABLE, message, report.filename)
    yield from _ambiguous(plan)
    yield from _doubled(plan)
    if not any(file.role is FileRole.BRIEF for file in plan.summary.files):
        yield told(
            AnomalyKind.MISSING,
            "Aucun brief : les critères qui demandent de comparer avec la commande du client ne "
            "pourront pas l'être.",
        )


def _ambiguous(plan: DossierPlan) -> Iterator[Anomaly]:
    assert plan.summary is not None
    for file in plan.summary.files:
        if file.role is not FileRole.DELIVERABLE:
            continue
        if file.source is AssignmentSource.UNKNOWN:
            message = (
                f"« {file.filename} » n'est rattaché à aucune épreuve : il ne sera pas examiné. "
                "Mettez le numéro de l'épreuve dans son nom (E1.2_…), ou dites-le dans un "
                "manifeste."
            )
        elif file.source is AssignmentSource.CONTENT:
            told = ", ".join(file.epreuves)
            message = (
                f"« {file.filename} » semble répondre à {told}, d'après son contenu : vérifiez."
            )
        else:
            continue
        yield Anomaly(
            kind=AnomalyKind.AMBIGUOUS,
            dossier_id=plan.dossier_id,
            filename=file.filename,
            message_fr=message,
        )


def _doubled(plan: DossierPlan) -> Iterator[Anomaly]:
    assert plan.summary is not None
    by_content: defaultdict[str, list[str]] = defaultdict(list)
    by_epreuve: defaultdict[str, list[str]] = defaultdict(list)
    shas: defaultdict[str, set[str]] = defaultdict(set)
    for file in plan.summary.files:
        by_content[file.sha256].append(file.filename)
        for epreuve in file.epreuves:
            by_epreuve[epreuve].append(file.filename)
            shas[epreuve].add(file.sha256)
    for names in by_content.values():
        if len(names) > 1:
            message = f"Le même fichier est là {len(names)} fois : {_quoted(names)}."
            yield Anomaly(
                kind=AnomalyKind.DOUBLED,
                dossier_id=plan.dossier_id,
                filename=names[0],
                message_fr=message,
            )
    for epreuve, names in by_epreuve.items():
        if len(shas[epreuve]) > 1:
            message = (
                f"{len(names)} fichiers pour l'épreuve {epreuve} ({_quoted(names)}) : ils seront "
                "lus ensemble. S'il s'agit de deux versions, gardez la bonne."
            )
            yield Anomaly(
                kind=AnomalyKind.DOUBLED,
                dossier_id=plan.dossier_id,
                filename=names[0],
                message_fr=message,
            )


class FileSighting(Frozen):
    """That a deliverable, known by its content, is in a dossier."""

    sha256: str
    dossier_id: str
    filename: str


def across(
    sightings: Iterable[FileSighting], epreuves: Iterable[tuple[str, tuple[str, ...]]]
) -> tuple[Anomaly, ...]:
    """What only the whole cohort shows: a file of two candidates, an épreuve one did not hand in.

    `epreuves` gives each dossier's id with the épreuves found in it.
    """
    return (*_shared(sightings), *_not_handed_in(tuple(epreuves)))


def _shared(sightings: Iterable[FileSighting]) -> Iterator[Anomaly]:
    places: defaultdict[str, dict[str, str]] = defaultdict(dict)
    for seen in sightings:
        places[seen.sha256].setdefault(seen.dossier_id, seen.filename)
    for dossiers in places.values():
        if len(dossiers) > 1:
            first = next(iter(dossiers.values()))
            yield Anomaly(
                kind=AnomalyKind.DOUBLED,
                filename=first,
                message_fr=(
                    f"Le même livrable, octet pour octet, est dans {len(dossiers)} dossiers "
                    f"({', '.join(dossiers)}) : une erreur de dépôt, peut-être."
                ),
            )


def _not_handed_in(dossiers: tuple[tuple[str, tuple[str, ...]], ...]) -> Iterator[Anomaly]:
    if len(dossiers) < _FEWEST_DOSSIERS:
        return
    counts = Counter(epreuve for _, found in dossiers for epreuve in found)
    expected = [e for e, n in sorted(counts.items()) if n >= _EXPECTED_SHARE * len(dossiers)]
    for dossier_id, found in dossiers:
        for epreuve in expected:
            if epreuve not in found:
                yield Anomaly(
                    kind=AnomalyKind.MISSING,
                    dossier_id=dossier_id,
                    message_fr=(
                        f"Rien pour l'épreuve {epreuve}, que {counts[epreuve]} candidats sur "
                        f"{len(dossiers)} ont rendue."
                    ),
                )


def _quoted(names: Iterable[str]) -> str:
    return ", ".join(f"« {name} »" for name in names)
