"""Labels of nodes, and icons."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from local_insights.model.statistics import CallStatistics
from local_insights.portal.map.icons import icon
from local_insights.portal.map.labels import calls, node_name, node_summary, node_title, shorten, text_width
from support.example_maps import mesh

ROLE = next(node for node in mesh().nodes if node.kind == "role")
DATABASE = next(node for node in mesh().nodes if node.kind == "dependency")


def test_one_call_is_singular() -> None:
    assert [calls(1), calls(2), calls(34_560)] == ["1 call", "2 calls", "34.6k calls"]
    one = CallStatistics(1, 0, 80_000)
    assert node_summary(replace(ROLE, kind="availability", statistics=one)) == "100 % available · 1 result"
    assert node_summary(replace(ROLE, kind="browser", statistics=one)).endswith(" · 1 page view")


def test_title_of_a_dependency_includes_its_type() -> None:
    assert node_title(DATABASE) == "MySQL 127.0.0.1:3306 | mesh"
    assert node_title(replace(DATABASE, name="MySQL")) == "MySQL"
    assert node_title(ROLE) == "echo"


def test_dependency_without_target_has_its_type_as_name() -> None:
    assert node_name(replace(DATABASE, name="")) == "MySQL"
    assert node_name(replace(DATABASE, name=" ", type="")) == "(no name)"


@given(st.text(st.characters(exclude_characters="…")), st.floats(5, 300))
def test_shortened_text_fits_and_contains_both_ends_property(text: str, width: float) -> None:
    short = shorten(text, 10, width)
    begin, ellipsis, end = short.partition("…")
    assert text.startswith(begin)
    assert text.endswith(end)
    assert short in {text, "…"} if not (begin and ellipsis) else text_width(short, 10) <= width


def test_text_that_fits_is_unchanged() -> None:
    assert shorten("frontend", 13, 200) == "frontend"


@pytest.mark.parametrize(
    ("dependency_type", "expected"),
    [
        ("MySQL", "database"),
        ("SQL", "database"),
        ("mongodb", "database"),
        ("redis", "cache"),
        ("Queue Message | Azure Service Bus", "queue"),
        ("Azure queue", "queue"),
        ("Azure blob", "files"),
        ("HTTP", "web"),
        ("Ajax", "web"),
        ("Grpc", "web"),
        ("InProc", "other"),
        ("", "other"),
    ],
)
def test_icon_depends_on_the_dependency_type(dependency_type: str, expected: str) -> None:
    assert icon(replace(DATABASE, type=dependency_type)) == expected


def test_role_has_the_service_icon() -> None:
    assert icon(ROLE) == "role"
