"""Check that what a scan sends to workers can be sent, and has no secret."""

from __future__ import annotations

import pickle

from framework import config
from framework.types import KafkaSettings
from framework_iterator.errors import InvalidOptionError
from framework_iterator.scanning.task import Task


def check_settings(settings: KafkaSettings | None) -> KafkaSettings | None:
    """Return settings; an InvalidOptionError for a secret among them, which would be sent in clear."""
    for key in settings or {}:
        if config.is_secret(key):
            raise InvalidOptionError(
                f"settings has {key!r}, a secret, and a scan sends its settings to the workers. Set "
                "it in the app's module, or in the environment of the workers (KAFKA_SASL_PASSWORD)."
            )
    return settings


def dumps(task: Task, *, main: str | None) -> bytes:
    """Return a task as bytes; what can't be sent is an InvalidOptionError that names it.

    Args:
        task: The task.
        main: None where workers can't import the module `__main__`.
    """
    for name, value in {"function": task.function, **task.options}.items():
        sent = _dumps(name, value)
        if main is None and b"__main__" in sent:
            raise InvalidOptionError(
                f"{name}={value!r} is of __main__, which worker processes can't import from a notebook, "
                "a shell or python -c. Move it into a module, or pass an executor that sends functions by "
                "value, such as Dask's client.get_executor()."
            )
    return pickle.dumps(task, protocol=pickle.HIGHEST_PROTOCOL)


def _dumps(name: str, value: object) -> bytes:
    try:
        return pickle.dumps(value)
    except Exception as error:  # a class may refuse in any way
        raise InvalidOptionError(
            f"{name}={value!r} can't be sent to worker processes: {error}. Define what it needs with def or "
            "class at the top of a module; lambdas and inner functions have no name there."
        ) from error
