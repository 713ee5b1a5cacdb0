from __future__ import annotations

import pytest

from framework import App, AppNotFoundError, current


def test_there_is_no_current_app_at_first() -> None:
    assert current.find() is None
    assert current.chosen() is None


def test_the_only_app_made_is_the_current_one() -> None:
    app = App()

    assert current.find() is app
    assert current.chosen() is None


def test_of_two_apps_none_is_the_current_one_and_both_are_named() -> None:
    first, second = App(client_id="first"), App(client_id="second")

    with pytest.raises(AppNotFoundError) as caught:
        current.find()
    assert str(caught.value) == (
        f"There are 2 applications and none was chosen: {first!r}, {second!r}. "
        "Pass one: app=..., or set FRAMEWORK_APP."
    )
    assert "'first'" in str(caught.value)
    assert "'second'" in str(caught.value)


def test_a_chosen_app_is_the_current_one_however_many_there_are() -> None:
    app = App()
    App()
    current.choose(app)
    App()

    assert current.find() is app
    assert current.chosen() is app


def test_the_last_choice_counts() -> None:
    first, second = App(), App()
    current.choose(first)
    current.choose(second)

    assert current.find() is second


def test_reset_forgets_what_was_made_and_what_was_chosen() -> None:
    current.choose(App())
    current.reset()

    assert current.find() is None
