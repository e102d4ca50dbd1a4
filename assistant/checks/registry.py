"""Code of the rubric → function. One reads here all that is computed."""

from collections.abc import Mapping
from typing import Final

from assistant.checks.context import Check
from assistant.checks.sums import check_sums

CHECKS: Final[Mapping[str, Check]] = {
    "DET-SOMME": check_sums,
}
