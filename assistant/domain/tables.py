"""Dated reference tables of a certification: formats of the networks, events, cue words.

They are settings that go stale, not rules of the référentiel: an empty table silences the checks
that need it.
"""

from typing import Annotated

from pydantic import Field

from ingest.types import Frozen


class ImageFormat(Frozen):
    """A size in pixels; `usage` says for what when a network has several (« page »)."""

    largeur: int = Field(gt=0)
    hauteur: int = Field(gt=0)
    usage: str = ""


class TextLimit(Frozen):
    """The longest text a network accepts, in characters; `champ` is empty for the post itself."""

    champ: str = ""
    caracteres: int = Field(gt=0)


class Reseau(Frozen):
    """A social network's usual formats and limits.

    An empty tuple: the network has none, or the source does not say. `remarques` keeps the
    source's own reservations (« à vérifier »).
    """

    nom: str
    profil: tuple[ImageFormat, ...] = ()
    couverture: tuple[ImageFormat, ...] = ()
    publication: tuple[ImageFormat, ...] = ()
    vertical: tuple[ImageFormat, ...] = ()
    textes: tuple[TextLimit, ...] = ()
    remarques: str = ""

    @property
    def formats(self) -> tuple[ImageFormat, ...]:
        """Every format of the network, whatever its use."""
        return (*self.profil, *self.couverture, *self.publication, *self.vertical)


#: A day of every year, « MM-JJ ».
MonthDay = Annotated[str, Field(pattern=r"^(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$")]


class EvenementFixe(Frozen):
    """An event that falls on the same day every year."""

    nom: str
    jour: MonthDay


class EvenementMobile(Frozen):
    """An event whose date is computed; `regle` is the rule as the source words it."""

    nom: str
    regle: str


class Evenements(Frozen):
    """Events that a publication calendar may be compared with."""

    fixes: tuple[EvenementFixe, ...] = ()
    mobiles: tuple[EvenementMobile, ...] = ()
    reserve: str = ""


class Famille(Frozen):
    """Trade terms that stand for a word of the grid: « réseau » is said « Instagram »."""

    mots: tuple[str, ...] = Field(min_length=1)
    termes: tuple[str, ...] = Field(min_length=1)


class ReferenceTables(Frozen):
    """All the tables of a certification. `date`: when they were last revised (AAAA-MM-JJ)."""

    date: str = ""
    avertissement: str = ""
    reseaux: tuple[Reseau, ...] = ()
    evenements: Evenements = Evenements()
    connecteurs: tuple[str, ...] = ()
    lexique: tuple[Famille, ...] = ()
    erreurs_de_calcul: tuple[str, ...] = ()

    def reseau(self, nom: str) -> Reseau | None:
        """The network of that name, whatever its case."""
        return next((r for r in self.reseaux if r.nom.casefold() == nom.casefold()), None)
