// Lines between tokens of the sentence: above it to what a token looks at, below it to the tokens
// that look at it; between lines of a wrapped sentence from edge to edge.

import { largest } from "./decode.js";
import { svg } from "./dom.js";

const MOST = 40; // lines each way: more only smudge
const FAINTEST = 0.02; // of the largest weight

export function drawLines({ lines, group, buttons }, { scene, palette }, token, row, column) {
  const width = group.offsetWidth;
  const height = group.offsetHeight;
  lines.setAttribute("width", width);
  lines.setAttribute("height", height);
  const from = boxOf(buttons[token]);
  const strong = (pairs) => largest(pairs, MOST, scene.scale * FAINTEST).reverse();
  const draw = (pairs, colour, above) => pairs.map(([i, weight]) =>
    line(from, boxOf(buttons[i]), above, { colour, share: weight / scene.scale, width, height }));
  lines.replaceChildren(
    ...draw(strong(column), palette.looked, false),
    ...draw(strong(row), palette.looks, true),
  );
}

/** A sentence of several lines has its lines in between: it needs less room above and below. */
export function fitLines({ group, buttons }) {
  const room = group.parentElement;
  room.classList.remove("hc-wrapped");
  const wrapped = buttons.some((button) => button.offsetTop !== buttons[0].offsetTop);
  room.classList.toggle("hc-wrapped", wrapped);
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
    "stroke-width": 1 + 5 * share,
    "stroke-opacity": 0.25 + 0.75 * Math.sqrt(share),
  });
}

function pathBetween(from, to, above, height) {
  if (from.x === to.x && from.top === to.top) return loop(from);
  return from.top === to.top ? arc(from, to, above, height) : acrossLines(from, to);
}

/** What a token gives itself. */
function loop({ x, top }) {
  return `M${x - 5} ${top}C${x - 14} ${top - 20} ${x + 14} ${top - 20} ${x + 5} ${top}`;
}

function arc(from, to, above, height) {
  const reach = 8 + Math.abs(to.x - from.x) * 0.22;
  const start = above ? from.top : from.low;
  // A cubic with both handles at `far` rises three quarters of the way there.
  const room = above ? start : height - start;
  const far = start + (above ? -1 : 1) * Math.min(reach, room * 1.25);
  return `M${from.x} ${start}C${from.x} ${far} ${to.x} ${far} ${to.x} ${start}`;
}

function acrossLines(from, to) {
  const down = to.top > from.top;
  const [start, end] = down ? [from.low, to.top] : [from.top, to.low];
  const bend = Math.max(14, Math.abs(end - start) / 2) * (down ? 1 : -1);
  return `M${from.x} ${start}C${from.x} ${start + bend} ${to.x} ${end - bend} ${to.x} ${end}`;
}
