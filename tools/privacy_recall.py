"""Measures what the recogniser of personal data finds in documents written apart from it.

python -m tools.privacy_recall prints the table; --markdown docs/confidentialite.md writes it there.
The documents are in `tests/data/privacy`: every person, number and address is invented, and they
were written without looking at the recogniser's lists. Nothing leaves this machine.
"""

import argparse
import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path
from typing import Final

from assistant.domain.dossier import Dossier, DossierFile, FileRole
from assistant.privacy import JudgeView
from ingest.types import Document
from tests import factories

_DATA: Final = Path(__file__).resolve().parent.parent / "tests" / "data" / "privacy"
#: The recogniser was mended after what it missed of the first; the second was never looked at.
SETS: Final = {"planted.txt": "jeu sur lequel il a été corrigé", "held_out.txt": "jeu gardé"}
_START: Final = "<!-- rappel : écrit par tools.privacy_recall, ne pas modifier à la main -->"
_END: Final = "<!-- fin du rappel -->"
_MARK: Final = re.compile(r"\[(\w+)\|((?:[^\[\]]|\[[^\[\]]*\])*)\]")
_TOKEN: Final = re.compile(r"\[[A-Z]+_\d+[A-Z]?\]")
_KINDS: Final = {
    "candidat": "nom du candidat",
    "nom": "autres personnes",
    "courriel": "courriels",
    "telephone": "téléphones",
    "adresse": "adresses postales",
    "compte": "comptes et profils",
    "identifiant": "date de naissance, numéros",
    "declaration": "santé et autres données sensibles",
}


@dataclass
class Page:
    """A document, and what of it is personal: kind and words."""

    identity: str
    lines: list[str] = field(default_factory=list)
    planted: list[tuple[str, str]] = field(default_factory=list)


@dataclass
class Found:
    """What became of the data of one kind. `part`: some of its words stayed readable."""

    planted: int = 0
    part: list[str] = field(default_factory=list)
    missed: list[str] = field(default_factory=list)

    @property
    def hidden(self) -> int:
        return self.planted - len(self.part) - len(self.missed)


@dataclass
class Recall:
    """The measure: by kind, and how many tokens stand for words that are nobody's."""

    documents: int
    kinds: dict[str, Found]
    words_taken: int


def pages(path: Path) -> Iterator[Page]:
    """Each document of the file: « # FOLDER », then lines whose data are marked."""
    page: Page | None = None
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.startswith("# "):
            if page:
                yield page
            page = Page(line.removeprefix("# "))
        elif page:
            page.planted += _MARK.findall(line)
            page.lines.append(_MARK.sub(r"\2", line))
    if page:
        yield page


def measured(name: str) -> Recall:
    """Show each candidate's documents to a judge behind a network, as one dossier, and look."""
    kinds = {kind: Found() for kind in _KINDS}
    taken = count = 0
    for identity, group in groupby(pages(_DATA / name), key=lambda page: page.identity):
        own = list(group)
        count += len(own)
        for page, shown in zip(own, _shown(identity, own), strict=True):
            for kind, words in page.planted:
                _judge(kinds[kind], words, shown)
            taken += max(0, len(_TOKEN.findall(shown)) - _at_most(page))
    return Recall(count, kinds, taken)


def _shown(identity: str, own: list[Page]) -> Iterator[str]:
    documents = [
        factories.document(*page.lines, name=f"piece-{number}.docx")
        for number, page in enumerate(own, start=1)
    ]
    view = JudgeView(_dossier(documents, identity))
    return (view.document(document).text for document in documents)


def _dossier(documents: list[Document], identity: str) -> Dossier:
    files = tuple(
        DossierFile(
            filename=document.filename,
            sha256=document.sha256,
            role=FileRole.DELIVERABLE,
            epreuves=("E1.2",),
        )
        for document in documents
    )
    key = hashlib.sha256(identity.encode()).hexdigest()[:10]
    by_hash = {document.sha256: document for document in documents}
    return Dossier(id=f"D-{key}", files=files, documents=by_hash, identity=(identity,))


def _judge(found: Found, words: str, shown: str) -> None:
    found.planted += 1
    if words in shown:
        found.missed.append(words)
    elif any(re.search(rf"\b{re.escape(word)}\b", shown) for word in _telling(words)):
        found.part.append(words)


def _telling(words: str) -> list[str]:
    """The words of a value that would tell who or where: capitals, or figures."""
    return [w for w in re.findall(r"[\w-]{3,}", words) if w[0].isupper() or w[0].isdigit()]


def _at_most(page: Page) -> int:
    return len(page.planted) - sum(kind == "declaration" for kind, _ in page.planted)


def report() -> str:
    """Markdown: both sets."""
    return "\n\n".join(table(title, measured(name)) for name, title in SETS.items())


def table(title: str, recall: Recall) -> str:
    """Markdown: by kind, then every miss in full."""
    lines = [
        f"**{title.capitalize()}** : {recall.documents} documents.",
        "",
        "| Sorte | Placées | Cachées | En partie | Manquées | Rappel |",
        "| --- | ---: | ---: | ---: | ---: | ---: |",
    ]
    for kind, found in recall.kinds.items():
        share = round(100 * found.hidden / found.planted)
        cells = (found.planted, found.hidden, len(found.part), len(found.missed))
        lines.append(f"| {_KINDS[kind]} | {' | '.join(map(str, cells))} | {share} % |")
    for told, name in (("Manquées", "missed"), ("Cachées en partie", "part")):
        seen = [f"« {value} »" for f in recall.kinds.values() for value in getattr(f, name)]
        lines += ["", f"{told} : {' ; '.join(seen) if seen else 'aucune'}."]
    lines += [
        "",
        f"Jetons mis à la place de mots qui ne désignent personne : {recall.words_taken}.",
    ]
    return "\n".join(lines)


def write(path: Path, text: str) -> None:
    """Put the table in its place of the document."""
    before, rest = path.read_text(encoding="utf-8").split(_START)
    after = rest.split(_END)[1]
    path.write_text(f"{before}{_START}\n\n{text}\n\n{_END}{after}", encoding="utf-8")


def main() -> None:
    """Measure, print or write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--markdown", type=Path)
    asked = parser.parse_args()
    text = report()
    print(text)
    if asked.markdown:
        write(asked.markdown, text)


if __name__ == "__main__":
    main()
