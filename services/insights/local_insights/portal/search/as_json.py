"""The results of a search as JSON."""

import json
from typing import Any

from local_insights.model.item import Item
from local_insights.model.search.search import SearchCounts, SearchHit
from local_insights.portal.formats import iso_time
from local_insights.portal.links import item_link
from local_insights.portal.search.query import SearchQuery


def search_json(query: SearchQuery, counts: SearchCounts, hits: list[SearchHit], next_link: str) -> dict[str, Any]:
    """Return one page of items, newest first, and the counts of all; `next` is the next page, null on the last."""
    time_range = query.time.time_range
    return {
        "from": time_range.start.isoformat(),
        "to": time_range.end.isoformat(),
        "query": query.text,
        "hints": list(query.hints),
        "items_found": counts.items,
        "events_found": counts.events,
        "steps": list(counts.steps),
        "facets": {
            facet.value: [{"value": entry.value, "events": entry.events} for entry in entries]
            for facet, entries in counts.facets.items()
        },
        "items": [_item(hit.item) for hit in hits],
        "next": next_link or None,
    }


def _item(item: Item) -> dict[str, Any]:
    """Return the item with the field names of a transaction's JSON, and the address of its page.

    A field that the item does not have is null. Exceptions are as sent.
    """
    return {
        "item_type": item.item_type,
        "start_time": iso_time(item.time_us),
        "operation_id": item.operation_id or None,
        "operation_name": item.operation_name or None,
        "id": item.id or None,
        "parent_id": item.parent_id or None,
        "role": item.role,
        "role_instance": item.role_instance or None,
        "name": item.name or None,
        "type": item.dependency_type or None,
        "target": item.target or None,
        "data": item.data or None,
        "result_code": item.result_code or None,
        "success": item.success,
        "duration_ms": None if item.duration_us is None else item.duration_us / 1000,
        "source": item.source or None,
        "message": item.message or None,
        "severity": item.severity,
        "problem_id": item.problem_id or None,
        "exceptions": json.loads(item.exceptions_json or "[]"),
        "value": item.value,
        "value_count": item.value_count,
        "value_min": item.value_min,
        "value_max": item.value_max,
        "value_std_dev": item.value_std_dev,
        "properties": json.loads(item.properties_json or "{}"),
        "measurements": json.loads(item.measurements_json or "{}"),
        "details": json.loads(item.details_json or "{}"),
        "tags": json.loads(item.tags_json or "{}"),
        "sent": json.loads(item.sent_json or "{}"),
        "sdk_version": item.sdk_version or None,
        "item_count": item.item_count,
        "link": item_link(item),
    }
