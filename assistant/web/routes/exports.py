"""Grids and letters as files, made on demand and never kept where another person could ask."""

from typing import Final, Literal
from urllib.parse import quote

from fastapi import APIRouter, Request
from starlette.responses import Response

from assistant.domain.access import Action
from assistant.domain.report import ExportKind
from assistant.web.policy import needs, reader_of
from assistant.web.site import site_of

router = APIRouter()

_TYPES: Final[dict[ExportKind, str]] = {
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "pdf": "application/pdf",
    "json": "application/json; charset=utf-8",
}


@router.get(
    "/dossier/{dossier_id}/{epreuve}/grille.{kind}",
    dependencies=[needs(Action.EXPORT, dossier="dossier_id")],
)
def grid(
    request: Request,
    dossier_id: str,
    epreuve: str,
    kind: ExportKind,
    traces: Literal["oui", "non"] = "oui",
) -> Response:
    """The grid of one épreuve, to keep or print, with or without the drafts."""
    name, data = site_of(request).exports.grid(
        reader_of(request, dossier_id), dossier_id, epreuve, kind, traces=traces == "oui"
    )
    return attachment(name, data, _TYPES[kind])


@router.get(
    "/dossier/{dossier_id}/{epreuve}/lettre.docx",
    dependencies=[needs(Action.EXPORT, dossier="dossier_id")],
)
def letter(request: Request, dossier_id: str, epreuve: str) -> Response:
    """The letter to the candidate of a signed épreuve."""
    reader = reader_of(request, dossier_id)
    name, data = site_of(request).exports.letter(reader, dossier_id, epreuve)
    return attachment(name, data, _TYPES["docx"])


def attachment(name: str, data: bytes, media_type: str) -> Response:
    """A file to save, whatever its name holds."""
    disposition = f"attachment; filename*=UTF-8''{quote(name, safe='')}"
    return Response(data, media_type=media_type, headers={"Content-Disposition": disposition})
