from __future__ import annotations

import pytest

from framework import CommitError
from framework.clients import open_consumer
from framework.types import TopicPartition
from framework_iterator.committing.committer import Committed, Committer
from tests import support

FLIGHTS_0 = TopicPartition("flights", 0)


def test_a_client_that_cannot_be_opened_is_a_commit_that_failed() -> None:
    settings = {"bootstrap.servers": "127.0.0.1:1", "group.id": "nightly"}
    reader, reported = open_consumer(settings)
    gone = {"security.protocol": "ssl", "ssl.ca.location": "/no/such/file"}
    committer = Committer(settings | gone, reader, reported, 1.0)
    with pytest.raises(
        CommitError,
        match=r"The marks were not committed for group 'nightly': .*ssl\.ca\.location='/no/such/file'",
    ):
        committer.commit({FLIGHTS_0: 7})
    committer.send({FLIGHTS_0: 7})
    results: list[Committed] = []

    def is_told() -> bool:
        results.extend(committer.take_results())
        return bool(results)

    support.wait_until(is_told, "the result of the commit in the background")
    assert [answer.refused for answer in results] == [[FLIGHTS_0]]
    committer.close(1.0)
    reader.close()
