"""Figures by slice, curves and bands, on rows whose figures are known."""

import pytest

from assistant.domain.finding import Usage
from assistant.evaluation import coverage
from assistant.evaluation.figures import measure
from assistant.evaluation.run import RetrievalHit
from tests.evaluation.sets import MET, NOT_MET, PARTIAL, UNKNOWN, row, rows, run


def settled(gold, draft, certainty, number):
    return row(gold, draft, criterion=f"E/g/CE{number}", certainty=certainty)


CURVE = [
    settled(MET, MET, 1.0, 1),
    settled(MET, NOT_MET, 1.0, 2),
    settled(PARTIAL, PARTIAL, 0.5, 3),
    settled(PARTIAL, MET, 0.25, 4),
    settled(MET, UNKNOWN, 0.0, 5),
]


def test_the_risk_curve_goes_from_the_most_settled_drafts_to_all_and_keeps_no_abstention():
    points = coverage.curve(CURVE)

    assert [(p.coverage, p.kept) for p in points] == [(0.4, 2), (0.6, 3), (0.8, 4)]
    assert [p.risk for p in points] == pytest.approx([1 / 2, 1 / 3, 2 / 4])


def test_the_area_weighs_each_risk_by_the_coverage_it_adds():
    points = coverage.curve(CURVE)

    assert coverage.area(points) == pytest.approx((0.5 * 0.4 + 0.2 / 3 + 0.5 * 0.2) / 0.8)
    assert coverage.area(()) is None


def test_bands_say_what_drafts_of_each_were_worth():
    found = coverage.bands(CURVE)

    assert [(band.low, band.size, band.right) for band in found] == [
        (1.0, 2, 1),
        (0.5, 1, 1),
        (0.0, 1, 0),
    ]


def test_each_part_has_its_figures_and_the_whole_has_its_own():
    made_of = [
        row(MET, MET, candidate="a", part="regarder"),
        row(MET, NOT_MET, candidate="b", part="garder"),
    ]

    figures = measure(run(made_of))

    assert [part.part for part in figures.parts] == ["regarder", "garder", "tout"]
    assert [part.overall["agreement"].value for part in figures.parts] == [1.0, 0.0, 0.5]


def test_a_run_of_one_part_has_no_whole():
    assert [part.part for part in measure(run(rows([(MET, MET)]))).parts] == ["garder"]


def test_chance_corrected_figures_are_withheld_on_few_rows_and_say_how_few():
    overall = measure(run(rows([(MET, MET), (NOT_MET, MET)]))).parts[0].overall

    assert overall["kappa"].value is None
    assert overall["kappa"].note_fr == "2 observations, il en faut 10"
    assert overall["agreement"].value == 0.5


def test_slices_by_criterion_hold_every_row_once():
    part = measure(run(rows([(MET, MET)] * 6, candidates=2))).parts[0]

    assert sum(one.rows for one in part.criteria) == 6
    assert sum(one.rows for one in part.groups) == 6
    assert [one.id for one in part.epreuves] == ["E"]


def test_the_confusion_table_has_gold_in_rows_and_failures_last():
    part = measure(run(rows([(MET, PARTIAL), (NOT_MET, None)]))).parts[0]

    assert part.overall.confusion == (
        (0, 1, 0, 0, 0),
        (0, 0, 0, 0, 0),
        (0, 0, 0, 0, 1),
        (0, 0, 0, 0, 0),
    )


def hit(rank, *, seen=True, attendu=None, attendu_seen=None):
    return RetrievalHit(
        rank=rank,
        used=8,
        seen=seen,
        seen_by_attendu=seen,
        attendu=attendu,
        attendu_seen=attendu_seen,
        attendu_share=None if attendu is None else 0.25,
        share_given=0.5,
    )


def test_recall_counts_citations_among_the_k_first_and_what_is_too_deep_is_missed():
    made_of = [
        row(MET, MET, criterion="E/g/CE1", retrieval=hit(1, attendu=1, attendu_seen=True)),
        row(MET, MET, criterion="E/g/CE2", retrieval=hit(4, attendu=2, attendu_seen=False)),
        row(MET, MET, criterion="E/g/CE3", retrieval=hit(None, seen=False)),
        row(MET, MET, criterion="E/g/CE4"),
    ]

    part = measure(run(made_of)).parts[0]

    recall = {point.k: point.recall for point in part.recall_criterion}
    assert (recall[1], recall[4], recall[20]) == pytest.approx((1 / 3, 2 / 3, 2 / 3))
    assert part.overall["recall_criterion"].value == pytest.approx(2 / 3)
    assert part.overall["recall_attendu"].value == 0.5
    assert part.overall["share_attendu"].value == 0.25
    assert part.overall["share_given"].value == 0.5


def test_tokens_are_counted_once_for_a_draft_that_two_files_label():
    usage = Usage(calls=1, input_tokens=100, cached_tokens=40, output_tokens=10, cost_eur=0.02)
    one = row(MET, MET, usage=usage, seconds=1.5)
    other = one.model_copy(update={"file": "g.docx"})

    spent = measure(run([one, other])).spent

    assert (spent.criteria, spent.calls, spent.input_tokens, spent.cached_tokens) == (1, 1, 100, 40)
    assert (spent.output_tokens, spent.cost_eur, spent.seconds) == (10, 0.02, 1.5)


def test_the_figures_of_the_same_rows_are_the_same_to_the_last_digit():
    made_of = run(rows([(MET, MET), (PARTIAL, MET), (NOT_MET, UNKNOWN)] * 20, candidates=7))

    assert measure(made_of).model_dump_json() == measure(made_of).model_dump_json()
