"""The programs of Microsoft's guide to OpenCensus for Python.

They use OpenCensus without this library. Each runs as the guide describes it, alone and in a process that also runs
this library, with the same result.
"""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from textwrap import dedent

import httpx
import pytest

from support.ingestion_server import KEY, Ingestion, ingestion_server
from support.insights_process import Insights, running_insights
from support.polling import eventually

ALONE = ""
WITH_LIBRARY = dedent(
    """
    from telemetry import Telemetry, TelemetrySettings
    from telemetry.integrations.requests import trace_requests
    telemetry = Telemetry(TelemetrySettings(role="library", connection_string=LIBRARY_ENDPOINT))
    telemetry.start()
    trace_requests(telemetry)
    """
)
PRINTING_TRACER = "tracer = Tracer(sampler=ProbabilitySampler(1.0))"
EXPORTING_TRACER = "tracer = Tracer(sampler=ProbabilitySampler(1.0), exporter=AzureExporter({options}))"
IMPORTS = dedent(
    """
    from opencensus.trace.samplers import ProbabilitySampler
    from opencensus.trace.tracer import Tracer
    """
)
PROMPT_LOOP = dedent(
    """
    try:
        while True:
            with tracer.span(name="test"):
                print(input("Enter a value: "))
    except EOFError:
        pass
    """
)
VALUES = ["4", "25", "100"]


@pytest.fixture
def server() -> Iterator[Ingestion]:
    with ingestion_server() as server:
        yield server


@pytest.fixture(scope="module")
def insights(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Insights]:
    with running_insights(tmp_path_factory.mktemp("insights")) as insights:
        yield insights


def run(arguments: list[str], directory: Path, **variables: str) -> list[str]:
    """Run Python with the values as its input and return the lines it prints. Only the loopback can be reached."""
    environment = {
        **os.environ,
        "APPLICATIONINSIGHTS_STATSBEAT_DISABLED_ALL": "true",
        "HTTP_PROXY": "http://127.0.0.1:9",
        "HTTPS_PROXY": "http://127.0.0.1:9",
        "NO_PROXY": "127.0.0.1",
        "TELEMETRY_STORAGE_DIR": str(directory),
        "TMPDIR": str(directory),
        **variables,
    }
    outcome = subprocess.run(
        [sys.executable, *arguments],
        input="".join(f"{value}\n" for value in VALUES),
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (outcome.returncode, "Traceback" in outcome.stderr) == (0, False), outcome.stderr
    return outcome.stdout.replace("Enter a value: ", "").splitlines()


@pytest.mark.parametrize("preamble", [ALONE, WITH_LIBRARY], ids=["alone", "with the library"])
def test_tracer_without_exporter_prints_the_span_data_of_every_value(tmp_path: Path, preamble: str) -> None:
    program = f"LIBRARY_ENDPOINT = ''{preamble}{IMPORTS}{PRINTING_TRACER}{PROMPT_LOOP}"

    lines = run(["-c", program], tmp_path, INSIGHTS_PORT="9")

    printed = [line for line in lines if line.startswith("[SpanData(name='test', context=SpanContext(trace_id=")]
    assert [line for line in lines if line not in printed] == VALUES
    assert lines[:2] == [VALUES[0], printed[0]]
    assert len(printed) == len(VALUES) + 1  # the last span ended at the end of the input
    assert all("parent_span_id=None" in line and "span_kind=0)]" in line for line in printed)
    assert len({line.partition("trace_id=")[2][:32] for line in printed}) == 1


@pytest.mark.parametrize(
    ("options", "preamble"),
    [
        pytest.param(f"instrumentation_key={KEY!r}", ALONE, id="key"),
        pytest.param("connection_string=CONNECTION_STRING", ALONE, id="connection string"),
        pytest.param("connection_string=CONNECTION_STRING", WITH_LIBRARY, id="with the library"),
    ],
)
def test_tracer_with_azure_exporter_sends_every_value_and_prints_only_values(
    server: Ingestion, tmp_path: Path, options: str, preamble: str
) -> None:
    settings = f"CONNECTION_STRING = {server.connection_string!r}; LIBRARY_ENDPOINT = {server.connection_string!r}"
    exporter = "from opencensus.ext.azure.trace_exporter import AzureExporter\n"
    program = f"{settings}{preamble}{IMPORTS}{exporter}{EXPORTING_TRACER.format(options=options)}{PROMPT_LOOP}"

    # A key has no endpoint; the exporter reads the endpoint from the variable.
    lines = run(
        ["-W", "ignore", "-c", program], tmp_path, APPLICATIONINSIGHTS_CONNECTION_STRING=server.connection_string
    )

    assert lines == VALUES
    assert [envelope["iKey"] for envelope in server.envelopes] == [KEY] * 4
    assert server.names == ["test"] * 4
    assert {envelope["data"]["baseData"]["type"] for envelope in server.envelopes} == {"INPROC"}


def test_local_insights_shows_the_spans_of_the_guides_program(insights: Insights, tmp_path: Path) -> None:
    connection_string = f"InstrumentationKey={KEY};IngestionEndpoint={insights.url}"
    exporter = "from opencensus.ext.azure.trace_exporter import AzureExporter\n"
    tracer = EXPORTING_TRACER.format(options=f"connection_string={connection_string!r}")

    run(["-W", "ignore", "-c", f"{IMPORTS}{exporter}{tracer}{PROMPT_LOOP}"], tmp_path)

    def shown() -> bool:
        found = httpx.get(f"{insights.url}/search.json", params={"since": "1h"}, trust_env=False).json()
        return [item["name"] for item in found["items"]] == ["test"] * 4

    eventually(shown)


def test_prompt_prints_the_spans_of_every_value(server: Ingestion, tmp_path: Path) -> None:
    with ingestion_server() as frontend:
        frontend.respond = lambda body: (201, {}, b'{"value": "%s"}' % body["value"].encode())  # type: ignore[call-overload]
        lines = run(
            ["-m", "prompt", "--print-spans"],
            tmp_path,
            APPLICATIONINSIGHTS_CONNECTION_STRING=server.connection_string,
            FRONTEND_URL=frontend.url,
        )

    printed = [line for line in lines if line.startswith("[SpanData(")]
    assert [line for line in lines if line and line not in printed] == VALUES
    assert ["name='prompt'" in line for line in printed] == [False, True] * len(VALUES)
    assert len({line.partition("trace_id=")[2][:32] for line in printed}) == len(VALUES)
    assert server.names == ["POST /values", "prompt"] * len(VALUES)
