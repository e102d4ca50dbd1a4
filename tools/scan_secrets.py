"""Looks for keys, tokens and passwords in the project's files, with detect-secrets.

python -m tools.scan_secrets [--accept]

What `secrets.baseline` holds (hashes of what was looked at and is no secret) is let through;
`--accept` writes it again from what is found. Nothing is sent anywhere: the library can ask a
provider whether a key works, and is not told to.
"""

import contextlib
import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from detect_secrets.core import baseline
from detect_secrets.core.potential_secret import PotentialSecret
from detect_secrets.core.secrets_collection import SecretsCollection
from detect_secrets.settings import transient_settings

ROOT: Final = Path(__file__).resolve().parent.parent
BASELINE: Final = Path(__file__).with_name("secrets.baseline")

#: Keys that have a form of their own.
_FORMS: Final = (
    "ArtifactoryDetector", "AWSKeyDetector", "AzureStorageKeyDetector", "BasicAuthDetector",
    "DiscordBotTokenDetector", "GitHubTokenDetector", "GitLabTokenDetector", "JwtTokenDetector",
    "NpmDetector", "OpenAIDetector", "PrivateKeyDetector", "PypiTokenDetector",
    "SendGridDetector", "SlackDetector", "StripeDetector", "TelegramBotTokenDetector",
    "TwilioKeyDetector",
)  # fmt: skip
#: What may be one: a value beside a word such as "password", or one that looks drawn at random.
_GUESSES: Final = ("KeywordDetector", "Base64HighEntropyString")
_SETTINGS: Final = {
    "plugins_used": [{"name": name} for name in (*_FORMS, *_GUESSES)],
    "filters_used": [
        {"path": f"detect_secrets.filters.{name}"}
        for name in (
            "allowlist.is_line_allowlisted",
            "heuristic.is_indirect_reference",
            "heuristic.is_not_alphanumeric_string",
            "heuristic.is_potential_uuid",
            "heuristic.is_sequential_string",
            "heuristic.is_templated_secret",
        )
    ],
}
_GUESSED_TYPES: Final = (
    "Secret Keyword", "Base64 High Entropy String", "Basic Auth Credentials",
)  # fmt: skip
#: Tests make passwords and addresses up, and measures are keyed by hashes: only forms there.
_NO_GUESSES: Final = ("tests/", "eval_sets/")
_UNREADABLE: Final = (".png", ".jpg", ".ico", ".woff2", ".lock", BASELINE.suffix)
_LEFT_OUT: Final = {"__pycache__", "node_modules", "build", "dist"}


def project_files(root: Path) -> Iterator[str]:
    """The files that git keeps or would; without git, all but caches and hidden folders."""
    for name in sorted(_known_to_git(root) or _standing(root)):
        if not name.endswith(_UNREADABLE) and (root / name).is_file():
            yield name


def _known_to_git(root: Path) -> set[str]:
    """None where there is no git, or no repository of this very folder."""
    if not (root / ".git").exists() or not shutil.which("git"):
        return set()
    listed = subprocess.run(
        ("git", "-C", str(root), "ls-files", "-z", "--cached", "--others", "--exclude-standard"),
        capture_output=True,
        text=True,
        check=False,
    )
    return set(filter(None, listed.stdout.split("\0")))


def _standing(root: Path) -> set[str]:
    return {p.relative_to(root).as_posix() for p in root.rglob("*") if _is_ours(p, root)}


def _is_ours(path: Path, root: Path) -> bool:
    folders = path.relative_to(root).parent.parts
    return not any(f in _LEFT_OUT or f.startswith(".") for f in folders)


def scan(root: Path) -> SecretsCollection:
    """What looks like a secret in the project's files."""
    found = SecretsCollection()
    with transient_settings(_SETTINGS), contextlib.chdir(root):
        # One after the other: `scan_files` forks, which hangs now and then in a threaded process.
        for name in project_files(root):
            found.scan_file(name)
    kept = SecretsCollection()
    for name, secret in found:
        if not (name.startswith(_NO_GUESSES) and secret.type in _GUESSED_TYPES):
            kept[name].add(secret)
    return kept


def new_ones(found: SecretsCollection, known: Path) -> list[tuple[str, PotentialSecret]]:
    """What the baseline does not hold, whatever the line it is on."""
    content = json.loads(known.read_text(encoding="utf-8"))
    old = SecretsCollection.load_from_baseline(content)
    return [(n, s) for n, s in found if n not in old.files or s not in old[n]]


def main(arguments: list[str], root: Path = ROOT, known: Path = BASELINE) -> int:
    """Print what is found. Returns the exit code."""
    found = scan(root)
    if arguments == ["--accept"]:
        with transient_settings(_SETTINGS):
            baseline.save_to_file(found, str(known))
        return 0
    new = new_ones(found, known)
    for name, secret in new:
        print(f"✗ {name}:{secret.line_number} : ressemble à un secret ({secret.type}).")
    if new:
        print(
            "Retirez-le et changez-le s'il est vrai. S'il ne l'est pas : "
            "python -m tools.scan_secrets --accept, et dites pourquoi dans le commit."
        )
    else:
        print("Secrets : aucun trouvé.")
    return int(bool(new))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
