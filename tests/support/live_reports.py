"""Data points as servers send them by the Live Metrics protocol, and boards that have heard of them."""

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
    """A data point; a metric is its value, or value and weight."""
    measured = {
        name: WeightedValue(*value) if isinstance(value, tuple) else WeightedValue(value)
        for name, value in (metrics or {}).items()
    }
    return DataPoint(ServerIdentity(stream, role, instance, "vm", sdk), measured, documents)


def sent(kind: str, *, matched_by_server: bool = True, **facts: str) -> SentDocument:
    """A document of the facts given; `Exception.Message` is written `Message`."""
    if kind == "exception":
        facts["Exception.Message"] = facts.pop("Message", "")
    code = facts.get("ResponseCode") or facts.get("ResultCode", "")
    document = Document(
        0,
        kind,
        facts.get("ExceptionType") or facts.get("Name") or facts.get("Message", ""),
        facts.get("Exception.Message", ""),
        result_code=code,
        success=None if "Success" not in facts else facts["Success"] == "true",
    )
    return SentDocument(document, facts, matched_by_server)


def values(found: DataPoint) -> dict[str, float]:
    """The metrics of a data point without their weights."""
    return {name: measured.value for name, measured in found.metrics.items()}


def reported(*points: DataPoint, at_s: float = NOON_S) -> LiveState:
    """A board that has heard these."""
    board = LiveState()
    board.report(points, at_s)
    return board


def captured_posts(endpoint: str) -> list[tuple[dict[str, str], bytes]]:
    """Headers and bodies of what Python's SDK posted to `ping` or `post`, in order."""
    lines = (CAPTURES / "azure_monitor_opentelemetry.jsonl").read_text("utf-8").splitlines()
    requests: list[dict[str, Any]] = [json.loads(line) for line in lines]
    return [
        (request["h"], request["b"].encode())
        for request in requests
        if request.get("p", "").partition("?")[0].endswith(f".svc/{endpoint}")
    ]
