// Layers × heads, each cell in the colour of its role. Arrow keys move and read; Enter or a click
// opens the head's card.

const made = new WeakMap();
const WORD_FITS = 78; // pixels of a cell in which a role's word stands
const FEW_LAYERS = 6; // so few rows may be high, with their words upright
const CORNER = "M0 0L10 0L10 10";

export default function ({ parentElement, data, setTriggerValue }) {
  if (!made.has(parentElement)) made.set(parentElement, create(parentElement));
  const atlas = made.get(parentElement);
  atlas.choose = (cell) => setTriggerValue("cell", { layer: cell.layer, head: cell.head });
  const drawn = JSON.stringify(data);
  if (drawn === atlas.drawn) return;
  atlas.drawn = drawn;
  draw(atlas, data);
}

function create(parent) {
  const [root, grid, says] = [html("div", "hc-atlas"), html("div", "hc-atlas-grid"), html("p", "hc-atlas-says")];
  grid.setAttribute("role", "grid");
  says.setAttribute("aria-live", "polite");
  root.append(grid, says);
  parent.append(root);
  const atlas = { root, grid, says, cells: [], at: [0, 0], drawn: "" };
  offerAtlas(atlas);
  grid.addEventListener("keydown", (event) => move(atlas, event));
  new ResizeObserver(() => fit(atlas)).observe(root);
  return atlas;
}

/** It is told to whoever makes files of charts ("Take it along": take.js of the picture). */
function offerAtlas(atlas) {
  const { grid } = atlas;
  hearWhileThere(grid, document, "hc-charts", ({ detail }) => {
    if (!atlas.data) return;
    const { roles } = atlas.data;
    detail.push({ element: grid, rows: () => tableOf(atlas.data), legend: legendOf(atlas.data),
      colours: roles.map(({ color, paper }) => [color, paper]) });
  });
}

function tableOf({ rows, numbers }) {
  return [["layer", "head", "kv_head", "role", "score", "role_on_ordinary_text"],
    ...rows.flatMap((groups) => groups.flatMap((group, kv) => group.cells.map((cell) =>
      [numbers[cell.layer], cell.head, kv, cell.word, cell.score, cell.other])))];
}

/** What the table beside it says on the page: each role's mark and name, and what a cut corner is. */
function legendOf({ roles, cut, line, ring }) {
  const [width, height] = [26, 16];
  const chip = (fill) => svg("rect", { width, height, rx: 3, fill, stroke: line });
  const code = (text) => svg("text", { x: width / 2, y: height / 2, dy: "0.35em", fill: ring,
    "text-anchor": "middle", "font-size": 12 }, text);
  const corner = svg("path", { d: CORNER, fill: ring, transform: `translate(${width - 10} 0)` });
  return [...roles.map((role) => [[chip(role.color), code(role.code)], role.name]),
    ...(cut ? [[[chip("none"), corner], cut]] : [])];
}

function draw(atlas, data) {
  const { root, grid, says } = atlas;
  const focused = grid.contains(root.getRootNode().activeElement);
  root.lang = data.lang;
  root.style.setProperty("--line", data.line);
  root.style.setProperty("--ring", data.ring);
  grid.setAttribute("aria-label", data.label);
  atlas.data = data;
  atlas.cells = data.rows.map(() => []);
  const rows = data.rows.map((row, layer) => drawRow(atlas, row, layer));
  grid.replaceChildren(...numbers(data), ...rows);
  atlas.at = within(atlas, data.chosen ?? atlas.at);
  rove(atlas, atlas.at);
  if (focused) cellAt(atlas).focus();
  says.textContent = isTouched() ? data.touch_hint : data.hint;
  fit(atlas);
}

/** What the rows are, the KV heads' names and the heads' numbers above, where all layers have the same. */
function numbers({ rows, layer }) {
  const shape = (row) => String(row.map((group) => group.cells.length));
  if (rows.some((row) => shape(row) !== shape(rows[0]))) return [];
  const line = html("div", "hc-atlas-row hc-atlas-numbers");
  line.setAttribute("aria-hidden", "true"); // every cell says them itself
  const groups = rows[0].map((group) => {
    const node = html("div", "hc-atlas-kv");
    node.style.flexGrow = group.cells.length;
    if (group.cells.length > 1) node.append(html("em", "", group.name));
    node.append(...group.cells.map((cell) => html("span", "", String(cell.head))));
    return node;
  });
  line.append(html("span", "hc-atlas-layer", layer), ...groups);
  return [line];
}

function drawRow(atlas, groups, layer) {
  const row = html("div", "hc-atlas-row");
  row.setAttribute("role", "row");
  const name = html("span", "hc-atlas-layer", String(atlas.data.numbers[layer]));
  name.setAttribute("role", "rowheader");
  name.setAttribute("aria-label", `${atlas.data.layer} ${atlas.data.numbers[layer]}`);
  row.append(name, ...groups.map((group) => drawGroup(atlas, group, layer)));
  return row;
}

function drawGroup(atlas, group, layer) {
  const node = html("div", "hc-atlas-kv");
  node.setAttribute("role", "presentation");
  node.style.flexGrow = group.cells.length;
  node.style.borderColor = group.color;
  node.title = group.name;
  node.append(...group.cells.map((cell) => drawCell(atlas, cell, layer)));
  return node;
}

function drawCell(atlas, cell, layer) {
  const node = html("button", "hc-atlas-cell");
  node.type = "button";
  node.setAttribute("role", "gridcell");
  node.style.background = cell.color;
  const chosen = atlas.data.chosen;
  const own = Boolean(chosen) && chosen[0] === cell.layer && chosen[1] === cell.head;
  node.setAttribute("aria-selected", String(own));
  node.setAttribute("aria-label", cell.says);
  node.append(html("span", "word", cell.word), html("span", "code", cell.code));
  if (cell.other) node.append(cutCorner());
  const place = [layer, atlas.cells[layer].length];
  const read = () => (atlas.says.textContent = cell.says);
  node.addEventListener("pointerenter", read);
  node.addEventListener("focus", () => {
    rove(atlas, place);
    read();
  });
  node.addEventListener("click", () => atlas.choose(cell));
  atlas.cells[layer].push(node);
  return node;
}

function cutCorner() {
  return svg("svg", { class: "cut", viewBox: "0 0 10 10", "aria-hidden": "true" }, svg("path", { d: CORNER }));
}

function within({ cells }, [layer, head]) {
  const row = Math.max(0, Math.min(layer, cells.length - 1));
  return [row, Math.max(0, Math.min(head, cells[row].length - 1))];
}

function cellAt({ cells, at }) {
  return cells[at[0]][at[1]];
}

/** One cell of all is a stop of the Tab key. */
function rove(atlas, place) {
  for (const row of atlas.cells) for (const cell of row) cell.tabIndex = -1;
  atlas.at = within(atlas, place);
  cellAt(atlas).tabIndex = 0;
}

function move(atlas, event) {
  const [layer, head] = atlas.at;
  const to = {
    ArrowLeft: [layer, head - 1],
    ArrowRight: [layer, head + 1],
    ArrowUp: [layer - 1, head],
    ArrowDown: [layer + 1, head],
    Home: [layer, 0],
    End: [layer, Infinity],
  }[event.key];
  if (!to || event.altKey || event.ctrlKey || event.metaKey) return;
  event.preventDefault();
  rove(atlas, to);
  cellAt(atlas).focus();
}

/** Words where they fit, upright where the rows are few, else letters. */
function fit({ root, cells, data }) {
  if (!data || !root.clientWidth) return;
  const widest = Math.max(...cells.map((row) => row.length));
  const width = (root.clientWidth - 30) / widest;
  root.classList.toggle("few", cells.length <= FEW_LAYERS);
  root.dataset.show = width >= WORD_FITS ? "words" : cells.length <= FEW_LAYERS ? "upright" : "codes";
}
