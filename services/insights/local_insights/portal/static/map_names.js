// Names and labels at small zooms: if two would overlap, the less important one is hidden until its node is hovered or
// focused.

const RANKS = [".selected", ".node-error", ".edge-label", ".node-warning", ".node"];
const FIRST_BELOW_DISCS = RANKS.indexOf(".node-warning");
const GAP_PX = 2;
const STRIP_PX = 16;

/** Add the class `crowded` to the nodes and labels whose text has no space. */
export function hideOverlaps(svg) {
  const parts = [...svg.querySelectorAll(".node, .edge-label")];
  for (const part of parts) part.classList.remove("crowded");
  const [words, discs] = [new Boxes(), new Boxes()];
  const ranked = [];
  for (const part of parts) {
    const [disc, word] = [boxOf(part, ".node-disc"), boxOf(part, ".node-name, .label-short")];
    if (disc) discs.add(part, disc);
    if (word) ranked.push({ part, word, rank: RANKS.findIndex((rank) => part.matches(rank)) });
  }
  ranked.sort((one, other) => one.rank - other.rank);
  for (const { part, word, rank } of ranked) {
    if (words.cover(part, word) || (rank >= FIRST_BELOW_DISCS && discs.cover(part, word))) part.classList.add("crowded");
    else words.add(part, word);
  }
}

/** Boxes of elements, indexed by horizontal strips of the screen, so that a test compares only a few of a thousand. */
class Boxes {
  #strips = new Map();

  add(part, box) {
    for (const strip of stripsOf(box)) {
      if (!this.#strips.has(strip)) this.#strips.set(strip, []);
      this.#strips.get(strip).push({ part, box });
    }
  }

  /** Return true if a box of another element covers this box. */
  cover(part, box) {
    const near = stripsOf(box).flatMap((strip) => this.#strips.get(strip) ?? []);
    return near.some((other) => other.part !== part && overlap(box, other.box));
  }
}

function stripsOf({ top, bottom }) {
  const [first, last] = [Math.floor(top / STRIP_PX), Math.floor(bottom / STRIP_PX)];
  return Array.from({ length: last - first + 1 }, (_, index) => first + index);
}

/** Return the box of an element on the screen; null if it is not rendered. */
function boxOf(part, selector) {
  const box = part.querySelector(selector)?.getBoundingClientRect();
  return box?.width ? box : null;
}

function overlap(one, other) {
  return (
    one.left < other.right + GAP_PX &&
    other.left < one.right + GAP_PX &&
    one.top < other.bottom &&
    other.top < one.bottom
  );
}
