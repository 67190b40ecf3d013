// Runs before the first paint: a theme that was chosen earlier must not flash the other one.
{
  const root = document.documentElement;
  root.classList.add("js");
  let chosen = null;
  try {
    chosen = localStorage.getItem("theme");
  } catch {
    // Storage may be forbidden; the system's theme it is then.
  }
  if (chosen === "light" || chosen === "dark") root.dataset.theme = chosen;
}
