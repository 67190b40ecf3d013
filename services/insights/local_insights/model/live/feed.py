"""Which of the items and documents that arrive the feed shows."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import partial

from local_insights.model.item import Item
from local_insights.model.live.conditions import ANY_FIELD, TelemetryType
from local_insights.model.live.configuration import CAN_FAIL, LiveConfiguration
from local_insights.model.live.document import Document, SentDocument
from local_insights.model.live.item_lookup import TELEMETRY_TYPES, document_of, fact


def feed_documents(items: Iterable[Item], configuration: LiveConfiguration, limit: int) -> list[Document]:
    """At most `limit` of the items that the feed is to show."""
    failures_only = _failures_only(configuration)
    passes_successes_over = all(failures_only.get(kind, True) for kind in CAN_FAIL)
    found: list[Document] = []
    for item in items:
        if item.success and passes_successes_over:
            continue
        if len(found) >= limit:
            break
        telemetry_type = TELEMETRY_TYPES.get(str(item.item_type))
        if telemetry_type not in failures_only or (failures_only[telemetry_type] and item.success is not False):
            continue
        if configuration.is_in_feed(telemetry_type, partial(fact, item), when_unknown=False):
            found.append(document_of(item))
    return found


def matching_documents(sent: Sequence[SentDocument], configuration: LiveConfiguration) -> list[Document]:
    """The documents that the feed is to show.

    The conditions are looked at again, because Python follows only the first of several. Where a document does not
    tell, the server that chose it is believed; so what it sent when asked for failures is one.
    """
    failures_only = _failures_only(configuration)
    found = []
    for one in sent:
        telemetry_type = TELEMETRY_TYPES[one.document.kind]
        if configuration.is_in_feed(telemetry_type, partial(_fact, one.facts), when_unknown=one.matched_by_server):
            document = one.document
            if document.success is None and failures_only[telemetry_type]:
                document = replace(document, success=False)
            found.append(document)
    return found


def _failures_only(configuration: LiveConfiguration) -> dict[TelemetryType, bool]:
    """For each kind that the feed shows, whether it shows only what failed."""
    kinds = {rule.telemetry_type for rule in configuration.feed}
    return {
        kind: all(rule.failures_only for rule in configuration.feed if rule.telemetry_type == kind) for kind in kinds
    }


def _fact(facts: Mapping[str, str], field: str) -> str | None:
    return "\n".join(facts.values()) if field == ANY_FIELD else facts.get(field)
