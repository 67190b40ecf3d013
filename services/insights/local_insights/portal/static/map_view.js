// Pan and zoom of the map: the visible part of the drawing.

import { hideOverlaps } from "./map_names.js";

const SMALLEST = 0.08;
const LARGEST = 4;
const LARGEST_FIT = 1.3;
const DETAILS_FROM = 0.62;
const DENSE_NAMES_FROM = 0.38;
const NAME_PX = 11.5;
const STEP = 1.25;
const PAN_PX = 60;
const MARGIN_PX = 24;
const FIT_ROUNDS = 2;
const CLICK_PX = 4;

export class MapView {
  dragging = false;
  dragged = false;
  #svg = null;
  #extent = null;
  #scale = 1;
  #centre = { x: 0, y: 0 };
  #fitted = true;
  #checkedScale = 0;
  #resizes = new ResizeObserver(() => this.#show());

  constructor() {
    document.addEventListener("click", (event) => {
      const button = event.target.closest("[data-zoom]");
      if (button) this.zoom(button.dataset.zoom);
    });
    document.addEventListener("wheel", (event) => this.#wheel(event), { passive: false });
    document.addEventListener("pointerdown", (event) => this.#startDrag(event));
  }

  get scale() {
    return this.#scale;
  }

  /** Attach to the current drawing of the page; pan and zoom stay the same. */
  adopt() {
    const svg = document.querySelector(".stage > svg");
    this.#resizes.disconnect();
    this.#svg = svg;
    this.#checkedScale = 0;
    if (!svg) return;
    const [x, y, width, height] = svg.getAttribute("viewBox").split(/[ ,]+/).map(Number);
    this.#extent = { x, y, width, height };
    this.#resizes.observe(svg.parentElement);
    this.#show();
  }

  /** Zoom "in", "out", or to "fit". */
  zoom(how) {
    if (how === "fit") this.#fitted = true;
    else this.#zoomBy(how === "in" ? STEP : 1 / STEP);
    this.#show();
  }

  /** Pan by a number of keyboard steps. */
  pan(right, down) {
    this.#fitted = false;
    this.#centre.x += (right * PAN_PX) / this.#scale;
    this.#centre.y += (down * PAN_PX) / this.#scale;
    this.#show();
  }

  /** Pan to an element of the drawing if it is not visible. */
  reveal(element) {
    if (!element || !this.#svg) return;
    const stage = this.#svg.parentElement.getBoundingClientRect();
    const box = element.getBoundingClientRect();
    const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
    if (x > stage.left && x < stage.right && y > stage.top && y < stage.bottom) return;
    this.#fitted = false;
    this.#centre.x += (x - (stage.left + stage.right) / 2) / this.#scale;
    this.#centre.y += (y - (stage.top + stage.bottom) / 2) / this.#scale;
    this.#show();
  }

  #show() {
    const { clientWidth, clientHeight } = this.#svg.parentElement;
    if (!clientWidth || !clientHeight) return;
    if (this.#fitted) {
      this.#fit(this.#extent, clientWidth, clientHeight);
      this.#apply(clientWidth, clientHeight);
      // At small zooms names are wider than in the drawing's viewBox, and each fit makes them wider again.
      for (let round = 0; round < FIT_ROUNDS && this.#scale < DETAILS_FROM; round += 1) {
        this.#fit(this.#svg.getBBox(), clientWidth - MARGIN_PX, clientHeight - MARGIN_PX);
        this.#apply(clientWidth, clientHeight);
      }
    }
    this.#apply(clientWidth, clientHeight);
    if (this.#scale < DETAILS_FROM && this.#scale !== this.#checkedScale) hideOverlaps(this.#svg);
    this.#checkedScale = this.#scale;
  }

  #fit({ x, y, width, height }, clientWidth, clientHeight) {
    this.#scale = Math.min(clientWidth / width, clientHeight / height, LARGEST_FIT);
    this.#centre = { x: x + width / 2, y: y + height / 2 };
  }

  #apply(clientWidth, clientHeight) {
    const [width, height] = [clientWidth / this.#scale, clientHeight / this.#scale];
    const corner = [this.#centre.x - width / 2, this.#centre.y - height / 2];
    this.#svg.setAttribute("viewBox", [...corner, width, height].map((value) => value.toFixed(2)).join(" "));
    document.documentElement.classList.toggle("far", this.#scale < DETAILS_FROM);
    document.documentElement.classList.toggle("farther", this.#scale < DENSE_NAMES_FROM);
    document.documentElement.style.setProperty("--name-size", `${NAME_PX / this.#scale}px`);
  }

  /** Zoom around the point that is `x`, `y` pixels from the centre of the stage. */
  #zoomBy(factor, x = 0, y = 0) {
    const scale = Math.min(LARGEST, Math.max(SMALLEST, this.#scale * factor));
    this.#centre.x += x / this.#scale - x / scale;
    this.#centre.y += y / this.#scale - y / scale;
    this.#scale = scale;
    this.#fitted = false;
  }

  #wheel(event) {
    if (!event.target.closest(".stage > svg")) return;
    event.preventDefault();
    const stage = this.#svg.parentElement.getBoundingClientRect();
    const pixels = event.deltaMode ? event.deltaY * 16 : event.deltaY;
    const fromMiddle = [event.clientX - stage.left - stage.width / 2, event.clientY - stage.top - stage.height / 2];
    this.#zoomBy(Math.exp(-pixels * (event.ctrlKey ? 0.01 : 0.0015)), ...fromMiddle);
    this.#show();
  }

  #startDrag(event) {
    this.dragged = false;
    if (event.button || !event.target.closest(".stage > svg")) return;
    const stage = this.#svg.parentElement;
    const start = { x: event.clientX, y: event.clientY, centre: { ...this.#centre } };
    const ended = new AbortController();
    this.dragging = true;
    const move = ({ clientX, clientY }) => {
      const [right, down] = [clientX - start.x, clientY - start.y];
      if (!this.dragged && Math.hypot(right, down) < CLICK_PX) return;
      this.dragged = true;
      this.#fitted = false;
      stage.classList.add("dragged");
      this.#centre = { x: start.centre.x - right / this.#scale, y: start.centre.y - down / this.#scale };
      this.#show();
    };
    const end = () => {
      this.dragging = false;
      stage.classList.remove("dragged");
      ended.abort();
    };
    addEventListener("pointermove", move, { signal: ended.signal });
    addEventListener("pointerup", end, { signal: ended.signal });
    addEventListener("pointercancel", end, { signal: ended.signal });
  }
}
