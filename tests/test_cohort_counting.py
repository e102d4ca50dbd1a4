"""What a plan foresees of the way of asking."""

from typing import Any

from assistant.adapters.llm.modes import SMALL_USEFUL_TOKENS
from assistant.app.cohort.counting import request_shape
from assistant.settings import Settings


def settings(**changes: Any) -> Settings:
    return Settings(_env_file=None, llm_context_tokens=32_000, **changes)


def test_a_small_model_is_counted_with_the_room_it_is_given():
    assert request_shape(settings(llm_mode="petit_modele")).room == SMALL_USEFUL_TOKENS
    chosen = settings(llm_mode="petit_modele", llm_useful_tokens=4_000)
    assert request_shape(chosen).room == 4_000
    assert request_shape(settings()).room > SMALL_USEFUL_TOKENS
