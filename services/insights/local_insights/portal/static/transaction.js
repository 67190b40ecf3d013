// Following a row shows that item's details without fetching the rows again; the URL keeps the choice.

const items = document.getElementById("items");
const first = items.querySelector("[aria-current]");

async function show(row, { push }) {
  if (push) history.pushState(null, "", row.search);
  for (const other of items.querySelectorAll("[aria-current]")) other.removeAttribute("aria-current");
  row.setAttribute("aria-current", "true");
  await htmx.ajax("GET", row.href, { source: "#details", target: "#details", swap: "outerHTML" });
}

items.addEventListener("click", (event) => {
  const row = event.target.closest("a");
  if (!row || event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
  event.preventDefault();
  show(row, { push: true });
});

items.addEventListener("keydown", (event) => {
  const step = { ArrowDown: "nextElementSibling", ArrowUp: "previousElementSibling" }[event.key];
  const next = step && event.target.closest("li")?.[step]?.querySelector("a");
  if (!next) return;
  event.preventDefault();
  next.focus();
});

addEventListener("popstate", () => {
  const row = [...items.querySelectorAll("a")].find((other) => other.search === location.search);
  show(row ?? first, { push: false });
});
