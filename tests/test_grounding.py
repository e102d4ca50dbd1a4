import unicodedata

import pytest

from assistant.domain.rubric import GroundingThresholds
from assistant.grounding import Grounder
from tests.factories import document

TEXT = document(
    "# Budget",
    "Le budget 2026 est plafonné à 9\u00a0600\u00a0€ TTC, hors temps interne de l’équipe.",
    "Nous n’utiliserons pas TikTok, faute de public.",
    "Poste | Montant",
    "Impression des affiches | 1 240 €",
    "La fréquentation augmentera de 15 % entre mars et avril 2026, ce qui est possible.",
)


def ground(quote: str, **limits: float):
    grounder = Grounder(
        [TEXT],
        GroundingThresholds(**limits),
        elsewhere=[("le brief", "Le client veut quarante démonstrations par mois.")],
    )
    return grounder.ground([quote])


@pytest.mark.parametrize(
    "quote",
    [
        "Le budget 2026 est plafonné à 9 600 € TTC",
        "le budget 2026 est plafonné à 9\u202f600 € ttc",
        "hors temps interne de l'équipe",
        "« Nous n'utiliserons pas TikTok, faute de public. »",
        "Impression des affiches 1 240 €",
        "Impression des affiches | 1 240 €",
        "La fréquentation augmentera de 15 %\nentre mars et avril 2026",
    ],
)
def test_a_quote_is_found_whatever_its_typography_and_shown_as_the_file_has_it(quote):
    (evidence,), rejected = ground(quote)
    assert not rejected
    assert evidence.match == "exact"
    assert evidence.quote == TEXT.text[evidence.start : evidence.end]


def test_evidence_knows_its_place():
    (evidence,), _ = ground("Impression des affiches")
    assert evidence.locator.table == 1
    assert evidence.locator.row == 2
    assert "§ Budget" in evidence.place_fr


def test_a_misspelt_quote_is_near_and_the_file_s_own_words_are_shown():
    (evidence,), _ = ground("La fréquentaton augmentera de 15 % entre mars et avril 2026")
    assert evidence.match == "proche"
    assert evidence.quote.startswith("La fréquentation augmentera")


def test_quotation_marks_are_the_same_with_or_without_spaces_inside():
    said = document("J’ai classé la situation « rouge » à 12 h 15, puis « orange » à 14 h.")
    quote = 'J\'ai classé la situation "rouge" à 12 h 15, puis "orange"'
    (evidence,), _ = Grounder([said], GroundingThresholds()).ground([quote])
    assert evidence.match == "exact"
    assert evidence.quote == "J’ai classé la situation « rouge » à 12 h 15, puis « orange"


def test_accents_written_apart_are_the_same_accents():
    quote = unicodedata.normalize("NFD", "La fréquentation augmentera de 15 % entre mars et avril")
    (evidence,), _ = ground(quote)
    assert evidence.match == "exact"


@pytest.mark.parametrize(
    ("word", "other"),
    [("Nous", "Vous"), ("notre", "votre"), ("mois", "fois"), ("prix", "pris"), ("utile", "futile")],
)
def test_a_letter_that_makes_another_word_is_rejected(word, other):
    text = (
        "{} proposons, dans {} boutique, un {} du {} et une rubrique {} aux habitants du quartier."
    )
    words = ["Nous", "notre", "mois", "prix", "utile"]
    said = text.format(*words)
    quoted = text.format(*(other if w == word else w for w in words))
    evidence, rejected = Grounder([document(said)], GroundingThresholds()).ground([quoted])
    assert evidence == ()
    assert [r.quote for r in rejected] == [quoted]


@pytest.mark.parametrize(
    "quote",
    [
        "Le budget 2026 est plafonné à 9 800 € TTC, hors temps interne de l’équipe",
        "Le budget 2025 est plafonné à 9 600 € TTC, hors temps interne de l’équipe",
        "Nous utiliserons TikTok, faute de public",
        "Nous n’utiliserons TikTok, faute de public",
        "La fréquentation augmentera de 15 % entre mars et avril 2026, ce qui est impossible",
        "La fréquentation diminuera de 15 % entre mars et avril 2026, ce qui est possible",
        "La fréquentation augmentera de 1,5 % entre mars et avril 2026, ce qui est possible",
        "La fréquentation augmentera de 15 € entre mars et avril 2026, ce qui est possible",
        "Le budget 2026 est plafonné à 9 600 € TTC, ce qui est possible",
        "Le candidat a parfaitement compris la demande de son client",
        "Le budget 2026 est plafonné à 9",
        "plafonné à 9 60",
    ],
)
def test_a_changed_number_a_lost_negation_or_an_invention_is_rejected(quote):
    evidence, rejected = ground(quote)
    assert evidence == ()
    assert [r.quote for r in rejected] == [quote]


def test_a_quote_from_the_brief_is_rejected_and_says_so():
    _, (rejected,) = ground("Le client veut quarante démonstrations")
    assert "le brief" in rejected.reason_fr


def test_a_quote_with_an_elision_needs_every_piece_of_it():
    kept, _ = ground("Le budget 2026 est plafonné […] hors temps interne de l’équipe")
    assert [e.quote for e in kept] == [
        "Le budget 2026 est plafonné",
        "hors temps interne de l’équipe",
    ]
    kept, rejected = ground("Le budget 2026 est plafonné [...] par la mairie de Lyon")
    assert kept == ()
    assert len(rejected) == 1


def test_a_quote_too_short_to_prove_anything_is_rejected():
    _, (rejected,) = ground("2026")
    assert "trop courte" in rejected.reason_fr
    assert ground("2026", min_characters=4)[0]


def test_words_and_numbers_are_never_cut():
    (evidence,), _ = ground("requentation augmentera de 15 %")
    assert evidence.match == "proche"
    assert evidence.quote == "fréquentation augmentera de 15 %"
    assert ground("Impression des affiches 1 24")[0] == ()
    assert ground("240 € La fréquentation augmentera")[0] == ()


def test_a_year_beside_another_number_is_not_taken_for_one_number():
    row = document("mars 2026 | 12 | 600 abonnés")
    grounder = Grounder([row], GroundingThresholds())
    for quote in ("mars 2026", "600 abonnés"):
        assert grounder.ground([quote])[0], quote


OTHER = document(
    "# Suivi",
    "La note passe de 4,1 à 4,4 et la portée de 12 400 à 15 000 personnes, soit +21 %.",
    "Les abonnés ne sont pas actifs le dimanche. Aucun budget n'est prévu pour la publicité.",
    "Le plan évite tout ce qui fâche. Sans accord, la publication est décalée d'un jour.",
    "Support | Portée | Écart",
    "Facebook | 2 140 | -12 %",
    "Le porte-parole répond sous 2 h au plus tard.",
)


def ground_other(quote: str):
    return Grounder([OTHER], GroundingThresholds()).ground([quote])


@pytest.mark.parametrize(
    "quote",
    [
        "La note passe de 4.1 à 4.4 et la portée de 12400 à 15\u202f000 personnes, soit +21 %",
        "- **La note passe de 4,1 à 4,4** et la portée de 12 400",
        "les abon-\nnés ne sont pas actifs le di\u00admanche",
        "Facebook — 2 140 — -12 %",
        "Facebook : 2140 ; -12 %",
        "| Facebook | 2 140 | -12 % |",
        "Le porte-\nparole répond sous 2 h",
        "Le porte‑parole répond sous 2\u202fh",
        "« ‹ Le porte-parole répond › sous 2 h »",
    ],
)
def test_what_only_separates_words_may_differ(quote):
    (evidence,), rejected = ground_other(quote)
    assert not rejected
    assert evidence.quote in OTHER.text


@pytest.mark.parametrize(
    "quote",
    [
        "La note passe de 41 à 4,4 et la portée de 12 400 à 15 000 personnes",
        "La note passe de 4,1 à 4,4 et la portée de 124 00 à 15 000 personnes",
        "La note passe de 4,1 à 4,4 et la portée de 12.400 à 15 000 personnes",
        "la portée de 12 400 à 15 000 personnes, soit -21 %",
        "la portée de 12 400 à 15 000 personnes, soit +21 ‰",
        "la portée de 12 400 à 15 000 personnes, soit +21² %",
        "la portée de 15 000 à 12 400 personnes",
        "Facebook — 2 140 — 12 %",
        "Facebook | -12 % | 2 140",
        "Le porte-parole répond sous 2/3 h au plus tard",
        "Le porte-parole répond sous -2 h au plus tard",
    ],
)
def test_a_figure_a_sign_or_an_order_may_not(quote):
    found, (rejected,) = ground_other(quote)
    assert found == ()
    assert rejected.reason_fr == "citation introuvable dans le livrable"


@pytest.mark.parametrize(
    "quote",
    [
        "Les abonnés [...] sont pas actifs le dimanche",
        "Les abonnés ne sont […] actifs le dimanche",
        "Les abonnés (…) actifs le dimanche",
        "Le plan évite tout ce qui fâche. […] la publication est décalée d'un jour",
    ],
)
def test_an_elision_may_not_take_a_negation_away(quote):
    found, (rejected,) = ground_other(quote)
    assert len(found) == 0
    assert "négation" in rejected.reason_fr


def test_an_elision_may_leave_out_whole_sentences_and_plain_words():
    found, rejected = ground_other("La note passe de 4,1 […] à 15 000 personnes, soit +21 %")
    assert (len(found), rejected) == (2, ())
    found, rejected = ground_other("la portée de 12 400 […] Le porte-parole répond sous 2 h")
    assert (len(found), rejected) == (2, ())


@pytest.mark.parametrize(
    "quote",
    [
        "Le budget 2026 est plafonn&eacute; &agrave; 9&nbsp;600&nbsp;&euro; TTC",
        "hors temps interne de l&#39;&#xe9;quipe",
        "Nous n&amp;rsquo;utiliserons pas TikTok",
        "<b>Nous</b> n’utiliserons <em>pas</em> TikTok",
        "Poste<br/>Montant<br/>Impression des affiches",
        "> Nous n\\u2019utiliserons pas TikTok",
    ],
)
def test_the_codes_that_a_program_wrote_for_characters_are_undone(quote):
    (found,), rejected = ground(quote)
    assert rejected == ()
    assert found.quote in TEXT.text


@pytest.mark.parametrize(
    "quote",
    [
        "plafonn&eacute; &agrave; 9&nbsp;&#55;00&nbsp;&euro; TTC",
        "<b>Nous</b> utiliserons TikTok, faute de public",
        "Le client veut quarante d&eacute;monstrations par mois.",
    ],
)
def test_undone_codes_make_no_other_words_true(quote):
    found, (rejected,) = ground(quote)
    assert found == ()
    assert rejected.quote == quote


def test_words_hidden_in_punctuation_prove_nothing():
    found, (rejected,) = ground_other("— ** ; ** — ** ; ** — le — ** ; ** — ** ; **")
    assert found == ()
    assert rejected.reason_fr
