"""The Iterator's own errors, a branch of the framework's tree.

FrameworkError
└── IteratorError
    ├── InvalidOptionError        (also a ValueError) an argument with an impossible value
    │   └── InvalidStartError     topics, starts and ends
    ├── NotIteratingError         (also a RuntimeError) there is no live run
    ├── AlreadyIteratingError     (also a RuntimeError) a second run while one is live
    └── ScanError                 a part of a scan failed: .part .reports .scan
"""

from __future__ import annotations

from framework import FrameworkError


class IteratorError(FrameworkError):
    """The Iterator was used in a way that doesn't work."""


class InvalidOptionError(IteratorError, ValueError):
    """An argument has an impossible value, or contradicts another; the message names the value."""


class InvalidStartError(InvalidOptionError):
    """Topics, starts or ends have an impossible value; the message names it."""


class NotIteratingError(IteratorError, RuntimeError):
    """The call needs a live run, or one that reads what it names, and there is none."""


class AlreadyIteratingError(IteratorError, RuntimeError):
    """The Iterator has a live run already; it has one at a time."""
