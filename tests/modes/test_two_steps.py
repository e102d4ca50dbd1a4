"""Evidence first, verdict on verified quotes only; and a file too long, read part by part."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.domain.abstention import AbstentionReason
from assistant.domain.rubric import Portee
from assistant.domain.verdict import AttenduStatus, Verdict
from assistant.errors import ModelContextExceeded, ModelUnavailable
from assistant.prompting import split_parts
from assistant.prompting.document_text import range_text
from tests.factories import document
from tests.llm_cases import ROW, SENTENCE, case, deliverable, passage
from tests.modes.asking import (
    LONG,
    AnsweringModel,
    always,
    draft,
    evidence,
    judge,
    review,
    text_of,
    unchecked,
    words,
)

INVENTED = "Nous publierons cinquante recettes de pain par jour."


def verdict(statuses: dict[int, str], proofs: dict[int, list[int]]) -> dict[str, object]:
    return review(statuses, attendus=words(statuses, proof="preuves", quotes=proofs))


def test_the_second_request_sees_the_verified_quotes_and_nothing_else_of_the_file() -> None:
    model = AnsweringModel(
        {
            "evidence_reply": always(evidence(a1=[SENTENCE, INVENTED], a2=[ROW])),
            "verdict_reply": always(verdict({1: "satisfait", 2: "satisfait"}, {1: [1], 2: [2]})),
        }
    )
    finding = draft(judge(model, mode="preuves_puis_verdict"), unchecked(case()))

    first, second = map(text_of, model.prompts)
    assert "Hors congés d'été." in first
    assert SENTENCE.rstrip(".") in second
    assert ROW in second
    assert INVENTED not in second
    assert "Hors congés d'été." not in second
    assert finding.verdict is Verdict.MET
    assert [e.quote for e in finding.evidence] == [SENTENCE.rstrip("."), ROW]
    assert [r.quote for r in finding.rejected] == [INVENTED]
    assert finding.provenance.usage.calls == 2
    assert "citations ont été relevées et vérifiées d'abord" in " ".join(finding.notes_fr)


def test_a_status_without_any_verified_quote_is_withheld() -> None:
    model = AnsweringModel(
        {
            "evidence_reply": always(evidence(a1=[INVENTED], a2=[INVENTED])),
            "verdict_reply": always(verdict({1: "satisfait", 2: "satisfait"}, {1: [], 2: []})),
        }
    )
    finding = draft(judge(model, mode="preuves_puis_verdict"), unchecked(case()))

    assert "Aucune citation n'a été retrouvée" in text_of(model.prompts[1])
    assert finding.verdict is Verdict.NOT_ASSESSABLE
    assert AbstentionReason.NO_VERIFIED_QUOTE in finding.reasons


def test_a_quote_number_that_does_not_exist_is_not_a_valid_reply() -> None:
    model = AnsweringModel(
        {
            "evidence_reply": always(evidence(a1=[SENTENCE])),
            "verdict_reply": always(verdict({1: "satisfait", 2: "satisfait"}, {1: [7], 2: [1]})),
        }
    )
    with pytest.raises(ValueError, match="numéro inconnu, 7"):
        draft(judge(model, mode="preuves_puis_verdict"), case())


def test_a_failing_first_step_is_a_failure() -> None:
    down = ModelUnavailable("down", cause="en panne")
    model = AnsweringModel({"evidence_reply": lambda prompt: down})

    with pytest.raises(ModelUnavailable):
        draft(judge(model, mode="preuves_puis_verdict"), case())


# -- a file too long -----------------------------------------------------------------------------


def long_case(*, sections: int = 24, annex: str = ""):
    """A file of several sections whose last one may hold what is sought."""
    lines = [
        line for n in range(1, sections + 1) for line in (f"# Section {n}", LONG * 25 + f"Fin {n}.")
    ]
    text = document(*lines, *(["# Annexe", annex] if annex else []), name="long.docx")
    start = text.text.index("Fin 1.")
    chosen = (passage(text, start, start + 6),)
    return unchecked(case(document=text, portee=Portee.INTEGRALE, passages=chosen))


def read_in_parts(a_case, **options):
    """The finding, and the model: a quote is found wherever SENTENCE is shown."""
    model = AnsweringModel(
        {
            "criterion_reply": always(review({1: "absent", 2: "absent"})),
            "evidence_reply": lambda p: evidence(a1=[SENTENCE]) if SENTENCE in p else evidence(),
            "verdict_reply": lambda p: verdict(
                {1: "satisfait" if "[1]" in p else "absent", 2: "absent"}, {1: [1], 2: []}
            ),
        }
    )
    options = {"useful_tokens": 6000, **options}
    return draft(judge(model, **options), a_case), model


@pytest.mark.parametrize("mode", ["critere", "preuves_puis_verdict"])
def test_every_section_is_read_once_before_absence_is_concluded(mode: str) -> None:
    finding, model = read_in_parts(long_case(), mode=mode)

    *readings, last = map(text_of, model.prompts)
    assert len(readings) > 2
    for n in range(1, 25):
        assert sum(f"Fin {n}." in text for text in readings) == 1
    assert f"lus en {len(readings)} parties" in last
    assert {a.status for a in finding.attendus} == {AttenduStatus.ABSENT}
    assert finding.verdict is Verdict.NOT_MET
    assert f"lu en {len(readings)} parties" in finding.notes_fr[0]
    assert finding.search.sections == tuple(f"Section {n}" for n in range(1, 25))


def test_what_only_an_annex_says_is_found() -> None:
    finding, _ = read_in_parts(long_case(annex=SENTENCE))

    assert finding.attendus[0].status is AttenduStatus.SATISFIED
    assert finding.evidence[0].quote == SENTENCE.rstrip(".")


def test_the_inventory_of_sections_found_and_expected_is_in_the_last_request() -> None:
    a_case = long_case()
    usual = a_case.rubric.model_copy(update={"rubriques_usage": "Rubriques d'usage : budget."})
    _, model = read_in_parts(a_case.model_copy(update={"rubric": usual}))

    last = text_of(model.prompts[-1])
    assert "- Section 24" in last
    assert "Rubriques d'usage : budget." in last


def test_the_useful_context_is_not_what_the_model_accepts() -> None:
    _, roomy = read_in_parts(long_case(), useful_tokens=None)
    _, narrow = read_in_parts(long_case(), useful_tokens=6000)

    assert roomy.kinds == ["criterion_review.v1"]
    assert set(narrow.kinds) == {"criterion_evidence.v3", "criterion_verdict.v2"}


def test_the_parts_are_the_same_whatever_the_criterion() -> None:
    """So that a provider's prefix cache serves them again."""
    _, one = read_in_parts(long_case())
    a_case = long_case()
    wordy = a_case.criterion.model_copy(update={"vigilance": "Attention à ceci. " * 20})
    _, other = read_in_parts(a_case.model_copy(update={"criterion": wordy}))

    first, second = ([p.messages[:2] for p in m.prompts[:-1]] for m in (one, other))
    assert first == second


def test_a_context_too_small_for_any_part_is_said_before_any_call() -> None:
    model = AnsweringModel({})
    with pytest.raises(ModelContextExceeded):
        judge(model, context_tokens=1500).assess(long_case())
    assert model.prompts == []


def test_an_oversized_file_is_read_in_passages_where_some_suffice() -> None:
    a_case = long_case()
    targeted = a_case.criterion.model_copy(update={"lecture": case().criterion.lecture})
    model = AnsweringModel({"criterion_reply": always(review({1: "absent", 2: "absent"}))})
    finding = draft(
        judge(model, useful_tokens=6000), a_case.model_copy(update={"criterion": targeted})
    )

    assert len(model.prompts) == 1
    assert {a.status for a in finding.attendus} == {AttenduStatus.ABSENT}


def test_a_part_that_the_server_cut_forbids_to_conclude_absence() -> None:
    class Ollama(AnsweringModel):
        def answer(self, prompt, reply_type):
            answer = super().answer(prompt, reply_type)
            few = answer.usage.model_copy(update={"input_tokens": 100})
            return answer.model_copy(update={"usage": few})

    model = Ollama(
        {
            "evidence_reply": always(evidence()),
            "verdict_reply": always(verdict({1: "absent", 2: "absent"}, {1: [], 2: []})),
        }
    )
    finding = draft(judge(model, useful_tokens=6000), long_case())

    assert {a.status for a in finding.attendus} == {AttenduStatus.NOT_VERIFIABLE}
    assert finding.verdict is Verdict.NOT_ASSESSABLE


@given(
    st.lists(
        st.one_of(
            st.builds("# {}".format, st.text("abc é", min_size=1, max_size=12)),
            st.text("abcdef é.", min_size=1, max_size=900).filter(str.strip),
            st.just("un | deux | trois"),
        ),
        min_size=1,
        max_size=25,
    ),
    st.integers(100, 3000),
)
def test_the_parts_hold_every_word_once_and_keep_to_the_size(
    lines: list[str], characters: int
) -> None:
    text = document(*lines)
    parts = split_parts([text], characters)

    slices = [piece for part in parts for piece in part.slices]
    assert all(one.end <= other.start for one, other in zip(slices, slices[1:], strict=False))
    read = "".join(text.text[piece.start : piece.end] for piece in slices)
    assert letters(read) == letters(text.text)
    assert all(sum(p.end - p.start for p in part.slices) <= characters for part in parts)


def letters(text: str) -> str:
    """Without the separators of blocks and cells, where a part may end."""
    return "".join(text.replace("|", "").split())


def test_a_part_reads_as_the_document_does() -> None:
    text = deliverable()
    (part,) = split_parts([text], 10_000)
    (piece,) = part.slices

    assert range_text(text, piece.start, piece.end).splitlines()[:3] == [
        "⟦page 1⟧",
        "⟦titre de niveau 1⟧",
        "Calendrier",
    ]
