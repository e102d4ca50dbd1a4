"""Reads the table of prices: the project's, or the one that the settings name."""

from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Final

import yaml
from pydantic import ValidationError

from assistant.domain.value_faults import sentences
from assistant.errors import SettingsInvalid
from assistant.pricing.table import EuroPrice, PriceTable
from assistant.settings import Settings, bundled_asset
from ingest.errors import system_cause_fr

_BUNDLED: Final = bundled_asset("pricing") / "prices.yaml"


def load_prices(settings: Settings) -> PriceTable:
    """Raises: `SettingsInvalid` when the settings' own file cannot be used."""
    return _read(settings.prices_file or _BUNDLED)


def model_price(settings: Settings) -> EuroPrice | None:
    """What the configured model costs today; None when nobody says. Raises: `SettingsInvalid`."""
    today = datetime.now(UTC).date()
    return load_prices(settings).price(settings.llm_model, settings.llm_host, today)


@lru_cache(maxsize=4)
def _read(path: Path) -> PriceTable:
    try:
        return PriceTable.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))
    except OSError as error:
        problem = system_cause_fr(error)
    except UnicodeDecodeError:
        problem = "il n'est pas enregistré en UTF-8"
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        problem = f"YAML illisible{f' ligne {mark.line + 1}' if mark else ''}"
    except ValidationError as error:
        problem = sentences(error, whole="fichier")
    told = f"la table de prix « {path} » ne peut pas être utilisée : {problem}."
    raise SettingsInvalid(problem, problem=told)
