"""What the recogniser finds is measured on documents written apart from it, and published."""

from pathlib import Path

import pytest

from assistant.privacy import private_passages
from tools.privacy_recall import SETS, measured, report

PAGE = Path(__file__).resolve().parent.parent / "docs" / "confidentialite.md"
#: Below these shares of the first set, something that worked no longer does.
FLOORS = {"candidat": 1.0, "courriel": 1.0, "telephone": 0.9, "adresse": 0.9, "nom": 0.8}
ORDINARY = """\
Je propose une campagne de sensibilisation à la sclérose en plaques avec l'association.
Mon audience est composée de personnes malvoyantes, je décris donc chaque image.
Mon persona, Julie, 34 ans, est diabétique et suit le compte pour ses recettes.
Suite à la réunion, j'ai modifié le calendrier et mon budget.
Mon client est un médecin du sport ; je rédige ses articles sur les tendinites.
Mon plan traite des traitements de fond en cosmétique : sérum, huile, crème.
Mon infirmière de persona utilise Instagram le soir.
Après cancer, la marque propose des soins : je l'explique dans mon article.
Enceinte connectée, casque, batterie : je présente les produits en trois photos.
Depuis le poste adapté au tournage, je cadre les plateaux.
Je traite le sujet de la pension d'invalidité dans ma FAQ."""


def test_what_the_recogniser_finds_is_what_the_page_says():
    # python -m tools.privacy_recall --markdown docs/confidentialite.md writes it again.
    assert report() in PAGE.read_text(encoding="utf-8")


def test_each_set_plants_every_kind_and_the_first_is_of_fifty_documents():
    found = {name: measured(name) for name in SETS}
    assert found["planted.txt"].documents == 50
    for recall in found.values():
        assert all(kind.planted for kind in recall.kinds.values())


@pytest.mark.parametrize("kind", FLOORS)
def test_what_was_found_still_is(kind):
    found = measured("planted.txt").kinds[kind]
    assert found.hidden / found.planted >= FLOORS[kind]


@pytest.mark.parametrize("line", ORDINARY.splitlines())
def test_a_work_about_health_is_not_taken_for_a_declaration(line):
    assert private_passages(line) == ()
