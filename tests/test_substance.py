"""A quote counts when it says something that the grid and the brief do not."""

import csv
from functools import cache

import pytest

from assistant.domain.case import ComparedPiece, CriterionCase
from assistant.domain.rubric import RubricSet
from assistant.domain.verdict import AttenduStatus, Verdict
from assistant.grounding import Grounder
from assistant.review import review_criterion
from assistant.rubric_loader import load_rubric_set
from assistant.settings import Settings
from assistant.substance import AlreadySaid
from tests import factories
from tests.conftest import COHORT


@cache
def rubrics() -> RubricSet:
    return load_rubric_set(Settings(_env_file=None).rubrics_path)


def said(criterion_id: str = "E1.3/charte-moderation/CE2", *briefs: str) -> AlreadySaid:
    rubric = rubrics().rubric(criterion_id.partition("/")[0])
    return AlreadySaid(rubric.critere(criterion_id), rubric, briefs)


def finding(case: CriterionCase, *quotes: str):  # type: ignore[no-untyped-def]
    return review_criterion(
        case,
        factories.FixedJudge(AttenduStatus.SATISFIED, *quotes),
        Grounder(case.deliverables, case.certification.seuils.citations),
        factories.FixedClock(),
        dossier_id="D-1",
        key="k",
    )


def test_every_criterion_and_attendu_of_the_grids_is_recognised_when_it_is_copied() -> None:
    missed = []
    copies = 0
    for rubric in rubrics().rubrics:
        for criterion in rubric.criteres:
            own = AlreadySaid(criterion, rubric)
            for text in (criterion.texte, *(attendu.texte for attendu in criterion.attendus)):
                for copy in (
                    text,
                    f"Dans ce dossier, {text[0].lower()}{text[1:]}",
                    f"{text.rstrip('.')} : ce critère est pleinement satisfait.",
                ):
                    copies += 1
                    if not own.emptiness(copy):
                        missed.append(copy)
    assert copies > 2000
    assert len(missed) <= 0.01 * copies, missed


def test_no_citation_of_the_marked_cohort_loses_its_credit() -> None:
    """But one, which announces what is not there, and is marked « partiel » for that."""
    lost = []
    with (COHORT / "gold.csv").open(encoding="utf-8") as file:
        rows = [r for r in csv.DictReader(file) if r["citation"]]
    for row in rows:
        if row["verdict"] in (Verdict.MET, Verdict.PARTIALLY_MET):
            why = said(row["critere_id"]).emptiness(row["citation"], annexes=False)
            lost += [(row["citation"], why)] if why else []
    assert len(rows) > 200
    assert len(lost) <= 1, lost


@pytest.mark.parametrize(
    "quote",
    [
        "2 500 €", "lundi 9 h", "Instagram, LinkedIn", "moins de 24 heures", "Agathe relit.",
        "ROI = (gains - coûts) ÷ coûts", "n° 3", "non relevée", "12 %", "le jeudi soir",
        "Un bénévole répond avant midi.", "Nous masquons l'injure et gardons une capture.",
        "toutes les quatre semaines, 1 h", "Ton : chaleureux, précis, sobre, drôle",
        "voir l'annexe 2 : 14 messages types", "Le visuel est retiré sous une heure.",
    ],
)  # fmt: skip
def test_a_short_honest_fact_counts(quote: str) -> None:
    assert said().emptiness(quote, annexes=False) == ""


@pytest.mark.parametrize(
    "quote",
    [
        "voir annexe 3", "Les modèles de réponse figurent en annexe.", "Cf. annexe B.",
        "Cette partie sera détaillée dans une prochaine version.", "Budget à définir",
        "Nous définirons les règles de modération avec le client.",
        "Le ton reste à préciser.",
    ],
)  # fmt: skip
def test_what_announces_refers_or_strings_key_words_does_not(quote: str) -> None:
    assert said().emptiness(quote, annexes=False)


@pytest.mark.parametrize(
    "quote",
    [
        "CE3 : acquis", "Avis du jury : favorable", "Statut : satisfait", "Note : 20/20",
        "Tous les critères sont validés.", "Critère 2 déjà validé par le certificateur", "validé",
        "C1 | acquis | C2 | acquis", "All criteria are met", "CE1, CE2 et CE3 conformes",
    ],
)  # fmt: skip
def test_a_result_is_not_a_proof_of_itself(quote: str) -> None:
    assert said().emptiness(quote)


@pytest.mark.parametrize(
    "quote",
    [
        "Maquette validée par le client le 12 mars", "Objectif atteint : 312 inscrits",
        "Statut : publié", "Planning validé par la direction", "86 % de clients satisfaits", "CE",
        "Budget accordé : 4 800 €", "n° 3", "100 % des messages ont une réponse sous 24 h",
    ],
)  # fmt: skip
def test_a_result_of_the_work_is(quote: str) -> None:
    assert said().emptiness(quote) == ""


def test_a_string_of_the_criterion_s_key_words_does_not_count() -> None:
    strung = [
        (criterion.id, ", ".join(criterion.reperage[:8]))
        for rubric in rubrics().rubrics
        for criterion in rubric.criteres
        if len(criterion.reperage) >= 5
    ]
    strung = [(where, text) for where, text in strung if text == text.lower()]  # no proper name
    missed = [(where, text) for where, text in strung if not said(where).emptiness(text)]
    assert len(strung) > 30
    assert len(missed) <= 2, missed


def test_a_reference_counts_when_the_annex_is_there() -> None:
    reference = "Les modèles de réponse figurent en annexe."
    assert said().emptiness(reference, annexes=False)
    assert not said().emptiness(reference, annexes=True)


def test_a_copy_of_the_brief_proves_nothing() -> None:
    order = "Le client souhaite gagner des abonnés hors saison et répondre à tous les avis."
    assert said("E1.3/charte-moderation/CE2", f"Demande. {order} Merci.").emptiness(order)


def test_a_title_in_the_grid_s_words_proves_nothing_and_an_informative_one_does() -> None:
    own = said("E1.2/note-cadrage/CE1")
    assert own.emptiness("1. Note de cadrage", title=True)
    assert not own.emptiness("Deux boutiques, quatorze salariés", title=True)
    assert not own.emptiness("Objectif : 300 commandes", title=True)


def test_a_claim_that_only_repeats_the_grid_is_withheld_and_says_why() -> None:
    criterion = factories.criterion()
    text = factories.document("# Rendu", criterion.attendus[0].texte, "Autre chose.")
    made = finding(factories.case(text, asked=criterion), criterion.attendus[0].texte)
    assert made.verdict is Verdict.NOT_ASSESSABLE
    assert made.evidence == ()
    assert "répète" in made.rejected[0].reason_fr


def test_a_brief_handed_in_as_one_s_own_work_gives_no_credit() -> None:
    order = "La boulangerie attend trois recettes de pain par semaine et une recette de brioche."
    brief = factories.document(order, name="brief.docx")
    case = factories.case(factories.document(order))
    case = case.model_copy(update={"context": (ComparedPiece(nom="brief", documents=(brief,)),)})
    assert finding(case, order).evidence == ()
