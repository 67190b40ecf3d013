"""Reads the items of an envelope as the server does."""

import json
from collections.abc import Iterable, Mapping

import msgspec

from local_insights.ingest.coerce import Deviations
from local_insights.ingest.normalize import items_of, read_base_data, read_envelope
from local_insights.ingest.resources import ResourceCache
from local_insights.model.item import Item


def read_items(envelope: Mapping[str, object] | bytes) -> list[Item]:
    """Return the items of an envelope, or of its JSON. The default role is "app"."""
    deviations = Deviations()
    read = read_envelope(envelope if isinstance(envelope, bytes) else json.dumps(envelope).encode(), deviations)
    return items_of(read, read_base_data(read, deviations), ResourceCache("app"), deviations)


def read_documents(documents: Iterable[Mapping[str, object]]) -> list[Item]:
    """Return the items of envelopes that the server has built itself."""
    return [item for document in documents for item in read_items(msgspec.json.encode(document))]
