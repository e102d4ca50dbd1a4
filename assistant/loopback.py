"""Which addresses are this very machine's."""

import ipaddress
from typing import Final
from urllib.parse import urlsplit

NOT_LOCAL_FR: Final = (
    "PREUVE_LOCAL_ONLY refuse toute adresse hors de cette machine : donnez à "
    "PREUVE_{name}_BASE_URL une adresse de cette machine (http://127.0.0.1:8000/v1), ou retirez "
    "PREUVE_LOCAL_ONLY."
)


def is_loopback(host: str) -> bool:
    """Whether a host's name is this very machine's, whatever a name server says of it."""
    if host.casefold() == "localhost":
        return True
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return False  # a name that only looks like an address: « 127.0.0.1.exemple.fr »
    mapped = getattr(address, "ipv4_mapped", None)
    return (mapped or address).is_loopback


def hostname(address: str) -> str:
    """The host of an address; empty when there is none, which the provider's own then replaces."""
    try:
        return urlsplit(address.strip()).hostname or ""
    except ValueError:
        return ""
