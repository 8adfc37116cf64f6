import asyncio

import httpx

from emulator.functions.schedule import call_on_schedule


def told(*answers: httpx.Response | httpx.TransportError) -> list[str]:
    """What is said while the relay gives these answers, one a call."""
    remaining = list(answers)
    words: list[str] = []

    async def run() -> None:
        done = asyncio.Event()

        def answer(_: httpx.Request) -> httpx.Response:
            if not remaining:
                done.set()
                return httpx.Response(200, json={"relayed": 0, "remaining": 0})
            next_answer = remaining.pop(0)
            if isinstance(next_answer, httpx.TransportError):
                raise next_answer
            return next_answer

        client = httpx.AsyncClient(transport=httpx.MockTransport(answer))
        calling = asyncio.create_task(
            call_on_schedule(
                "relay_outbox", "http://relay/", every_seconds=0, timeout_seconds=1, client=client, say=words.append
            )
        )
        await asyncio.wait_for(done.wait(), 5)
        calling.cancel()
        await asyncio.wait([calling])

    asyncio.run(run())
    return words


def relayed(count: int) -> httpx.Response:
    return httpx.Response(200, json={"relayed": count, "remaining": 2})


def test_nothing_is_logged_when_nothing_waited() -> None:
    assert told(relayed(0), relayed(0)) == []


def test_relayed_events_are_logged() -> None:
    assert told(relayed(3)) == ["The relay published 3 waiting events; 2 remain"]


def test_one_failure_is_not_news() -> None:
    assert told(httpx.ConnectError("refused"), relayed(0), httpx.Response(503)) == []


def test_failures_in_a_row_are_logged_once() -> None:
    words = told(httpx.Response(500), httpx.ReadTimeout("slow"), httpx.Response(500))

    assert len(words) == 1
    assert "ReadTimeout" in words[0]


def test_answer_that_is_not_json_is_a_failure() -> None:
    assert len(told(httpx.Response(200, text="<html>"), httpx.Response(200, text="<html>"))) == 1


def test_audit_is_news_unless_every_promise_holds() -> None:
    sound, late = ({"status": status, "report": ["outbox: 1"]} for status in (0, 1))

    assert told(httpx.Response(200, json=sound), httpx.Response(200, json=late)) == [
        "The audit of the stored data:\n  outbox: 1"
    ]
