"""Killed at any instant, a cohort's run loses nothing, repeats nothing, pays little twice.

The long version, on both stores, with its figures: python -m tools.kill_points --kills 200.
"""

import os

import pytest

from tools.kill_batch import kill_again_and_again

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1200)]

KILLS = int(os.environ.get("PREUVE_KILLS", "4"))


def test_a_run_killed_again_and_again_ends_as_if_it_had_not_been(tmp_path):
    outcome = kill_again_and_again(tmp_path, KILLS)

    assert outcome.kills == KILLS
    assert outcome.findings == outcome.rows == outcome.criteria
    assert outcome.lost == outcome.duplicated == outcome.decisions_lost == 0
    assert outcome.told <= outcome.findings
    assert outcome.decisions > 0
    assert 0 <= outcome.extra <= outcome.allowed
