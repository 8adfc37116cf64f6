import asyncio
import contextlib
import hashlib
import io
import threading
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from rich.console import Console

from emulator.google.catalogue import Download, Emulator
from emulator.google.download import download
from emulator.processes.errors import StackError

CONTENT = b"the emulator's code " * 50_000


@dataclass
class Site:
    """What the server serves and how it misbehaves; `ranges` are those that were asked for."""

    content: bytes = CONTENT
    knows_ranges: bool = True
    status: int | None = None
    breaks_off_after: int | None = None
    hangs_after: int | None = None
    hanging: threading.Event = field(default_factory=threading.Event)
    released: threading.Event = field(default_factory=threading.Event)
    ranges: list[str | None] = field(default_factory=list)
    address: str = ""

    def pinned(self, name: str = "emulator-1.0.jar", content: bytes = CONTENT, jar: str | None = None) -> Download:
        sha256 = hashlib.sha256(content).hexdigest()
        return Download(f"{self.address}/{name}", len(content), sha256, minimum_java=21, jar=jar)

    def answer(self, request: BaseHTTPRequestHandler) -> None:
        asked = request.headers["Range"]
        self.ranges.append(asked)
        start = int(asked.removeprefix("bytes=").removesuffix("-")) if asked and self.knows_ranges else 0
        request.send_response(self.status or (206 if asked and self.knows_ranges else 200))
        request.send_header("Content-Length", str(len(self.content) - start))
        request.end_headers()
        if self.hangs_after is not None:
            request.wfile.write(self.content[start : self.hangs_after])
            self.hanging.set()
            self.released.wait(10)
        else:
            request.wfile.write(self.content[start : self.breaks_off_after])


@pytest.fixture
def site(monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    served = Site()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            with contextlib.suppress(ConnectionError):  # the client may leave
                served.answer(self)

        def log_message(self, *_: object) -> None: ...

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        served.address = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield served
        served.released.set()
        server.shutdown()
        thread.join()


async def downloaded(pinned: Download, cache: Path, console: Console | None = None) -> Path:
    return await download(Emulator.PUBSUB, pinned, cache, console=console or Console(file=io.StringIO()))


def kept(cache: Path) -> set[str]:
    return {path.name for path in cache.iterdir() if path.suffix != ".lock"}


def test_the_file_is_downloaded_once(site: Site, tmp_path: Path) -> None:
    cache = tmp_path / "made" / "when-needed"

    first = asyncio.run(downloaded(site.pinned(), cache))
    second = asyncio.run(downloaded(site.pinned(), cache))

    assert first == second == cache / "emulator-1.0.jar"
    assert first.read_bytes() == CONTENT
    assert len(site.ranges) == 1
    assert kept(cache) == {"emulator-1.0.jar"}


def test_the_jar_is_taken_out_of_a_zip(site: Site, tmp_path: Path) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("pubsub-emulator/bin/cloud-pubsub-emulator", "a script")
        archive.writestr("pubsub-emulator/lib/cloud-pubsub-emulator-1.0-all.jar", "the jar")
    site.content = packed.getvalue()

    jar = asyncio.run(downloaded(site.pinned("pubsub-1.0.zip", site.content, jar="*-all.jar"), tmp_path))

    assert jar.read_text() == "the jar"
    assert kept(tmp_path) == {"pubsub-1.0.jar"}


def test_without_a_home_no_folder_with_its_sign_is_made(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)

    with pytest.raises(StackError, match=r"no home folder to keep .* in: name a folder by its full path"):
        asyncio.run(downloaded(site.pinned(), Path("~", ".cache", "usher")))

    assert not kept(tmp_path)


def test_a_connection_that_breaks_is_one_sentence_and_the_next_call_continues(site: Site, tmp_path: Path) -> None:
    site.breaks_off_after = 300_000
    with pytest.raises(StackError, match=r"check the network and run this again, or install .* pubsub-emulator$"):
        asyncio.run(downloaded(site.pinned(), tmp_path))
    site.breaks_off_after = None

    jar = asyncio.run(downloaded(site.pinned(), tmp_path))

    assert jar.read_bytes() == CONTENT
    assert site.ranges == ["bytes=0-", "bytes=300000-"]


def test_a_cancelled_download_is_continued(site: Site, tmp_path: Path) -> None:
    site.hangs_after = 300_000

    async def interrupted() -> None:
        call = asyncio.create_task(downloaded(site.pinned(), tmp_path))
        await asyncio.to_thread(site.hanging.wait, 10)
        call.cancel()
        await asyncio.wait([call])

    asyncio.run(interrupted())
    site.hangs_after = None

    jar = asyncio.run(downloaded(site.pinned(), tmp_path))

    assert jar.read_bytes() == CONTENT


def test_a_server_that_knows_no_ranges_is_read_from_the_start(site: Site, tmp_path: Path) -> None:
    (tmp_path / "emulator-1.0.jar.part").write_bytes(CONTENT[:300_000])
    site.knows_ranges = False

    jar = asyncio.run(downloaded(site.pinned(), tmp_path))

    assert jar.read_bytes() == CONTENT


@pytest.mark.parametrize(
    "content",
    [CONTENT[:-1], CONTENT + b"x", CONTENT[:-1] + b"?"],
    ids=["too short", "too long", "other bytes"],
)
def test_file_that_is_not_the_pinned_one_is_refused_and_leaves_nothing(
    site: Site, tmp_path: Path, content: bytes
) -> None:
    site.content = content

    with pytest.raises(StackError, match="is not the expected file") as error:
        asyncio.run(downloaded(site.pinned(), tmp_path))

    assert "gcloud components install pubsub-emulator" in str(error.value)
    assert kept(tmp_path) == set()


def test_a_file_far_too_long_is_not_read_to_its_end(site: Site, tmp_path: Path) -> None:
    site.content = CONTENT * 3
    site.hangs_after = len(CONTENT) * 2

    with pytest.raises(StackError, match="is not the expected file"):
        asyncio.run(downloaded(site.pinned(), tmp_path))


def test_a_spoilt_beginning_is_thrown_away_so_that_the_next_call_works(site: Site, tmp_path: Path) -> None:
    (tmp_path / "emulator-1.0.jar.part").write_bytes(b"something else")
    with pytest.raises(StackError):
        asyncio.run(downloaded(site.pinned(), tmp_path))

    jar = asyncio.run(downloaded(site.pinned(), tmp_path))

    assert jar.read_bytes() == CONTENT


def test_a_server_that_refuses_is_one_sentence_with_the_way_out(site: Site, tmp_path: Path) -> None:
    site.status = 403

    with pytest.raises(StackError) as error:
        asyncio.run(downloaded(site.pinned(), tmp_path))

    assert str(error.value) == (
        f"Cannot download {site.address}/emulator-1.0.jar (the server responded with 403): check the network and "
        "run this again, or install the emulator with: gcloud components install pubsub-emulator"
    )
    assert kept(tmp_path) == set()


def test_of_two_at_once_one_downloads_for_both(site: Site, tmp_path: Path) -> None:
    async def both() -> tuple[Path, Path]:
        return await asyncio.gather(downloaded(site.pinned(), tmp_path), downloaded(site.pinned(), tmp_path))

    first, second = asyncio.run(both())

    assert first == second
    assert len(site.ranges) == 1


def test_two_files_come_one_after_the_other_so_that_their_progress_does_not_mix(site: Site, tmp_path: Path) -> None:
    site.hangs_after = len(CONTENT) // 2

    async def both() -> list[str | None]:
        calls = [asyncio.create_task(downloaded(site.pinned(name), tmp_path)) for name in ("a.jar", "b.jar")]
        await asyncio.to_thread(site.hanging.wait, 10)
        asked_while_one_hangs = list(site.ranges)
        site.hangs_after = None
        site.released.set()
        await asyncio.wait(calls)
        return asked_while_one_hangs

    asked_while_one_hangs = asyncio.run(both())

    assert len(asked_while_one_hangs) == 1
    assert len(site.ranges) == 2


def test_one_line_tells_of_the_download_where_there_is_no_terminal(site: Site, tmp_path: Path) -> None:
    output = io.StringIO()

    asyncio.run(downloaded(site.pinned(), tmp_path, Console(file=output)))

    assert output.getvalue() == "Downloading emulator-1.0.jar (1 MB, once) ...\n"
