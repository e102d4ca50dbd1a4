"""Everything that names somebody in a dossier, gathered into one table of pseudonyms."""

import re
from collections.abc import Iterable, Iterator, Sequence, Set
from pathlib import PurePath
from typing import Final

from assistant.domain.dossier import Dossier, FileRole
from assistant.domain.french import fold_accents
from assistant.privacy.contacts import Kind, contacts
from assistant.privacy.people import (
    PersonName,
    company_words,
    first_names,
    names_in_label,
    people,
)
from assistant.privacy.table import Named, Pseudonyms
from ingest.types import Document

#: Names of the properties that hold a person, as the readers of `ingest.formats` call them.
AUTHORS: Final = (
    "auteur",
    "dernière modification par",
    "responsable",
    "manager",
    "author",
    "creator",
    "expéditeur",
    "destinataire",
    "de",
    "à",
    "cc",
)
_PARTICLES: Final = frozenset(
    "de la le les du des da dos das do di del van der den von ben el al".split()
)
_SHORTEST_HANDLE: Final = 4
_INITIALS: Final = 3
_HANDLE: Final = re.compile(r"(?<![\w.])@[\w.]{3,40}|(?<!\w)#\w{3,60}")
_ADDRESS_PATH: Final = re.compile(r"(?:https?://|www\.)[^\s|<>«»\"')\]]+", re.IGNORECASE)
_CANDIDATE: Final = "0"


def pseudonyms_of(dossier: Dossier) -> Pseudonyms:
    """The table of a dossier: the same files under the same names give the same tokens.

    Every file counts, the brief and those of other épreuves included: what one names is hidden in
    all of them.
    """
    documents = tuple(dossier.documents.values())
    texts = tuple(text for document in documents for text in _texts(document))
    named = [
        *_files(dossier),
        *_people(dossier, documents, texts),
        *_contacts(texts),
    ]
    named += _accounts(texts, named)
    return Pseudonyms(named, (*_filenames(dossier), *texts))


def _filenames(dossier: Dossier) -> Iterator[str]:
    yield from (file.filename for file in dossier.files)
    yield from (failure.filename for failure in dossier.failures)


def _texts(document: Document) -> Iterator[str]:
    yield document.text
    yield from dict.fromkeys(block.locator.sheet or "" for block in document.blocks)


def _files(dossier: Dossier) -> Iterator[Named]:
    for filename in _filenames(dossier):
        for name in dict.fromkeys((filename, PurePath(filename).name)):
            yield Named(Kind.FILE, filename, name, loose=True)
            stem = PurePath(name).stem
            if "_" in stem:  # « charte » or « plan de communication » are words of the text
                yield Named(Kind.FILE, filename, stem, loose=True)


def _contacts(texts: Iterable[str]) -> Iterator[Named]:
    for text in texts:
        for start, end, kind in contacts(text):
            words = text[start:end].strip(" .,;\n")
            yield Named(kind, fold_accents(words), words, loose=True)


def _people(
    dossier: Dossier, documents: Sequence[Document], texts: Iterable[str]
) -> Iterator[Named]:
    own = own_words(dossier)
    if len(own) > 1:
        for order in _orders(own):
            yield Named(Kind.PERSON, _CANDIDATE, order, loose=True)
    for word in own:
        if fold_accents(word) not in _PARTICLES:
            yield Named(Kind.PERSON, _CANDIDATE, word, loose=False)
    groups: dict[str, str] = {fold_accents(word): _CANDIDATE for word in (*own, *_initials(own))}
    found = [
        *_authors(documents, _brief(dossier)),
        *(name for text in texts for name in people(text)),
    ]
    # Full names first: « Agathe » then joins « Agathe Brun ».
    companies = {word for text in texts for word in company_words(text)}
    for name in sorted(dict.fromkeys(found), key=lambda n: -len(n.text.split())):
        yield from _person(name, groups, companies)


def _person(name: PersonName, groups: dict[str, str], companies: Set[str]) -> Iterator[Named]:
    """The name whole, then each of its words alone, but those that also name a company.

    « Orsel & Fille » stays readable, and « Ambre Orsel » does not.
    """
    parts = [p for p in re.findall(r"[^\W\d_]+(?:[-‑'’][^\W\d_]+)*", name.text) if p]
    keys = [fold_accents(p) for p in parts if fold_accents(p) not in _PARTICLES and len(p) > 1]
    if not keys:
        return
    group = groups.get(keys[-1]) or groups.get(keys[0]) or fold_accents(name.text)
    if name.titled and keys[-1] in companies:
        yield Named(Kind.PERSON, group, name.titled, loose=True)
    if len(keys) == 1 and keys[0] in companies:
        return
    yield Named(Kind.PERSON, group, name.text, loose=len(parts) > 1 and name.certain)
    if len(parts) > 1:
        yield Named(Kind.PERSON, group, " ".join(reversed(parts)), loose=False)
    for part, key in zip(parts, map(fold_accents, parts), strict=True):
        if key in _PARTICLES or len(key) < 3:
            continue
        groups.setdefault(key, group)
        if name.certain and key not in first_names().ordinary_surnames | companies:
            yield Named(Kind.PERSON, groups[key], part, loose=False)


def own_words(dossier: Dossier) -> list[str]:
    """The words of the candidate's name: the folder's, then those that file names bear out."""
    documents = tuple(dossier.documents.values())
    said = [word for label in dossier.identity for word in names_in_label(label)]
    known = {fold_accents(word) for word in said}
    shared = _shared_by_files(dossier)
    authors = [fold_accents(w) for name in _authors(documents, "") for w in name.text.split()]
    for word in shared:
        key = fold_accents(word)
        if key not in known and (key in authors or len(shared) == 1):
            said.append(word)
            known.add(key)
    return list(dict.fromkeys(said))


def _initials(words: Sequence[str]) -> Iterator[str]:
    """« JB » for Jean Baptiste, « CL » and « LC » for Camille Leroy."""
    for first, second in zip(words, words[1:], strict=False):
        yield first[0] + second[0]
        yield second[0] + first[0]


def _orders(words: Sequence[str]) -> Iterator[str]:
    """The name with its words in any turn: « DA SILVA Rui », « Rui DA SILVA »."""
    for first in range(len(words)):
        yield " ".join([*words[first:], *words[:first]])
    yield " ".join(reversed(words))


def _shared_by_files(dossier: Dossier) -> list[str]:
    """Words that may name a person, in capitals in the names of the deliverables."""
    names = [PurePath(file.filename).stem for file in dossier.files if file.epreuves]
    words = [{w for w in names_in_label(name) if w.isupper() and len(w) >= 4} for name in names]
    found = set.union(*words) if words else set()
    return sorted(w for w in found if sum(w in own for own in words) >= min(2, len(words)))


def _authors(documents: Iterable[Document], brief: str) -> Iterator[PersonName]:
    """Who the properties of the files name, when it looks like a person and not the client."""
    for document in documents:
        for name, value in document.metadata.items():
            words = names_in_label(value) if name.casefold() in AUTHORS else []
            if not 1 <= len(words) <= 5 or re.search(r"[\d&@]", value):
                continue
            known = any(first_names().knows(word) for word in words)
            if len(words) == 1 and not known and len(words[0]) > _INITIALS:
                continue  # a company, or a word that the candidate's name has already
            if known or not all(fold_accents(word) in brief for word in words):
                yield PersonName(text=" ".join(words), certain=True)


def _brief(dossier: Dossier) -> str:
    return fold_accents(" ".join(d.text for d in dossier.with_role(FileRole.BRIEF)))


def _accounts(texts: Iterable[str], named: Sequence[Named]) -> list[Named]:
    """Handles, hashtags and addresses that hold the name of somebody in the table."""
    parts = {_letters(item.words) for item in named if _tells_in_an_account(item)}
    parts = {
        part for part in parts if len(part) >= _SHORTEST_HANDLE
    } - first_names().ordinary_surnames
    accounts: list[Named] = []
    for text in texts:
        for pattern in (_HANDLE, _ADDRESS_PATH):
            for match in pattern.finditer(text):
                words = match.group().rstrip(".,;:")
                letters = _letters(words)
                if any(part in letters for part in parts):
                    accounts.append(Named(Kind.ACCOUNT, fold_accents(words), words, loose=True))
    return accounts


def _tells_in_an_account(item: Named) -> bool:
    """Each of the candidate's names; of somebody else, first name and surname together."""
    if item.kind is not Kind.PERSON:
        return False
    return item.group == _CANDIDATE or len(re.findall(r"[^\W\d_]{2,}", item.words)) > 1


def _letters(words: str) -> str:
    return re.sub(r"[^a-z]", "", fold_accents(words))
