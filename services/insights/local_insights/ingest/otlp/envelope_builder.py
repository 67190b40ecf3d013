"""Builds envelopes as Azure's exporters send them, as dictionaries to be encoded as JSON."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from local_insights.ingest.otlp.attributes import (
    MEASUREMENTS,
    Attributes,
    as_text,
    attributes_of,
    first_text,
    is_synthetic,
    measurements_of,
)
from local_insights.ingest.otlp.properties import Properties, field_values, resource_properties, scope_properties
from local_insights.ingest.values import finite_number

if TYPE_CHECKING:
    from opentelemetry.proto.common.v1.common_pb2 import InstrumentationScope
    from opentelemetry.proto.resource.v1.resource_pb2 import Resource

EnvelopeFields = dict[str, Any]
"""The fields of `ingest.envelope.Envelope`, or of its data."""
SAMPLE_RATES = ("_MS.sampleRate", "microsoft.sample_rate")
"""Attributes in which Azure's samplers store the sampling rate in percent: Python's, JavaScript's."""
_ALL_PERCENT = 100
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_DEPLOYMENTS = ("deployment", "replicaset", "statefulset", "job", "cronjob", "daemonset")
_USER = {"ai.user.authUserId": "enduser.id", "ai.user.id": "enduser.pseudo.id", "ai.session.id": "session.id"}
USER_ATTRIBUTES = frozenset({*_USER.values(), *SAMPLE_RATES, MEASUREMENTS})
"""Attributes of an item from which fields are read, for items of every type."""
_IN_TAGS = {
    "service.name", "service.namespace", "service.instance.id", "service.version", "telemetry.sdk.language",
    "telemetry.sdk.version",
}  # fmt: skip
"""Attributes of a resource whose tag has the same meaning. Others, such as the name of a pod, are also properties."""


@dataclass(frozen=True, slots=True)
class OtlpItem:
    """A span, event, log record or data point, converted to the fields of an envelope."""

    base_type: str
    """The type of `base_data`."""
    base_data: EnvelopeFields
    """The fields of the envelope's data, without properties."""
    time_ns: int
    """Nanoseconds since the epoch; 0 is an unknown time, which is replaced by that of the receipt."""
    attributes: Attributes
    """User, session, synthetic source and sampling rate are read from them."""
    properties: Properties
    """Everything else that has no field. Attributes without a field are added by `EnvelopeBuilder.build`."""
    tags: Mapping[str, str] = field(default_factory=dict)
    """Additional tags; empty ones are dropped."""
    mapped: frozenset[str] = USER_ATTRIBUTES
    """Names of the attributes from which `base_data` and `tags` are read."""
    inherited: Attributes = field(default_factory=dict)
    """Attributes of the span that contains the item; session and sampling rate are read from them."""


@dataclass(frozen=True, slots=True)
class EnvelopeBuilder:
    """Builds the envelopes of one resource and scope, with the instrumentation key of the request."""

    tags: Mapping[str, str]
    """Fields of the resource."""
    key: str
    shared: Mapping[str, str]
    """Properties of the resource and scope, for all of their items."""
    received_ns: int
    """The time of the receipt, in nanoseconds since the epoch."""

    def of_scope(
        self, scope: "InstrumentationScope", schema_url: str, name: str = "otel.scope.name"
    ) -> "EnvelopeBuilder":
        """Return the builder for a scope of the resource; `name` is the property with the name of the scope."""
        properties = scope_properties(scope, schema_url, name)
        properties.add_all(self.shared)
        return replace(self, shared=properties.texts)

    def build(self, item: "OtlpItem") -> EnvelopeFields:
        """Build the envelope of an item. What has no field becomes a property, also of scope and resource."""
        attributes, properties, base_data = item.attributes, item.properties, item.base_data
        context = {**item.inherited, **attributes} if item.inherited else attributes
        own_tags = {
            **{tag: first_text(context, name) for tag, name in _USER.items() if name in context},
            "ai.operation.syntheticSource": "True" if is_synthetic(context) else "",
            **item.tags,
        }
        own_tags = {name: value for name, value in own_tags.items() if value}
        values: set[str] = set()
        if not item.mapped.isdisjoint(attributes):
            values = field_values(base_data)
            values.update(own_tags.values())
            values.add(item.base_type)
        sample_rate = next((rate for name in SAMPLE_RATES if (rate := context.get(name)) is not None), None)
        if sample_rate is not None and 0 < (finite_number(sample_rate) or 0) <= _ALL_PERCENT:
            values.add(as_text(sample_rate))
        if MEASUREMENTS in attributes:
            measurements, unread = measurements_of(attributes)
            base_data["measurements"] = measurements | (base_data.get("measurements") or {})
            if unread is None:
                values.add(as_text(attributes[MEASUREMENTS]))
        properties.add_unmapped(attributes, item.mapped, values)
        properties.add_shared(self.shared)
        base_data["properties"] = properties.texts
        return {
            "name": f"Microsoft.ApplicationInsights.{item.base_type.removesuffix('Data')}",
            "time": _EPOCH + timedelta(microseconds=(item.time_ns or self.received_ns) // 1000),
            "iKey": self.key,
            "sampleRate": sample_rate,
            "tags": {**self.tags, **own_tags},
            "data": {"baseType": item.base_type, "baseData": base_data},
        }


def envelope_builder(resource: "Resource", schema_url: str, key: str) -> EnvelopeBuilder:
    """Return the builder for a resource. Role and instance are named as by Azure's exporters."""
    attributes = attributes_of(resource.attributes)
    name, namespace = first_text(attributes, "service.name"), first_text(attributes, "service.namespace")
    language = first_text(attributes, "telemetry.sdk.language")
    version = first_text(attributes, "telemetry.sdk.version")
    role = f"{namespace}.{name}" if name and namespace else name
    values = {name, namespace, language, version}
    if not name or name.startswith("unknown_service"):
        values = {language, version}
        role = first_text(attributes, *(f"k8s.{kind}.name" for kind in _DEPLOYMENTS)) or role
    tags = {
        "ai.cloud.role": role,
        "ai.cloud.roleInstance": first_text(attributes, "k8s.pod.name", "service.instance.id", "host.name"),
        "ai.application.ver": first_text(attributes, "service.version"),
        "ai.device.id": first_text(attributes, "device.id", "host.name"),
        "ai.device.model": first_text(attributes, "device.model.name"),
        "ai.device.oemName": first_text(attributes, "device.manufacturer"),
        "ai.device.type": "Browser" if first_text(attributes, "browser.platform", "browser.brands") else "",
        "ai.internal.sdkVersion": f"otlp_{language}:otel{version}" if language or version else "otlp",
    }
    values.update(tags.values())
    own = {name: value for name, value in attributes.items() if name not in _IN_TAGS or as_text(value) not in values}
    used = {name: value for name, value in tags.items() if value}
    return EnvelopeBuilder(used, key, resource_properties(resource, schema_url, own), time.time_ns())
