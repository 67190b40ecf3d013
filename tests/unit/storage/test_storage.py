"""`POST /values`, `GET /values` and `/healthz` of storage, on a fake MySQL."""

from collections.abc import AsyncIterator

import httpx
import pytest
from mysql.connector import InterfaceError
from pydantic import SecretStr

from storage.database import Database
from storage.main import create_app
from storage.settings import MySQLSettings
from storage.value_table import INSERT_VALUE
from support.fake_mysql import FakeMySQL, mysql_error
from support.recorded_telemetry import Recorded
from support.running_app import running

pytestmark = pytest.mark.anyio

SETTINGS = MySQLSettings(host="db", port=3306)


@pytest.fixture
def recorded() -> Recorded:
    return Recorded("storage")


@pytest.fixture
def mysql() -> FakeMySQL:
    return FakeMySQL()


@pytest.fixture
async def client(
    anyio_backend: str,  # noqa: ARG001 - makes anyio run this fixture
    mysql: FakeMySQL,
    recorded: Recorded,
) -> AsyncIterator[httpx.AsyncClient]:
    async with running(create_app(SETTINGS, recorded.telemetry, Database(mysql.open_pool, 2))) as client:
        yield client


async def test_stored_value_has_the_next_id_and_its_operation(client: httpx.AsyncClient, recorded: Recorded) -> None:
    await client.post("/values", json={"value": "4"})
    recorded.spans.spans.clear()
    response = await client.post("/values", json={"value": "25"})
    (request,) = recorded.spans.spans
    assert response.status_code == 201
    assert response.json() == {"id": 2, "value": "25", "operation_id": request.context.trace_id}


async def test_value_is_a_parameter_of_the_statement(client: httpx.AsyncClient, mysql: FakeMySQL) -> None:
    value = "'); DROP TABLE entered_values; -- %s"
    await client.post("/values", json={"value": value})
    statement, parameters = mysql.statements[-1]
    assert (statement, parameters[0]) == (INSERT_VALUE, value)


async def test_values_are_listed_newest_first(client: httpx.AsyncClient) -> None:
    for value in ("first", "second", "third"):
        await client.post("/values", json={"value": value})
    listed = (await client.get("/values", params={"limit": 2})).json()
    assert [(stored["id"], stored["value"]) for stored in listed] == [(3, "third"), (2, "second")]


async def test_untraced_value_is_listed(client: httpx.AsyncClient, mysql: FakeMySQL) -> None:
    mysql.rows.append((1, "by hand", None))
    assert (await client.get("/values")).json() == [{"id": 1, "value": "by hand", "operation_id": None}]


@pytest.mark.parametrize("limit", ["0", "101", "ten"])
async def test_limit_outside_1_to_100_is_rejected(client: httpx.AsyncClient, limit: str) -> None:
    assert (await client.get("/values", params={"limit": limit})).status_code == 422


@pytest.mark.parametrize("value", ["", "x" * 1001, 4, None, ["4"]])
async def test_invalid_value_is_rejected(client: httpx.AsyncClient, mysql: FakeMySQL, value: object) -> None:
    response = await client.post("/values", json={"value": value})
    assert (response.status_code, response.headers["content-type"]) == (422, "application/problem+json")
    assert mysql.rows == []


async def test_table_is_created_once_at_the_start(client: httpx.AsyncClient, mysql: FakeMySQL) -> None:
    assert mysql.has_table
    await client.get("/values")
    assert sum("CREATE TABLE" in statement for statement, _ in mysql.statements) == 1


async def test_service_starts_without_mysql_and_creates_the_table_later(recorded: Recorded) -> None:
    mysql = FakeMySQL(opening_error=InterfaceError(errno=2003, msg="connection refused"))
    async with running(create_app(SETTINGS, recorded.telemetry, Database(mysql.open_pool, 2))) as client:
        response = await client.post("/values", json={"value": "4"})
        problem = response.json()
        assert (response.status_code, problem["service"], response.headers["retry-after"]) == (503, "MySQL", "1")
        assert problem["detail"].startswith("MySQL at db:3306 is unavailable: it is unreachable.")
        mysql.opening_error = None
        assert (await client.post("/values", json={"value": "4"})).status_code == 201


async def test_missing_table_is_created_again(client: httpx.AsyncClient, mysql: FakeMySQL) -> None:
    mysql.has_table = False
    assert (await client.post("/values", json={"value": "4"})).status_code == 503
    assert (await client.post("/values", json={"value": "4"})).status_code == 201


async def test_error_in_a_statement_is_500(client: httpx.AsyncClient, mysql: FakeMySQL, recorded: Recorded) -> None:
    mysql.statement_error = mysql_error(1064, "42000")
    assert (await client.get("/values")).status_code == 500
    (exception,) = recorded.logs.items("ExceptionData")
    assert exception["exceptions"][0]["typeName"].endswith("ProgrammingError")


async def test_health_reports_whether_mysql_responds_and_is_not_traced(
    client: httpx.AsyncClient, mysql: FakeMySQL, recorded: Recorded
) -> None:
    recorded.spans.spans.clear()
    healthy = await client.get("/healthz")
    mysql.checkout_error = InterfaceError(errno=2003, msg="connection refused")
    unhealthy = await client.get("/healthz")
    assert (healthy.status_code, healthy.json()) == (200, {"status": "ok", "mysql": "ok"})
    assert (unhealthy.status_code, unhealthy.json()["service"]) == (503, "MySQL")
    assert recorded.spans.spans == []


async def test_log_has_id_and_length_and_not_the_value(client: httpx.AsyncClient, recorded: Recorded) -> None:
    await client.post("/values", json={"value": "my secret"})
    assert recorded.messages == ["stored value 1 (length 9)"]


def test_password_is_not_shown() -> None:
    settings = MySQLSettings(password=SecretStr("a secret"))
    assert "a secret" not in repr(settings)
