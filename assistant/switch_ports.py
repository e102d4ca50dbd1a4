"""The switch of the whole assistant, shared by every process of an installation."""

from datetime import datetime
from typing import Protocol

from assistant.domain.halt import Halt


class Switch(Protocol):
    """Raises `StoreUnavailable` from any method."""

    def halt(self) -> Halt | None:
        """Who stopped the assistant; None while it may work."""
        ...

    def require_on(self) -> None:
        """Raises: `AssistantStopped`."""
        ...

    def stop(self, person: str, at: datetime, reason: str = "") -> bool:
        """Stop it, for every process; False when it was stopped already."""
        ...

    def start(self, person: str, at: datetime) -> bool:
        """Let it work again; False when it was not stopped."""
        ...
