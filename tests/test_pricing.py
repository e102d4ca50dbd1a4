"""What a model costs: found in the table or not, dated, in euros, never guessed."""

from datetime import date
from pathlib import Path

import pytest

from assistant.adapters.openai_chat import OpenAiChatModel
from assistant.adapters.openai_forms import LadderMemory
from assistant.domain.finding import Usage
from assistant.errors import SettingsInvalid
from assistant.pricing import PriceTable, load_prices, model_price
from assistant.settings import Settings
from tests.fault_server import FaultServer, ok
from tests.llm_client import PROMPT, REPLY, settings
from tests.llm_replies import valid_json

DAY = date(2026, 11, 25)
OPENAI = "api.openai.com"
TABLE = """
version: essai
devises:
  EUR: {euros: 1.0, depuis: 2026-01-01, source: par définition}
  USD: {euros: 0.8, depuis: 2026-01-01, source: essai}
modeles:
  - {nom: petit, devise: USD, depuis: 2026-01-01, source: a,
     entree: 1, entree_en_cache: 0.25, sortie: 4, lot: 0.5}
  - {nom: petit, devise: USD, depuis: 2026-06-01, source: b,
     entree: 2, entree_en_cache: 0.5, sortie: 8}
  - {nom: petit, serveurs: [ailleurs.fr], devise: EUR, depuis: 2026-07-01, source: c,
     entree: 100, sortie: 100}
"""


def table(tmp_path: Path, text: str = TABLE) -> PriceTable:
    path = tmp_path / "prix.yaml"
    path.write_text(text, encoding="utf-8")
    return load_prices(Settings(prices_file=path))


def test_a_cost_counts_fresh_cached_and_written_tokens_each_at_its_price(tmp_path):
    price = table(tmp_path).price("petit", "x", date(2026, 2, 1))
    assert price is not None
    usage = Usage(calls=1, input_tokens=3_000_000, cached_tokens=2_000_000, output_tokens=500_000)
    assert price.cost(usage) == pytest.approx((1 * 1 + 2 * 0.25 + 0.5 * 4) * 0.8)
    assert price.cost(usage, batch=True) == pytest.approx(price.cost(usage) / 2)
    assert price.applied(usage).cost_eur == price.cost(usage)


def test_the_price_is_the_one_in_force_that_day_on_that_server(tmp_path):
    prices = table(tmp_path)
    million = Usage(input_tokens=1_000_000)

    def cost(day: date, host: str = "x") -> float | None:
        price = prices.price("petit", host, day)
        return None if price is None else price.cost(million)

    assert cost(date(2025, 12, 31)) is None
    assert cost(date(2026, 5, 31)) == pytest.approx(0.8)
    assert cost(date(2026, 6, 1)) == pytest.approx(1.6)
    assert cost(DAY, "ailleurs.fr:8000") == pytest.approx(100)


def test_a_cached_token_without_a_price_of_its_own_is_a_token_like_another(tmp_path):
    price = table(tmp_path).price("petit", "ailleurs.fr", DAY)
    assert price is not None
    assert price.cost(Usage(input_tokens=10, cached_tokens=10)) == pytest.approx(10 * 100e-6)


def test_a_dated_name_has_the_price_of_the_undated_one_and_a_near_name_none():
    prices = load_prices(Settings())
    undated = prices.price("gpt-4.1", OPENAI, DAY)
    assert undated is not None
    assert prices.price("gpt-4.1-2025-04-14", OPENAI, DAY) == undated
    assert prices.price("gpt-4.1-turbo", OPENAI, DAY) is None
    assert prices.price("gpt-4.1-mini", OPENAI, DAY) != undated


def test_the_same_name_on_one_s_own_server_has_no_price():
    prices = load_prices(Settings())
    assert prices.price("gpt-4.1", "127.0.0.1:8000", DAY) is None


def test_every_row_of_the_project_s_table_says_its_source_and_its_day():
    prices = load_prices(Settings())
    assert prices.modeles
    for row in prices.modeles:
        assert len(row.source) > 10
        assert row.depuis <= DAY
        assert row.cached_input <= row.entree


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("modeles: [", "illisible ligne"),
        ("version: a\ndevises: {}\nmodeles:\n  - {nom: x}\n", "modeles.0"),
        (TABLE.replace("  USD:", "  CHF:"), "devise sans taux : USD"),
    ],
)
def test_a_table_that_cannot_be_used_says_where_it_is_wrong(tmp_path, text, told):
    with pytest.raises(SettingsInvalid) as raised:
        table(tmp_path, text)
    assert told in raised.value.user_message
    assert "prix.yaml" in raised.value.user_message


def test_a_table_that_is_not_there_is_said(tmp_path):
    with pytest.raises(SettingsInvalid, match="introuvable"):
        model_price(Settings(prices_file=tmp_path / "absent.yaml"))


def test_an_answer_costs_all_the_replies_that_were_needed_to_have_it(tmp_path):
    usage = {
        "prompt_tokens": 1000,
        "completion_tokens": 100,
        "total_tokens": 1100,
        "prompt_tokens_details": {"cached_tokens": 600},
    }
    price = table(tmp_path).price("petit", "x", date(2026, 2, 1))
    with FaultServer(ok("{}", usage=usage), ok(valid_json(), usage=usage)) as server:
        model = OpenAiChatModel(settings(server.url), memory=LadderMemory(), price=price)
        answer = model.answer(PROMPT, REPLY)
        model.close()
    assert answer.usage.calls == 2
    assert answer.usage.cost_eur == pytest.approx(2 * (400 + 600 * 0.25 + 100 * 4) * 0.8e-6)


def test_an_answer_of_an_unpriced_model_has_tokens_and_no_cost():
    with FaultServer(ok(valid_json())) as server:
        model = OpenAiChatModel(settings(server.url), memory=LadderMemory())
        answer = model.answer(PROMPT, REPLY)
        model.close()
    assert answer.usage.input_tokens > 0
    assert answer.usage.cost_eur is None
