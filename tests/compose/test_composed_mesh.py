"""docker-compose.yml: the services from outside, and the state inside the containers."""

import json
import os
import pty
import subprocess
import time
from datetime import UTC, datetime
from http import HTTPStatus

import pytest

from running.commands import run
from running.errors import RunningError
from running.settings import PROJECT_DIR
from support.composed_mesh import SERVICES, ComposedMesh, compose_command, docker
from support.polling import eventually
from support.transaction_tree import assert_complete_tree

VISIBLE_TIMEOUT_S = 5
INSIGHTS_IDLE_MB = 150
NO_CAPABILITIES = "0000000000000000"
CURL = ("curl", "--silent", "--show-error", "--fail", "--max-time", "10", "--header", "content-type: application/json")


def test_compose_file_has_no_warnings(mesh: ComposedMesh) -> None:
    assert mesh.compose("config", "--quiet").strip() == ""


def test_input_by_curl_is_one_tree_with_a_link(mesh: ComposedMesh) -> None:
    response = json.loads(run([*CURL, "--data", '{"value": "4"}', f"{mesh.url('frontend')}/values"]))

    assert response["value"] == "4"
    assert response["transaction_url"] == f"{mesh.url('insights')}/transaction/{response['operation_id']}"

    def complete() -> bool:
        assert_complete_tree(mesh.transaction(response["operation_id"]))
        return True

    eventually(complete, VISIBLE_TIMEOUT_S)


def test_services_serve_their_documentation_page(mesh: ComposedMesh) -> None:
    for service in ("frontend", "echo", "storage"):
        for path in ("docs", "docs/static/vendor/swagger-ui/swagger-ui-bundle.js"):
            run([*CURL, "--output", "/dev/null", f"{mesh.url(service)}/{path}"])


def test_console_program_has_a_terminal_and_is_the_fifth_node_of_the_map(mesh: ComposedMesh) -> None:
    began = datetime.now(UTC)

    screen = typed(mesh, "4\nhello\n\x04")

    assert screen.count("Enter a value: ") == 3
    assert "hello" in screen

    def complete() -> bool:
        calls = {ends: edge["calls"] for ends, edge in mesh.edges(began).items()}
        return calls == {
            ("prompt", "frontend"): 2,
            ("frontend", "echo"): 2,
            ("frontend", "storage"): 2,
            ("storage", "MySQL"): 2,
        }

    eventually(complete, VISIBLE_TIMEOUT_S)
    print(f"\nmap of five nodes {time.monotonic() - mesh.began_s:.1f} s after the start of the build")


def test_services_do_not_run_as_root_and_cannot_become_root(mesh: ComposedMesh) -> None:
    for service in SERVICES:
        assert mesh.inside(service, "id -u") == "10001"
        status = process_status(mesh, service)
        assert {status[name] for name in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb")} == {NO_CAPABILITIES}
        assert status["NoNewPrivs"] == "1"


def test_mysql_does_not_run_as_root(mesh: ComposedMesh) -> None:
    status = process_status(mesh, "mysql")

    assert "0" not in status["Uid"].split()
    assert status["CapEff"] == NO_CAPABILITIES
    assert status["NoNewPrivs"] == "1"


def test_services_can_write_only_their_data(mesh: ComposedMesh) -> None:
    for service in SERVICES:
        mesh.inside(service, "touch /data/probe /tmp/probe && rm /data/probe /tmp/probe")
        for path in ("/probe", "/opt/venv/probe", "/usr/probe", "/home/probe"):
            with pytest.raises(RunningError, match="Read-only file system"):
                mesh.inside(service, f"touch {path}")


def test_only_storage_reaches_mysql_and_mysql_reaches_no_service(mesh: ComposedMesh) -> None:
    assert mesh.inside("storage", "getent hosts mysql")
    for service in ("frontend", "echo", "insights"):
        with pytest.raises(RunningError):
            mesh.inside(service, "getent hosts mysql")

    (inspected,) = json.loads(docker("inspect", mesh.container("insights")))
    (address,) = (network["IPAddress"] for network in inspected["NetworkSettings"]["Networks"].values())
    mesh.inside("storage", f"python -c 'import socket; socket.create_connection((\"{address}\", 8080), 2)'")
    with pytest.raises(RunningError):
        mesh.inside("mysql", f"timeout 2 bash -c '</dev/tcp/{address}/8080'")


def test_ports_are_published_on_the_loopback_interface_only(mesh: ComposedMesh) -> None:
    for service in (*SERVICES, "mysql"):
        (inspected,) = json.loads(docker("inspect", mesh.container(service)))
        addresses = {
            entry["HostIp"] for entries in inspected["NetworkSettings"]["Ports"].values() for entry in entries or ()
        }
        assert addresses == (set() if service == "mysql" else {"127.0.0.1"})


def test_service_has_only_its_own_packages_and_secrets(mesh: ComposedMesh) -> None:
    foreign = {
        "frontend": "mysql duckdb",
        "echo": "mysql duckdb jinja2",
        "storage": "duckdb jinja2",
        "insights": "mysql telemetry opencensus",
    }
    find = "import sys, importlib.util as u; print([name for name in sys.argv[1:] if u.find_spec(name)])"
    for service, packages in foreign.items():
        assert mesh.inside(service, f"python -c '{find}' {packages}") == "[]"
        assert ("MYSQL_PASSWORD" in mesh.inside(service, "env")) == (service == "storage")


def test_images_contain_no_secrets_and_no_build_files(mesh: ComposedMesh) -> None:
    for service in SERVICES:
        image = f"local-insights/{service}"
        (inspected,) = json.loads(docker("image", "inspect", image))
        layers = docker("history", "--no-trunc", "--format", "{{.CreatedBy}}", image) + json.dumps(inspected["Config"])
        assert not [word for word in ("password", "secret", "instrumentationkey") if word in layers.lower()]
        assert inspected["Config"]["User"] == "app"
        assert inspected["Config"]["Labels"]["org.opencontainers.image.title"] == image
        mesh.inside(service, "test ! -e /source && test ! -e /opt/uv")


def test_idle_memory_of_insights_is_below_its_limit(mesh: ComposedMesh) -> None:
    print()
    for service in (*SERVICES, "prompt"):
        size = int(docker("image", "inspect", "--format", "{{.Size}}", f"local-insights/{service}"))
        print(f"image local-insights/{service:10} {size / 1e6:6.0f} MB")
    idle_mb = {service: memory_mb(mesh, service) for service in (*SERVICES, "mysql")}
    for service, used_mb in idle_mb.items():
        print(f"idle  {service:25} {used_mb:6.0f} MB")
    assert idle_mb["insights"] < INSIGHTS_IDLE_MB


def test_traffic_sends_until_it_is_stopped_and_all_its_telemetry_arrives(mesh: ComposedMesh) -> None:
    began = datetime.now(UTC)
    mesh.compose("--profile", "traffic", "up", "--detach", "traffic")

    def has_traffic() -> bool:
        edges = mesh.edges(began)
        assert edges.keys() >= {("prompt", "frontend"), ("frontend", "echo")}
        return bool(edges["prompt", "frontend"]["calls"] >= 12 and edges["frontend", "echo"]["failed"] >= 1)

    eventually(has_traffic, within_s=30)
    mesh.compose("--profile", "traffic", "stop", "traffic")

    def both_ends_count_the_same() -> bool:
        nodes = {node["name"]: node["calls"] for node in mesh.application_map(began)["nodes"]}
        return bool(nodes["frontend"] == mesh.edges(began)["prompt", "frontend"]["calls"])

    eventually(both_ends_count_the_same, VISIBLE_TIMEOUT_S)


def test_down_removes_everything_and_up_starts_empty(mesh: ComposedMesh) -> None:
    mesh.down()
    assert mesh.remains() == {"container": [], "network": [], "volume": []}

    mesh.up()

    assert mesh.enter("again").status_code == HTTPStatus.CREATED
    assert [value["value"] for value in mesh.frontend.get("/values").json()] == ["again"]


def typed(mesh: ComposedMesh, keys: str) -> str:
    """Type keys at `compose run prompt` on a terminal and return its output."""
    ours, theirs = pty.openpty()
    command = [*compose_command(), "--file", str(PROJECT_DIR / "docker-compose.yml"), "run", "--rm", "prompt"]
    process = subprocess.Popen(
        command, env=os.environ | mesh.environment | {"TERM": "dumb"}, stdin=theirs, stdout=theirs, stderr=theirs
    )
    os.close(theirs)
    screen = ""
    for key in ["", *keys]:
        expected = screen.count("Enter a value: ") + (key in ("", "\n"))
        os.write(ours, key.encode())
        deadline = time.monotonic() + 60
        while screen.count("Enter a value: ") < expected and time.monotonic() < deadline:
            screen += os.read(ours, 4096).decode()
    assert process.wait(30) == 0
    os.close(ours)
    return screen


def process_status(mesh: ComposedMesh, service: str) -> dict[str, str]:
    """Return the kernel's status of a container's first process."""
    lines = mesh.inside(service, "cat /proc/1/status").splitlines()
    return {name: value.strip() for name, _, value in (line.partition(":") for line in lines)}


def memory_mb(mesh: ComposedMesh, service: str) -> float:
    """Return the memory of a container that counts against its limit, as in `docker stats`: without the page cache."""
    used = docker("stats", "--no-stream", "--format", "{{.MemUsage}}", mesh.container(service)).split("/")[0].strip()
    assert used.endswith("MiB")
    return float(used.removesuffix("MiB")) * 1024**2 / 1e6
