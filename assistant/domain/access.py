"""Who may do what to which dossier: the one table that every route, export and event asks.

An action on a dossier also needs a link between the person and that dossier; who is linked to
what is kept elsewhere (`account_ports.Entitlements`) and handed over as plain values.
"""

from collections.abc import Mapping, Set
from enum import StrEnum
from typing import Final

from assistant.domain.person import Role
from ingest.types import Frozen


class Action(StrEnum):
    """What a route does. An action that no role is given is refused to everyone."""

    OWN_ACCOUNT = "own_account"  # change one's password, log out
    OPEN_DESK = "open_desk"  # the home and the queue, which list only what one may read
    READ_DOSSIER = "read_dossier"  # its files, drafts, proofs and page images
    DECIDE = "decide"  # decisions, comments, what is being typed, from any seat
    EVALUATE = "evaluate"  # to sit as a reader
    ARBITRATE = "arbitrate"  # to sit as the third person
    FINALISE = "finalise"  # sign, lock, reopen
    EXPORT = "export"
    DEPOSIT = "deposit"  # upload a dossier, say what its files are
    START_REVIEW = "start_review"
    ASSIGN = "assign"  # who evaluates, who arbitrates
    SEE_STATISTICS = "see_statistics"
    STOP_ASSISTANT = "stop_assistant"  # and start it again
    SEE_READERS = "see_readers"  # how each person confirms drafts: the jury's president alone
    FOLLOW_COHORTS = "follow_cohorts"  # how far each is: states, never a verdict
    RUN_COHORTS = "run_cohorts"  # prepare, start, pause
    SELF_CHECK = "self_check"  # one's own drafts: each person has a space of their own


class Link(StrEnum):
    """How a person stands to one dossier."""

    OWNER = "owner"  # deposited it
    EVALUATOR = "evaluator"  # was given it to evaluate
    ARBITER = "arbiter"  # was given its disagreements to settle


class Need(StrEnum):
    """What a role must have beside the role itself."""

    NOTHING = "nothing"
    OWNED = "owned"
    ASSIGNED = "assigned"
    OWNED_OR_ASSIGNED = "owned_or_assigned"
    READS = "reads"
    SETTLES = "settles"


class Grant(Frozen):
    """One person's link to one épreuve; an empty `epreuve` is the whole dossier."""

    dossier_id: str
    epreuve: str
    person_id: str
    link: Link


#: The links that somebody was given, unlike that of who deposited.
ASSIGNED: Final = frozenset({Link.EVALUATOR, Link.ARBITER})
_LINKS: Final[Mapping[Need, frozenset[Link]]] = {
    Need.OWNED: frozenset({Link.OWNER}),
    Need.ASSIGNED: ASSIGNED,
    Need.OWNED_OR_ASSIGNED: ASSIGNED | {Link.OWNER},
    Need.READS: frozenset({Link.EVALUATOR}),
    Need.SETTLES: frozenset({Link.ARBITER}),
}

_STAFF: Final = (Role.ADMIN, Role.EVALUATOR, Role.ARBITER, Role.OPERATOR)

RULES: Final[Mapping[Action, Mapping[Role, Need]]] = {
    Action.OWN_ACCOUNT: dict.fromkeys(Role, Need.NOTHING),
    Action.OPEN_DESK: dict.fromkeys(_STAFF, Need.NOTHING),
    Action.READ_DOSSIER: {
        Role.ADMIN: Need.NOTHING,  # answers complaints
        Role.EVALUATOR: Need.OWNED_OR_ASSIGNED,
        Role.ARBITER: Need.ASSIGNED,
        Role.OPERATOR: Need.OWNED,
    },
    Action.DECIDE: {Role.EVALUATOR: Need.ASSIGNED, Role.ARBITER: Need.ASSIGNED},
    Action.EVALUATE: {Role.EVALUATOR: Need.READS, Role.ARBITER: Need.READS},
    Action.ARBITRATE: {Role.ARBITER: Need.SETTLES},
    Action.FINALISE: {Role.EVALUATOR: Need.ASSIGNED, Role.ARBITER: Need.ASSIGNED},
    Action.EXPORT: {
        Role.ADMIN: Need.NOTHING,
        Role.EVALUATOR: Need.ASSIGNED,
        Role.ARBITER: Need.ASSIGNED,
        Role.OPERATOR: Need.OWNED,
    },
    Action.DEPOSIT: dict.fromkeys((Role.ADMIN, Role.EVALUATOR, Role.OPERATOR), Need.NOTHING),
    Action.START_REVIEW: {
        Role.ADMIN: Need.NOTHING,
        Role.EVALUATOR: Need.OWNED_OR_ASSIGNED,
        Role.OPERATOR: Need.OWNED,
    },
    Action.ASSIGN: {Role.ADMIN: Need.NOTHING},
    Action.SEE_STATISTICS: dict.fromkeys((Role.ADMIN, Role.EVALUATOR, Role.ARBITER), Need.NOTHING),
    Action.SEE_READERS: {Role.ADMIN: Need.NOTHING},
    Action.STOP_ASSISTANT: {Role.ADMIN: Need.NOTHING},
    Action.FOLLOW_COHORTS: dict.fromkeys((Role.ADMIN, Role.EVALUATOR, Role.OPERATOR), Need.NOTHING),
    Action.RUN_COHORTS: dict.fromkeys((Role.ADMIN, Role.OPERATOR), Need.NOTHING),
    Action.SELF_CHECK: dict.fromkeys(Role, Need.NOTHING),
}


#: What whoever deposited a dossier does not do to it, even when it was given to them too.
NOT_TO_ONE_S_OWN: Final = frozenset(
    {Action.DECIDE, Action.EVALUATE, Action.ARBITRATE, Action.FINALISE}
)


#: What the one person of an installation without accounts does too, whatever their role there.
ALONE: Final = frozenset({Action.STOP_ASSISTANT, Action.RUN_COHORTS})


def may(role: Role, action: Action, links: Set[Link] | None = None) -> bool:
    """Whether a role may act. `links` are those to the dossier concerned, None without one.

    Without a dossier the answer says whether the action is open to the role at all; the dossier
    is then asked about when it is known.
    """
    need = RULES.get(action, {}).get(role)
    if need is None:
        return False
    if links is None or need is Need.NOTHING:
        return True
    if action in NOT_TO_ONE_S_OWN and Link.OWNER in links:
        return False
    return bool(_LINKS[need] & links)
