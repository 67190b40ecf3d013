"""Generated requests: every text of an OTLP request, in any field, is found in an exported item."""

import json
from random import Random

import pytest
from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message
from hypothesis import given
from hypothesis import strategies as st

from local_insights.backup.envelopes import envelope_line
from local_insights.ingest.otlp.conventions import SPAN_ATTRIBUTES
from local_insights.ingest.otlp.decode import SIGNALS
from support.otlp_requests import SERVICE, pairs
from support.read_items import read_documents

OTHER_NAMES = (
    "", "custom", "db.collection.name", "messaging.message.id", "deployment.environment.name", "k8s.pod.name",
    "host.name", "device.id", "exception.type", "exception.message", "exception.stacktrace", "code.function.name",
    "enduser.id", "enduser.pseudo.id", "session.id", "user_agent.synthetic.type", "_MS.sampleRate", "_MS.baseType",
    "microsoft.sample_rate", "microsoft.custom_measurements", "microsoft.custom_event.name", "event.name",
    "APPLICATION_INSIGHTS_EVENT_MARKER_ATTRIBUTE", "microsoft.availability.id", "microsoft.availability.name",
    "microsoft.availability.duration", "microsoft.availability.success", "browser.platform", *SERVICE,
)  # fmt: skip
NAMES = (*OTHER_NAMES, *sorted(SPAN_ATTRIBUTES))
NOT_SENT = frozenset({"key_strindex", "string_value_strindex"})
"""Fields of AnyValue and KeyValue that only profiles use."""
MIN_DEPTH, MAX_DEPTH = 5, 7
"""Lists of resources, scopes, items and points have elements; lists below the attributes of an item are empty."""
NUMBERS = {"kind": 5, "severity_number": 24}
"""The largest values of fields that are not 2 at most."""
KNOWN_NAMES = 0.8
"""The share of attributes that have a name of the conventions."""


class Marks:
    """Fills messages with random values; every text is a different word."""

    def __init__(self, random: Random) -> None:
        self._random = random
        self.words: list[str] = []

    def fill(self, message: Message, depth: int = 0) -> Message:
        """Fill the fields of a message, one of every set of alternatives, and lists with zero to two elements."""
        chosen = {one_of.name: self._random.choice(list(one_of.fields)).name for one_of in message.DESCRIPTOR.oneofs}
        for field in message.DESCRIPTOR.fields:
            one_of = field.containing_oneof
            if field.name in NOT_SENT or (one_of and chosen[one_of.name] != field.name):
                continue
            if field.is_repeated:
                most = 0 if depth > MAX_DEPTH else 2
                for _ in range(self._random.randint(int(depth < MIN_DEPTH), most)):
                    if field.message_type:
                        self.fill(getattr(message, field.name).add(), depth + 1)
                    else:
                        getattr(message, field.name).append(self._scalar(field))
            elif field.message_type:
                getattr(message, field.name).SetInParent()
                self.fill(getattr(message, field.name), depth + 1)
            else:
                setattr(message, field.name, self._scalar(field))
        return message

    def _scalar(self, field: FieldDescriptor) -> object:
        kind = field.cpp_type
        if kind == FieldDescriptor.CPPTYPE_STRING and field.type == FieldDescriptor.TYPE_BYTES:
            return self._random.choice([b"\x01" * 8, b"\x02" * 16])
        if field.name == "key":
            return self._random.choice(NAMES) if self._random.random() < KNOWN_NAMES else self._mark()
        if kind == FieldDescriptor.CPPTYPE_STRING:
            return self._mark()
        if kind in {FieldDescriptor.CPPTYPE_DOUBLE, FieldDescriptor.CPPTYPE_FLOAT}:
            return 1.5
        if kind == FieldDescriptor.CPPTYPE_BOOL:
            return True
        return self._random.randint(0, NUMBERS.get(field.name, 2))

    def _mark(self) -> str:
        self.words.append(f"mark{len(self.words)}x")
        return self.words[-1]


def exported(signal: str, request: Message) -> str:
    """Return the export of all items of a request."""
    items = read_documents(SIGNALS[signal].envelopes(request, ""))
    assert items
    return b"".join(map(envelope_line, items)).decode()


@pytest.mark.parametrize("signal", SIGNALS)
def test_every_text_is_found_in_the_export_of_an_item(signal: str) -> None:
    for seed in range(100):
        marks = Marks(Random(seed))  # noqa: S311 - a reproducible sequence
        request = marks.fill(SIGNALS[signal].request())
        text = exported(signal, request)
        assert [word for word in marks.words if word not in text] == [], f"seed {seed}"


@given(st.lists(st.tuples(st.sampled_from(["a", "a (2)", "b"]), st.integers(0, 3)), max_size=12))
def test_values_of_attributes_with_the_same_name_are_all_stored(sent: list[tuple[str, int]]) -> None:
    request = SIGNALS["traces"].request()
    span = request.resource_spans.add().scope_spans.add().spans.add(trace_id=b"\1" * 16, start_time_unix_nano=10**18)
    for name, number in sent:
        span.attributes.extend(pairs({name: number}))
    (line,) = exported("traces", request).splitlines()
    found = json.loads(line)["data"]["baseData"].get("properties", {})
    for name in {name for name, _ in sent}:
        expected = {str(number) for other, number in sent if other == name}
        assert expected <= {value for other, value in found.items() if other.startswith(name)}
