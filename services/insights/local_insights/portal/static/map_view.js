// Pan and zoom of the map: what part of the drawing the stage shows.

import { leaveRoom } from "./map_names.js";

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
  #roomAt = 0;
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

  /** Take the drawing that is on the page now; what was looked at stays in view. */
  adopt() {
    const svg = document.querySelector(".stage > svg");
    this.#resizes.disconnect();
    this.#svg = svg;
    this.#roomAt = 0;
    if (!svg) return;
    const [x, y, width, height] = svg.getAttribute("viewBox").split(/[ ,]+/).map(Number);
    this.#extent = { x, y, width, height };
    this.#resizes.observe(svg.parentElement);
    this.#show();
  }

  /** "in", "out", or "fit". */
  zoom(how) {
    if (how === "fit") this.#fitted = true;
    else this.#zoomBy(how === "in" ? STEP : 1 / STEP);
    this.#show();
  }

  /** Move the view by so many steps of the keyboard. */
  pan(right, down) {
    this.#fitted = false;
    this.#centre.x += (right * PAN_PX) / this.#scale;
    this.#centre.y += (down * PAN_PX) / this.#scale;
    this.#show();
  }

  /** Bring an element of the drawing into view if it is not. */
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
      // At a small zoom the names are wider than the drawing foresaw, and wider yet once that is taken into account.
      for (let round = 0; round < FIT_ROUNDS && this.#scale < DETAILS_FROM; round += 1) {
        this.#fit(this.#svg.getBBox(), clientWidth - MARGIN_PX, clientHeight - MARGIN_PX);
        this.#apply(clientWidth, clientHeight);
      }
    }
    this.#apply(clientWidth, clientHeight);
    if (this.#scale < DETAILS_FROM && this.#scale !== this.#roomAt) leaveRoom(this.#svg);
    this.#roomAt = this.#scale;
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

  /** Zoom, and keep the point of the stage that lies `x`, `y` pixels from its middle where it is. */
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
