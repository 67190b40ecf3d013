"""The parts of opencensus-ext-azure that this library extends, imported without their deprecation warning.

opencensus-ext-azure calls `locale.getdefaultlocale`, which is deprecated, when it is imported. Without the filter, an
application that turns warnings into errors could not import it.
"""

import warnings

with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)
    from opencensus.common.schedule import Queue, QueueEvent
    from opencensus.ext.azure.common import utils
    from opencensus.ext.azure.common.exporter import BaseExporter
    from opencensus.ext.azure.common.storage import LocalFileBlob, LocalFileStorage
    from opencensus.ext.azure.common.transport import REDIRECT_STATUS_CODES, RETRYABLE_STATUS_CODES
    from opencensus.ext.azure.trace_exporter import AzureExporter

__all__ = [
    "REDIRECT_STATUS_CODES",
    "RETRYABLE_STATUS_CODES",
    "AzureExporter",
    "BaseExporter",
    "LocalFileBlob",
    "LocalFileStorage",
    "Queue",
    "QueueEvent",
    "utils",
]
