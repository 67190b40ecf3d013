// One value, with the chart of the last minute below it.

const HEIGHT_PX = 92;
const AXIS_PX = 52;
const LABELS_PX = 22;
const TICK_FONT = '11px "Inter", "Segoe UI", system-ui, sans-serif';
const EMPTY_MAX = { rate: 1, duration: 10, size: 1e6, percent: 1, number: 1 };

const short = new Intl.NumberFormat("en", { maximumSignificantDigits: 3, notation: "compact" });
const clock = new Intl.DateTimeFormat("en-GB", { timeStyle: "medium", timeZone: "UTC" });

/** Format a value for the axis. */
function tick(value, unit) {
  if (unit === "size") return value >= 1e9 ? `${short.format(value / 1e9)} GB` : `${short.format(value / 1e6)} MB`;
  if (unit === "duration") return value >= 1000 ? `${short.format(value / 1000)} s` : `${short.format(value)} ms`;
  if (unit === "percent") return `${short.format(value)} %`;
  return short.format(value);
}

export class LiveChart {
  #figure;
  #container;
  #measure;
  #unit;
  #plot;
  #title;

  constructor(figure) {
    this.#figure = figure;
    this.#container = figure.querySelector(".live-chart");
    this.#measure = figure.dataset.measure;
    this.#unit = figure.dataset.unit;
    this.#title = figure.querySelector(".live-title").textContent;
    this.#plot = new uPlot(this.#options(), [[], []], this.#container);
    new ResizeObserver(() => this.#resize()).observe(this.#container);
  }

  /** Show an event of the stream. */
  show(view) {
    const { number, unit } = view.values[this.#measure];
    this.#figure.querySelector('[data-value="number"]').textContent = number;
    this.#figure.querySelector('[data-value="unit"]').textContent = unit;
    const series = view.series[this.#measure];
    const times = series.map((_, index) => view.second - series.length + 1 + index);
    this.#plot.setData([times, series]);
    this.#container.setAttribute("aria-label", `${this.#title}, the last minute: now ${number} ${unit}`);
  }

  /** Redraw in the colours of the current theme. */
  redraw() {
    this.#plot.redraw(false, true);
  }

  #resize() {
    const width = this.#container.clientWidth;
    if (width) this.#plot.setSize({ width, height: HEIGHT_PX });
  }

  #options() {
    const unit = this.#unit;
    const line = () => getComputedStyle(this.#container).color;
    const text = () => getComputedStyle(this.#figure.querySelector(".live-title")).color;
    const border = () => getComputedStyle(this.#figure.closest(".card")).borderTopColor;
    const area = () => `color-mix(in srgb, ${line()} 10%, transparent)`;
    const axis = { stroke: text, font: TICK_FONT, ticks: { show: false }, gap: 4 };
    return {
      width: this.#container.clientWidth || 320,
      height: HEIGHT_PX,
      padding: [6, 26, 0, 0],
      cursor: { show: false },
      legend: { show: false },
      scales: {
        x: { time: true },
        y: { range: (_, __, largest) => [0, largest > 0 ? largest * 1.1 : EMPTY_MAX[unit]] },
      },
      axes: [
        {
          ...axis,
          size: LABELS_PX,
          space: 80,
          grid: { show: false },
          incrs: [15, 30],
          values: (_, splits) => splits.map((second) => clock.format(second * 1000)),
        },
        {
          ...axis,
          size: AXIS_PX,
          space: 26,
          grid: { stroke: border, width: 1, dash: [2, 3] },
          values: (_, splits) => splits.map((value) => this.#label(value)),
        },
      ],
      series: [{}, { stroke: line, fill: area, width: 1.6, spanGaps: unit === "duration", points: { show: false } }],
    };
  }

  /** Return the label of a tick; a chart without values has a zero line and no other labels. */
  #label(value) {
    const values = this.#plot?.data[1] ?? [];
    return value && !values.some((known) => known) ? "" : tick(value, this.#unit);
  }
}
