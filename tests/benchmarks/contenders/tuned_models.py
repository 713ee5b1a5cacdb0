"""The tuned loop, with the decoders that Iterator uses, called by hand."""

from __future__ import annotations

import msgspec
from confluent_kafka import KafkaException
from pydantic import TypeAdapter
from pydantic_core import from_json

from example_app.models import Flight
from tests.benchmarks.contenders.flight import FlightStruct
from tests.benchmarks.contenders.program import Counts, run
from tests.benchmarks.contenders.tuned import batches


def scan_json(servers: str, topic: str) -> Counts:
    messages = distance = 0
    for batch in batches(servers, topic):
        for message in batch:
            if (error := message.error()) is not None:
                raise KafkaException(error)
            messages += 1
            distance += from_json(message.value())["distance"]
    return {"messages": messages, "distance": distance}


def scan_pydantic(servers: str, topic: str) -> Counts:
    messages = distance = 0
    read = TypeAdapter(Flight).validator.validate_json
    for batch in batches(servers, topic):
        for message in batch:
            if (error := message.error()) is not None:
                raise KafkaException(error)
            messages += 1
            distance += read(message.value()).distance
    return {"messages": messages, "distance": distance}


def scan_struct(servers: str, topic: str) -> Counts:
    messages = distance = 0
    read = msgspec.json.Decoder(FlightStruct).decode
    for batch in batches(servers, topic):
        for message in batch:
            if (error := message.error()) is not None:
                raise KafkaException(error)
            messages += 1
            distance += read(message.value()).distance
    return {"messages": messages, "distance": distance}


if __name__ == "__main__":
    run({"scan_json": scan_json, "scan_pydantic": scan_pydantic, "scan_struct": scan_struct})
