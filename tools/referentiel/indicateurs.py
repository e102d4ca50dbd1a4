"""Reads `indicateurs.md`: each criterion's observable expectations, scale, catalogue, tables."""

import re
from pathlib import Path
from typing import Final

from ingest.types import Frozen
from tools.referentiel.fragments import ConversionError

_HEADING: Final = re.compile(r"^(#{1,3}) (.+)$", re.MULTILINE)
_FIELD: Final = re.compile(r"^- \*\*(?P<name>[^*]+) :\*\*(?P<value>.*(?:\n  .*)*)", re.MULTILINE)
_ATTENDU: Final = re.compile(r"^  \d+\. (?P<star>★ )?(?P<text>.+)$", re.MULTILINE)
_REPERES: Final = re.compile(
    r"^\*\*Repères de l'épreuve\.\*\* Livrables : (?P<livrables>.+?)\. (?P<usage>.+)$", re.MULTILINE
)
_CODE: Final = re.compile(r"\bDET-[A-Z]+\b")
_COMMA: Final = re.compile(r", (?![^(]*\))")


class Fiche(Frozen):
    """One criterion's sheet, its fields as they stand."""

    libelle: str
    evaluable: str
    lecture: str
    attendus: tuple[tuple[bool, str], ...]
    preuve: str
    controle: str
    reperage: str
    vigilance: str


class Reperes(Frozen):
    """An épreuve's landmarks: its deliverables and the sections one expects in them."""

    titre: str
    livrables: str
    usage: str


class Section(Frozen):
    """A heading with the text up to the next heading of any level."""

    titre: str
    corps: str


class Indicateurs(Frozen):
    """The whole file. `sections` is keyed by number (« 2 », « 5.1 »)."""

    sections: dict[str, Section]
    reperes: dict[str, Reperes]
    groupes: dict[str, str]
    fiches: dict[str, Fiche]


def read_indicateurs(path: Path) -> Indicateurs:
    """Raises: `ConversionError` for a sheet or a landmark that lacks a field."""
    text = path.read_text(encoding="utf-8")
    heads = list(_HEADING.finditer(text))
    ends = [*(head.start() for head in heads[1:]), len(text)]
    sections: dict[str, Section] = {}
    reperes: dict[str, Reperes] = {}
    groupes: dict[str, str] = {}
    fiches: dict[str, Fiche] = {}
    for head, end in zip(heads, ends, strict=True):
        name, body = head[2].strip(), text[head.end() : end].strip()
        if numbered := re.match(r"(\d+(?:\.\d+)?)\.? (.+)", name):
            sections[numbered[1]] = Section(titre=numbered[2], corps=body)
            continue
        key, _, title = name.partition(" – ")
        match key.count("/"), bool(title):
            case 0, True:
                reperes[key] = _reperes(key, title, body)
            case 1, True:
                groupes[key] = title
            case 2, False:
                fiches[key] = _fiche(key, body)
    return Indicateurs(sections=sections, reperes=reperes, groupes=groupes, fiches=fiches)


def _reperes(key: str, title: str, body: str) -> Reperes:
    match = _REPERES.search(body)
    if match is None:
        raise ConversionError(f"{key} : « Repères de l'épreuve » introuvable")
    return Reperes(titre=title, livrables=match["livrables"], usage=match["usage"])


def _fiche(key: str, body: str) -> Fiche:
    quoted = re.search(r"^> (.+)$", body, re.MULTILINE)
    fields = {m["name"]: m["value"].strip("\n ") for m in _FIELD.finditer(body)}
    lines = [line for line in body.splitlines() if line.strip()]
    read = 1 + len(fields) + len(_ATTENDU.findall(body))
    if quoted is None or read != len(lines):
        raise ConversionError(f"{key} : {len(lines) - read} ligne(s) non comprise(s)")
    try:
        return Fiche(
            libelle=quoted[1],
            evaluable=fields["Évaluable"],
            lecture=fields["Lecture"],
            attendus=tuple((bool(m["star"]), m["text"]) for m in _ATTENDU.finditer(body)),
            preuve=fields["Preuve attendue"],
            controle=fields["Contrôle déterministe"],
            reperage=fields["Repérage"],
            vigilance=fields.get("Vigilance", ""),
        )
    except KeyError as error:
        raise ConversionError(f"{key} : rubrique {error} absente") from None


def codes(controle: str) -> tuple[str, ...]:
    """The catalogue codes that a criterion's controls name, each once, in order."""
    return tuple(dict.fromkeys(_CODE.findall(controle)))


def comma_list(text: str, indivisible: tuple[str, ...] = ()) -> tuple[str, ...]:
    """A list whose commas between parentheses do not separate; nor do those of `indivisible`."""
    parts = _COMMA.split(text)
    for whole in indivisible:
        pieces = _COMMA.split(whole)
        for start in range(len(parts) - len(pieces) + 1):
            if parts[start : start + len(pieces)] == pieces:
                parts[start : start + len(pieces)] = [whole]
                break
    return tuple(part.strip() for part in parts)


def markdown_table(body: str) -> list[list[str]]:
    """The rows of the first table, header and rule aside."""
    rows = [line for line in body.splitlines() if line.startswith("|")]
    return [[cell.strip(" `*") for cell in row.strip("|").split("|")] for row in rows[2:]]
