"""Errors for what a registry answers, or doesn't."""

from __future__ import annotations

import re
from typing import Final

from framework.errors import (
    RegistryAuthError,
    RegistryUnavailableError,
    SchemaNotFoundError,
    SchemaRegistryError,
)
from framework.registry.addresses import Address
from framework.registry.logins import Login
from framework.registry.redaction import Redact, shorten
from framework.registry.schema import IDS
from framework.registry.settings import BEARER_TOKEN, USER_INFO
from framework.retry import Deadline

_VARIABLE: Final = "SCHEMA_REGISTRY_BASIC_AUTH_USER_INFO"
_LOGIN: Final = re.compile(r"^([a-z]+:)?(//)?.*@", re.IGNORECASE)


def unavailable(reasons: dict[Address, str], seconds: float) -> RegistryUnavailableError:
    """Return the error for addresses that did not answer in time, each with its last reason."""
    subject, reason = _join(reasons)
    if len(reasons) == 1:
        question = "Is it running, and is the address right?"
    else:
        question = "Are they running, and are the addresses right?"
    text = f"Schema {subject} not available within {seconds:g} s: {reason}. {question}"
    return RegistryUnavailableError(text, addresses=tuple(map(str, reasons)), reason=reason, seconds=seconds)


def paused(reasons: dict[Address, str], pause: float, deadline: Deadline) -> RegistryUnavailableError:
    """Return the error for addresses that ask for a longer pause than there is time."""
    subject, reason = _join(reasons)
    left = deadline.remaining
    ask = "It asks" if len(reasons) == 1 else "They ask"
    return RegistryUnavailableError(
        f"Schema {subject} not available: {reason}. {ask} for a pause of {pause:.3g} s, and {left:.3g} s of "
        f"{deadline.seconds:g} s are left. Try again later, or with a longer timeout.",
        addresses=tuple(map(str, reasons)),
        reason=reason,
        seconds=deadline.seconds - left,
    )


def _join(reasons: dict[Address, str]) -> tuple[str, str]:
    """Return the subject of a sentence, and all reasons."""
    if len(reasons) == 1:
        ((address, reason),) = reasons.items()
        return f"registry {address} was", reason
    subject = f"registries {', '.join(map(str, reasons))} were"
    return subject, "; ".join(f"{address}: {reason}" for address, reason in reasons.items())


def unusable(address: Address, reason: str) -> RegistryUnavailableError:
    """Return the error for an address where a retry is of no use."""
    return RegistryUnavailableError(
        f"Schema registry {address} is unusable: {reason}.", addresses=(str(address),), reason=reason
    )


def no_registry(address: Address, reason: str) -> RegistryUnavailableError:
    """Return the error for an answer that no registry gives: the address is wrong."""
    return RegistryUnavailableError(
        f"Schema registry {address} is unusable: {reason}. Is this the address of a schema registry?",
        addresses=(str(address),),
        reason=reason,
    )


def refused(address: Address, status: str, text: str, login: Login) -> RegistryAuthError:
    """Return the error for 401 and 403."""
    answer = _colon(status, text)
    if login.header is None:
        reason = (
            f"expects a login ({answer}). Set {USER_INFO} to user:password, or {BEARER_TOKEN}; "
            f"in the environment, {_VARIABLE}."
        )
    elif status.startswith("401"):
        reason = f"refused the login ({answer}). Check {login.source}."
    else:
        reason = f"refused the request ({answer}). Check the rights of this user: {login.source}."
    return RegistryAuthError(f"Schema registry {address} {reason}")


def redirected(address: Address, path: str, location: str, redact: Redact) -> RegistryUnavailableError:
    """Return the error for a redirect, with the address that it points to."""
    target = _LOGIN.sub(r"\1\2", re.split(r"[?#]", location)[0].removesuffix(path))
    if target.startswith("/") and not target.startswith("//"):
        target = f"{address.scheme}://{address.host_and_port}{target}"
    return RegistryUnavailableError(
        f"Schema registry {address} redirects to {shorten(redact(target))}, and redirects aren't followed: "
        "if that is the registry, use its address.",
        addresses=(str(address),),
        reason="it redirects",
    )


def invalid(url: str, status: str, text: str) -> SchemaRegistryError:
    """Return the error for a schema or version that the registry itself calls invalid."""
    return SchemaRegistryError(f"{url} answered {_colon(status, text)}.")


def unexpected(address: Address, path: str, status: str, text: str) -> RegistryUnavailableError:
    """Return the error for any other status: each further request would get the same."""
    return unusable(address, f"it answered {path} with {_colon(status, text)}")


def wrong_path(address: Address, url: str) -> RegistryUnavailableError:
    """Return the error for a 404 that isn't about a schema."""
    return RegistryUnavailableError(
        f"Schema registry {address} is unusable: {url} doesn't exist. "
        "Does the address lack a path, such as /apis/ccompat/v7?",
        addresses=(str(address),),
        reason=f"{url} doesn't exist",
    )


def impossible(schema_id: int, registry: str) -> SchemaNotFoundError:
    """Return the error for an id that no registry gives."""
    text = (
        f"Schema {schema_id} isn't in the registry {registry}: ids are from {IDS[0]} to {IDS[-1]}. "
        "Was the message written without a schema?"
    )
    return SchemaNotFoundError(text, schema_id=schema_id, registry=registry)


def _colon(status: str, text: str) -> str:
    return f"{status}: {text}" if text else status
