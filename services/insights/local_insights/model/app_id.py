"""How an application is called in `cid-v1:<id>`, by which SDKs tell each other who they are."""

import uuid
from functools import lru_cache


@lru_cache(maxsize=256)
def app_id(instrumentation_key: str) -> str:
    """A stable id for the application that an instrumentation key belongs to."""
    return str(uuid.uuid5(uuid.NAMESPACE_URL, f"instrumentation-key:{instrumentation_key.lower()}"))
