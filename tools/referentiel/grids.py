"""Builds the trees of the YAML files, in the order of the schema, from the parsed sources."""

import re
from itertools import groupby
from pathlib import Path
from typing import Final

import yaml

from assistant.domain.certification import Relecture
from assistant.domain.rubric import Seuils
from assistant.domain.verdict import VerdictRule
from ingest.types import Frozen
from tools.referentiel import lecture, tables
from tools.referentiel.criteres import (
    CsvCriterion,
    by_epreuve,
    read_criteria,
    verify_criteria_cell,
)
from tools.referentiel.fragments import (
    ConversionError,
    FragmentMap,
    SourceText,
    competence_text,
    load_map,
    work_items,
)
from tools.referentiel.indicateurs import (
    Indicateurs,
    codes,
    comma_list,
    markdown_table,
    read_indicateurs,
)

HERE: Final = Path(__file__).resolve().parent
_BLOC: Final = re.compile(r"● (\S+) - (.+?)\.?(?= ●|$)")

Tree = dict[str, object]


class Complements(Frozen):
    """What the sources do not say: see the file's own comments."""

    id: str
    version: str
    echelle: dict[str, dict[str, str]]
    erreurs_de_fond: tuple[str, ...]
    livrables_indivisibles: tuple[str, ...]
    pieces: tuple[dict[str, object], ...]
    relecture: Relecture
    vues: dict[str, dict[str, tuple[int, ...]]]
    lexique: list[dict[str, list[str]]]

    def vue(self, criterion_id: str, number: int) -> Tree:
        """The attendu's `vue` key, when seeing the page is worth something for it."""
        marks = self.vues.get(criterion_id, {})
        return next(({"vue": mark} for mark, numbers in marks.items() if number in numbers), {})


class Sources(Frozen):
    """Everything read and verified, ready to be laid out."""

    rows: dict[str, list[CsvCriterion]]
    indicateurs: Indicateurs
    fragments: FragmentMap
    texte: dict[str, str]  # document-level cells, by name
    competences: dict[str, str]
    consignes: dict[str, str]
    travail: dict[str, tuple[str, ...]]
    activites: dict[str, str]
    modalites: tuple[str, ...]
    complements: Complements


def read_sources(folder: Path) -> Sources:
    """Read the three files and prove that they agree.

    Raises: `ConversionError`: a line of the text is in no cell, a criterion differs from one
    file to another, the assessment's terms are not the same for all épreuves.
    """
    fragments = load_map(HERE / "fragments.yaml")
    text = SourceText.read(folder / "referentiel.txt", fragments.coupures)
    text.verify_partition(fragments.all_fragments())
    rows = by_epreuve(read_criteria(folder / "criteres.csv"))
    indicateurs = read_indicateurs(folder / "indicateurs.md")
    _verify_wordings(rows, indicateurs)
    for epreuve, found in rows.items():
        verify_criteria_cell(epreuve, text.text(fragments.epreuves[epreuve].criteres), found)
    cells = fragments.epreuves
    terms = {(text.text(c.modalite), text.text(c.soutenance)) for c in cells.values()}
    if len(terms) != 1:
        raise ConversionError("les modalités d'évaluation diffèrent d'une épreuve à l'autre")
    complements = yaml.safe_load((HERE / "complements.yaml").read_text(encoding="utf-8"))
    return Sources(
        rows=rows,
        indicateurs=indicateurs,
        fragments=fragments,
        texte={name: text.text(found) for name, found in fragments.hors_tableau.items()},
        competences={
            name: competence_text(text, found) for name, found in fragments.competences.items()
        },
        consignes={name: text.text(found.consigne) for name, found in cells.items()},
        travail={name: work_items(text, found) for name, found in cells.items()},
        activites={name: text.text(found) for name, found in fragments.activites.items()},
        modalites=terms.pop(),
        complements=Complements.model_validate(complements),
    )


def _verify_wordings(rows: dict[str, list[CsvCriterion]], found: Indicateurs) -> None:
    every = [row for group in rows.values() for row in group]
    if [row.id for row in every] != list(found.fiches):
        raise ConversionError("les critères des deux fichiers ne sont pas les mêmes")
    for row in every:
        if found.fiches[row.id].libelle != row.texte:
            raise ConversionError(f"{row.id} : le libellé diffère d'un fichier à l'autre")


def certification_tree(sources: Sources) -> Tree:
    """The tree of `certification.yaml`."""
    own = sources.complements
    blocs = dict(_BLOC.findall(sources.texte["blocs"]))
    return {
        "id": own.id,
        "titre": _certification_title(sources),
        "version": own.version,
        "octroi": "\n".join(
            [sources.texte["octroi"], *(f"- {key} - {title}." for key, title in blocs.items())]
        ),
        "blocs_requis": list(blocs),
        "modalites": list(sources.modalites),
        "amenagements": sources.texte["amenagements"],
        "blocs": [
            {
                "id": key,
                "titre": title,
                "activite": re.sub(r"^A\d+\. |\.$", "", activity),
                "epreuves": [name for name, rows in sources.rows.items() if rows[0].bloc == key],
            }
            for (key, title), activity in zip(
                blocs.items(), sources.activites.values(), strict=True
            )
        ],
        "competences": [
            {"id": key, "texte": text, "epreuves": _epreuves_of(sources, key)}
            for key, text in sources.competences.items()
        ],
        "echelle": _scale(sources),
        "seuils": Seuils(regle=VerdictRule(erreurs_de_fond=own.erreurs_de_fond)).model_dump(
            mode="json"
        ),
        "relecture": {
            "evaluateurs": own.relecture.evaluateurs,
            "aveugle": own.relecture.aveugle,
            "motifs": [m.model_dump(exclude_defaults=True) for m in own.relecture.motifs],
        },
        "pieces": [dict(piece) for piece in own.pieces],
        "controles": [
            {"code": code, "verifie": checks, "force": force}
            for code, checks, force in markdown_table(sources.indicateurs.sections["4"].corps)
        ],
    }


def _certification_title(sources: Sources) -> str:
    """What follows « compétences et d'évaluation » on the cover."""
    return sources.texte["intitule"].rpartition("évaluation ")[2]


def _epreuves_of(sources: Sources, competence: str) -> list[str]:
    return [
        name for name, rows in sources.rows.items() if competence in rows[0].competences.split()
    ]


def _scale(sources: Sources) -> Tree:
    rules = dict(markdown_table(sources.indicateurs.sections["2"].corps))
    return {
        verdict: {"libelle": entry["libelle"], "regle": rules[entry["ligne"]]}
        for verdict, entry in sources.complements.echelle.items()
    }


def rubric_tree(sources: Sources, epreuve: str) -> Tree:
    """The tree of one épreuve's grid."""
    rows = sources.rows[epreuve]
    reperes = sources.indicateurs.reperes[epreuve]
    return {
        "certification": sources.complements.id,
        "id": epreuve,
        "titre": rows[0].titre_epreuve,
        "bloc": rows[0].bloc,
        "version": sources.complements.version,
        "competences": rows[0].competences.split(),
        "consigne": sources.consignes[epreuve],
        "travail_demande": list(sources.travail[epreuve]),
        "livrables": list(
            comma_list(reperes.livrables, sources.complements.livrables_indivisibles)
        ),
        "rubriques_usage": reperes.usage,
        "groupes": [
            _group_tree(name, list(found), sources)
            for name, found in groupby(rows, key=lambda row: row.groupe)
        ],
    }


def _group_tree(name: str, rows: list[CsvCriterion], sources: Sources) -> Tree:
    return {
        "id": name,
        "titre": rows[0].titre_groupe,
        "criteres": [_criterion_tree(row, sources) for row in rows],
    }


def _criterion_tree(row: CsvCriterion, sources: Sources) -> Tree:
    fiche = sources.indicateurs.fiches[row.id]
    tree: Tree = {
        "id": row.id,
        "ce": row.ce,
        "texte": row.texte,
        "evaluable": fiche.evaluable,
        "lecture": lecture.parse(fiche.lecture),
        "attendus": [
            {
                "numero": number,
                **({"etoile": True} if star else {}),
                **sources.complements.vue(row.id, number),
                "texte": text,
            }
            for number, (star, text) in enumerate(fiche.attendus, start=1)
        ],
        "preuve_attendue": fiche.preuve,
        "controles": {"codes": list(codes(fiche.controle)), "texte": fiche.controle},
        "reperage": list(comma_list(fiche.reperage)),
        "vigilance": fiche.vigilance,
    }
    return {key: value for key, value in tree.items() if value != ""}


def tables_tree(sources: Sources) -> Tree:
    """The tree of `tables.yaml`."""
    return {**tables.tree(sources.indicateurs), "lexique": sources.complements.lexique}
