"""Intervals, comparisons and the gate: what is noise and what is not."""

import pytest

from assistant.errors import MeasuresInvalid
from assistant.evaluation import bootstrap
from assistant.evaluation.catalogue import BY_ID
from assistant.evaluation.comparison import compare
from assistant.evaluation.gate import run_gate
from assistant.evaluation.run import QuoteCheck
from tests.evaluation.sets import MET, NOT_MET, PARTIAL, UNKNOWN, row, rows, run

AGREEMENT = BY_ID["agreement"]


def right_and_wrong(right: int, wrong: int, *, candidates: int = 8):
    return rows([(MET, MET)] * right + [(MET, NOT_MET)] * wrong, candidates=candidates)


def test_no_interval_is_given_below_five_candidates_and_the_reason_says_how_many():
    few = right_and_wrong(30, 10, candidates=4)

    assert bootstrap.interval(AGREEMENT, few) is None
    assert bootstrap.too_small(AGREEMENT, few) == "4 candidats, il en faut 5"


def test_no_interval_is_given_on_few_observations():
    few = right_and_wrong(8, 2, candidates=5)

    assert bootstrap.interval(AGREEMENT, few) is None
    assert bootstrap.too_small(AGREEMENT, few) == "10 observations, il en faut 20"


def test_only_the_candidates_a_figure_speaks_of_are_counted():
    """Thirty defects, but all of two candidates: nothing can be said of others."""
    defects = [row(NOT_MET, NOT_MET, candidate=f"c{n % 2}") for n in range(30)]
    others = [row(MET, MET, candidate=f"d{n}") for n in range(6)]

    assert bootstrap.interval(BY_ID["defect_recall"], [*defects, *others]) is None
    assert bootstrap.interval(AGREEMENT, [*defects, *others]) is not None


def test_an_interval_holds_the_figure_and_is_the_same_every_time():
    many = right_and_wrong(50, 30)

    interval = bootstrap.interval(AGREEMENT, many)

    assert interval is not None
    assert interval.low <= 50 / 80 <= interval.high
    assert interval == bootstrap.interval(AGREEMENT, many)


def test_candidates_are_drawn_whole():
    """Two kinds of candidates, all right or all wrong: criteria drawn alone would say far less."""
    halves = [
        row(MET, MET if n < 4 else NOT_MET, candidate=f"c{n}", criterion=f"E/g/CE{k}")
        for n in range(8)
        for k in range(50)
    ]

    interval = bootstrap.interval(AGREEMENT, halves)

    assert interval is not None
    assert interval.high - interval.low > 0.5


def test_a_run_compared_with_itself_differs_in_nothing():
    same = run(right_and_wrong(30, 10))

    found = compare(same, same)

    assert found.flips == ()
    assert {d.change for d in found.differences} == {0.0}
    assert not any(d.beyond_noise for d in found.differences)


def test_a_gain_on_every_candidate_is_beyond_noise_and_one_on_a_single_one_is_not():
    before = rows([(MET, NOT_MET)] * 40 + [(MET, MET)] * 40, candidates=8)
    everywhere = [r.model_copy(update={"draft": MET}) for r in before]
    once = [r.model_copy(update={"draft": MET}) if r.key == before[0].key else r for r in before]

    def agreement(after):
        found = compare(run(before), run(after))
        return next(d for d in found.differences if d.id == "agreement")

    assert agreement(everywhere).beyond_noise is True
    assert agreement(once).beyond_noise is False
    assert agreement(once).change == pytest.approx(1 / 80)


def test_a_comparison_tells_which_drafts_became_right_and_which_stopped_being_so():
    before = run(rows([(MET, NOT_MET), (PARTIAL, PARTIAL), (MET, UNKNOWN)]))
    after = run(rows([(MET, MET), (PARTIAL, MET), (MET, PARTIAL)]))

    flips = compare(before, after).flips

    assert [flip.became_right for flip in flips] == [True, False, False]
    assert [flip.became_wrong for flip in flips] == [False, True, False]


def test_runs_on_other_labels_are_not_compared():
    with pytest.raises(MeasuresInvalid, match="autres étiquettes"):
        compare(run(right_and_wrong(3, 1)), run(right_and_wrong(3, 1), labels="c" * 64))


def test_runs_without_a_common_row_are_not_compared():
    with pytest.raises(MeasuresInvalid, match="aucun critère en commun"):
        compare(run([row(MET, MET, candidate="a")]), run([row(MET, MET, candidate="b")]))


def test_the_gate_lets_the_same_figures_through():
    same = run(right_and_wrong(30, 10))

    assert run_gate(same, same).passed


def test_the_gate_stops_any_loss_of_a_deterministic_engine():
    gate = run_gate(run(right_and_wrong(30, 10)), run(right_and_wrong(29, 11)))

    assert not gate.passed
    assert [c.id for c in gate.checks if not c.passed] == ["agreement", "leniency"]


def test_the_gate_lets_a_gain_through():
    assert run_gate(run(right_and_wrong(30, 10)), run(right_and_wrong(31, 9))).passed


def test_the_gate_stops_a_leniency_that_crosses_to_the_other_side():
    severe = run(rows([(MET, PARTIAL), (PARTIAL, PARTIAL)]))
    lenient = run(rows([(MET, MET), (PARTIAL, MET)]))

    gate = run_gate(severe, lenient)

    assert [check.id for check in gate.checks if not check.passed] == ["leniency"]


def test_the_gate_stops_a_single_inexact_quote_whatever_the_engine():
    exact = right_and_wrong(30, 10)
    invented = [
        exact[0].model_copy(update={"quotes": QuoteCheck(shown=1, reread=0)}),
        *exact[1:],
    ]

    gate = run_gate(run(exact, engine="llm"), run(invented, engine="llm"))

    assert [check.id for check in gate.checks if not check.passed] == ["quote_exactness"]


def test_the_gate_stops_a_run_that_quotes_nothing_any_more():
    silent = [r.model_copy(update={"quotes": QuoteCheck()}) for r in right_and_wrong(30, 10)]

    assert not run_gate(run(right_and_wrong(30, 10)), run(silent)).passed


def test_what_reruns_change_is_tolerated_and_no_more():
    before = right_and_wrong(30, 10)
    drafts = [tuple(r.draft for r in right_and_wrong(n, 40 - n)) for n in (28, 32)]
    reference = run(before, engine="llm", replicates=tuple(drafts))

    assert run_gate(reference, run(right_and_wrong(28, 12), engine="llm")).passed
    assert not run_gate(reference, run(right_and_wrong(15, 25), engine="llm")).passed


def test_without_reruns_a_model_s_noise_is_that_of_its_candidates():
    reference = run(right_and_wrong(60, 20), engine="llm")
    elsewhere = rows([(MET, NOT_MET)] * 22 + [(MET, MET)] * 58, candidates=8)

    gate = run_gate(reference, run(elsewhere, engine="llm"))

    agreement = gate.checks[0]
    assert agreement.passed
    assert agreement.tolerance > 0.025
    assert "rééchantillonnage" in agreement.noise_fr


def test_a_reference_on_other_labels_is_refused():
    with pytest.raises(MeasuresInvalid):
        run_gate(run(right_and_wrong(3, 1), labels="c" * 64), run(right_and_wrong(3, 1)))
