import pytest

from shared.events.codec import Encoding, MalformedEventError, decode
from shared.events.message import Message
from testkit.builders import TRACEPARENT
from tests.unit.shared.events import OUT_OF_BOUNDS, json_of, message_of


@pytest.mark.parametrize("encoding", Encoding)
@pytest.mark.parametrize(("field", "text", "reason"), OUT_OF_BOUNDS)
def test_event_out_of_bounds_is_malformed_and_the_reason_names_field_and_bound_alone(
    encoding: Encoding, field: str, text: str, reason: str
) -> None:
    with pytest.raises(MalformedEventError, match=f"^{reason}") as malformed:
        decode(message_of(encoding, **{field: text}))

    assert text not in str(malformed.value)


def test_reason_names_every_field_that_is_out_of_bounds() -> None:
    with pytest.raises(MalformedEventError, match=r"^name has .*; company contains .*; email is "):
        decode(message_of(Encoding.JSON, name="a" * 101, company="\0", email="x@localhost"))


def test_lone_surrogate_is_malformed() -> None:
    with pytest.raises(MalformedEventError, match="not valid application/json"):
        decode(json_of(name="\ud800"))


@pytest.mark.parametrize("encoding", Encoding)
@pytest.mark.parametrize(
    ("field", "text"),
    [
        ("name", "\N{HANGUL FILLER}"),
        ("name", " \N{ZERO WIDTH SPACE}"),
        ("name", "\N{WOMAN}\N{ZERO WIDTH JOINER}\N{ROCKET}" * 33),
        ("name", "https://example.com/ costs 5 $"),
        ("name", "a" + "\N{COMBINING ACUTE ACCENT}" * 99),
        ("email", f"{'a' * 242}@example.com"),
        ("email", "a=?b@example.com"),
        ("email", "νίκος@bücher.example"),
        ("email", "x@1.2"),
    ],
)
def test_what_a_sign_up_may_refuse_is_decoded_all_the_same(encoding: Encoding, field: str, text: str) -> None:
    assert getattr(decode(message_of(encoding, **{field: text})), field) == text


@pytest.mark.parametrize("traceparent", ["nonsense", TRACEPARENT * 200, f"{TRACEPARENT}\n", "\ud800"])
def test_traceparent_that_is_none_is_ignored(traceparent: str) -> None:
    message = message_of(Encoding.JSON)

    assert decode(Message(message.data, {**message.attributes, "traceparent": traceparent})).traceparent == ""
