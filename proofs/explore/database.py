"""The functions' own way to Firestore, over calls that the exploration answers."""

from collections.abc import Collection
from datetime import datetime
from typing import Any, cast

from proofs.explore.firestore_store import Document as Stored
from proofs.explore.firestore_store import Write as Asked
from proofs.explore.firestore_store import frozen, thawed, time_of, version_at
from proofs.explore.replay import Call, ask
from shared.firestore.database import Delete, Document, Update, Write
from shared.firestore.grpc_database import raising_database_errors


class ExploredDatabase:
    """tests/contract/test_explored_database.py holds it against the emulator."""

    def commit(self, *writes: Write) -> datetime:
        asked = tuple(map(_asked, writes))
        what = ", ".join(f"{write.verb} {write.path.partition('/')[0]}" for write in asked)
        return time_of(_answer(Call(what, asked, changes=True, repeated=True))[-1])

    def get(self, *paths: str, only: Collection[str] = ()) -> tuple[list[Document | None], datetime]:
        what = f"get {', '.join(path.partition('/')[0] for path in paths)}"
        read, found = _answer(Call(what, ("get", *paths)))
        return [_found(path, stored, only) for path, stored in zip(paths, found, strict=True)], time_of(read)

    def page(self, collection: str, *, after: str = "", until: str = "", limit: int) -> tuple[list[Document], datetime]:
        place = (f"{collection}/{after}",) if after else ()
        read, found = _answer(Call(f"query {collection}", ("query", collection, (), "__name__", place)))
        documents = [document for path, stored in found if (document := _found(path, stored))]
        return [each for each in documents if not until or each.id <= until][:limit], time_of(read)

    def count(self, collection: str, *, after: str = "", until: str = "") -> int:
        documents, _ = self.page(collection, after=after, until=until, limit=1000)
        return len(documents)


def _answer(call: Call) -> Any:
    with raising_database_errors():
        return ask(call)


def _asked(write: Write) -> Asked:
    verb = type(write).__name__.lower()
    fields = {} if isinstance(write, Delete) else write.fields
    version = version_at(cast("datetime", write.at)) if isinstance(write, Update | Delete) else None
    return Asked("set" if verb == "put" else verb, write.path, frozen(fields), version)


def _found(path: str, stored: Stored, only: Collection[str] = ()) -> Document | None:
    if stored.fields is None:
        return None
    fields = {name: value for name, value in thawed(stored.fields).items() if not only or name in only}
    return Document(path, fields, create_time=time_of(stored.created), update_time=time_of(stored.updated))
