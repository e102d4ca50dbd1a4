"""Baselines learn from the part one may look at, and from nothing else."""

from assistant.evaluation.baselines import baseline
from tests.evaluation.sets import MET, NOT_MET, PARTIAL, row


def looked_at(gold, share=0.0, number=0):
    return row(
        gold, MET, candidate="vu", part="regarder", criterion=f"E/g/CE{number}", cue_share=share
    )


def held_out(gold, share=0.0, candidate="gardé"):
    return row(gold, MET, candidate=candidate, cue_share=share)


def drafts(made_of):
    return [r.draft for r in made_of]


def test_the_majority_is_that_of_the_part_to_look_at():
    lessons = [looked_at(NOT_MET, number=n) for n in range(3)] + [looked_at(MET, number=4)]
    tests = [held_out(MET) for _ in range(9)]

    assert set(drafts(baseline("majorite", [*lessons, *tests]))) == {NOT_MET}


def test_held_out_labels_change_no_baseline():
    lessons = [looked_at(MET, 0.9, 1), looked_at(PARTIAL, 0.5, 2), looked_at(NOT_MET, 0.1, 3)]
    shares = (0.95, 0.5, 0.05)

    for name in ("majorite", "mots-cles"):
        kind, unkind = (
            baseline(name, [*lessons, *(held_out(gold, share) for share in shares)])
            for gold in (MET, NOT_MET)
        )
        assert drafts(kind) == drafts(unkind)


def test_keywords_find_the_thresholds_that_the_lessons_show():
    lessons = [
        *(looked_at(MET, 0.8, n) for n in range(3)),
        *(looked_at(PARTIAL, 0.5, n + 3) for n in range(3)),
        *(looked_at(NOT_MET, 0.2, n + 6) for n in range(3)),
    ]
    tests = [held_out(MET, share) for share in (0.9, 0.5, 0.1)]

    assert drafts(baseline("mots-cles", [*lessons, *tests]))[-3:] == [MET, PARTIAL, NOT_MET]


def test_without_a_part_to_look_at_a_candidate_is_learnt_from_the_others():
    first = [held_out(NOT_MET, candidate="a") for _ in range(5)]
    second = [held_out(MET, candidate="b") for _ in range(3)]

    guessed = baseline("majorite", [*first, *second])

    assert drafts(guessed) == [MET] * 5 + [NOT_MET] * 3


def test_a_single_candidate_alone_teaches_nothing():
    assert baseline("majorite", [held_out(MET)]) is None


def test_a_baseline_quotes_nothing_and_searches_nothing():
    (guessed,) = baseline("majorite", [looked_at(MET)])

    assert guessed.quotes.shown == 0
    assert guessed.retrieval is None
    assert guessed.certainty is None
