"""Accounts, sessions, proxies and limits on a real server, asked over real sockets."""

import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest

from assistant.adapters.journal_head import HeadFile
from assistant.adapters.sql_accounts import SqlAccountStore
from assistant.adapters.sql_store import SqlReviewStore
from assistant.app import build_app, build_people
from assistant.app.accounts import Accounts
from assistant.domain.account import FREE_FAILURES_OF_ACCOUNT
from assistant.domain.person import Role
from assistant.errors import PublicWithoutAccounts
from assistant.web import create_app, serve
from tests.browser import ROOT, free_port
from tests.live import LightServer
from tests.web import LIGHT, TINY, settings_for

pytestmark = pytest.mark.slow
PHRASE = "trois tortues lentes"
HEADER = "X-Remote-User"
RUBRICS = {f"PREUVE_{name.upper()}": str(value) for name, value in TINY.items()}


class Running(LightServer):
    """A server that may answer nobody but a proxy: it is up when its port is."""

    def _wait(self) -> None:
        deadline = time.monotonic() + 120
        while time.monotonic() < deadline:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            time.sleep(0.1)
        raise AssertionError(self._log.read_text(encoding="utf-8"))


@dataclass(frozen=True)
class At:
    """A clock that stands at one moment."""

    moment: datetime

    def now(self) -> datetime:
        return self.moment


def started(folder: Path, **settings: str) -> Running:
    server = Running(folder / "data", folder / "server.log", **RUBRICS, **settings)
    server.start()
    return server


def visitor(server: Running, address: str = "127.0.0.1") -> httpx.Client:
    """A browser without a page, coming from one of this machine's own addresses."""
    origin = server.url.rstrip("/")
    return httpx.Client(
        base_url=origin,
        headers={"Origin": origin, "Sec-Fetch-Site": "same-origin"},
        transport=httpx.HTTPTransport(local_address=address),
        timeout=30,
    )


def token(client: httpx.Client, path: str) -> str:
    """The token that the page holds for its forms."""
    found = re.search(r'name="jeton" content="([0-9a-f]{64})"', client.get(path).text)
    assert found is not None
    return found[1]


def log_in(client: httpx.Client, login: str, password: str = PHRASE) -> httpx.Response:
    form = {"identifiant": login, "mot_de_passe": password, "suite": "/compte"}
    return client.post("/connexion", data=form | {"jeton": token(client, "/connexion")})


def accounts_at(folder: Path, moment: datetime) -> Accounts:
    """The same accounts as the server's, at another moment."""
    settings = settings_for(folder / "data")
    store = SqlReviewStore(settings.database, head_file=HeadFile(settings.journal_head_path))
    return Accounts(
        SqlAccountStore(store.database),
        LIGHT,
        At(moment),
        store.journal,
        idle=timedelta(minutes=settings.session_idle_minutes),
        absolute=timedelta(hours=settings.session_hours),
    )


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("comptes")
    accounts = build_people(settings_for(made / "data"), LIGHT).accounts
    for login in ("ada", "bob", "eve", "lea", "zoe"):
        accounts.add(login, f"{login.title()} Exemple", Role.EVALUATOR, PHRASE)
    return made


@pytest.fixture(scope="module")
def server(folder: Path) -> Iterator[Running]:
    running = started(folder, PREUVE_MAX_UPLOAD_MB="1")
    yield running
    running.kill()


def test_a_session_opens_the_pages_until_log_out_and_no_longer(server: Running) -> None:
    with visitor(server) as ada, visitor(server) as thief:
        assert ada.get("/").headers["Location"] == "/connexion?suite=/"
        answer = log_in(ada, "ada")
        assert (answer.status_code, answer.headers["Location"]) == (303, "/compte")
        (cookie,) = [c for c in answer.headers.get_list("Set-Cookie") if "session" in c]
        assert {"HttpOnly", "SameSite=Lax"} <= set(cookie.replace("lax", "Lax").split("; "))
        assert "Ada Exemple" in ada.get("/compte").text
        thief.cookies.update(ada.cookies)
        ada.post("/deconnexion", data={"jeton": token(ada, "/compte")})
        assert ada.get("/compte").status_code == 303
        assert thief.get("/compte").status_code == 303  # ended on the server, not in one browser


def test_failures_lock_an_account_for_a_while_even_for_the_right_password(server: Running) -> None:
    with visitor(server, "127.0.0.9") as client:
        for _ in range(FREE_FAILURES_OF_ACCOUNT):
            failed = log_in(client, "eve", "pas le bon")
            assert failed.status_code == 403
            assert "n’est pas le bon" in failed.text
        locked = log_in(client, "eve")
        assert locked.status_code == 429
        assert "Réessayez dans" in locked.text
        assert client.get("/compte").status_code == 303
    with visitor(server, "127.0.0.10") as other:  # the account waits, wherever one comes from
        assert log_in(other, "eve").status_code == 429
        assert log_in(other, "bob").status_code == 303


@pytest.mark.parametrize(("login", "ago", "status"), [("lea", 30, 200), ("zoe", 121, 303)])
def test_a_session_left_unused_is_over(
    server: Running, folder: Path, login: str, ago: int, status: int
) -> None:
    then = accounts_at(folder, datetime.now(UTC) - timedelta(minutes=ago))
    with visitor(server) as client:
        client.cookies.set("preuve_session", then.log_in(login, PHRASE, f"127.0.1.{ago}"))
        assert client.get("/compte").status_code == status


def test_an_upload_over_the_limit_is_cut_while_it_comes(server: Running) -> None:
    with visitor(server) as client:
        log_in(client, "ada")
        cookies = "; ".join(f"{name}={value}" for name, value in client.cookies.items())
    head = (
        f"POST /autocontrole HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\nCookie: {cookies}\r\n"
        f"Origin: {server.url.rstrip('/')}\r\nSec-Fetch-Site: same-origin\r\n"
        "Content-Type: multipart/form-data; boundary=x\r\nTransfer-Encoding: chunked\r\n\r\n"
    )
    part = b"--x\r\nContent-Disposition: form-data; name=livrables; filename=a.docx\r\n\r\n"
    sent = 0
    with socket.create_connection(("127.0.0.1", server.port), timeout=30) as line:
        line.sendall(head.encode() + b"%x\r\n%s\r\n" % (len(part), part))
        while sent < 2_000_000:  # never the end of the body: the answer comes before
            line.sendall(b"%x\r\n%s\r\n" % (50_000, b"0" * 50_000))
            sent += 50_000
            if sent > 1_000_000:
                break
        answer = line.recv(65_536).decode(errors="replace")
    assert answer.startswith("HTTP/1.1 413")
    assert "connection: close" in answer.lower()
    left = (server.data_dir / "autocontrole").rglob("*")
    assert [path for path in left if path.is_file() and path.stat().st_size > 900_000] == []


def test_only_the_trusted_address_may_say_who_is_there(tmp_path: Path) -> None:
    build_people(settings_for(tmp_path / "data"), LIGHT).accounts.add(
        "ada", "Ada Exemple", Role.EVALUATOR, None
    )
    server = started(tmp_path, PREUVE_AUTH_HEADER=HEADER, PREUVE_TRUSTED_PROXIES="127.0.0.2")
    said = {HEADER: "ada"}
    try:
        with visitor(server, "127.0.0.2") as proxy:
            assert "Ada Exemple" in proxy.get("/compte", headers=said).text
            assert proxy.get("/compte").status_code == 403
            assert proxy.get("/compte", headers={HEADER: "personne"}).status_code == 403
        for address in ("127.0.0.1", "127.0.0.3"):
            with visitor(server, address) as other:
                for lie in ({}, {"X-Forwarded-For": "127.0.0.2"}, {"X-Real-IP": "127.0.0.2"}):
                    answer = other.get("/compte", headers=said | lie)
                    assert answer.status_code == 403
                    assert "Ada" not in answer.text
    finally:
        server.kill()


@pytest.mark.parametrize(
    "wish",
    [{"host": "0.0.0.0"}, {"host": "::"}, {"host": "192.0.2.1"}, {"public_hosts": "preuve.fr"}],
)
def test_beyond_this_machine_nothing_is_served_without_accounts(
    tmp_path: Path, wish: dict[str, str]
) -> None:
    settings = settings_for(tmp_path, port=free_port(), **TINY, **wish)
    with pytest.raises(PublicWithoutAccounts) as refused:
        serve(create_app(build_app(settings), settings, build_people(settings, LIGHT)), settings)
    for mend in ("preuve comptes ajouter", "PREUVE_AUTH_HEADER", "PREUVE_HOST"):
        assert mend in refused.value.user_message
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", settings.port)) != 0


def test_the_command_says_why_it_does_not_listen_and_how_to_mend_it(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "assistant.cli", "ui"],
        env={k: v for k, v in os.environ.items() if not k.startswith("PREUVE_")}
        | {"PYTHONPATH": str(ROOT), "PREUVE_DATA_DIR": str(tmp_path), "PREUVE_HOST": "0.0.0.0"}
        | RUBRICS,
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    told = " ".join((done.stdout + done.stderr).split())
    assert done.returncode != 0
    assert "« 0.0.0.0 »" in told
    assert "preuve comptes ajouter" in told
    assert "Traceback" not in told
