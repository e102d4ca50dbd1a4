import pytest

from assistant.domain.verdict import AttenduStatus, Verdict, VerdictRule, derive_verdict

S, P, A, N = (
    AttenduStatus.SATISFIED,
    AttenduStatus.PARTIAL,
    AttenduStatus.ABSENT,
    AttenduStatus.NOT_VERIFIABLE,
)


@pytest.mark.parametrize(
    ("starred", "expected"),
    [
        ([S, S], Verdict.MET),
        ([S, P], Verdict.PARTIALLY_MET),
        ([S, A], Verdict.PARTIALLY_MET),
        ([P, A], Verdict.PARTIALLY_MET),
        ([P, A, A], Verdict.NOT_MET),
        ([A], Verdict.NOT_MET),
        ([S, A, N], Verdict.NOT_ASSESSABLE),
        ([S, N], Verdict.NOT_ASSESSABLE),
        ([P, P, N], Verdict.PARTIALLY_MET),
        ([A, A, N], Verdict.NOT_MET),
        ([N, N], Verdict.NOT_ASSESSABLE),
    ],
)
def test_the_verdict_follows_the_rule_and_abstains_when_it_hangs_on_the_unknown(starred, expected):
    assert derive_verdict(starred, VerdictRule()) is expected


def test_a_rubric_can_ask_for_less_than_every_determining_attendu():
    lenient = VerdictRule(acquis_satisfaits=0.5, partiel_au_moins_partiels=0.25)
    assert derive_verdict([S, A], lenient) is Verdict.MET
    assert derive_verdict([P, A, A], lenient) is Verdict.PARTIALLY_MET


def test_located_words_weigh_as_much_as_satisfied_ones_in_the_rule():
    located, to_check = AttenduStatus.LOCATED, AttenduStatus.TO_CHECK
    assert derive_verdict([located, located], VerdictRule()) is Verdict.MET
    assert derive_verdict([located, to_check], VerdictRule()) is Verdict.PARTIALLY_MET
