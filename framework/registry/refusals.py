"""Errors for what a registry answers, or doesn't."""

from __future__ import annotations

import re
from typing import Final

from framework.errors import RegistryAuthError, RegistryUnavailableError, SchemaRegistryError
from framework.registry.addresses import Address
from framework.registry.answers import shorten
from framework.registry.logins import Login
from framework.registry.settings import BEARER_TOKEN, USER_INFO

_VARIABLE: Final = "SCHEMA_REGISTRY_BASIC_AUTH_USER_INFO"
_LOGIN: Final = re.compile(r"(?<=//)[^/]*@")


def unavailable(reasons: dict[Address, str], seconds: float) -> RegistryUnavailableError:
    """Return the error for addresses that did not answer in time, each with its last reason."""
    if len(reasons) == 1:
        ((address, reason),) = reasons.items()
        subject, question = f"registry {address} was", "Is it running, and is the address right?"
    else:
        subject = f"registries {', '.join(map(str, reasons))} were"
        reason = "; ".join(f"{address}: {reason}" for address, reason in reasons.items())
        question = "Are they running, and are the addresses right?"
    return RegistryUnavailableError(
        f"Schema {subject} not available within {seconds:g} s: {reason}. {question}",
        addresses=tuple(map(str, reasons)),
        reason=reason,
        seconds=seconds,
    )


def unusable(address: Address, reason: str) -> RegistryUnavailableError:
    """Return the error for an address where a retry is of no use."""
    return RegistryUnavailableError(
        f"Schema registry {address} is unusable: {reason}.", addresses=(str(address),), reason=reason
    )


def refused(address: Address, status: str, text: str, login: Login) -> RegistryAuthError:
    """Return the error for 401 and 403."""
    answer = f"{status}: {text}" if text else status
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


def redirected(address: Address, path: str, location: str) -> RegistryUnavailableError:
    """Return the error for a redirect, with the address that it points to."""
    target = _LOGIN.sub("", re.split(r"[?#]", location)[0].removesuffix(path))
    if target.startswith("/") and not target.startswith("//"):
        target = f"{address.scheme}://{address.host_and_port}{target}"
    return RegistryUnavailableError(
        f"Schema registry {address} redirects to {shorten(target)}, and redirects aren't followed: "
        "if that is the registry, use its address.",
        addresses=(str(address),),
        reason="it redirects",
    )


def unexpected(url: str, status: str, text: str) -> SchemaRegistryError:
    """Return the error for any other status."""
    return SchemaRegistryError(f"{url} answered {status}{f': {text}' if text else ''}.")


def wrong_path(address: Address, url: str) -> RegistryUnavailableError:
    """Return the error for a 404 that isn't about a schema."""
    return RegistryUnavailableError(
        f"Schema registry {address} is unusable: {url} doesn't exist. "
        "Does the address lack a path, such as /apis/ccompat/v7?",
        addresses=(str(address),),
        reason=f"{url} doesn't exist",
    )
