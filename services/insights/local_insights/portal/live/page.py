"""The template context of the page Live Metrics."""

from collections.abc import Mapping
from dataclasses import dataclass

from local_insights.model.live.conditions import Predicate, TelemetryType
from local_insights.model.live.configuration import MAX_METRICS, LiveConfiguration
from local_insights.model.live.snapshot import Snapshot
from local_insights.portal.empty_state import EmptyState, connection_string, demo_command
from local_insights.portal.live.charts import PANELS, UNITS, Chart, Panel
from local_insights.portal.live.formatted_snapshot import (
    DocumentRow,
    FormattedSnapshot,
    ServerRow,
    custom_charts,
    format_snapshot,
)
from local_insights.portal.live.forms import AGGREGATES, choices_of, chosen, feed_text, fields
from local_insights.portal.live.query import LiveQuery
from local_insights.portal.page_layout import Choice, PageLayout

TYPE_LABELS = {
    TelemetryType.REQUEST: "Requests",
    TelemetryType.DEPENDENCY: "Dependencies",
    TelemetryType.EXCEPTION: "Exceptions",
    TelemetryType.EVENT: "Events",
    TelemetryType.TRACE: "Traces",
}


@dataclass(frozen=True, slots=True)
class KindChoice:
    """The feed filter of one type of telemetry: the offered choices, with the current one chosen."""

    kind: TelemetryType
    label: str
    choices: tuple[Choice, ...]


@dataclass(frozen=True, slots=True)
class LivePage:
    """The page `/live`, of all servers or of one.

    `unknown_server` is True when the selected server has not reported in the last minute.
    """

    layout: PageLayout
    view: FormattedSnapshot
    configuration: LiveConfiguration
    query: LiveQuery
    server: ServerRow | None
    unknown_server: bool
    empty: EmptyState

    @property
    def is_empty(self) -> bool:
        """True when no server has reported in the last minute."""
        return not self.view.servers

    @property
    def panels(self) -> tuple[Panel, ...]:
        """The charts that do not depend on the configuration."""
        return PANELS

    @property
    def custom_charts(self) -> tuple[Chart, ...]:
        """The charts of the custom metrics."""
        return custom_charts(self.configuration)

    @property
    def columns(self) -> tuple[Chart, ...]:
        """The columns of the table of servers."""
        return tuple(chart for panel in PANELS for chart in panel.charts)

    @property
    def blank_server(self) -> ServerRow:
        """An empty row, which the script copies."""
        return ServerRow("", "", "", "", "", dict.fromkeys(UNITS, ""))

    @property
    def blank_document(self) -> DocumentRow:
        """An empty row, which the script copies."""
        return DocumentRow(0, "", "", "", failed=False, name="", detail="", role="", link="")

    @property
    def stream(self) -> str:
        """The address of the event stream."""
        return f"{self.layout.path}/stream?{self.query.query_string}&after={self.view.last_document}"

    @property
    def kinds(self) -> tuple[KindChoice, ...]:
        """The feed filters."""
        return tuple(
            KindChoice(
                kind,
                TYPE_LABELS[kind],
                tuple(
                    Choice(value, label, value == chosen(self.configuration, kind))
                    for value, label in choices_of(kind).items()
                ),
            )
            for kind in TelemetryType
        )

    @property
    def feed_summary(self) -> str:
        """The feed filters as one line of text."""
        shown = {kind: chosen(self.configuration, kind) for kind in TelemetryType}
        labels = [
            f"failed {TYPE_LABELS[kind].lower()}" if choice == "failed" else TYPE_LABELS[kind].lower()
            for kind, choice in shown.items()
            if choice != "none"
        ]
        text = feed_text(self.configuration)
        return (", ".join(labels) or "nothing") + (f" that contain “{text}”" if text else "")

    @property
    def feed_text(self) -> str:
        """The text that the feed is searched for."""
        return feed_text(self.configuration)

    @property
    def metric_choices(self) -> Mapping[str, list[str]]:
        """The choices in the form for a custom metric."""
        return {
            "type": [*TelemetryType],
            "aggregate": list(AGGREGATES),
            "field": fields(),
            "predicate": [*Predicate],
        }

    @property
    def has_room_for_metrics(self) -> bool:
        """True when another custom metric can be added."""
        return len(self.configuration.metrics) < MAX_METRICS


def live_page(snapshot: Snapshot, query: LiveQuery, layout: PageLayout, server: str) -> LivePage:
    """Return the context for a snapshot; `server` is the address of this server."""
    view = format_snapshot(snapshot)
    selected = next((row for row in view.servers if row.id == query.server_id), None)
    return LivePage(
        layout=layout,
        view=view,
        configuration=snapshot.configuration,
        query=query,
        server=selected,
        unknown_server=bool(query.server_id) and selected is None,
        empty=EmptyState(
            "No server reported in the last minute",
            "A server appears here within two seconds of its first request, with or without Live Metrics.",
            connection_string(server),
            demo_command(server),
        ),
    )
