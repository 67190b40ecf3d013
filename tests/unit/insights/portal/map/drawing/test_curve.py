"""Lines of edges."""

from local_insights.model.layout import Point
from local_insights.portal.map.drawing.curve import flowing


def test_curve_is_horizontal_at_its_knots() -> None:
    curve = flowing([Point(0, 0), Point(10, 8), Point(20, 0)])
    assert curve.path() == "M0,0C5,0 5,8 10,8C15,8 15,0 20,0"


def test_knot_inside_a_horizontal_line_is_skipped() -> None:
    knots = [Point(0, 0), Point(10, 8), Point(20, 8), Point(30, 8), Point(40, 0)]
    assert flowing(knots).path() == flowing([*knots[:2], *knots[3:]]).path() == "M0,0C5,0 5,8 10,8H30C35,8 35,0 40,0"


def test_horizontal_curve_is_one_line() -> None:
    assert flowing([Point(x, 3) for x in (0, 10, 20)]).path() == "M0,3H20"
