"""Puts the site together: guards, routes, static files, errors."""

from typing import Final

from fastapi import Depends, FastAPI
from starlette.middleware import Middleware
from starlette.requests import HTTPConnection
from starlette.staticfiles import StaticFiles

from assistant.app import App, Desk, Rulings, Workbench, build_exports, build_viewer
from assistant.domain.person import Person, local_person
from assistant.settings import Settings
from assistant.web import errors
from assistant.web.guards import (
    STATIC_PATH,
    HostGuard,
    Identification,
    OriginGuard,
    SecureHeaders,
    host_name,
)
from assistant.web.rendering import FOLDER
from assistant.web.routes import ROUTERS
from assistant.web.site import LocalEntitlements, Site
from assistant.web.tokens import same_page

_LOCAL_NAMES: Final = frozenset({"127.0.0.1", "localhost", "::1"})


def create_app(app: App, settings: Settings) -> FastAPI:
    """The whole site but Gradio's pages, which `ui.py` mounts on it at `GRADIO_PATH`."""
    person = local_person(settings.assessor)

    def identify(_request: HTTPConnection) -> Person | None:
        return person

    web = FastAPI(
        title="preuve",
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        dependencies=[Depends(same_page)],
        middleware=[  # from the outermost to the innermost
            Middleware(SecureHeaders),
            Middleware(HostGuard, names=_names(settings)),
            Middleware(Identification, identify=identify, with_accounts=False),
            Middleware(OriginGuard),
        ],
    )
    workbench = Workbench(app)
    web.state.site = Site(
        app=app,
        desk=Desk(app),
        settings=settings,
        entitlements=LocalEntitlements(),
        workbench=workbench,
        rulings=Rulings(app, workbench),
        viewer=build_viewer(app),
        exports=build_exports(workbench),
    )
    errors.install(web)
    for router in ROUTERS:
        web.include_router(router)
    web.mount(STATIC_PATH, StaticFiles(directory=FOLDER / "static"), name="static")
    return web


def _names(settings: Settings) -> frozenset[str]:
    return _LOCAL_NAMES | {host_name(settings.host)}
