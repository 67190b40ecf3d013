// Keyboard control and highlighting of the map: it is one Tab stop, arrow keys move between nodes, and hovering a node dims
// everything that is not connected with it.

const DIRECTIONS = {
  ArrowRight: { x: 1, y: 0 },
  ArrowLeft: { x: -1, y: 0 },
  ArrowDown: { x: 0, y: 1 },
  ArrowUp: { x: 0, y: -1 },
};
const ZOOMS = { "+": "in", "=": "in", "-": "out", "\u2212": "out", 0: "fit" };
const MIN_COSINE = 0.35;

export class MapKeys {
  #view;
  #current = null;
  #highlighted = null;

  constructor(view) {
    this.#view = view;
    document.addEventListener("focusin", (event) => {
      const node = this.#nodeAt(event.target);
      if (node) this.#makeCurrent(node);
    });
    document.addEventListener("pointerover", (event) => this.#highlight(this.#nodeAt(event.target)?.dataset.node ?? null));
  }

  /** Attach to the current drawing of the page. */
  adopt() {
    const entry = this.node(this.#current) ?? document.querySelector(".stage .node.selected") ?? this.#nodes()[0];
    if (entry) this.#makeCurrent(entry);
    this.#mark();
  }

  /** Return the element of a node id; null if the node is not on the map. */
  node(id) {
    return id === null ? null : document.querySelector(`.stage .node[data-node="${CSS.escape(id)}"]`);
  }

  /** Focus a node. */
  focus(id) {
    const node = this.node(id);
    if (!node) return;
    this.#makeCurrent(node);
    node.focus({ preventScroll: true });
    this.#view.reveal(node);
  }

  /** Handle a key event; return true if the key has a function. */
  handle(event) {
    if (!document.querySelector(".stage > svg")) return false;
    if (event.key in ZOOMS) {
      this.#view.zoom(ZOOMS[event.key]);
      return true;
    }
    const direction = DIRECTIONS[event.key];
    if (!direction || event.target.closest("#panel, .toolbar, .header, .navigation")) return false;
    if (event.shiftKey) {
      this.#view.pan(direction.x, direction.y);
      return true;
    }
    const from = this.#nodeAt(event.target);
    if (!from) return false;
    const next = this.#nearest(from, direction);
    if (next) this.focus(next.dataset.node);
    return true;
  }

  #nodes() {
    return [...document.querySelectorAll(".stage .node")];
  }

  #edges() {
    return [...document.querySelectorAll(".stage .edge, .stage .edge-label")];
  }

  #nodeAt(target) {
    return target instanceof Element ? target.closest(".stage .node") : null;
  }

  #neighbours(id) {
    const ends = this.#edges().flatMap(({ dataset }) =>
      dataset.source === id ? [dataset.target] : dataset.target === id ? [dataset.source] : [],
    );
    return new Set(ends);
  }

  /** Return the nearest node in a direction; connected nodes take precedence. */
  #nearest(from, direction) {
    const connected = this.#neighbours(from.dataset.node);
    const candidates = this.#nodes().flatMap((node) => {
      const right = node.dataset.x - from.dataset.x;
      const down = node.dataset.y - from.dataset.y;
      const distance = Math.hypot(right, down);
      const along = (right * direction.x + down * direction.y) / distance;
      if (!distance || along < MIN_COSINE) return [];
      return [{ node, connected: connected.has(node.dataset.node), effort: distance * (2 - along) }];
    });
    candidates.sort((a, b) => b.connected - a.connected || a.effort - b.effort);
    return candidates[0]?.node;
  }

  /** Make one node the only Tab stop. */
  #makeCurrent(current) {
    this.#current = current.dataset.node;
    for (const node of this.#nodes()) node.setAttribute("tabindex", node === current ? "0" : "-1");
  }

  #highlight(id) {
    if (id === this.#highlighted) return;
    this.#highlighted = id;
    this.#mark();
  }

  #mark() {
    const id = this.#highlighted;
    document.documentElement.classList.toggle("highlighting", id !== null && this.node(id) !== null);
    if (id === null) return;
    const near = this.#neighbours(id).add(id);
    for (const node of this.#nodes()) node.classList.toggle("near", near.has(node.dataset.node));
    for (const edge of this.#edges()) {
      edge.classList.toggle("near", edge.dataset.source === id || edge.dataset.target === id);
    }
  }
}
