"""DET-COUV, DET-LIEN, DET-CONCORDANCE, DET-SOURCES, DET-UTM: what answers what, and where from."""

import pytest

from tests.checks.build import document, gaps, outcomes, run

REQUESTS = [("N°", "Message"), *((f"C{i}", f"Message {i}") for i in range(1, 6))]


def coverage(*answered):
    rows = [("N°", "Réponse", "Pourquoi"), *((name, "Réponse", "Règle") for name in answered)]
    return run(
        "DET-COUV",
        document(rows),
        pieces={"messages fournis": document(REQUESTS, name="brief.docx")},
        attendus=["Tous les messages fournis reçoivent un traitement."],
    )


def test_a_forgotten_numbered_request_is_a_conclusive_gap():
    (gap,) = gaps(coverage("C1 @a", "C2 @b", "C3", "C5"), "C")

    assert "Manque : C4" in gap.message_fr
    assert gap.attendu == 1


def test_all_requests_answered_is_confirmed():
    assert outcomes(coverage("C1", "C2", "C3", "C4", "C5")) == {"conforme"}


def test_requests_without_numbers_are_counted_by_a_person():
    brief = document("Sept messages mécontents.", name="brief.docx")
    results = run("DET-COUV", document("Réponses."), pieces={"messages": brief})

    assert outcomes(results) == {"sans conclusion"}


OBJECTIVES = ("# Objectifs", "OS1 – Premier.", "OS2 – Deuxième.", "OS3 – Troisième.")
LINK = "DET-LIEN (objectif ↔ levier)"


def test_identifiers_that_are_all_answered_are_confirmed():
    table = [("Levier", "Objectif"), ("a", "OS1"), ("b", "OS2, OS3")]

    assert outcomes(run("DET-LIEN", document(*OBJECTIVES, table), controles=LINK)) == {"conforme"}


def test_orphans_are_hints_and_undefined_references_conclusive():
    table = [("Levier", "Objectif"), ("a", "OS1"), ("b", "OS2, OS7")]

    results = gaps(run("DET-LIEN", document(*OBJECTIVES, table), controles=LINK))

    assert {(g.strength, g.message_fr) for g in results} == {
        ("C", "« OS7 » est cité et n'est défini nulle part."),
        ("I", "Éléments auxquels rien ne répond : OS3."),
    }


def test_weeks_and_days_are_not_identifiers():
    table = [("Semaine", "Thème"), ("S1", "a"), ("S2", "b"), ("J1", "c"), ("J2", "d")]

    assert outcomes(run("DET-LIEN", document(table, "S9 : bilan"))) == {"sans conclusion"}


def concordance(text, brief):
    return run("DET-CONCORDANCE", document(text), pieces={"brief": document(brief, name="b.docx")})


def test_a_figure_of_the_brief_taken_up_is_confirmed():
    results = concordance("Une page Facebook de 2 140 abonnés.", "Page Facebook (2 140 abonnés).")

    assert outcomes(results) == {"conforme"}


def test_a_figure_of_the_brief_changed_is_pointed_out():
    (gap,) = gaps(concordance("Page Facebook : 2 410 abonnés.", "Page Facebook : 2 140 abonnés."))

    assert gap.strength == "I"


def test_another_subject_with_the_same_noun_is_no_contradiction():
    results = concordance("Compte Instagram : 870 abonnés.", "Page Facebook : 2 140 abonnés.")

    assert gaps(results) == []


def test_a_period_outside_the_commissioned_one_is_pointed_out():
    brief = "Campagne de publication des vidéos du 1er au 31 juillet 2026."
    text = "Calendrier de publication des vidéos : campagne du 3 au 28 août 2026."

    assert len(gaps(concordance(text, brief))) == 1
    assert gaps(concordance(text.replace("août", "juillet"), brief)) == []


def test_vague_and_missing_sources_are_pointed_out():
    table = [
        ("Date", "Information", "Source"),
        ("06/2023", "a", "Forum étudiant"),
        ("2021", "b", ""),
    ]

    (gap,) = gaps(run("DET-SOURCES", document(table)), "I")

    assert "Forum étudiant" in gap.message_fr


def test_one_dominant_site_is_pointed_out():
    urls = "https://a.fr/1 https://a.fr/2 https://www.a.fr/3 https://b.fr/4"

    (gap,) = gaps(run("DET-SOURCES", document(urls)), "I")

    assert "a.fr (75 % des liens)" in gap.message_fr


@pytest.mark.parametrize(
    ("query", "gap"),
    [
        ("utm_source=meta&utm_medium=paid&utm_campaign=gare", False),
        ("utm_source=meta&utm_medium=paid", True),
        ("utm_source=meta&utm_medium=&utm_campaign=gare", True),
        ("UTM_Source=meta&utm_medium=paid&utm_campaign=gare", True),
        ("utm_source=méta&utm_medium=paid&utm_campaign=gare", True),
    ],
)
def test_utm_parameters_are_checked_one_by_one(query, gap):
    results = run("DET-UTM", document(f"Lien : https://exemple.fr/?{query}"))

    assert bool(gaps(results, "C")) is gap
