"""The prompts of `prompts/`: one Jinja file per version, never edited once a finding cites it."""

import hashlib
import re
import secrets
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Final, Literal

from jinja2 import StrictUndefined, Template
from jinja2.sandbox import ImmutableSandboxedEnvironment

from assistant.domain.picture import Picture
from assistant.errors import UnknownPrompt
from assistant.ports import Message, Prompt
from assistant.prompting.fence import fence_marker
from ingest.types import Frozen

_SUFFIX: Final = ".jinja"
_PROMPT_ID: Final = re.compile(r"[a-z0-9_]+\.v[0-9]+")

#: The blocks a template may define, in the order they are sent. What changes least comes first,
#: so that a provider's prefix cache serves the instructions and the document again for each
#: criterion.
_BLOCKS: Final[Mapping[str, Literal["system", "user"]]] = {
    "system": "system",
    "documents": "user",
    "criterion": "user",
}


class _Loaded(Frozen):
    text: str
    sha256: str


class PromptLibrary:
    """Renders the templates of one folder, `criterion_review.v1` being `criterion_review.v1.jinja`.

    Templates run in a sandbox and a missing value is an error, never an empty string. `salt`
    makes the documents' fence unguessable (see `fence_marker`); without one, a new salt is drawn
    for the life of this object.
    """

    def __init__(self, folder: Path, *, salt: bytes | None = None) -> None:
        self._folder = folder
        self._salt = salt or secrets.token_bytes(32)
        # The output is a prompt, not a page: nothing to escape, and `<` must stay `<`.
        self._environment = ImmutableSandboxedEnvironment(
            undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True, autoescape=False
        )
        self._compiled: dict[str, Template] = {}
        self._read: dict[str, tuple[tuple[int, int, int], _Loaded]] = {}

    @cached_property
    def ids(self) -> tuple[str, ...]:
        """The ids of the folder's prompts, sorted."""
        return tuple(sorted(path.name.removesuffix(_SUFFIX) for path in self._files()))

    def template_hash(self, prompt_id: str) -> str:
        """SHA-256 of the template's text. Raises: `UnknownPrompt`."""
        return self._load(prompt_id).sha256

    def render(
        self, prompt_id: str, /, pictures: tuple[Picture, ...] = (), **values: object
    ) -> Prompt:
        """Fill a template in; each of its blocks becomes a message, the last one with pictures.

        Raises: `UnknownPrompt`; `jinja2.UndefinedError` when the template asks for a value that
        was not given, which is a fault of ours.
        """
        loaded = self._load(prompt_id)
        template = self._template(loaded)
        *first, last = [
            Message(role=role, text=_block(template, name, values))
            for name, role in _BLOCKS.items()
            if name in template.blocks
        ]
        shown = last.model_copy(update={"pictures": pictures})
        return Prompt(id=prompt_id, template_hash=loaded.sha256, messages=(*first, shown))

    def _template(self, loaded: _Loaded) -> Template:
        """Compiled once: that takes ten times as long as filling the template in."""
        template = self._compiled.get(loaded.sha256)
        if template is None:
            template = self._environment.from_string(loaded.text)
            self._compiled[loaded.sha256] = template
        return template

    def marker(self, *texts: str) -> str:
        """The fence of these documents: stable for the same texts, absent from all of them."""
        return fence_marker(self._salt, texts)

    def _load(self, prompt_id: str) -> _Loaded:
        """Read again only when the file has changed: each criterion asks for it several times."""
        path = self._folder / f"{prompt_id}{_SUFFIX}"
        if not _PROMPT_ID.fullmatch(prompt_id) or not path.is_file():
            raise UnknownPrompt(
                f"no prompt {prompt_id!r}", prompt=prompt_id, known=", ".join(self.ids) or "aucune"
            )
        found = path.stat()
        state = (found.st_mtime_ns, found.st_size, found.st_ino)
        known, loaded = self._read.get(prompt_id, (None, None))
        if loaded is None or known != state:
            # Read as text: line endings, which a checkout may change, are not part of the prompt.
            text = path.read_text(encoding="utf-8")
            loaded = _Loaded(text=text, sha256=hashlib.sha256(text.encode()).hexdigest())
            self._read[prompt_id] = (state, loaded)
        return loaded

    def _files(self) -> list[Path]:
        return list(self._folder.glob(f"*{_SUFFIX}")) if self._folder.is_dir() else []


def _block(template: Template, name: str, values: Mapping[str, object]) -> str:
    context = template.new_context(dict(values))
    return "".join(template.blocks[name](context)).strip()
