"""Fetches a pinned file over HTTP, continuing what an earlier attempt left."""

from collections.abc import Callable
from pathlib import Path

import httpx
from rich.console import Console

from emulator.google.catalogue import Download
from emulator.google.download_progress import download_progress

_TIMEOUT = httpx.Timeout(30, connect=10)


async def fetch(pinned: Download, part: Path, console: Console) -> None:
    """
    Bring `part` to the size of `pinned`, or a little beyond where the server sends more. What it holds is not checked.

    Raises:
        httpx.HTTPError: The server cannot be reached, refuses or breaks off; `part` keeps what arrived.
        OSError: `part` cannot be written.
    """
    done = _size(part)
    if done >= pinned.size_bytes:
        return
    headers = {"Accept-Encoding": "identity", "Range": f"bytes={done}-"}
    async with (
        httpx.AsyncClient(timeout=_TIMEOUT) as client,
        client.stream("GET", pinned.url, headers=headers) as response,
    ):
        if not response.is_success:
            raise httpx.HTTPStatusError(
                f"the server responded with {response.status_code}", request=response.request, response=response
            )
        if response.status_code != httpx.codes.PARTIAL_CONTENT:  # this server knows no ranges: it sends everything
            done = 0
        mode = "ab" if done else "wb"
        with (
            part.open(mode) as file,
            download_progress(pinned.file_name, done=done, total=pinned.size_bytes, console=console) as advance,
        ):
            await _copy(response, file.write, advance, limit=pinned.size_bytes - done)


def _size(part: Path) -> int:
    return part.stat().st_size if part.exists() else 0


async def _copy(
    response: httpx.Response, write: Callable[[bytes], int], advance: Callable[[int], None], *, limit: int
) -> None:
    async for chunk in response.aiter_raw():
        advance(write(chunk))
        if response.num_bytes_downloaded > limit:  # not the pinned file: the rest is of no use
            return
