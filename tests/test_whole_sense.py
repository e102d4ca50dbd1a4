"""A quote is shown with what would turn its meaning round, left just outside of it."""

import pytest

from assistant.domain.rubric import GroundingThresholds
from assistant.grounding import Grounder
from assistant.prompting import clean_quote
from tests.factories import document

LINES = (
    "Pas d'enfant dans les visuels de la campagne. Les portraits sont signés.",
    "Les messages urgents reçoivent une réponse en 0 à 30 minutes, jour et nuit.",
    "Un panier du soir à -40 % sur les invendus ; le reste est donné.",
    "Il n'est pas prévu de publier le dimanche, même en été.",
    "Nous ne supprimons aucun commentaire négatif des abonnés.",
    "Les délais annoncés sont tenus, sauf le dimanche et en août.",
    "Les avis sont lus. Nous répondons à chacun sous deux jours.",
    "Le budget n'augmente pas : la publicité passe de 900 € à 700 €.",
    "Compter moins de 45 minutes par publication, relecture comprise.",
    "Poste | Montant",
    "Publicité sans ciblage | 2 450 € par mois",
)
TEXT = document("# Charte", *LINES)


def ground(quote: str):
    return Grounder([TEXT], GroundingThresholds()).ground([quote])


@pytest.mark.parametrize(
    ("quote", "shown"),
    [
        ("d'enfant dans les visuels", "Pas d'enfant dans les visuels"),
        ("enfant dans les visuels", "Pas d'enfant dans les visuels"),
        ("30 minutes, jour et nuit", "0 à 30 minutes, jour et nuit"),
        ("40 % sur les invendus", "-40 % sur les invendus"),
        ("publier le dimanche", "Il n'est pas prévu de publier le dimanche"),
        ("commentaire négatif des abonnés", "Nous ne supprimons aucun commentaire négatif des"),
        ("Les délais annoncés sont tenus", "Les délais annoncés sont tenus, sauf le dimanche"),
        ("45 minutes par publication", "moins de 45 minutes par publication"),
    ],
)
def test_what_turns_a_quote_round_is_shown_with_it(quote: str, shown: str):
    (evidence,), rejected = ground(quote)
    assert not rejected
    assert shown in evidence.quote
    assert evidence.quote == TEXT.text[evidence.start : evidence.end]


@pytest.mark.parametrize(
    "quote",
    [
        *(line.rstrip(".") for line in LINES if " | " not in line),
        "Les portraits sont signés",
        "Nous répondons à chacun sous deux jours",
        "la publicité passe de 900 € à 700 €",
        "le reste est donné",
        "2 450 € par mois",
        "Publicité sans ciblage | 2 450 € par mois",
    ],
)
def test_a_quote_that_leaves_nothing_out_is_shown_as_it_is(quote: str):
    (evidence,), rejected = ground(quote)
    assert not rejected
    assert evidence.quote.strip(" .") == quote


def test_an_elision_without_brackets_is_searched_piece_by_piece():
    evidence, rejected = ground("Les avis sont lus ... à chacun sous deux jours")
    assert not rejected
    assert [item.quote for item in evidence] == ["Les avis sont lus", "à chacun sous deux jours"]


@pytest.mark.parametrize(
    "quote",
    [
        "Il est prévu … publier le dimanche",  # a negation taken away
        "Les avis sont lus ... et archivés sous deux jours",  # a piece that is not there
        "Il n'est ... prévu de publier le dimanche",
    ],
)
def test_an_elision_without_brackets_takes_no_negation_and_adds_nothing(quote: str):
    evidence, (rejected,) = ground(quote)
    assert not evidence
    assert rejected.quote == quote


@pytest.mark.parametrize(
    "quote",
    [
        "[Livrable 1, page 2] Les portraits sont signés.",
        "(tableau 3, ligne 2) Les portraits sont signés.",
        "[§ 2.1 Ligne éditoriale] : Les portraits sont signés.",
    ],
)
def test_where_a_model_says_that_its_quote_stands_is_no_part_of_it(quote: str):
    assert clean_quote(quote) == "Les portraits sont signés."


def test_a_place_is_taken_off_the_end_only_after_a_quotation_mark():
    assert clean_quote("« Les avis sont lus » (Livrable 1, page 3)") == "« Les avis sont lus »"
    own = "Les avis sont lus (page 3)"
    assert clean_quote(own) == own
    assert clean_quote("[PERSONNE_1] lit les avis") == "[PERSONNE_1] lit les avis"
