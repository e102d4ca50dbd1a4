"""Finds who is named in a text: by the manifest, a title, a label, a first name.

No model is involved: a list of first names, the ways French has of introducing a person, and the
names that the dossier itself gives (folder, properties of the files). It misses names that
nothing introduces and whose first name it does not know; `docs/confidentialite.md` says how many.
"""

import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Final

import yaml
from spellchecker import SpellChecker

from assistant.domain.french import fold_accents
from ingest.types import Frozen

NAMES_FILE: Final = Path(__file__).with_name("names.v1.yaml")

_CAPITAL: Final = "A-ZÀ-ÖØ-ÝĆČĐĞİŁŃŇŐŘŚŞŠŤŪŮŹŻŽ"
_CAP: Final = rf"[{_CAPITAL}](?:(?![{_CAPITAL}])[^\W\d_])+"
_UPPER: Final = rf"[{_CAPITAL}]{{2,}}"
_WORD: Final = (
    rf"(?:(?:[DdLOM]['’])?(?:(?:Mc|Mac|De|Di|Da|Le|La|Ben|Fitz)?{_CAP}|{_UPPER})"
    rf"(?:[-‑](?:{_CAP}|{_UPPER}))*)"
)
_PARTICLE: Final = (
    r"(?:(?:de la|de|du|des|da|dos|das|do|di|del|della|van der|van den|van|von|ben|ibn|el|al|bin|"
    r"le|la|ter|ten|y|e|DE LA|DE|DU|DES|DA|DOS|VAN|VON|BEN|EL|AL|LE|LA)[ -]|d['’]|D['’])"
)
_SURNAME: Final = rf"(?:{_PARTICLE}?{_WORD})"
_INITIAL: Final = r"(?:[A-ZÀ-Ý]\.?(?:[ -]?[A-ZÀ-Ý]\.?)?)"
_GAP: Final = " "  # a line break parts two blocks: never the two halves of a name

_FULL: Final = re.compile(
    rf"(?<![\w@#'’-])(?P<first>{_WORD})(?P<rest>(?:{_GAP}{_SURNAME}){{1,4}})(?![\w@])"
)
_PAIR: Final = re.compile(
    rf"(?<![\w@#'’-])(?P<first>{_CAP}) (?P<last>(?:{_CAP}|{_UPPER})(?:-{_CAP})?)(?![\w@-])"
)
_ALONE: Final = re.compile(rf"(?<![\w@#-]){_WORD}(?:{_GAP}[A-ZÀ-Ý]\.(?!\w))?(?![\w@])")
_TITLE: Final = re.compile(
    r"(?<!\w)(?:MM?\.|Mmes?|Mlles?|Mme\.|Mr\.?|Mrs\.?|[Mm]onsieur|[Mm]adame|[Mm]ademoiselle|Messieurs|Mesdames|Dr\.?|"
    r"[Dd]octeur|[Dd]octeure|Maître|Me|Pr\.?|Professeur|Professeure)"
    rf"{_GAP}(?:l[ea] (?:maire|députée?|présidente?|direct(?:eur|rice)|ministre){_GAP})?"
    rf"(?P<name>(?:{_INITIAL}{_GAP})?{_SURNAME}(?:{_GAP}{_SURNAME}){{0,3}})(?!\w)"
)
_DONE: Final = (
    r"(?:rédigée?|réalisée?|présentée?|préparée?|écrite?|proposée?|validée?|relue?|établie?|soumise?|"
    r"remise?|signée?|élaborée?|conçue?)"
)
_ROLE: Final = (
    rf"noms? et prénoms?|prénoms? et noms?|nom(?: de famille| d['’]usage| de naissance)?|"
    rf"prénoms?|identité|candidate?|candidat\(e\)|auteure?|autrice|auteur\(e\)|étudiante?|"
    rf"stagiaire|apprenante?|alternante?|(?:document |dossier |rapport )?{_DONE} par|par|"
    rf"contact(?: client)?|interlocut(?:eur|rice)|référente?|responsable[\w '’]{{0,40}}|"
    rf"dirigeante?|gérante?|direct(?:eur|rice)[\w '’]{{0,40}}|présidente?[\w '’]{{0,40}}|"
    rf"(?:co-?)?fondat(?:eur|rice)|tut(?:eur|rice)|maître d['’]apprentissage|"
    rf"maître de stage|format(?:eur|rice)|community[ -]manager|"
    rf"cheffe? de projet[\w '’]{{0,30}}|graphiste|photographe|vidéaste|mont(?:eur|euse)|"
    rf"comptable|commanditaire|signataire|signature|signé|de|à|cc|pour|from|to|"
    rf"expédit(?:eur|rice)|destinataires?|commerciale?|gestionnaire|salariée?|"
    rf"évaluat(?:eur|rice)|jury|influenceu(?:r|se)|journaliste|cliente?|tél(?:éphone)? de|"
    rf"titulaire"
)
_LABELLED: Final = re.compile(
    rf"(?:^|(?<=[\n|.;(–—•]))[ \t]*(?i:{_ROLE}) ?(?:[:|–—]|(?<=par)) ?\n?"
    rf"(?P<name>{_SURNAME}(?:{_GAP}{_SURNAME}){{0,3}})(?!\w)",
    re.MULTILINE,
)
_BY: Final = re.compile(
    rf"(?i:\b(?:{_DONE}|rencontré|interviewé|appelé|merci à|remercie|"
    rf"(?:entretien|échange|rendez-vous|appel) avec|interview de|je m['’]appelle|je me nomme|"
    rf"mon nom est|"
    rf"je soussignée?|je suis)(?: par)?),? (?P<name>{_SURNAME}(?:{_GAP}{_SURNAME}){{1,3}})(?!\w)",
)
_ORGANISATION_BEFORE: Final = re.compile(
    r"(?:\b(?:rue|avenue|boulevard|place|quai|école|collège|lycée|université|hôpital|clinique|"
    r"boulangerie|pâtisserie|maison|chez|café|restaurant|bistrot|brasserie|hôtel|salon|institut|"
    r"fondation|groupe|cabinet|agence|société|entreprise|librairie|pharmacie|garage|domaine|"
    r"château|festival|prix|stade|gare|théâtre|cinéma|musée|galerie|atelier|ateliers|studio|marque|"
    r"magasin|boutique|enseigne|parc|ferme|camping|fromagerie|épicerie|cave|caves|laboratoires?|"
    r"éditions|éditeur|magazine|journal|site|blog|application|outil|logiciel|jeu|roman|film|série|"
    r"livre|saint|sainte|st|ste|loi|plan|mode|sur|via)[ -]|[@#&]|& )$",
    re.IGNORECASE,
)
_ORGANISATION_AFTER: Final = re.compile(
    r"^(?:(?: et|,) (?:fils|filles?|frères|sœurs|compagnie|associés|cie)\b| ?& ?(?:\w+)|"
    r" (?:Conseil|Consulting|Studio|Agence|SARL|SAS|SASU|EURL|SA|SCOP|Coiffure|Traiteur|Immobilier|"
    r"Formation|Communication|Design|Beauté|Cosmetics?|Cosmétiques|Paris|Digital|Média|Media|"
    r"Group|Groupe|France|Immo|Auto|Sport|Bio|Nature|Vins|Fleurs)\b)"
)
_THING_BEFORE: Final = re.compile(
    r"(?<!\w)(?:les?|la|l['’]|du|des|une?|au|aux|ce|cette|campagne|offre|opération|gamme|produit|"
    r"projet|événement|salon|label|hashtag|compte|page|chaîne|série|concours|format|rubrique)"
    r" ?[«“\"]? ?$",
    re.IGNORECASE,
)
_ACRONYM: Final = 4
_COMPANY: Final = re.compile(
    rf"(?<!\w)(?P<name>{_WORD} ?(?:&|(?=et (?:[Ff]ils|[Ff]ille|[Cc]ie|[Aa]ssociés)\b)))"
    rf"|(?:[Bb]oulangerie|[Mm]aison|[Cc]hez|[Cc]afé|[Rr]estaurant|[Hh]ôtel|[Gg]roupe|[Cc]abinet|[Aa]gence|"
    rf"[Ss]ociété|[Ll]ibrairie|[Gg]arage|[Dd]omaine|[Ll]aboratoires?|[Éé]ditions|[Aa]telier|[Ss]tudio|"
    rf"[Ff]ondation|[Ii]nstitut|[Ss]alon) (?P<named>{_WORD}(?: {_WORD})?)"
)
_PARTICLES: Final = frozenset(
    "de la le les du des da dos das do di del della van der den von ben ibn el al bin d l".split()
)
_TITLES_OF: Final = frozenset("le la les l maire president ministre directeur directrice".split())


class PersonName(Frozen):
    """One way a text names somebody. `certain`: its words taken alone name them too.

    `titled` is the name after its title (« Mme Orsel »), when it has one.
    """

    text: str
    certain: bool = False
    titled: str = ""


class FirstNames:
    """The list of first names. A word that is also ordinary is not one when it stands alone."""

    def __init__(self, data: Mapping[str, str]) -> None:
        self._names = frozenset(data["first_names"].split())
        self._ordinary = frozenset(data["common_words"].split())
        self.document_words = frozenset(data["document_words"].split())
        self.ordinary_surnames = frozenset(data["ordinary_surnames"].split())

    def knows(self, word: str) -> bool:
        """Whether each part of a word is a first name (« Jean-Baptiste »)."""
        parts = [part for part in re.split(r"[-‑]", fold_accents(word)) if part]
        return bool(parts) and all(part in self._names for part in parts)

    def knows_alone(self, word: str) -> bool:
        """Whether a word that nothing introduces is a first name and nothing else."""
        parts = re.split(r"[-‑]", fold_accents(word))
        return self.knows(word) and (len(parts) > 1 or parts[0] not in self._ordinary)


@cache
def first_names() -> FirstNames:
    """The list of this version."""
    return FirstNames(yaml.safe_load(NAMES_FILE.read_text(encoding="utf-8")))


def people(text: str) -> Iterator[PersonName]:
    """Every naming of a person in a text, repeats included."""
    names = first_names()
    yield from _titled(text)
    yield from _introduced(text)
    yield from _full_names(text, names)
    yield from _strange_pairs(text)
    for match in _ALONE.finditer(text):
        word = match.group().split()[0]
        if names.knows_alone(word) and not _is_an_organisation(text, *match.span()):
            yield PersonName(text=match.group())
        elif names.knows(word) and " " in match.group():  # « Rose P. »
            yield PersonName(text=match.group())


def _titled(text: str) -> Iterator[PersonName]:
    for match in _TITLE.finditer(text):
        words = _kept(match.group("name"))
        if words and fold_accents(words.split()[0]) not in _TITLES_OF:
            title = text[match.start() : match.start("name")]
            yield PersonName(text=words, certain=True, titled=f"{title}{words}")


def _introduced(text: str) -> Iterator[PersonName]:
    """After a label: a first name that is known, or two capitalised words at least."""
    names = first_names()
    for pattern in (_LABELLED, _BY):
        for match in pattern.finditer(text):
            found = match.group("name")
            if not found[0].isupper() and not found.split()[-1][0].isupper():
                continue
            words = _kept(found)
            several = len([w for w in words.split() if w[0].isupper()]) >= 2
            if not words or _is_an_organisation(text, match.start("name"), match.end("name")):
                continue
            label = fold_accents(text[match.start() : match.start("name")])
            if several and _looks_like_a_person(words, names, label) or _is_a_form(text, match):
                yield PersonName(text=words, certain=True)


def _is_a_form(text: str, match: re.Match[str]) -> bool:
    """Whether the label is that of an identity form: « Prénom : », or « Nom : » beside it."""
    label = fold_accents(text[match.start() : match.start("name")])
    around = fold_accents(text[max(0, match.start() - 60) : match.end() + 60])
    return ":" in label and re.search(r"\bnom|prenom", label) is not None and "prenom" in around


def _looks_like_a_person(words: str, names: FirstNames, label: str) -> bool:
    parts = words.split()
    if any(names.knows(part) for part in parts):
        return True
    strong = re.search(
        r"candidat|auteur|autrice|redige|realise|presente|prepare|signe|tut(?:eur|rice)|dirigeant|"
        r"gerant|directeur|directrice|president|fondat|appelle|soussigne|contact|interlocut|format",
        label,
    )
    return strong is not None and len(parts) <= 3


def _full_names(text: str, names: FirstNames) -> Iterator[PersonName]:
    for start, end in _runs(text, names):
        if _is_an_organisation(text, start, end):
            continue
        yield PersonName(text=text[start:end], certain=True)


def _strange_pairs(text: str) -> Iterator[PersonName]:
    """Two capitalised words in a row that no French dictionary holds: « Ewa Kowalska ».

    Unless one place of the text treats them as a thing (« la campagne Early Bird »). Some are
    products or places all the same: they are hidden too, and given back with the answer.
    """
    found = [m for m in _PAIR.finditer(text) if _is_strange(m["first"]) and _is_strange(m["last"])]
    things = {m.group() for m in found if _is_a_thing(text, *m.span())}
    yield from (PersonName(text=m.group()) for m in found if m.group() not in things)


def _is_a_thing(text: str, start: int, end: int) -> bool:
    introduced = _THING_BEFORE.search(text[max(0, start - 20) : start])
    return introduced is not None or _is_an_organisation(text, start, end)


def _is_strange(word: str) -> bool:
    acronym = word.isupper() and len(word) <= _ACRONYM
    known = word.lower() in _dictionary() or fold_accents(word) in _dictionary()
    return not acronym and not known and _may_be_a_name(word)


@cache
def _dictionary() -> SpellChecker:
    """The French word list of pyspellchecker, read once."""
    return SpellChecker(language="fr", distance=1)


def _runs(text: str, names: FirstNames) -> Iterator[tuple[int, int]]:
    """Ranges of a known first name and the surname that follows it, or comes first in capitals."""
    for match in _FULL.finditer(text):
        words = [(m.group(), m.start(), m.end()) for m in re.finditer(r"[^\s]+", match.group())]
        base = match.start()
        known = [index for index, (word, _, _) in enumerate(words) if names.knows(word)]
        if not known:
            continue
        first = known[0]
        low = first
        while low > 0 and words[low - 1][0].isupper() and _may_be_a_name(words[low - 1][0]):
            low -= 1
        high = first + 1
        while high < len(words) and _continues(words, high, names):
            high += 1
        while high > first + 1 and fold_accents(words[high - 1][0]).strip("'’") in _PARTICLES:
            high -= 1
        if high - low >= 2:
            yield base + words[low][1], base + words[high - 1][2]


def _continues(words: list[tuple[str, int, int]], index: int, names: FirstNames) -> bool:
    word = words[index][0]
    if fold_accents(word) in _PARTICLES and not word[0].isupper():
        return index + 1 < len(words) and _may_be_a_name(words[index + 1][0])
    return _may_be_a_name(word)


def _may_be_a_name(word: str) -> bool:
    parts = [part for part in re.split(r"[-‑'’]", fold_accents(word)) if part]
    return bool(parts) and not all(part in first_names().document_words for part in parts)


def _kept(found: str) -> str:
    """The words before the first that is no part of a name."""
    kept: list[str] = []
    for word in found.split():
        if fold_accents(word) not in _PARTICLES and not _may_be_a_name(word):
            break
        if not word[0].isupper() and fold_accents(word).split("'")[0] not in _PARTICLES:
            break
        kept.append(word)
    while kept and fold_accents(kept[-1]) in _PARTICLES:
        kept.pop()
    return " ".join(kept)


def _is_an_organisation(text: str, start: int, end: int) -> bool:
    before, after = text[max(0, start - 20) : start], text[end : end + 20]
    return bool(_ORGANISATION_BEFORE.search(before) or _ORGANISATION_AFTER.match(after))


def company_words(text: str) -> Iterator[str]:
    """Folded words that a company's name holds: « Orsel & Fille », « Boulangerie Martin »."""
    for match in _COMPANY.finditer(text):
        for word in re.findall(r"[^\W\d_]{3,}", match.group("name") or match.group("named")):
            if word[0].isupper():
                yield fold_accents(word)


def names_in_label(label: str) -> list[str]:
    """The words of a person's name in a folder or file name: « cand-001_LEROY-Camille ».

    Capitalised words that are no document's vocabulary; in a label all in lower case, the words
    that go with a known first name. Particles are kept: « DA-SILVA-Rui » is « DA », « SILVA »,
    « Rui ».
    """
    names = first_names()
    words = [w for w in re.split(r"[^\w'’]+|_|\d+", label) if w and not w.isdigit()]
    words = [w for w in words if _may_be_a_name(w) or fold_accents(w) in _PARTICLES]
    if any(w[0].isupper() for w in words):
        chosen = [w for w in words if w[0].isupper()]
    elif any(names.knows(w) for w in words):
        chosen = words
    else:
        chosen = []
    return [w for w in chosen if len(w) >= 2]
