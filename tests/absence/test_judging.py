"""What these documents taught the embedded judge."""

import pytest

from assistant.adapters.indicator_judge import IndicatorJudge, load_cues
from assistant.domain.verdict import AttenduStatus
from assistant.settings import bundled
from tests.factories import case, criterion, document

STATES = "Chaque fournée apparaît avec son état (faite, en cours, à venir)."
BARE = "Chaque fournée apparaît avec son état."


@pytest.mark.parametrize(
    ("attendu", "line", "status"),
    [
        (STATES, "Fournée du 3 mars faite, du 4 en cours, du 5 à venir.", AttenduStatus.LOCATED),
        (BARE, "Fournée du 3 mars : état à venir, Léa le 5 mars.", AttenduStatus.TO_CHECK),
        (STATES, "Fournée du 3 mars à venir, état à préciser, Léa.", AttenduStatus.TO_CHECK),
    ],
)
def test_words_that_the_attendu_asks_for_leave_nothing_in_suspense(attendu, line, status):
    judge = IndicatorJudge(load_cues(bundled("prompts") / "embedded_cues.v2.yaml"))
    asked = criterion(attendus=((attendu, True),), reperage=("fournée",))
    (judged,) = judge.assess(case(document(line), asked=asked)).attendus
    assert judged.status is status
