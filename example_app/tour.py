"""A tour of reading; `python -m example_app.demo` shows each step and its output."""

# Three of the topics that the application declares, and what reads them.
from example_app.app import airports, flights, weather
from framework_iterator import Iterator

# The last flight of each partition: each payload is a Flight.
for message in Iterator({flights: -1}):
    flight = message.payload
    print(message, flight.code, flight.dest, flight.dep_delay)

# Weather is XML and its topic inactive. It is read where it is named.
for seen in Iterator({weather: -1}):
    print(seen, seen.timestamp, seen.key, seen.payload.temp, "F")

# Airports are Avro: each message names its schema, which a registry has.
for found in Iterator({airports: [0]}, limit=2):
    print(found, found.schema_id, found.payload.faa, found.payload.name)

# This topic is not declared. By default a payload is JSON, and a key is text.
for entry in Iterator("airlines", limit=2):
    print(entry, entry.key, entry.payload)

# The plan of a run: all of one partition, the last 500 offsets of another.
iterator = Iterator({flights: {0: "earliest", 3: -500}})
print(iterator.plan())

# Read it: how many of these flights left more than an hour late?
delays = [message.payload.dep_delay for message in iterator]
late = [delay for delay in delays if delay and delay > 60]
print(f"{len(late)} of {len(delays)}, the worst by {max(late)} minutes")

# The report: what was read, and why the run ended.
print(iterator.report)
