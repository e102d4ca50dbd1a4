import pytest

from assistant.adapters.indicator_judge import IndicatorJudge, load_cues
from assistant.domain.finding import CheckOutcome, CheckResult
from assistant.domain.rubric import Evaluable, GroundingThresholds
from assistant.domain.verdict import AttenduStatus, Verdict
from assistant.grounding import Grounder
from assistant.review import review_criterion
from assistant.settings import bundled
from tests.factories import FixedClock, case, criterion, document

CONCRETE = "Chaque farine est pesée et notée : 1 200 g de blé, 300 g de seigle, par Léa."


@pytest.fixture(scope="module")
def judge() -> IndicatorJudge:
    return IndicatorJudge(load_cues(bundled("prompts") / "embedded_cues.v2.yaml"))


def review(judge, *lines, asked=None, checks=()):
    built = case(document(*lines), asked=asked, checks=checks)
    grounder = Grounder(built.deliverables, GroundingThresholds())
    return review_criterion(built, judge, grounder, FixedClock(), dossier_id="D", key="k")


def status(judge, line, attendu="La farine est pesée et notée."):
    finding = review(judge, line, asked=criterion(attendus=((attendu, True),)))
    return finding.attendus[0].status


def test_it_locates_the_words_of_an_attendu_and_says_no_model_was_used(judge):
    finding = review(
        judge, "Chaque farine est pesée à 1 200 g près ; Léa note la pesée au cahier du 3 mars."
    )
    assert finding.verdict is Verdict.MET
    assert finding.attendus[0].status is AttenduStatus.LOCATED
    assert "Aucun modèle génératif" in finding.rationale
    assert finding.provenance.engine.engine == "embedded"
    assert finding.provenance.engine.prompt_hash


def test_what_nothing_speaks_of_is_not_located_and_asked_about(judge):
    finding = review(judge, "La boutique ouvre à huit heures.")
    assert finding.verdict is Verdict.NOT_MET
    assert finding.search.queries
    assert finding.oral_questions


def test_a_heading_alone_proves_nothing(judge):
    finding = review(judge, "# La farine est pesée et notée", "Rien à signaler ici.")
    assert finding.attendus[0].status is not AttenduStatus.LOCATED


@pytest.mark.parametrize(
    "line",
    [
        "La pesée de la farine sera montrée lors de la soutenance.",
        "La pesée de la farine est notée dans un fichier séparé.",
        "Je présenterai la pesée de la farine au jury.",
    ],
)
def test_proof_that_is_put_off_cannot_be_judged(judge, line):
    assert status(judge, line) is AttenduStatus.NOT_VERIFIABLE


def test_what_is_left_pending_or_has_no_figure_is_to_check(judge):
    pending = "Farine pesée et notée : 3 fois par jour, 2 balances, à préciser."
    assert status(judge, pending) is AttenduStatus.TO_CHECK
    wanted = "Le montant du budget de la farine est chiffré."
    named = "Le budget de la farine, montant compris, est tenu par Léa, Marc et Inès."
    assert status(judge, named, wanted) is AttenduStatus.TO_CHECK
    figures = "Budget farine, montant chiffré : 120 € en mars, 140 € en avril, 90 € en mai."
    assert status(judge, figures, wanted) is AttenduStatus.LOCATED


def test_a_text_that_stays_general_shows_little(judge):
    assert status(judge, "La farine est pesée et notée avec soin.") is AttenduStatus.NOT_LOCATED
    assert status(judge, "La farine est pesée et notée par Léa.") is AttenduStatus.TO_CHECK


@pytest.mark.parametrize(
    "evaluable", [Evaluable.ORAL, Evaluable.CONFIGURATION, Evaluable.DOCUMENT_VISUEL]
)
def test_it_never_finds_met_what_it_cannot_see(judge, evaluable):
    finding = review(judge, CONCRETE, asked=criterion(evaluable=evaluable))
    assert finding.verdict is Verdict.NOT_ASSESSABLE
    assert finding.abstention_fr


def test_a_conclusive_check_that_fails_decides(judge):
    failed = CheckResult(
        code="DET-SOMME",
        title_fr="Somme",
        outcome=CheckOutcome.DISCREPANCY,
        strength="C",
        message_fr="2 + 2 = 4, annoncé 5.",
    )
    finding = review(judge, CONCRETE, checks=(failed,))
    assert finding.verdict is Verdict.NOT_MET
    assert "2 + 2 = 4, annoncé 5." in finding.rationale


def test_long_passages_are_quoted_by_their_telling_part(judge):
    filler = "Le fournil est propre et bien rangé par toute l'équipe de 12 personnes. " * 12
    finding = review(judge, f"{filler}Chaque farine est pesée et notée au gramme près. {filler}")
    quote = finding.attendus[0].evidence[0].quote
    assert "farine est pesée" in quote
    assert len(quote) <= 300


def test_words_that_only_say_it_is_there_are_not_looked_for(judge):
    line = "Levain : 180 g par fournée, rafraîchi à 6 h par Léa."
    assert status(judge, line, "La fréquence de rafraîchi est précisée.") is AttenduStatus.LOCATED
    assert status(judge, "Le nom est précisé : Léa Martin, 34 ans.") is AttenduStatus.NOT_LOCATED


def test_a_delay_is_shown_by_hours_and_a_reason_by_a_connective(judge):
    attendu = "Le délai de réponse est donné."
    assert status(judge, "Réponse de Léa sous 24 h, de Marc sous 48 h.", attendu) is (
        AttenduStatus.LOCATED
    )
    reasons = "Chaque choix de farine est justifié."
    assert status(judge, "Farine T80 car Léa vise 3 pains complets.", reasons) is (
        AttenduStatus.LOCATED
    )


def test_a_sign_without_any_of_the_words_shows_nothing(judge):
    finding = review(
        judge,
        "Ouverture le 3 mars 2026 à 7 h, fermeture le 4 à 19 h, par Léa.",
        asked=criterion(attendus=(("Le calendrier des pétrissages.", True),), reperage=("levain",)),
    )
    assert finding.attendus[0].status is AttenduStatus.NOT_LOCATED


def test_one_element_left_pending_is_enough_when_the_attendu_wants_them_all(judge):
    lines = (
        "Le blé de la farine : pesée de 1 200 g, notée par Léa à 6 h.",
        "Le seigle : à préciser.",
    )
    every = criterion(attendus=(("Chaque farine est pesée et notée.", True),))
    assert review(judge, *lines, asked=every).attendus[0].status is AttenduStatus.TO_CHECK
    some = criterion(attendus=(("La farine est pesée et notée.", True),))
    assert review(judge, *lines, asked=some).attendus[0].status is AttenduStatus.LOCATED


def test_an_attendu_that_opens_on_a_pronoun_speaks_of_the_one_before(judge):
    asked = criterion(
        attendus=(("Des recettes sont proposées.", True), ("Elles sont datées.", True)),
        reperage=("fournil",),
    )
    finding = review(judge, "Recettes : brioche le 3 mars, pain le 4, par Léa.", asked=asked)
    assert finding.attendus[1].status is AttenduStatus.LOCATED


def test_a_cue_is_a_word_not_the_letters_of_another(judge):
    asked = criterion(attendus=(("Le choix du four.", True),), reperage=("car", "ton"))
    finding = review(judge, "Un carton de 12 carrousels, Léa et Marc.", asked=asked)
    assert finding.attendus[0].status is AttenduStatus.NOT_LOCATED


def test_what_is_amiss_in_words_is_amiss_whatever_the_pictures_show(judge):
    asked = criterion(
        attendus=(("La farine est pesée et notée.", True), ("Le four est décoré.", True)),
        evaluable=Evaluable.DOCUMENT_VISUEL,
        reperage=("pesée",),
    )
    finding = review(judge, CONCRETE, asked=asked)
    assert finding.verdict is Verdict.PARTIALLY_MET
