"""Fifty documents with personal data planted in them, written as candidates write.

Every value is invented. Names come from many origins, some of which the recogniser's list does
not hold; they are brought in by a cover, a signature, a table, a sentence, or by nothing at all.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

CANDIDATES = (
    "Camille Leroy", "Sofiane Benali", "Élodie Marchand", "Thao Nguyen", "Rui Da Silva",
    "Jean-Baptiste Roussel", "Aminata Ouédraogo", "Maxime Keller", "Zuzanna Wiśniewska",
    "Petit Clara",
)  # fmt: skip
PEOPLE = (
    "Agathe Brun", "Yannis Feraoun", "Solène Kermeur", "Karim Haddad", "Bérengère Lacombe",
    "Ousmane Diarra", "Inès Castagnet", "Paul-Henri de La Tour", "Mehmet Yıldırım", "Fatoumata Sy",
    "Loïc Le Goff", "Giulia Ferraro", "Quentin d'Aubigny", "Nour El Amrani", "Ewa Kowalska",
    "Björn Lindqvist", "Kwame Asante", "Priya Raghunathan", "Oleksandr Shevchenko", "Tuğçe Aydın",
    "Hippolyte Vasseur", "Maëlys Tanguy", "Wandrille Cormier", "Siham Bouzid", "Théodule Pinchon",
)  # fmt: skip
STREETS = (
    "12 rue des Tisserands, 26000 Montfaur", "3 bis avenue Jean-Moulin, 44100 Nantes",
    "128 chemin de la Garenne", "7, impasse du Four, 13200 Arles", "45 boulevard Voltaire",
)  # fmt: skip
DECLARATIONS = (
    "Je suis reconnue travailleuse handicapée (RQTH) depuis 2021.",
    "Atteint de dyslexie, je relis mes textes avec un correcteur.",
    "Mon état de santé m'a obligé à décaler la campagne de deux semaines.",
    "J'ai été en arrêt maladie du 3 au 17 mars.",
    "Je bénéficie d'un tiers temps pour cette épreuve.",
    "Je suis enceinte et je serai absente en juin.",
    "Étant malvoyant, j'utilise un lecteur d'écran.",
    "Je suis déléguée syndicale CFDT dans mon entreprise d'accueil.",
    "Aménagement demandé : tiers temps.",
    "La candidate bénéficie d'un aménagement d'épreuve.",
)
#: What an ordinary page says beside them, and must keep.
CONTENT = (
    "La boulangerie Orsel & Fille publie trois fois par semaine sur Instagram.",
    "Le budget est plafonné à 9 600 € TTC, hors temps interne.",
    "Nous répondons à chaque commentaire en moins de vingt-quatre heures ouvrées.",
)


@dataclass
class Planted:
    """A page's lines, and what of them names somebody, by kind."""

    candidate: str
    lines: list[str] = field(default_factory=list)
    values: list[tuple[str, str]] = field(default_factory=list)

    def say(self, line: str, **values: str) -> None:
        self.lines.append(line)
        self.values += [(kind.rstrip("0123456789"), value) for kind, value in values.items()]


def folder_of(candidate: str) -> str:
    """The name a cohort gives to a candidate's folder: « LEROY-Camille »."""
    first, _, last = candidate.partition(" ")
    return f"{last.upper().replace(' ', '-')}-{first}"


def documents() -> Iterator[Planted]:
    """Five pages for each of ten candidates."""
    people = iter([*PEOPLE, *PEOPLE])
    for number, candidate in enumerate(CANDIDATES):
        slug = _slug(candidate)
        phone = f"06 {12 + number} 34 5{number} 78"
        for form in range(5):
            page = Planted(candidate)
            other = next(people)
            _FORMS[form](page, other, slug, phone, number)
            page.say(CONTENT[0])
            page.say(CONTENT[1 + form % 2])
            yield page


def _cover(page: Planted, other: str, slug: str, phone: str, number: int) -> None:
    page.say("Charte éditoriale et charte de modération")
    page.say(f"{page.candidate} – E1.3 – mars 2026", candidat=page.candidate)
    page.say(
        f"Contact : {slug}@exemple.fr – {phone}", courriel=f"{slug}@exemple.fr", telephone=phone
    )
    page.say(f"Rédigé pour Mme {other.split()[-1]}", personne=other.split()[-1])


def _letter(page: Planted, other: str, slug: str, phone: str, number: int) -> None:
    street = STREETS[number % len(STREETS)]
    intl = "+33" + phone[1:].replace(" ", "")
    page.say(street, adresse=street)
    page.say(f"Tél. {intl}", telephone=intl)
    page.say(f"Dirigeante : {other}", personne=other)
    page.say(
        f"Bonjour {other.split()[0]}, voici la proposition demandée.", personne=other.split()[0]
    )
    page.say(DECLARATIONS[number], declaration=DECLARATIONS[number])


def _table(page: Planted, other: str, slug: str, phone: str, number: int) -> None:
    mail = f"{_slug(other)}@client{number}.example"
    page.say("Tâche | Qui | Quand")
    page.say(f"Relecture | {other} | mardi 14 h", personne=other)
    page.say(f"Validation | {page.candidate} | jeudi", candidat=page.candidate)
    page.say(f"Écrire à {mail} en cas d'absence.", courriel=mail)


def _prose(page: Planted, other: str, slug: str, phone: str, number: int) -> None:
    handle = f"@{slug.replace('.', '_')}"
    profile = f"https://www.linkedin.com/in/{slug.replace('.', '-')}-{number}"
    page.say(f"{other} et l'équipe relisent les textes le vendredi.", personne=other)
    page.say(f"Mon compte personnel {handle} ne publie rien pour le client.", compte=handle)
    page.say(f"Mon parcours est sur {profile}.", compte=profile)
    page.say(
        f"D'après {page.candidate.split()[-1]}, le ton reste simple.",
        nom=page.candidate.split()[-1],
    )


def _end(page: Planted, other: str, slug: str, phone: str, number: int) -> None:
    born = f"{number + 1:02}/0{number % 9 + 1}/199{number}"
    page.say(f"Née le {born}", identifiant=born)
    page.say(f"Merci à {other} pour son accueil.", personne=other)
    page.say(f"Signature : {page.candidate.upper()}", candidat=page.candidate.upper())
    page.say(f"{page.candidate.split()[0]}", prenom=page.candidate.split()[0])


_FORMS = (_cover, _letter, _table, _prose, _end)


def _slug(name: str) -> str:
    plain = str.maketrans("éèëïöşğıüçÉś'’ -", "eeeiosgiucEs....")
    return ".".join(part for part in name.translate(plain).lower().split(".") if part)
