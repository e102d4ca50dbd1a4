"""Honest documents that look like mistakes: no conclusive gap may fall on them."""

import pytest

from ingest.building import DocumentBuilder
from ingest.types import BlockKind, Channel, Locator, SourceFile
from tests.checks.build import document, gaps, outcomes, run

CALCULATIONS = ["Les calculs sont justes et le total respecte l'enveloppe."]
SMART = ["Mesurable : une valeur.", "Temporel : une échéance.", "Vaut pour tous les objectifs."]

HONEST_BUDGETS = {
    "an option beside the total": [
        ("Poste", "Montant"), ("Vidéo", "400 €"), ("Photo", "100 €"),
        ("Option : drone", "300 €"), ("Total", "500 €"),
    ],
    "a line out of the budget": [
        ("Poste", "Montant"), ("Vidéo", "400 €"), ("Photo", "100 €"),
        ("Salaires (hors budget)", "900 €"), ("Total", "500 €"),
    ],
    "a yearly total of monthly lines": [
        ("Outil", "Prix"), ("A", "18 €"), ("B", "30 €"), ("Total mensuel", "48 €"),
        ("Total annuel", "576 €"),
    ],
    "a total with tax computed without a row for it": [
        ("Poste", "HT"), ("A", "300 €"), ("B", "200 €"), ("Total HT", "500 €"),
        ("Total TTC (TVA 20 %)", "600 €"),
    ],
    "a total per person": [
        ("Poste", "Montant"), ("A", "300 €"), ("B", "200 €"), ("Total", "500 €"),
        ("Total par créateur", "250 €"),
    ],
    "an estimate beside what was really spent": [
        ("Poste", "Estimation", "Réel"), ("A", "12 × 18 €", "210 €"), ("B", "2 × 10 €", "25 €"),
    ],
    "shares with their details": [
        ("Poste", "Part du budget"), ("Publicité", "60 %"), ("Réseau A", "40 %"),
        ("Réseau B", "20 %"), ("Création", "40 %"),
    ],
}  # fmt: skip


@pytest.mark.parametrize("table", HONEST_BUDGETS.values(), ids=HONEST_BUDGETS)
def test_an_honest_budget_is_not_blamed(table):
    assert gaps(run("DET-SOMME", document(table), attendus=CALCULATIONS), "C") == []


def test_a_grand_total_over_several_tables_is_not_blamed():
    first = [("Poste", "Montant"), ("A", "300 €"), ("B", "200 €"), ("Total", "500 €")]
    second = [("Poste", "Montant"), ("C", "50 €"), ("D", "50 €"), ("Total général", "600 €")]

    results = run("DET-SOMME", document(first, "Suite.", second), attendus=CALCULATIONS)

    assert gaps(results, "C") == []


def ceiling(table, brief, title="# Budget"):
    pieces = {"brief": document(brief, name="brief.docx")}
    return run("DET-PLAFOND", document(title, table), pieces=pieces, attendus=CALCULATIONS)


def total(amount, label="Total", header="Montant"):
    return [("Poste", header), ("A", "100 €"), ("B", "200 €"), (label, amount)]


def test_a_monthly_envelope_is_not_compared_with_a_yearly_total():
    assert gaps(ceiling(total("3 600 €"), "Budget : 500 € par mois maximum."), "C") == []


def test_another_scenario_or_a_past_year_is_not_the_budget():
    brief = "Budget : 1 000 € maximum."

    assert gaps(ceiling(total("2 000 €"), brief, "# Budget, scénario ambitieux"), "C") == []
    assert gaps(ceiling(total("2 000 €", header="Budget précédent"), brief), "C") == []


@pytest.mark.parametrize(
    "text",
    [
        "ROI attendu de 30 %. Taux de marge = (recettes - coûts) ÷ recettes × 100",
        "Pour le ROI, voir plus bas. Coût par lead = dépenses ÷ recettes × 100",
        "Des paniers de 20 à 40 € (-30 %) le vendredi.",
    ],
)
def test_another_ratio_near_the_word_is_not_a_wrong_roi(text):
    for code in ("DET-ROI", "DET-RATIO", "DET-CONV"):
        assert gaps(run(code, document(text), attendus=CALCULATIONS), "C") == []


def test_a_rate_of_achievement_is_an_honest_gap_to_target():
    table = [("Indicateur", "Résultat", "Objectif", "Écart"), ("Achats", "306", "350", "87 %")]

    assert gaps(run("DET-RATIO", document(table)), "C") == []


HONEST_OBJECTIVES = {
    "a comment after the list": (
        "# Objectifs opérationnels",
        "Vendre 25 paniers par semaine avant le 30 juin",
        "Ces objectifs découlent des besoins exprimés par la cliente.",
    ),
    "the five letters under each objective": (
        "# Objectifs opérationnels",
        "Vendre plus de paniers anti-gaspi",
        "Spécifique : les paniers du soir",
        "Mesurable : 25 paniers par semaine",
        "Atteignable : 18 aujourd'hui",
        "Réaliste : l'équipe est formée",
        "Temporel : avant le 30 septembre 2026",
    ),
    "the five letters as rows": (
        "# Objectifs opérationnels",
        [
            ("SMART", "Détail"),
            ("Spécifique", "Vendre des paniers du soir"),
            ("Mesurable", "25 par semaine"),
            ("Atteignable", "18 aujourd'hui"),
            ("Réaliste", "équipe formée"),
            ("Temporel", "avant le 30 septembre 2026"),
        ],
    ),
    "figures and terms in words": (
        "# Objectifs opérationnels",
        "Doubler le nombre d'avis avant l'été",
        "Recruter trois ambassadeurs chaque mois",
    ),
}


@pytest.mark.parametrize("items", HONEST_OBJECTIVES.values(), ids=HONEST_OBJECTIVES)
def test_an_honest_list_of_objectives_is_not_blamed(items):
    assert gaps(run("DET-SMART", document(*items), attendus=SMART), "C") == []


def test_a_finding_out_of_the_period_that_says_so_is_an_exception():
    table = [
        ("Date", "Information", "Source"),
        ("18/09/2025", "Une", "CNIL"),
        ("14/03/2024", "Deux (hors période, pour mémoire)", "Revue"),
    ]
    brief = document("Période de référence : du 1er septembre au 30 novembre 2025.", name="b.docx")
    results = run(
        "DET-DATES",
        document(table),
        pieces={"brief": brief},
        attendus=["Toutes les dates tombent dans la période."],
        controles="DET-DATES (période)",
    )

    assert gaps(results, "C") == []


def chronology(*rows, header=("Heure", "Étape")):
    return run("DET-HORO", document("# Chronologie", [header, *rows]))


def test_hours_of_several_days_start_again_every_day():
    rows = [
        ("lundi", "18 h", "a"),
        ("lundi", "20 h", "b"),
        ("mardi", "9 h", "c"),
        ("", "10 h", "d"),
    ]

    assert gaps(chronology(*rows, header=("Jour", "Heure", "Étape"))) == []
    assert gaps(chronology(("22 h 10", "a"), ("23 h 50", "b"), ("0 h 30", "c"), ("1 h", "d"))) == []
    assert (
        gaps(chronology(("18 h", "a"), ("20 h", "b"), ("lendemain 9 h", "c"), ("11 h", "d"))) == []
    )


def test_the_time_spent_preparing_is_not_the_length_of_the_event():
    brief = document("Un live de 45 minutes au maximum.", name="brief.docx")
    text = "La préparation a duré 3 h et le montage des extraits, soit 2 h, a suivi."

    assert gaps(run("DET-DUREE", document(text), pieces={"cahier": brief}), "C") == []


def test_an_hour_within_a_range_of_the_charter_is_right():
    charter = [
        ("Support", "Fréquence", "Créneau"),
        ("Alpha", "au moins 1 post par semaine", "12 h à 14 h"),
    ]
    calendar = [
        ("Date", "Heure", "Canal"),
        ("02/03/2026", "12h30", "Alpha"), ("05/03/2026", "13h45", "Alpha"),
        ("07/03/2026", "12h00", "Alpha"),
    ]  # fmt: skip

    results = run(
        "DET-FREQ", document(calendar), pieces={"charte": document(charter, name="charte.docx")}
    )

    assert gaps(results) == []


REQUESTS = [
    ("N°", "Compte", "Message"),
    *((f"C{i}", f"@compte{i}", "Quand ?") for i in range(1, 5)),
]


@pytest.mark.parametrize(
    "answer",
    [
        "Réponses à C1, C2, C3 et à @compte4 : bientôt.",
        "Nous avons répondu à C1 à C4 en une fois.",
    ],
)
def test_a_request_named_otherwise_is_dealt_with(answer):
    results = run(
        "DET-COUV", document(answer), pieces={"messages": document(REQUESTS, name="b.docx")}
    )

    assert gaps(results) == []


def test_answers_that_use_no_number_at_all_are_left_to_a_person():
    results = run(
        "DET-COUV", document("Toutes ont reçu une réponse."),
        pieces={"messages": document(REQUESTS, name="b.docx")},
    )  # fmt: skip

    assert outcomes(results) == {"sans conclusion"}


def test_strengths_and_risks_elsewhere_are_no_swot_matrix():
    results = run(
        "DET-SWOT", document("# Forces de vente", "Trois vendeurs.", "# Risques", "Pluie.")
    )

    assert gaps(results, "C") == []


def test_what_was_read_by_character_recognition_is_never_conclusive():
    builder = DocumentBuilder(SourceFile.from_bytes("scan.pdf", b"scan"), format_name="pdf")
    where = Locator(file="scan.pdf", page=1, channel=Channel.OCR)
    builder.add(BlockKind.PARAGRAPH, "Réunion le lundi 14 mars 2026.", where)

    assert [g.strength for g in gaps(run("DET-DATES", builder.build()))] == ["I"]
