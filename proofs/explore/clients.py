"""Firestore's client as Usher uses it, over calls that the exploration answers."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from types import SimpleNamespace
from typing import Any

from google.cloud.firestore_v1.base_query import FieldFilter

from proofs.explore.firestore_store import Document, Write, frozen, place_in, thawed, time_of, version_at
from proofs.explore.replay import Call, ask


@dataclass(frozen=True)
class Option:
    last_update_time: datetime


@dataclass(frozen=True)
class WriteResult:
    update_time: datetime


@dataclass(frozen=True)
class Reference:
    """A document or a collection."""

    client: "Client"
    path: str

    @property
    def id(self) -> str:
        return self.path.rpartition("/")[2]

    @property
    def parent(self) -> "Reference":
        return Reference(self.client, self.path.rpartition("/")[0])

    def get(self, field_paths: Iterable[str] | None = None, **_: Any) -> "Snapshot":
        return self.client.get_all([self], field_paths)[0]

    def create(self, fields: Mapping[str, Any], **_: Any) -> WriteResult:
        return self.client.batch().create(self, fields).commit()[0]

    def set(self, fields: Mapping[str, Any], **_: Any) -> WriteResult:
        return self.client.batch().set(self, fields).commit()[0]

    def update(self, fields: Mapping[str, Any], option: Option | None = None, **_: Any) -> WriteResult:
        return self.client.batch().update(self, fields, option).commit()[0]

    def delete(self, option: Option | None = None, **_: Any) -> datetime:
        return self.client.batch().delete(self, option).commit()[0].update_time


@dataclass(frozen=True)
class Snapshot:
    reference: Reference
    document: Document
    read_time: datetime
    field_paths: Iterable[str] | None = None

    @property
    def id(self) -> str:
        return self.reference.id

    @property
    def exists(self) -> bool:
        return self.document.fields is not None

    @property
    def create_time(self) -> datetime | None:
        return time_of(self.document.created) if self.exists else None

    @property
    def update_time(self) -> datetime | None:
        return time_of(self.document.updated) if self.exists else None

    def to_dict(self) -> dict[str, Any] | None:
        if self.document.fields is None:
            return None
        fields = thawed(self.document.fields)
        if self.field_paths is None:
            return dict(fields)
        return {name: fields[name] for name in self.field_paths if name in fields}

    def get(self, name: str) -> Any:
        return (self.to_dict() or {}).get(name)


@dataclass
class Batch:
    client: "Client"
    writes: list[Write] = field(default_factory=list)

    def create(self, reference: Reference, fields: Mapping[str, Any]) -> "Batch":
        return self._write("create", reference, fields)

    def set(self, reference: Reference, fields: Mapping[str, Any]) -> "Batch":
        return self._write("set", reference, fields)

    def update(self, reference: Reference, fields: Mapping[str, Any], option: Option | None = None) -> "Batch":
        return self._write("update", reference, fields, option)

    def delete(self, reference: Reference, option: Option | None = None) -> "Batch":
        return self._write("delete", reference, {}, option)

    def commit(self, **_: Any) -> list[WriteResult]:
        what = ", ".join(f"{write.verb} {write.path.partition('/')[0]}" for write in self.writes)
        times = ask(Call(what, tuple(self.writes), changes=True, repeated=True))
        return [WriteResult(time_of(time)) for time in times]

    def _write(
        self, verb: str, reference: Reference, fields: Mapping[str, Any], option: Option | None = None
    ) -> "Batch":
        version = version_at(option.last_update_time) if option else None
        self.writes.append(Write(verb, reference.path, frozen(fields), version))
        return self


@dataclass(frozen=True)
class Query:
    client: "Client"
    collection: str
    filters: tuple[tuple[str, str, Any], ...] = ()
    order: str = "__name__"
    after: tuple[Any, ...] = ()
    fields: tuple[str, ...] | None = None
    at_most: int = 1000

    def order_by(self, name: str) -> "Query":
        return replace(self, order=name)

    def limit(self, count: int) -> "Query":
        return replace(self, at_most=count)

    def start_after(self, last: Snapshot) -> "Query":
        return replace(self, after=place_in(self.order, last.reference.path, last.document))

    def select(self, fields: Iterable[str]) -> "Query":
        return replace(self, fields=tuple(fields))

    def where(self, *, filter: FieldFilter) -> "Query":  # noqa: A002  the library's name for it
        return replace(self, filters=(*self.filters, (filter.field_path, filter.op_string, filter.value)))

    def get(self, **_: Any) -> list[Snapshot]:
        query = ("query", self.collection, self.filters, self.order, self.after)
        read, found = ask(Call(f"query {self.collection}", query))
        return [
            Snapshot(Reference(self.client, path), document, time_of(read), self.fields)
            for path, document in found[: self.at_most]
        ]

    def document(self, name: str) -> Reference:
        return Reference(self.client, f"{self.collection}/{name}")

    def count(self) -> "Count":
        return Count(self)


@dataclass(frozen=True)
class Count:
    query: Query

    def get(self, **_: Any) -> list[list[SimpleNamespace]]:
        return [[SimpleNamespace(value=len(self.query.get()))]]


class Client:
    """google.cloud.firestore.Client. tests/contract/test_explored_firestore.py holds it against the emulator."""

    def batch(self) -> Batch:
        return Batch(self)

    def document(self, *path: str) -> Reference:
        return Reference(self, "/".join(path))

    def collection(self, name: str) -> Query:
        return Query(self, name)

    def write_option(self, *, last_update_time: datetime) -> Option:
        return Option(last_update_time)

    def get_all(
        self, references: Iterable[Reference], field_paths: Iterable[str] | None = None, **_: Any
    ) -> list[Snapshot]:
        wanted = list(references)
        what = f"get {', '.join(reference.path.partition('/')[0] for reference in wanted)}"
        read, found = ask(Call(what, ("get", *(reference.path for reference in wanted))))
        return [
            Snapshot(reference, document, time_of(read), field_paths)
            for reference, document in zip(wanted, found, strict=True)
        ]
