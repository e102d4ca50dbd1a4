"""A pause asked of a cohort's run by another process: a file, which the run looks for."""

from pathlib import Path
from typing import Final

_ASKED: Final = "pause"


class Pauses:
    """The pauses of one cohort, in the folder that this installation keeps for it."""

    def __init__(self, own: Path) -> None:
        self._path = own / _ASKED

    def ask(self) -> None:
        """Have a run that is under way ask nothing more; what it has asked is waited for."""
        self._path.touch(mode=0o600)

    def asked(self) -> bool:
        """Whether one was asked since the cohort was last opened."""
        return self._path.exists()

    def forget(self) -> None:
        """A run begins: what was asked of the one before is over."""
        self._path.unlink(missing_ok=True)
