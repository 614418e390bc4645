// Trainings, checkpoint by checkpoint: the loss, a score of every head, and every head's tile.
// After the parts of the picture that paint tiles, chart.js and run.js. A move is drawn here at once; the page
// hears of it when it rests, for the address.

const REST = 500; // ms: keys held and a slider that is dragged go by
const FRAME = 700; // ms of a checkpoint while it plays
const CALM_FRAME = 1500; // where less motion is asked for
const DASHES = ["none", "6 3", "2 3"]; // of the layers, which not everyone tells by colour

const players = new WeakMap();

export default function ({ parentElement, data, setStateValue }) {
  let player = players.get(parentElement);
  if (!player) players.set(parentElement, (player = createPlayer(parentElement)));
  player.tell = (value) => setStateValue("step", value);
  player.update(decodeForming(data));
  return () => {
    player.pause();
    clearTimeout(player.rest); // who has left the section moves its address no more
  };
}

function decodeForming(bytes) {
  const length = new DataView(bytes.buffer, bytes.byteOffset, 4).getUint32(0, true);
  const header = JSON.parse(new TextDecoder().decode(bytes.subarray(4, 4 + length)));
  return { ...header, tiles: bytes.subarray(4 + length) };
}

function createPlayer(parent) {
  const button = (className) => {
    const made = html("button", className);
    made.type = "button";
    return made;
  };
  const [back, play, forward] = ["hc-back", "hc-play", "hc-forward"].map(button);
  const slider = html("input", "hc-slider");
  Object.assign(slider, { type: "range", min: 0, step: 1 });
  const state = html("p", "hc-step");
  state.setAttribute("role", "status");
  const keys = html("p", "hc-layers");
  const rows = html("div", "hc-runs");
  const drawn = html("div", "", keys, rows);
  const root = html("div", "hc-forming",
    html("div", "hc-player", back, play, forward, slider, state), drawn);
  parent.append(root);
  const player = { root, back, play, forward, slider, state, keys, rows, at: 0, told: null, made: 0,
    rest: 0, timer: 0, scene: null, drawn: [] };
  player.go = (at) => go(player, at);
  player.pause = () => pause(player);
  player.update = (scene) => update(player, scene);
  back.addEventListener("click", () => step(player, -1));
  forward.addEventListener("click", () => step(player, 1));
  play.addEventListener("click", () => (player.timer ? pause(player) : start(player)));
  slider.addEventListener("input", () => step(player, Number(slider.value) - player.at));
  forcedColours().addEventListener("change", () => player.scene && rebuild(player));
  offerCharts(player, drawn);
  return player;
}

/** The charts are told to whoever makes files of them (take.js of the picture). */
function offerCharts(player, drawn) {
  hearWhileThere(drawn, document, "hc-charts", ({ detail }) => {
    if (player.scene) detail.push({ element: drawn, rows: () => scoresOf(player.scene) });
  });
}

/** A row for each head at each checkpoint. */
function scoresOf({ runs, steps, tokens }) {
  return [["training", "step", "tokens", "loss", "layer", "head", "score"],
    ...runs.flatMap(({ title, losses, scores }) => scores.flatMap((layers, at) =>
      layers.flatMap((heads, layer) => heads.map((score, head) =>
        [title, steps[at], tokens[at], losses[at], layer, head, score]))))];
}

/** What the page says now. An answer to a move that another one has followed says nothing new. */
function update(player, scene) {
  const arrived = player.scene === null;
  player.scene = scene;
  rebuild(player);
  if (!arrived && scene.made < player.made) return;
  if (arrived || scene.at !== player.told) {
    pause(player);
    player.told = scene.at;
    clearTimeout(player.rest);
    go(player, scene.at);
  }
}

function rebuild(player) {
  const { root, scene, slider } = player;
  const { labels } = scene;
  root.lang = scene.lang;
  player.palette = readPalette(root);
  applyPalette(root, player.palette);
  player.formats = formatsOf(scene.lang, "");
  player.back.textContent = labels.back;
  player.forward.textContent = labels.forward;
  slider.setAttribute("aria-label", labels.slider);
  slider.max = scene.steps.length - 1;
  nameplay(player);
  player.keys.replaceChildren(...layerKeys(player));
  player.drawn = scene.runs.map((run, index) => createRun(player, run, index));
  player.rows.replaceChildren(...player.drawn.map((one) => one.element));
  go(player, Math.min(player.at, scene.steps.length - 1));
}

function nameplay({ play, timer, scene }) {
  play.textContent = timer ? scene.labels.pause : scene.labels.play;
}

function layerKeys({ scene, palette }) {
  const layers = scene.runs[0].scores[0].map((_, layer) => {
    const line = svg("svg", { width: 30, height: 10, "aria-hidden": "true" },
      svg("path", { d: "M0 5H30", ...stroke(palette, layer) }));
    return html("span", "hc-layer", line, fill(scene.labels.layer, { layer }));
  });
  return [...layers, html("span", "hc-layer", scene.labels.tiles_hint)];
}

function stroke(palette, layer) {
  const dash = DASHES[layer % DASHES.length];
  return { stroke: palette.kv[layer], fill: "none", "stroke-width": 1.6, "stroke-dasharray": dash };
}

// --- moves

function go(player, at) {
  const { scene, slider, state } = player;
  player.at = at;
  const values = { step: player.formats.number(scene.steps[at]),
    last: player.formats.number(scene.steps[scene.steps.length - 1]),
    tokens: player.formats.number(scene.tokens[at]) };
  const said = fill(scene.labels.state, values);
  slider.value = at;
  slider.setAttribute("aria-valuetext", said);
  if (state.textContent !== said) state.textContent = said;
  for (const one of player.drawn) drawRun(player, one);
}

/** Some checkpoints on, by the visitor's hand. */
function step(player, by) {
  pause(player);
  const last = player.scene.steps.length - 1;
  go(player, Math.max(0, Math.min(last, player.at + by)));
  tellAtRest(player);
}

function tellAtRest(player) {
  clearTimeout(player.rest);
  player.rest = setTimeout(() => {
    if (player.at === player.told) return;
    player.told = player.at;
    player.made = Math.max(player.made + 1, Date.now());
    player.tell([player.at, player.made]);
  }, REST);
}

function start(player) {
  const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
  const last = player.scene.steps.length - 1;
  clearTimeout(player.rest);
  player.state.setAttribute("aria-live", "off"); // not every checkpoint; the one it stops at is said
  if (player.at === last) go(player, 0);
  player.timer = setInterval(() => {
    go(player, Math.min(last, player.at + 1));
    if (player.at === last) pause(player);
  }, calm ? CALM_FRAME : FRAME);
  nameplay(player);
}

function pause(player) {
  if (!player.timer) return;
  clearInterval(player.timer);
  player.timer = 0;
  nameplay(player);
  const said = player.state.textContent;
  player.state.removeAttribute("aria-live");
  player.state.textContent = "";
  requestAnimationFrame(() => (player.state.textContent ||= said));
  tellAtRest(player);
}
