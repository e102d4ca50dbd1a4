"""Parses the reference tables of `indicateurs.md` § 5 and the cue words of § 4."""

import re
from typing import Final

from tools.referentiel.fragments import ConversionError
from tools.referentiel.indicateurs import Indicateurs, comma_list, markdown_table

_SIZE: Final = re.compile(
    r"(?:(?P<before>[^\d,]+?) )?(?P<w>\d+) × (?P<h>\d+)(?: \((?P<after>[^)]+)\))?"
)
_LIMIT: Final = re.compile(r"(?:(?P<champ>[^\d,()]+?) )?(?P<n>\d{1,3}(?: \d{3})*)(?: caractères)?")
_DAY: Final = re.compile(r"(?P<day>\d+)(?:er)?(?: et (?P<other>\d+))? (?P<month>[^\W\d]+)")
_MONTHS: Final = (
    "janvier février mars avril mai juin juillet août septembre octobre novembre décembre"
).split()  # fmt: skip

Tree = dict[str, object]


def tree(found: Indicateurs) -> Tree:
    """The tree of `tables.yaml`. Raises: `ConversionError` for a cell it does not understand."""
    formats, events, mistakes = (found.sections[f"5.{n}"].corps for n in (1, 2, 3))
    return {
        "avertissement": formats.split("\n\n")[0],
        "reseaux": [_network(row) for row in markdown_table(formats)],
        "evenements": _events(events),
        "connecteurs": _connectives(found),
        "erreurs_de_calcul": [
            part[0].lower() + part[1:] if part[1:2].islower() else part
            for part in mistakes.rstrip(".").split(" ; ")
        ],
    }


def _network(row: list[str]) -> Tree:
    name, *sizes, text = row
    keys = ("profil", "couverture", "publication", "vertical")
    network: Tree = {"nom": name}
    network |= {key: _sizes(cell) for key, cell in zip(keys, sizes, strict=True)}
    limits = [
        {"champ": (match["champ"] or "").strip(), "caracteres": int(match["n"].replace(" ", ""))}
        for match in _LIMIT.finditer(text)
    ]
    network["textes"] = [{k: v for k, v in limit.items() if v} for limit in limits]
    remarks = [f"{key} : {cell}" for key, cell in zip(keys, sizes, strict=True) if not _known(cell)]
    network["remarques"] = " ; ".join([*remarks, f"texte : {text}"])
    return {key: value for key, value in network.items() if value}


def _known(cell: str) -> bool:
    return cell == "sans" or bool(_SIZE.search(cell))


def _sizes(cell: str) -> list[Tree]:
    sizes = []
    for match in _SIZE.finditer(cell):
        size: Tree = {"largeur": int(match["w"]), "hauteur": int(match["h"])}
        if usage := match["before"] or match["after"]:
            size["usage"] = usage
        sizes.append(size)
    return sizes


def _events(body: str) -> Tree:
    match = re.fullmatch(r"Fixes : (.+?)\. Mobiles : (.+?), (hors .+)\.", body)
    if match is None:
        raise ConversionError("événements non compris")
    return {
        "fixes": [event for part in match[1].split(", ") for event in _fixed(part)],
        "mobiles": _mobiles(comma_list(match[2].replace(") et ", "), "))),
        "reserve": match[3],
    }


def _fixed(part: str) -> list[Tree]:
    match = _DAY.fullmatch(part)
    if match is None:
        raise ConversionError(f"date non comprise : « {part} »")
    month = _MONTHS.index(match["month"]) + 1
    days = [match["day"], *([match["other"]] if match["other"] else [])]
    return [
        {"nom": f"{'1er' if day == '1' else day} {match['month']}", "jour": f"{month:02}-{day:0>2}"}
        for day in days
    ]


def _mobiles(parts: tuple[str, ...]) -> list[Tree]:
    """The computed events, written in full where the source is short (« + 49 », « et d'été »)."""
    events: list[Tree] = []
    subject = ""
    for part in parts:
        name, _, rule = part.rstrip(")").partition(" (")
        if name.startswith("d'"):
            name = f"{subject} {name}"
        if rule.startswith("+ "):
            rule = f"Pâques {rule} jours"
        subject = name.split()[0]
        events.append({"nom": name, "regle": rule})
    return events


def _connectives(found: Indicateurs) -> list[str]:
    """The words that the catalogue lists as showing a reason."""
    rows = {row[0]: row[1] for row in markdown_table(found.sections["4"].corps)}
    match = re.search(r"connecteur de cause ou de but \(([^)]+)\)", rows["DET-JUSTIF"])
    if match is None:
        raise ConversionError("connecteurs introuvables au catalogue")
    return match[1].split(", ")
