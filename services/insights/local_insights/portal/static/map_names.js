// Words on a map that is looked at from afar: where two would cover each other, the one that matters less is left out
// until it is pointed at.

const RANKS = [".selected", ".node-error", ".edge-label", ".node-warning", ".node"];
const FIRST_BESIDE_DISCS = RANKS.indexOf(".node-warning");
const GAP_PX = 2;
const STRIP_PX = 16;

/** Mark with the class `crowded` what there is no room for. */
export function leaveRoom(svg) {
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
    if (words.cover(part, word) || (rank >= FIRST_BESIDE_DISCS && discs.cover(part, word))) part.classList.add("crowded");
    else words.add(part, word);
  }
}

/** Boxes of parts, kept by the strips of the screen that they reach into: of a thousand a few are near. */
class Boxes {
  #strips = new Map();

  add(part, box) {
    for (const strip of stripsOf(box)) {
      if (!this.#strips.has(strip)) this.#strips.set(strip, []);
      this.#strips.get(strip).push({ part, box });
    }
  }

  /** Whether one of them, of another part, covers a box. */
  cover(part, box) {
    const near = stripsOf(box).flatMap((strip) => this.#strips.get(strip) ?? []);
    return near.some((other) => other.part !== part && overlap(box, other.box));
  }
}

function stripsOf({ top, bottom }) {
  const [first, last] = [Math.floor(top / STRIP_PX), Math.floor(bottom / STRIP_PX)];
  return Array.from({ length: last - first + 1 }, (_, index) => first + index);
}

/** Where a part of the drawing stands on the screen; null when it is not drawn. */
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
