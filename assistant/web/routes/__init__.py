"""Every router of the site, in one list: what is not here is not served."""

from typing import Final

from fastapi import APIRouter

from assistant.web.routes import exports, home

ROUTERS: Final[tuple[APIRouter, ...]] = (
    home.router,
    exports.router,
)
