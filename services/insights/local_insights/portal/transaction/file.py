"""One transaction as a self-contained HTML file, which loads no other file."""

import base64
import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from markupsafe import Markup

from local_insights.model.transaction import Transaction
from local_insights.portal.formats import clip, duration
from local_insights.portal.item_details import ItemDetails, item_details
from local_insights.portal.render import FOLDER
from local_insights.portal.transaction.gantt import GanttRow, gantt_rows, time_ticks

_SHEETS = ("tokens", "transaction_rows", "transaction_file")
_FONT_FACE = re.compile(r"@font-face\s*{[^}]*}", re.DOTALL)
_NAME_LIMIT = 64


@dataclass(frozen=True, slots=True)
class TransactionFile:
    """The content of the file: every row with the details of its item; None for a parent that has not arrived."""

    transaction: Transaction
    name: str
    duration: str
    ticks: Sequence[str]
    rows: tuple[tuple[GanttRow, ItemDetails | None], ...]
    style: Markup
    content_security_policy: str


def transaction_file(transaction: Transaction) -> TransactionFile:
    """Return the content for a transaction."""
    style = _style()
    return TransactionFile(
        transaction=transaction,
        name=clip(transaction.name, 200),
        duration=duration(transaction.duration_ms),
        ticks=time_ticks(transaction.duration_ms),
        rows=tuple(
            (row, item_details(transaction.items[row.number - 1]) if row.number else None)
            for row in gantt_rows(transaction)
        ),
        style=Markup(style),  # noqa: S704 - our own style sheets
        content_security_policy=f"default-src 'none'; base-uri 'none'; style-src 'sha256-{_digest(style)}'",
    )


def file_name(operation_id: str) -> str:
    """Return a file name that is valid on every system, for any operation id."""
    return f"transaction-{re.sub(r'[^A-Za-z0-9_-]+', '-', operation_id)[:_NAME_LIMIT].strip('-')}.html"


@cache
def _style() -> str:
    """Return the style sheets that the file needs, without the font, which would be a second file."""
    sheets = ((FOLDER / "static" / f"{name}.css").read_text(encoding="utf-8") for name in _SHEETS)
    return "\n" + _FONT_FACE.sub("", "\n".join(sheets))


def _digest(style: str) -> str:
    return base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
