"""The door to Gradio's pages, in front of an application that would say yes to everything."""

import os

import pytest
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse
from starlette.routing import Mount, Route, Router

from assistant.domain.person import Role
from assistant.web.gradio_pages import Uploads
from tests.web import TINY, add_everyone, logged_in, settings_for, site, visitor, without_limits

API = "/depot/gradio_api"
SENT = "/tmp/televersements/abc/rendu.docx"


async def upload(_request: Request) -> JSONResponse:
    return JSONResponse([SENT])


async def anything(request: Request) -> PlainTextResponse:
    body = (await request.body()).decode()
    return PlainTextResponse(f"SERVED {request.url.path} {body}")


@pytest.fixture(scope="module")
def web(tmp_path_factory):
    made = site(tmp_path_factory.mktemp("site"), **TINY)
    add_everyone(made)
    without_limits(made)
    methods = ["GET", "POST", "PUT", "DELETE", "PATCH", "HEAD"]
    everything = Route("/{path:path}", anything, methods=methods)
    routes = [Route("/gradio_api/upload", upload, methods=["POST"]), everything]
    made.router.routes.append(Mount("/depot", Router(routes)))
    return made


@pytest.fixture
def ada(web):
    with logged_in(web, Role.EVALUATOR) as client:
        yield client


@pytest.fixture
def other(web):
    with logged_in(web, Role.OPERATOR) as client:
        yield client


def served(answer) -> bool:
    return answer.status_code == 200 and answer.text.startswith("SERVED")


def join(client, session: str, *data: object):
    return client.post(f"{API}/queue/join", json={"session_hash": session, "data": list(data)})


@pytest.mark.parametrize(
    "path",
    ["/depot/", "/depot/config", "/depot/theme.css", "/depot/assets/index.js",
     f"{API}/info"],
)  # fmt: skip
def test_the_page_s_own_code_is_served_to_whoever_may_deposit(ada, path):
    assert served(ada.get(path))


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/proxy=http://169.254.169.254/"),
        ("GET", "/file/etc/passwd"),
        ("POST", "/run/predict"),
        ("POST", "/api/predict"),
        ("POST", "/call/deposit"),
        ("GET", "/call/deposit/1"),
        ("POST", "/component_server"),
        ("POST", "/reset"),
        ("POST", "/stream/1"),
        ("GET", "/stream/a/b/c/playlist.m3u8"),
        ("POST", "/vibe-edit"),
        ("GET", "/vibe-code"),
        ("POST", "/process_recording"),
        ("GET", "/deep_link"),
        ("GET", "/run-history/records"),
        ("GET", "/queue/status"),
        ("GET", "/token"),
        ("GET", "/user"),
        ("GET", "/upload"),
        ("PUT", "/queue/join"),
        ("DELETE", "/upload"),
    ],
)
def test_a_route_that_the_page_does_not_need_is_not_there(ada, method, path):
    assert ada.request(method, API + path).status_code == 404


@pytest.mark.parametrize(
    "path", ["/depot/login", "/depot/logout", "/depot/monitoring", "/depot/monitoring/summary",
             "/depot/dev/reload", "/depot/gradio_api/dev/reload", "/depot/autre"]
)  # fmt: skip
def test_gradio_s_own_doors_are_closed(ada, path):
    assert ada.get(path).status_code == 404
    assert ada.post(path).status_code == 404


@pytest.mark.parametrize("role", [Role.CANDIDATE, Role.ARBITER])
def test_whoever_may_not_deposit_finds_no_page_at_all(web, role):
    with logged_in(web, role) as client:
        for path in ("/depot/", "/depot/config", f"{API}/heartbeat/x"):
            assert client.get(path).status_code == 404
        assert client.post(f"{API}/upload").status_code == 404


def test_nobody_logged_in_is_sent_to_the_form_and_sends_nothing(web):
    with visitor(web) as client:
        assert client.get("/depot/").headers["Location"].startswith("/connexion")
        assert client.post(f"{API}/upload").status_code == 303
        assert client.get(f"{API}/file={SENT}").status_code == 303


def test_an_uploaded_file_is_for_the_visitor_who_sent_it(web, ada, other):
    assert ada.get(f"{API}/file={SENT}").status_code == 404
    assert ada.post(f"{API}/upload").json() == [SENT]
    assert served(ada.get(f"{API}/file={SENT}"))
    assert other.get(f"{API}/file={SENT}").status_code == 404
    with logged_in(web, Role.EVALUATOR) as same_person_elsewhere:
        assert same_person_elsewhere.get(f"{API}/file={SENT}").status_code == 404
    # The same bytes have the same path: each who sent them may have them, and the first still.
    other.post(f"{API}/upload")
    assert served(other.get(f"{API}/file={SENT}"))
    assert served(ada.get(f"{API}/file={SENT}"))


@pytest.mark.parametrize(
    "path",
    ["/etc/passwd", "../../etc/passwd", "/tmp/televersements/abc/%2e%2e/abc/rendu.docx",
     "/tmp/televersements/abc/rendu.docx%00", "//tmp/televersements/abc/rendu.docx",
     "http://127.0.0.1:22/", "file:///etc/passwd", "/tmp/televersements/abc/", "",
     "%2fetc%2fpasswd", "/proc/self/environ"],
)  # fmt: skip
def test_no_other_path_is_a_file(ada, path):
    ada.post(f"{API}/upload")
    assert ada.get(f"{API}/file={path}").status_code == 404


@pytest.mark.parametrize(
    "path",
    [
        "/depot/assets/%2e%2e/config",
        "/depot/static/..%2f..%2fetc",
        "/depot/assets/..%5c..%5cwin.ini",
        "/depot/static//etc/passwd",
        "/depot/static/C:/win.ini",
    ],
)
def test_no_path_leaves_gradio_s_own_files(ada, path):
    answer = ada.get(path)
    assert not served(answer) or answer.text.startswith("SERVED /depot/config")


def test_a_session_is_of_the_visitor_who_first_used_it(ada, other):
    assert served(join(ada, "s1"))
    assert served(ada.get(f"{API}/queue/data?session_hash=s1"))
    assert served(ada.get(f"{API}/heartbeat/s1"))
    assert join(other, "s1").status_code == 404
    assert other.get(f"{API}/queue/data?session_hash=s1").status_code == 404
    assert other.get(f"{API}/heartbeat/s1").status_code == 404
    cancel = {"session_hash": "s1", "fn_index": 0, "event_id": "e"}
    assert other.post(f"{API}/cancel", json=cancel).status_code == 404
    assert served(ada.post(f"{API}/cancel", json=cancel))


def test_a_session_given_twice_in_one_address_is_refused(ada, other):
    join(ada, "mine")
    join(other, "theirs")
    for query in ("session_hash=theirs&session_hash=mine", "session_hash=mine&session_hash=theirs"):
        assert ada.get(f"{API}/queue/data?{query}").status_code == 404
    assert ada.get(f"{API}/queue/data").status_code == 404


def test_an_event_about_another_visitor_s_file_is_refused(ada, other):
    ada.post(f"{API}/upload")
    mine = {"path": SENT, "meta": {"_type": "gradio.FileData"}}
    assert served(join(ada, "s2", [mine]))
    assert join(other, "s3", [mine]).status_code == 404
    assert join(other, "s3", {"deep": [[{"er": mine}]]}).status_code == 404
    assert join(ada, "s2", [mine, {"path": "/etc/passwd"}]).status_code == 404
    assert join(ada, "s2", [{"path": "http://127.0.0.1:22/"}]).status_code == 404
    assert join(ada, "s2", [{"path": [SENT]}]).status_code == 404


@pytest.mark.parametrize(
    "body", [b"", b"[]", b"null", b"{", b"{}", b'{"session_hash": 3}', b"\xff", b"[" * 100_000]
)
def test_an_event_that_is_not_one_is_refused(ada, body):
    headers = {"Content-Type": "application/json"}
    assert ada.post(f"{API}/queue/join", content=body, headers=headers).status_code == 404


def test_the_event_reaches_gradio_as_it_was_sent(ada):
    assert (
        '"data":["é"]' in join(ada, "s4", "é").text.replace(" ", "")
        or "\\u00e9" in join(ada, "s4", "é").text
    )


def test_an_event_from_another_site_is_refused(ada):
    headers = {"Origin": "http://evil.example", "Sec-Fetch-Site": "cross-site"}
    body = {"session_hash": "s5", "data": []}
    assert ada.post(f"{API}/queue/join", json=body, headers=headers).status_code == 403
    assert ada.post(f"{API}/upload", headers=headers).status_code == 403


def test_what_an_interrupted_sending_left_behind_goes_with_the_next_deposit(tmp_path):
    uploads = Uploads(settings_for(tmp_path))
    old, new, sent = (uploads.folder / name for name in ("tmp1", "tmp2", "rendu.docx"))
    for file in (old, new, sent):
        file.write_bytes(b"x")
    os.utime(old, (0, 0))
    uploads.take([sent])
    assert list(uploads.folder.iterdir()) == [new]
    assert uploads.folder.stat().st_mode & 0o077 == 0
    assert list(Uploads(settings_for(tmp_path)).folder.iterdir()) == []
