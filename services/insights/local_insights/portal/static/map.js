// The state of the map page is its URL. Following a link fetches the new page and morphs the old one into it, so that nodes
// do not move, focus and scroll positions stay, and the back button works.

import { MapKeys } from "./map_keys.js";
import { MapView } from "./map_view.js";

const REFRESH_MS = 5000;
const MAX_LOAD_SHARE = 0.2;

const view = new MapView();
const keys = new MapKeys(view);
let loading = 0;
let nextRefreshAt = 0;

async function load(url) {
  const began = performance.now();
  loading += 1;
  try {
    await htmx.ajax("GET", url, { source: "#main", target: "#main", select: "#main", swap: "outerMorph" });
  } finally {
    loading -= 1;
    // A large map is refreshed less often, so that loading takes at most this share of the time.
    nextRefreshAt = performance.now() + (performance.now() - began) * (1 / MAX_LOAD_SHARE - 1);
  }
}

function follow(url) {
  history.pushState(null, "", url);
  return load(url);
}

async function open(link) {
  await follow(link.getAttribute("href"));
  const panel = document.getElementById("panel");
  if (!panel) return;
  panel.scrollTop = 0;
  panel.focus({ preventScroll: true });
  view.reveal(keys.node(new URL(location.href).searchParams.get("node")));
}

async function close(link) {
  const selected = new URL(location.href).searchParams.get("node");
  await follow(link.getAttribute("href"));
  keys.focus(selected);
}

function afterSwap() {
  view.adopt();
  keys.adopt();
}

function showError(message) {
  const status = document.getElementById("refresh-error");
  status.textContent = message;
  status.hidden = !message;
}

function refresh() {
  if (loading || performance.now() < nextRefreshAt || document.hidden || view.dragging || !document.getElementById("refresh").checked) return;
  load(location.pathname + location.search);
}

document.addEventListener("click", (event) => {
  const link = event.target.closest("a");
  if (!link || event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
  if (view.dragged) {
    event.preventDefault();
  } else if (link.id === "close") {
    event.preventDefault();
    close(link);
  } else if (link.matches("#shown svg a, #shown td a, #panel td a")) {
    event.preventDefault();
    open(link);
  } else if (link.matches(".chips a, #expand")) {
    event.preventDefault();
    follow(link.getAttribute("href"));
  }
});

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const typing = event.target.matches("input:not([type=checkbox]), select, textarea");
  if (event.key === "Escape") {
    const link = document.getElementById("close");
    if (typing) event.target.blur();
    else if (link) close(link);
  } else if (!typing && event.key === "/") {
    event.preventDefault();
    document.getElementById("focus").select();
  } else if (!typing && keys.handle(event)) {
    event.preventDefault();
  }
});

document.addEventListener("htmx:after:swap", afterSwap);
document.addEventListener("htmx:response:error", ({ detail }) =>
  showError(`The server responded with status ${detail.ctx.response.status}. The map shows the last successful refresh.`),
);
document.addEventListener("htmx:error", () => showError("The server is not reachable. The map shows the last successful refresh."));
document.addEventListener("visibilitychange", refresh);
addEventListener("popstate", () => load(location.pathname + location.search));
setInterval(refresh, REFRESH_MS);
afterSwap();
