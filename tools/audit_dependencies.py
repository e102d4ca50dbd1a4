"""Looks the locked dependencies up among the published vulnerabilities, with pip-audit.

python -m tools.audit_dependencies [LOCK]

Fails on a vulnerability that `accepted_vulnerabilities.yaml` does not name with a reason and a
date to come. Without the service (PyPI's JSON pages) nothing has been looked up: that is said,
and fails nothing, so that a machine that cannot reach it can still be worked on.
"""

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Final

import yaml
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from ingest.types import Frozen

ROOT: Final = Path(__file__).resolve().parent.parent
ACCEPTED: Final = Path(__file__).with_name("accepted_vulnerabilities.yaml")

#: Seconds for the whole look-up; a service that is slower has not answered.
PATIENCE: Final = 120
#: How the last line of pip-audit's error begins when the service is what failed.
_SERVICE_ERRORS: Final = (
    "requests.exceptions.",
    "urllib3.exceptions.",
    "pip_audit._service.interface.",
    "ERROR:pip_audit._cli:Could not connect",
)


class PipAudit(BaseModel):
    """A part of pip-audit's JSON, which says more than we read."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class Vulnerability(PipAudit):
    """One published flaw of one locked version."""

    id: str
    aliases: tuple[str, ...] = ()
    fix_versions: tuple[str, ...] = ()


class Dependency(PipAudit):
    """What was found about one locked package; `skip_reason` when nothing could be."""

    name: str
    version: str = ""
    skip_reason: str = ""
    vulns: tuple[Vulnerability, ...] = ()


class Report(PipAudit):
    """All of the locked packages."""

    dependencies: tuple[Dependency, ...]


class Accepted(Frozen):
    """A vulnerability that the project lives with, until a day, for a reason."""

    id: str
    package: str
    reason: str = Field(min_length=20)
    until: date


class Finding(Frozen):
    """The lines to print, and whether the check fails."""

    lines: tuple[str, ...]
    failed: bool


class ServiceUnreachable(Exception):
    """The service of vulnerabilities did not answer."""


class AuditFailed(Exception):
    """pip-audit could not do its work, for a reason that is ours to mend."""


def load_accepted(path: Path = ACCEPTED) -> tuple[Accepted, ...]:
    """Raises: `ValidationError` for an entry without a reason or a date."""
    content = yaml.safe_load(path.read_text(encoding="utf-8")) or []
    return TypeAdapter(tuple[Accepted, ...]).validate_python(content)


def ask(lock: Path) -> Report:
    """Run pip-audit on a lock file. Raises: `ServiceUnreachable`, `AuditFailed`."""
    with tempfile.TemporaryDirectory() as cache:
        command = (
            *(sys.executable, "-m", "pip_audit", "--requirement", str(lock)),
            *("--require-hashes", "--disable-pip", "--format", "json"),
            *("--progress-spinner", "off", "--timeout", "10", "--cache-dir", cache),
        )
        try:
            run = subprocess.run(
                command, capture_output=True, text=True, timeout=PATIENCE, check=False
            )
        except subprocess.TimeoutExpired:
            raise ServiceUnreachable(f"plus de {PATIENCE} s sans réponse") from None
    if run.returncode in (0, 1) and run.stdout.lstrip().startswith("{"):
        return Report.model_validate(json.loads(run.stdout))
    last = next(iter(reversed(run.stderr.strip().splitlines())), "")
    if last.startswith(_SERVICE_ERRORS):
        raise ServiceUnreachable(last.partition(": ")[0])
    raise AuditFailed(run.stderr)


def judge(report: Report, accepted: Iterable[Accepted], today: date) -> Finding:
    """What the report means for the check."""
    known = {(a.package, a.id): a for a in accepted}
    lines = []
    failed = False
    for package in report.dependencies:
        for flaw in package.vulns:
            ids = (flaw.id, *flaw.aliases)
            entry = next((known[package.name, i] for i in ids if (package.name, i) in known), None)
            failed = failed or entry is None or entry.until < today
            lines.append(_line(package, flaw, entry, today))
    audited = sum(not d.skip_reason for d in report.dependencies)
    return Finding(lines=(*lines, *_extent(audited, len(report.dependencies))), failed=failed)


def _line(package: Dependency, flaw: Vulnerability, entry: Accepted | None, today: date) -> str:
    where = f"{package.name} {package.version} : {flaw.id}"
    fix = f", corrigée en {', '.join(flaw.fix_versions)}" if flaw.fix_versions else ""
    if entry is None:
        return f"✗ {where}{fix}. Mettez à jour, ou justifiez-la dans {ACCEPTED.name}."
    if entry.until < today:
        return f"✗ {where}{fix}. Elle n'était acceptée que jusqu'au {entry.until:%d/%m/%Y}."
    return f"· {where}{fix}. Acceptée jusqu'au {entry.until:%d/%m/%Y} : {entry.reason}"


def _extent(audited: int, total: int) -> Iterable[str]:
    """How much was looked up: a service that knows no package has found nothing, in no sense."""
    if not audited:
        yield from unreachable("le service ne connaît aucun des composants demandés")
    elif audited < total:
        yield (
            f"Dépendances : {audited} composants vérifiés sur {total} ; "
            "le service ne connaît pas les autres."
        )
    else:
        yield f"Dépendances : {total} composants vérifiés."


def unreachable(cause: str) -> Iterable[str]:
    """What is printed when nothing could be looked up."""
    yield f"Dépendances : NON VÉRIFIÉES, le service des vulnérabilités n'a pas répondu ({cause})."
    yield "Dependencies: NOT AUDITED, the vulnerability service could not be reached."


def main(arguments: list[str]) -> int:
    """Print what was found. Returns the exit code."""
    lock = Path(arguments[0]) if arguments else ROOT / "requirements.lock"
    try:
        finding = judge(ask(lock), load_accepted(), date.today())  # noqa: DTZ011 - a calendar day
    except ServiceUnreachable as error:
        finding = Finding(lines=tuple(unreachable(str(error))), failed=False)
    except AuditFailed as error:
        finding = Finding(lines=("✗ pip-audit a échoué :", str(error)), failed=True)
    print("\n".join(finding.lines))
    return int(finding.failed)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
