"""What a server reports of itself by the Live Metrics protocol, once a second."""

from collections.abc import Mapping
from dataclasses import dataclass

from local_insights.model.live.document import SentDocument
from local_insights.model.live.second import WeightedValue


@dataclass(frozen=True, slots=True)
class ServerIdentity:
    """Who reports. `stream_id` is the process's own; the texts may be empty, and need not be unique."""

    stream_id: str
    role: str
    instance: str
    machine: str
    sdk_version: str


@dataclass(frozen=True, slots=True)
class DataPoint:
    """About one second of one server. `metrics` are by the names of the protocol, `errors` what it says of filters."""

    identity: ServerIdentity
    metrics: Mapping[str, WeightedValue]
    documents: tuple[SentDocument, ...] = ()
    errors: tuple[str, ...] = ()
