// Selecting a row loads only the details of that item; folding loads only the rows. The URL contains the state, so that
// the back button works.

const COPIED_MS = 2000;
const sheet = document.querySelector(".sheet");
const rows = () => [...document.querySelectorAll("#items li[data-depth]")];

function plain(event) {
  return !(event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey);
}

async function select(row) {
  history.pushState(null, "", row.search);
  for (const other of document.querySelectorAll("#items [aria-current]")) other.removeAttribute("aria-current");
  row.setAttribute("aria-current", "true");
  await htmx.ajax("GET", row.href, { source: "#details", target: "#details", swap: "outerHTML" });
}

/** Replace a part of the page with that of another address. htmx restores the focus by the id of the element. */
async function load(address, part) {
  await htmx.ajax("GET", address, { source: part, target: part, select: part, swap: "outerHTML" });
}

/** Fold or unfold a row, and focus it first, so that keys pressed while it loads apply to it. */
async function fold(toggle) {
  toggle.closest("li").querySelector(".gantt-row").focus();
  history.pushState(null, "", toggle.search);
  await load(toggle.href, "#timeline");
}

/** Handle an arrow key as in a tree: left folds or goes to the parent, right unfolds or goes to the first child. */
function step(key, item) {
  const all = rows();
  const index = all.indexOf(item);
  const toggle = item.querySelector(".fold");
  const expanded = toggle?.getAttribute("aria-expanded") === "true";
  const depth = Number(item.dataset.depth);
  if (key === "ArrowDown") return all[index + 1];
  if (key === "ArrowUp") return all[index - 1];
  if (key === "Home") return all[0];
  if (key === "End") return all.at(-1);
  if (key === "ArrowRight") {
    if (!toggle || expanded) return toggle ? all[index + 1] : item;
    fold(toggle);
    return item;
  }
  if (key === "ArrowLeft") {
    if (!expanded) return all.slice(0, index).findLast((other) => Number(other.dataset.depth) < depth) ?? item;
    fold(toggle);
    return item;
  }
  return null;
}

sheet.addEventListener("click", (event) => {
  const link = event.target.closest("#items a");
  if (!link || !plain(event)) return;
  event.preventDefault();
  if (link.matches(".fold")) fold(link);
  else select(link);
});

sheet.addEventListener("keydown", (event) => {
  const item = event.target.closest("#items li[data-depth]");
  if (!item || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
  const next = step(event.key, item);
  if (!next) return;
  event.preventDefault();
  next.querySelector(".gantt-row").focus();
});

document.getElementById("copy").addEventListener("click", async ({ target }) => {
  let label = "Copied";
  try {
    const response = await fetch(target.dataset.json);
    if (!response.ok) throw new Error(String(response.status));
    await navigator.clipboard.writeText(await response.text());
  } catch {
    // The page may not write to the clipboard, or the server is down: the JSON link next to the button has the same text.
    label = "Not copied: open the JSON link";
  }
  target.textContent = label;
  setTimeout(() => (target.textContent = "Copy as JSON"), COPIED_MS);
});

addEventListener("popstate", () => load(location.href, "#transaction"));
