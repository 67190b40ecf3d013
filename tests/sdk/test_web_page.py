"""The SDK for web pages, in Chromium: cross-origin requests, preflights, and the beacon on leaving a page."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

from support.chromium import chromium
from support.insights_process import Insights
from support.sdk_programs import PROGRAMS, Portal, Sent

EXPECTED: list[dict[str, Any]] = [
    {"item_type": "pageView", "name": "web page"},
    {"item_type": "browserTiming", "name": "web timing"},
    {"item_type": "customEvent", "name": "web event"},
    {"item_type": "trace", "message": "web message"},
    {"item_type": "exception", "name": "TypeError"},
    {"item_type": "dependency", "type": "Fetch", "name": "GET /data", "result_code": "200", "success": True},
    {"item_type": "dependency", "type": "Ajax", "name": "GET /more", "result_code": "404", "success": False},
    {"item_type": "customEvent", "name": "web event at the end"},
]


@contextmanager
def site(sdk: Path) -> Iterator[str]:
    """Run a web site with another origin that serves the page and the SDK; yield its URL."""
    files = {
        "/": (PROGRAMS / "page.html", "text/html"),
        "/page.js": (PROGRAMS / "page.js", "text/javascript"),
        "/ai.js": (sdk, "text/javascript"),
        "/data": (PROGRAMS / "page.js", "text/plain"),
    }

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            path, content_type = files.get(self.path, (None, "text/plain"))
            self.send_response(200 if path else 404)
            self.send_header("Content-Type", content_type)
            self.end_headers()
            self.wfile.write(path.read_bytes() if path else b"")

        def log_message(self, *_args: object) -> None:
            """Print no log."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def test_every_type_of_telemetry_of_a_page(insights: Insights, node_folder: Path) -> None:
    sdk = node_folder / "node_modules/@microsoft/applicationinsights-web/browser/es5/ai.3.js"
    requested: list[str] = []

    with site(sdk) as address, chromium() as browser, Portal(insights) as portal:
        page = browser.new_page()
        page.on("request", lambda request: requested.append(request.url))
        page.goto(f"{address}/#{quote(insights.connection_string)}")
        page.wait_for_function("document.title !== 'Shop'")
        sent = Sent(page.title(), EXPECTED, ["web_metric"])
        portal.assert_shown("web-all", sent)
        call_ids = page.evaluate("ids.map((id) => id.replace(/^[|]|[.]$/g, '').split('.').pop())")
        assert len(call_ids) == len({"fetch", "xhr"})
        portal.await_items("web-all", [{"item_type": "dependency", "id": call_id} for call_id in call_ids])
        portal.await_items("web-all", [{"item_type": "pageView", "id": sent.operation_id}])
        page.evaluate("insights.trackEvent({ name: 'web event while leaving' })")
        page.goto("about:blank")
        portal.await_items("web-all", [{"name": "web event while leaving"}])
        assert {urlsplit(url).hostname for url in requested if url.startswith("http")} == {"127.0.0.1"}
        shown = portal.json("/map.json", since="1h")
        node = next(node for node in shown["nodes"] if node["id"] == "role:web-all")
        assert (node["kind"], node["calls"]) == ("browser", 1)
