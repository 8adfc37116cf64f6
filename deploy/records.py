"""What is stored, read and deleted over Firestore's REST API."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from deploy.cloud import DOCUMENTS, Cloud


@dataclass(frozen=True)
class Document:
    """A document with its texts; `version` is its update time."""

    name: str
    texts: Mapping[str, str]
    version: str

    @property
    def id(self) -> str:
        return self.name.rpartition("/")[2]


class Records:
    """
    The documents of one project.

    Its methods raise UnreadableError if Firestore does not answer, or refuses.
    """

    def __init__(self, cloud: Cloud) -> None:
        self._cloud = cloud

    def where(self, collection: str, field: str, text: str) -> list[Document]:
        """Those of a collection that have this text in a field."""
        condition = {"field": {"fieldPath": field}, "op": "EQUAL", "value": {"stringValue": text}}
        query = {"from": [{"collectionId": collection}], "where": {"fieldFilter": condition}}
        found = self._cloud.ask("POST", DOCUMENTS + ":runQuery", json={"structuredQuery": query})
        return [_document(one["document"]) for one in found if "document" in one]

    def named(self, paths: Iterable[str]) -> dict[str, Document]:
        """Those that there are, by their path: `users/…`."""
        folder = self._cloud.name_of(DOCUMENTS)
        asked = {"documents": [f"{folder}/{path}" for path in paths]}
        found = self._cloud.ask("POST", DOCUMENTS + ":batchGet", json=asked)
        documents = [_document(one["found"]) for one in found if "found" in one]
        return {document.name.removeprefix(f"{folder}/"): document for document in documents}

    def delete(self, documents: Iterable[Document]) -> None:
        """All of them or none: each only at the version that was read."""
        writes = [{"delete": one.name, "currentDocument": {"updateTime": one.version}} for one in documents]
        self._cloud.ask("POST", DOCUMENTS + ":commit", json={"writes": writes})


def _document(found: Mapping[str, Any]) -> Document:
    fields = found.get("fields", {}).items()
    texts = {name: value["stringValue"] for name, value in fields if "stringValue" in value}
    return Document(found["name"], texts, found["updateTime"])
