// Live Metrics: draws the event stream, one event per second. Every event contains the whole minute, so no value is
// missing after a lost connection. The id of an event is the number of the last document, after which the feed continues.

import { LiveChart } from "./live_chart.js";
import { fillRows, prependRows } from "./live_rows.js";

const IDLE_MS = 3500;
const REOPEN_MS = 5000;
const FEED_ROWS = 50;

const page = document.getElementById("live");
const connection = document.getElementById("connection");
const pause = document.getElementById("pause");
const address = new URL(page.dataset.stream, location.href);
const charts = [...document.querySelectorAll(".live-figure")].map((figure) => new LiveChart(figure));

let stream = null;
let idle = null;
let reopening = null;

function showStatus(text, state) {
  if (connection.textContent !== text) connection.textContent = text;
  connection.className = state;
}

function show(view) {
  if (view.etag !== page.dataset.etag) {
    location.reload();
    return;
  }
  page.dataset.second = view.second;
  document.getElementById("summary").textContent = view.summary;
  document.getElementById("time").textContent = view.time;
  document.getElementById("errors").textContent = view.errors.join("; ");
  document.getElementById("filter-errors").hidden = !view.errors.length;
  document.getElementById("no-servers").hidden = view.servers.length > 0;
  document.getElementById("dashboard").hidden = !view.servers.length;
  for (const chart of charts) chart.show(view);
  const servers = view.servers.map(({ cells, ...server }) => ({ ...server, ...cells }));
  fillRows(document.getElementById("servers"), document.getElementById("server-row"), servers, "id");
  prependRows(document.getElementById("documents"), document.getElementById("document-row"), view.documents, FEED_ROWS);
  document.getElementById("no-documents").hidden = document.getElementById("documents").childElementCount > 0;
}

function open() {
  if (stream || document.hidden || pause.getAttribute("aria-pressed") === "true") return;
  clearTimeout(reopening);
  stream = new EventSource(address);
  stream.addEventListener("message", (event) => {
    address.searchParams.set("after", event.lastEventId);
    showStatus("Connected", "connected");
    waitForEvent();
    show(JSON.parse(event.data));
  });
  stream.addEventListener("error", () => {
    showStatus("Connection lost. Trying again …", "lost");
    // The browser does not reconnect after a response that is not a stream.
    if (stream?.readyState !== EventSource.CLOSED) return;
    close();
    reopening = setTimeout(open, REOPEN_MS);
  });
  waitForEvent();
}

function close() {
  clearTimeout(idle);
  clearTimeout(reopening);
  stream?.close();
  stream = null;
}

function waitForEvent() {
  clearTimeout(idle);
  idle = setTimeout(() => showStatus("No data for some seconds. Waiting …", "lost"), IDLE_MS);
}

pause.addEventListener("click", () => {
  const paused = pause.getAttribute("aria-pressed") !== "true";
  pause.setAttribute("aria-pressed", String(paused));
  if (paused) {
    close();
    showStatus("Paused", "");
  } else {
    showStatus("Connecting …", "");
    open();
  }
});

// A hidden page closes its connection, because browsers open few connections to one server.
document.addEventListener("visibilitychange", () => (document.hidden ? close() : open()));
addEventListener("pagehide", close);
addEventListener("pageshow", open);
const redraw = () => charts.forEach((chart) => chart.redraw());
new MutationObserver(redraw).observe(document.documentElement, { attributeFilter: ["data-theme"] });
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", redraw);

showStatus("Connecting …", "");
open();
