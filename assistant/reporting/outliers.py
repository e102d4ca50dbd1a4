"""What is said of what stands out in a cohort, and what a cohort leaves for the next one."""

from collections.abc import Iterator
from typing import Final

from assistant.cohort.outliers import (
    FEWEST,
    FEWEST_TO_COMPARE,
    CohortSpread,
    CriterionDrafts,
    EpreuveSpread,
    OddLength,
    Outliers,
    Shift,
    TextLength,
    met_by_nobody,
    odd_lengths,
    shifts,
)
from assistant.domain.verdict import Verdict
from assistant.reporting.cohort_results import EpreuveTable
from assistant.reporting.labels import count_fr, fr, list_fr, percent_fr
from ingest.types import Frozen

_JUDGED: Final = (Verdict.MET, Verdict.PARTIALLY_MET, Verdict.NOT_MET)
NOTHING_FR: Final = "Rien ne ressort."


class Told(Frozen):
    """One thing to look at: where, and in what words."""

    epreuve: str
    dossier_id: str = ""
    criterion_id: str = ""
    message_fr: str


def outliers_of(
    tables: tuple[EpreuveTable, ...],
    lengths: tuple[TextLength, ...],
    before: CohortSpread | None,
) -> Outliers:
    """What stands out; `before` is the last cohort's spread, when it is known."""
    return Outliers(
        nobody=met_by_nobody(drafts for table in tables for drafts in _drafts(table)),
        lengths=odd_lengths(lengths),
        shifts=shifts(spread_of(tables), before) if before is not None else (),
        withheld=tuple(table.epreuve for table in tables if len(table.rows) < FEWEST),
        compared=before is not None,
    )


def spread_of(tables: tuple[EpreuveTable, ...]) -> CohortSpread:
    """The shares of « acquis » drafts, sorted: they name nobody, and rank nobody."""
    return CohortSpread(
        epreuves=tuple(
            EpreuveSpread(
                epreuve=table.epreuve,
                made_by_fr=tuple(sorted({made for row in table.rows for made in row.made_by_fr})),
                shares=tuple(sorted(_shares(table))),
            )
            for table in tables
        )
    )


def about_fr(outliers: Outliers) -> str:
    """What is looked for, and of what nothing is said."""
    few = (
        f" Trop peu de dossiers pour en dire quelque chose : {list_fr(list(outliers.withheld))}."
        if outliers.withheld
        else ""
    )
    before = (
        "Les propositions ont été comparées à celles de la cohorte précédente."
        if outliers.compared
        else "Aucune cohorte précédente n'a été donnée (option --reference)."
    )
    return fr(
        "Ce qui suit sort de l'ordinaire dans cette cohorte et mérite un coup d'œil ; ce n'est ni "
        "une erreur établie, ni une appréciation des candidats. Rien n'est dit en dessous de "
        f"{FEWEST} dossiers ({FEWEST_TO_COMPARE} pour comparer deux cohortes). {before}{few}"
    )


def told(outliers: Outliers) -> tuple[Told, ...]:
    """Each thing to look at, in words."""
    return (
        *(_nobody(one) for one in outliers.nobody),
        *(_shift(one) for one in outliers.shifts),
        *(_length(one) for one in outliers.lengths),
    )


def _nobody(one: CriterionDrafts) -> Told:
    return Told(
        epreuve=one.epreuve,
        criterion_id=one.criterion_id,
        message_fr=fr(
            f"Aucune des {count_fr(one.judged, 'proposition')} qui se prononcent ne dit ce critère "
            "acquis. Attendu peu enseigné, consigne mal comprise, ou critère que le moteur repère "
            "mal : ouvrez deux ou trois dossiers."
        ),
    )


def _length(one: OddLength) -> Told:
    odd = "long" if one.longer else "court"
    why = (
        "Des annexes, un fichier en trop ou un travail plus développé sont possibles."
        if one.longer
        else "Un fichier incomplet, un fichier pris pour un autre, des images à la place du texte "
        "ou un format plus dense sont possibles."
    )
    return Told(
        epreuve=one.length.epreuve,
        dossier_id=one.length.dossier_id,
        message_fr=fr(
            f"Rendu nettement plus {odd} que les autres : {count_fr(one.length.words, 'mot')}, "
            f"quand la moitié des {count_fr(one.texts, 'rendu')} vont de {one.low} à "
            f"{count_fr(one.high, 'mot')}. {why}"
        ),
    )


def _shift(one: Shift) -> Told:
    engine = (
        "Le moteur et la grille sont les mêmes."
        if one.same_engine
        else "Le moteur ou la version de la grille ont changé entre les deux : cela peut suffire."
    )
    return Told(
        epreuve=one.epreuve,
        message_fr=fr(
            f"En moyenne, {percent_fr(one.now)} des critères sont proposés acquis "
            f"({count_fr(one.dossiers_now, 'dossier')}), contre {percent_fr(one.before)} dans la "
            f"cohorte précédente ({count_fr(one.dossiers_before, 'dossier')}). {engine}"
        ),
    )


def _drafts(table: EpreuveTable) -> Iterator[CriterionDrafts]:
    for number, head in enumerate(table.heads):
        drafts = [row.cells[number].draft for row in table.rows]
        yield CriterionDrafts(
            epreuve=table.epreuve,
            criterion_id=head.id,
            text_fr=head.text_fr,
            judged=sum(draft in _JUDGED for draft in drafts),
            met=drafts.count(Verdict.MET),
        )


def _shares(table: EpreuveTable) -> Iterator[float]:
    for row in table.rows:
        judged = [cell.draft for cell in row.cells if cell.draft in _JUDGED]
        if judged:
            yield judged.count(Verdict.MET) / len(judged)
