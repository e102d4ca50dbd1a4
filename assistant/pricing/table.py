"""The table of prices, and what it says of a usage."""

import re
from collections.abc import Mapping
from datetime import date
from typing import Final, Self

from pydantic import Field, model_validator

from assistant.domain.finding import Usage
from ingest.types import Frozen

_MILLION: Final = 1_000_000
_DATE_IN_NAME: Final = re.compile(r"-\d{4}-\d{2}-\d{2}$")


class Rate(Frozen):
    """What one unit of a currency is worth, in euros."""

    euros: float = Field(gt=0)
    depuis: date
    source: str


class ModelPrice(Frozen):
    """The price of a model from one day on.

    Units: `entree`, `entree_en_cache` and `sortie` per million tokens, in `devise`; `lot` is the
    share of it that the batch endpoint costs. `serveurs` is empty when any server will do.
    """

    nom: str = Field(min_length=1)
    serveurs: tuple[str, ...] = ()
    devise: str
    depuis: date
    entree: float = Field(ge=0)
    entree_en_cache: float | None = Field(default=None, ge=0)
    sortie: float = Field(ge=0)
    lot: float = Field(default=1.0, ge=0, le=1)
    source: str

    @property
    def cached_input(self) -> float:
        """A cached token is as dear as another when nobody says otherwise."""
        return self.entree if self.entree_en_cache is None else self.entree_en_cache


class EuroPrice(Frozen):
    """A model's price in euros per token, ready to be applied. `source_fr` says where from."""

    fresh_input: float
    cached_input: float
    output: float
    batch_share: float = 1.0
    source_fr: str = ""

    def cost(self, usage: Usage, *, batch: bool = False) -> float:
        """Euros. `usage.input_tokens` includes the cached ones, as every provider counts them."""
        cached = min(usage.cached_tokens, usage.input_tokens)
        direct = (
            (usage.input_tokens - cached) * self.fresh_input
            + cached * self.cached_input
            + usage.output_tokens * self.output
        )
        return direct * (self.batch_share if batch else 1.0)

    @property
    def batched(self) -> "EuroPrice":
        """The price of the same tokens through the batch endpoint."""
        share = self.batch_share
        return EuroPrice(
            fresh_input=self.fresh_input * share,
            cached_input=self.cached_input * share,
            output=self.output * share,
            source_fr=self.source_fr,
        )

    def applied(self, usage: Usage, *, batch: bool = False) -> Usage:
        """The same usage, with what it cost."""
        return usage.model_copy(update={"cost_eur": self.cost(usage, batch=batch)})


class PriceTable(Frozen):
    """All prices known, dated."""

    version: str
    devises: Mapping[str, Rate]
    modeles: tuple[ModelPrice, ...] = ()

    @model_validator(mode="after")
    def _every_currency_has_its_rate(self) -> Self:
        if missing := {m.devise for m in self.modeles} - set(self.devises):
            raise ValueError(f"devise sans taux : {', '.join(sorted(missing))}")
        return self

    def price(self, model: str, host: str, day: date) -> EuroPrice | None:
        """What a token costs that day; None when the table does not know this model there.

        A dated name without a row of its own has the price of the undated one.
        """
        row = self._row(model, host, day) or self._row(_DATE_IN_NAME.sub("", model), host, day)
        if row is None:
            return None
        unit = self.devises[row.devise].euros / _MILLION
        return EuroPrice(
            fresh_input=row.entree * unit,
            cached_input=row.cached_input * unit,
            output=row.sortie * unit,
            batch_share=row.lot,
            source_fr=f"{row.source} ; prix du {row.depuis:%d/%m/%Y}, table {self.version}",
        )

    def _row(self, model: str, host: str, day: date) -> ModelPrice | None:
        found = [
            row
            for row in self.modeles
            if row.nom == model and row.depuis <= day and _serves(row, host)
        ]
        return max(found, key=lambda row: row.depuis, default=None)


def _serves(row: ModelPrice, host: str) -> bool:
    name = host.rpartition(":")[0] or host
    return not row.serveurs or any(s in (host, name) for s in row.serveurs)
