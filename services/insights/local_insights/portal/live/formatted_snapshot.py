"""A snapshot of the last minute with every value formatted as text, for the template and for the stream."""

from collections.abc import Mapping
from dataclasses import dataclass

from local_insights.model.item import ItemType
from local_insights.model.live.configuration import LiveConfiguration
from local_insights.model.live.document import Document, FeedDocument
from local_insights.model.live.server import Source
from local_insights.model.live.snapshot import Series, ServerState, Snapshot
from local_insights.portal.formats import duration, iso_time, sanitize, timestamp
from local_insights.portal.links import details_link, transaction_link
from local_insights.portal.live.charts import UNITS, Chart, FormattedValue, custom_chart, format_text, format_value

ROWS = 50
"""The maximum number of rows of the feed."""
SECOND_US = 1_000_000
_TYPES = {
    ItemType.REQUEST.value: "request",
    ItemType.DEPENDENCY.value: "dependency",
    ItemType.EXCEPTION.value: "exception",
    ItemType.CUSTOM_EVENT.value: "event",
    ItemType.TRACE.value: "trace",
}
_SOURCES = {Source.PROTOCOL: "Live Metrics", Source.TELEMETRY: "telemetry"}


@dataclass(frozen=True, slots=True)
class ServerRow:
    """One server; `cells` are its formatted values, by measure."""

    id: str
    name: str
    role: str
    source: str
    last_seen: str
    cells: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class DocumentRow:
    """One item of the feed.

    `detail` has the result code, the duration, and a URL, command or message. `link` opens the item in its transaction,
    or its details if it has no operation. It is empty for an item without an operation that arrived by the Live Metrics
    protocol.
    """

    number: int
    time: str
    iso_time: str
    kind: str
    failed: bool
    name: str
    detail: str
    role: str
    link: str


@dataclass(frozen=True, slots=True)
class FormattedSnapshot:
    """The content of the page at one time.

    Attributes:
        second: the newest complete second, since 1970.
        time: the end of that second, `HH:MM:SS` in UTC.
        summary: the number of servers, as text.
        etag: identifies the configuration of Live Metrics.
        values: the newest values, by measure.
        series: the values of the charts, by measure.
        servers: the rows of the servers.
        documents: the rows of the feed, newest first.
        last_document: the number of the newest document; 0 when there is none.
        errors: the filters that servers reject.
    """

    second: int
    time: str
    summary: str
    etag: str
    values: Mapping[str, FormattedValue]
    series: Mapping[str, Series]
    servers: tuple[ServerRow, ...]
    documents: tuple[DocumentRow, ...]
    last_document: int
    errors: tuple[str, ...]


def custom_charts(configuration: LiveConfiguration) -> tuple[Chart, ...]:
    """Return the charts of the custom metrics."""
    return tuple(custom_chart(metric) for metric in configuration.metrics)


def format_snapshot(snapshot: Snapshot, after: int = 0) -> FormattedSnapshot:
    """Format a snapshot with those documents of the feed whose numbers are higher than `after`."""
    units = UNITS | {chart.measure: chart.unit for chart in custom_charts(snapshot.configuration)}
    documents = [document for document in snapshot.documents if document.number > after][-ROWS:]
    count = len(snapshot.servers)
    return FormattedSnapshot(
        second=snapshot.second,
        time=timestamp((snapshot.second + 1) * SECOND_US)[11:19],
        summary=f"{count} {'server' if count == 1 else 'servers'} online",
        etag=snapshot.configuration.etag,
        values={measure: format_value(snapshot.latest(measure), unit) for measure, unit in units.items()},
        series={measure: snapshot.series[measure] for measure in units},
        servers=tuple(_server_row(server) for server in snapshot.servers),
        documents=tuple(_document_row(document) for document in reversed(documents)),
        last_document=max((document.number for document in snapshot.documents), default=after),
        errors=tuple(map(sanitize, snapshot.errors)),
    )


def _server_row(server: ServerState) -> ServerRow:
    return ServerRow(
        id=server.id,
        name=sanitize(server.instance or server.machine or "(unnamed)"),
        role=sanitize(server.role),
        source=_SOURCES[server.source],
        last_seen=f"{server.idle_s:.0f} s ago" if server.idle_s >= 2 else "now",  # noqa: PLR2004 - a second is usual
        cells={measure: format_text(server.values[measure], UNITS[measure]) for measure in UNITS},
    )


def _document_row(shown: FeedDocument) -> DocumentRow:
    document = shown.document
    took = "" if document.duration_ms is None else duration(document.duration_ms)
    return DocumentRow(
        number=shown.number,
        time=timestamp(document.time_us)[11:19],
        iso_time=iso_time(document.time_us),
        kind=_TYPES[document.kind],
        failed=document.success is False or document.kind == ItemType.EXCEPTION,
        name=sanitize(document.name) or "(unnamed)",
        detail=sanitize(" · ".join(filter(None, (document.result_code, took, document.detail)))),
        role=sanitize(shown.role),
        link=_link(document),
    )


def _link(document: Document) -> str:
    if document.operation_id:
        return transaction_link(document.operation_id, document.item_key)
    return details_link(document.item_key) if document.item_key else ""
