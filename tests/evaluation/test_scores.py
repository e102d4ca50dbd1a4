"""The metrics give what published worked examples give."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.domain.verdict import Verdict
from assistant.evaluation import scores
from assistant.evaluation.catalogue import BY_ID
from tests.evaluation.sets import MET, NOT_MET, PARTIAL, UNKNOWN, rows

#: Artificial ratings of the R package irr (data set « anxiety », raters 1 and 2), for which
#: `kappa2` prints Kappa = 0.119, and Kappa = 0.297 with squared weights.
ANXIETY_1 = [3, 3, 3, 4, 5, 5, 2, 3, 5, 2, 2, 6, 1, 5, 2, 2, 1, 2, 4, 3]
ANXIETY_2 = [3, 6, 4, 6, 2, 4, 2, 4, 3, 3, 2, 3, 3, 3, 2, 2, 1, 3, 3, 4]
#: Gwet's « abstractors » (R package irrCAC), whose manual prints 0.7964094 and, with quadratic
#: weights, 0.8921569.
ABSTRACTORS = ((13, 0, 0), (0, 20, 7), (0, 4, 56))


def spread(table):
    """The two lists of ranks that a table of counts stands for."""
    pairs = [
        (gold, draft)
        for gold, line in enumerate(table)
        for draft, count in enumerate(line)
        for _ in range(count)
    ]
    return [gold for gold, _ in pairs], [draft for _, draft in pairs]


@pytest.mark.parametrize(
    ("table", "expected"),
    [
        # The usual textbook tables: 50 grant proposals, then two with the same agreement of 60 %
        # and very different margins.
        (((20, 5), (10, 15)), 0.40),
        (((45, 15), (25, 15)), 0.1304),
        (((25, 35), (5, 35)), 0.2593),
        (ABSTRACTORS, 0.7964094),
    ],
)
def test_kappa_is_that_of_published_tables(table, expected):
    gold, draft = spread(table)

    assert scores.cohen_kappa([str(g) for g in gold], [str(d) for d in draft]) == pytest.approx(
        expected, abs=1e-4
    )


def test_kappa_is_that_of_published_ratings():
    first, second = ([str(r) for r in ratings] for ratings in (ANXIETY_1, ANXIETY_2))

    assert scores.cohen_kappa(first, second) == pytest.approx(0.119, abs=5e-4)


def test_quadratic_kappa_is_that_of_published_ratings():
    first, second = ([r - 1 for r in ratings] for ratings in (ANXIETY_1, ANXIETY_2))

    assert scores.quadratic_kappa(first, second, levels=6) == pytest.approx(0.297, abs=5e-4)


def test_quadratic_kappa_is_that_of_a_published_three_level_table():
    assert scores.quadratic_kappa(*spread(ABSTRACTORS)) == pytest.approx(0.8921569, abs=1e-6)


def test_macro_f1_and_balanced_accuracy_are_those_of_the_library_s_manual():
    assert scores.macro_f1(list("012012"), list("021001")) == pytest.approx(0.26666, abs=1e-4)
    assert scores.balanced_accuracy(list("010010"), list("010001")) == pytest.approx(0.625)


def test_a_verdict_that_is_never_drafted_counts_zero_in_the_macro_f1():
    gold, drafts = ["acquis", "acquis", "partiel"], ["acquis", "acquis", "acquis"]

    assert scores.macro_f1(gold, drafts) == pytest.approx((0.8 + 0.0) / 2)


def test_kappa_says_nothing_when_nothing_varies():
    assert scores.cohen_kappa(["acquis"] * 4, ["acquis"] * 4) is None
    assert scores.quadratic_kappa([2] * 4, [2] * 4) is None


_verdicts = st.sampled_from(list(Verdict))
_pairs = st.lists(st.tuples(_verdicts, st.one_of(st.none(), _verdicts)), min_size=2, max_size=40)


@pytest.mark.parametrize("name", ["kappa", "kappa_quadratic", "macro_f1", "balanced_accuracy"])
@given(pairs=_pairs)
@settings(deadline=None, max_examples=40)
def test_the_bootstrap_s_formula_gives_the_library_s_value(name, pairs):
    statistic, made_of = BY_ID[name], rows(pairs)

    value = statistic.value(made_of)
    with np.errstate(divide="ignore", invalid="ignore"):
        ours = float(statistic.of(statistic.counts(made_of)))

    assert (value is None and np.isnan(ours)) or value == pytest.approx(ours, abs=1e-9)


def value(name, pairs):
    return BY_ID[name].value(rows(pairs))


def test_agreement_counts_an_abstention_like_the_label_s_and_a_failure_as_a_miss():
    pairs = [(MET, MET), (UNKNOWN, UNKNOWN), (MET, UNKNOWN), (MET, None)]

    assert value("agreement", pairs) == 0.5
    assert value("failures", pairs) == 0.25
    assert value("agreement_given", pairs) == 1.0


def test_leniency_is_positive_when_drafts_are_kinder_than_labels_and_leaves_abstentions_apart():
    assert value("leniency", [(NOT_MET, MET), (PARTIAL, PARTIAL), (MET, UNKNOWN)]) == 1.0
    assert value("leniency", [(MET, PARTIAL), (MET, MET)]) == -0.5
    assert value("leniency", [(MET, UNKNOWN)]) is None


def test_a_defect_is_found_when_it_is_not_said_met_and_an_abstention_finds_none():
    pairs = [(PARTIAL, NOT_MET), (NOT_MET, PARTIAL), (NOT_MET, UNKNOWN), (PARTIAL, MET), (MET, MET)]

    assert value("defect_recall", pairs) == 0.5
    assert value("defects_passed", pairs) == 0.25
    assert BY_ID["defect_recall"].size(BY_ID["defect_recall"].counts(rows(pairs))) == 4


def test_approving_what_cannot_be_seen_is_counted_among_the_criteria_that_cannot():
    made_of = rows([(MET, MET), (MET, MET), (MET, UNKNOWN)])
    made_of[1:] = [r.model_copy(update={"unseen": True}) for r in made_of[1:]]

    assert BY_ID["blind_approvals"].value(made_of) == 0.5


def test_false_alarms_and_abstentions_are_shares_of_their_own_rows():
    pairs = [(MET, PARTIAL), (MET, MET), (UNKNOWN, UNKNOWN), (MET, UNKNOWN)]

    assert value("false_alarms", pairs) == pytest.approx(1 / 3)
    assert value("abstention", pairs) == 0.5
    assert value("abstention_justified", pairs) == 0.5
