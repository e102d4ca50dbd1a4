"""What reaches a person: e-mail and postal addresses, telephone numbers, accounts, identifiers."""

import re
from collections.abc import Iterator
from enum import StrEnum
from typing import Final, NamedTuple

import phonenumbers


class Kind(StrEnum):
    """What a token stands for; the word that tokens carry."""

    PERSON = "PERSONNE"
    EMAIL = "COURRIEL"
    PHONE = "TELEPHONE"
    ADDRESS = "ADRESSE"
    ACCOUNT = "COMPTE"
    IDENTIFIER = "IDENTIFIANT"
    FILE = "FICHIER"


class Contact(NamedTuple):
    """A half-open range of a text that holds such a thing."""

    start: int
    end: int
    kind: Kind


_AT: Final = r"(?:@|\s?[\[({]\s?(?:at|arobase|@)\s?[\])}]\s?|\sarobase\s)"
_DOT: Final = r"(?:\.|\s?[\[({]\s?(?:dot|point)\s?[\])}]\s?)"
_EMAIL: Final = re.compile(
    rf"(?<![\w.+-])[\w.+'-]{{1,64}}{_AT}(?:[\w-]{{1,63}}{_DOT}){{1,5}}[^\W\d_]{{2,24}}(?!\w)",
    re.IGNORECASE,
)
#: A profile of a person rather than a page of a company.
_PROFILE: Final = re.compile(
    r"(?:https?://)?(?:[\w-]+\.)*(?:linkedin\.com/in/|facebook\.com/(?:profile\.php\?id=|people/)"
    r"|fr\.linkedin\.com/in/|viadeo\.[a-z.]+/(?:fr/)?profile/|xing\.com/profile/|wa\.me/|t\.me/"
    r"|skype:|discord(?:app)?\.com/users/)[^\s|<>«»\"')\]]+",
    re.IGNORECASE,
)
_STREET: Final = (
    r"(?i:rue|avenue|av\.?|boulevard|bd\.?|blvd|place|chemin|allées?|impasse|quai|cours|route|"
    r"square|passage|ruelle|sentier|faubourg|fbg|lotissement|résidence|hameau|lieu[- ]dit|"
    r"esplanade|villa|voie|montée|rond-point|promenade|venelle|cité|clos|traverse|rte|imp\.?)"
)
_TOWN: Final = (
    r"(?:F-)?\d{5},? ?[A-ZÀ-Ý][\w'’-]*"
    r"(?:[ -](?:[A-ZÀ-Ý][\w'’-]*|de|du|la|le|les|des|en|sur|sous|lès|d['’]\w+)){0,6}"
)
_ADDRESS: Final = re.compile(
    rf"(?<![\w.,])\d{{1,4}}(?: ?(?:bis|ter|quater|[A-D]))?,? {_STREET} [^\n|;:()«»]{{2,60}}?"
    rf"(?:,?[ \n|–-]+{_TOWN}|(?=[\n|;:()«»]|\.(?:\s|$)|, (?!\d{{5}})| – |$))"
    r"|\bBP \d{1,6}\b(?:,? \d{5} [A-ZÀ-Ý][\w'’ -]+)?"
    r"|(?<!\w)(?i:lieu[- ]dit|résidence|hameau|lotissement|domaine|Z\.?A\.?C?\.?|zone artisanale)"
    rf" [^\n|;:()«»]{{2,60}}?,?[ \n]{_TOWN}"
)
#: An account or a page that its owner calls theirs: the client's own stay readable.
_OWN: Final = re.compile(
    r"\b(?:mon|ma|mes)\s(?:\w+\s){0,2}?(?:comptes?|profils?|blog|site|portfolio|pseudo|chaîne|page|"
    r"travail|travaux|parcours|insta(?:gram)?|tiktok|linkedin|twitter)\b[^\n|.]{0,30}?\s"
    r"(?P<value>@[\w.]{2,}\w|(?:https?://)?[a-z0-9-]+(?:\.[a-z0-9-]+)+(?:/[^\s|,;)»]*[\w/])?)",
    re.IGNORECASE,
)
#: Social security number, bank account, and what a label calls a number or a date of birth.
_IDENTIFIER: Final = re.compile(
    r"(?<!\d)[12] ?\d{2} ?(?:0[1-9]|1[0-2]|[2-9]\d) ?(?:\d{2}|2[AB]) ?\d{3} ?\d{3}(?: ?\d{2})?"
    r"(?!\d)"
    r"|\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){3,7}(?: ?[A-Z0-9]{1,3})?\b"
)
_LABELLED: Final = re.compile(
    r"\b(?:n(?:°|º|uméro|o)\.? ?(?:de |d['’])?(?:candidate?|dossier candidat|stagiaire|étudiante?|"
    r"sécurité sociale|INE|allocataire|identifiant pôle emploi)|INE|NIR|identifiant (?:candidat|"
    r"stagiaire|étudiant)|inscrite? sous le (?:numéro|n°)|siret?n?\b[^\n\d|]{0,30})"
    r"\s*[:|–-]?\s*(?P<value>[A-Z0-9][A-Z0-9./-]{3,24}(?: \d{2,4})*)",
    re.IGNORECASE,
)
_BORN: Final = re.compile(
    r"\b(?:née?(?:\(e\))? le|date de naissance)\s*[:|–-]?\s*(?P<value>\d{1,2}(?:er)?[/. -]"
    r"(?:\d{1,2}|[a-zéû]{3,9})[/. -]\d{2,4})(?P<place> à [A-ZÀ-Ý][\w'’-]+)?",
    re.IGNORECASE,
)
_SHORTEST_PHONE: Final = 9  # digits


def contacts(text: str) -> Iterator[Contact]:
    """Everything of the kind in a text, in no order; ranges may overlap."""
    for kind, pattern in (
        (Kind.EMAIL, _EMAIL),
        (Kind.ACCOUNT, _PROFILE),
        (Kind.ADDRESS, _ADDRESS),
        (Kind.IDENTIFIER, _IDENTIFIER),
    ):
        for match in pattern.finditer(text):
            if kind is not Kind.ADDRESS or _is_an_address(match.group()):
                yield Contact(match.start(), match.end(), kind)
    for match in _OWN.finditer(text):
        yield Contact(match.start("value"), match.end("value"), Kind.ACCOUNT)
    for pattern in (_LABELLED, _BORN):
        for match in pattern.finditer(text):
            yield Contact(match.start("value"), match.end(), Kind.IDENTIFIER)
    yield from _phones(text)


def _is_an_address(found: str) -> bool:
    """A street's name is capitalised, or follows « de » (« 12 rue Haute », « 3 rue des lilas »)."""
    named = re.search(r"[A-ZÀ-Ý]|\b(?:de|du|des|de la|de l['’])\s?\w", found)
    return named is not None and not re.search(r"\d ?%|€", found)


def _phones(text: str) -> Iterator[Contact]:
    if not re.search(r"\d", text):
        return
    matcher = phonenumbers.PhoneNumberMatcher(text, "FR", leniency=phonenumbers.Leniency.VALID)
    for found in matcher:
        digits = sum(char.isdigit() for char in found.raw_string)
        if digits >= _SHORTEST_PHONE and found.raw_string.lstrip("(")[0] in "+0":
            yield Contact(found.start, found.end, Kind.PHONE)
