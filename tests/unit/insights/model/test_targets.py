"""Normalization of dependency types and targets."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from local_insights.model.targets import is_in_process, normalize_target, normalize_type


@pytest.mark.parametrize(
    ("dependency_type", "target", "data", "expected"),
    [
        ("HTTP", "127.0.0.1:8001", "http://127.0.0.1:8001/echo", "127.0.0.1:8001"),
        ("HTTP", "", "http://api:8080/v1?q=1", "api:8080"),
        ("Http", "http://api:8080/v1", "", "api:8080"),
        ("Http", "https://API.example.com/v1", "", "api.example.com"),
        ("Ajax", "api.example.com:443", "https://api.example.com/v1", "api.example.com"),
        ("Fetch", "api.example.com:80", "http://api.example.com/v1", "api.example.com"),
        ("HTTP", "api.example.com:443", "http://api.example.com:443/v1", "api.example.com:443"),
        ("HTTP", "https://user:secret@api.example.com/", "", "api.example.com"),
        ("HTTP", "api.example.com/v1", "", "api.example.com"),
        ("HTTP", "", "http://[::1]:8080/", "[::1]:8080"),
        ("Http (tracked component)", "api.example.com | cid-v1:4bf9", "", "api.example.com"),
        ("HTTP", "", "/relative", "GET /"),
        ("HTTP", "", "", "GET /"),
        ("HTTP", "http://[bad", "", "GET /"),
        ("HTTP", "API.Example.com", "", "api.example.com"),
        ("HTTP", "API.Example.com:8080/v1", "", "api.example.com:8080"),
        ("HTTP", "127.0.0.1", "http://127.0.0.1:9999/pay", "127.0.0.1:9999"),
        ("HTTP", "Api", "http://user:pw@aPI:8080/pay", "api:8080"),
        ("HTTP", "api", "https://api:443/pay", "api"),
        ("HTTP", "api", "http://api-gateway:8080/pay", "api"),
        ("HTTP", "127.0.0.1:5001", "http://127.0.0.1:9999/pay", "127.0.0.1:5001"),
        ("HTTP", "::1", "http://[::1]:9999/", "[::1]:9999"),
        ("HTTP", "[::1]", "http://[::1]:9999/", "[::1]:9999"),
        ("postgresql", "DB.Example.com:5432|Orders", "", "db.example.com:5432 | Orders"),
        ("redis", "Cache", "", "cache"),
        ("Queue Message | RabbitMQ", "Orders.New", "", "Orders.New"),
        ("MySQL", "127.0.0.1:3306 | mesh", "SELECT 1", "127.0.0.1:3306 | mesh"),
        ("SQL", "server | db", "http://not.a.url/in/sql", "server | db"),
        ("SQL", "", "SELECT 1", "GET /"),
        ("INPROC", "", "", ""),
        ("InProc | Microsoft.Storage", "", "", ""),
    ],
)
def test_target_is_normalized(dependency_type: str, target: str, data: str, expected: str) -> None:
    assert normalize_target(dependency_type, target, data, "GET /") == expected


@given(st.text(), st.text(), st.sampled_from(["HTTP", "Ajax", "MySQL", ""]))
def test_any_text_has_a_target_and_normalization_is_idempotent(target: str, data: str, dependency_type: str) -> None:
    once = normalize_target(dependency_type, target, data, "name")
    assert once
    assert normalize_target(dependency_type, once, data, "name") == once


@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        ("HTTP", "HTTP"),
        ("Http", "HTTP"),
        ("Http (tracked component)", "HTTP"),
        ("Fetch", "Fetch"),
        ("SQL", "SQL"),
        ("mssql", "SQL"),
        ("postgres", "postgresql"),
        ("PostgreSQL", "postgresql"),
        ("mysql", "MySQL"),
        ("MongoDB", "mongodb"),
        ("Redis", "redis"),
        ("Queue Message | Kafka", "Queue Message | Kafka"),
    ],
)
def test_types_of_one_protocol_are_one_type(sent: str, expected: str) -> None:
    assert normalize_type(sent, "mysql.query") == expected


@pytest.mark.parametrize(
    ("name", "expected"),
    [("mysql.query", "MySQL"), ("pymongo.shop.orders.find", "mongodb"), ("charge card", "N/A"), ("", "N/A")],
)
def test_missing_type_is_that_of_the_prefix_of_the_name(name: str, expected: str) -> None:
    assert normalize_type("", name) == expected


@pytest.mark.parametrize("dependency_type", ["INPROC", "InProc", "inproc | x"])
def test_in_process_span_is_recognized_by_its_type(dependency_type: str) -> None:
    assert is_in_process(dependency_type)


@pytest.mark.parametrize("dependency_type", ["", "HTTP", "InProcess", "Queue Message | InProc"])
def test_call_is_not_an_in_process_span(dependency_type: str) -> None:
    assert not is_in_process(dependency_type)
