"""Reads the reports of servers from the JSON of any SDK. Values that cannot be read are dropped."""

import json
import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from local_insights.ingest.coerce import as_text
from local_insights.ingest.values import duration_us, finite_number, time_us
from local_insights.model.item import ItemType
from local_insights.model.live.configuration import FEED_STREAM
from local_insights.model.live.data_point import DataPoint, ServerIdentity
from local_insights.model.live.document import DETAIL_LIMIT, NAME_LIMIT, Document, SentDocument, truncate_text
from local_insights.model.live.second import WeightedValue

MAX_POINTS = 100
MAX_METRICS = 100
MAX_DOCUMENTS = 100
MAX_PROPERTIES = 50
MAX_ERRORS = 10
_TEXT_LIMIT = 256
_FAILED_FROM = 400

_KINDS = {
    "Request": ItemType.REQUEST,
    "RemoteDependency": ItemType.DEPENDENCY,
    "Exception": ItemType.EXCEPTION,
    "Event": ItemType.CUSTOM_EVENT,
    "Trace": ItemType.TRACE,
}
_FIELDS = {
    "Name": "Name",
    "Url": "Url",
    "ResponseCode": "ResponseCode",
    "CommandName": "Data",
    "ResultCode": "ResultCode",
    "Target": "Target",
    "DependencyTypeName": "Type",
    "Message": "Message",
    "ExceptionType": "ExceptionType",
    "ExceptionMessage": "Exception.Message",
    "Exception": "Exception.StackTrace",
}
"""Field names of documents in the protocol, and in conditions."""
_MILLISECONDS = re.compile(r"/Date\((-?\d{1,15})(?:[+-]\d{4})?\)/")
_ISO_DURATION = re.compile(r"P(?:(\d{1,4})D)?T(?:(\d{1,4})H)?(?:(\d{1,5})M)?(?:(\d{1,9}(?:\.\d{1,9})?)S)?", re.ASCII)


def data_points(body: bytes, headers: Mapping[str, str]) -> list[DataPoint]:
    """Return the data points of a body. An invalid one is dropped and does not affect the others.

    Args:
        body: an array of data points, or a single one.
        headers: of the request; they identify the server when the body does not.
    """
    try:
        document = json.loads(body.decode("utf-8", "replace"), strict=False)
    except (ValueError, RecursionError):
        return []
    sent = document if isinstance(document, list) else [document]
    return [_data_point(point, headers) for point in sent[:MAX_POINTS] if isinstance(point, dict)]


def _data_point(sent: Mapping[str, Any], headers: Mapping[str, str]) -> DataPoint:
    point_time_us = _time_us(sent.get("Timestamp"))
    return DataPoint(
        identity=ServerIdentity(
            stream_id=_text(sent.get("StreamId")) or _header(headers, "stream-id"),
            role=_text(sent.get("RoleName")) or _header(headers, "role-name"),
            instance=_text(sent.get("Instance")) or _header(headers, "instance-name"),
            machine=_text(sent.get("MachineName")) or _header(headers, "machine-name"),
            sdk_version=_text(sent.get("Version")),
        ),
        metrics=dict(_metrics(sent.get("Metrics"))),
        documents=tuple(_documents(sent.get("Documents"), point_time_us or 0)),
        errors=tuple(_errors(sent.get("CollectionConfigurationErrors"))),
    )


def _metrics(sent: object) -> Iterator[tuple[str, WeightedValue]]:
    for metric in _objects(sent, MAX_METRICS):
        value = finite_number(metric.get("Value"))
        weight = finite_number(metric.get("Weight"))
        if value is not None:
            yield _text(metric.get("Name")), WeightedValue(value, 1.0 if weight is None else max(weight, 0.0))


def _documents(sent: object, point_time_us: int) -> Iterator[SentDocument]:
    for document in _objects(sent, MAX_DOCUMENTS):
        kind = _KINDS.get(_text(document.get("DocumentType")))
        if kind is None:
            continue
        streams = document.get("DocumentStreamIds")
        matched_by_server = isinstance(streams, list) and FEED_STREAM in streams
        if streams and not matched_by_server:
            continue
        fields = _fields(document)
        if not matched_by_server and "Success" not in fields and (success := _success_by_code(fields)) is not None:
            fields["Success"] = str(success).lower()
        yield SentDocument(_document(kind, document, fields, point_time_us), fields, matched_by_server)


def _document(kind: ItemType, sent: Mapping[str, Any], fields: Mapping[str, str], point_time_us: int) -> Document:
    is_exception = kind is ItemType.EXCEPTION
    message = fields.get("Exception.Message" if is_exception else "Message", "")
    name = fields.get("ExceptionType" if is_exception else "Name", "")
    duration_ms = fields.get("Duration")
    return Document(
        time_us=_time_us(sent.get("Timestamp") or sent.get("StartTime")) or point_time_us,
        kind=kind,
        name=truncate_text(name or message, NAME_LIMIT),
        detail=truncate_text(message if is_exception else fields.get("Url") or fields.get("Data", ""), DETAIL_LIMIT),
        result_code=fields.get("ResponseCode") or fields.get("ResultCode", ""),
        duration_ms=float(duration_ms) if duration_ms else None,
        success=None if "Success" not in fields else fields["Success"] == "true",
        operation_id=_text(sent.get("OperationId")).strip().lower(),
    )


def _fields(sent: Mapping[str, Any]) -> dict[str, str]:
    fields = {name: _text(sent[key], DETAIL_LIMIT) for key, name in _FIELDS.items() if sent.get(key) is not None}
    if isinstance(sent.get("Success"), bool):
        fields["Success"] = str(sent["Success"]).lower()
    duration_ms = _duration_ms(sent.get("Duration"))
    if duration_ms is not None:
        fields["Duration"] = str(duration_ms)
    for entry in _objects(sent.get("Properties"), MAX_PROPERTIES):
        fields[f"CustomDimensions.{_text(entry.get('key'))}"] = _text(entry.get("value"), DETAIL_LIMIT)
    return fields


def _success_by_code(fields: Mapping[str, str]) -> bool | None:
    """Return the success that SDKs derive from an HTTP status; None when there is no status."""
    code = fields.get("ResponseCode") or fields.get("ResultCode", "")
    return int(code) < _FAILED_FROM if re.fullmatch("[1-9][0-9]{2}", code) else None


def _errors(sent: object) -> Iterator[str]:
    for error in _objects(sent, MAX_ERRORS):
        kind = _text(error.get("CollectionConfigurationErrorType"))
        yield ": ".join(part for part in (kind, _text(error.get("Message"), DETAIL_LIMIT)) if part)


def _duration_ms(sent: object) -> float | None:
    """Return milliseconds of an ISO 8601 duration or a .NET time span; None for other texts."""
    text = _text(sent)
    if match := _ISO_DURATION.fullmatch(text):
        days, hours, minutes, seconds = (float(part or 0) for part in match.groups())
        return (((days * 24 + hours) * 60 + minutes) * 60 + seconds) * 1000
    try:
        microseconds = duration_us(text) if ":" in text else None
    except ValueError:
        return None
    return None if microseconds is None else microseconds / 1000


def _time_us(sent: object) -> int | None:
    """Return microseconds of an ISO 8601 time or of `/Date(milliseconds)/`; None for other texts."""
    text = _text(sent)
    if match := _MILLISECONDS.fullmatch(text):
        return int(match[1]) * 1000
    try:
        return time_us(datetime.fromisoformat(text))
    except (ValueError, OverflowError):
        return None


def _objects(sent: object, limit: int) -> list[Mapping[str, Any]]:
    return [one for one in sent[:limit] if isinstance(one, dict)] if isinstance(sent, list) else []


def _text(sent: object, limit: int = _TEXT_LIMIT) -> str:
    return "" if sent is None else as_text(sent)[:limit]


def _header(headers: Mapping[str, str], name: str) -> str:
    return headers.get(f"x-ms-qps-{name}", "")[:_TEXT_LIMIT]
