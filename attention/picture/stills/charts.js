// The charts on the page as files: those of Plotly, which has drawn each as SVG, several layers over
// one another, and those that are laid out in HTML. For paper the colours of the dark palette are
// exchanged for those of the light one, in images (images.js), too.

import { THEME } from "../theme.js";
import { boxSvg } from "./boxes.js";
import { addressOf, paperImages } from "./images.js";

const PASSING = ".hoverlayer, .draglayer, .zoomlayer, .modebar-container, .infolayer > .g-notifier";

/**
 * Every chart that is drawn: `element`, its `title` where it has one in HTML, `rows` of its numbers,
 * and `svg({ paper, background })`. `printed`: it stands on paper as it is. Charts inside components
 * are told by whoever draws them to who asks by the event `hc-charts`, as `element`, `rows` and, where
 * it has them, `colours` of its own, pairs of each and the one for paper, and a `legend` (legend.js).
 */
export function chartsOf(root) {
  const told = [];
  document.dispatchEvent(new CustomEvent("hc-charts", { detail: told }));
  const inPage = [...root.querySelectorAll(".js-plotly-plot, [data-rows]")]
    .filter((one) => one.dataset.rows || one.querySelector(".main-svg"));
  return [
    ...inPage.map((one) => (one.dataset.rows
      ? { ...laidOut({ element: one, rows: () => JSON.parse(one.dataset.rows) }), printed: true,
        title: one.querySelector("h2").textContent } : ofPlotly(one))),
    ...told.map(laidOut),
  ];
}

function ofPlotly(element) {
  return { element, title: "", rows: () => numbersOf(element), svg: (look) => plotlySvg(element, look) };
}

function laidOut({ element, rows, colours = [], legend = [] }) {
  const svg = ({ paper, background }) => {
    const imageOf = paper ? paperImages(element) : addressOf;
    const text = boxSvg(element, background, { imageOf, legend });
    return paper ? inLight(text, element, colours) : text;
  };
  return { element, title: "", rows, svg };
}

function plotlySvg(chart, { paper, background }) {
  const layers = [...chart.querySelectorAll(".main-svg")].map((layer) => {
    const copy = layer.cloneNode(true);
    keepWidths(layer, copy);
    if (paper) exchangeImages(layer, copy, paperImages(chart));
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
  ground.setAttribute("fill", background);
  root.append(ground, ...layers);
  const text = new XMLSerializer().serializeToString(root);
  return paper ? inLight(text, chart) : text;
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

/** Those of `copy` are made anew from those of `layer`, which are loaded. */
function exchangeImages(layer, copy, imageOf) {
  const copies = copy.querySelectorAll("image");
  layer.querySelectorAll("image").forEach((image, i) => {
    const link = [...copies[i].attributes].find(({ localName }) => localName === "href");
    link.value = imageOf(image);
  });
}

/** Each colour of the dark palette becomes that of the same role, and the page's text the light one,
 * also where the machine's own colours are forced. */
function inLight(text, chart, own = []) {
  const roles = ["text", "muted", "line", "neutral", "on_neutral", "background", "looks", "looked"];
  const pairs = [...own, ...roles.map((role) => [THEME.dark[role], THEME.light[role]]),
    ...THEME.dark.kv.map((colour, i) => [colour, THEME.light.kv[i]]),
    ...THEME.dark.scale.map((colour, i) => [colour, THEME.light.scale[i]])];
  const light = new Map(pairs.map(([from, to]) => [channels(from).join(), channels(to)]));
  light.set(getComputedStyle(chart).color.match(/\d+/g).join(), channels(THEME.light.text));
  return text.replace(/rgb\((\d+), (\d+), (\d+)\)|#[\da-f]{6}\b/g, (whole, ...rgb) => {
    const to = light.get(rgb[0] ? rgb.slice(0, 3).join() : channels(whole).join());
    return to ? `rgb(${to.join(", ")})` : whole;
  });
}

function channels(hex) {
  return [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16));
}

/** A row for each point, with the names of its panel and its line; of a heatmap for each cell. What
 * Plotly has read counts: it may have been sent packed. */
function numbersOf(chart) {
  const lines = (chart._fullData ?? []).filter(({ opacity }) => opacity !== 0); // that are seen
  const heat = lines.some(({ z }) => z);
  const rows = lines.flatMap((line) => {
    const named = [line.xaxis ?? "x", plainText(chart.data[line.index]?.name ?? "")];
    if (heat) return cellsOf(chart, line).map((cell) => [...named, ...cell]);
    const [x, y] = [line.x, line.y].map((values) => Array.from(values ?? []));
    return y.map((value, i) => [...named, x[i] ?? i, value]);
  });
  return [["panel", "line", "x", "y", ...(heat ? ["z"] : [])], ...rows];
}

function cellsOf({ _fullLayout: { xaxis, yaxis } }, { z }) {
  const nameOf = ({ ticktext }, i) => (ticktext ? `${i} ${plainText(ticktext[i])}` : i);
  return Array.from(z).flatMap((row, i) =>
    Array.from(row, (value, j) => [nameOf(xaxis, j), nameOf(yaxis, i), value]));
}

/** Plotly is given text with its signs escaped. */
function plainText(text) {
  return new DOMParser().parseFromString(text, "text/html").documentElement.textContent;
}
