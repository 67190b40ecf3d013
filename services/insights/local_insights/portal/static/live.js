// Live Metrics: a stream of seconds, drawn as they come. Every event carries the whole minute, so nothing is missed
// when the connection was lost; the feed goes on behind the last document that arrived, which the event's id names.

import { LiveChart } from "./live_chart.js";
import { fillRows, prependRows } from "./live_rows.js";

const SILENCE_MS = 3500;
const REOPEN_MS = 5000;
const FEED_ROWS = 50;

const page = document.getElementById("live");
const connection = document.getElementById("connection");
const pause = document.getElementById("pause");
const address = new URL(page.dataset.stream, location.href);
const charts = [...document.querySelectorAll(".live-figure")].map((figure) => new LiveChart(figure));

let stream = null;
let silence = null;
let reopening = null;

function say(text, state) {
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
  document.getElementById("nobody").hidden = view.servers.length > 0;
  document.getElementById("board").hidden = !view.servers.length;
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
    say("Connected", "connected");
    listen();
    show(JSON.parse(event.data));
  });
  stream.addEventListener("error", () => {
    say("Connection lost. Trying again …", "lost");
    // After an answer that is no stream, the browser gives up.
    if (stream?.readyState !== EventSource.CLOSED) return;
    close();
    reopening = setTimeout(open, REOPEN_MS);
  });
  listen();
}

function close() {
  clearTimeout(silence);
  clearTimeout(reopening);
  stream?.close();
  stream = null;
}

function listen() {
  clearTimeout(silence);
  silence = setTimeout(() => say("No figures for some seconds. Waiting …", "lost"), SILENCE_MS);
}

pause.addEventListener("click", () => {
  const paused = pause.getAttribute("aria-pressed") !== "true";
  pause.setAttribute("aria-pressed", String(paused));
  if (paused) {
    close();
    say("Paused", "");
  } else {
    say("Connecting …", "");
    open();
  }
});

// A page that nobody sees holds no connection: browsers have few of them for one server.
document.addEventListener("visibilitychange", () => (document.hidden ? close() : open()));
addEventListener("pagehide", close);
addEventListener("pageshow", open);
const redraw = () => charts.forEach((chart) => chart.redraw());
new MutationObserver(redraw).observe(document.documentElement, { attributeFilter: ["data-theme"] });
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", redraw);

say("Connecting …", "");
open();
