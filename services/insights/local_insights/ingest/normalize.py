"""Normalizes envelopes to items: a column has the same meaning for every SDK."""

from collections.abc import Mapping
from typing import TypeVar

import msgspec

from local_insights.ingest.coerce import Deviations, coerce_json, free_name
from local_insights.ingest.envelope import BASE_TYPES, BaseData, Envelope, PropertyValue
from local_insights.ingest.item_fields import ItemFields, item_fields, json_text
from local_insights.ingest.resources import ResourceCache
from local_insights.ingest.track_response import RejectedItemError
from local_insights.ingest.values import item_count, span_id, time_us, trace_id
from local_insights.model.item import Item

T = TypeVar("T")

_ENVELOPE = msgspec.json.Decoder(Envelope)
_DECODERS = {name: (kind, msgspec.json.Decoder(kind)) for name, kind in BASE_TYPES.items()}
_DECODE_ERRORS = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
"""Errors of the typed decoder for JSON that is malformed or not of the type."""

_MAX_OPERATION_ID = 128
_MAX_PARENT_ID = 512
"""Limits in characters; other tags may have 1,024. Longer ids are truncated."""


def read_envelope(text: bytes, deviations: Deviations) -> Envelope:
    """Decode one envelope; `deviations` receives the values that did not fit.

    Raises:
        RejectedItemError: a bad envelope; see `coerce_json`.
    """
    try:
        return _ENVELOPE.decode(text)
    except _DECODE_ERRORS:
        return coerce_json(text, Envelope, deviations)


def read_base_data(envelope: Envelope, deviations: Deviations) -> BaseData:
    """Decode the data of an envelope by its `baseType`; `deviations` receives the values that did not fit.

    Raises:
        RejectedItemError: the type is unknown, or the data cannot be coerced to it.
    """
    base_type = envelope.data.base_type
    known = _DECODERS.get(base_type.lower())
    if known is None:
        message = f"data.baseType: expected a documented type such as RequestData, got {base_type[:80]!r}"
        raise RejectedItemError(message)
    kind, decoder = known
    try:
        return decoder.decode(envelope.data.base_data)
    except _DECODE_ERRORS:
        return coerce_json(envelope.data.base_data, kind, deviations)


def items_of(envelope: Envelope, base_data: BaseData, resources: ResourceCache, deviations: Deviations) -> list[Item]:
    """Return the items of an envelope: one, or one per metric.

    Args:
        envelope: the decoded envelope; the tags of the operation are removed from it.
        base_data: its decoded data.
        resources: reads the other tags.
        deviations: values of the envelope that did not fit; truncated texts of tags are added.

    Raises:
        RejectedItemError: the time or a duration is invalid, or required data are missing.
    """
    try:
        began_us = time_us(envelope.time)
        all_fields = item_fields(base_data)
    except ValueError as error:
        raise RejectedItemError(str(error)) from error
    tags = envelope.tags or {}
    truncated = deviations.truncated
    sent_operation_id = tags.pop("ai.operation.id", "")
    sent_parent_id = tags.pop("ai.operation.parentId", "")
    operation_name = tags.pop("ai.operation.name", "")
    if len(sent_operation_id) > _MAX_OPERATION_ID:
        truncated.setdefault("tags.ai.operation.id", len(sent_operation_id))
        sent_operation_id = sent_operation_id[:_MAX_OPERATION_ID]
    if len(sent_parent_id) > _MAX_PARENT_ID:
        truncated.setdefault("tags.ai.operation.parentId", len(sent_parent_id))
        sent_parent_id = sent_parent_id[:_MAX_PARENT_ID]
    resource = resources.get(tags)
    for path, length in resource.truncated.items():
        truncated.setdefault(path, length)
    weight = item_count(envelope.sample_rate)
    properties = base_data.properties
    if deviations.properties:
        properties = _with_deviations(properties or {}, deviations)
    properties_json = _properties_json(properties)
    parent_id = span_id(sent_parent_id)
    instrumentation_key = (envelope.instrumentation_key or "").lower()
    items = []
    for fields in all_fields:
        own_id = span_id(fields.id)
        operation_id = trace_id(sent_operation_id, sent_parent_id or fields.id)
        # The root request of some SDKs has the operation id as its id and as its parent id.
        item_parent_id = "" if parent_id and parent_id == own_id == operation_id else parent_id
        sent_json = ""
        ids = (operation_id, own_id, item_parent_id)
        if ids != (sent_operation_id, fields.id, sent_parent_id) or fields.sent_target or fields.sent_type or truncated:
            sent_json = _sent_json(fields, sent_operation_id, sent_parent_id, ids, truncated)
        items.append(
            Item._make(  # half the time of the class's constructor, which packs its arguments first
                (
                    began_us,
                    fields.item_type,
                    weight,
                    resource.role,
                    resource.role_instance,
                    operation_id,
                    operation_name,
                    own_id,
                    item_parent_id,
                    fields.name,
                    fields.duration_us,
                    fields.success,
                    fields.result_code,
                    fields.dependency_type,
                    fields.target,
                    fields.data,
                    fields.source,
                    fields.severity,
                    fields.message,
                    fields.problem_id,
                    fields.exceptions_json,
                    fields.value,
                    fields.value_count,
                    fields.value_min,
                    fields.value_max,
                    fields.value_std_dev,
                    properties_json,
                    fields.measurements_json,
                    fields.details_json,
                    resource.tags_json,
                    sent_json,
                    instrumentation_key,
                    resource.sdk_version,
                )
            )
        )
    return items


def _properties_json(properties: Mapping[str, PropertyValue] | None) -> str:
    """Return custom dimensions as JSON, every value as text, because queries compare texts."""
    if not properties:
        return ""
    for value in properties.values():
        if type(value) is not str:
            properties = {name: _as_text(entry) for name, entry in properties.items()}
            break
    return json_text(properties)


def _with_deviations(properties: Mapping[str, PropertyValue], deviations: Deviations) -> dict[str, PropertyValue]:
    """Return the properties and the values that did not fit into their fields. None replaces another."""
    merged = dict(properties)
    for name, text in deviations.properties.items():
        merged[free_name(name, merged, {}) if name in merged else name] = text
    return merged


def _as_text(value: object) -> str:
    """Return a text unchanged, an empty text for null, any other value as JSON."""
    if isinstance(value, str):
        return value
    return "" if value is None else msgspec.json.encode(value).decode()


def _sent_json(
    fields: ItemFields,
    operation_id: str,
    parent_id: str,
    normalized: tuple[str, str, str],
    truncated: Mapping[str, int],
) -> str:
    """Return the original values that normalization changed, and the original lengths of truncated texts (`cut`)."""
    sent = {"operation_id": operation_id, "id": fields.id, "parent_id": parent_id}
    changed: dict[str, object] = {
        name: value for (name, value), stored in zip(sent.items(), normalized, strict=True) if value != stored
    }
    if fields.sent_target:
        changed["target"] = fields.sent_target
    if fields.sent_type:
        changed["type"] = fields.sent_type
    if truncated:
        changed["cut"] = truncated
    return json_text(changed)
