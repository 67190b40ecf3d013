"""The resource of an item does not depend on the items before it."""

import json

from hypothesis import given
from hypothesis import strategies as st

from local_insights.ingest.batch import read_batch
from local_insights.ingest.policy import IngestPolicy
from local_insights.ingest.resources import Resource, ResourceCache
from local_insights.model.item import Item
from support.read_items import read_items

TAGS = (
    "ai.cloud.role",
    "ai.cloud.roleInstance",
    "ai.device.type",
    "ai.internal.sdkVersion",
    "ai.operation.id",
    "ai.operation.name",
    "ai.operation.parentId",
    "ai.user.id",
)
texts = st.sampled_from(["", "a", "Browser", "0" * 16, "a" * 64, "b" * 65, "c" * 257, "d" * 513])
tags = st.dictionaries(st.sampled_from(TAGS), texts) | st.none()


@given(st.lists(tags, min_size=1, max_size=6))
def test_items_of_several_processes_in_a_batch_are_read_independently(sent: list[dict[str, str] | None]) -> None:
    envelopes = [
        {
            "time": "2026-11-23T00:00:00Z",
            "tags": one,
            "data": {"baseType": "EventData", "baseData": {"name": str(number)}},
        }
        for number, one in enumerate(sent)
    ]
    read = read_batch(json.dumps(envelopes).encode(), IngestPolicy("app"))
    expected = [item for envelope in envelopes for item in read_items(envelope)]
    assert list(map(_with_sorted_tags, read.items)) == list(map(_with_sorted_tags, expected))


def _with_sorted_tags(item: Item) -> Item:
    """Return the item with sorted tags: tags that differ only in their order are read once."""
    return item._replace(tags_json=json.dumps(json.loads(item.tags_json or "{}"), sort_keys=True))


def test_identical_tags_are_read_once() -> None:
    resources = ResourceCache("app")
    first = resources.get({"ai.cloud.role": "echo", "ai.device.id": "vm"})
    assert first == Resource("echo", "", "", '{"ai.device.id":"vm"}', {})
    assert resources.get({"ai.cloud.role": "echo", "ai.device.id": "vm"}) is first
    assert resources.get({"ai.cloud.role": "echo"}) == Resource("echo", "", "", "", {})
