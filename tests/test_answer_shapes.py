"""A file of answers is read however the tool that wrote it wraps them; what is no answer is not."""

import json
from typing import Any

import pytest

from assistant.adapters.answer_shapes import response_in
from assistant.adapters.batch_format import completion, read_answers

REPLY = {"attendus": [{"numero": 1}], "motif": "Parce que."}
TEXT = json.dumps(REPLY)
BODY = completion(TEXT, model="essai")
MESSAGE = {"role": "assistant", "content": TEXT}
FOREIGN = {
    "type": "message",
    "model": "autre",
    "content": [{"type": "text", "text": TEXT[:20]}, {"type": "text", "text": TEXT[20:]}],
    "stop_reason": "end_turn",
    "usage": {"input_tokens": 5, "output_tokens": 6},
}
RESPONSES = {
    "object": "response",
    "status": "completed",
    "output": [
        {"type": "reasoning", "summary": []},
        {"type": "message", "content": [{"type": "output_text", "text": TEXT}]},
    ],
}


def said(body: dict[str, Any] | None) -> object:
    assert body is not None
    return json.loads(body["choices"][0]["message"]["content"])


@pytest.mark.parametrize(
    "line",
    [
        {"response": {"status_code": 200, "body": BODY}},
        {"response": {"status_code": "200", "body": BODY}},
        {"response": {"body": json.dumps(BODY)}},
        {"response": {"status_code": 200, "body": TEXT}},
        {"response": BODY},
        {"response": TEXT},
        {"response": REPLY},
        {"response": {"message": MESSAGE}},
        {"body": BODY},
        BODY,
        REPLY,
        {"content": TEXT},
        {"content": REPLY},
        {"message": MESSAGE},
        {"answer": TEXT},
        {"output": TEXT},
        {"completion": TEXT},
        {"choices": [{"message": {"content": TEXT}}]},
        {"choices": [{"message": {"content": REPLY}}]},
        {"choices": [{"text": TEXT}]},
        {"result": {"type": "succeeded", "message": FOREIGN}},
        {"response": {"status_code": 200, "body": FOREIGN}},
        {"response": {"status_code": 200, "body": RESPONSES}},
    ],
)
def test_an_answer_is_found_in_every_wrapping(line: dict[str, Any]):
    found = response_in({"custom_id": "x", **line})
    assert found.status == 200
    assert said(found.body) == REPLY


def test_another_provider_s_words_are_those_of_a_chat_completion():
    body = response_in({"response": FOREIGN}).body
    assert body is not None
    assert body["model"] == "autre"
    assert body["choices"][0]["finish_reason"] == "stop"
    assert body["usage"] == {"prompt_tokens": 5, "completion_tokens": 6, "total_tokens": 11}


@pytest.mark.parametrize(
    ("said_of_it", "reason"),
    [
        ({"stop_reason": "max_tokens"}, "length"),
        ({"stop_reason": "refusal"}, "content_filter"),
        ({"stop_reason": None, "status": "incomplete"}, "length"),
        ({"stop_reason": None, "status": "failed"}, "error"),
    ],
)
def test_an_answer_that_was_stopped_is_not_taken_for_a_whole_one(
    said_of_it: dict[str, Any], reason: str
):
    body = response_in({"response": FOREIGN | said_of_it}).body
    assert body is not None
    assert body["choices"][0]["finish_reason"] == reason


@pytest.mark.parametrize(
    "line",
    [
        {},
        {"response": None},
        {"response": {"status_code": 200, "body": None}},
        {"response": {"status_code": 200, "body": {"content": []}}},
        {"result": {"type": "errored"}},
        {"response": {"id": 3}},
    ],
)
def test_what_holds_no_answer_is_none(line: dict[str, Any]):
    assert response_in({"custom_id": "x", **line}).body is None


@pytest.mark.parametrize("status", [429, 500, "503", 400])
def test_an_error_s_status_comes_before_what_it_holds(status: object):
    found = response_in({"response": {"status_code": status, "body": {"error": {"code": "x"}}}})
    assert found.status == int(str(status))


def test_a_status_that_is_none_is_a_server_error():
    assert response_in({"response": {"status_code": "ok", "body": BODY}}).status == 500


ANSWERS = [{"custom_id": f"n{i}", "content": TEXT} for i in (1, 2, 3)]


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("\n".join(json.dumps(a) for a in ANSWERS), [1, 2, 3]),
        (json.dumps(ANSWERS), [1, 1, 1]),
        ("\n" + json.dumps(ANSWERS, indent=1), [3, 7, 11]),
        ("\n".join(json.dumps(a, indent=1) for a in ANSWERS), [1, 5, 9]),
        ("".join(json.dumps(a) for a in ANSWERS), [1, 1, 1]),
        ("\n".join(json.dumps(a)[:-1] + ",}" for a in ANSWERS), [1, 2, 3]),
        (json.dumps(ANSWERS)[:-1] + ",]", [1, 1, 1]),
        ("\r\n".join(json.dumps(a) for a in ANSWERS) + "\r\n", [1, 2, 3]),
    ],
)
def test_answers_are_read_one_a_line_or_as_one_text(text: str, numbers: list[int]):
    found = list(read_answers(text.encode()))
    assert [line.custom_id for line in found] == ["n1", "n2", "n3"]
    assert [line.number for line in found] == numbers
    assert not any(line.problem_fr for line in found)


def test_a_line_that_is_no_json_stops_no_other():
    lines = ['{"custom_id": "coupée', *(json.dumps(a) for a in ANSWERS)]
    first, *others = read_answers("\n".join(lines).encode())
    assert first.problem_fr == "la ligne n'est pas du JSON"
    assert [line.custom_id for line in others] == ["n1", "n2", "n3"]
