"""The site's foundation: who may ask what, from where, and what every answer carries."""

import re

import pytest
from fastapi.routing import APIRoute
from starlette.routing import Mount

from assistant.web.policy import Needs, OpenToAll
from assistant.web.routes import ROUTERS
from assistant.web.tokens import same_page
from tests.web import ORIGIN, app_of, site, token, visitor


@pytest.fixture(scope="module")
def web(tmp_path_factory):
    return site(tmp_path_factory.mktemp("site"))


@pytest.fixture
def client(web):
    with visitor(web) as opened:
        yield opened


def all_routes():
    """The routes of the listed routers, and of those that these include."""
    found, todo = [], list(ROUTERS)
    while todo:
        for route in todo.pop().routes:
            inner = getattr(route, "original_router", None)
            if inner is None:
                found.append(route)
            else:
                todo.append(inner)
    return found


@pytest.mark.parametrize("route", all_routes(), ids=lambda r: f"{sorted(r.methods)} {r.path}")
def test_every_route_declares_exactly_one_policy(route):
    assert isinstance(route, APIRoute)
    policies = [
        d.dependency for d in route.dependencies if isinstance(d.dependency, Needs | OpenToAll)
    ]
    assert len(policies) == 1
    if isinstance(policies[0], Needs) and policies[0].dossier:
        assert f"{{{policies[0].dossier}}}" in route.path


def test_a_route_about_a_dossier_names_it_in_its_policy():
    for route in all_routes():
        policy = next(
            d.dependency for d in route.dependencies if isinstance(d.dependency, Needs | OpenToAll)
        )
        if "{dossier_id}" in route.path:
            assert isinstance(policy, Needs)
            assert policy.dossier == "dossier_id"


def test_nothing_is_served_beside_the_listed_routers_and_the_static_files(web):
    listed = {id(router) for router in ROUTERS}
    mounts = [route for route in web.routes if isinstance(route, Mount)]
    assert [mount.path for mount in mounts] == ["/static"]
    included = [route for route in web.routes if not isinstance(route, Mount)]
    assert len(included) == len(ROUTERS)
    for route in included:
        assert id(route.original_router) in listed
        called = [d.dependency for d in route.include_context.dependencies]
        assert same_page in called


def test_the_home_says_who_is_there_and_what_there_is_to_do(client):
    page = client.get("/")
    assert page.status_code == 200
    assert "Évaluateur local" in page.text
    assert 'lang="fr"' in page.text


def test_an_unknown_page_and_an_unknown_api_path_answer_in_french(client):
    page = client.get("/nulle-part")
    assert page.status_code == 404
    assert "Page introuvable" in page.text
    answer = client.get("/api/nulle-part")
    assert (answer.status_code, answer.json()["erreur"][:9]) == (404, "Cette pag")


def test_an_unknown_dossier_is_not_told_from_a_forbidden_one_and_lists_no_other(client):
    page = client.get("/dossier/D-inconnu/E1.2/grille.docx")
    assert page.status_code == 404
    assert "Dossiers connus" not in page.text


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "", "[::1", "a@b@c"])
def test_a_name_that_is_not_ours_is_refused(client, host):
    refused = client.get("/", headers={"Host": host})
    assert refused.status_code == 421
    assert "dossier" not in refused.text.lower()


@pytest.mark.parametrize("host", ["localhost:7860", "127.0.0.1", "LOCALHOST", "[::1]:7860"])
def test_the_names_of_this_machine_are_accepted(client, host):
    assert client.get("/", headers={"Host": host}).status_code == 200


def test_every_answer_carries_the_security_headers(client):
    for path in ("/", "/nulle-part", "/static/base.css"):
        headers = client.get(path).headers
        policy = headers["Content-Security-Policy"]
        assert "unsafe" not in policy
        assert "default-src 'none'" in policy
        assert "frame-ancestors 'none'" in policy
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Referrer-Policy"] == "no-referrer"
        assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert client.get("/").headers["Cache-Control"] == "no-store"


def test_our_own_pages_need_no_inline_script_or_style(client):
    html = client.get("/").text + client.get("/nulle-part").text
    assert not re.search(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son\w+=", html)


@pytest.mark.parametrize(
    "path",
    [
        "/static/../app.py",
        "/static/%2e%2e/app.py",
        "/static/..%2fapp.py",
        "/static/..%5capp.py",
        "/static//etc/passwd",
        "/static/%00",
    ],
)
def test_no_path_leaves_the_static_files(client, path):
    answer = client.get(path)
    assert answer.status_code == 404
    assert "import" not in answer.text


def test_the_site_asks_the_pages_token_of_whatever_changes_something(web):
    app_of(web)
    with visitor(web) as client:
        assert re.fullmatch("[0-9a-f]{64}", token(client))
        assert token(client) == token(client)
        cookie = client.get("/", headers={"Cookie": ""}).headers["Set-Cookie"]
        assert "HttpOnly" in cookie
        assert "SameSite=Lax" in cookie
    with visitor(web) as other:
        assert token(other) != token(client)


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "http://evil.example", "Sec-Fetch-Site": "cross-site"},
        {"Origin": "http://127.0.0.1:9999", "Sec-Fetch-Site": "same-site"},
        {"Origin": "null", "Sec-Fetch-Site": "cross-site"},
        {"Origin": ORIGIN, "Sec-Fetch-Site": "cross-site"},
        {"Origin": "http://evil.example", "Sec-Fetch-Site": "same-origin"},
    ],
)
def test_a_request_from_another_page_changes_nothing(client, headers):
    refused = client.post("/api/nulle-part", headers=headers)
    assert refused.status_code == 403
