"""The parts that the sample's FastAPI services share and that tracing does not need.

`service_app` builds the application, `serve` runs it. This package does not import the telemetry library.
"""

from service.app import UNTRACED_PATHS, serve, service_app
from service.same_site import split_names

__all__ = ["UNTRACED_PATHS", "serve", "service_app", "split_names"]
