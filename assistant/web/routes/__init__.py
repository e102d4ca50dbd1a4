"""Every router of the site, in one list: what is not here is not served."""

from typing import Final

from fastapi import APIRouter

from assistant.web.routes import (
    assigning,
    cohorts,
    desk,
    desk_api,
    exports,
    files,
    home,
    login,
    self_check,
    statistics,
    switch,
)

ROUTERS: Final[tuple[APIRouter, ...]] = (
    login.router,
    home.router,
    assigning.router,
    exports.router,
    files.router,
    self_check.router,
    statistics.router,
    switch.router,
    cohorts.router,
    desk_api.router,
    desk.router,  # last: its addresses end with any criterion
)
