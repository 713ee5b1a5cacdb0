"""The Django application, which `INSTALLED_APPS` names as "framework.contrib.django"."""

from __future__ import annotations

from typing import Any

from django.apps import AppConfig
from django.core.signals import setting_changed

from framework import current
from framework.contrib.django.settings import check, find_app


class KafkaConfig(AppConfig):  # type: ignore[misc]
    """Has `KAFKA_APP` name the application of every Iterator and command of this process."""

    name = "framework.contrib.django"
    label = "framework_kafka"  # a project may have an app of its own that is called kafka, or django
    verbose_name = "Kafka"

    def ready(self) -> None:
        """Check the form of `KAFKA_APP`; the application is imported when something needs it."""
        check()
        current.named_by_host(find_app)
        setting_changed.connect(_forget, dispatch_uid=self.name)


def _forget(*, setting: str, **_others: Any) -> None:
    """Find the application again after a test has overridden the setting."""
    if setting == "KAFKA_APP":
        current.reset()
