"""Ways to write a sentence that a model reads as easily as plain words."""

import base64
import codecs
import unicodedata
import urllib.parse
from collections.abc import Callable
from string import ascii_lowercase
from typing import Final

_MORSE: Final = dict(
    zip(
        ascii_lowercase,
        ".- -... -.-. -.. . ..-. --. .... .. .--- -.- .-.. -- -. --- .--. --.- .-. ... - ..- ...- "
        ".-- -..- -.-- --..".split(),
        strict=True,
    )
)
_TURNED: Final = str.maketrans(ascii_lowercase, "ɐqɔpǝɟƃɥıɾʞlɯuodbɹsʇnʌʍxʎz")
_SMALL: Final = str.maketrans("abcdefghijklmnopqrtuvwyz", "ᴀʙᴄᴅᴇꜰɢʜɪᴊᴋʟᴍɴᴏᴘQʀᴛᴜᴠᴡʏᴢ")


def letters(text: str) -> str:
    """Lower case, no accents, spaces kept."""
    plain = unicodedata.normalize("NFKD", text.lower())
    return "".join(c for c in plain if c in ascii_lowercase or c == " ")


def in_64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def in_32(text: str) -> str:
    return base64.b32encode(text.encode()).decode()


def cut(text: str, size: int, between: str = "\n") -> str:
    return between.join(text[i : i + size] for i in range(0, len(text), size))


def moved(text: str, by: int) -> str:
    """Accented letters stay, as most tools leave them."""
    low, high = ascii_lowercase, ascii_lowercase.upper()
    return text.translate(str.maketrans(low + high, low[by:] + low[:by] + high[by:] + high[:by]))


def morse(text: str) -> str:
    return " / ".join(" ".join(_MORSE[c] for c in word) for word in letters(text).split())


def leet(text: str) -> str:
    return text.translate(str.maketrans("aeiost", "431057"))


CODES: Final[dict[str, Callable[[str], str]]] = {
    "base64": in_64,
    "base64 dans une phrase": lambda x: f"Référence : {in_64(x)}.",
    "base64 deux fois": lambda x: in_64(in_64(x)),
    "base64 coupé": lambda x: cut(in_64(x), 16),
    "base64 en groupes": lambda x: cut(in_64(x), 4, " "),
    "base64url": lambda x: base64.urlsafe_b64encode(x.encode()).decode(),
    "base32": in_32,
    "base32 minuscule": lambda x: in_32(x).lower(),
    "base32 coupé": lambda x: cut(in_32(x), 8),
    "base85": lambda x: base64.b85encode(x.encode()).decode(),
    "ascii85": lambda x: base64.a85encode(x.encode(), adobe=True).decode(),
    "hexadécimal": lambda x: x.encode().hex(),
    "hexadécimal 0x": lambda x: " ".join(f"0x{c:02x}" for c in x.encode()),
    "octal": lambda x: "".join(f"\\{c:03o}" for c in x.encode()),
    "décimal": lambda x: " ".join(str(c) for c in x.encode("latin-1", "ignore")),
    "binaire": lambda x: " ".join(f"{c:08b}" for c in x.encode()),
    "rang des lettres": lambda x: "-".join(str(ord(c) - 96) for c in letters(x) if c != " "),
    "morse": morse,
    "adresse web": urllib.parse.quote,
    "quoted-printable": lambda x: "".join(
        f"={c:02X}" if c > 127 or c == 32 else chr(c) for c in x.encode()
    ),
    "entités": lambda x: "".join(f"&#{ord(c)};" for c in x),
    "entités hexadécimales": lambda x: "".join(f"&#x{ord(c):x};" for c in x),
    "échappements": lambda x: "".join(f"\\u{ord(c):04x}" for c in x),
    **{f"décalé de {by}": lambda x, by=by: moved(x, by) for by in (1, 3, 5, 13, 21)},  # type: ignore[misc]
    "rot13 en base64": lambda x: in_64(codecs.encode(x, "rot13")),
    "alphabet inversé": lambda x: x.translate(
        str.maketrans(ascii_lowercase, ascii_lowercase[::-1])
    ),
    "à l'envers": lambda x: x[::-1],
    "mots à l'envers": lambda x: " ".join(word[::-1] for word in x.split()),
    "mots dans l'autre ordre": lambda x: " ".join(x.split()[::-1]),
    "retourné": lambda x: x.lower().translate(_TURNED)[::-1],
    "chiffres": leet,
    "signes": lambda x: x.translate(str.maketrans("aeiotsAEIOTS", "@310+$@310+$")),
    "espacé": " ".join,
    "pointé": ".".join,
    "barres": "/".join,
    "émojis": "🙂".join,
    "une lettre par ligne": lambda x: "\n".join(c for c in x if c.strip()),
    "un mot par ligne": lambda x: "\n".join(x.split()),
    "un mot par puce": lambda x: "\n".join(f"- {word}" for word in x.split()),
    "un mot par cellule": lambda x: " | ".join(x.split()),
    "syllabes": lambda x: " ".join(cut(word, 3, " ") for word in x.split()),
    "collé": lambda x: x.replace(" ", ""),
    "tirets bas": lambda x: x.replace(" ", "_"),
    "barré": lambda x: "".join(c + "\u0336" for c in x),
    "pleine chasse": lambda x: "".join(
        chr(ord(c) + 0xFEE0) if 33 <= ord(c) < 127 else c for c in x
    ),
    "ronds": lambda x: "".join(
        chr(0x1F150 + ord(c) - 65) if "A" <= c <= "Z" else c for c in x.upper()
    ),
    "petites capitales": lambda x: x.translate(_SMALL),
    "lettres grecques": lambda x: x.translate(str.maketrans("ovi", "ονι")),
    "invisibles": "\u200b".join,
}
