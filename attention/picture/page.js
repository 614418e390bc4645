// The host of a self-contained page: unpacks one layer at a time and draws it. See page.py for what
// the page holds. Not part of the picture, and only in such a page.

import { applyPalette, forcedColours, groundOf, readPalette } from "./colours.js";
import { numberOf, sceneOf } from "./decode.js";
import { html } from "./dom.js";
import { drawPicture } from "./picture.js";
import { showTake } from "./take.js";

/** Draws what one of `packs` holds: a line for the header, then one for each layer. */
async function openPage(packs) {
  const choice = document.querySelector("header select"); // of several attentions
  const page = {
    picture: document.querySelector("main"), slider: document.querySelector("input"),
    shown: document.querySelector("output"), scene: null, asked: 0, held: null,
  };
  page.on = {
    head: (head) => { page.head = head; },
    token: (token) => {
      Object.assign(page, { token, also: [] });
      const joined = joinedOf(page, page.scene.shape);
      if (!joined) return;
      page.scene = { ...page.scene, head: page.head, token, also: page.also, joined };
      drawPicture(page.picture, page.scene, page.on);
    },
    tokens: ([token, ...also]) => {
      page.on.token(token);
      page.also = also;
      page.scene = { ...page.scene, head: page.head, token, also };
    },
    layer: (layer) => turnTo(page, layer),
  };
  page.slider.addEventListener("input", () => turnTo(page, Number(page.slider.value)));
  choice?.addEventListener("change", () => openPack(page, packs[choice.value]));
  followTheme(page);
  await openPack(page, packs[choice?.value ?? 0]);
  showTake(document.querySelector(".take"), page.common.take);
}

/** Of several packs each brings its own figures and notes. */
async function openPack(page, packed) {
  const lines = packed.trim().split("\n");
  const { common, layers } = JSON.parse(new TextDecoder().decode(await inflate(lines[0])));
  const { layer, head, token, also = [], said, notes } = common;
  Object.assign(page, { common, layers, lines: lines.slice(1), layer, head, token, also });
  const most = layers.length - 1;
  page.slider.max = most;
  page.slider.parentElement.hidden = most === 0;
  if (said) {
    document.querySelector("header p").textContent = said;
    document.querySelector("footer").replaceChildren(...notes.map((note) => html("p", "", note)));
  }
  await turnTo(page, layer);
}

/** A layer is drawn once it is unpacked, unless another was asked for meanwhile. */
async function turnTo(page, layer) {
  page.asked += 1;
  const mine = page.asked;
  page.layer = layer;
  page.slider.value = layer;
  page.shown.textContent = numberOf(page.common, layer);
  const packed = await inflate(page.lines[layer]);
  if (mine !== page.asked) return;
  const header = { ...page.common, ...page.layers[layer] };
  header.layer = layer;
  header.head = Math.min(page.head, header.shape.n_heads - 1);
  Object.assign(header, { token: page.token, also: page.also });
  const count = tilesIn(header);
  page.held = { ...header.held, bytes: packed.slice(count) };
  header.joined = joinedOf(page, header.shape);
  const tiles = unpack(header, packed.subarray(0, count));
  page.scene = sceneOf(header, header.roots ? squaresOf(tiles) : tiles, new Uint16Array(0));
  page.scene.roots = header.roots ? tiles : null;
  drawPicture(page.picture, page.scene, page.on);
}

async function inflate(base64) {
  const stream = new Blob([Uint8Array.from(atob(base64), (sign) => sign.charCodeAt(0))]).stream();
  const plain = stream.pipeThrough(new DecompressionStream("deflate"));
  return new Uint8Array(await new Response(plain).arrayBuffer());
}

/** Of causal heads only what is not masked. */
function tilesIn({ causal, shape, tile }) {
  return shape.n_heads * (causal ? (tile * (tile + 1)) / 2 : tile * tile);
}

/** What becomes of the chosen token, or of the one that is held; see held.py. */
function joinedOf({ held, token }, { n_heads: nHeads, d_model: dModel }) {
  if (!held.scales) return null;
  const { first, width, scales, bytes } = held;
  const own = scales[token - first] ? token - first : 0;
  const each = nHeads * width + dModel;
  const row = new Int16Array(bytes.buffer).subarray(own * each, (own + 1) * each);
  const numbers = (from, to, scale) =>
    Array.from(row.subarray(from, to), (step) => (step / 32767) * scale);
  return {
    token: first + own,
    contexts: Array.from({ length: nHeads }, (_, head) =>
      numbers(head * width, (head + 1) * width, scales[own][0])),
    output: numbers(nHeads * width, each, scales[own][1]),
  };
}

/** Of causal heads the packed form has no weight that is masked, and goes down each column. */
function unpack({ causal, shape, tile }, packed) {
  if (!causal) return packed;
  const tiles = new Uint8Array(shape.n_heads * tile * tile);
  let at = 0;
  for (let start = 0; start < tiles.length; start += tile * tile) {
    for (let key = 0; key < tile; key++) {
      for (let query = key; query < tile; query++, at++) {
        tiles[start + query * tile + key] = packed[at];
      }
    }
  }
  return tiles;
}

/** Of a picture's weights the page holds the roots: see packed.py. */
function squaresOf(roots) {
  return roots.map((root) => Math.round((root * root) / 255));
}

/** Light or dark as the browser asks; inside another page, as what is behind. */
function followTheme(page) {
  const frame = window.frameElement;
  const root = document.documentElement;
  const colour = () => {
    const palette = readPalette(root);
    applyPalette(root, palette);
    root.style.colorScheme = palette.dark ? "dark" : "light"; // of the slider and the list
  };
  if (frame) settleInto(frame, root);
  colour();
  for (const query of [matchMedia("(prefers-color-scheme: dark)"), forcedColours()]) {
    query.addEventListener("change", () => {
      colour();
      if (page.scene) drawPicture(page.picture, page.scene, page.on);
    });
  }
}

/** A notebook's cell has its own ground, and no height of its own. */
function settleInto(frame, root) {
  const behind = groundOf(frame.parentElement);
  if (behind) {
    root.style.setProperty("--st-background-color", behind);
    root.style.setProperty("--st-text-color", "initial");
  }
  root.classList.add("inside");
  const fit = () => { frame.style.height = `${Math.ceil(document.body.offsetHeight)}px`; };
  new ResizeObserver(fit).observe(document.body);
  fit();
}

function start() {
  const canUnpack = "DecompressionStream" in window;
  document.querySelector(".old").hidden = canUnpack;
  const packs = document.querySelectorAll(".packed");
  if (canUnpack) openPage(Array.from(packs, (packed) => packed.textContent));
}

start();
