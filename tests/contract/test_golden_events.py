"""What released versions have published is in outboxes, backlogs and dead letters: this version decodes it."""

from hashlib import sha256
from pathlib import Path

import msgspec
import pytest

from shared.events.codec import Encoding, decode
from shared.events.message import Message
from shared.events.user_created import UserCreated
from testkit.golden_events import LIMITS, read_goldens, recorded_versions
from tests.contract.record_golden import record, this_version
from tests.unit.shared.events import EVENTS

GOLDEN_MESSAGES = [
    pytest.param(golden.event, message, id=f"{version.name}-{event_type}-{encoding}")
    for version in (*recorded_versions(), LIMITS)
    for event_type, golden in read_goldens(version)
    for encoding, message in golden.messages.items()
]


# Of each released version's files. Records never change: a sum is added, not edited.
DIGESTS = {
    "v0.1.0": "e8b3846c8fb899c3c59190c814a1cfe5727808f907abe88d58bc49a762a3755e",  # pragma: allowlist secret
    "v0.2.0": "5035fbd192af9255f4dd44622bbb954e4a72996332eab191f8562ebfc454d615",  # pragma: allowlist secret
    "golden_limits": "be473554e54975da928b1224cd3b260abab1b3c0e3010af57ab3910c687b7476",  # pragma: allowlist secret
}


@pytest.mark.parametrize(("event", "message"), GOLDEN_MESSAGES)
def test_event_of_a_released_version_is_decoded(event: dict[str, object], message: Message) -> None:
    decoded = msgspec.to_builtins(decode(message))

    assert {name: decoded[name] for name in event} == event


def test_address_of_an_event_from_before_proofs_was_not_proved() -> None:
    [golden] = [golden for event_type, golden in read_goldens(recorded_versions()[0]) if event_type == UserCreated.type]

    decoded = [decode(message) for message in golden.messages.values()]

    assert [event.email_verified for event in decoded if isinstance(event, UserCreated)] == [False, False]


def test_this_version_is_recorded_in_every_type_and_encoding() -> None:
    newest = recorded_versions()[-1]

    recorded = {event_type: golden.messages.keys() for event_type, golden in read_goldens(newest)}

    assert newest.name == this_version(), "python -m tests.contract.record_golden"
    assert recorded == {event.type: set(Encoding) for event in EVENTS}


def test_bytes_on_the_wire_stay_as_they_are(tmp_path: Path) -> None:
    record(tmp_path / "now")

    assert dict(read_goldens(tmp_path / "now")) == dict(read_goldens(recorded_versions()[-1]))


def test_files_of_released_versions_are_those_that_were_recorded() -> None:
    assert {version.name: digest(version) for version in (*recorded_versions(), LIMITS)} == DIGESTS


def test_recorded_version_is_never_recorded_again() -> None:
    with pytest.raises(FileExistsError):
        record(recorded_versions()[-1])


def digest(folder: Path) -> str:
    """Of all its files' names and contents."""
    sums = [f"{file.name} {sha256(file.read_bytes()).hexdigest()}" for file in sorted(folder.iterdir())]
    return sha256("\n".join(sums).encode()).hexdigest()
