// Lines between tokens of the sentence: above it to what a token looks at, below it to the tokens
// that look at it; between lines of a wrapped sentence from edge to edge.

import { largest } from "./decode.js";
import { svg } from "./dom.js";

const THICKEST = 6; // pixels
const MOST = 40; // lines each way: more only smudge
const STROKES = ["", "9 7", "2 7", "14 6 2 6"]; // of the first chosen token, the second, …
const FAINTEST = 0.02; // of the largest weight

/**
 * `boxes` and `height` come from `fitLines`: asking the page anew makes it lay out twice. A token
 * that does not stand here has no box, and no line.
 */
export function drawLines({ lines, ...places }, view, chosen) {
  lines.replaceChildren(...linesOfAll(places, view, chosen));
}

/** Of each chosen token, [token, pairs], the lines in a stroke of its own. */
export function linesOfAll(places, view, chosen) {
  return chosen.flatMap(([token, { row, column }], i) => {
    const lines = linesBetween(places, view, token, row, column);
    const dashes = STROKES[i % STROKES.length];
    if (dashes) for (const each of lines) each.setAttribute("stroke-dasharray", dashes);
    return lines;
  });
}

/** Faint lines first, so that strong ones lie over them. */
function linesBetween({ boxes, height }, { scene, palette }, token, row, column) {
  const here = (pairs) => (boxes[token] ? pairs.filter(([i]) => boxes[i]) : []);
  const strong = (pairs) => largest(here(pairs), MOST, scene.scale * FAINTEST).reverse();
  const draw = (pairs, colour, above) => pairs.map(([i, weight]) =>
    line(boxes[token], boxes[i], above, { colour, share: weight / scene.scale, height }));
  return [
    ...draw(strong(column), palette.looked, false),
    ...draw(strong(row), palette.looks, true),
  ];
}

/** Where the tokens stand. Several lines have arcs in between and need less room at the edges. */
export function fitLines(sentence) {
  const { group, buttons, lines } = sentence;
  const room = group.parentElement;
  room.classList.remove("hc-wrapped");
  const wrapped = buttons.some((button) => button.offsetTop !== buttons[0].offsetTop);
  room.classList.toggle("hc-wrapped", wrapped);
  sentence.boxes = [];
  buttons.forEach((button, i) => { sentence.boxes[sentence.first + i] = boxOf(button); });
  sentence.height = group.offsetHeight;
  lines.setAttribute("width", group.offsetWidth);
  lines.setAttribute("height", sentence.height);
}

function boxOf(button) {
  const [x, top] = [button.offsetLeft + button.offsetWidth / 2, button.offsetTop];
  return { x, top, low: top + button.offsetHeight };
}

function line(from, to, above, { colour, share, height }) {
  return svg("path", {
    d: pathBetween(from, to, above, height),
    fill: "none",
    stroke: colour,
    "stroke-linecap": "round",
    "stroke-width": 1 + (THICKEST - 1) * share,
    "stroke-opacity": 0.25 + 0.75 * Math.sqrt(share),
  });
}

function pathBetween(from, to, above, height) {
  if (from.x === to.x && from.top === to.top) return loop(from);
  return from.top === to.top ? arc(from, to, above, height) : acrossLines(from, to);
}

/** What a token gives itself. */
function loop({ x, top }) {
  const far = top - Math.min(20, ((top - THICKEST / 2) * 4) / 3);
  return `M${x - 5} ${top}C${x - 14} ${far} ${x + 14} ${far} ${x + 5} ${top}`;
}

function arc(from, to, above, height) {
  const reach = 8 + Math.abs(to.x - from.x) * 0.22;
  const start = above ? from.top : from.low;
  // A cubic with both handles at `far` rises three quarters of the way there.
  const room = (above ? start : height - start) - THICKEST / 2;
  const far = start + (above ? -1 : 1) * Math.min(reach, (room * 4) / 3);
  return `M${from.x} ${start}C${from.x} ${far} ${to.x} ${far} ${to.x} ${start}`;
}

function acrossLines(from, to) {
  const down = to.top > from.top;
  const [start, end] = down ? [from.low, to.top] : [from.top, to.low];
  const bend = Math.max(14, Math.abs(end - start) / 2) * (down ? 1 : -1);
  return `M${from.x} ${start}C${from.x} ${start + bend} ${to.x} ${end - bend} ${to.x} ${end}`;
}
