from __future__ import annotations

import collections.abc as cabc

import pytest
from hypothesis import settings

from framework.testing import reset_current_app

# A slow machine is no bug.
settings.register_profile("patient", deadline=None)
settings.load_profile("patient")


@pytest.fixture(autouse=True)
def _no_app() -> cabc.Iterator[None]:
    """Each test begins without an application, whatever those before it have made."""
    reset_current_app()
    yield
    reset_current_app()
