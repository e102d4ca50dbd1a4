"""What the deposit page shows of a dossier, as HTML. All texts are escaped here, once."""

from assistant.screen.html import dossier_card

__all__ = ["dossier_card"]
