"""Builds envelopes as Azure's exporters send them, as dictionaries to be encoded as JSON."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from local_insights.ingest.otlp.attributes import Attributes, attributes_of, first_text, is_synthetic

if TYPE_CHECKING:
    from opentelemetry.proto.resource.v1.resource_pb2 import Resource

EnvelopeFields = dict[str, Any]
"""The fields of `ingest.envelope.Envelope`, or of its data."""
SAMPLE_RATES = ("_MS.sampleRate", "microsoft.sample_rate")
"""Attributes in which Azure's samplers store the sampling rate in percent: Python's, JavaScript's."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_DEPLOYMENTS = ("deployment", "replicaset", "statefulset", "job", "cronjob", "daemonset")


@dataclass(frozen=True, slots=True)
class EnvelopeBuilder:
    """Builds the envelopes of one resource, with its attributes as tags and the instrumentation key of the request."""

    tags: Mapping[str, str]
    key: str

    def build(
        self, base_type: str, base_data: EnvelopeFields, time_ns: int, attributes: Attributes, tags: Mapping[str, str]
    ) -> EnvelopeFields:
        """Build one envelope.

        Args:
            base_type: the type of `base_data`.
            base_data: the data of the envelope.
            time_ns: the time, in nanoseconds since the epoch.
            attributes: of the item; user, session, synthetic source and sampling rate are read from them.
            tags: additional tags; empty ones are dropped.
        """
        found = {
            "ai.user.authUserId": first_text(attributes, "enduser.id"),
            "ai.user.id": first_text(attributes, "enduser.pseudo.id"),
            "ai.session.id": first_text(attributes, "session.id"),
            "ai.operation.syntheticSource": "True" if is_synthetic(attributes) else "",
            **tags,
        }
        return {
            "name": f"Microsoft.ApplicationInsights.{base_type.removesuffix('Data')}",
            "time": _EPOCH + timedelta(microseconds=time_ns // 1000),
            "iKey": self.key,
            "sampleRate": next((rate for name in SAMPLE_RATES if (rate := attributes.get(name)) is not None), None),
            "tags": {**self.tags, **{name: value for name, value in found.items() if value}},
            "data": {"baseType": base_type, "baseData": base_data},
        }


def envelope_builder(resource: "Resource", key: str) -> EnvelopeBuilder:
    """Return the builder for a resource. Role and instance are named as by Azure's exporters."""
    attributes = attributes_of(resource.attributes)
    tags = {
        "ai.cloud.role": _role(attributes),
        "ai.cloud.roleInstance": first_text(attributes, "k8s.pod.name", "service.instance.id", "host.name"),
        "ai.application.ver": first_text(attributes, "service.version"),
        "ai.device.id": first_text(attributes, "device.id", "host.name"),
        "ai.device.model": first_text(attributes, "device.model.name"),
        "ai.device.oemName": first_text(attributes, "device.manufacturer"),
        "ai.device.type": "Browser" if first_text(attributes, "browser.platform", "browser.brands") else "",
        "ai.internal.sdkVersion": _sdk_version(attributes),
    }
    return EnvelopeBuilder({name: value for name, value in tags.items() if value}, key)


def _role(attributes: Attributes) -> str:
    """Return `namespace.name` of the service, or the name of its deployment when only the SDK named the service."""
    name = first_text(attributes, "service.name")
    namespace = first_text(attributes, "service.namespace")
    role = f"{namespace}.{name}" if name and namespace else name
    if name and not name.startswith("unknown_service"):
        return role
    return first_text(attributes, *(f"k8s.{kind}.name" for kind in _DEPLOYMENTS)) or role


def _sdk_version(attributes: Attributes) -> str:
    language = first_text(attributes, "telemetry.sdk.language")
    version = first_text(attributes, "telemetry.sdk.version")
    return f"otlp_{language}:otel{version}" if language or version else "otlp"
