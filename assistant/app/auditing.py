"""The use cases of accountability: verify the journal, explain one appreciation, log an event."""

from collections.abc import Callable

from assistant.agreement import agreed
from assistant.audit import Verification, verify
from assistant.domain.journal import JournalAction, JournalEntry, JournalEvent, JournalHead
from assistant.domain.report import Report
from assistant.errors import SettingsInvalid, UnknownCriterion
from assistant.ports import Clock, Journal
from assistant.reporting import explanation


class Auditor:
    """Reads the journal for people, and writes in it what the store does not write itself.

    `report` gives the grid of an épreuve of a dossier, as it stands.
    """

    def __init__(
        self, journal: Journal, clock: Clock, report: Callable[[str, str], Report]
    ) -> None:
        self._journal = journal
        self._clock = clock
        self._report = report

    def head(self) -> JournalHead:
        """The last entry's place and hash."""
        return self._journal.head()

    def entries(self, dossier_id: str = "") -> tuple[JournalEntry, ...]:
        """The journal's entries in their order, those of one dossier when it is named."""
        return tuple(self._journal.entries(dossier_id))

    def verify(self, head: str = "") -> Verification:
        """See `assistant.audit.verify`. `head`: « place:hash », noted earlier; empty for none.

        Raises: `SettingsInvalid` when it is not such a text; `StoreUnavailable`.
        """
        return verify(self._journal, expected=_parsed(head) if head else None)

    def explain(self, dossier_id: str, criterion_id: str) -> str:
        """How the appreciation of one criterion was reached, in Markdown.

        Raises: `UnknownDossier`, `UnknownEpreuve`, `UnknownCriterion`, `StoreUnavailable`.
        """
        epreuve = criterion_id.partition("/")[0]
        report = self._report(dossier_id, epreuve)
        try:
            return explanation(
                report,
                criterion_id,
                tuple(self._journal.entries(dossier_id)),
                journal_fr=_soundness_fr(self.verify()),
            )
        except KeyError:
            raise UnknownCriterion(criterion_id, criterion=criterion_id, epreuve=epreuve) from None

    def log(
        self,
        action: JournalAction,
        actor: str,
        *,
        dossier_id: str = "",
        epreuve: str = "",
        criterion_id: str = "",
        **facts: str,
    ) -> JournalHead:
        """Write down what someone did. `facts`: identifiers and digests, never a text or a key.

        Raises: `StoreUnavailable`: what cannot be written down must not be done.
        """
        event = JournalEvent(
            action=action,
            actor=actor,
            at=self._clock.now(),
            dossier_id=dossier_id,
            epreuve=epreuve,
            criterion_id=criterion_id,
            facts=facts,
        )
        return self._journal.append(event)


def _parsed(head: str) -> JournalHead:
    seq, _, digest = head.strip().partition(":")
    if not seq.isdigit() or len(digest) != 64:
        problem = (
            f"« {head} » n'est pas une tête de journal. Copiez la ligne entière que donne "
            "« preuve audit tete »."
        )
        raise SettingsInvalid(problem, problem=problem)
    return JournalHead(seq=int(seq), hash=digest.lower())


def _soundness_fr(found: Verification) -> str:
    head = f"{found.head.seq}:{found.head.hash}"
    if found.sound:
        return (
            f"Le journal ({found.entries} entrées) a été vérifié à l'instant : aucune entrée, "
            "aucune proposition et aucune décision n'a été modifiée, supprimée, ajoutée ou "
            f"déplacée. Tête du journal : {head}."
        )
    return agreed(
        f"Attention : le journal n'est pas intact ({len(found.faults)} anomalie(s)). Ce récit est "
        "donc à vérifier par d'autres moyens. La commande « preuve audit verify » les énumère."
    )
