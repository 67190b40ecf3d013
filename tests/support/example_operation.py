"""The items of one operation: one input that is echoed and stored. Times are relative to its start."""

from local_insights.model.item import Item, ItemType
from support.items import EMPTY_ITEM

OPERATION = "0af7651916cd43dd8448eb211c80319c"
START_US = 1_767_268_800_000_000

_EMPTY = EMPTY_ITEM._replace(time_us=START_US, operation_id=OPERATION)


def request(role: str, id_: str, parent_id: str, start_ms: float, duration_ms: float) -> Item:
    """Return a request that a role served."""
    return _EMPTY._replace(
        item_type=ItemType.REQUEST,
        role=role,
        id=id_,
        parent_id=parent_id,
        name=f"POST /{role}",
        data=f"http://{role}/",
        time_us=START_US + round(start_ms * 1000),
        duration_us=round(duration_ms * 1000),
        success=True,
        result_code="200",
    )


def dependency(role: str, id_: str, parent_id: str, start_ms: float, duration_ms: float) -> Item:
    """Return a call that a role made."""
    return request(role, id_, parent_id, start_ms, duration_ms)._replace(
        item_type=ItemType.DEPENDENCY, name=f"call {id_}", dependency_type="HTTP", target="host:80"
    )


def log(role: str, parent_id: str, at_ms: float, message: str) -> Item:
    """Return a log record."""
    return _EMPTY._replace(
        item_type=ItemType.TRACE,
        role=role,
        parent_id=parent_id,
        time_us=START_US + round(at_ms * 1000),
        message=message,
        severity=1,
    )


ENTRY = request("frontend", "f1", "", 0, 40)
TO_ECHO = dependency("frontend", "d1", "f1", 1, 6)
ECHO = request("echo", "e1", "d1", 2, 4)
TO_STORAGE = dependency("frontend", "d2", "f1", 10, 25)
STORAGE = request("storage", "s1", "d2", 12, 20)
LOG = log("storage", "s1", 14, "about to insert")
INSERT = dependency("storage", "q1", "s1", 15, 10)._replace(
    dependency_type="MySQL", target="127.0.0.1:3306 | mesh", data="INSERT INTO value ...", result_code="0"
)

TRACE = (ENTRY, TO_ECHO, ECHO, TO_STORAGE, STORAGE, LOG, INSERT)
"""In tree order."""
