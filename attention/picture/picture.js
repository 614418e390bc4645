// The picture: draws payload bytes into a node, updates it in place, reports choices.

import { createAnnouncer } from "./announce.js";
import { createCache } from "./cache.js";
import { applyPalette, forcedColours, readPalette } from "./colours.js";
import { decode, weightsOf } from "./decode.js";
import { grown, hearWhileThere, html, isTouched } from "./dom.js";
import { createGallery } from "./gallery.js";
import { createHeatmap } from "./heatmap.js";
import { createJoined } from "./joined.js";
import { createMap, planMap } from "./map.js";
import { createPatches } from "./patches.js";
import { createPresenter, mapRoom, presented, takeRoom, waits } from "./present.js";
import { createSentence } from "./sentence.js";
import { chooseTokens } from "./several.js";
import { createSplit } from "./split.js";
import { createGlossary } from "./terms.js";
import { formatsOf } from "./text.js";
import { THEME } from "./theme.js";

const views = new WeakMap();
const SECOND = 18; // pixels of a heading's second line
const JOINED = 92; // pixels that the joined heads take beneath the chosen one
const TOUCH = "touch_"; // begins the key of what is said where a finger taps
const TALLEST = 1376; // px: a picture wider than this is no taller, and stays in sight
const PATIENCE = 3000; // ms that a choice is kept while older answers still arrive

/**
 * Draws `data` into `node`: bytes (see payload.py), or a scene of `sceneOf`. Call it again with
 * new data, or with the same after a change of theme. `on.head(number)`, `on.token(number)`,
 * `on.layer(number)` and `on.measure(name)`, of the map, hear what the visitor chooses. Head and
 * token are drawn at once, and again exactly when the next data come; another layer is drawn when
 * they come. `on.tokens(numbers)` hears several tokens, the last chosen first; `on.part(place)` and
 * `on.leave()` what is chosen in the presenter's view (present.js); `on.off(number)` which head is to
 * be switched off or on: without it there is no button for that.
 */
export function drawPicture(node, data, on = {}) {
  if (!data || data.length === 0) return;
  if (!views.has(node)) views.set(node, createView(node));
  const view = views.get(node);
  view.on = on;
  if (!waits(view, data)) receive(view, data);
  view.draw();
}

function createView(node) {
  const parts = {
    split: createSplit(), map: createMap(), gallery: createGallery(), heat: createHeatmap(),
    joined: createJoined(), sentence: createSentence(), patches: createPatches(),
    cache: createCache(), announcer: createAnnouncer(),
  };
  const { split, map, gallery, heat, joined, sentence, patches, cache } = parts;
  const duo = html("div", "hc-duo", map.element, gallery.element);
  const column = html("div", "hc-heat-column", heat.element, joined.element);
  const root = html("div", "hc-picture",
    split.element, duo, column, sentence.element, patches.element, cache.element,
    parts.announcer.element);
  const view = { root, duo, column, parts, asked: {}, widths: {}, plan: {}, zoom: 1, fonts: 0, data: null,
    wordsText: null, also: [], measure: "entropy", part: null, frozen: false, waiting: null };
  view.receive = (data) => receive(view, data);
  view.chooseHead = (head) => choose(view, "head", head);
  view.chooseToken = (token) =>
    (view.also.length ? chooseTokens(view, [token]) : choose(view, "token", token));
  view.chooseTokens = (tokens) => chooseTokens(view, tokens);
  view.turnHead = (head) => view.on?.off?.(head);
  view.openHead = (layer, head) => openHead(view, layer, head);
  // Where the map's mark stands: on what was asked for, also before it is drawn.
  view.opened = () => [view.layer, view.asked.layer?.head ?? view.head];
  view.chooseMeasure = (measure) => {
    view.measure = measure;
    view.draw();
    view.on.measure?.(measure);
  };
  view.draw = () => drawView(view);
  for (const part of Object.values(parts)) part.listen?.(view);
  for (const part of [map, gallery]) {
    part.element.addEventListener("keydown", (event) => turnLayer(event, view));
  }
  view.presenter = createPresenter(view);
  node.append(root, view.presenter.bar);
  createGlossary(root, view);
  forcedColours().addEventListener("change", view.draw);
  refitForFonts(view);
  answerTake(view);
  // In a hidden tab the width is 0: the first drawing waits for this.
  new ResizeObserver(() => {
    if (root.clientWidth !== view.widths.root || view.plan.high !== highOf(view)) view.draw();
  }).observe(root);
  return view;
}

/** A font that arrives late moves the tokens, and the lines have to follow. */
function refitForFonts(view) {
  hearWhileThere(view.root, document.fonts, "loadingdone", () => {
    view.fonts += 1;
    view.draw();
  });
}

/** What is drawn here is told to whoever makes files of it (take.js). */
function answerTake(view) {
  hearWhileThere(view.root, document, "hc-take", ({ detail }) => {
    if (view.scene) detail.push(view);
  });
}

function receive(view, data) {
  if (view.data === data) return;
  view.data = data;
  const scene = data instanceof Uint8Array ? decode(data) : data;
  // The same words stay the same object, so that no part redraws on their account.
  const wordsText = `${scene.lang}${JSON.stringify(scene.words)}`;
  if (view.wordsText !== wordsText) {
    Object.assign(view, { wordsText, words: wordsHere(scene.words) });
    view.formats = formatsOf(scene.lang, scene.words.byte_units);
    view.root.lang = scene.lang;
  }
  const same = scene.tiles_id === view.scene?.tiles_id && scene.n === view.scene.n
    && scene.m === view.scene.m;
  const sameText = scene.text === view.scene?.text && scene.nLayers === view.scene.nLayers;
  view.mapText = JSON.stringify(scene.map);
  // The host's word counts where it is a new one: older answers may still arrive.
  if (scene.measure && scene.measure !== view.scene?.measure) view.measure = scene.measure;
  view.scene = scene;
  view.layer = settled(view, "layer", sameText);
  view.head = settled(view, "head", same);
  view.token = settled(view, "token", same);
  view.also = settled(view, "also", same);
  view.part = presented(scene, settled(view, "part", Boolean(scene.part)));
  view.weights = weightsOf(scene, view.head);
}

/** As they are where there is a mouse, or a finger. */
function wordsHere(words) {
  if (!isTouched()) return words;
  const tapped = Object.entries(words).filter(([key]) => key.startsWith(TOUCH))
    .map(([key, text]) => [key.slice(TOUCH.length), text]);
  return { ...words, ...Object.fromEntries(tapped) };
}

/** The server's choice, unless it answers an older question than the visitor's last. */
function settled({ asked, scene }, name, same) {
  const mine = asked[name];
  const waiting = mine && same && performance.now() - mine.at < PATIENCE;
  if (waiting && String(mine.value) !== String(scene[name])) return mine.value;
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

/** Of this layer at once; of another when the host has drawn it. */
function openHead(view, layer, head) {
  if (layer === view.scene.layer && !view.asked.layer) return choose(view, "head", head);
  askLayer(view, layer, head);
  return view.on.head?.(head);
}

function askLayer(view, layer, head) {
  view.asked = { ...view.asked, layer: { value: layer, head, at: performance.now() }, head: null };
  view.layer = layer;
  view.draw();
  view.on.layer?.(layer);
}

/** Page Up and Page Down, where the arrow keys choose a head: the layer before and the next. */
function turnLayer(event, view) {
  const step = { PageUp: -1, PageDown: 1 }[event.key];
  if (!step || !view.on.layer || event.ctrlKey || event.metaKey || event.altKey) return;
  event.preventDefault();
  event.stopPropagation();
  const layer = view.layer + step;
  if (layer >= 0 && layer < view.scene.nLayers) askLayer(view, layer);
}

function drawView(view) {
  const { root, parts, scene } = view;
  if (!scene || !root.clientWidth) return;
  const palette = readPalette(root);
  if (palette !== view.palette) applyPalette(root, palette);
  view.palette = palette;
  [parts.sentence.element.hidden, parts.patches.element.hidden] =
    scene.patches ? [true, false] : [false, true];
  const heads = `${scene.map?.entropy.map((row) => row.length)} ${Boolean(scene.joined)}`;
  const standing = `${heads} ${view.part} ${highOf(view)}`;
  if (root.clientWidth !== view.widths.root || standing !== view.plan.standing) {
    measure(view, standing);
  }
  for (const part of Object.values(parts)) {
    if (!part.element.hidden && (!view.part || part.element.clientWidth)) part.draw(view);
  }
  view.presenter.draw();
}

/** The height that counts: of a part that is presented, which has the window's. */
function highOf({ part, root }) {
  return part ? root.clientHeight : null;
}

/** The room of each part: three columns, two, or one below the other; the map's place. */
function measure(view, standing) {
  const { root, duo, column, parts, widths, scene } = view;
  if (view.part) root.dataset.part = view.part;
  else delete root.dataset.part;
  view.zoom = grown(root);
  const width = root.clientWidth;
  const { wide, narrow } = THEME.sizes;
  const columns = view.part ? 1 : width >= wide ? 3 : width >= narrow ? 2 : 1;
  const wideRoom = Math.min(width, TALLEST);
  const room = Math.max(290, wideRoom * 0.225);
  root.dataset.columns = columns;
  widths.root = width;
  const map = planMap(scene.map, columns, [duo.clientWidth, column.clientWidth], room,
    view.part ? mapRoom(root) : undefined);
  view.plan = { standing, map, high: null };
  duo.dataset.map = map.place;
  const home = map.place === "below" ? column : duo;
  if (parts.map.element.parentElement !== home) home.append(parts.map.element);
  duo.style.setProperty("--hc-map", `${map.width}px`);
  for (const name of ["split", "gallery", "heat", "joined", "cache"]) {
    widths[name] = parts[name].element.clientWidth;
  }
  const beneath = scene.joined ? JOINED : 0;
  widths.beside = false;
  widths.heatRoom = columns === 3 ? Math.max(470, wideRoom * 0.36) - beneath : 640;
  widths.galleryRoom = (nHeads) => {
    // Beside the map it is narrow, and its heading takes a second line.
    const beside = map.place === "beside" ? SECOND : 0;
    if (columns === 3) return (room - beside) * Math.max(1, nHeads / 32);
    return nHeads > 8 ? 660 : 330;
  };
  if (!view.part) return;
  takeRoom(view);
  view.plan.high = root.clientHeight;
}
