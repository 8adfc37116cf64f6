"""
Runs the pusher, dies where it is told to, as a crash does, and starts again.

Each step is a point: an event has come (`nats:fetch#1`), the push (`http:push#1`), what the server is answered
(`nats:ack#1`, `nats:nak#1`) and a dead letter's way into its stream (`nats:publish#1`). See crashing_function.py.
"""

import argparse
import os
import runpy
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from unittest.mock import patch

import httpx
from nats.aio.msg import Msg
from nats.js.client import JetStreamContext

from proofs.crashing_function import KILLED, Moments, with_point
from pusher.slot import Slot


def fetch_with_point(moments: Moments) -> Callable[[Slot], Awaitable[Msg | None]]:
    """The server has given an event out; the pusher does not know it yet, and then does."""
    fetch = Slot.next

    async def around(slot: Slot) -> Msg | None:
        message: Msg | None = await fetch(slot)
        if message:
            with moments.around("nats:fetch"):
                pass
        return message

    return around


def push(moments: Moments) -> None:
    with (
        patch.object(Slot, "next", fetch_with_point(moments)),
        patch.object(httpx.AsyncClient, "send", with_point(moments, "http:push", httpx.AsyncClient.send)),
        patch.object(Msg, "ack_sync", with_point(moments, "nats:ack", Msg.ack_sync)),
        patch.object(Msg, "nak", with_point(moments, "nats:nak", Msg.nak)),
        patch.object(JetStreamContext, "publish", with_point(moments, "nats:publish", JetStreamContext.publish)),
    ):
        runpy.run_module("pusher", run_name="__main__")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--crash-at")
    parser.add_argument("--moments", type=Path)
    options = parser.parse_args()
    sys.argv[1:] = []
    status = KILLED
    while status == KILLED:
        if not (child := os.fork()):
            push(Moments(options.moments, options.crash_at))
        status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


if __name__ == "__main__":
    main()
