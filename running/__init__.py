"""Runs the mesh, Local Insights and a private database on one machine, without Docker.

`python -m running up|down|demo|traffic` is what the Makefile calls; tests and benchmarks use the same functions with
other ports and another state directory.
"""
