"""The command `insights demo`: send sample telemetry to a running server."""

import json
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import TYPE_CHECKING

import click

from local_insights.cli.client import send_envelopes, server_client
from local_insights.cli.options import server_option

if TYPE_CHECKING:
    import httpx

    from local_insights.demo.envelopes import Envelope

HISTORY = timedelta(hours=1)
INCIDENT = (timedelta(minutes=25), timedelta(minutes=18))
"""Start and end of the incident, before now."""
LIVE_S = 60
LIVE_INTERVAL_S = 5
_ENVELOPES_PER_REQUEST = 1_000
_TYPES = {
    "RequestData": "requests",
    "RemoteDependencyData": "dependency calls",
    "MessageData": "traces",
    "ExceptionData": "exceptions",
    "PageViewData": "page views",
    "PageViewPerfData": "browser timings",
    "EventData": "custom events",
    "MetricData": "metrics and performance counters",
    "AvailabilityData": "availability results",
}
_PAGES = {
    "/map": "the Application Map: which role calls which",
    "/overview": "numbers of requests and failures over time",
    "/failures": "the incident: exceptions and failed dependencies",
    "/performance": "the slowest operations",
    "/search?q=TimeoutError": "items by their text",
    "/live": "the last minute, second by second",
}


@click.command("demo")
@server_option
@click.option("--seed", default=1, show_default=True, help="Seed of the random numbers.")
@click.option("--live", is_flag=True, help=f"After that, send new telemetry for {LIVE_S} s, to watch /live.")
def demo_command(server: str, seed: int, *, live: bool) -> None:
    """Send sample telemetry to a running server.

    The telemetry is one hour of a web shop, with an incident.
    """
    from local_insights.demo.simulation import Incident, shop_envelopes  # noqa: PLC0415 (other commands do not load it)

    now = datetime.now(UTC)
    incident = Incident(*(now - before for before in INCIDENT))
    envelopes = shop_envelopes(seed, now - HISTORY, now, incident)
    with server_client(server) as client:
        _send(client, server, envelopes)
        click.echo(_summary(server, envelopes, now, incident.start, incident.end))
        if live:
            click.echo(f"\nSending new telemetry for {LIVE_S} s: {server}/live (Ctrl-C stops)")
            _send_live(client, server, seed)


def _send(client: "httpx.Client", server: str, envelopes: "Iterable[Envelope]") -> None:
    remaining = iter(envelopes)
    while batch := list(islice(remaining, _ENVELOPES_PER_REQUEST)):
        result = send_envelopes(client, server, json.dumps(batch).encode())
        if result.rejected:
            message = f"{server} rejected {result.rejected:,} of {len(batch):,} items."
            raise click.ClickException(message)


def _send_live(client: "httpx.Client", server: str, seed: int) -> None:
    from local_insights.demo.simulation import shop_envelopes  # noqa: PLC0415 (as above)

    sent_until = datetime.now(UTC)
    for _ in range(LIVE_S // LIVE_INTERVAL_S):
        time.sleep(LIVE_INTERVAL_S)
        now = datetime.now(UTC)
        _send(client, server, shop_envelopes(seed, sent_until, now))
        sent_until = now


def _summary(
    server: str, envelopes: "list[Envelope]", now: datetime, incident_start: datetime, incident_end: datetime
) -> str:
    """Return the numbers of sent items and the addresses to open."""
    counts = Counter(str(envelope["data"]["baseType"]) for envelope in envelopes)
    lines = [
        f"Sent {len(envelopes):,} items of a web shop, {now - HISTORY:%H:%M} to {now:%H:%M} UTC:",
        *(f"{counts[base_type]:>8,} {text}" for base_type, text in _TYPES.items()),
        f"Incident, {incident_start:%H:%M} to {incident_end:%H:%M} UTC: the payment provider does not respond in time.",
        "",
        "Open:",
        *(f"  {server + path:45} {text}" for path, text in _PAGES.items()),
    ]
    failed = next(_failed_checkouts(envelopes), "")
    if failed:
        lines.append(f"  {server}/transaction/{failed}\n{'':47} a failed checkout from the browser to the provider")
    return "\n".join(lines)


def _failed_checkouts(envelopes: "Iterable[Envelope]") -> Iterator[str]:
    """Yield the operation ids of checkouts that failed because of the incident."""
    for envelope in envelopes:
        data = envelope["data"]["baseData"]
        if data.get("target") == "api.cards.example" and not data["success"]:
            yield envelope["tags"]["ai.operation.id"]
