"""JSON answers of OpenFisca's web API in which a missing amount is null and a day is an ISO date."""

from __future__ import annotations

import datetime
import math
from typing import Any

import flask
from flask.json.provider import DefaultJSONProvider
from openfisca_web_api import app


def plain(value: Any) -> Any:
    """The same value with null for NaN and infinity, which JSON does not know, and ISO days, as inputs have them."""
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, datetime.date):
        return value.isoformat()
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    return value


class MissingAsNull(DefaultJSONProvider):
    """Flask's JSON, with null for a missing amount."""

    def dumps(self, obj: Any, **kwargs: Any) -> str:
        """Serialise to strict JSON."""
        return super().dumps(plain(obj), **kwargs)


class Flask(flask.Flask):
    """Flask with strict JSON."""

    json_provider_class = MissingAsNull


def missing_as_null() -> None:
    """Let the application that OpenFisca's web API is about to make write null where an amount is missing.

    openfisca-core offers no setting for it, and writes NaN, which no strict JSON reader accepts.
    """
    app.Flask = Flask
