"""Writes `rubrics/` from the référentiel's source files, or checks that it still says the same.

Usage: `python -m tools.convert_referentiel [--check]`.
"""

import argparse
import sys
from pathlib import Path
from typing import Final

from tools.referentiel.fragments import ConversionError
from tools.referentiel.grids import certification_tree, read_sources, rubric_tree, tables_tree
from tools.referentiel.writer import to_yaml

ROOT: Final = Path(__file__).resolve().parent.parent
SOURCES: Final = ROOT / "tests" / "data" / "referentiel"

_CERTIFICATION: Final = """\
Ce qui vaut pour toutes les épreuves : blocs, compétences, échelle, seuils, pièces, contrôles.
Format : docs/format-des-grilles.md. Vérification : « preuve rubrics check DOSSIER »."""
_CERTIFICATION_NOTES: Final = {
    "octroi": "À quelle condition la certification est accordée, et par quels blocs.",
    "echelle": """\
Les quatre appréciations. Les clés sont celles du logiciel, les libellés ceux de l'écran et des
exports ; « regle » est l'explication donnée à l'évaluateur.""",
    "seuils": """\
regle : part des attendus étoilés à satisfaire pour « acquis », et part au moins partielle
à partir de laquelle c'est « partiel » ; erreurs_de_fond, les contrôles concluants dont
l'échec fait proposer « non acquis ». citations : ressemblance (0 à 100) à partir de laquelle
une citation est retrouvée, longueur minimale en caractères. recherche : nombre de passages.""",
    "relecture": """\
Comment les personnes relisent. evaluateurs : 1, ou 2 (chacun sans voir l'autre, puis arbitrage).
aveugle : « toujours » cache la proposition d'un critère jusqu'au verdict de l'évaluateur,
« au choix » laisse chacun en décider, « jamais » la montre. motifs : la liste courte proposée à
qui s'écarte de la proposition ; precision : quelques mots doivent l'accompagner.""",
    "pieces": """\
Où un dossier range ce qu'une lecture croisée compare. role : un fichier de ce rôle (brief ou
annexe) ; epreuves : le livrable d'une de ces épreuves ; meme_livrable : la pièce figure
d'ordinaire dans le livrable examiné, et son absence n'empêche pas de juger.""",
    "controles": """\
Catalogue des contrôles calculés. force : C concluant si les données sont bien extraites,
I indice à confirmer, R repérage seulement.""",
}
_GRID: Final = """\
Grille d'évaluation {id}.
« texte » est le libellé du référentiel, mot pour mot. Les attendus l'explicitent : ceux qui
portent « etoile: true » sont déterminants, les autres nourrissent la justification.
Format : docs/format-des-grilles.md."""
_TABLES: Final = """\
Tables de référence, à tenir à jour : des valeurs courantes, pas des règles du référentiel.
Une table absente ou vide rend muets les contrôles qui en dépendent."""


def convert(sources_folder: Path) -> dict[str, str]:
    """Every file of the certification, by its path below `rubrics/`.

    Raises: `ConversionError` when the sources disagree with one another or with the map.
    """
    sources = read_sources(sources_folder)
    certification = certification_tree(sources)
    folder = str(certification["id"])
    files = {
        "certification.yaml": to_yaml(certification, _CERTIFICATION, _CERTIFICATION_NOTES),
        "tables.yaml": to_yaml(tables_tree(sources), _TABLES, {}),
    }
    for epreuve in sources.rows:
        tree = rubric_tree(sources, epreuve)
        files[f"{epreuve}.yaml"] = to_yaml(tree, _GRID.format(id=epreuve), {})
    return {f"{folder}/{name}": text for name, text in files.items()}


def differences(files: dict[str, str], target: Path) -> list[str]:
    """The files below `target` that are missing or not what the conversion gives."""
    return [
        name
        for name, text in files.items()
        if not (target / name).is_file() or (target / name).read_text(encoding="utf-8") != text
    ]


def main(arguments: list[str] | None = None) -> int:
    """Exit code: 0 written or identical, 1 different or impossible."""
    parser = argparse.ArgumentParser(description="Convertit le référentiel en grilles YAML.")
    parser.add_argument("--check", action="store_true", help="compare sans rien écrire")
    parser.add_argument("--sources", type=Path, default=SOURCES)
    parser.add_argument("--target", type=Path, default=ROOT / "rubrics")
    options = parser.parse_args(arguments)
    try:
        files = convert(options.sources)
    except ConversionError as error:
        print(f"Conversion impossible : {error}", file=sys.stderr)
        return 1
    if options.check:
        different = differences(files, options.target)
        print("\n".join(f"différent : {name}" for name in different) or "grilles identiques")
        return 1 if different else 0
    for name, text in files.items():
        path = options.target / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8", newline="\n")
    print(f"{len(files)} fichiers écrits sous {options.target}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
