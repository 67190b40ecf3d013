// Runs before the first paint, so that the page does not flash in the other theme.
{
  const root = document.documentElement;
  root.classList.add("js");
  let chosen = null;
  try {
    chosen = localStorage.getItem("theme");
  } catch {
    // Storage is not allowed: the theme follows the system.
  }
  if (chosen === "light" || chosen === "dark") root.dataset.theme = chosen;
}
