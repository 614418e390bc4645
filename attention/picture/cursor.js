// The cross-hair of the large heatmap: the weight under the pointer or the arrow keys, in words.

import { axisName, columnLabel, rowLabel } from "./axes.js";
import { svg } from "./dom.js";
import { chosenOf, toggled } from "./several.js";
import { blockOf, fill, mentioned, standsFor } from "./text.js";

export function createCursor(heat) {
  const { field, says } = heat;
  field.tabIndex = 0;
  field.setAttribute("role", "application");
  says.setAttribute("aria-live", "polite");
  const state = { cell: null };
  return {
    listen: (view) => listenToCursor(heat, state, view),
    draw(view) {
      const [query, key] = state.cell ?? [0, 0];
      if (query >= view.scene.n || key >= view.scene.m) state.cell = null;
      field.setAttribute("aria-label", heat.canvas.getAttribute("aria-label"));
      drawCursor(heat, state, view);
    },
  };
}

function drawCursor({ overlay, plan, says, painted }, { cell }, view) {
  const { scene, words, token } = view;
  const [query, key] = cell ?? [token, null];
  const others = cell ? [] : view.also.map((row) => crossHair(plan, view, row, null));
  overlay.replaceChildren(...others.flat(), ...crossHair(plan, view, query, key));
  const hint = painted > 1 ? fill(words.heat_pooled, { n: painted }) : words.heat_hint;
  const sentence = cell ? cellSentence(view, query, key) : hint;
  if (says.textContent !== sentence) says.textContent = sentence;
  says.classList.toggle("hc-quiet", !cell);
  overlay.dataset.cell = cell ? `${query},${key}` : "";
}

const NAME = 16; // px that a name takes along its edge
const TOUCHED = 12.5; // px from its middle to that of a number of which it would hide a part

/** Where a name stands along an edge, together with the numbers there that it would cut into. */
function roomAt(place, count, start, cell, step) {
  const before = Math.floor(place / step) * step;
  const numbers = step === 1 ? [] : [before, before + step].filter((number) => number < count);
  const away = [0, ...numbers.map((number) => (number - place) * cell)]
    .filter((px) => Math.abs(px) < TOUCHED);
  const [first, last] = [Math.min(...away), Math.max(...away)];
  return [start + (place + 0.5) * cell + first - NAME / 2, NAME + last - first];
}

/** The row that looks and the column looked at, with both tokens named at the edges. */
function crossHair({ left, top, size, high, wide, step }, { scene, palette }, query, key) {
  const band = (x, y, width, height) =>
    svg("rect", { x, y, width, height, fill: "none", class: "hc-cross" });
  const [low, broad] = [Math.max(high, 3), Math.max(wide, 3)];
  const across = top + (query + 0.5) * high;
  const [y, height] = roomAt(query, scene.n, top, high, step);
  const parts = [
    band(left, across - low / 2, size, low),
    backed(rowLabel(axisName(scene, query), left, across, palette.text),
      { x: 0, y, width: left - 2, height }),
  ];
  if (key !== null) {
    const middle = left + (key + 0.5) * wide;
    const [x, width] = roomAt(key, scene.m, left, wide, step);
    parts.push(
      band(middle - broad / 2, top, broad, size),
      backed(columnLabel(axisName(scene.keys, key), middle, top, palette.text),
        { x, y: 0, width, height: top - 2 }),
      svg("rect", { x: middle - broad / 2, y: across - low / 2, width: broad, height: low,
        fill: "none", class: "hc-cross hc-cross-cell" }),
    );
  }
  return parts.flat();
}

function backed(text, box) {
  text.classList.add("hc-strong");
  return [svg("rect", { ...box, class: "hc-backing" }), text];
}

function cellSentence({ scene, words, weights, formats }, query, key) {
  const { pool, exact } = weights;
  const percent = formats.percent(weights.at(query, key), exact);
  if (pool > 1) {
    const [i, j] = [blockOf(query, pool, scene.n), blockOf(key, pool, scene.m)];
    const ahead = scene.causal && Math.floor(key / pool) > Math.floor(query / pool);
    return fill(ahead ? words.heat_block_masked : words.heat_block, { i, j, percent });
  }
  const values = {
    from: mentioned(scene.tokens[query]), i: query, to: mentioned(scene.keys.tokens[key]), j: key,
  };
  if (scene.causal && key > query) return fill(words.heat_masked, values);
  const sentence = fill(words.heat_cell, { ...values, percent });
  const standing = [...new Set([query, key])].map((i) => standsFor(scene, words, i));
  return [sentence, ...standing.filter(Boolean)].join("; ");
}

/** The strongest weight of the pixel under the pointer, where it stands for several. */
function strongestIn({ weights, scene }, cell, rows, columns) {
  let best = cell;
  const step = weights.pool;
  for (let query = rows[0]; query <= rows[1]; query += step) {
    for (let key = columns[0]; key <= columns[1]; key += step) {
      const ahead = scene.causal && key > query && best[1] <= best[0];
      if (!ahead && weights.at(query, key) > weights.at(...best)) best = [query, key];
    }
  }
  return best;
}

function listenToCursor(heat, state, view) {
  const { field } = heat;
  const show = (cell) => {
    if (String(state.cell) === String(cell)) return;
    state.cell = cell;
    drawCursor(heat, state, view);
  };
  const cellAt = (event) => {
    const { left, top, high, wide, cell, size } = heat.plan;
    const box = field.getBoundingClientRect();
    const { zoom } = view;
    const x = (event.clientX - box.left) / zoom - left;
    const y = (event.clientY - box.top) / zoom - top;
    if (x < 0 || y < 0 || x >= size || y >= size) return null;
    const { n, m } = view.scene;
    const row = (place) => Math.min(n - 1, Math.floor(place / high));
    const column = (place) => Math.min(m - 1, Math.floor(place / wide));
    const under = (at, place) => [at(Math.floor(place)), at(Math.floor(place) + 0.999)];
    const found = [row(y), column(x)];
    return cell < 1 ? strongestIn(view, found, under(row, y), under(column, x)) : found;
  };
  field.addEventListener("pointermove", (event) => show(cellAt(event)));
  field.addEventListener("pointerleave", () => show(null));
  field.addEventListener("blur", () => show(null));
  field.addEventListener("click", (event) => {
    const cell = cellAt(event);
    show(cell); // a finger does not hover
    if (!cell) return;
    if (event.ctrlKey || event.metaKey) view.chooseTokens(toggled(chosenOf(view), cell[0]));
    else view.chooseToken(cell[0]);
  });
  field.addEventListener("keydown", (event) => moveCursor(event, state, view, show));
}

const MOVES = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };

function moveCursor(event, state, view, show) {
  const { n, m } = view.scene;
  const start = state.cell ?? [view.token, Math.min(view.token, m - 1)];
  if (event.key === "Enter") view.chooseToken(start[0]);
  else if (event.key === "Escape") show(null);
  else if (MOVES[event.key]) {
    const inside = (i, count) => Math.max(0, Math.min(count - 1, i));
    const [down, right] = MOVES[event.key];
    show(state.cell ? [inside(start[0] + down, n), inside(start[1] + right, m)] : start);
  } else return;
  event.preventDefault();
  event.stopPropagation();
}
