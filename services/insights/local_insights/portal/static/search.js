// "/" focuses the query. Changing a filter loads another page, where the same filter gets the focus.

const FOCUSED = "search-focused";
const query = document.getElementById("query");

document.addEventListener("keydown", (event) => {
  if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target.matches('input:not([type="checkbox"]), select, textarea')) return;
  event.preventDefault();
  query.focus();
  query.select();
});

document.addEventListener("change", ({ target }) => {
  if (!target.matches('input[type="checkbox"][data-submits]')) return;
  try {
    sessionStorage.setItem(FOCUSED, JSON.stringify([target.name, target.value]));
  } catch {
    // Without storage, the focus starts at the top of the page.
  }
});

try {
  const [name, value] = JSON.parse(sessionStorage.getItem(FOCUSED)) ?? [];
  sessionStorage.removeItem(FOCUSED);
  const choices = [...document.querySelectorAll('input[type="checkbox"][data-submits]')];
  const focused = choices.find((choice) => choice.name === name && choice.value === value);
  if (focused?.closest(".facet-groups")) document.getElementById("show-facets").checked = true;
  focused?.focus();
} catch {
  // See above.
}
