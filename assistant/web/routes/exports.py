"""Grids as files, made on demand and never kept where another person could ask for them."""

from typing import Final
from urllib.parse import quote

from fastapi import APIRouter, Request
from starlette.responses import Response

from assistant.domain.access import Action
from assistant.domain.report import ExportKind
from assistant.web.policy import needs
from assistant.web.site import site_of

router = APIRouter()

_TYPES: Final[dict[ExportKind, str]] = {
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "json": "application/json; charset=utf-8",
}


@router.get(
    "/dossier/{dossier_id}/{epreuve}/grille.{kind}",
    dependencies=[needs(Action.EXPORT, dossier="dossier_id")],
)
def grid(request: Request, dossier_id: str, epreuve: str, kind: ExportKind) -> Response:
    """The grid of one épreuve, to keep or print."""
    name, data = site_of(request).app.export(dossier_id, epreuve, kind)
    return attachment(name, data, _TYPES[kind])


def attachment(name: str, data: bytes, media_type: str) -> Response:
    """A file to save, whatever its name holds."""
    disposition = f"attachment; filename*=UTF-8''{quote(name, safe='')}"
    return Response(data, media_type=media_type, headers={"Content-Disposition": disposition})
