"""A snapshot as the page shows it: every text ready to read, whether a template prints it or a stream sends it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import quote

from local_insights.model.item import ItemType
from local_insights.model.live.configuration import LiveConfiguration
from local_insights.model.live.document import FeedDocument
from local_insights.model.live.server import Source
from local_insights.model.live.snapshot import Series, ServerState, Snapshot
from local_insights.portal.formats import duration, iso_time, sanitize, timestamp
from local_insights.portal.live.figures import PANELS, UNITS, Chart, Figure, custom_chart, figure, text

ROWS = 50
"""Rows of the feed."""
SECOND_US = 1_000_000
_KINDS = {
    ItemType.REQUEST.value: "request",
    ItemType.DEPENDENCY.value: "dependency",
    ItemType.EXCEPTION.value: "exception",
    ItemType.CUSTOM_EVENT.value: "event",
    ItemType.TRACE.value: "trace",
}
_SOURCES = {Source.PROTOCOL: "Live Metrics", Source.TELEMETRY: "telemetry"}


@dataclass(frozen=True, slots=True)
class ServerRow:
    """One server. `cells` are its figures as they read, by the name of the measure."""

    id: str
    name: str
    role: str
    source: str
    heard: str
    cells: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class DocumentRow:
    """One item of the feed.

    `detail` is what else is known: result code, duration, and a URL, command or message. `link` leads to the item's
    transaction, empty when the sender did not say which that is.
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
class LiveView:
    """What the page shows of a moment.

    `series` are the charts' values, `figures` the newest of them as they read, both by the name of the measure.
    `documents` are newest first; `last_document` is the number of the newest, 0 without any.
    """

    second: int
    time: str
    summary: str
    etag: str
    figures: Mapping[str, Figure]
    series: Mapping[str, Series]
    servers: tuple[ServerRow, ...]
    documents: tuple[DocumentRow, ...]
    last_document: int
    errors: tuple[str, ...]


def charts(configuration: LiveConfiguration) -> tuple[Chart, ...]:
    """The charts of the custom metrics."""
    return tuple(custom_chart(metric) for metric in configuration.metrics)


def live_view(shown: Snapshot, after: int = 0) -> LiveView:
    """Make texts of a snapshot; of the feed, what has a higher number than `after`."""
    units = UNITS | {chart.measure: chart.unit for chart in charts(shown.configuration)}
    documents = [one for one in shown.documents if one.number > after][-ROWS:]
    count = len(shown.servers)
    return LiveView(
        second=shown.second,
        time=timestamp((shown.second + 1) * SECOND_US)[11:19],
        summary=f"{count} {'server' if count == 1 else 'servers'} online",
        etag=shown.configuration.etag,
        figures={measure: figure(shown.latest(measure), unit) for measure, unit in units.items()},
        series={measure: shown.series[measure] for measure in units},
        servers=tuple(_server_row(server) for server in shown.servers),
        documents=tuple(_document_row(one) for one in reversed(documents)),
        last_document=max((one.number for one in shown.documents), default=after),
        errors=tuple(map(sanitize, shown.errors)),
    )


def measures() -> Sequence[Chart]:
    """The figures that the table of servers has columns for."""
    return [chart for panel in PANELS for chart in panel.charts]


def _server_row(server: ServerState) -> ServerRow:
    return ServerRow(
        id=server.id,
        name=sanitize(server.instance or server.machine or "(unnamed)"),
        role=sanitize(server.role),
        source=_SOURCES[server.source],
        heard=f"{server.idle_s:.0f} s ago" if server.idle_s >= 2 else "now",  # noqa: PLR2004 - a second is usual
        cells={measure: text(server.values[measure], UNITS[measure]) for measure in UNITS},
    )


def _document_row(shown: FeedDocument) -> DocumentRow:
    document = shown.document
    duration_words = "" if document.duration_ms is None else duration(document.duration_ms)
    operation = quote(document.operation_id, safe="", errors="replace")
    return DocumentRow(
        number=shown.number,
        time=timestamp(document.time_us)[11:19],
        iso_time=iso_time(document.time_us),
        kind=_KINDS[document.kind],
        failed=document.success is False or document.kind == ItemType.EXCEPTION,
        name=sanitize(document.name) or "(unnamed)",
        detail=sanitize(" · ".join(filter(None, (document.result_code, duration_words, document.detail)))),
        role=sanitize(shown.role),
        link=f"/transaction/{operation}" if operation else "",
    )
