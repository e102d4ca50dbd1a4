"""Questions for the soutenance and advice for the candidate: precise, French, and discreet."""

import re

import pytest

from assistant.advising import MAX_QUESTIONS, advice, questions
from assistant.advising.wording import after_que, as_quoted
from assistant.discretion import names_a_result
from assistant.domain.abstention import AbstentionReason
from assistant.domain.case import AttenduJudgement, CriterionCase, Judgement
from assistant.domain.finding import AttenduFinding, CheckOutcome, CheckResult, EngineId
from assistant.domain.rubric import Evaluable, GroundingThresholds, Vue
from assistant.domain.verdict import AttenduStatus, Verdict
from assistant.grounding import Grounder
from assistant.review import review_criterion
from assistant.rubric_loader import load_rubric_set
from assistant.settings import bundled
from tests.factories import FixedClock, case, criterion, document

TEXT = document("# Pesées", "La farine est pesée à 1 200 g et notée dans le cahier.")
WRITTEN = "La farine est pesée à 1 200 g"


class WordyJudge:
    """Gives one status, questions and an advice in its own words."""

    engine = EngineId(engine="llm", version="test/1")

    def __init__(self, status, *, advice="", asked=(), quotes=()):
        self.status, self.advice, self.asked, self.quotes = status, advice, asked, quotes

    def assess(self, case: CriterionCase) -> Judgement:
        word = AttenduJudgement(numero=1, status=self.status, quotes=self.quotes)
        return Judgement(attendus=(word,), oral_questions=self.asked, advice_fr=self.advice)


def review(judge, built=None):
    built = built or case(TEXT)
    grounder = Grounder(built.deliverables, GroundingThresholds())
    return review_criterion(built, judge, grounder, FixedClock(), dossier_id="D-1", key="k")


@pytest.mark.parametrize(
    ("texte", "clause"),
    [
        ("Les besoins du client sont énoncés.", "que les besoins du client sont énoncés"),
        ("Aucune ligne n'est vide.", "qu'aucune ligne n'est vide"),
        (
            "Le contexte est posé : client, activité.",
            "que le contexte est posé (client, activité)",
        ),
        ("Couleurs et logo sont ceux de la charte.", "que couleurs et logo sont ceux de la charte"),
        ("Analyse de marché : taille, tendances.", ""),
        ("Elles découlent des constats.", ""),
        ("Aucune ne contredit l'audit.", ""),
        ("Rappel des objectifs qui sont fixés.", ""),
        ("Le ton est celui de la charte ; rien ne manque.", ""),
    ],
)
def test_an_attendu_becomes_a_clause_only_when_it_is_a_sentence(texte, clause):
    assert after_que(texte) == clause


def open_attendu(status=AttenduStatus.ABSENT, reason=None, evidence=()):
    return AttenduFinding(
        numero=1,
        texte="La farine est pesée et notée.",
        etoile=True,
        status=status,
        reason=reason,
        evidence=evidence,
    )


def test_what_is_absent_is_asked_for_and_advised_with_the_proof_that_the_grid_expects():
    asked = criterion().model_copy(update={"preuve_attendue": "Cahier de pesées daté."})
    built = case(TEXT, asked=asked)
    assert questions(built, [open_attendu()]) == (
        "Quelle partie de votre dossier montre que la farine est pesée et notée ?",
    )
    assert advice(built, [open_attendu()]) == (
        "Ajoutez un passage qui montre que la farine est pesée et notée. "
        "La grille attend par exemple : cahier de pesées daté."
    )


def test_what_is_thin_is_asked_about_where_it_stands():
    finding = review(WordyJudge(AttenduStatus.PARTIAL, quotes=(WRITTEN,)))
    assert finding.oral_questions == (
        f"Vous écrivez « {WRITTEN} » (§ Pesées). Qu'est-ce qui montre que la farine est pesée et "
        "notée ?",
    )
    assert finding.advice_fr.startswith("Complétez le passage (§ Pesées) afin de montrer que")


@pytest.mark.parametrize(
    ("reason", "asked", "advised"),
    [
        (AbstentionReason.VISUAL, "afficher l'image", "Insérez une image"),
        (AbstentionReason.CONFIGURATION, "ouvrir l'outil", "Joignez une capture"),
        (AbstentionReason.ORAL, "Quel exemple", "Préparez pour la soutenance"),
        (AbstentionReason.DEFERRED, "à l'oral ou à un autre document", "Placez dans le livrable"),
        (AbstentionReason.UNREAD, "lue (page 2)", "Remplacez la partie du fichier"),
        (AbstentionReason.NO_VERIFIED_QUOTE, "Quelle partie", "Vérifiez qu'un passage"),
    ],
)
def test_what_could_not_be_told_is_asked_about_according_to_its_reason(reason, asked, advised):
    built = case(document("La farine.", unread=0.5))
    left = [open_attendu(AttenduStatus.NOT_VERIFIABLE, reason)]
    assert asked in questions(built, left)[0]
    assert advice(built, left).startswith(advised)


def test_what_was_found_and_still_needs_an_eye_is_asked_about_where_sight_counts():
    asked = criterion(
        attendus=(("Le format est nommé.", True), ("La mise en page est nette.", True)),
        evaluable=Evaluable.DOCUMENT_VISUEL,
    )
    seen = asked.attendus[1].model_copy(update={"vue": Vue.NECESSAIRE})
    built = case(TEXT, asked=asked.model_copy(update={"attendus": (asked.attendus[0], seen)}))
    found = [
        AttenduFinding(numero=a.numero, texte=a.texte, etoile=True, status=AttenduStatus.LOCATED)
        for a in built.criterion.attendus
    ]
    assert questions(built, found, [AbstentionReason.VISUAL]) == (
        "Pouvez-vous afficher l'image ou la page qui montre que la mise en page est nette ?",
    )
    assert advice(built, found, [AbstentionReason.VISUAL]).startswith("Vérifiez qu'une image")


def test_a_failed_check_and_a_missing_piece_come_first():
    check = CheckResult(
        code="DET-SOMME",
        title_fr="Somme",
        outcome=CheckOutcome.DISCREPANCY,
        strength="C",
        message_fr="2 + 2 = 4, annoncé 5",
    )
    failed = case(TEXT, checks=(check,))
    assert questions(failed, [open_attendu()])[0] == (
        "Un contrôle relève un écart. 2 + 2 = 4, annoncé 5. Comment l'expliquez-vous ?"
    )
    assert "2 + 2 = 4" in advice(failed, [open_attendu()])
    lacking = case(TEXT, missing=("charte",))
    assert "« charte »" in questions(lacking, [open_attendu()])[0]
    assert "« charte »" in advice(lacking, [open_attendu()])


def test_a_model_s_own_questions_and_advice_are_kept():
    judge = WordyJudge(
        AttenduStatus.ABSENT, advice="Datez chaque  pesée.", asked=("Qui pèse ?", " ", "Quand ?")
    )
    finding = review(judge)
    assert finding.oral_questions == ("Qui pèse ?", "Quand ?")
    assert finding.advice_fr == "Datez chaque pesée."


def test_more_than_three_questions_are_never_asked():
    assert len(review(WordyJudge(AttenduStatus.ABSENT, asked=tuple("abcdef"))).oral_questions) == 3
    assert MAX_QUESTIONS == 3


def test_nothing_is_advised_once_the_criterion_is_met():
    judge = WordyJudge(AttenduStatus.SATISFIED, advice="Datez.", quotes=(WRITTEN,))
    finding = review(judge)
    assert finding.verdict is Verdict.MET
    assert (finding.advice_fr, finding.oral_questions) == ("", ())


LEAKS = [
    "Vous aurez « En cours » si vous datez les pesées.",
    "Le critère est acquis, ajoutez une date.",
    "Le critère sera a c q u i s avec une date.",
    "Le critère est аcquіs : datez.",  # Cyrillic letters
    "Critère non-acquis pour l'instant.",
    "Partiellement traité : datez.",
    "Non évaluable sans capture.",
    "Visez 14/20 en datant.",
    "Score de 3 : datez.",
    "Votre note est 12, datez.",
    "L'attendu 2 n'est pas satisfait.",
    "Vous serez admis si vous datez.",
    "Le bloc est validé.",
]


@pytest.mark.parametrize("leak", LEAKS)
def test_an_advice_that_says_a_result_is_dropped_for_one_built_from_the_grid(leak):
    finding = review(WordyJudge(AttenduStatus.ABSENT, advice=leak))
    assert finding.advice_fr.startswith("Ajoutez un passage")


@pytest.mark.parametrize(
    "honest",
    [
        "Complétez votre note de cadrage avec le budget.",
        "Notez la date de chaque relevé et sa source.",
        "Faites valider le calendrier par le client avant le 12/03.",
        "Ajoutez un tableau comparatif avec scores par profil.",
        "Précisez les points de contact et l'indicateur de réussite.",
    ],
)
def test_an_honest_advice_is_left_alone(honest):
    assert not names_a_result(honest, ["Acquis", "Partiel", "Non acquis", "Non évaluable"])


def test_what_the_grid_gives_is_discreet_and_in_correct_french_for_all_its_attendus():
    rubrics = load_rubric_set(bundled("rubrics") / "community-manager")
    labels = [rubrics.certification.libelle(verdict) for verdict in Verdict]
    for asked in (c for rubric in rubrics.rubrics for c in rubric.criteres):
        for attendu in asked.attendus:
            for reason in AbstentionReason if attendu.numero == asked.ce else (None,):
                left = AttenduFinding(
                    numero=attendu.numero,
                    texte=attendu.texte,
                    etoile=attendu.etoile,
                    status=AttenduStatus.NOT_VERIFIABLE if reason else AttenduStatus.ABSENT,
                    reason=reason,
                )
                built = case(TEXT, asked=asked)
                said = [*questions(built, [left]), advice(built, [left])]
                for sentence in said:
                    assert not names_a_result(sentence, labels), sentence
                    assert not re.search(r"  | [,.]|\.\.|\bque (?:un|au|il|à)", sentence), sentence
                    assert re.fullmatch(r"[A-ZÉ].*[.?…]", sentence), sentence
                    own = (as_quoted(attendu.texte), after_que(attendu.texte) or "—", "partie du")
                    assert any(words in sentence for words in own), sentence


def test_a_quote_that_failed_does_not_tell_the_candidate_that_the_element_is_missing():
    judge = WordyJudge(AttenduStatus.SATISFIED, quotes=("La farine est tamisée deux fois.",))
    finding = review(judge)
    assert finding.attendus[0].reason is AbstentionReason.NO_VERIFIED_QUOTE
    assert finding.advice_fr.startswith("Vérifiez qu'un passage de votre livrable ")
    assert "ajoutez-le s'il manque." in finding.advice_fr
    assert "Ajoutez un passage" not in finding.advice_fr
