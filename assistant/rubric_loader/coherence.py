"""Rules that one field alone cannot show: names that must exist elsewhere, ids that must agree.

They work on the raw data, so that a file with several faults hears of all of them at once.
"""

from collections.abc import Collection, Iterator

from assistant.domain.rubric import Certification, Portee, Rubric
from assistant.rubric_loader.problems import Path, RubricProblem, closest
from assistant.rubric_loader.yaml_source import Value, YamlFile

_CRITERIA = ("groupes", "*", "criteres", "*")
_NAMES = ("id", "nom", "code")


def check_rubric_ids(file: YamlFile) -> Iterator[RubricProblem]:
    """A criterion's id is « épreuve/groupe/CEn », and no id is given twice in its list."""
    for path, group in file.select("groupes", "*"):
        for index, criterion in _mappings(group, "criteres"):
            wanted = f"{_word(file.data, 'id')}/{_word(group, 'id')}/CE{_word(criterion, 'ce')}"
            found = _word(criterion, "id")
            if found and found != wanted:
                yield file.problem(
                    (*path, "criteres", index, "id"),
                    f"l'identifiant « {found} » ne suit pas « épreuve/groupe/CEn »",
                    f"écrivez « {wanted} »",
                )
    for pattern in (("groupes",), ("groupes", "*", "criteres")):
        yield from _repeated(file, *pattern)


def check_file_name(file: YamlFile) -> Iterator[RubricProblem]:
    """A grid's file bears its épreuve's id: that is how it is found."""
    stem, found = file.name.rpartition(".")[0], _word(file.data, "id")
    if found and found != stem:
        mend = f"renommez-le « {found}.yaml », ou écrivez « id: {stem} »"
        yield file.problem(("id",), f"le fichier s'appelle « {file.name} »", mend)


def check_crossed_readings(file: YamlFile) -> Iterator[RubricProblem]:
    """A crossed reading names its pieces, and no other reading does."""
    for path, reading in file.select(*_CRITERIA, "lecture"):
        if not isinstance(reading, dict):
            continue
        crossed = Portee.CROISEE.value in (reading.get("portees") or [])
        if crossed and not reading.get("pieces"):
            mend = "ajoutez « pieces: [brief] », ou la pièce à comparer"
            yield file.problem(path, "une lecture croisée doit nommer ses pièces", mend)
        elif reading.get("pieces") and not crossed:
            mend = "ajoutez « croisée » à portees, ou retirez « pieces »"
            yield file.problem(
                (*path, "pieces"), "des pièces sont nommées sans lecture croisée", mend
            )


def check_references(file: YamlFile, certification: Certification) -> Iterator[RubricProblem]:
    """What a grid names exists in its certification."""
    known: tuple[tuple[str, tuple[str, ...], Collection[str]], ...] = (
        ("la certification", ("certification",), (certification.id,)),
        ("l'épreuve", ("id",), certification.epreuves),
        ("le bloc", ("bloc",), [bloc.id for bloc in certification.blocs]),
        ("la compétence", ("competences", "*"), [c.id for c in certification.competences]),
        ("la pièce", (*_CRITERIA, "lecture", "pieces", "*"), [p.nom for p in certification.pieces]),
        (
            "le contrôle",
            (*_CRITERIA, "controles", "codes", "*"),
            [entry.code for entry in certification.controles],
        ),
    )
    for what, pattern, names in known:
        yield from _unknown(file, what, pattern, names, where="certification.yaml")


def check_certification(file: YamlFile) -> Iterator[RubricProblem]:
    """Names are given once, and épreuves and blocks that are named exist."""
    for key in ("blocs", "competences", "pieces", "controles"):
        yield from _repeated(file, key)
    blocs = [_word(bloc, "id") for _, bloc in file.select("blocs", "*")]
    epreuves = [str(name) for _, name in file.select("blocs", "*", "epreuves", "*")]
    yield from _unknown(file, "le bloc", ("blocs_requis", "*"), blocs, where="« blocs »")
    for key in ("competences", "pieces"):
        pattern = (key, "*", "epreuves", "*")
        yield from _unknown(file, "l'épreuve", pattern, epreuves, where="« blocs »")
    seen: set[str] = set()
    for path, name in file.select("blocs", "*", "epreuves", "*"):
        if str(name) in seen:
            mend = "une épreuve n'appartient qu'à un bloc : gardez une seule mention"
            yield file.problem(path, f"l'épreuve « {name} » est citée deux fois", mend)
        seen.add(str(name))
    if "tables" in file.data:
        mend = "déplacez-les dans tables.yaml, à côté"
        yield file.problem(("tables",), "les tables n'ont pas leur place ici", mend)


def check_agreement(
    file: YamlFile, certification: Certification, rubric: Rubric
) -> Iterator[RubricProblem]:
    """The grid and the certification say the same of its block and its compétences."""
    bloc = next((b for b in certification.blocs if rubric.id in b.epreuves), None)
    if bloc is not None and bloc.id != rubric.bloc:
        mend = f"écrivez « bloc: {bloc.id} », ou déplacez l'épreuve dans certification.yaml"
        yield file.problem(("bloc",), f"l'épreuve est rangée dans le bloc {bloc.id}", mend)
    announced = {c.id for c in certification.competences if rubric.id in c.epreuves}
    for index, name in enumerate(rubric.competences):
        if name not in announced:
            yield file.problem(
                ("competences", index),
                f"certification.yaml ne rattache pas la compétence {name} à cette épreuve",
                f"ajoutez « {rubric.id} » aux épreuves de {name}, ou retirez-la d'ici",
            )
    for name in sorted(announced - set(rubric.competences)):
        yield file.problem(
            ("competences",),
            f"certification.yaml rattache la compétence {name} à cette épreuve",
            f"ajoutez-la ici, ou retirez « {rubric.id} » des épreuves de {name}",
        )


def _unknown(
    file: YamlFile, what: str, pattern: tuple[str, ...], names: Collection[str], *, where: str
) -> Iterator[RubricProblem]:
    for path, name in file.select(*pattern):
        if isinstance(name, str) and name not in names:
            problem = f"{what} « {name} » n'est pas dans {where}"
            yield file.problem(path, problem, closest(name, names))


def _repeated(file: YamlFile, *pattern: str) -> Iterator[RubricProblem]:
    """Entries that have the same name as an earlier one of their list."""
    for path, entries in file.select(*pattern):
        first: dict[str, Path] = {}
        for index, entry in enumerate(entries if isinstance(entries, list) else ()):
            key = next((k for k in _NAMES if _word(entry, k)), "")
            name, place = _word(entry, key), (*path, index, key)
            if name and name in first:
                line = file.line(first[name])
                yield file.problem(
                    place, f"« {name} » est déjà défini ligne {line}", "renommez-le ou supprimez-le"
                )
            first.setdefault(name, place)


def _mappings(value: Value, key: str) -> Iterator[tuple[int, dict[str, Value]]]:
    items = value.get(key) if isinstance(value, dict) else None
    for index, item in enumerate(items if isinstance(items, list) else ()):
        if isinstance(item, dict):
            yield index, item


def _word(value: Value, key: str) -> str:
    found = value.get(key) if isinstance(value, dict) else None
    return found if isinstance(found, str) else ""
