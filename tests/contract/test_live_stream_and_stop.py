"""Live Metrics streams when the server stops."""

import signal
import time
from pathlib import Path

import httpx

from support.insights_process import running_insights

STREAMS = 3
LONGEST_STOP_S = 4
"""Less than the server's grace period for open responses."""


def test_open_streams_do_not_delay_the_stop_of_the_server(tmp_path: Path) -> None:
    with running_insights(tmp_path) as insights, httpx.Client(trust_env=False) as client:
        streams = [
            client.send(client.build_request("GET", f"{insights.url}/live/stream"), stream=True) for _ in range(STREAMS)
        ]
        lines = [stream.iter_lines() for stream in streams]
        for one in lines:
            assert any(line.startswith("data: ") for line in one)
        began_s = time.monotonic()
        insights.process.send_signal(signal.SIGTERM)
        assert insights.process.wait(30) == 0
        assert time.monotonic() - began_s < LONGEST_STOP_S
        for one in lines:
            list(one)  # ends without an error: the response was complete
