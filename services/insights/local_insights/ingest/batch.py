"""A batch of telemetry: what can be kept, and what is to be said about the rest."""

from collections.abc import Sequence
from dataclasses import dataclass

import msgspec

from local_insights.ingest.body import elements
from local_insights.ingest.envelope import Envelope
from local_insights.ingest.normalize import items_of, read_envelope
from local_insights.ingest.receipt import ItemError, Receipt, RefusedItemError, app_id
from local_insights.model.item import Item

BAD_REQUEST = 400

_ARRAY = msgspec.json.Decoder(list[Envelope])
_LINES = msgspec.json.Decoder(Envelope)


@dataclass(frozen=True, slots=True)
class Batch:
    """Items to keep, and the receipt to send once they are kept."""

    items: list[Item]
    receipt: Receipt


def read_batch(body: bytes, app_name: str) -> Batch:
    """Read all items of an expanded body.

    Healthy batches are decoded in one go. Anything odd in a batch sends it element by element through the lenient
    way, so that no item costs its neighbours.

    Raises:
        UnreadableBodyError: it seems to hold more items than a batch may, few of which can be any good.
    """
    envelopes = _read_all(body)
    items: list[Item] = []
    errors: list[ItemError] = []
    key = ""
    for index, envelope in enumerate(envelopes):
        try:
            read = read_envelope(envelope) if isinstance(envelope, bytes) else envelope
            key = key or read.instrumentation_key or ""
            items += items_of(read, app_name)
        except RefusedItemError as error:
            errors.append(ItemError(index, BAD_REQUEST, str(error)))
    return Batch(items, Receipt(len(envelopes), len(envelopes) - len(errors), errors, app_id(key)))


def _read_all(body: bytes) -> Sequence[Envelope | bytes]:
    """Envelopes, or the texts of elements when one of them is not as the schema says."""
    try:
        return _ARRAY.decode(body) if body.startswith(b"[") else _LINES.decode_lines(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return elements(body)
