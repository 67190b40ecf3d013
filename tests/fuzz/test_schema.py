"""Requests that schemathesis generates from an OpenAPI description, valid and invalid, never cause a server error.

FUZZ_BATCHES sets the number of requests per endpoint (10,000 batches are 500 requests).
"""

import os
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, settings
from schemathesis.checks import not_a_server_error

from local_insights.ingest.envelope import BASE_TYPES, Envelope
from support.insights_process import Insights, running_insights

REQUESTS = max(int(os.environ.get("FUZZ_BATCHES", "10000")) // 20, 10)


def description() -> dict[str, Any]:
    """Return the endpoints in OpenAPI, with the schemas of the server's decoder."""
    kinds = sorted(set(BASE_TYPES.values()), key=lambda kind: kind.__name__)
    (envelope, *_), components = msgspec.json.schema_components(
        [Envelope, *kinds], ref_template="#/components/schemas/{name}"
    )
    components["Data"]["properties"]["baseData"] = {
        "anyOf": [{"$ref": f"#/components/schemas/{kind.__name__}"} for kind in kinds]
    }
    components["Data"]["properties"]["baseType"] = {"enum": [*BASE_TYPES, "RequestData", "nothing"]}
    body = {"required": True, "content": {"application/json": {"schema": {"type": "array", "items": envelope}}}}
    responses = {"200": {"description": "accepted"}}
    paths = {path: {"post": {"requestBody": body, "responses": responses}} for path in ("/v2/track", "/v2.1/track")}
    paths["/v2/validate"] = paths["/v2/track"]
    otlp = {"required": True, "content": {"application/json": {"schema": {"type": "object"}}}}
    paths |= {f"/v1/{signal}": {"post": {"requestBody": otlp, "responses": responses}} for signal in SIGNALS}
    key = {"name": "key", "in": "path", "required": True, "schema": {"type": "string"}}
    paths["/api/profiles/{key}/appId"] = {"get": {"parameters": [key], "responses": responses}}
    return {
        "openapi": "3.1.0",
        "info": {"title": "Ingestion", "version": "2.1"},
        "paths": paths,
        "components": {"schemas": components},
    }


SIGNALS = ("traces", "logs", "metrics")
SCHEMA = schemathesis.openapi.from_dict(description())


@pytest.fixture(scope="module")
def insights(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Insights]:
    with running_insights(tmp_path_factory.mktemp("insights")) as running:
        yield running


@pytest.mark.timeout(3600)
@SCHEMA.parametrize()
@settings(
    max_examples=REQUESTS,
    deadline=None,
    database=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
def test_no_request_causes_a_server_error(case: schemathesis.Case[Any], insights: Insights) -> None:
    case.call_and_validate(base_url=insights.url, checks=[not_a_server_error])
