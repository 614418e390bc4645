// The cross-hair of the large heatmap: the weight under the pointer or the arrow keys, in words.

import { axisName, columnLabel, rowLabel } from "./axes.js";
import { svg } from "./dom.js";
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
      if (state.cell && Math.max(...state.cell) >= view.scene.n) state.cell = null;
      field.setAttribute("aria-label", heat.canvas.getAttribute("aria-label"));
      drawCursor(heat, state, view);
    },
  };
}

function drawCursor({ overlay, plan, says, painted }, { cell }, view) {
  const { scene, words, token } = view;
  const [query, key] = cell ?? [token, null];
  overlay.replaceChildren(...crossHair(plan, view, query, key));
  const hint = painted > 1 ? fill(words.heat_pooled, { n: painted }) : words.heat_hint;
  const sentence = cell ? cellSentence(view, query, key) : hint;
  if (says.textContent !== sentence) says.textContent = sentence;
  says.classList.toggle("hc-quiet", !cell);
  overlay.dataset.cell = cell ? `${query},${key}` : "";
}

/** The row that looks and the column looked at, with both tokens named at the edges. */
function crossHair({ left, top, size, cell }, { scene, palette }, query, key) {
  const label = (index) => axisName(scene, index);
  const band = (x, y, width, height) =>
    svg("rect", { x, y, width, height, fill: "none", class: "hc-cross" });
  const thick = Math.max(cell, 3);
  const at = (index) => (index + 0.5) * cell - thick / 2;
  const parts = [
    band(left, top + at(query), size, thick),
    backed(rowLabel(label(query), left, top + (query + 0.5) * cell, palette.text),
      { x: 0, y: top + (query + 0.5) * cell - 8, width: left - 2, height: 16 }),
  ];
  if (key !== null) {
    const middle = left + (key + 0.5) * cell;
    parts.push(
      band(left + at(key), top, thick, size),
      backed(columnLabel(label(key), middle, top, palette.text),
        { x: middle - 8, y: 0, width: 16, height: top - 2 }),
      svg("rect", { x: left + at(key), y: top + at(query), width: thick, height: thick,
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
    const [i, j] = [blockOf(query, pool, scene.n), blockOf(key, pool, scene.n)];
    const ahead = scene.causal && Math.floor(key / pool) > Math.floor(query / pool);
    return fill(ahead ? words.heat_block_masked : words.heat_block, { i, j, percent });
  }
  const values = {
    from: mentioned(scene.tokens[query]), i: query, to: mentioned(scene.tokens[key]), j: key,
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
    const { left, top, cell, size } = heat.plan;
    const box = field.getBoundingClientRect();
    const { zoom } = view;
    const x = (event.clientX - box.left) / zoom - left;
    const y = (event.clientY - box.top) / zoom - top;
    if (x < 0 || y < 0 || x >= size || y >= size) return null;
    const last = view.scene.n - 1;
    const tokenAt = (place) => Math.min(last, Math.floor(place / cell));
    const under = (place) => [tokenAt(Math.floor(place)), tokenAt(Math.floor(place) + 0.999)];
    const found = [tokenAt(y), tokenAt(x)];
    return cell < 1 ? strongestIn(view, found, under(y), under(x)) : found;
  };
  field.addEventListener("pointermove", (event) => show(cellAt(event)));
  field.addEventListener("pointerleave", () => show(null));
  field.addEventListener("blur", () => show(null));
  field.addEventListener("click", (event) => {
    const cell = cellAt(event);
    show(cell); // a finger does not hover
    if (cell) view.chooseToken(cell[0]);
  });
  field.addEventListener("keydown", (event) => moveCursor(event, state, view, show));
}

const MOVES = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };

function moveCursor(event, state, view, show) {
  const start = state.cell ?? [view.token, view.token];
  if (event.key === "Enter") view.chooseToken(start[0]);
  else if (event.key === "Escape") show(null);
  else if (MOVES[event.key]) {
    const inside = (i) => Math.max(0, Math.min(view.scene.n - 1, i));
    const [down, right] = MOVES[event.key];
    show(state.cell ? [inside(start[0] + down), inside(start[1] + right)] : start);
  } else return;
  event.preventDefault();
  event.stopPropagation();
}
