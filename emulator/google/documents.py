"""Reads documents of the Firestore emulator over REST, without a client library and its threads."""

from collections.abc import Collection, Iterator, Mapping
from typing import Any, TypeAlias, cast

import httpx

Fields: TypeAlias = dict[str, object]

# When a document was created and last written, by Firestore's clock. Firestore reserves such names: no field has them.
CREATED, WRITTEN = "__create_time__", "__update_time__"

_TIMEOUT_SECONDS = 2


class Documents:
    """
    One project's documents. Every method raises httpx.HTTPError where the emulator does not answer.

    A user's password hash is left out wherever it occurs.
    """

    def __init__(self, client: httpx.AsyncClient, *, host: str, project: str) -> None:
        self._client = client
        self._root = f"projects/{project}/databases/(default)/documents"
        self._url = f"http://{host}/v1/{self._root}"

    async def get(self, paths: Collection[str], *, fields: Collection[str] = ()) -> dict[str, Fields]:
        """The documents that exist among those at `paths`, with these fields or all."""
        mask: dict[str, object] = {"mask": {"fieldPaths": list(fields)}} if fields else {}
        answer = await self._post(":batchGet", mask | {"documents": [f"{self._root}/{path}" for path in paths]})
        return {path: _fields(found.get("fields", {})) for path, found in self._read(answer, "found")}

    async def find(self, collection: str, *, state: str = "", limit: int) -> dict[str, Fields]:
        """
        Documents of a collection, at most `limit`, by path; only those in `state` where one is given.

        Each has CREATED and WRITTEN beside its fields.
        """
        query = self._query(collection, state) | {"limit": limit}
        answer = await self._post(":runQuery", {"structuredQuery": query})
        return {
            path: _fields(found.get("fields", {})) | {CREATED: found["createTime"], WRITTEN: found["updateTime"]}
            for path, found in self._read(answer, "document")
        }

    async def count(self, collection: str, *, state: str = "") -> int:
        counted = {
            "structuredQuery": self._query(collection, state),
            "aggregations": [{"alias": "number", "count": {}}],
        }
        answer = await self._post(":runAggregationQuery", {"structuredAggregationQuery": counted})
        return int(cast("list[Any]", answer)[0]["result"]["aggregateFields"]["number"]["integerValue"])

    def _query(self, collection: str, state: str) -> dict[str, object]:
        wanted = {"field": {"fieldPath": "state"}, "op": "EQUAL", "value": {"stringValue": state}}
        return {"from": [{"collectionId": collection}]} | ({"where": {"fieldFilter": wanted}} if state else {})

    def _read(self, answer: object, member: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
        for each in cast("list[Any]", answer):
            if found := each.get(member):
                yield found["name"].removeprefix(f"{self._root}/"), found

    async def _post(self, method: str, body: Mapping[str, object]) -> object:
        answer = await self._client.post(f"{self._url}{method}", json=body, timeout=_TIMEOUT_SECONDS)
        answer.raise_for_status()
        return answer.json()


def _fields(typed: Mapping[str, Mapping[str, Any]]) -> Fields:
    return {name: _value(value) for name, value in typed.items() if name != "password"}


def _value(typed: Mapping[str, Any]) -> object:
    [(kind, value)] = typed.items()
    if kind == "mapValue":
        return _fields(value.get("fields", {}))
    if kind == "arrayValue":
        return [_value(each) for each in value.get("values", [])]
    return int(value) if kind == "integerValue" else value
