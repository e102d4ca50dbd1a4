"""Who reads and who settles each épreuve of a dossier: what is asked, made, and refused.

Plain values in, plain values out; who asks, and where it is kept, is not known here.
"""

from collections.abc import Collection, Iterable

from assistant.domain.access import ASSIGNED, Action, Grant, Link, may
from assistant.domain.account import Account
from ingest.types import Frozen


class Change(Frozen):
    """An épreuve given to a person, or taken back; an empty `epreuve` is the whole dossier."""

    dossier_id: str
    epreuve: str
    person_id: str
    link: Link
    gives: bool = True

    @property
    def grant(self) -> Grant:
        return Grant(
            dossier_id=self.dossier_id,
            epreuve=self.epreuve,
            person_id=self.person_id,
            link=self.link,
        )


def people_of(grants: Iterable[Grant], epreuve: str, link: Link) -> tuple[str, ...]:
    """The accounts linked so to an épreuve, by it alone or by the whole dossier."""
    found = {g.person_id for g in grants if g.link is link and g.epreuve in ("", epreuve)}
    return tuple(sorted(found))


def after(grants: Iterable[Grant], change: Change, epreuves: Collection[str]) -> frozenset[Grant]:
    """The dossier's links once the change is made. `epreuves`: those that the dossier answers.

    An épreuve taken from someone who had the whole dossier leaves them the others.
    """
    every = frozenset(grants)
    own = {g for g in every if g.person_id == change.person_id and g.link is change.link}
    whole = {g for g in own if not g.epreuve}
    if change.gives:
        if not change.epreuve:
            return every - own | {change.grant}
        return every if whole else every | {change.grant}
    if not change.epreuve:
        return every - own
    left = every - {change.grant}
    if not whole:
        return left
    others = (change.model_copy(update={"epreuve": e}) for e in epreuves if e != change.epreuve)
    return left - whole | {other.grant for other in others}


def refusal_fr(
    grants: Collection[Grant], change: Change, account: Account, epreuves: Iterable[str], seats: int
) -> str:
    """Why a change may not be made, in French; empty when it may.

    `grants`: the dossier's, once it is made. `seats`: how many people read an épreuve.
    """
    if not change.gives:
        return ""
    if not account.active:
        return f"le compte de {account.name} est désactivé."
    if not may(account.role, _SITS[change.link], {change.link}):
        return f"le rôle de {account.name} ne le permet pas."
    if any(g.person_id == account.id and g.link is Link.OWNER for g in grants):
        return f"{account.name} a déposé ce dossier."
    for epreuve in [change.epreuve] if change.epreuve else epreuves or [""]:
        if crowded := _crowded_fr(grants, change, account.name, epreuve, seats):
            return crowded
    return ""


_SITS = {Link.EVALUATOR: Action.EVALUATE, Link.ARBITER: Action.ARBITRATE}


def _crowded_fr(
    grants: Collection[Grant], change: Change, name: str, epreuve: str, seats: int
) -> str:
    readers = people_of(grants, epreuve, Link.EVALUATOR)
    arbiters = people_of(grants, epreuve, Link.ARBITER)
    if change.person_id in readers and change.person_id in arbiters:
        other = "arbitrage" if change.link is Link.EVALUATOR else "évaluation"
        return f"{name} a déjà cette épreuve en {other} : personne n'arbitre ce qu'il a lu."
    if change.link is Link.EVALUATOR and len(readers) > seats:
        people = "une seule personne lit" if seats == 1 else f"{seats} personnes lisent"
        return f"{people} chaque épreuve ; retirez-la d'abord à quelqu'un."
    if change.link is Link.ARBITER and len(arbiters) > 1:
        return "une seule personne arbitre une épreuve ; retirez-la d'abord à quelqu'un."
    return ""


def assigned(grants: Iterable[Grant]) -> frozenset[Grant]:
    """The links that somebody was given, without those of who deposited."""
    return frozenset(grant for grant in grants if grant.link in ASSIGNED)
