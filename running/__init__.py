"""Run the mesh, Local Insights and a private database on one machine, without Docker.

The Makefile calls `python -m running up|down|stop|demo|prompt|traffic`. Tests and benchmarks use the same functions
with other ports and another state directory.
"""
