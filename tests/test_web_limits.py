"""What is asked too often, or sent in bulk, is refused before it costs."""

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from assistant.web.bodies import SMALL, UPLOADS, BodyLimit
from assistant.web.errors import TooManyRequests
from assistant.web.rates import RATES, Rates
from tests.web import TINY, site


@pytest.mark.parametrize("kind", RATES)
def test_a_burst_is_let_through_then_one_more_at_each_interval(kind):
    now = [0.0]
    rates = Rates(clock=lambda: now[0])
    for _ in range(RATES[kind].burst):
        rates.take(kind, "ada")
    with pytest.raises(TooManyRequests):
        rates.take(kind, "ada")
    rates.take(kind, "zoe")
    now[0] += RATES[kind].seconds
    rates.take(kind, "ada")
    with pytest.raises(TooManyRequests):
        rates.take(kind, "ada")


def test_refused_requests_do_not_push_the_next_one_back():
    now = [0.0]
    rates = Rates(clock=lambda: now[0])
    for _ in range(RATES["connexion"].burst):
        rates.take("connexion", "ada")
    for _ in range(50):
        with pytest.raises(TooManyRequests):
            rates.take("connexion", "ada")
    now[0] += RATES["connexion"].seconds
    rates.take("connexion", "ada")


def test_a_crowd_of_askers_does_not_fill_the_memory():
    rates = Rates(clock=lambda: 0.0)
    for number in range(10_050):
        rates.take("connexion", str(number))
    assert len(rates._buckets) == 10_000


@pytest.fixture
def client(tmp_path):
    async def size(request: Request) -> PlainTextResponse:
        return PlainTextResponse(str(len(await request.body())))

    routes = [Route("/{path:path}", size, methods=["POST"])]
    web = Starlette(routes=routes, middleware=[Middleware(BodyLimit, uploads=2 * SMALL)])
    web.state.site = site(tmp_path, **TINY).state.site  # a refusal is a page, drawn by the site
    return TestClient(web)


def in_pieces(size: int):
    for _ in range(size // 1000):
        yield b"x" * 1000


@pytest.mark.parametrize(("path", "limit"), [("/api/x", SMALL), (UPLOADS[0], 2 * SMALL)])
def test_a_body_over_the_limit_is_refused_whether_it_says_its_length_or_not(client, path, limit):
    assert client.post(path, content=b"x" * limit).text == str(limit)
    assert client.post(path, content=b"x" * (limit + 1)).status_code == 413
    assert client.post(path, content=in_pieces(limit)).text == str(limit)
    refused = client.post(path, content=in_pieces(limit + 1000))
    assert refused.status_code == 413
    assert "taille" in refused.text
