"""What the page shows, as HTML made from reports. All texts are escaped here, once."""

from assistant.screen.html import criteria_list, criterion_card, dossier_card

__all__ = ["criteria_list", "criterion_card", "dossier_card"]
