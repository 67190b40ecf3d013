"""The report of a server by the Live Metrics protocol, once a second."""

from collections.abc import Mapping
from dataclasses import dataclass

from local_insights.model.live.document import SentDocument
from local_insights.model.live.second import WeightedValue


@dataclass(frozen=True, slots=True)
class ServerIdentity:
    """The identity of a server. `stream_id` is unique per process; the texts may be empty or ambiguous."""

    stream_id: str
    role: str
    instance: str
    machine: str
    sdk_version: str


@dataclass(frozen=True, slots=True)
class DataPoint:
    """One second of one server. `metrics` have the names of the protocol; `errors` are about unsupported filters."""

    identity: ServerIdentity
    metrics: Mapping[str, WeightedValue]
    documents: tuple[SentDocument, ...] = ()
    errors: tuple[str, ...] = ()
