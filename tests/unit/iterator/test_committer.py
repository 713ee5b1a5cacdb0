from __future__ import annotations

import pytest

from framework import CommitError
from framework.clients import open_consumer
from framework_iterator.committing.committer import Committer


def test_a_client_that_cannot_be_opened_is_a_commit_that_failed() -> None:
    settings = {"bootstrap.servers": "127.0.0.1:1", "group.id": "nightly"}
    reader, trouble = open_consumer(settings)
    gone = {"security.protocol": "ssl", "ssl.ca.location": "/no/such/file"}
    committer = Committer(settings | gone, reader, trouble, 1.0)
    with pytest.raises(
        CommitError, match=r"The marks were not committed for group 'nightly': .*ssl\.ca\.location failed"
    ):
        committer.commit({("flights", 0): 7})
    committer.send({("flights", 0): 7})
    committer.close(1.0)
    assert [answer.refused for answer in committer.take()] == [[("flights", 0)]]
    reader.close()
