"""How Google's emulators are started, and how to see that they run."""

import zipfile
from pathlib import Path

import httpx

from emulator.processes.readiness import ANSWER_SECONDS

# Ready sooner and in a quarter of the memory: what is compiled here runs for minutes and does little.
_FRUGAL = ["-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xmx256m"]

# The Pub/Sub emulator prints a line with these words when it serves. Wait for this line of the child's own: on a busy
# port it prints an exception and lives on, while what holds the port answers in its place. (Firestore's exits.)
PUBSUB_STARTED = "Server started"

_PLAIN_HTTP = False  # a TLS context for each of many polls would cost 12 ms


def pubsub_command(java: Path, jar: Path, port: int) -> list[str]:
    # Java would silently repeat a push whose connection drops: a duplicate that Pub/Sub itself knows nothing of.
    once = "-Dsun.net.http.retryPost=false"
    return [str(java), *_FRUGAL, once, "-jar", str(jar), "--host=127.0.0.1", f"--port={port}"]


def firestore_command(java: Path, jar: Path, port: int) -> list[str]:
    english = "-Duser.language=en"  # the emulator's messages exist in no other language, and it looks for them
    return [str(java), *_FRUGAL, english, *_firestore_program(jar), "--host", "127.0.0.1", "--port", str(port)]


def _firestore_program(jar: Path) -> list[str]:
    # Firebase's jar names its main class, the Google Cloud CLI's does not.
    with zipfile.ZipFile(jar) as archive:
        if b"Main-Class:" in archive.read("META-INF/MANIFEST.MF"):
            return ["-jar", str(jar)]
    return ["-cp", str(jar), "com.google.cloud.datastore.emulator.firestore.CloudFirestore"]


async def is_serving(address: str) -> bool:
    """Whether one of Google's emulators answers at `address` (host:port)."""
    async with httpx.AsyncClient(timeout=ANSWER_SECONDS, trust_env=False, verify=_PLAIN_HTTP) as client:
        try:
            response = await client.get(f"http://{address}/")
        except httpx.TransportError:
            return False
    return response.text.strip() == "Ok"
