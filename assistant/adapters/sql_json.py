"""Domain objects as the JSON text that the tables keep, and back."""

import json
from typing import TypeVar

from pydantic import BaseModel, ValidationError

M = TypeVar("M", bound=BaseModel)


def dump(model: BaseModel) -> str:
    """The object as ASCII JSON: escapes carry what a database or UTF-8 would refuse.

    A NUL character, or the lone surrogate of a file name in another encoding, comes back as is.
    """
    return json.dumps(model.model_dump(mode="json"))


def load(kind: type[M], body: str) -> M | None:
    """The object that `dump` wrote; None when the text is not such an object."""
    try:
        return kind.model_validate(json.loads(body))
    except (json.JSONDecodeError, ValidationError):
        return None
