"""A batch of telemetry: what can be kept, and what is to be said about the rest."""

from collections.abc import Sequence
from dataclasses import dataclass

import msgspec

from local_insights.ingest.chunks import Chunk
from local_insights.ingest.coerce import Cut
from local_insights.ingest.envelope import BaseData, Envelope, Metric
from local_insights.ingest.item_splitter import split_items
from local_insights.ingest.normalize import items_of, read_base_data, read_envelope
from local_insights.ingest.policy import IngestPolicy
from local_insights.ingest.resources import ResourceCache
from local_insights.ingest.sdk_statistics import without_sdk_statistics
from local_insights.ingest.track_response import ItemError, RejectedItemError, TrackResponse
from local_insights.model.app_id import app_id
from local_insights.model.item import Item

BAD_REQUEST = 400

_ARRAY = msgspec.json.Decoder(list[Envelope])
_LINES = msgspec.json.Decoder(Envelope)


@dataclass(frozen=True, slots=True)
class Batch:
    """Items to keep, and the receipt to send once they are kept."""

    items: list[Item]
    receipt: TrackResponse
    sdk_statistics: int = 0
    """Items that were received and left out, because they are about the SDK itself."""
    truncated_texts: int = 0


def read_batch(piece: Chunk, intake: IngestPolicy) -> Batch:
    """Read all items of an expanded body, or of a piece of it.

    Healthy batches are decoded in one go. Anything odd in a batch sends it element by element through the lenient
    way, so that no item costs its neighbours.

    Raises:
        UnreadableBodyError: it seems to hold more items than a batch may, few of which can be any good.
    """
    envelopes = _read_all(piece)
    senders = ResourceCache(intake.app_name)
    items: list[Item] = []
    errors: list[ItemError] = []
    key = ""
    sdk_statistics = truncated_texts = 0
    for index, envelope in enumerate(envelopes):
        cut: Cut = {}
        try:
            read = read_envelope(envelope, cut) if isinstance(envelope, bytes) else envelope
            key = key or read.instrumentation_key or ""
            taken = _taken(read, intake, senders, cut)
        except RejectedItemError as error:
            errors.append(ItemError(index, BAD_REQUEST, str(error)))
        else:
            items += taken
            sdk_statistics += not taken
            truncated_texts += len(cut)
    receipt = TrackResponse(len(envelopes), len(envelopes) - len(errors), errors, app_id(key))
    return Batch(items, receipt, sdk_statistics, truncated_texts)


def _taken(envelope: Envelope, intake: IngestPolicy, senders: ResourceCache, cut: Cut) -> list[Item]:
    """The items of an envelope; none when it is about the SDK itself."""
    if not intake.allows(envelope.instrumentation_key or ""):
        message = "Invalid instrumentation key: it is not among those that INSIGHTS_ALLOWED_KEYS names"
        raise RejectedItemError(message)
    base_data: BaseData | None = read_base_data(envelope, cut)
    if type(base_data) is Metric and not intake.keep_sdk_statistics:
        base_data = without_sdk_statistics(envelope, base_data)
    return [] if base_data is None else items_of(envelope, base_data, senders, cut)


def _read_all(piece: Chunk) -> Sequence[Envelope | bytes]:
    """Envelopes, or the texts of split_items when one of them is not as the schema says."""
    text = piece if isinstance(piece, bytes) else b"[%b]" % b",".join(piece)
    try:
        return _ARRAY.decode(text) if text.startswith(b"[") else _LINES.decode_lines(text)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return split_items(piece) if isinstance(piece, bytes) else piece
