"""Downloads a pinned emulator into the user's cache, once."""

import asyncio
import fcntl
import hashlib
import zipfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from fnmatch import fnmatch
from pathlib import Path

import httpx
from rich.console import Console

from emulator.google.catalogue import Download, Emulator
from emulator.google.fetch import fetch
from emulator.processes.errors import StackError

# What httpx says of a proxy in the environment that it cannot use: no URL, or SOCKS, which needs another package.
_PROXY_ERRORS = (httpx.InvalidURL, ImportError, ValueError)


async def download(emulator: Emulator, pinned: Download, cache: Path, *, console: Console) -> Path:
    """
    The jar of `pinned` in `cache`: downloaded the first time, whole and checked or not at all.

    What an interruption leaves is continued by the next call. Several calls at once, in any process, take turns: they
    share one line to the network, one terminal and perhaps one file.

    Raises:
        StackError: The file cannot be had, or is not the pinned one.
    """
    if jar := _jar_in(cache, pinned):
        return jar
    if not cache.is_absolute():  # without a home "~" stays what it is
        raise StackError(
            f"There is no home folder to keep {pinned.file_name} in: name a folder by its full path in XDG_CACHE_HOME."
        )
    again = f"run this again, or install the emulator with: gcloud components install {emulator}"
    part = cache / f"{pinned.file_name}.part"
    try:
        async with _turn(cache / "download.lock"):
            if jar := _jar_in(cache, pinned):
                return jar
            await fetch(pinned, part, console)
            if not await asyncio.to_thread(_is_pinned, pinned, part):
                part.unlink()
                raise StackError(
                    f"{pinned.url} is not the expected file (its size or SHA-256 differs) and was deleted: "
                    f"check for a proxy that changes downloads and {again}"
                )
            return await asyncio.to_thread(_put_in_place, pinned, part)
    except (httpx.HTTPError, *_PROXY_ERRORS) as error:
        reason = str(error) or type(error).__name__
        raise StackError(f"Cannot download {pinned.url} ({reason}): check the network and {again}") from error
    except OSError as error:
        raise StackError(
            f"Cannot keep {pinned.file_name} in {cache} ({error.strerror}): make the folder writable with "
            f"{pinned.size_bytes / 1e6:.0f} MB free, or name another one in XDG_CACHE_HOME, and {again}"
        ) from error


def _jar_in(cache: Path, pinned: Download) -> Path | None:
    jar = cache / pinned.jar_name
    return jar if jar.is_file() else None


@asynccontextmanager
async def _turn(lock: Path) -> AsyncIterator[None]:
    lock.parent.mkdir(parents=True, exist_ok=True)
    with lock.open("w") as file:
        while not _lock(file.fileno()):  # noqa: ASYNC110 - another process sets no asyncio.Event
            await asyncio.sleep(0.2)
        yield  # closing the file unlocks it, and so does dying


def _lock(file: int) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _is_pinned(pinned: Download, part: Path) -> bool:
    with part.open("rb") as file:
        has_size = part.stat().st_size == pinned.size_bytes
        return has_size and hashlib.file_digest(file, "sha256").hexdigest() == pinned.sha256


def _put_in_place(pinned: Download, part: Path) -> Path:
    jar = part.with_name(pinned.jar_name)
    if pinned.jar:
        unpacked = jar.with_suffix(".unpacked")
        with zipfile.ZipFile(part) as archive:
            (member,) = (name for name in archive.namelist() if fnmatch(name, pinned.jar))
            unpacked.write_bytes(archive.read(member))
        unpacked.replace(jar)
        part.unlink()
    else:
        part.replace(jar)
    return jar
