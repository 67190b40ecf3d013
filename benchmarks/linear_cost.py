"""Measure the CPU time of every kind of growing input at four sizes, and print the exponent of the curve.

    .venv/bin/python benchmarks/linear_cost.py [KIND …]

The exponent is 1 for linear and 2 for quadratic cost. The exit code is 1 if any exponent exceeds `MAX_EXPONENT`.
"""

import math
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from support.sweeps import SWEEPS, cpu_s

SIZES = (1, 4, 16, 64)
"""Factors of the size in the test suite."""
MAX_EXPONENT = 1.7
"""Large inputs also leave the caches of the processor."""
MAX_STEP_S = 5.0


def main() -> int:
    """Print one line per kind."""
    bent = 0
    print(f"{'kind':34}" + "".join(f"{f'x{size}':>10}" for size in SIZES) + "  ms; exponent of the last step")
    for kind in sys.argv[1:] or SWEEPS:
        times_s: list[float] = []
        for size in SIZES:
            times_s.append(cpu_s(SWEEPS[kind], SWEEPS[kind].size * size, repetitions=2))
            if times_s[-1] > MAX_STEP_S:
                break
        exponent = math.log(times_s[-1] / times_s[-2], SIZES[1])
        bent += exponent > MAX_EXPONENT
        print(f"{kind:34}" + "".join(f"{time_s * 1e3:10.1f}" for time_s in times_s) + f"  {exponent:.2f}", flush=True)
    return 1 if bent else 0


if __name__ == "__main__":
    sys.exit(main())
