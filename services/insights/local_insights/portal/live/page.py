"""The page `/live`."""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote

from local_insights.model.live.conditions import Predicate, TelemetryType
from local_insights.model.live.configuration import MAX_METRICS, LiveConfiguration
from local_insights.model.live.snapshot import Snapshot
from local_insights.portal.empty_state import INSTRUMENTATION_KEY, EmptyState
from local_insights.portal.live.figures import PANELS, UNITS, Chart, Panel
from local_insights.portal.live.filters import FIGURES, choices_of, chosen, feed_text, fields
from local_insights.portal.live.view import DocumentRow, LiveView, ServerRow, charts, live_view, measures
from local_insights.portal.page_layout import Choice, PageLayout

KIND_LABELS = {
    TelemetryType.REQUEST: "Requests",
    TelemetryType.DEPENDENCY: "Dependencies",
    TelemetryType.EXCEPTION: "Exceptions",
    TelemetryType.EVENT: "Events",
    TelemetryType.TRACE: "Traces",
}


@dataclass(frozen=True, slots=True)
class KindChoice:
    """What the feed shows of one kind of telemetry, and what it could show."""

    kind: TelemetryType
    label: str
    choices: tuple[Choice, ...]


@dataclass(frozen=True, slots=True)
class LivePage:
    """The page `/live`, of all servers or of one.

    `unknown_server` is true when the server that was asked for is not, or no longer, heard of.
    """

    layout: PageLayout
    view: LiveView
    configuration: LiveConfiguration
    server_id: str
    server: ServerRow | None
    unknown_server: bool
    empty: EmptyState

    @property
    def is_empty(self) -> bool:
        """Whether no server has been heard of."""
        return not self.view.servers

    @property
    def panels(self) -> tuple[Panel, ...]:
        """The charts that are always there."""
        return PANELS

    @property
    def custom_charts(self) -> tuple[Chart, ...]:
        """The charts of the custom metrics."""
        return charts(self.configuration)

    @property
    def columns(self) -> tuple[Chart, ...]:
        """The figures of the table of servers."""
        return tuple(measures())

    @property
    def blank_server(self) -> ServerRow:
        """A row for scripts to fill."""
        return ServerRow("", "", "", "", "", dict.fromkeys(UNITS, ""))

    @property
    def blank_document(self) -> DocumentRow:
        """A row for scripts to fill."""
        return DocumentRow(0, "", "", "", failed=False, name="", detail="", role="", link="")

    @property
    def stream(self) -> str:
        """Where the figures of the seconds to come are to be had."""
        return f"/live/stream?{self.state}&after={self.view.last_document}"

    @property
    def state(self) -> str:
        """The query that asks for this page again."""
        return f"server={quote(self.server_id, safe='')}"

    @property
    def kinds(self) -> tuple[KindChoice, ...]:
        """What the feed can show."""
        return tuple(
            KindChoice(
                kind,
                KIND_LABELS[kind],
                tuple(
                    Choice(value, words, value == chosen(self.configuration, kind))
                    for value, words in choices_of(kind).items()
                ),
            )
            for kind in TelemetryType
        )

    @property
    def feed_summary(self) -> str:
        """What the feed shows, in one line."""
        shown = {kind: chosen(self.configuration, kind) for kind in TelemetryType}
        words = [
            f"failed {KIND_LABELS[kind].lower()}" if choice == "failed" else KIND_LABELS[kind].lower()
            for kind, choice in shown.items()
            if choice != "none"
        ]
        text = feed_text(self.configuration)
        return (", ".join(words) or "nothing") + (f" that contain “{text}”" if text else "")

    @property
    def feed_text(self) -> str:
        """The text that all of the feed contains."""
        return feed_text(self.configuration)

    @property
    def metric_choices(self) -> Mapping[str, list[str]]:
        """What the form for a custom metric offers."""
        return {
            "type": [*TelemetryType],
            "figure": list(FIGURES),
            "field": fields(),
            "predicate": [*Predicate],
        }

    @property
    def has_room_for_metrics(self) -> bool:
        """Whether another custom metric can be added."""
        return len(self.configuration.metrics) < MAX_METRICS


def live_page(shown: Snapshot, server_id: str, address: str) -> LivePage:
    """Make the page. `address` is where the reader reached this server."""
    view = live_view(shown)
    server = next((row for row in view.servers if row.id == server_id), None)
    return LivePage(
        layout=PageLayout("Live metrics", "live", "/live"),
        view=view,
        configuration=shown.configuration,
        server_id=server_id,
        server=server,
        unknown_server=bool(server_id) and server is None,
        empty=EmptyState(
            "No server has been heard of in the last minute",
            "Servers appear here within a second or two of their first request, with Live Metrics or without.",
            f"InstrumentationKey={INSTRUMENTATION_KEY};IngestionEndpoint={address};LiveEndpoint={address}",
        ),
    )
