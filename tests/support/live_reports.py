"""Data points of the Live Metrics protocol, and states with them."""

import json
from typing import Any

from local_insights.model.live.data_point import DataPoint, ServerIdentity
from local_insights.model.live.document import Document, SentDocument
from local_insights.model.live.live_state import LiveState
from local_insights.model.live.second import WeightedValue
from support.captured_posts import CAPTURES

NOON_S = 1_795_435_200.0
PYTHON, JAVASCRIPT, DOTNET = (
    "ulm_py3.11.7:otel1.45.1:dst1.8.11",
    "uln_20.1:otel1.30:ext1.18.1",
    "uld_8.0:otel1.9:ext1.3",
)
RATE = r"\ApplicationInsights\Requests/Sec"
FAILED = r"\ApplicationInsights\Requests Failed/Sec"
DURATION = r"\ApplicationInsights\Request Duration"
CALLS = r"\ApplicationInsights\Dependency Calls/Sec"
CALLS_FAILED = r"\ApplicationInsights\Dependency Calls Failed/Sec"
CALL_DURATION = r"\ApplicationInsights\Dependency Call Duration"
EXCEPTIONS = r"\ApplicationInsights\Exceptions/Sec"
MEMORY = r"\Process\Physical Bytes"
CPU = r"\% Process\Processor Time Normalized"


def point(
    metrics: dict[str, float | tuple[float, float]] | None = None,
    *documents: SentDocument,
    sdk: str = DOTNET,
    stream: str = "s1",
    role: str = "orders",
    instance: str = "i1",
) -> DataPoint:
    """Return a data point; a metric is its value, or value and weight."""
    measured = {
        name: WeightedValue(*value) if isinstance(value, tuple) else WeightedValue(value)
        for name, value in (metrics or {}).items()
    }
    return DataPoint(ServerIdentity(stream, role, instance, "vm", sdk), measured, documents)


def sent(kind: str, *, matched_by_server: bool = True, **fields: str) -> SentDocument:
    """Return a document with these fields; `Message` of an exception is `Exception.Message`."""
    if kind == "exception":
        fields["Exception.Message"] = fields.pop("Message", "")
    code = fields.get("ResponseCode") or fields.get("ResultCode", "")
    document = Document(
        0,
        kind,
        fields.get("ExceptionType") or fields.get("Name") or fields.get("Message", ""),
        fields.get("Exception.Message", ""),
        result_code=code,
        success=None if "Success" not in fields else fields["Success"] == "true",
    )
    return SentDocument(document, fields, matched_by_server)


def values(found: DataPoint) -> dict[str, float]:
    """Return the metrics of a data point without weights."""
    return {name: measured.value for name, measured in found.metrics.items()}


def reported(*points: DataPoint, at_s: float = NOON_S) -> LiveState:
    """Return a state that received these data points."""
    state = LiveState()
    state.report(points, at_s)
    return state


def captured_posts(endpoint: str) -> list[tuple[dict[str, str], bytes]]:
    """Return headers and bodies of the requests of Python's SDK to `ping` or `post`, in order."""
    lines = (CAPTURES / "azure_monitor_opentelemetry.jsonl").read_text("utf-8").splitlines()
    requests: list[dict[str, Any]] = [json.loads(line) for line in lines]
    return [
        (request["h"], request["b"].encode())
        for request in requests
        if request.get("p", "").partition("?")[0].endswith(f".svc/{endpoint}")
    ]
