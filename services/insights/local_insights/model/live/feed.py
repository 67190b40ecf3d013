"""Selects the items and documents that the feed shows."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import partial

from local_insights.model.item import Item
from local_insights.model.live.conditions import ANY_FIELD, TelemetryType
from local_insights.model.live.configuration import CAN_FAIL, LiveConfiguration
from local_insights.model.live.document import Document, SentDocument
from local_insights.model.live.item_lookup import TELEMETRY_TYPES, document_of, lookup_field


def feed_documents(items: Iterable[Item], configuration: LiveConfiguration, limit: int) -> list[Document]:
    """Return at most `limit` items that match the feed's rules, as documents."""
    failures_only = _failures_only(configuration)
    skips_successes = all(failures_only.get(kind, True) for kind in CAN_FAIL)
    found: list[Document] = []
    for item in items:
        if item.success and skips_successes:
            continue
        if len(found) >= limit:
            break
        telemetry_type = TELEMETRY_TYPES.get(str(item.item_type))
        if telemetry_type not in failures_only or (failures_only[telemetry_type] and item.success is not False):
            continue
        if configuration.is_in_feed(telemetry_type, partial(lookup_field, item), when_unknown=False):
            found.append(document_of(item))
    return found


def matching_documents(sent: Sequence[SentDocument], configuration: LiveConfiguration) -> list[Document]:
    """Return the documents that match the feed's rules.

    The conditions are evaluated again, because Python's SDK applies only the first of several. When a document does not
    have the field, the server's own filter counts: a document from a server that filters failures is a failure.
    """
    failures_only = _failures_only(configuration)
    found = []
    for one in sent:
        telemetry_type = TELEMETRY_TYPES[one.document.kind]
        if configuration.is_in_feed(telemetry_type, partial(_lookup, one.fields), when_unknown=one.matched_by_server):
            document = one.document
            if document.success is None and failures_only[telemetry_type]:
                document = replace(document, success=False)
            found.append(document)
    return found


def _failures_only(configuration: LiveConfiguration) -> dict[TelemetryType, bool]:
    """Return, per telemetry type of the feed, whether the feed shows only failed items."""
    kinds = {rule.telemetry_type for rule in configuration.feed}
    return {
        kind: all(rule.failures_only for rule in configuration.feed if rule.telemetry_type == kind) for kind in kinds
    }


def _lookup(fields: Mapping[str, str], field: str) -> str | None:
    return "\n".join(fields.values()) if field == ANY_FIELD else fields.get(field)
