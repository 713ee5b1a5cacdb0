"""How the brokers and the schema registry of an application are reached: values, which connect to nothing."""

from __future__ import annotations

import collections.abc as cabc
import dataclasses
import os
from typing import Any

from framework import config, config_checks, registry
from framework.types import KafkaSettings


@dataclasses.dataclass(frozen=True, slots=True, repr=False)
class Connection:
    """Checked settings; they contain secrets.

    Args:
        kafka: The merged settings of clients.
        broker_timeout: Seconds that a broker may take to answer.
        registry_layers: The settings of the schema registry by source; later ones win.
        schema_registry: These, merged; None where no address is set.
    """

    kafka: cabc.Mapping[str, Any]
    broker_timeout: float
    registry_layers: tuple[registry.Layer | None, ...]
    schema_registry: registry.RegistrySettings | None

    @classmethod
    def of(
        cls,
        client_id: str,
        kafka: KafkaSettings | None,
        broker_timeout: float,
        schema_registry: registry.Layer | None,
    ) -> Connection:
        """Return what an application is given, with the variables of the environment below it."""
        own = {"bootstrap.servers": config.DEFAULT_SERVERS, "client.id": client_id}
        merged = config_checks.merge_checked(own, kafka, environment=config.from_environment(os.environ))
        layers = registry.from_environment(os.environ), schema_registry
        return cls(merged, _checked(broker_timeout), layers, registry.merge(*layers))

    def replaced(
        self,
        kafka: KafkaSettings | None,
        broker_timeout: float | None,
        schema_registry: registry.Layer | None,
    ) -> Connection:
        """Return these settings with others above them; None leaves what is there."""
        layers = (*self.registry_layers, schema_registry)
        seconds = self.broker_timeout if broker_timeout is None else _checked(broker_timeout)
        merged = config_checks.merge_checked(dict(self.kafka), kafka)
        return Connection(merged, seconds, layers, registry.merge(*layers))


def _checked(broker_timeout: float) -> float:
    return config.check_seconds("broker_timeout", broker_timeout, doubtful=1000)
