from google.cloud.firestore_v1.types import CommitRequest
from google.pubsub_v1.types import PublishRequest

from benchmarks.bare_calls import packed_requests


def test_packed_requests_are_what_sign_ups_send() -> None:
    commits, publishes = packed_requests("bench", 2).values()

    writes = [CommitRequest.deserialize(commit).writes for commit in commits]
    assert [[write.update.name.split("/")[-2] for write in each] for each in writes] == [
        ["users", "email_reservations", "outbox"]
    ] * 2
    assert all("exists" in write.current_document for each in writes for write in each)
    assert len({write.update.name for each in writes for write in each}) == 6
    published = [PublishRequest.deserialize(publish) for publish in publishes]
    assert {request.topic for request in published} == {"projects/bench/topics/user.created"}
    assert [len(request.messages) for request in published] == [1, 1]
