"""What a model's tokens cost: a dated table that anyone may correct, and the sum it gives."""

from assistant.pricing.loading import load_prices, model_price
from assistant.pricing.table import EuroPrice, ModelPrice, PriceTable, Rate

__all__ = ["EuroPrice", "ModelPrice", "PriceTable", "Rate", "load_prices", "model_price"]
