"""A row of a list of transactions, as shown on the transaction list and in the panel of a node."""

from dataclasses import dataclass

from local_insights.model.summaries import OperationSummary
from local_insights.portal.links import transaction_link


@dataclass(frozen=True, slots=True)
class TransactionRow:
    """One operation; `failed` is False if its outcome is unknown."""

    link: str
    operation_id: str
    name: str
    role: str
    start_us: int
    duration_ms: float | None
    failed: bool


def transaction_row(summary: OperationSummary) -> TransactionRow:
    """Return the row of an operation. An operation without a name is listed by its id."""
    return TransactionRow(
        link=transaction_link(summary.operation_id),
        operation_id=summary.operation_id,
        name=summary.name or summary.operation_id,
        role=summary.role,
        start_us=summary.start_us,
        duration_ms=None if summary.duration_us is None else summary.duration_us / 1000,
        failed=summary.success is False,
    )
