// A Plotly chart on the page as files. Plotly has drawn it as SVG, several layers over one another;
// for paper the colours of the dark palette are exchanged for those of the light one.

import { THEME } from "../theme.js";

const PASSING = ".hoverlayer, .draglayer, .zoomlayer, .modebar-container, .infolayer > .g-notifier";

/** Every chart that is drawn, in the order of the page. */
export function chartsOf(root) {
  return [...root.querySelectorAll(".js-plotly-plot")].filter((one) => one.querySelector(".main-svg"));
}

export function chartSvg(chart, { paper, background }) {
  const layers = [...chart.querySelectorAll(".main-svg")].map((layer) => {
    const copy = layer.cloneNode(true);
    keepWidths(layer, copy);
    for (const one of copy.querySelectorAll(PASSING)) one.remove();
    for (const one of [copy, ...copy.querySelectorAll("*")]) {
      one.removeAttribute("class");
      one.style.cursor = one.style.pointerEvents = "";
    }
    copy.style.background = "";
    return copy;
  });
  const [width, height] = ["width", "height"].map((name) => Number(layers[0].getAttribute(name)));
  const root = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  for (const [name, value] of Object.entries({ width, height, viewBox: `0 0 ${width} ${height}` })) {
    root.setAttribute(name, value);
  }
  const ground = document.createElementNS(root.namespaceURI, "rect");
  ground.setAttribute("width", width);
  ground.setAttribute("height", height);
  ground.setAttribute("fill", paper ? THEME.light.background : background);
  root.append(ground, ...layers);
  const text = new XMLSerializer().serializeToString(root);
  return paper ? inLight(text) : text;
}

/** A text keeps its width where the page's own font is missing: a legend's entries stay apart. */
function keepWidths(layer, copy) {
  const copies = copy.querySelectorAll("text");
  layer.querySelectorAll("text").forEach((text, i) => {
    const width = text.querySelector("tspan") ? 0 : text.getComputedTextLength();
    if (width <= 0) return;
    copies[i].setAttribute("textLength", width.toFixed(2));
    copies[i].setAttribute("lengthAdjust", "spacingAndGlyphs");
  });
}

/** Each colour of the dark palette becomes that of the same role. */
function inLight(text) {
  const roles = ["text", "muted", "line", "neutral", "on_neutral", "background", "looks", "looked"];
  const pairs = [...roles.map((role) => [THEME.dark[role], THEME.light[role]]),
    ...THEME.dark.kv.map((colour, i) => [colour, THEME.light.kv[i]]),
    ...THEME.dark.scale.map((colour, i) => [colour, THEME.light.scale[i]])];
  const light = new Map(pairs.map(([from, to]) => [channels(from).join(), channels(to)]));
  return text.replace(/rgb\((\d+), (\d+), (\d+)\)/g, (whole, ...rgb) => {
    const to = light.get(rgb.slice(0, 3).join());
    return to ? `rgb(${to.join(", ")})` : whole;
  });
}

function channels(hex) {
  return [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16));
}

/** A row for each point, with the names of its panel and its line. */
export function chartRows(chart) {
  const points = (chart.data ?? []).flatMap((line) => {
    const [x, y] = [Array.from(line.x ?? []), Array.from(line.y ?? [])];
    return y.map((value, i) => [line.xaxis ?? "x", line.name ?? "", x[i] ?? i, value]);
  });
  return [["panel", "line", "x", "y"], ...points];
}
