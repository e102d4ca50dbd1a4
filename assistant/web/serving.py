"""Serves the site with uvicorn."""

import os
import socket
import sys
import threading
import webbrowser
from typing import cast

import uvicorn
from fastapi import FastAPI

from assistant.errors import AddressUnavailable, PublicWithoutAccounts
from assistant.settings import Settings
from assistant.web.guards import is_loopback
from assistant.web.site import Site
from ingest.errors import system_cause_fr


def serve(web: FastAPI, settings: Settings) -> None:
    """Serve until interrupted.

    Raises: `PublicWithoutAccounts`, `AddressUnavailable`.
    """
    site = cast(Site, web.state.site)
    with_accounts = bool(settings.auth_header) or site.people.accounts.exist()
    if not with_accounts and (settings.public_hosts or not is_loopback(settings.host)):
        host = settings.public_hosts or settings.host
        raise PublicWithoutAccounts(host, host=host)
    with _listen(settings.host, settings.port) as listening:
        port = listening.getsockname()[1]
        url = f"http://{_in_url(settings.host)}:{port}"
        print(f"La page est servie sur {url}", flush=True)
        if sys.stdout.isatty() and _has_display():
            threading.Timer(1.0, webbrowser.open, [url]).start()
        config = uvicorn.Config(
            web,
            log_level="warning",
            access_log=False,  # addresses name dossiers
            server_header=False,
            proxy_headers=False,  # who may speak for another address is decided by our guards
            ws="none",
            timeout_graceful_shutdown=3,  # Gradio's event streams never end by themselves
        )
        uvicorn.Server(config).run(sockets=[listening])


def _listen(host: str, port: int) -> socket.socket:
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        listening = socket.socket(family, kind, protocol)
        try:
            if os.name == "posix":  # a server restarted at once finds its port again
                listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listening.bind(address)
        except OSError:
            listening.close()
            raise
    except OSError as error:
        raise AddressUnavailable(
            str(error), host=host, port=str(port), cause=system_cause_fr(error)
        ) from error
    return listening


def _in_url(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def _has_display() -> bool:
    return sys.platform in ("win32", "darwin") or bool(os.environ.get("DISPLAY"))
