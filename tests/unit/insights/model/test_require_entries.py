"""Tables with an entry per kind of telemetry fail at import when an entry is missing."""

import pytest

from local_insights.model.item import ItemType, require_entries


def test_table_with_all_entries_is_accepted() -> None:
    require_entries("TABLE", dict.fromkeys(ItemType, 1), ItemType)


def test_missing_entry_is_reported_with_table_and_kind() -> None:
    table = {kind: 1 for kind in ItemType if kind is not ItemType.PAGE_VIEW}

    with pytest.raises(LookupError, match="TABLE has no entry for pageView"):
        require_entries("TABLE", table, ItemType)
