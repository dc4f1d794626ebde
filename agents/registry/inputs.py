"""What a built-in graph wants to be started with, and what is wrong with an input, in words."""

from __future__ import annotations

import inspect
from types import ModuleType
from typing import Any

from pydantic import BaseModel, ValidationError

_REASONS = {
    "missing": "is missing",
    "extra_forbidden": "is not a field of this input",
    "model_type": "expected an object",
}


def input_model(module: ModuleType) -> type[BaseModel] | None:
    model = getattr(module, "INPUT", None)
    return model if inspect.isclass(model) and issubclass(model, BaseModel) else None


def input_sentence(error: ValidationError) -> str:
    return "; ".join(_field_sentence(item) for item in error.errors())


def _field_sentence(item: Any) -> str:
    field = ".".join(str(part) for part in item["loc"]) or "input"
    reason = _REASONS.get(item["type"]) or str(item["msg"]).removeprefix("Value error, ")
    if reason.lower().startswith(f"{field.lower()}:"):
        reason = reason[len(field) + 1 :].strip()
    return f"{field}: {reason[:1].lower()}{reason[1:]}"
