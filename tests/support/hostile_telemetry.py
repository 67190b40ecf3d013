"""Hostile telemetry, malicious or corrupt: every text field has the same hostile text."""

import json
from urllib.parse import quote

from local_insights.model.call_rows import (
    AvailabilityRow,
    CallRows,
    LinkRow,
    MissingParentRow,
    PageViewRow,
    RoleRow,
    RootRequestRow,
)
from local_insights.model.item import Item, ItemType
from local_insights.model.item_key import item_key
from local_insights.model.summaries import OperationSummary, StoreStats
from support.fake_store import FakeStore, statistics
from support.items import item

LONGEST_NAME = 1024

HOSTILE_TEXTS = {
    "script": "</script><script>document.title='owned'</script>",
    "svg": "</title></svg><svg onload=\"document.title='owned'\"><image href=x onerror=document.title='owned'>",
    "attribute": '" onmouseover="document.title=\'owned\'" autofocus onfocus=\'document.title="owned"\' x="',
    "address": "javascript:document.title='owned'",
    "template": "{{ 7 * 7 }}{% for x in y %}${document.title='owned'}",
    "markup": "<b>&amp;</b>&lt;i&gt;]]><!-- --><![CDATA[",
    "direction": "safe\u202egpj.exe\u2066\u2069 \u05d0\u05d1\u05d2",
    "control": "nul\x00bell\x07escape\x1b[31m\x85\ufffe\x7f\x9b31m",
    "surrogate": "cut short \ud83d",
    "empty": "",
    "blank": " \t\r\n ",
    "long": "x" * 100_000,
    "combining": "Z" + "\u0351" * 500,
}


def hostile_items(text: str, operation_id: str) -> list[Item]:
    """Return one item of every type with the text in every text field."""
    texts = {
        name: text
        for name in Item._fields
        if isinstance(getattr(item(), name), str)
        and not name.endswith("_json")
        and name not in {"operation_id", "item_type"}
    }
    nested = {text: text, "nested": {text: [text]}}
    return [
        item(**texts)._replace(
            item_type=kind,
            operation_id=operation_id,
            time_us=1_769_860_800_000_000 + number,
            id=f"{number}",
            parent_id=text,
            role=text or "application",
            severity=3,
            success=False,
            properties_json=json.dumps(nested),
            measurements_json=json.dumps({text: 1.5}),
            details_json=json.dumps(nested),
            exceptions_json=json.dumps(
                [{"typeName": text, "message": text, "stack": text}, {"parsedStack": [{"method": text}]}]
            ),
        )
        for number, kind in enumerate(ItemType)
    ]


def hostile_store(text: str, operation_id: str = "0badc0de") -> FakeStore:
    """Return a store with the text in every field; names on the map are truncated as by ingestion."""
    items = hostile_items(text, operation_id)
    text = text[:LONGEST_NAME]
    role = text or "application"
    return FakeStore(
        map_rows=CallRows(
            roles=(RoleRow(role, 2, statistics(100, 10, 50)), RoleRow("callee", 1, statistics(5, 0, 1))),
            links=(
                LinkRow(role, "callee", text, text, statistics(20, 3, 5)),
                LinkRow("callee", None, text, text + "2", statistics(20, 3, 5)),
            ),
            root_requests=(RootRequestRow(role, statistics(100, 10, 50)),),
            missing_parents=(MissingParentRow(role, statistics(4, 0, 1)),),
            page_views=(PageViewRow(f"(browser) {text}", statistics(9, 0, 5)),),
            availability=(AvailabilityRow(text, role, statistics(9, 1, 5)),),
        ),
        summaries=[OperationSummary(operation_id, text, role, 1_769_860_800_000_000, 5, success=False)],
        items={operation_id: items, "adjacent": [item._replace(operation_id="adjacent") for item in items]},
        store_stats=StoreStats(10, 1, 2),
    )


def hostile_pages(text: str, operation_id: str = "0badc0de") -> list[str]:
    """Return every page and JSON endpoint that shows the text, and those that receive it as a parameter."""
    node = quote(f"role:{text or 'application'}"[:2_000], errors="replace")
    sent = quote(text[:2_000], errors="replace")
    return [
        f"/map?since=3650d&node={node}",
        f"/map?view=table&node={node}",
        f"/map?focus={sent}",
        f"/map?since={sent}",
        f"/map?hops={sent}",
        f"/map?filter={sent}&filter=name+excludes+{sent}&expand={sent}",
        f"/map?add=name+excludes&value={sent}&group=always&node=availability:{sent}",
        *(f"/map.{format_}" for format_ in ("json", "svg", "mmd", "dot", "txt")),
        f"/transaction?node={node}",
        "/transaction.json",
        *(f"/transaction/{operation_id}?item={number}" for number in range(1, len(ItemType) + 1)),
        f"/transaction/{operation_id}?item={sent}",
        f"/transaction/{operation_id}?surrounding=1",
        f"/transaction/{operation_id}.json",
        f"/transaction/{operation_id}?fold={sent}&page={sent}",
        "/overview?since=3650d",
        "/overview.json?since=3650d",
        *(
            f"/performance?since=3650d&tab={tab}&role={sent}&name={sent}"
            for tab in ("operations", "dependencies", "roles")
        ),
        *(f"/failures?since=3650d&tab={tab}" for tab in ("operations", "dependencies", "exceptions", "roles")),
        f"/failures?since=3650d&tab=dependencies&type={sent}&target={sent}&code={sent}&row_role={sent}",
        "/performance.json?since=3650d",
        "/failures.json?since=3650d&tab=exceptions",
        f"/performance?tab={sent}",
        f"/performance?shortest_ms={sent}",
        f"/transaction/{operation_id}?find={sent}",
        *_details_pages(text, operation_id),
        "/search?since=3650d",
        f"/search?since=3650d&q={sent}",
        f"/search.json?since=3650d&q={sent}",
        f"/search?since=3650d&role={sent}&operation={sent}&result={sent}",
        f"/search?type={sent}",
        f"/search.json?before={sent}",
        f"/search/updates?since=3650d&row={sent}",
        f"/transaction/x{quote(' '.join(text[:2_000].split()), errors='replace')}",
    ]


def _details_pages(text: str, operation_id: str) -> list[str]:
    """Return the details of an item; none for lone surrogates, which ingestion replaces."""
    if any("\ud800" <= character <= "\udfff" for character in text):
        return []
    address = f"/item/{item_key(hostile_items(text, operation_id)[3])}"
    return [address, f"{address}.json"]
