// Dragging over the histogram selects a range of durations: the form below it is filled in and submitted.

const area = document.getElementById("histogram");
const chart = area?.querySelector("svg[data-shortest-us]");

if (chart) {
  const bars = [...chart.querySelectorAll(".strip")];
  const shortest = Math.max(1, Number(chart.dataset.shortestUs));
  const longest = Number(chart.dataset.longestUs);
  const brush = document.createElementNS("http://www.w3.org/2000/svg", "rect");
  brush.setAttribute("class", "brush");
  brush.setAttribute("pointer-events", "none");
  let start = null;

  const fractionAt = (event) => {
    const box = chart.getBoundingClientRect();
    return Math.min(1, Math.max(0, (event.clientX - box.left) / box.width));
  };
  const milliseconds = (fraction) => Number((shortest * (longest / shortest) ** fraction) / 1000).toPrecision(6);

  function show(from, to) {
    const { y, height } = bars[0].getBBox();
    brush.setAttribute("x", `${100 * Math.min(from, to)}%`);
    brush.setAttribute("width", `${100 * Math.abs(to - from)}%`);
    brush.setAttribute("y", y);
    brush.setAttribute("height", height);
    chart.append(brush);
  }

  chart.addEventListener("pointerdown", (event) => {
    if (event.button) return;
    start = fractionAt(event);
    chart.setPointerCapture(event.pointerId);
    event.preventDefault();
  });
  chart.addEventListener("pointermove", (event) => {
    if (start !== null) show(start, fractionAt(event));
  });
  chart.addEventListener("pointercancel", () => {
    start = null;
    brush.remove();
  });
  chart.addEventListener("pointerup", (event) => {
    if (start === null) return;
    const [from, to] = [start, fractionAt(event)].sort((one, other) => one - other);
    start = null;
    if (to - from < 0.01) {
      brush.remove();
      return;
    }
    const form = document.getElementById("duration-range");
    form.elements.shortest_ms.value = Number(milliseconds(from));
    form.elements.longest_ms.value = Number(milliseconds(to));
    form.requestSubmit();
  });
}
