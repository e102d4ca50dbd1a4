"""The gate keeps within the limits of an account, and counts what goes through."""

import threading
from collections.abc import Callable

import pytest

from assistant.adapters.openai_chat import OpenAiChatModel
from assistant.adapters.openai_forms import LadderMemory
from assistant.adapters.openai_traffic import TrafficGate
from assistant.domain.finding import Usage
from tests.fault_server import FaultServer, ok, status
from tests.llm_client import PROMPT, REPLY, Waits, settings
from tests.llm_replies import valid_json


class Clock:
    """Stands in for the monotonic clock."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def passes(gate: TrafficGate, tokens: int = 1) -> bool:
    """Whether a request may go now; it goes, and comes back at once."""
    if gate._wait(tokens) is not None:
        return False
    with gate.passage(tokens):
        pass
    return True


def test_no_more_requests_than_allowed_are_inside_together():
    gate = TrafficGate(3)
    most, inside, lock = 0, 0, threading.Lock()
    everyone = threading.Barrier(3)

    def go() -> None:
        nonlocal most, inside
        with gate.passage(1):
            with lock:
                inside += 1
                most = max(most, inside)
            everyone.wait(10)
            with lock:
                inside -= 1

    threads = [threading.Thread(target=go) for _ in range(9)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert most == 3
    assert gate.total.requests == 9


@pytest.mark.parametrize(
    "gate", [lambda c: TrafficGate(9, requests_per_minute=60, clock=c),
             lambda c: TrafficGate(9, tokens_per_minute=600, clock=c)]
)  # fmt: skip
def test_a_minute_s_allowance_is_spread_over_the_minute(
    gate: Callable[[Clock], TrafficGate],
) -> None:
    clock = Clock()
    made = gate(clock)
    assert sum(passes(made, 10) for _ in range(50)) == 10
    clock.now += 3
    assert sum(passes(made, 10) for _ in range(50)) == 3


def test_a_request_larger_than_the_allowance_goes_when_the_bucket_is_full():
    clock = Clock()
    gate = TrafficGate(2, tokens_per_minute=600, clock=clock)
    assert passes(gate, 5000)
    assert not passes(gate, 1)
    clock.now += 60 * 60
    assert passes(gate, 5000)


def test_limits_are_learnt_from_the_server_s_headers_unless_the_settings_say():
    clock = Clock()
    headers = {"x-ratelimit-limit-requests": "60", "x-ratelimit-remaining-requests": "59"}
    learnt, told = (
        TrafficGate(99, clock=clock),
        TrafficGate(99, requests_per_minute=6000, clock=clock),
    )
    for gate in (learnt, told):
        gate.observe(200, headers)
    assert sum(passes(learnt) for _ in range(50)) == 10
    assert sum(passes(told) for _ in range(50)) == 50


def test_an_exhausted_allowance_waits_for_the_reset_that_the_server_announces():
    clock = Clock()
    gate = TrafficGate(9, clock=clock)
    gate.observe(200, {"x-ratelimit-remaining-tokens": "0", "x-ratelimit-reset-tokens": "1m0s"})
    assert not passes(gate)
    clock.now += 59
    assert not passes(gate)
    clock.now += 1.1
    assert passes(gate)


def test_a_refusal_among_many_answers_slows_nobody_down():
    gate = TrafficGate(32)
    for number in range(200):
        gate.observe(429 if number % 20 == 7 else 200, {"retry-after": "5"})
    assert gate.at_once == 32
    assert passes(gate)


def test_frequent_refusals_slow_everyone_down_and_answers_bring_the_pace_back():
    clock = Clock()
    gate = TrafficGate(32, clock=clock)
    for _ in range(8):
        gate.observe(429, {"retry-after": "5"})
    slow = gate.at_once
    assert slow < 20
    assert not passes(gate)
    clock.now += 5.1
    assert passes(gate)
    for _ in range(2000):
        gate.observe(200, {})
    assert gate.at_once == 32


def test_everything_that_went_through_is_counted_unusable_replies_too():
    usage = {"prompt_tokens": 1000, "completion_tokens": 10, "total_tokens": 1010}
    gate = TrafficGate(4)
    steps = (
        status(429),
        ok("{}", usage=usage),
        status(500),
        ok(valid_json(), usage=usage),
    )
    with FaultServer(*steps) as server:
        model = OpenAiChatModel(
            settings(server.url), memory=LadderMemory(), gate=gate, sleep=Waits()
        )
        model.answer(PROMPT, REPLY)
        model.close()
        assert len(server.exchanges) == 4
    total = gate.total
    assert (total.requests, total.waited) == (4, 3)
    assert total.usage == Usage(calls=2, input_tokens=2000, output_tokens=20)
