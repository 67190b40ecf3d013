// The script of every page: theme switch, selection of the time range, copy buttons, and, on a phone, scrolling the
// navigation to the current entry.

const root = document.documentElement;
const systemIsDark = matchMedia("(prefers-color-scheme: dark)");
const theme = () => root.dataset.theme ?? (systemIsDark.matches ? "dark" : "light");

const themeSwitch = document.getElementById("theme-switch");
const showTheme = () => themeSwitch.setAttribute("aria-pressed", String(theme() === "dark"));
themeSwitch.addEventListener("click", () => {
  root.dataset.theme = theme() === "dark" ? "light" : "dark";
  try {
    localStorage.setItem("theme", root.dataset.theme);
  } catch {
    // Without storage, the choice is lost with the page.
  }
  showTheme();
});
systemIsDark.addEventListener("change", showTheme);
showTheme();

document.querySelector(".navigation [aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" });

document.addEventListener("change", (event) => {
  if (event.target.matches("[data-submits]")) event.target.form.requestSubmit();
});

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copies]");
  if (!button) return;
  const source = document.getElementById(button.dataset.copies);
  const selection = getSelection();
  selection.selectAllChildren(source);
  let copied = false;
  try {
    await navigator.clipboard.writeText(source.textContent.trim());
    copied = true;
  } catch {
    // The page may not write to the clipboard (no HTTPS, no permission): the text stays selected for Ctrl+C.
  }
  button.textContent = copied ? "Copied" : "Selected";
  setTimeout(() => (button.textContent = "Copy"), 2000);
});
