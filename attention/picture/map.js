// The map of the model: a cell for each layer and head, coloured by what that head did with the
// text. Arrow keys move over the cells and read them; Enter or a click opens one.

import { cssOf } from "./colours.js";
import { numberOf, rowsOf } from "./decode.js";
import { html, section, svg, whenChanged } from "./dom.js";
import { fill } from "./text.js";

export const NUMBERS_LEFT = 24; // room for the layers' numbers, at the left
export const NUMBERS_ABOVE = 15; // and for the heads' numbers, above
const NUMBER_ROOM = 13; // a number needs this many pixels along its axis
const WIDE_NUMBER = 19; // and one of two digits, where they stand side by side

export function createMap() {
  const part = section("map");
  const choice = html("select", "hc-measure");
  const high = html("span", "hc-mono");
  const scale = html("span", "hc-scale", html("span", "hc-mono", "0"), html("span", "hc-ramp"), high);
  const labels = svg("svg", { class: "hc-map-labels", "aria-hidden": "true" });
  const grid = html("div", "hc-cells");
  grid.setAttribute("role", "grid");
  const says = html("p", "hc-map-says");
  says.setAttribute("aria-live", "polite");
  const field = html("div", "hc-map-field", labels, grid);
  part.hint.remove();
  part.heading.append(choice, scale);
  part.body.append(field, says);
  const map = { part, choice, high, labels, grid, says, field, cells: [], at: null };
  const layOut = whenChanged((view) => layOutCells(map, view));
  const name = whenChanged((view) => nameMeasures(map, view));
  const colour = whenChanged((view) => colourCells(map, view));
  return {
    element: part.element,
    listen: (view) => listenToMap(map, view),
    draw(view) {
      if (!view.scene.map) return;
      const { palette, words, measure, plan, mapText } = view;
      layOut([plan.map], view);
      name([words, plan.map, mapText], view);
      colour([palette, words, measure, mapText, plan.map], view);
      markCell(map, view);
    },
  };
}

/**
 * Where the map stands, and its cells: beside the gallery where its heads are few, else below the
 * large heatmap; above the gallery on a phone. `room` is the height of the gallery, `alone` of the
 * map above it, or where nothing else is shown.
 */
export function planMap(map, columns, [galleryWidth, heatWidth], room, alone = 300) {
  if (!map) return { place: "none", key: "" };
  const heads = map.entropy.map((row) => row.length);
  const rows = rowsOf(map);
  const nHeads = Math.max(...heads);
  const beside = columns > 1 && nHeads * 7 + NUMBERS_LEFT <= galleryWidth * 0.3;
  const width = columns > 1 ? heatWidth : galleryWidth;
  const wanted = nHeads * 20 + NUMBERS_LEFT;
  const across = beside ? Math.max(132, Math.min(galleryWidth * 0.26, wanted)) : width;
  const cell = Math.max(3, Math.min(40, Math.floor((across - 1 - NUMBERS_LEFT) / nHeads)));
  const place = beside ? "beside" : columns > 1 ? "below" : "above";
  const line = Math.floor({ beside: room - 92, below: 200, above: alone }[place] / rows.length);
  return {
    place,
    cell,
    line: Math.max(beside ? 7 : 6, Math.min(16, line)),
    width: Math.ceil(across),
    heads,
    rows,
    nHeads,
  };
}

function layOutCells(map, { plan }) {
  const { cell, line, heads, rows, nHeads } = plan.map;
  map.at = null;
  map.cells = heads.map((count) => Array.from({ length: count }, makeCell));
  map.grid.replaceChildren(...rows.map((row) => {
    const own = typeof row === "number";
    const element = html("div", own ? "hc-cell-row" : "hc-other-row",
      ...(own ? map.cells[row] : [otherBlock(row)]));
    element.setAttribute("role", "row");
    return element;
  }));
  map.field.style.setProperty("--hc-cell", `${cell}px`);
  map.field.style.setProperty("--hc-cell-line", `${line}px`);
  map.labels.setAttribute("width", NUMBERS_LEFT + cell * nHeads);
  map.labels.setAttribute("height", NUMBERS_ABOVE + line * rows.length);
}

/** A block without attention: its row says what it is. */
function otherBlock(name) {
  const cell = html("span", "", name);
  cell.setAttribute("role", "gridcell");
  cell.title = name;
  return cell;
}

function makeCell() {
  const button = html("button", "hc-cell");
  button.type = "button";
  button.tabIndex = -1;
  button.setAttribute("role", "gridcell");
  return button;
}

export function measuresOf(words) {
  return { entropy: words.map_entropy, distance: words.map_distance,
    first: words.map_first, previous: words.map_previous };
}

/** Measures of which every value is unknown say nothing, and are not offered. */
function nameMeasures({ part, choice }, { words, measure, scene }) {
  part.title.textContent = words.map_title;
  choice.setAttribute("aria-label", words.map_measure);
  const known = Object.entries(measuresOf(words)).filter(([value]) =>
    value === measure || scene.map[value].some((row) => row.some((each) => each !== null)));
  choice.replaceChildren(...known.map(([value, text]) =>
    Object.assign(html("option", "", text), { value })));
  choice.value = measure;
}

/** 0 is the background and the largest value the other end of the scale, which says it. */
function colourCells(map, view) {
  const { scene, measure, palette, words } = view;
  const values = scene.map[measure];
  const top = Math.max(0, ...values.flat());
  map.high.textContent = valueText(view, top);
  map.grid.setAttribute("aria-label", fill(words.map_label, {
    layers: values.length, heads: view.plan.map.nHeads, measure: map.choice.selectedOptions[0].text,
  }));
  map.grid.setAttribute("aria-description", words.map_keys);
  values.forEach((row, layer) => row.forEach((value, head) => {
    const cell = map.cells[layer][head];
    cell.style.background = cellColour(palette, value, top);
    cell.title = cellText(view, layer, head);
    cell.ariaLabel = cell.title;
  }));
}

export function cellColour(palette, value, top) {
  const share = top > 0 ? Math.round((255 * (value ?? 0)) / top) : 0;
  return value === null ? palette.neutral : cssOf(palette.pixels[share]);
}

export function valueText({ words, measure, formats }, value) {
  if (value === null) return words.map_none;
  if (measure === "distance") return fill(words.map_tokens, { n: formats.short(value) });
  return measure === "entropy" ? formats.fixed(value) : formats.percent(value, false);
}

function cellText(view, layer, head) {
  const value = valueText(view, view.scene.map[view.measure][layer][head]);
  const role = view.scene.map.roles?.[layer]?.[head];
  const cell = role ? view.words.map_cell_role : view.words.map_cell;
  return fill(cell, { layer: numberOf(view.scene, layer), head, value, role });
}

/** The chosen layer and head; one cell is in the tab order, and keeps the focus. */
function markCell(map, view) {
  const [layer, head] = view.opened();
  const [atLayer, atHead] = map.at ?? [layer, head];
  const focused = map.grid.matches(":focus-within");
  for (const old of map.grid.querySelectorAll("[aria-selected=true], [tabindex='0']")) {
    old.ariaSelected = "false";
    old.tabIndex = -1;
  }
  const own = numberOf(view.scene, layer);
  [...map.grid.children].forEach((row, i) => row.classList.toggle("hc-own-row", i === own));
  const chosen = map.cells[layer]?.[head];
  if (chosen) chosen.ariaSelected = "true";
  const here = map.cells[atLayer]?.[atHead] ?? chosen;
  if (here) here.tabIndex = 0;
  if (focused) here?.focus({ preventScroll: true });
  writeLabels(map, view);
  sayCell(map, view, map.at);
}

function writeLabels({ labels }, { plan, palette, opened }) {
  labels.replaceChildren(...mapNumbers(plan.map, palette, opened()));
}

/** The numbers of layers and heads, those of the open one strong. */
export function mapNumbers({ cell, line, rows, nHeads }, palette, [layer, head]) {
  const own = rows.indexOf(layer);
  const number = (text, x, y, own, anchor) => svg("text", { x, y, "text-anchor": anchor,
    "dominant-baseline": "central", fill: own ? palette.text : palette.muted,
    class: own ? "hc-strong" : "" }, String(text));
  const shown = (count, size, own, room) => {
    const step = [1, 2, 5, 10, 20].find((each) => each * size >= room) ?? 50;
    const clear = (i) => Math.abs(i - own) * size >= room;
    return [...Array(count).keys()].filter((i) => i === own || (i % step === 0 && clear(i)));
  };
  return [
    ...shown(rows.length, line, own, NUMBER_ROOM).map((i) =>
      number(i, NUMBERS_LEFT - 5, NUMBERS_ABOVE + (i + 0.5) * line, i === own, "end")),
    ...shown(nHeads, cell, head, nHeads > 10 ? WIDE_NUMBER : NUMBER_ROOM).map((i) =>
      number(i, NUMBERS_LEFT + (i + 0.5) * cell, NUMBERS_ABOVE / 2, i === head, "middle")),
  ];
}

function sayCell({ says }, view, at) {
  const [layer, head] = at ?? view.opened();
  const known = view.scene.map[view.measure][layer]?.[head] !== undefined;
  const text = known ? cellText(view, layer, head) : "";
  if (says.textContent !== text) says.textContent = text;
}

function listenToMap(map, view) {
  const { grid, choice } = map;
  const placeOf = (button) => {
    const layer = map.cells.findIndex((row) => row.includes(button));
    return layer < 0 ? null : [layer, map.cells[layer].indexOf(button)];
  };
  grid.addEventListener("click", (event) => {
    const place = placeOf(event.target);
    if (place) openCell(map, view, place);
  });
  grid.addEventListener("pointerover", (event) => sayCell(map, view, placeOf(event.target) ?? map.at));
  grid.addEventListener("pointerleave", () => sayCell(map, view, map.at));
  grid.addEventListener("keydown", (event) => moveOverCells(event, map, view));
  grid.addEventListener("focusout", (event) => {
    if (grid.contains(event.relatedTarget)) return;
    map.at = null;
    markCell(map, view);
  });
  choice.addEventListener("change", () => view.chooseMeasure(choice.value));
}

function openCell(map, view, [layer, head]) {
  map.at = null;
  view.openHead(layer, head);
  markCell(map, view);
}

const CELL_STEPS = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1],
  Home: [0, -Infinity], End: [0, Infinity] };

function moveOverCells(event, map, view) {
  const step = CELL_STEPS[event.key];
  if (!step || event.ctrlKey || event.metaKey || event.altKey) return;
  const [layer, head] = map.at ?? view.opened();
  const inside = (i, count) => Math.max(0, Math.min(count - 1, i));
  const down = inside(layer + step[0], map.cells.length);
  map.at = [down, inside(head + step[1], map.cells[down].length)];
  markCell(map, view);
  event.preventDefault();
  event.stopPropagation();
}
