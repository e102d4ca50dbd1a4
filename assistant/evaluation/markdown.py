"""The page of the documentation that publishes the figures. No figure of it is typed by hand."""

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from assistant.evaluation import wording as w
from assistant.evaluation.catalogue import STATISTICS
from assistant.evaluation.figures import Figures, PartFigures, RecallPoint, Slice
from assistant.evaluation.run import Run

_INTRODUCTION: Final = """# Qualité des propositions

<!-- Page écrite par « preuve eval … --markdown » ; la refaire : make eval. Ne rien y corriger à la main. -->

"""
_READING: Final = """## Ce que ces chiffres ne montrent pas

- **L'accord entre évaluateurs humains.** Les étiquettes sont d'un seul auteur attentif : on ne sait pas à combien deux évaluateurs s'accorderaient sur ces dossiers, donc pas non plus quel accord serait le plafond.
- **Les vrais dossiers.** Les candidats sont fictifs et leurs défauts ont été placés. La part de chaque verdict, et donc les repères, changent d'une promotion à l'autre.
- **Un critère donné.** La plupart n'ont qu'une à trois étiquettes : les lignes par critère servent à chercher où regarder, non à conclure.
- **Le sens, pour le moteur embarqué.** Il repère des mots et recalcule des chiffres. Un texte creux qui emploie les bons mots peut passer, un texte juste qui en emploie d'autres peut être manqué.
- **Que les preuves suffisent.** « Citations exactes » dit qu'elles sont dans le fichier ; « citation de référence parmi les preuves » dit qu'une preuve recoupe *le* passage choisi par l'auteur des étiquettes, alors que d'autres passages peuvent convenir.
- **La recherche sur de longs dossiers.** Le rappel se lit avec la part du livrable donnée au moteur : sur un dossier court, presque tout est donné.
- **Une probabilité.** « Tranché » ordonne les propositions ; rien ici n'est calibré pour un autre jeu.
"""


def quality_page(run: Run, figures: Figures, command: str, on: dt.date) -> str:
    """The whole page; `command` gives the figures again, `on` is the day they were measured."""
    sections = [
        _INTRODUCTION + _identity(run, figures, command, on),
        *(section for part in figures.parts for section in _part(part)),
        _READING,
    ]
    return "\n".join(sections)


def _identity(run: Run, figures: Figures, command: str, on: dt.date) -> str:
    engine = run.engine
    model = f", modèle {engine.model}" if engine.model else ""
    prompt = f", consigne {engine.prompt} (`{engine.prompt_hash[:12]}`)" if engine.prompt else ""
    limits = "\n".join(f"- {limit}" for limit in run.set.limits)
    return f"""Mesuré le {on:%d/%m/%Y} par :

```sh
{command}
```

Jeu « {run.set.title or run.set.name} » version {run.set.version} (étiquettes `{run.set.labels_hash[:12]}`) : {len(run.rows)} étiquettes, {len(run.candidates)} candidats. Moteur {engine.engine} {engine.version}{model}{prompt} ; grilles `{run.rubrics_hash[:12]}`. {w.spent_text(figures.spent)}

**À lire avant les chiffres**

{limits}

« sur » dit combien d'observations portent chaque chiffre. Les intervalles à 95 % sont obtenus en rééchantillonnant les candidats (2 000 tirages, toujours les mêmes) ; ils sont retenus en dessous de 5 candidats ou de 20 observations.
"""


def _part(part: PartFigures) -> Iterator[str]:
    yield f"""## {w.PART_LABELS[part.part]}

{part.overall.rows} critères, {part.overall.candidates} candidats.
"""
    yield _overall(part)
    yield _confusion(part.overall)
    yield _by_epreuve(part.epreuves)
    yield _curves(part)


def _overall(part: PartFigures) -> str:
    names = [name.capitalize() for name in part.baselines]
    lines = [
        (
            statistic.label_fr,
            w.measure_text(part.overall[statistic.id]),
            w.thousands(part.overall[statistic.id].size),
            w.measure_note(part.overall[statistic.id]) or w.NOTHING,
            *(w.baseline_text(base, statistic.id) or w.NOTHING for base in part.baselines.values()),
        )
        for statistic in STATISTICS
        if part.overall[statistic.id].size
    ]
    return _table(("Mesure", "Valeur", "sur", "Intervalle à 95 %", *names), lines)


def _confusion(overall: Slice) -> str:
    lines = [
        (label, *(str(count) for count in line))
        for label, line in zip(w.VERDICT_LABELS, overall.confusion, strict=False)
    ]
    worst = w.most_confused(overall.confusion)
    said = f"Les désaccords les plus fréquents : {' ; '.join(worst)}.\n" if worst else ""
    return _table(("étiquette ↓ proposition →", *w.VERDICT_LABELS), lines) + "\n" + said


_EPREUVE: Final = (
    "agreement",
    "kappa_quadratic",
    "defect_recall",
    "defects_passed",
    "leniency",
    "abstention",
    "quote_support",
)


def _by_epreuve(epreuves: Sequence[Slice]) -> str:
    titles = [s.label_fr for s in STATISTICS if s.id in _EPREUVE]
    ids = [s.id for s in STATISTICS if s.id in _EPREUVE]
    lines = [
        (one.label_fr, str(one.rows), *(w.measure_text(one[name]) for name in ids))
        for one in epreuves
    ]
    return _table(("Épreuve", "n", *titles), lines)


def _curves(part: PartFigures) -> str:
    risk = [
        (w.number(p.coverage, "share"), w.number(p.risk, "share"), str(p.kept))
        for p in part.risk_curve
    ]
    text = (
        "Risque selon la couverture, en gardant d'abord les propositions les plus tranchées :\n\n"
    )
    text += _table(("critères gardés", "erreurs", "propositions"), risk) if risk else ""
    return f"""{text}
Rappel de la recherche selon le nombre k de passages :

{_table(("k", "critère", "attendu décidable"), list(_recall_lines(part)))}"""


def _recall_lines(part: PartFigures) -> Iterator[tuple[str, str, str]]:
    for k in (1, 2, 3, 5, 8, 10, 15, 20):
        yield str(k), _recall_at(part.recall_criterion, k), _recall_at(part.recall_attendu, k)


def _recall_at(points: Sequence[RecallPoint], k: int) -> str:
    return next((w.number(point.recall, "share") for point in points if point.k == k), w.NOTHING)


def _table(titles: Sequence[str], lines: Iterable[Sequence[str]]) -> str:
    rows = [
        f"| {' | '.join(titles)} |",
        f"| --- |{' ---: |' * (len(titles) - 1)}",
        *(f"| {' | '.join(line)} |" for line in lines),
    ]
    return "\n".join(rows) + "\n"
