"""The benchmarks as values: the jobs, the programs that do each of them, and the targets."""

from __future__ import annotations

from tests.benchmarks.cases import ALONE, MEMORY, PLAN, SCAN, TIMES, WHOLE, Case, Job, Line, Metric, Target
from tests.benchmarks.topics import (
    AVRO,
    EMPTY,
    JSON_SCHEMA,
    KEYED,
    KEYED_YEAR,
    LARGE,
    NINE_YEARS,
    NO_TOPIC,
    PROTOBUF,
    THREE_YEARS,
    YEAR,
    YEARS_AVRO,
)

_ONE, _TWELVE, _HUNDRED, _THOUSAND = EMPTY
_AVRO_DICT, _AVRO_MODEL = "Avro to dict, Confluent", "Avro to pydantic, Confluent"
_PROTOBUF, _PROTOBUF_DICT = "Protobuf to message, Confluent", "Protobuf to dict, Confluent"
_JSON_SCHEMA = "JSON Schema, validating, Confluent"
_KEY, _KEY_TUNED, _CONTAINING_TUNED = "key", "tuned loop, key", "tuned loop, containing"
_NEWEST = 'order="newest", limit=10'

JOBS = (
    Job(
        "a",
        "Every payload, as bytes",
        SCAN,
        (
            Case("Iterator", "iterator", "scan"),
            Case("Iterator, raw_payload", "iterator", "scan_raw"),
            Case("Iterator, batches", "iterator", "scan_batches"),
            Case("tuned loop", "tuned", "scan"),
            Case("stripped loop", "tuned", "scan_stripped"),
            Case("tuned loop, no checksums", "tuned", "scan_unchecked"),
            Case("kcat", "kcat", "scan"),
            Case("aiokafka", "aio_kafka", "scan", peer="aiokafka"),
            Case("poll loop", "poll", "scan"),
            Case("quixstreams", "quix", "scan", YEAR, slow=True, peer="quixstreams"),
            Case("kafka-python", "kafka_python", "scan", YEAR, slow=True, peer="kafka-python"),
        ),
    ),
    Job(
        "b",
        "Every payload, decoded from JSON",
        SCAN,
        (
            Case("Iterator", "iterator", "scan_json"),
            Case("tuned loop, from_json", "tuned_models", "scan_json"),
            Case("poll loop, json.loads", "poll", "scan_json"),
        ),
    ),
    Job(
        "c",
        "Every payload, into a model",
        SCAN,
        (
            Case("Iterator, pydantic", "iterator_models", "scan_pydantic"),
            Case("tuned loop, pydantic", "tuned_models", "scan_pydantic"),
            Case("Iterator, msgspec", "iterator_models", "scan_struct"),
            Case("tuned loop, msgspec", "tuned_models", "scan_struct"),
        ),
    ),
    Job(
        "d",
        "The last 10 messages of each of 12 partitions",
        TIMES,
        (
            Case("Iterator", "iterator", "tail", reads="tail"),
            Case("Iterator, warm", "iterator", "tail_warm", reads="tail"),
            Case("by hand, warm", "tuned", "tail_warm", reads="tail"),
            Case("by hand", "tuned", "tail", reads="tail"),
            Case("poll loop", "poll", "tail", reads="tail"),
            Case("kcat", "kcat", "tail", reads="tail"),
            Case("aiokafka", "aio_kafka", "tail", reads="tail", peer="aiokafka"),
            Case("kafka-python", "kafka_python", "tail", reads="tail", slow=True, peer="kafka-python"),
        ),
    ),
    Job(
        "e",
        "A plan, in a warm process",
        PLAN,
        (
            Case("1 partition", "iterator_plan", "plan", _ONE, "plan"),
            Case("12 partitions", "iterator_plan", "plan", _TWELVE, "plan"),
            Case("100 partitions", "iterator_plan", "plan", _HUNDRED, "plan"),
            Case("1,000 partitions", "iterator_plan", "plan", _THOUSAND, "plan"),
            Case("1 partition, by hand", "tuned", "plan", _ONE, "plan"),
            Case("1,000 partitions, by hand", "tuned", "plan", _THOUSAND, "plan"),
        ),
    ),
    Job(
        "f",
        "Memory",
        MEMORY,
        (
            Case("one year", "iterator", "scan", YEAR),
            Case("three years", "iterator", "scan", THREE_YEARS),
            Case("nine years", "iterator", "scan", NINE_YEARS, slow=True),
            Case("nine years, tuned loop", "tuned", "scan", NINE_YEARS, slow=True),
            Case("messages of 1 MB", "iterator", "scan", LARGE),
            Case("messages of 1 MB, clean()", "iterator", "scan_clean", LARGE),
            Case("messages of 1 MB, tuned loop", "tuned", "scan", LARGE),
        ),
    ),
    Job(
        "g",
        "The first message",
        TIMES,
        (
            Case("Iterator", "iterator", "first", reads="first"),
            Case("Iterator, warm", "iterator", "first_warm", reads="first"),
            Case("by hand, warm", "tuned", "first_warm", reads="first"),
            Case("by hand", "tuned", "first", reads="first"),
            Case("poll loop", "poll", "first", reads="first"),
            Case("poll loop, warm", "poll", "first_warm", reads="first"),
            Case("kcat", "kcat", "first", reads="first"),
            Case("aiokafka", "aio_kafka", "first", reads="first", peer="aiokafka"),
            Case("kafka-python", "kafka_python", "first", reads="first", slow=True, peer="kafka-python"),
        ),
    ),
    Job(
        "h",
        "The sizes of all messages",
        WHOLE,
        (Case("framework sizes", "framework", "sizes", reads="count"),),
    ),
    Job(
        "i",
        "Starting",
        WHOLE,
        (
            Case("python -c pass", "python", "pass", NO_TOPIC),
            Case("import confluent_kafka", "python", "import confluent_kafka", NO_TOPIC),
            Case("import framework", "python", "import framework", NO_TOPIC),
            Case("import framework_iterator", "python", "import framework_iterator", NO_TOPIC),
            Case("framework --help", "framework", "--help", NO_TOPIC),
        ),
    ),
    Job(
        "j",
        "Pickling 1,000 messages, each by itself",
        (Metric.INSIDE,),
        (
            Case("messages", "pickling", "messages", NO_TOPIC),
            Case("dicts", "pickling", "dicts", NO_TOPIC),
        ),
    ),
    Job(
        "k",
        "Payloads of a schema registry, from memory",
        ALONE,
        (
            Case("Avro to dict", "framed", "avro_dict", AVRO, other=_AVRO_DICT),
            Case(_AVRO_DICT, "framed_confluent", "avro_dict", AVRO),
            Case("Avro to pydantic", "framed", "avro_model", AVRO, other=_AVRO_MODEL),
            Case(_AVRO_MODEL, "framed_confluent", "avro_model", AVRO),
            Case("Protobuf to message", "framed", "protobuf_message", PROTOBUF, other=_PROTOBUF),
            Case(_PROTOBUF, "framed_confluent", "protobuf_message", PROTOBUF),
            Case(f"{_PROTOBUF} without registry", "framed_confluent", "protobuf_message_alone", PROTOBUF),
            Case("Protobuf to dict", "framed", "protobuf_dict", PROTOBUF, other=_PROTOBUF_DICT),
            Case(_PROTOBUF_DICT, "framed_confluent", "protobuf_dict", PROTOBUF),
            Case(f"{_PROTOBUF_DICT} without registry", "framed_confluent", "protobuf_dict_alone", PROTOBUF),
            Case("JSON Schema, validating", "framed", "json_schema", JSON_SCHEMA, other=_JSON_SCHEMA),
            Case(_JSON_SCHEMA, "framed_confluent", "json_schema", JSON_SCHEMA),
        ),
    ),
    Job(
        "l",
        "Every payload, from Avro of a schema registry into a model",
        SCAN,
        (
            Case("Iterator, JSON", "iterator_models", "scan_pydantic"),
            Case("Iterator, Avro", "framed", "scan_avro", YEARS_AVRO),
            Case("tuned loop, Avro by Confluent", "framed_confluent", "scan_avro", YEARS_AVRO, slow=True),
        ),
    ),
    Job(
        "m",
        "The messages of one key, and those with a text in their payload",
        TIMES,
        (
            Case(_KEY, "look", "key", KEYED, "key"),
            Case("key, partitioner declared", "look", "key_partitioner", KEYED, "key", other=_KEY),
            Case(_KEY_TUNED, "look", "key_tuned", KEYED, "key"),
            Case("containing", "look", "containing", KEYED, "containing", other=_CONTAINING_TUNED),
            Case("where", "look", "where", KEYED, "containing", other=_CONTAINING_TUNED),
            Case(_CONTAINING_TUNED, "look", "containing_tuned", KEYED, "containing"),
        ),
    ),
    Job(
        "n",
        "Messages in order",
        SCAN,
        (
            Case("as they arrive", "iterator", "scan", KEYED),
            Case('order="time"', "look", "by_time", KEYED),
            Case('order="newest"', "look", "newest_all", KEYED, slow=True),
        ),
    ),
    Job(
        "o",
        "The newest 10 messages, in a warm process",
        (Metric.INSIDE, Metric.PEAK),
        (
            Case(_NEWEST, "look", "newest", KEYED, "newest"),
            Case(f"{_NEWEST}, a third of the topic", "look", "newest", YEAR, "newest"),
            Case("a plan", "look", "plan", KEYED, "plan"),
        ),
    ),
    Job(
        "p",
        "The latest message of each key",
        TIMES,
        (
            Case("snapshot()", "look", "snapshot", KEYED_YEAR, "keys"),
            Case("snapshot(), three years", "look", "snapshot", KEYED, "keys"),
            Case("message loop over bytes", "iterator", "scan", KEYED_YEAR),
        ),
    ),
)

SUMMARY = (
    Line("Payloads as bytes", "a", Metric.RATE, ("Iterator", "tuned loop", "poll loop")),
    Line("JSON", "b", Metric.RATE, ("Iterator", "tuned loop, from_json", "poll loop, json.loads")),
    Line("pydantic model", "c", Metric.RATE, ("Iterator, pydantic", "tuned loop, pydantic", None)),
    Line("msgspec Struct", "c", Metric.RATE, ("Iterator, msgspec", "tuned loop, msgspec", None)),
    Line("Avro to pydantic", "l", Metric.RATE, ("Iterator, Avro", "tuned loop, Avro by Confluent", None)),
    Line("Last 10 of 12 partitions", "d", Metric.WHOLE, ("Iterator", "by hand", "poll loop")),
    Line("Memory", "a", Metric.PEAK, ("Iterator", "tuned loop", "poll loop")),
)

TARGETS = (
    Target("a", "Iterator", "tuned loop", Metric.RATE, at_least=0.8),
    Target("a", "Iterator, batches", "tuned loop", Metric.RATE, at_least=0.95),
    Target("a", "Iterator", "stripped loop", Metric.RATE, at_least=0.8),
    Target("a", "Iterator", "poll loop", Metric.RATE, at_least=6),
    Target("a", "Iterator", "aiokafka", Metric.RATE, at_least=5),
    Target("a", "Iterator", "kafka-python", Metric.RATE, at_least=45),
    Target("a", "Iterator", "kcat", Metric.WHOLE, at_most=1),
    Target("b", "Iterator", "tuned loop, from_json", Metric.RATE, at_least=0.85),
    Target("b", "Iterator", "poll loop, json.loads", Metric.RATE, at_least=2.5),
    Target("c", "Iterator, pydantic", "tuned loop, pydantic", Metric.RATE, at_least=0.85),
    Target("c", "Iterator, msgspec", "tuned loop, msgspec", Metric.RATE, at_least=0.8),
    Target("d", "Iterator, warm", "by hand, warm", Metric.INSIDE, at_most=1.2),
    Target("d", "Iterator", "by hand", Metric.WHOLE, at_most=1.3),
    Target("d", "Iterator", "poll loop", Metric.WHOLE, at_most=0.25),
    Target("d", "Iterator", "kcat", Metric.WHOLE, at_most=1),
    Target("e", "12 partitions", "1 partition", Metric.REQUESTS, at_most=1),
    Target("e", "100 partitions", "1 partition", Metric.REQUESTS, at_most=1),
    Target("e", "1,000 partitions", "1 partition", Metric.REQUESTS, at_most=1),
    Target("e", "1,000 partitions", "1 partition", Metric.INSIDE, at_most=5),
    Target("f", "nine years", "one year", Metric.PEAK, at_most=1.1),
    Target("j", "messages", "dicts", Metric.INSIDE, at_most=3.3),
    Target("k", "Avro to dict", _AVRO_DICT, Metric.CPU_RATE, at_least=3),
    Target("k", "Avro to pydantic", _AVRO_MODEL, Metric.CPU_RATE, at_least=3),
    Target("k", "Protobuf to message", _PROTOBUF, Metric.CPU_RATE, at_least=10),
    Target("k", "Protobuf to dict", _PROTOBUF_DICT, Metric.CPU_RATE, at_least=5),
    Target("k", "JSON Schema, validating", _JSON_SCHEMA, Metric.CPU_RATE, at_least=10),
    Target("l", "Iterator, Avro", "Iterator, JSON", Metric.RATE, at_least=0.625),
    Target("m", _KEY, _KEY_TUNED, Metric.INSIDE, at_most=1.17),
    Target("m", "key, partitioner declared", _KEY, Metric.INSIDE, at_most=0.16),
    Target("m", "containing", _CONTAINING_TUNED, Metric.INSIDE, at_most=1.25),
    Target("n", 'order="time"', "as they arrive", Metric.RATE, at_least=0.5),
    Target("o", _NEWEST, "a plan", Metric.INSIDE, at_most=3),
    Target("p", "snapshot()", "message loop over bytes", Metric.INSIDE, at_most=1.42),
)
