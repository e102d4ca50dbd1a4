"""The usual forms: SWOT, personas, tables of a plan, RACI, sections, words of the subject."""

from assistant.checks.context import listed, setting_of
from tests.checks.build import document, gaps, outcomes, run

SWOT = [
    ("Forces", "Faiblesses"),
    ("équipe ; savoir-faire", "horaires ; prix"),
    ("Opportunités", "Menaces"),
    ("gare ; bio", "concurrent ; inflation"),
]


def test_a_full_swot_matrix_is_recognised():
    (result,) = run("DET-SWOT", document(SWOT))

    assert (result.outcome.value, result.strength) == ("conforme", "C")


def test_a_missing_quadrant_is_a_conclusive_gap():
    (gap,) = gaps(run("DET-SWOT", document([*SWOT[:2], ("Opportunités",), ("gare ; bio",)])), "C")

    assert "menaces" in gap.message_fr


def test_quadrants_as_headings_with_lists_are_recognised():
    results = run(
        "DET-SWOT",
        document("# Forces", "a1, a2", "# Faiblesses", "b1, b2", "# Opportunités", "c1, c2",
                 "# Menaces", "d1, d2"),
    )  # fmt: skip

    assert outcomes(results) == {"conforme"}


def test_no_matrix_is_silence_not_blame():
    assert outcomes(run("DET-SWOT", document("La concurrence est forte."))) == {"sans conclusion"}


def test_a_rich_persona_and_a_hollow_one_are_told_apart():
    rich = (
        "Inès, 31 ans, chargée de recrutement, habite le centre. Sur Instagram surtout. Frein : la "
        "file d'attente. Déclencheur : commander la veille. Elle cherche un petit-déjeuner rapide."
    )
    hollow = (
        "Le décideur connecté. Il est actif, curieux, exigeant et aime les choses qui font sens."
    )
    results = run("DET-PERSONA", document("# Personas", rich, hollow))

    assert [r.outcome.value for r in results] == ["conforme", "écart"]
    assert {r.strength for r in results} == {"I"}


def test_a_persona_that_says_so_itself_is_read_under_any_heading():
    told = (
        "Persona 2 — Nadia, 42 ans, infirmière, habite Dole : elle cherche une recette rapide sur "
        "Instagram, aime les vidéos courtes et a peur de se tromper."
    )
    spoken = "Personas et leviers sont décrits plus bas, après les objectifs, avec leurs réseaux."
    (result,) = run("DET-PERSONA", document("# Stratégie", spoken, told))

    assert result.outcome.value == "conforme"
    assert result.message_fr.startswith("Nadia : ")


def test_a_persona_s_fears_and_wants_are_read_in_other_words():
    told = (
        "Persona 1 — Clara, 34 ans, vit à Lyon, comptable salariée : elle voudrait changer de "
        "banque, craint de payer des frais cachés, apprécie les vidéos courtes sur Instagram."
    )
    (result,) = run("DET-PERSONA", document("# Personas", told))

    for field in ("freins", "objectifs", "motivations"):
        assert field not in result.message_fr


PLAN = [
    ("Action", "Objectif", "Responsable", "Échéance"),
    ("Refonte", "Conversion", "Thao", "15/03/2026"),
    ("Relance", "Dons", "", "à définir"),
]


def test_empty_and_pending_cells_of_a_plan_are_listed():
    results = run("DET-PLAN", document("# Plan d'actions", PLAN))

    (gap,) = gaps(results, "I")
    assert "Relance : responsable" in gap.message_fr
    assert "Relance : echeance" in gap.message_fr


def test_columns_are_recognised_by_their_usual_synonyms():
    texte = "DET-TABLEAU (colonnes action, acteur, date)"
    table = [("Quoi", "Qui", "Quand"), ("Publier", "Lina", "mars")]

    assert outcomes(run("DET-TABLEAU", document(table), controles=texte)) == {"conforme"}


def test_a_raci_matrix_has_one_decider_and_a_doer_per_row():
    right = [("Tâche", "X", "Y", "Z"), ("Cadrer", "A", "R", "I"), ("Publier", "R", "A", "C")]
    wrong = [("Tâche", "X", "Y", "Z"), ("Cadrer", "A", "A", "I"), ("Publier", "C", "A", "C")]

    assert outcomes(run("DET-RACI", document(right))) == {"conforme"}
    assert [g.strength for g in gaps(run("DET-RACI", document(wrong)))] == ["C", "C"]


def test_a_table_of_words_is_no_raci_matrix():
    assert run("DET-RACI", document(PLAN)) == []


def test_sections_are_found_in_headings_labels_and_synonyms():
    texte = "DET-RUBRIQUES (contexte, budget, calendrier)"
    results = run(
        "DET-RUBRIQUES",
        document("# Présentation du contexte", "Texte.", "# Devis", "Planning : mars à mai."),
        controles=texte,
    )

    assert gaps(results) == []


def test_a_missing_section_is_a_hint_with_the_titles_that_were_found():
    texte = "DET-RUBRIQUES (contexte, budget, calendrier)"
    (gap,) = gaps(run("DET-RUBRIQUES", document("# Contexte", "Texte."), controles=texte))

    assert gap.strength == "I"
    assert "budget, calendrier" in gap.message_fr
    assert "Titres trouvés : Contexte" in gap.message_fr


def test_words_are_found_whatever_their_number_and_accents():
    texte = "DET-LEXIQUE (réunion, compte rendu, canal)"
    (result,) = run(
        "DET-LEXIQUE", document("Des réunions suivies d’un compte rendu."), controles=texte
    )

    assert "réunion, compte rendu" in result.message_fr
    assert result.strength == "R"


def test_a_word_of_a_heading_alone_is_not_found():
    texte = "DET-LEXIQUE (réunion, rituel, canal)"
    results = run("DET-LEXIQUE", document("# Réunion", "Rien."), controles=texte)

    assert outcomes(results) == {"sans conclusion"}


def test_the_words_after_a_code_are_read_up_to_the_next_one():
    text = "DET-PLAN (cible, délai ; cellules remplies ≥ 95 %) ; DET-LIEN (levier ↔ action)."

    assert listed(setting_of(text, "DET-PLAN")) == ["cible", "délai"]
    assert listed(setting_of(text, "DET-LIEN")) == ["levier", "action"]
    assert setting_of(text, "DET-SOMME") == ""
