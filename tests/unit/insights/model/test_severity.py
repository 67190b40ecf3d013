import pytest

from local_insights.model.item import ItemType
from local_insights.model.severity import is_failure, severity_label


@pytest.mark.parametrize(
    ("severity", "words"), [(None, ""), (0, "Verbose"), (2, "Warning"), (4, "Critical"), (5, "5"), (-1, "-1")]
)
def test_severities_have_names(severity: int | None, words: str) -> None:
    assert severity_label(severity) == words


@pytest.mark.parametrize(
    ("item_type", "success", "severity", "failed"),
    [
        (ItemType.REQUEST, True, None, False),
        (ItemType.REQUEST, False, None, True),
        (ItemType.REQUEST, True, 4, False),
        (ItemType.TRACE, None, None, False),
        (ItemType.TRACE, None, 2, False),
        (ItemType.TRACE, None, 3, True),
        (ItemType.EXCEPTION, None, 1, True),
    ],
)
def test_failures_are_calls_without_success_exceptions_and_severe_logs(
    *, item_type: ItemType, success: bool | None, severity: int | None, failed: bool
) -> None:
    assert is_failure(item_type, success=success, severity=severity) is failed
