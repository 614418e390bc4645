// The picture: draws payload bytes into a node, updates it in place, reports choices.

import { createCache } from "./cache.js";
import { applyPalette, readPalette } from "./colours.js";
import { decode, weightsOf } from "./decode.js";
import { html } from "./dom.js";
import { createGallery } from "./gallery.js";
import { createHeatmap } from "./heatmap.js";
import { createSentence } from "./sentence.js";
import { createSplit } from "./split.js";
import { formatsOf } from "./text.js";
import { THEME } from "./theme.js";

const views = new WeakMap();
const PATIENCE = 3000; // ms that a choice is kept while older answers still arrive

/**
 * Draws `bytes` (see payload.py) into `node`; call it again with new bytes, or with the same after
 * a change of theme. `on.head(number)` and `on.token(number)` hear what the visitor chooses; it is
 * drawn at once, and again exactly when the next bytes come.
 */
export function drawPicture(node, bytes, on = {}) {
  if (!bytes?.length) return;
  if (!views.has(node)) views.set(node, createView(node));
  const view = views.get(node);
  view.on = on;
  receive(view, bytes);
  view.draw();
}

function createView(node) {
  const parts = {
    split: createSplit(), gallery: createGallery(), heat: createHeatmap(),
    sentence: createSentence(), cache: createCache(),
  };
  const names = Object.keys(parts);
  const root = html("div", "hc-picture", ...names.map((name) => parts[name].element));
  const view = { root, parts, asked: {}, widths: {}, fonts: 0, bytes: null, wordsText: null };
  view.chooseHead = (head) => choose(view, "head", head);
  view.chooseToken = (token) => choose(view, "token", token);
  view.draw = () => drawView(view);
  for (const part of Object.values(parts)) part.listen?.(view);
  node.append(root);
  refitForFonts(view);
  // In a hidden tab the width is 0: the first drawing waits for this.
  new ResizeObserver(() => {
    if (root.clientWidth !== view.widths.root) view.draw();
  }).observe(root);
  return view;
}

/** A font that arrives late moves the tokens, and the lines have to follow. */
function refitForFonts(view) {
  const refit = () => {
    if (!view.root.isConnected) return document.fonts.removeEventListener("loadingdone", refit);
    view.fonts += 1;
    return view.draw();
  };
  document.fonts.addEventListener("loadingdone", refit);
}

function receive(view, bytes) {
  if (view.bytes === bytes) return;
  view.bytes = bytes;
  const scene = decode(bytes);
  // The same words stay the same object, so that no part redraws on their account.
  const wordsText = `${scene.lang}${JSON.stringify(scene.words)}`;
  if (view.wordsText !== wordsText) {
    Object.assign(view, { wordsText, words: scene.words });
    view.formats = formatsOf(scene.lang, scene.words.byte_units);
    view.root.lang = scene.lang;
  }
  const same = scene.tiles_id === view.scene?.tiles_id && scene.n === view.scene.n;
  view.scene = scene;
  view.head = settled(view, "head", same);
  view.token = settled(view, "token", same);
  view.weights = weightsOf(scene, view.head);
}

/** The server's choice, unless it answers an older question than the visitor's last. */
function settled({ asked, scene }, name, same) {
  const mine = asked[name];
  const waiting = mine && same && performance.now() - mine.at < PATIENCE;
  if (waiting && mine.value !== scene[name]) return mine.value;
  asked[name] = null;
  return scene[name];
}

function choose(view, name, value) {
  if (view[name] === value) return;
  view.asked[name] = { value, at: performance.now() };
  view[name] = value;
  view.weights = weightsOf(view.scene, view.head);
  view.draw();
  view.on[name]?.(value);
}

function drawView(view) {
  const { root, parts, scene } = view;
  if (!scene || !root.clientWidth) return;
  const palette = readPalette(root);
  if (palette !== view.palette) applyPalette(root, palette);
  view.palette = palette;
  if (root.clientWidth !== view.widths.root) measure(view);
  for (const part of Object.values(parts)) part.draw(view);
}

/** The room of each part: three columns, two, or one below the other. */
function measure({ root, parts, widths }) {
  const width = root.clientWidth;
  const { wide, narrow } = THEME.sizes;
  root.dataset.columns = width >= wide ? 3 : width >= narrow ? 2 : 1;
  widths.root = width;
  for (const name of ["split", "gallery", "heat", "cache"]) {
    widths[name] = parts[name].element.clientWidth;
  }
  const columns = Number(root.dataset.columns);
  widths.heatRoom = columns === 3 ? Math.max(470, width * 0.36) : 640;
  widths.galleryRoom = (nHeads) => {
    if (columns === 3) return Math.max(290, width * 0.225);
    return nHeads > 8 ? 660 : 330;
  };
}
