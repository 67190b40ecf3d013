// Following a row shows that item's details without fetching the rows again; folding fetches the rows alone. The URL keeps
// the choice, so that the back button works.

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

/** Show the page of an address in place of this one. htmx gives the focus back to what has it, by its id. */
async function load(address, part) {
  await htmx.ajax("GET", address, { source: part, target: part, select: part, swap: "outerHTML" });
}

/** Fold or unfold; the row has the focus from here on, so that keys pressed meanwhile find it. */
async function fold(toggle) {
  toggle.closest("li").querySelector(".gantt-row").focus();
  history.pushState(null, "", toggle.search);
  await load(toggle.href, "#timeline");
}

/** What the arrow keys do in a tree: fold or go to the parent, unfold or go to the first child. */
function step(key, item) {
  const all = rows();
  const place = all.indexOf(item);
  const toggle = item.querySelector(".fold");
  const expanded = toggle?.getAttribute("aria-expanded") === "true";
  const depth = Number(item.dataset.depth);
  if (key === "ArrowDown") return all[place + 1];
  if (key === "ArrowUp") return all[place - 1];
  if (key === "Home") return all[0];
  if (key === "End") return all.at(-1);
  if (key === "ArrowRight") {
    if (!toggle || expanded) return toggle ? all[place + 1] : item;
    fold(toggle);
    return item;
  }
  if (key === "ArrowLeft") {
    if (!expanded) return all.slice(0, place).findLast((other) => Number(other.dataset.depth) < depth) ?? item;
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
  let words = "Copied";
  try {
    const answer = await fetch(target.dataset.json);
    if (!answer.ok) throw new Error(String(answer.status));
    await navigator.clipboard.writeText(await answer.text());
  } catch {
    // The clipboard is closed to this page, or the server is away: the link beside the button has the same text.
    words = "Not copied: follow the link";
  }
  target.textContent = words;
  setTimeout(() => (target.textContent = "Copy as JSON"), COPIED_MS);
});

addEventListener("popstate", () => load(location.href, "#transaction"));
