// The map's page is a picture of its URL. Following a link of the page fetches the new picture and morphs the old one into
// it, so that no node moves, focus and scroll positions stay, and the back button works.

import { MapKeys } from "./map_keys.js";
import { MapView } from "./map_view.js";

const REFRESH_MS = 5000;
const MOST_OF_THE_TIME = 0.2;

const view = new MapView();
const keys = new MapKeys(view);
let loading = 0;
let restUntil = 0;

async function load(url) {
  const began = performance.now();
  loading += 1;
  try {
    await htmx.ajax("GET", url, { source: "#main", target: "#main", select: "#main", swap: "outerMorph" });
  } finally {
    loading -= 1;
    // A map that takes long to draw is drawn less often: refreshing must leave time for looking.
    restUntil = performance.now() + (performance.now() - began) * (1 / MOST_OF_THE_TIME - 1);
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

function say(message) {
  const status = document.getElementById("refresh-error");
  status.textContent = message;
  status.hidden = !message;
}

function refresh() {
  if (loading || performance.now() < restUntil || document.hidden || view.dragging || !document.getElementById("refresh").checked) return;
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
  say(`The server answered ${detail.ctx.response.status}. This picture is the last one that arrived.`),
);
document.addEventListener("htmx:error", () => say("The server cannot be reached. This picture is the last one that arrived."));
document.addEventListener("visibilitychange", refresh);
addEventListener("popstate", () => load(location.pathname + location.search));
setInterval(refresh, REFRESH_MS);
afterSwap();
