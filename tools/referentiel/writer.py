"""Writes YAML that a person reads and edits: folded long texts, short values on one line."""

from collections.abc import Mapping
from typing import Final

import yaml

_LONG: Final = 72  # characters: a longer text is folded over several lines
_WIDTH: Final = 84  # columns: a line breaks at the first space after this one
_WORD: Final = 45  # characters: a list of texts up to this length each is written in brackets
_SMALL: Final = 70  # characters: a mapping whose values fit is written in braces

#: A safe loader: the C one where PyYAML has it, for speed.
_Loader: Final = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

#: Mappings with one of these keys hold sentences: one key a line, whatever their length.
_SENTENCES: Final = frozenset({"texte", "verifie", "regle", "titre"})


class _GridDumper(yaml.SafeDumper):
    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        """Indent list items under their key, which PyYAML does not by default."""
        super().increase_indent(flow, False)

    def ignore_aliases(self, data: object) -> bool:
        """Write everything in full: an alias would be refused by the loader."""
        return True


def _string(dumper: _GridDumper, text: str) -> yaml.ScalarNode:
    style = None
    if "\n" in text and max(map(len, text.splitlines())) <= _WIDTH:
        style = "|"
    elif len(text) > _LONG or "\n" in text:
        style = ">"
    elif _must_be_quoted(text):
        style = '"'
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


def _must_be_quoted(text: str) -> bool:
    """Whether a plain text would be read back as something else, or not at all."""
    try:
        return bool(yaml.load(f"- {text}", Loader=_Loader) != [text])
    except yaml.YAMLError:
        return True


def _sequence(dumper: _GridDumper, items: list[object]) -> yaml.SequenceNode:
    return dumper.represent_sequence("tag:yaml.org,2002:seq", items, flow_style=_are_words(items))


def _mapping(dumper: _GridDumper, tree: dict[str, object]) -> yaml.MappingNode:
    values = tree.values()
    small = all(_is_small(value) for value in values) and not _SENTENCES & set(tree)
    length = sum(len(str(value)) for value in values) + sum(map(len, tree))
    return dumper.represent_mapping(
        "tag:yaml.org,2002:map", tree, flow_style=small and length <= _SMALL
    )


def _is_small(value: object) -> bool:
    if isinstance(value, list):
        return _are_words(value)
    return isinstance(value, int | float) or (isinstance(value, str) and _is_word(value))


def _are_words(items: list[object]) -> bool:
    return bool(items) and all(isinstance(item, str) and _is_word(item) for item in items)


def _is_word(text: str) -> bool:
    return len(text) <= _WORD and not set(text) & set(',:#"[]{}')


_GridDumper.add_representer(str, _string)
_GridDumper.add_representer(list, _sequence)
_GridDumper.add_representer(dict, _mapping)


def to_yaml(tree: Mapping[str, object], heading: str, notes: Mapping[str, str]) -> str:
    """The file's text: a comment, then each key in the tree's order under its own comment."""
    parts = [_comment(heading)]
    for key, value in tree.items():
        note = f"\n{_comment(notes[key])}" if key in notes else ""
        parts.append(note + _dump({key: value}))
    return parts[0] + "\n" + "".join(parts[1:])


def _dump(tree: Mapping[str, object]) -> str:
    text: str = yaml.dump(
        _OneKey(tree), Dumper=_GridDumper, allow_unicode=True, sort_keys=False, width=_WIDTH
    )
    return text


def _comment(text: str) -> str:
    return "".join(f"# {line}".rstrip() + "\n" for line in text.splitlines())


class _OneKey(dict[str, object]):
    """A top-level key with its value: always on lines of its own."""


_GridDumper.add_representer(
    _OneKey,
    lambda dumper, tree: dumper.represent_mapping("tag:yaml.org,2002:map", tree, flow_style=False),
)
