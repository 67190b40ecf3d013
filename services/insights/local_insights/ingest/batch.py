"""Reads a batch of telemetry into items, and rejects those that cannot be stored."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import msgspec

from local_insights.ingest.chunks import Chunk
from local_insights.ingest.coerce import Deviations
from local_insights.ingest.envelope import BaseData, Envelope, Metric
from local_insights.ingest.item_splitter import split_items
from local_insights.ingest.normalize import items_of, read_base_data, read_envelope
from local_insights.ingest.policy import IngestPolicy
from local_insights.ingest.resources import ResourceCache
from local_insights.ingest.sdk_telemetry import without_sdk_calls, without_sdk_statistics
from local_insights.ingest.track_response import ItemError, RejectedItemError, TrackResponse
from local_insights.model.app_id import app_id
from local_insights.model.item import Item

BAD_REQUEST = 400
_MAX_SDK_VERSION = 64
_SDK_VERSION = re.compile(rb'"ai\.internal\.sdkVersion"\s*:\s*"([^"\\]{1,64})')

_ARRAY = msgspec.json.Decoder(list[Envelope])
_LINES = msgspec.json.Decoder(Envelope)


@dataclass(frozen=True, slots=True)
class Batch:
    """The items of a batch, and the response to send once they are committed."""

    items: list[Item]
    response: TrackResponse
    sdk_statistics: int = 0
    """Items that were received and dropped, because they are about the SDK itself."""
    truncated_texts: int = 0
    sdk_version: str = ""
    """The SDK of the first rejected item, if it states one."""


def read_batch(chunk: Chunk, policy: IngestPolicy) -> Batch:
    """Read all items of a decompressed body, or of a chunk of it. Bad envelopes are rejected one by one.

    A batch without errors is decoded in one call. If any envelope is malformed, every envelope is decoded separately
    and coerced where necessary, so that a bad envelope does not affect the others.

    Raises:
        UnreadableBodyError: the chunk appears to contain more items than a batch may have.
    """
    envelopes = _read_all(chunk)
    resources = ResourceCache(policy.app_name)
    items: list[Item] = []
    errors: list[ItemError] = []
    key = sdk_version = ""
    sdk_statistics = truncated_texts = 0
    deviations = Deviations()
    for index, envelope in enumerate(envelopes):
        if deviations.truncated or deviations.properties:
            deviations = Deviations()
        try:
            read = read_envelope(envelope, deviations) if isinstance(envelope, bytes) else envelope
            key = key or read.instrumentation_key or ""
            accepted = _accept(read, policy, resources, deviations)
        except RejectedItemError as error:
            errors.append(ItemError(index, BAD_REQUEST, str(error)))
            sdk_version = sdk_version or _sdk_version(envelope)
        else:
            items += accepted
            sdk_statistics += not accepted
            truncated_texts += len(deviations.truncated)
    if not policy.keep_sdk_statistics:
        received = len(items)
        items = without_sdk_calls(items)
        sdk_statistics += received - len(items)
    response = TrackResponse(len(envelopes), len(envelopes) - len(errors), errors, app_id(key))
    return Batch(items, response, sdk_statistics, truncated_texts, sdk_version)


def _accept(envelope: Envelope, policy: IngestPolicy, resources: ResourceCache, deviations: Deviations) -> list[Item]:
    """Return the items of an envelope; none when it is about the SDK itself.

    Raises:
        RejectedItemError: the policy does not allow the envelope, or it cannot be stored.
    """
    if not policy.allows(envelope.instrumentation_key or ""):
        message = "Invalid instrumentation key: INSIGHTS_ALLOWED_KEYS does not contain it"
        raise RejectedItemError(message)
    base_data: BaseData | None = read_base_data(envelope, deviations)
    if type(base_data) is Metric and not policy.keep_sdk_statistics:
        base_data = without_sdk_statistics(envelope, base_data)
    return [] if base_data is None else items_of(envelope, base_data, resources, deviations)


def _sdk_version(envelope: Envelope | bytes) -> str:
    """Return the SDK version of an envelope, also of one that cannot be decoded; empty if it has none."""
    if isinstance(envelope, bytes):
        found = _SDK_VERSION.search(envelope)
        return found[1].decode(errors="replace") if found else ""
    return (envelope.tags or {}).get("ai.internal.sdkVersion", "")[:_MAX_SDK_VERSION]


def _read_all(chunk: Chunk) -> Sequence[Envelope | bytes]:
    """Return all envelopes decoded, or the texts of all items when one of them does not match the schema."""
    text = chunk if isinstance(chunk, bytes) else b"[%b]" % b",".join(chunk)
    try:
        return _ARRAY.decode(text) if text.startswith(b"[") else _LINES.decode_lines(text)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return split_items(chunk) if isinstance(chunk, bytes) else chunk
