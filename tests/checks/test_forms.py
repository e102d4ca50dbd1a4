"""The checks of commerce, images, colours, legibility and spelling."""

import pytest

from assistant.checks.colours import contrast
from assistant.checks.visuals import real_alternative
from ingest.types import ImageInfo, Locator
from tests.checks.build import document, gaps, outcomes, run


def with_images(*alternatives, text="Texte."):
    images = tuple(
        ImageInfo(locator=Locator(file="livrable.docx"), alt_text=alt, width=600, height=400)
        for alt in alternatives
    )
    return document(text).model_copy(update={"images": images})


def test_images_without_alternative_text_are_a_conclusive_gap():
    (gap,) = gaps(run("DET-ALT", with_images("", "photo.jpg")), "C")

    assert "0 image décrite sur 2" in gap.message_fr


def test_described_images_are_confirmed():
    assert outcomes(run("DET-ALT", with_images("Vitrine de la boulangerie"))) == {"conforme"}


@pytest.mark.parametrize("text", ["", "  ", "IMG_2041.jpeg", "Image 3", "visuel-final.png"])
def test_a_file_name_is_no_alternative_text(text):
    assert not real_alternative(text)


def test_long_flat_hashtags_are_pointed_out():
    assert len(gaps(run("DET-ALT", document("#boulangeriebio #painaulevain")))) == 1
    assert gaps(run("DET-ALT", document("#BoulangerieBio #gare"))) == []


def test_a_capture_announced_without_any_image_is_pointed_out():
    assert len(gaps(run("DET-CAPTURE", document("Voir la capture d'écran.")))) == 1
    assert gaps(run("DET-CAPTURE", document("La capture sera projetée en soutenance."))) == []
    assert gaps(run("DET-CAPTURE", with_images("", text="Voir la capture."))) == []


def test_contrast_follows_the_published_examples():
    assert contrast((0, 0, 0), (255, 255, 255)) == pytest.approx(21)
    assert contrast((0x77, 0x77, 0x77), (255, 255, 255)) == pytest.approx(4.48, abs=0.01)


def test_colours_outside_the_commissioned_palette_are_listed():
    brief = document("Terracotta #C8694A, sable #F3E7D7.", name="brief.docx")
    results = run("DET-COULEUR", document("Palette : #C8694A et #0000FF."), pieces={"brief": brief})

    assert [g.message_fr for g in gaps(results)] == [
        "Couleurs hors de la palette donnée : #0000FF."
    ]


def test_a_palette_without_any_readable_pair_is_pointed_out():
    assert len(gaps(run("DET-CONTRASTE", document("#C8694A et #D07050")))) == 1
    assert outcomes(run("DET-CONTRASTE", document("#5A3A2E et #F3E7D7"))) == {"conforme"}


def test_paid_content_without_mention_is_pointed_out():
    assert len(gaps(run("DET-PUB", document("Trois influenceurs publieront un Reel.")))) == 1
    mention = "Les influenceurs portent la mention « Collaboration commerciale »."
    assert outcomes(run("DET-PUB", document(mention))) == {"conforme"}


def test_the_clauses_of_a_contract_are_listed_and_the_missing_ones_too():
    clauses = ("# Convention", "Article 1 – Objet : un contenu.", "Article 2 – Cession des droits.")
    (result,) = run("DET-CONTRAT", document(*clauses))

    assert "missions" in result.message_fr
    assert "Non repérées : parties et coordonnées, résidence fiscale" in result.message_fr
    assert result.strength == "I"


def test_fees_from_one_thousand_euros_recall_that_a_contract_is_written():
    fees = [("Créateur", "Montant"), ("A", "1 500 €"), ("B", "900 €"), ("Total", "2 400 €")]

    recalls = [r for r in run("DET-CONTRAT", document(fees)) if r.strength == "R"]

    assert [e.quote for e in recalls[0].observed] == ["1 500 €"]


@pytest.mark.parametrize(("target", "gap"), [("280", False), ("450", True)])
def test_a_result_is_compared_with_budget_over_unit_cost(target, gap):
    text = f"Avec un coût par commande de 6 €, la dépense de 1 675 € vise {target} commandes."

    assert bool(gaps(run("DET-PLAUSIBLE", document(text)))) is gap


def test_long_sentences_are_pointed_out_against_the_rubrics_own_figure():
    text = " ".join(["Ceci est une phrase plutôt courte."] * 6)
    endless = " ".join(["mot"] * 70) + "."

    assert outcomes(run("DET-LISIB", document(text))) == {"conforme"}
    assert len(gaps(run("DET-LISIB", document(text, endless)))) == 1


TEXT = (
    "La boulangerie prépare chaque matin des pains variés pour les habitants du quartier. "
    "Les clients apprécient la qualité des produits et la gentillesse des vendeuses. "
) * 9


def test_a_slip_near_a_usual_word_is_shown_and_trade_words_are_not():
    clean = run("DET-ORTHO", document(TEXT + "Des influenceuses, des carrousels et des hashtags."))
    slips = run("DET-ORTHO", document(TEXT + "C'est domage, la qualitée manque beacoup ici."))

    assert outcomes(clean) == {"conforme"}
    assert "« domage » (dommage ?)" in slips[0].message_fr
    assert "« beacoup » (beaucoup ?)" in slips[0].message_fr
    assert slips[0].strength == "I"


def test_names_acronyms_addresses_and_hashtags_are_not_spelt():
    text = TEXT + "Voir Maëlyss, #painsurgele, contact@exmple.fr et www.exmple.fr chez ZQXR."

    assert "0 faute" in run("DET-ORTHO", document(text))[0].message_fr


def test_a_short_text_is_not_judged():
    assert run("DET-ORTHO", document("Un domage.")) == []
