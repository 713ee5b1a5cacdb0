"""The Iterator's own errors, a branch of the framework's tree.

FrameworkError
└── IteratorError
    ├── InvalidStartError     (also a ValueError) a topic, start, end or limit that can't be
    ├── NotIteratingError     (also a RuntimeError) for a live run only, and there is none
    └── AlreadyIteratingError (also a RuntimeError) a second run while one is live
"""

from __future__ import annotations

from framework import FrameworkError


class IteratorError(FrameworkError):
    """The Iterator was used in a way that can't work."""


class InvalidStartError(IteratorError, ValueError):
    """What was written for topics, starts, ends or limits can't be; the sentence names the value."""


class NotIteratingError(IteratorError, RuntimeError):
    """Only a live run can do this."""


class AlreadyIteratingError(IteratorError, RuntimeError):
    """One Iterator has one run at a time."""
