// Words on a map that is looked at from afar: where two would cover each other, the one that matters less is left out
// until it is pointed at.

const RANKS = [".selected", ".node-error", ".edge-label", ".node-warning", ".node"];
const FIRST_BESIDE_DISCS = RANKS.indexOf(".node-warning");
const GAP_PX = 2;

/** Mark with the class `crowded` what there is no room for. */
export function leaveRoom(svg) {
  const parts = [...svg.querySelectorAll(".node, .edge-label")];
  for (const part of parts) part.classList.remove("crowded");
  const discs = parts.map((part) => ({ part, box: boxOf(part, ".node-disc") }));
  const placed = [];
  const ranked = parts
    .map((part) => ({ part, box: boxOf(part, ".node-name, .label-short"), rank: RANKS.findIndex((rank) => part.matches(rank)) }))
    .filter(({ box }) => box)
    .sort((one, other) => one.rank - other.rank);
  for (const { part, box, rank } of ranked) {
    const inTheWay = rank < FIRST_BESIDE_DISCS ? placed : placed.concat(discs);
    if (inTheWay.some((other) => other.part !== part && cover(box, other.box))) part.classList.add("crowded");
    else placed.push({ part, box });
  }
}

/** Where a part of the drawing stands on the screen; null when it is not drawn. */
function boxOf(part, selector) {
  const box = part.querySelector(selector)?.getBoundingClientRect();
  return box?.width ? box : null;
}

function cover(one, other) {
  return (
    other !== null &&
    one.left < other.right + GAP_PX &&
    other.left < one.right + GAP_PX &&
    one.top < other.bottom &&
    other.top < one.bottom
  );
}
