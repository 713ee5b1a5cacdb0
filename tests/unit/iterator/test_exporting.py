"""Record batches as files, and what is refused before anything is read."""

from __future__ import annotations

import datetime as dt
import decimal
import io
import json
import os
import pathlib
from typing import Any

import pyarrow as pa
import pyarrow.parquet
import pytest

from framework_iterator import InvalidOptionError
from framework_iterator.columns import kinds
from framework_iterator.exporting import formats
from framework_iterator.exporting.export import check_path

MOMENT = dt.datetime(2013, 1, 1, 12, 30, 0, 250_000, dt.UTC)
STRUCT = pa.struct([pa.field("n", pa.int64()), pa.field("data", pa.binary())])
SCHEMA = pa.schema(
    [
        pa.field("text", pa.string()),
        pa.field("number", pa.float64()),
        pa.field("at", pa.timestamp("us", "UTC")),
        pa.field("amount", pa.decimal128(5, 2)),
        pa.field("took", pa.duration("us")),
        pa.field("data", pa.binary()),
        kinds.JSON.field("json"),
        pa.field("many", pa.list_(pa.int64())),
        pa.field("inner", STRUCT),
    ]
)
ROW = {
    "text": 'a\n"b",é', "number": 0.5, "at": MOMENT, "amount": decimal.Decimal("1.50"),
    "took": dt.timedelta(seconds=90), "data": b"\xff\xfe", "json": '{"a":[1,null]}', "many": [1, None],
    "inner": {"n": 1, "data": b"\xff"},
}  # fmt: skip
BATCH = pa.RecordBatch.from_pylist([ROW, dict.fromkeys(ROW)], SCHEMA)


def written(ending: str, *batches: pa.RecordBatch) -> bytes:
    file = io.BytesIO()
    with formats.FORMATS[ending](file, batches[0].schema) as write:
        for batch in batches:
            write(batch)
    return file.getvalue()


def test_parquet() -> None:
    table = pyarrow.parquet.read_table(io.BytesIO(written(".parquet", BATCH, BATCH)))
    assert table.to_pylist() == [ROW, dict.fromkeys(ROW)] * 2


def test_row_groups_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(formats, "_GROUP", 1)
    file = pyarrow.parquet.ParquetFile(io.BytesIO(written(".parquet", BATCH, BATCH)))
    assert file.num_row_groups == 2


def test_arrow() -> None:
    table = pa.ipc.open_file(io.BytesIO(written(".arrow", BATCH, BATCH))).read_all()
    assert table.to_pylist() == [ROW, dict.fromkeys(ROW)] * 2


def test_lines_of_json() -> None:
    lines = written(".jsonl", BATCH).decode().splitlines()
    assert [json.loads(each) for each in lines] == [
        {
            "text": 'a\n"b",é', "number": 0.5, "at": "2013-01-01T12:30:00.250000Z", "amount": "1.50",
            "took": "PT1M30S", "data": "//4=", "json": {"a": [1, None]}, "many": [1, None],
            "inner": {"n": 1, "data": "/w=="},
        },
        dict.fromkeys(ROW),
    ]  # fmt: skip


@pytest.mark.parametrize(("number", "text"), [(float("nan"), "NaN"), (float("-inf"), "-Infinity")])
def test_numbers_that_json_does_not_have(number: float, text: str) -> None:
    [line] = written(".jsonl", pa.RecordBatch.from_pydict({"x": [number]})).splitlines()
    assert json.loads(line) == {"x": text}


def test_moments_that_python_does_not_have() -> None:
    moment = pa.timestamp("ms", "UTC")
    inner = pa.struct([pa.field("many", pa.list_(moment))])
    schema = pa.schema([pa.field("at", moment), pa.field("inner", inner)])
    late, early, usual = 253_402_304_399_000, -62_135_600_400_000, 0
    rows = [
        {"at": late, "inner": {"many": [usual, early, None]}},
        {"at": usual, "inner": {"many": None}},
        {"at": None, "inner": None},
    ]
    batch = pa.RecordBatch.from_pylist(rows, schema)
    assert [json.loads(line) for line in written(".jsonl", batch).splitlines()] == [
        {
            "at": "10000-01-01T00:59:59.000Z",
            "inner": {"many": ["1970-01-01T00:00:00Z", "0000-12-31T23:00:00.000Z", None]},
        },
        {"at": "1970-01-01T00:00:00Z", "inner": {"many": None}},
        {"at": None, "inner": None},
    ]
    assert b'0000-12-31T23:00:00.000Z"",null' in written(".csv", batch)


def test_moments_that_pyarrow_writes_as_of_another_year() -> None:
    schema = pa.schema([pa.field("at", pa.timestamp("ms", "UTC")), pa.field("day", pa.date32())])
    # Microseconds, given as milliseconds.
    far = pa.RecordBatch.from_pydict(
        {"at": [1_700_000_000_000_000, None], "day": [None, 100_000_000]}, schema
    )
    usual = pa.RecordBatch.from_pydict({"at": [0], "day": [0]}, schema)
    assert written(".csv", usual, far, usual).decode() == (
        '"at","day"\n'
        "1970-01-01 00:00:00.000Z,1970-01-01\n"
        '"55840-11-08 22:13:20.000Z",\n'
        ',"275760-09-13"\n'
        "1970-01-01 00:00:00.000Z,1970-01-01\n"
    )
    assert [json.loads(line) for line in written(".jsonl", far).splitlines()] == [
        {"at": "55840-11-08T22:13:20.000Z", "day": None},
        {"at": None, "day": "275760-09-13"},
    ]


def test_csv() -> None:
    assert written(".csv", BATCH).decode() == (
        '"text","number","at","amount","took","data","json","many","inner"\n'
        '"a\n""b"",é",0.5,2013-01-01 12:30:00.250000Z,1.50,"PT1M30S","//4=","{""a"":[1,null]}","[1,null]",'
        '"{""n"":1,""data"":""/w==""}"\n'
        ",,,,,,,,\n"
    )


@pytest.mark.parametrize("ending", sorted(formats.FORMATS))
def test_no_rows(ending: str) -> None:
    assert written(ending, BATCH.slice(0, 0)) == written(ending, BATCH.slice(0, 0))


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("flights", "'flights' has an unknown ending: expected .arrow, .csv, .jsonl or .parquet."),
        ("a.json", "'a.json' has an unknown ending: expected .arrow, .csv, .jsonl or .parquet."),
        ("no/a.csv", "'no' isn't a writable folder: create it, or write another one."),
        ("is.csv", "'is.csv' is a folder: write the name of a file."),
        ("pipe.csv", "'pipe.csv' is no regular file: it would be replaced by one."),
        ("link.csv", "'{folder}/gone' isn't a writable folder: create it, or write another one."),
    ],
)
def test_wrong_paths(path: Any, text: str, tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "is.csv").mkdir()
    os.mkfifo(tmp_path / "pipe.csv")
    (tmp_path / "link.csv").symlink_to(tmp_path / "gone" / "a.csv")
    with pytest.raises(InvalidOptionError) as caught:
        check_path(path)
    assert str(caught.value) == text.format(folder=os.path.realpath(tmp_path))


def test_an_ending_may_be_in_capitals(tmp_path: pathlib.Path) -> None:
    assert check_path(tmp_path / "A.CSV").name == "A.CSV"
