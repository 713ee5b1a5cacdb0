"""The setting `KAFKA_APP`."""

from __future__ import annotations

import re

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from framework.app import App
from framework.discovery import load_app
from framework.errors import AppNotFoundError

_PATH = re.compile(r"\w+(\.\w+)*(:\w+(\(\))?)?")
_WAY_OUT = 'Name the application by its import path: KAFKA_APP = "shop.kafka:app".'


def check() -> str:
    """Return the setting; an ImproperlyConfigured if it is missing or no import path. It imports nothing."""
    named = getattr(settings, "KAFKA_APP", None)
    if named is None:
        raise ImproperlyConfigured(f"The setting KAFKA_APP is missing. {_WAY_OUT}")
    if not isinstance(named, str):
        # Its type only: an application's settings may have secrets.
        raise ImproperlyConfigured(
            f"The setting KAFKA_APP is invalid: it is {_a(type(named).__name__)}, not a str. {_WAY_OUT}"
        )
    if not _PATH.fullmatch(named) or named.endswith(".py"):
        raise ImproperlyConfigured(f"KAFKA_APP = {named!r} is invalid. {_WAY_OUT}")
    return named


def find_app() -> App:
    """Return the application that the setting names; an ImproperlyConfigured if it names none.

    An error inside its module is raised with its own traceback.
    """
    named = check()
    try:
        return load_app(named)
    except AppNotFoundError as error:
        raise ImproperlyConfigured(f"KAFKA_APP = {named!r} is invalid. {error}") from error


def _a(name: str) -> str:
    return f"{'an' if name[0] in 'AEIOUaeiou' else 'a'} {name}"
