"""Why nothing can be concluded: a closed list, so that abstentions are counted, not only read."""

from collections.abc import Mapping
from enum import StrEnum


class AbstentionReason(StrEnum):
    """What kept a status or a verdict from being given.

    The first members are in the file or in the criterion, the next ones in what was read of it,
    the last ones in the judge's answer.
    """

    MISSING_PIECE = "piece_absente"
    VISUAL = "visuel_a_voir"
    CONFIGURATION = "reglage_outil"
    ORAL = "oral"
    DEFERRED = "preuve_renvoyee"
    UNREAD = "partie_non_lue"
    NOT_SENT = "partie_non_transmise"
    NO_VERIFIED_QUOTE = "aucune_citation_verifiee"
    EMPTY_QUOTE = "citation_sans_apport"
    PRIVATE = "passage_personnel"
    SPLIT_VOTES = "votes_partages"
    CHECK_AGAINST_MODEL = "controle_contre_modele"
    SUSPECTED_INJECTION = "injection_soupconnee"
    NO_ANSWER = "sans_reponse"
    UNDECIDED = "dossier_insuffisant"

    @property
    def label_fr(self) -> str:
        """A few words, without a capital or a full stop."""
        return _LABELS[self]


_LABELS: Mapping[AbstentionReason, str] = {
    AbstentionReason.MISSING_PIECE: "pièce absente du dossier",
    AbstentionReason.VISUAL: "visuel à voir",
    AbstentionReason.CONFIGURATION: "réglage d'outil à constater",
    AbstentionReason.ORAL: "à apprécier à l'oral",
    AbstentionReason.DEFERRED: "preuve renvoyée à l'oral ou ailleurs",
    AbstentionReason.UNREAD: "page ou partie non lue",
    AbstentionReason.NOT_SENT: "partie non transmise au modèle",
    AbstentionReason.NO_VERIFIED_QUOTE: "aucune citation vérifiée",
    AbstentionReason.EMPTY_QUOTE: "citation qui n'ajoute rien à l'énoncé",
    AbstentionReason.PRIVATE: "passage personnel, à lire dans le fichier",
    AbstentionReason.SPLIT_VOTES: "votes partagés sur un attendu ★",
    AbstentionReason.CHECK_AGAINST_MODEL: "un contrôle contredit le modèle",
    AbstentionReason.SUSPECTED_INJECTION: "injection soupçonnée",
    AbstentionReason.NO_ANSWER: "attendu resté sans réponse",
    AbstentionReason.UNDECIDED: "le dossier ne permet pas d'en juger",
}
