"""What a peer's script says at its end: one line of JSON. Imported from its own folder."""

import json


def tell(answered: int, error: str, seconds: float, computed: float) -> None:
    """Units: seconds, of the process for `computed`. `error`: what cost it the whole text."""
    told = {"answered": answered, "error": error, "seconds": seconds, "computed": computed}
    print(json.dumps(told))
