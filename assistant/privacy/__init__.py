"""What of a dossier may be shown, and to whom: pseudonyms, private passages, flagged passages."""

from assistant.privacy.anonymous import anonymous, same_candidate
from assistant.privacy.contacts import Kind
from assistant.privacy.filenames import public_filenames, without_people
from assistant.privacy.private import PrivatePassage, private_passages
from assistant.privacy.table import Pseudonyms
from assistant.privacy.view import FLAGGED, PRIVATE, VERSION, Covered, JudgeView

__all__ = [
    "FLAGGED",
    "PRIVATE",
    "VERSION",
    "Covered",
    "JudgeView",
    "Kind",
    "PrivatePassage",
    "Pseudonyms",
    "anonymous",
    "private_passages",
    "public_filenames",
    "same_candidate",
    "without_people",
]
