"""The site without a browser: an application of its own, and requests as a browser sends them."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from fastapi import FastAPI
from starlette.testclient import TestClient

from assistant.app import App, build_app
from assistant.settings import Settings
from assistant.web import create_app

ORIGIN = "http://127.0.0.1:7860"


def settings_for(folder: Path, **changed: object) -> Settings:
    return Settings(data_dir=folder, _env_file=None, **changed)


def site(folder: Path, **changed: object) -> FastAPI:
    settings = settings_for(folder, **changed)
    return create_app(build_app(settings), settings)


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
