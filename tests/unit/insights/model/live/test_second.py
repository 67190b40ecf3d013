"""Values of custom metrics of any size stay finite."""

import math
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from local_insights.model.live.second import Aggregation, WeightedValue, aggregate

VALUES = st.floats(allow_nan=False, allow_infinity=False) | st.sampled_from([sys.float_info.max, -sys.float_info.max])
WEIGHTED = st.builds(WeightedValue, VALUES, st.sampled_from([0.0, 1.0, 1e6, 1e12]))


@given(WEIGHTED, WEIGHTED, st.sampled_from(Aggregation))
def test_combined_value_of_finite_values_is_finite(
    one: WeightedValue, other: WeightedValue, aggregation: Aggregation
) -> None:
    assert math.isfinite(aggregate(one, other, aggregation).value)


def test_average_is_weighted() -> None:
    average = aggregate(WeightedValue(10.0, 1.0), WeightedValue(40.0, 2.0), Aggregation.AVERAGE)

    assert average.value == pytest.approx(30.0)
    assert average.weight == 3.0
