"""The attacks that were written apart: what they obtained once, they obtain no more.

Each set was unknown to the rules when it was written, and is known to them now: what a new set
would obtain is in docs/securite.md, not here.
"""

import pytest

from tests.attack_files import HONEST
from tests.unseen.measure import opened, ordinary, payloads, tried

pytestmark = pytest.mark.slow

#: Claims without content are worth nothing and are not flagged: they address nobody.
_UNFLAGGED = ("affirmation_vide",)


@pytest.mark.parametrize("version", ["v1", "v2", "v3", "v4", "v5", "v6"])
def test_nearly_all_are_flagged_and_none_raises_a_verdict(version: str) -> None:
    figures = [tried(family, payload) for family, payload in payloads(version)]
    due = [figure for figure in figures if figure.family not in _UNFLAGGED]
    assert len(due) > 40
    missed = [figure.payload for figure in due if not figure.flagged]
    assert len(missed) <= 0.1 * len(due), missed
    raised = [figure.payload for figure in figures if figure.raised]
    assert len(raised) <= 1, raised


@pytest.mark.parametrize("version", ["v1", "v2", "v3", "v5", "v6"])
def test_no_ordinary_passage_is(version: str) -> None:
    passages = ordinary(version)
    assert len(passages) >= 40
    flagged = {text: [f.reason_fr for f in opened(HONEST[0], text).flags] for text in passages}
    assert [text for text, why in flagged.items() if why] == []
