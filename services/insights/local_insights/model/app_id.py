"""Application ids: SDKs exchange them as `cid-v1:<id>` in the header `Request-Context`."""

import uuid
from functools import lru_cache


@lru_cache(maxsize=256)
def app_id(instrumentation_key: str) -> str:
    """Return the stable application id of an instrumentation key."""
    return str(uuid.uuid5(uuid.NAMESPACE_URL, f"instrumentation-key:{instrumentation_key.lower()}"))
