"""Envelopes become items: one meaning, one column, whichever SDK sent them."""

from collections.abc import Mapping
from typing import TypeVar

import msgspec

from local_insights.ingest.coerce import Cut, mended
from local_insights.ingest.envelope import BASE_TYPES, BaseData, Envelope
from local_insights.ingest.item_fields import ItemFields, item_fields, json_text
from local_insights.ingest.resources import ResourceCache
from local_insights.ingest.track_response import RejectedItemError
from local_insights.ingest.values import item_count, span_id, time_us, trace_id
from local_insights.model.item import Item

T = TypeVar("T")

_ENVELOPE = msgspec.json.Decoder(Envelope)
_DECODERS = {name: (kind, msgspec.json.Decoder(kind)) for name, kind in BASE_TYPES.items()}
_REFUSALS = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
"""What the typed decoder raises for JSON that is broken or not of the type."""

_MAX_OPERATION_ID = 128
_MAX_PARENT_ID = 512
"""Characters; other tags may have 1,024."""


def read_envelope(element: bytes, cut: Cut) -> Envelope:
    """One element of a batch; `cut` is told which texts were cut.

    Raises:
        RejectedItemError: it cannot be read as an envelope.
    """
    try:
        return _ENVELOPE.decode(element)
    except _REFUSALS:
        return mended(element, Envelope, cut)


def read_base_data(envelope: Envelope, cut: Cut) -> BaseData:
    """What an envelope carries, as its type says; `cut` is told which texts were cut.

    Raises:
        RejectedItemError: the data are of no known type, or lack what nothing can stand in for.
    """
    base_type = envelope.data.base_type
    known = _DECODERS.get(base_type.lower())
    if known is None:
        message = (
            f"data.baseType: expected one of the nine documented types such as RequestData, got {base_type[:80]!r}"
        )
        raise RejectedItemError(message)
    kind, decoder = known
    try:
        return decoder.decode(envelope.data.base_data)
    except _REFUSALS:
        return mended(envelope.data.base_data, kind, cut)


def items_of(envelope: Envelope, base_data: BaseData, senders: ResourceCache, cut: Cut) -> list[Item]:
    """The items that an envelope stands for: one, or one for each metric it carries.

    Args:
        envelope: as decoded; the tags of the operation are taken out of it.
        base_data: what it carries.
        senders: reads the other tags.
        cut: the texts that were cut; those of tags are added.

    Raises:
        RejectedItemError: the data say nothing, or nothing can have happened then.
    """
    try:
        began_us = time_us(envelope.time)
        all_facts = item_fields(base_data)
    except ValueError as error:
        raise RejectedItemError(str(error)) from error
    tags = envelope.tags or {}
    sent_operation_id = tags.pop("ai.operation.id", "")
    sent_parent_id = tags.pop("ai.operation.parentId", "")
    operation_name = tags.pop("ai.operation.name", "")
    if len(sent_operation_id) > _MAX_OPERATION_ID:
        cut.setdefault("tags.ai.operation.id", len(sent_operation_id))
        sent_operation_id = sent_operation_id[:_MAX_OPERATION_ID]
    if len(sent_parent_id) > _MAX_PARENT_ID:
        cut.setdefault("tags.ai.operation.parentId", len(sent_parent_id))
        sent_parent_id = sent_parent_id[:_MAX_PARENT_ID]
    sender = senders.of(tags)
    for place, length in sender.cut.items():
        cut.setdefault(place, length)
    weight = item_count(envelope.sample_rate)
    properties_json = _properties_json(base_data.properties)
    parent_id = span_id(sent_parent_id)
    items = []
    for facts in all_facts:
        own_id = span_id(facts.id)
        operation_id = trace_id(sent_operation_id, sent_parent_id or facts.id)
        sent_json = ""
        ids = (operation_id, own_id, parent_id)
        if ids != (sent_operation_id, facts.id, sent_parent_id) or facts.sent_target or facts.sent_type or cut:
            sent_json = _sent_json(facts, sent_operation_id, sent_parent_id, ids, cut)
        items.append(
            Item._make(  # half as long as by the class, which packs its arguments first
                (
                    began_us,
                    facts.item_type,
                    weight,
                    sender.role,
                    sender.role_instance,
                    operation_id,
                    operation_name,
                    own_id,
                    parent_id,
                    facts.name,
                    facts.duration_us,
                    facts.success,
                    facts.result_code,
                    facts.dependency_type,
                    facts.target,
                    facts.data,
                    facts.source,
                    facts.severity,
                    facts.message,
                    facts.problem_id,
                    facts.exceptions_json,
                    facts.value,
                    facts.value_count,
                    facts.value_min,
                    facts.value_max,
                    facts.value_std_dev,
                    properties_json,
                    facts.measurements_json,
                    facts.details_json,
                    sender.tags_json,
                    sent_json,
                    envelope.instrumentation_key or "",
                    sender.sdk_version,
                )
            )
        )
    return items


def _properties_json(properties: Mapping[str, str | float | bool | None] | None) -> str:
    """Custom dimensions, every value a text, as queries compare them."""
    if not properties:
        return ""
    for value in properties.values():
        if type(value) is not str:
            properties = {name: _as_text(entry) for name, entry in properties.items()}
            break
    return json_text(properties)


def _as_text(value: object) -> str:
    """A text as it is, nothing for null, anything else as JSON writes it."""
    if isinstance(value, str):
        return value
    return "" if value is None else msgspec.json.encode(value).decode()


def _sent_json(facts: ItemFields, operation_id: str, parent_id: str, normalised: tuple[str, str, str], cut: Cut) -> str:
    """What was sent where normalising changed it, and how long the texts were that were cut."""
    sent = {"operation_id": operation_id, "id": facts.id, "parent_id": parent_id}
    changed: dict[str, object] = {
        name: value for (name, value), kept in zip(sent.items(), normalised, strict=True) if value != kept
    }
    if facts.sent_target:
        changed["target"] = facts.sent_target
    if facts.sent_type:
        changed["type"] = facts.sent_type
    if cut:
        changed["cut"] = cut
    return json_text(changed)
