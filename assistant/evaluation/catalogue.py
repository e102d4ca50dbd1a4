"""Every figure of the harness: what it means, how it is counted, which way a change is bad."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np

from assistant.domain.verdict import Verdict
from assistant.evaluation import formulas as f
from assistant.evaluation import scores
from assistant.evaluation.formulas import Counts
from assistant.evaluation.run import Row

#: Below this many rows, a figure corrected for chance or averaged over verdicts is not given.
MIN_ROWS: Final = 10


def counted(number: int, noun: str) -> str:
    """« 1 candidat », « 4 candidats »."""
    return f"{number} {noun}{'s' if number > 1 else ''}"


@dataclass(frozen=True)
class Statistic:
    """A figure: what it means, how a row is counted, and what it is of the summed counts.

    `of` takes counts along the last axis and gives nan when there is nothing to say; `size` says
    on how many observations it stands; `exact` is the library's own value. `worse_when` tells
    which way a change is bad (« away » from zero for the leniency); a figure that `needs_many`
    means nothing on a handful of rows.
    """

    id: str
    label_fr: str
    explain_fr: str
    count: Callable[[Row], Counts]
    of: Callable[[Counts], Counts]
    size: Callable[[Counts], float]
    kind: Literal["share", "kappa", "ranks"] = "share"
    worse_when: Literal["lower", "higher", "away", "neither"] = "lower"
    needs_many: bool = False
    exact: Callable[[Sequence[Row]], float | None] | None = None

    def counts(self, rows: Iterable[Row]) -> Counts:
        """The summed counts of some rows; there must be at least one row."""
        return np.asarray(np.sum([self.count(row) for row in rows], axis=0))

    def withheld(self, rows: Sequence[Row]) -> str:
        """Why the figure is not given of these rows, in French; empty when it can be."""
        size = round(self.size(self.counts(rows)))
        if size == 0:
            return "rien à mesurer"
        if self.needs_many and size < MIN_ROWS:
            return f"{counted(size, 'observation')}, il en faut {MIN_ROWS}"
        return ""

    def value(self, rows: Sequence[Row]) -> float | None:
        """The figure of some rows; None when nothing varies, or nothing is counted."""
        if self.exact is not None:
            return self.exact(rows)
        with np.errstate(divide="ignore", invalid="ignore"):
            value = float(self.of(self.counts(rows)))
        return None if np.isnan(value) else value


def _blind_approval(row: Row) -> tuple[float, float]:
    return float(row.unseen and row.draft is Verdict.MET), float(row.unseen)


VERDICTS: Final = (
    Statistic(
        "agreement",
        "Accord exact",
        "Part des critères dont la proposition est l'étiquette, abstentions comprises.",
        f.cell,
        f.agreement,
        f.every_row,
    ),
    Statistic(
        "agreement_given",
        "Accord quand il se prononce",
        "Même chose parmi les seules propositions acquis, partiel ou non acquis.",
        f.cell,
        f.agreement_when_given,
        lambda counts: float(f.tables(counts)[:, f.ORDERED].sum()),
    ),
    Statistic(
        "kappa",
        "κ de Cohen",
        "Accord corrigé du hasard, sur les quatre verdicts.",
        f.cell,
        f.kappa,
        f.every_row,
        kind="kappa",
        needs_many=True,
        exact=lambda rows: scores.cohen_kappa(*f.words(rows)),
    ),
    Statistic(
        "kappa_quadratic",
        "κ quadratique",
        "Sur l'échelle non acquis < partiel < acquis, abstentions à part : un écart de deux crans "
        "compte quatre fois plus qu'un écart d'un cran.",
        f.cell,
        f.quadratic_kappa,
        lambda counts: float(f.ordered(counts).sum()),
        kind="kappa",
        needs_many=True,
        exact=lambda rows: scores.quadratic_kappa(*f.ranks(rows)),
    ),
    Statistic(
        "macro_f1",
        "F1 macro",
        "Moyenne des F1 des verdicts présents dans les étiquettes.",
        f.cell,
        f.macro_f1,
        f.every_row,
        needs_many=True,
        exact=lambda rows: scores.macro_f1(*f.words(rows)),
    ),
    Statistic(
        "balanced_accuracy",
        "Exactitude équilibrée",
        "Moyenne des rappels des verdicts présents dans les étiquettes.",
        f.cell,
        f.balanced_accuracy,
        f.every_row,
        needs_many=True,
        exact=lambda rows: scores.balanced_accuracy(*f.words(rows)),
    ),
    Statistic(
        "defect_recall",
        "Rappel des défauts",
        "Part des critères étiquetés partiel ou non acquis que la proposition dit partiels ou non "
        "acquis (une abstention ne compte pas).",
        f.cell,
        f.share_of(f.DEFECTS, f.DEFECTS),
        f.size_of(f.DEFECTS),
    ),
    Statistic(
        "defects_passed",
        "Défauts dits acquis",
        "Part des mêmes critères que la proposition dit acquis : l'erreur la plus coûteuse.",
        f.cell,
        f.share_of(f.DEFECTS, [f.MET]),
        f.size_of(f.DEFECTS),
        worse_when="higher",
    ),
    Statistic(
        "false_alarms",
        "Fausses alertes",
        "Part des critères étiquetés acquis que la proposition dit partiels ou non acquis.",
        f.cell,
        f.share_of([f.MET], f.DEFECTS),
        f.size_of([f.MET]),
        worse_when="higher",
    ),
    Statistic(
        "leniency",
        "Indulgence",
        "Moyenne de (proposition − étiquette) en crans : positive, le moteur est plus indulgent "
        "que l'étiquette ; négative, plus sévère.",
        f.cell,
        f.leniency,
        lambda counts: float(f.ordered(counts).sum()),
        kind="ranks",
        worse_when="away",
    ),
    Statistic(
        "abstention",
        "Abstentions",
        "Part des critères laissés à l'évaluateur (non évaluable).",
        f.cell,
        f.drafted([f.UNKNOWN]),
        f.every_row,
        worse_when="neither",
    ),
    Statistic(
        "abstention_justified",
        "Abstentions justifiées",
        "Part des abstentions dont l'étiquette est aussi « non évaluable ».",
        f.cell,
        f.justified_abstention,
        lambda counts: float(f.tables(counts)[:, f.UNKNOWN].sum()),
        worse_when="neither",
    ),
    Statistic(
        "failures",
        "Échecs",
        "Part des critères sans proposition (fichier illisible, modèle en échec).",
        f.cell,
        f.drafted([f.DRAFTS.index(scores.FAILURE)]),
        f.every_row,
        worse_when="higher",
    ),
)

PROOF: Final = (
    Statistic(
        "blind_approvals",
        "Acquis donnés sans voir",
        "Part des critères qui demandent plus que le texte (images, réglage d'outil, oral) que la "
        "proposition dit acquis. Doit valoir 0 % pour le moteur embarqué.",
        f.ratio(_blind_approval),
        f.ratio_of,
        f.ratio_size,
        worse_when="higher",
    ),
    Statistic(
        "quote_exactness",
        "Citations exactes",
        "Part des citations montrées retrouvées telles quelles, à leur place, dans le fichier relu "
        "depuis le disque. Doit valoir 100 %.",
        f.ratio(lambda row: (row.quotes.reread, row.quotes.shown)),
        f.ratio_of,
        f.ratio_size,
    ),
    Statistic(
        "quote_second_reader",
        "Citations vues par un second lecteur",
        "Part des citations retrouvées par un autre programme de lecture, quand il sait ouvrir le "
        "fichier (jamais une numérisation).",
        f.ratio(lambda row: (row.quotes.second_read, row.quotes.second_readable)),
        f.ratio_of,
        f.ratio_size,
    ),
    Statistic(
        "quote_support",
        "Citation de référence parmi les preuves",
        "Part des critères dont une preuve montrée recoupe la citation de l'étiquette. Une autre "
        "preuve peut être bonne.",
        f.ratio(lambda row: f.known(row.supported)),
        f.ratio_of,
        f.ratio_size,
    ),
    Statistic(
        "recall_criterion",
        "Rappel de la recherche (critère)",
        "Part des citations de référence présentes dans les passages donnés au moteur.",
        f.ratio(lambda row: f.known(row.retrieval.seen if row.retrieval else None)),
        f.ratio_of,
        f.ratio_size,
    ),
    Statistic(
        "recall_attendus",
        "Rappel de la recherche (par les attendus)",
        "Même chose parmi les seuls passages ramenés par la requête d'un attendu.",
        f.ratio(lambda row: f.known(row.retrieval.seen_by_attendu if row.retrieval else None)),
        f.ratio_of,
        f.ratio_size,
    ),
    Statistic(
        "recall_attendu",
        "Rappel de la recherche (attendu décidable)",
        "Part des citations présentes dans les passages donnés pour l'attendu même qu'elles "
        "appuient (voisins compris), quand l'étiquette dit clairement lequel.",
        f.ratio(lambda row: f.known(row.retrieval.attendu_seen if row.retrieval else None)),
        f.ratio_of,
        f.ratio_size,
    ),
    Statistic(
        "share_attendu",
        "Part du livrable donnée à un attendu",
        "Part moyenne des caractères du livrable parmi les passages donnés pour cet attendu : à "
        "lire avec le rappel de l'attendu décidable.",
        f.ratio(lambda row: f.known(row.retrieval.attendu_share if row.retrieval else None)),
        f.ratio_of,
        f.ratio_size,
    ),
    Statistic(
        "share_given",
        "Part du livrable donnée au moteur",
        "Part moyenne des caractères du livrable parmi les passages donnés : à lire avec les "
        "rappels.",
        f.ratio(lambda row: (row.retrieval.share_given, 1.0) if row.retrieval else (0.0, 0.0)),
        f.ratio_of,
        f.ratio_size,
        worse_when="neither",
    ),
    Statistic(
        "stability",
        "Stabilité",
        "Part des critères dont toutes les reprises donnent la même proposition.",
        f.ratio(lambda row: f.known(row.stable)),
        f.ratio_of,
        f.ratio_size,
    ),
)

STATISTICS: Final = (*VERDICTS, *PROOF)
BY_ID: Final = {statistic.id: statistic for statistic in STATISTICS}
