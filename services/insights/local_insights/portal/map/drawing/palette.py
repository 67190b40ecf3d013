"""Colours of the drawings.

A drawing for the page uses the page's custom properties, so that it follows the page's theme. A standalone drawing has
literal colours, because librsvg, resvg and CairoSVG paint `var(--ok)` black.
"""

from dataclasses import dataclass
from typing import Literal

from local_insights.model.health import Level

Theme = Literal["light", "dark", "page"]


@dataclass(frozen=True, slots=True)
class Palette:
    """Colours by purpose; `edge` is for graphics only, because its contrast is too low for text."""

    canvas: str
    surface: str
    border: str
    text: str
    muted: str
    ok: str
    warning: str
    error: str
    accent: str
    edge: str

    def of_level(self, level: Level) -> str:
        """Return the colour of a health level."""
        return {Level.OK: self.ok, Level.WARNING: self.warning, Level.ERROR: self.error}[level]

    def of_edge(self, level: Level) -> str:
        """Return the colour of an edge: grey for healthy edges, so that failing ones are conspicuous."""
        return self.edge if level is Level.OK else self.of_level(level)


_PALETTES = {
    "light": Palette(
        canvas="#f6f7f9",
        surface="#ffffff",
        border="#d5dae1",
        text="#1a1f26",
        muted="#596373",
        ok="#17753f",
        warning="#8f5400",
        error="#c0212a",
        accent="#0b5cbf",
        edge="#768190",
    ),
    "dark": Palette(
        canvas="#12161b",
        surface="#1b2128",
        border="#38424e",
        text="#e9edf2",
        muted="#a7b2c0",
        ok="#46c07a",
        warning="#f2b341",
        error="#ff7b80",
        accent="#71b4ff",
        edge="#7b8794",
    ),
    "page": Palette(
        canvas="var(--canvas)",
        surface="var(--surface)",
        border="var(--border)",
        text="var(--text)",
        muted="var(--muted)",
        ok="var(--ok)",
        warning="var(--warning)",
        error="var(--error)",
        accent="var(--accent)",
        edge="var(--edge)",
    ),
}


def palette(theme: Theme) -> Palette:
    """Return the colours of a theme."""
    return _PALETTES[theme]
