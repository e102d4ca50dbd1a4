"""Puts the site together: guards, routes, static files, errors."""

from typing import Final

from fastapi import Depends, FastAPI
from starlette.middleware import Middleware
from starlette.staticfiles import StaticFiles

from assistant.app import (
    App,
    Assignments,
    Desk,
    People,
    Rulings,
    Workbench,
    build_exports,
    build_self_checks,
    build_statistics,
    build_viewer,
)
from assistant.app.cohort import CohortLauncher
from assistant.settings import Settings
from assistant.web import errors
from assistant.web.bodies import BodyLimit
from assistant.web.gradio_gate import GradioGate
from assistant.web.guards import (
    STATIC_PATH,
    HostGuard,
    Identification,
    OriginGuard,
    SecureHeaders,
    host_name,
)
from assistant.web.identity import Identities, Links, Peer
from assistant.web.rates import Rates
from assistant.web.rendering import FOLDER
from assistant.web.routes import ROUTERS
from assistant.web.site import Site
from assistant.web.tokens import same_page

_LOCAL_NAMES: Final = frozenset({"127.0.0.1", "localhost", "::1"})


def create_app(app: App, settings: Settings, people: People) -> FastAPI:
    """The whole site but Gradio's pages, which `ui.py` mounts on it at `GRADIO_PATH`.

    Raises: `SettingsInvalid`.
    """
    identities = Identities(people, settings)
    web = FastAPI(
        title="preuve",
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        dependencies=[Depends(same_page)],
        middleware=[  # from the outermost to the innermost
            Middleware(Peer, proxies=settings.trusted_proxies),
            Middleware(SecureHeaders),
            Middleware(HostGuard, names=_names(settings)),
            Middleware(Identification, identify=identities),
            Middleware(OriginGuard),
            Middleware(BodyLimit, uploads=settings.max_upload_mb * 1_000_000),
            Middleware(GradioGate),
        ],
    )
    workbench = Workbench(app)
    web.state.site = Site(
        app=app,
        desk=Desk(app),
        settings=settings,
        people=people,
        rates=Rates(),
        entitlements=Links(people.grants),
        workbench=workbench,
        rulings=Rulings(app, workbench),
        viewer=build_viewer(app),
        exports=build_exports(app, workbench),
        self_checks=build_self_checks(settings, app.rubrics),
        statistics=build_statistics(app),
        assignments=Assignments(app, people),
        launcher=CohortLauncher(app.cohorts(), app.audit),
    )
    errors.install(web)
    for router in ROUTERS:
        web.include_router(router)
    web.mount(STATIC_PATH, StaticFiles(directory=FOLDER / "static"), name="static")
    return web


def _names(settings: Settings) -> frozenset[str]:
    listed = (host_name(name) for name in settings.public_hosts.split(","))
    return _LOCAL_NAMES | {host_name(settings.host)} | {name for name in listed if name}
