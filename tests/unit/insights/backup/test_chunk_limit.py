"""The number of items that an export reads at a time follows from their size."""

import pytest

from local_insights.backup.routes import CHUNK_BYTES, MAX_CHUNK_ITEMS, next_limit


@pytest.mark.parametrize(
    ("limit", "item_bytes", "expected"),
    [
        (100, 500, 400),
        (4_000, 500, MAX_CHUNK_ITEMS),
        (MAX_CHUNK_ITEMS, 500, MAX_CHUNK_ITEMS),
        (MAX_CHUNK_ITEMS, 8 * 1024, 512),
        (512, CHUNK_BYTES // 2, 2),
        (2, 3 * CHUNK_BYTES, 1),
        (1, 500, 4),
    ],
)
def test_next_chunk_has_about_the_same_size_and_grows_in_steps(limit: int, item_bytes: int, expected: int) -> None:
    assert next_limit(limit, limit * item_bytes) == expected
