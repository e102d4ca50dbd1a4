"""The site without Gradio's pages, which take long to start: in a thread, or in a process."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn
from fastapi import FastAPI

from assistant.app import build_app, build_people
from assistant.settings import Settings
from assistant.web import create_app, serve
from tests.browser import Server, free_port


@contextmanager
def served(web: FastAPI) -> Iterator[str]:
    """The address of a running site."""
    port = free_port()
    config = uvicorn.Config(
        web, host="127.0.0.1", port=port, log_level="warning", ws="none", lifespan="off"
    )
    server = uvicorn.Server(config)
    started = threading.Event()
    original = server.startup

    async def startup(sockets: object = None) -> None:
        await original(sockets)  # type: ignore[arg-type]
        started.set()

    server.startup = startup  # type: ignore[method-assign]
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    assert started.wait(30)
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    thread.join(30)


class LightServer(Server):
    """The site in a process of its own, to be killed."""

    COMMAND = ("-m", "tests.live")


if __name__ == "__main__":
    settings = Settings.load()
    serve(create_app(build_app(settings), settings, build_people(settings)), settings)
