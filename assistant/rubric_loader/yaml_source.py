"""Reads a YAML file as plain data that remembers its lines, and refuses what a grid never needs.

Every scalar stays the text that was written: « version: 1.10 » is not a number, « no » is not a
boolean; the schema converts. Tags are refused, so nothing is ever executed; aliases too, so a
small file cannot unfold into a huge one.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import yaml

from assistant.rubric_loader.problems import Path as FieldPath
from assistant.rubric_loader.problems import RubricProblem
from ingest.errors import system_cause_fr

MAX_BYTES: Final = 2_000_000
_MAX_DEPTH: Final = 20
_EMPTY: Final = frozenset({"", "~", "null"})

#: The C parser when PyYAML was built with it: the same events, thirty times faster.
_Loader: Final = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

Value = str | list["Value"] | dict[str, "Value"]


class Unreadable(Exception):
    """The file cannot be read as a whole; `problem` says why, where, and what to do."""

    def __init__(self, problem: RubricProblem) -> None:
        super().__init__(str(problem))
        self.problem = problem


@dataclass(frozen=True)
class YamlFile:
    """A file's data, the line (from 1) of each of its fields, and the keys written twice."""

    name: str
    data: dict[str, Value]
    lines: dict[FieldPath, int]
    problems: tuple[RubricProblem, ...] = ()

    def line(self, path: FieldPath) -> int:
        """The line of a field, or of the nearest field that contains it."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path, 1)

    def select(self, *pattern: str) -> Iterator[tuple[FieldPath, Value]]:
        """The values at a path where « * » stands for every item of a list."""
        return _select(self.data, pattern, ())

    def problem(self, path: FieldPath, problem_fr: str, mend_fr: str = "") -> RubricProblem:
        """A problem of this file, at a field's line."""
        return RubricProblem(
            file=self.name,
            line=self.line(path),
            path=path,
            problem_fr=problem_fr,
            mend_fr=mend_fr,
        )


def _select(
    value: Value, pattern: tuple[str, ...], path: FieldPath
) -> Iterator[tuple[FieldPath, Value]]:
    if not pattern:
        yield path, value
    elif pattern[0] == "*" and isinstance(value, list):
        for index, item in enumerate(value):
            yield from _select(item, pattern[1:], (*path, index))
    elif isinstance(value, dict) and pattern[0] in value:
        yield from _select(value[pattern[0]], pattern[1:], (*path, pattern[0]))


def read_yaml(path: Path) -> YamlFile:
    """Raises: `Unreadable`."""
    text = _decode(path)
    builder = _Builder(path.name)
    try:
        for event in yaml.parse(text, Loader=_Loader):
            builder.take(event)
    except yaml.MarkedYAMLError as error:
        raise Unreadable(_syntax_problem(path.name, error, text)) from None
    except yaml.reader.ReaderError as error:
        line = text[: error.position].count("\n") + 1
        raise Unreadable(
            RubricProblem(
                file=path.name,
                line=line,
                problem_fr="un caractère de contrôle interdit en YAML s'y trouve",
                mend_fr="effacez la ligne et retapez-la",
            )
        ) from None
    return builder.result()


def _decode(path: Path) -> str:
    def refuse(problem_fr: str, mend_fr: str, line: int | None = None) -> Unreadable:
        return Unreadable(
            RubricProblem(file=path.name, line=line, problem_fr=problem_fr, mend_fr=mend_fr)
        )

    try:
        if not path.is_file():
            raise refuse("le fichier est introuvable", "vérifiez le chemin")
        if (size := path.stat().st_size) > MAX_BYTES:
            raise refuse(
                f"le fichier est trop gros ({size} octets ; limite : {MAX_BYTES})",
                "une grille ne contient que du texte : retirez ce qui n'en est pas",
            )
        data = path.read_bytes()
    except OSError as error:
        raise refuse(
            f"lecture impossible ({system_cause_fr(error)})", "vérifiez ses droits"
        ) from None
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        mend = "enregistrez le fichier avec l'encodage UTF-8"
        raise refuse("le fichier n'est pas en UTF-8", mend, line) from None
    if not text.strip():
        raise refuse("le fichier est vide", "partez d'une grille existante", 1)
    return text


_ALIGN: Final = (
    "alignez cette ligne avec les précédentes, ou fermez les guillemets ouverts avant elle"
)
#: Words of the parser's message → the mend; the first that matches.
_HINTS: Final = (
    ("\\t", "remplacez la tabulation par des espaces"),
    ("mapping values", "mettez entre guillemets le texte qui contient « : »"),
    ("expected ':'", "ajoutez « : » et une espace après la clé"),
    ("found unexpected end", "fermez les guillemets ou les crochets"),
    ("quoted scalar", "fermez les guillemets, et doublez ceux qui sont dans le texte"),
    ("flow", "fermez les crochets ou les accolades, et séparez par des virgules"),
    ("expected key", _ALIGN),
    ("block end", _ALIGN),
    ("'-' indicator", _ALIGN),
    ("alias", "mettez entre guillemets le texte qui commence par « * »"),
    ("anchor", "mettez entre guillemets le texte qui commence par « & »"),
    ("cannot start any token", "mettez la valeur entre guillemets"),
)


def _syntax_problem(name: str, error: yaml.MarkedYAMLError, text: str) -> RubricProblem:
    mark = error.problem_mark or error.context_mark
    line = mark.line + 1 if mark else None
    said = f"{error.context or ''} {error.problem or ''}"
    lines = text.splitlines()
    if line and line <= len(lines) and lines[line - 1].startswith("\t"):
        said += "\\t"
    mend = next((hint for words, hint in _HINTS if words in said), "vérifiez la mise en forme")
    column = f", colonne {mark.column + 1}" if mark else ""
    return RubricProblem(
        file=name,
        line=line,
        problem_fr=f"la syntaxe YAML est incorrecte{column}",
        mend_fr=mend,
    )


@dataclass
class _Level:
    """A list or a mapping being filled; `key` is the mapping's key that awaits its value."""

    value: list[Value] | dict[str, Value]
    path: FieldPath
    key: str | None = None


@dataclass
class _Builder:
    """Builds the data from the parser's events, without recursion."""

    name: str
    levels: list[_Level] = field(default_factory=list)
    lines: dict[FieldPath, int] = field(default_factory=dict)
    problems: list[RubricProblem] = field(default_factory=list)
    root: Value | None = None
    documents: int = 0

    def take(self, event: yaml.Event) -> None:
        """Raises: `Unreadable` for what no grid needs."""
        line = event.start_mark.line + 1 if event.start_mark else 1
        if isinstance(event, yaml.AliasEvent):
            raise self._refuse(line, "les renvois YAML « *nom » sont refusés", "recopiez le texte")
        if isinstance(event, yaml.NodeEvent):
            self._node(event, line)
        elif isinstance(event, yaml.CollectionEndEvent):
            self.levels.pop()
        elif isinstance(event, yaml.DocumentStartEvent):
            self.documents += 1
            if self.documents > 1:
                mend = "supprimez la ligne « --- » et ce qui la suit"
                raise self._refuse(line, "le fichier contient plusieurs documents", mend)

    def _node(self, event: yaml.NodeEvent, line: int) -> None:
        explicit = getattr(event, "tag", None)
        if explicit is not None and explicit != "!":
            raise self._refuse(line, f"l'étiquette YAML « {explicit} » est refusée", "supprimez-la")
        if isinstance(event, yaml.ScalarEvent):
            self._scalar(event, line)
            return
        if len(self.levels) >= _MAX_DEPTH:
            raise self._refuse(line, "l'imbrication est trop profonde", "vérifiez les retraits")
        container: list[Value] | dict[str, Value]
        container = [] if isinstance(event, yaml.SequenceStartEvent) else {}
        path = self._place(container, line)
        self.levels.append(_Level(container, path))

    def _scalar(self, event: yaml.ScalarEvent, line: int) -> None:
        level = self.levels[-1] if self.levels else None
        if level is None or not isinstance(level.value, dict):
            self._place(event.value, line)
        elif level.key is None:
            self._key(level, event.value, line)
        elif event.implicit[0] and event.value in _EMPTY:
            level.key = None  # an empty value is a key left out
        else:
            self._place(event.value, line)

    def _key(self, level: _Level, key: str, line: int) -> None:
        path = (*level.path, key)
        if path in self.lines:
            first = self.lines[path]
            self.problems.append(
                RubricProblem(
                    file=self.name,
                    line=line,
                    path=path,
                    problem_fr=f"la clé « {key} » est déjà écrite ligne {first}",
                    mend_fr="gardez une seule des deux",
                )
            )
        self.lines[path] = line
        level.key = key

    def _place(self, value: Value, line: int) -> FieldPath:
        """Put a value where it belongs; returns its path."""
        if not self.levels:
            self.root = value
            return ()
        level = self.levels[-1]
        if isinstance(level.value, list):
            path = (*level.path, len(level.value))
            self.lines[path] = line
            level.value.append(value)
            return path
        if level.key is None:
            raise self._refuse(line, "une clé doit être un mot", "retirez les crochets")
        level.value[level.key] = value
        path, level.key = (*level.path, level.key), None
        return path

    def _refuse(self, line: int, problem_fr: str, mend_fr: str) -> Unreadable:
        return Unreadable(
            RubricProblem(file=self.name, line=line, problem_fr=problem_fr, mend_fr=mend_fr)
        )

    def result(self) -> YamlFile:
        """Raises: `Unreadable` when the file is not a mapping."""
        if not isinstance(self.root, dict):
            raise self._refuse(
                1, "le fichier ne contient pas de clés", "écrivez « clé: valeur », une par ligne"
            )
        return YamlFile(self.name, self.root, self.lines, tuple(self.problems))
