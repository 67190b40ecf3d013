"""The demo: three inputs through the console program, and their Application Map."""

import subprocess
from datetime import UTC, datetime

import httpx

from running.commands import run
from running.errors import RunningError
from running.settings import PROJECT_DIR, Settings
from running.waiting import wait_until

INPUTS = ("4", "hello", "slow")
VISIBLE_TIMEOUT_S = 15
SHOWN = "15m"
"""Time range of the printed map."""

MAP_FILE = PROJECT_DIR / "application-map.svg"
PROMPT = PROJECT_DIR / ".venv" / "bin" / "prompt"
INSIGHTS = PROJECT_DIR / ".venv" / "bin" / "insights"

MESH_EDGES = (
    ("role:frontend", "role:echo"),
    ("role:frontend", "role:storage"),
    ("role:storage", "dependency:MySQL"),
)
MESH_ROLES = ("role:frontend", "role:echo", "role:storage")
"""Every input must be counted on these edges and nodes; dependencies are named by their type."""


def demo(settings: Settings) -> None:
    """Send three inputs to a running mesh, wait for their map, print it and write it to `application-map.svg`.

    Raises:
        RunningError: An input was rejected, or the map is not complete in time.
    """
    began = datetime.now(UTC)
    print(f"\nThree inputs, as typed at `make prompt`: {', '.join(INPUTS)}", flush=True)
    _type(INPUTS, settings)
    if not settings.reports_to_local_insights:
        print("\nThe telemetry was sent to APPLICATIONINSIGHTS_CONNECTION_STRING; the map is there in a few minutes.")
        return
    await_edges(settings, began, calls=len(INPUTS))
    insights = settings.url("insights")
    print("\nThe Application Map of the last 15 minutes:\n", flush=True)
    print(run([INSIGHTS, "map", "--format", "text", "--since", SHOWN, "--server", insights]))
    MAP_FILE.write_bytes(_get(f"{insights}/map.svg", since=SHOWN).content)
    print(f"The map as a picture: {MAP_FILE.name}. In the browser: {insights}/map")
    print("The mesh is still running: `make prompt` reads inputs, `make traffic` sends many, `make down` stops it.")


def await_edges(settings: Settings, began: datetime, calls: int) -> None:
    """Wait until the map since `began` has this number of calls on each edge and role of the mesh.

    Raises:
        RunningError: It has fewer after `VISIBLE_TIMEOUT_S`.
    """
    edges: dict[tuple[str, str], int] = {}

    def is_complete() -> bool:
        nonlocal edges
        until = datetime.now(UTC)
        response = _get(f"{settings.url('insights')}/map.json", **{"from": began.isoformat(), "to": until.isoformat()})
        shown = response.json()
        edges = {(edge["source"], edge["target"].split("|")[0]): edge["calls"] for edge in shown["edges"]}
        roles: dict[str, int] = {node["id"]: node["calls"] for node in shown["nodes"]}
        shown_by = [*(edges.get(edge, 0) for edge in MESH_EDGES), *(roles.get(role, 0) for role in MESH_ROLES)]
        return min(shown_by) >= calls

    if not wait_until(is_complete, VISIBLE_TIMEOUT_S):
        message = f"The map is not complete after {VISIBLE_TIMEOUT_S} s. Its edges: {edges or 'none'}."
        raise RunningError(message)


def _type(values: tuple[str, ...], settings: Settings) -> None:
    prompt = subprocess.run(  # noqa: S603 - the project's own console program
        [PROMPT],
        input="".join(f"{value}\n" for value in values),
        env=settings.environment(mysql_password=""),
        text=True,
        check=False,
    )
    if prompt.returncode:
        message = f"The prompt ended with exit code {prompt.returncode}; its output above has the reason."
        raise RunningError(message)


def _get(url: str, **query: str) -> httpx.Response:
    try:
        return httpx.get(url, params=query, trust_env=False).raise_for_status()
    except httpx.HTTPError as error:
        message = f"Unexpected response of Local Insights: {error}"
        raise RunningError(message) from error
