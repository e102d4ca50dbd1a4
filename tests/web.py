"""The site without a browser: an application of its own, and requests as a browser sends them."""

import itertools
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from argon2 import PasswordHasher
from fastapi import FastAPI
from httpx import Response
from starlette.testclient import TestClient

from assistant.adapters.argon2_passwords import Argon2Passwords
from assistant.app import App, People, build_app, build_people
from assistant.domain.person import Role
from assistant.settings import Settings
from assistant.web import create_app
from assistant.web.rates import Rates

#: The real algorithm, made quick: these tests are not about its slowness.
LIGHT = Argon2Passwords(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
#: A certification of a few lines, for the tests that are not about grids.
TINY = {"rubrics_dir": Path(__file__).parent / "data", "certification": "certification-minuscule"}
ORIGIN = "http://127.0.0.1:7860"


def settings_for(folder: Path, **changed: object) -> Settings:
    return Settings(data_dir=folder, _env_file=None, **changed)


def site(folder: Path, **changed: object) -> FastAPI:
    settings = settings_for(folder, **changed)
    return create_app(build_app(settings), settings, build_people(settings, LIGHT))


def site_for(app: App, assessor: str) -> FastAPI:
    """Another door to the same installation, for another local person."""
    settings = settings_for(app.settings.data_dir, assessor=assessor)
    return create_app(app, settings, build_people(settings, LIGHT))


def app_of(web: FastAPI) -> App:
    return web.state.site.app


@contextmanager
def visitor(
    web: FastAPI, *, address: str = "127.0.0.1", origin: str = ORIGIN
) -> Iterator[TestClient]:
    """A browser of its own: its cookies, its address, the origin of the page it shows."""
    headers = {"Origin": origin, "Sec-Fetch-Site": "same-origin"}
    with TestClient(
        web,
        base_url=origin,
        headers=headers,
        follow_redirects=False,
        raise_server_exceptions=False,
        client=(address, 50000),
    ) as client:
        yield client


def token(client: TestClient, path: str = "/") -> str:
    """The token that the page holds for its forms and scripts."""
    found = re.search(r'name="jeton" content="([0-9a-f]{64})"', client.get(path).text)
    assert found is not None
    return found[1]


PHRASES = {
    Role.ADMIN: "quatre chevaux gris",
    Role.EVALUATOR: "trois tortues lentes",
    Role.ARBITER: "une girafe attentive",
    Role.OPERATOR: "dix fourmis pressées",
    Role.CANDIDATE: "un castor appliqué",
}


def without_limits(web: FastAPI) -> None:
    """For tests that log in by the dozen: an hour goes by between any two requests."""
    hours = itertools.count(step=3600)
    web.state.site = replace(web.state.site, rates=Rates(clock=lambda: float(next(hours))))


def people_of(web: FastAPI) -> People:
    return web.state.site.people


def add_everyone(web: FastAPI) -> None:
    """One account for each role, whose identifier is the role itself."""
    for role, phrase in PHRASES.items():
        people_of(web).accounts.add(role.value, f"Personne {role.value}", role, phrase)


def log_in(client: TestClient, login: str, password: str, suite: str = "/") -> Response:
    """Through the form, as a person does."""
    form = {"identifiant": login, "mot_de_passe": password, "suite": suite}
    return client.post("/connexion", data=form | {"jeton": token(client, "/connexion")})


@contextmanager
def logged_in(web: FastAPI, role: Role) -> Iterator[TestClient]:
    """Someone of this role, in a browser of their own."""
    with visitor(web) as client:
        assert log_in(client, role.value, PHRASES[role]).status_code == 303
        yield client
