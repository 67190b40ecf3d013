"""The items that one envelope becomes, read the way the server reads it."""

import json
from collections.abc import Iterable, Mapping

import msgspec

from local_insights.ingest.normalize import items_of, read_base_data, read_envelope
from local_insights.ingest.resources import ResourceCache
from local_insights.model.item import Item


def read_items(envelope: Mapping[str, object] | bytes) -> list[Item]:
    """Items of an envelope, or of its bytes; those that name no role belong to "app"."""
    cut: dict[str, int] = {}
    read = read_envelope(envelope if isinstance(envelope, bytes) else json.dumps(envelope).encode(), cut)
    return items_of(read, read_base_data(read, cut), ResourceCache("app"), cut)


def read_documents(documents: Iterable[Mapping[str, object]]) -> list[Item]:
    """Items of envelopes as the server itself makes them."""
    return [item for document in documents for item in read_items(msgspec.json.encode(document))]
