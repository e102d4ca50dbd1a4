"""What the embedded judge quotes of a long line."""

import re

from assistant.adapters.indicator_sightings import quote_of
from assistant.adapters.indicator_words import Wanted, WantedWord
from assistant.domain.french import stem

WANTED = Wanted(words=(WantedWord(stem=stem("communication")),), cues=(re.compile("mi-temps"),))
ANSWER = "La communication est tenue par Lina, à mi-temps jusqu'en mai."
OTHER = "Le bureau se réunit le lundi et rend ses avis dans la semaine, par écrit."


def test_a_sentence_is_quoted_to_its_last_word() -> None:
    line = " ".join((OTHER, OTHER, ANSWER, OTHER, OTHER))
    assert len(line) > 300
    assert quote_of(line, WANTED, 0.5) == ANSWER


def test_a_sentence_that_is_too_long_is_cut_between_two_words() -> None:
    line = "à mi-temps " + "puis " * 100 + "en mai"
    quote = quote_of(line, WANTED, 0.5)
    assert len(quote) <= 300
    assert line.startswith(quote + " ")
    assert quote.endswith("puis")


def test_a_long_word_is_quoted_in_part() -> None:
    assert quote_of("x" * 400, WANTED, 0.5) == "x" * 300
