"""Envelopes of every item type, as Application Insights SDKs send them.

Reference:
    Application Insights schemas, `EndpointSpecs/Schemas/Bond` in microsoft/ApplicationInsights-Home.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

KEY = "00000000-0000-0000-0000-000000000000"
Envelope = dict[str, Any]
Fields = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Resource:
    """The process that sends an item."""

    role: str
    instance: str
    sdk: str

    @property
    def tags(self) -> dict[str, str]:
        """The tags that all items of the process have."""
        return {
            "ai.cloud.role": self.role,
            "ai.cloud.roleInstance": self.instance,
            "ai.internal.sdkVersion": self.sdk,
        }


@dataclass(frozen=True, slots=True)
class Operation:
    """The operation and the parent span of an item; empty texts for items outside an operation."""

    id: str = ""
    name: str = ""
    parent_id: str = ""

    @property
    def tags(self) -> dict[str, str]:
        """The tags that connect an item to its operation and its parent."""
        tags = {"ai.operation.id": self.id, "ai.operation.name": self.name, "ai.operation.parentId": self.parent_id}
        return {name: value for name, value in tags.items() if value}


def envelope(
    base_type: str, base_data: Fields, time: datetime, resource: Resource, operation: Operation = Operation()
) -> Envelope:
    """Return an envelope of `base_type`, such as `RequestData`."""
    return {
        "ver": 1,
        "name": f"Microsoft.ApplicationInsights.{base_type.removesuffix('Data')}",
        "time": time.isoformat(timespec="microseconds"),
        "iKey": KEY,
        "tags": resource.tags | operation.tags,
        "data": {"baseType": base_type, "baseData": {"ver": 2, **base_data}},
    }


def metric_data(name: str, values: list[float]) -> Fields:
    """Return the data of a metric: one measurement, or the aggregate of several."""
    point: Fields = {"name": name, "value": round(sum(values), 2)}
    if len(values) > 1:
        point |= {"kind": "Aggregation", "count": len(values), "min": min(values), "max": max(values)}
    return {"metrics": [point]}


def exception_data(type_name: str, message: str, frames: list[tuple[str, str, int]]) -> Fields:
    """Return the data of an exception. Each frame is a method, a file and a line; the innermost frame is the first."""
    stack = [
        {"level": level, "method": method, "fileName": file, "line": line}
        for level, (method, file, line) in enumerate(frames)
    ]
    details = {"id": 1, "typeName": type_name, "message": message, "hasFullStack": True, "parsedStack": stack}
    return {"exceptions": [details], "severityLevel": "Error"}


def duration(milliseconds: float) -> str:
    """Format a duration as `d.hh:mm:ss.ffffff`."""
    seconds, microseconds = divmod(round(milliseconds * 1000), 1_000_000)
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    return f"0.{hours:02}:{minutes:02}:{seconds:02}.{microseconds:06}"
