// Every head of the layer at once: a tile each, those that share a key-value head on one spine.
// The tiles are real radio buttons: click or arrow keys choose. Their weights stand on one canvas
// behind them, for to a browser every canvas is a layer: 32 of them took longer than all the rest.

import { kvColours } from "./colours.js";
import { kvHeadOf, numberOf } from "./decode.js";
import { chooseByKeys, html, markChosen, section, whenChanged } from "./dom.js";
import { paintTile } from "./paint.js";
import { term, withTerms } from "./terms.js";
import { fill } from "./text.js";

const OFF = "x"; // the key that switches the chosen head off, or on again
const SPINE = 20;
const CAPTION = 16;
const GAP = 5;
const READABLE = 64; // a narrower column cuts the few words short
const ROOMY = 100; // a column this wide has room for number and words in one line

export function createGallery() {
  const part = section("gallery");
  const group = html("div", "hc-tiles");
  group.setAttribute("role", "radiogroup");
  const low = html("span", "hc-mono", "0");
  const high = html("span", "hc-mono");
  const meaning = html("span", "hc-hint");
  part.heading.append(html("span", "hc-scale", low, html("span", "hc-ramp"), high, meaning));
  const canvas = html("canvas", "hc-sheet");
  canvas.setAttribute("aria-hidden", "true");
  part.body.append(canvas, group);
  const gallery = { part, canvas, group, high, meaning, tiles: [], columns: 1, layout: null };
  const layOut = whenChanged((view, plan) => layOutTiles(gallery, view, plan));
  const name = whenChanged((view) => nameGallery(gallery, view));
  const label = whenChanged((view) => labelTiles(gallery, view));
  const colour = whenChanged((view) => colourTiles(gallery, view));
  const paintAll = whenChanged((view, plan) => paintTiles(gallery, view, plan));
  return {
    element: part.element,
    listen: (view) => listenToGallery(gallery, view),
    draw(view) {
      const { scene, words, palette, widths } = view;
      const { n_heads: nHeads, n_kv_heads: kvHeads } = scene.shape;
      name([words, scene.lang, scene.scale, scene.pool, scene.layer, !scene.map], view);
      const room = widths.galleryRoom(nHeads, part.heading);
      const plan = planTiles(nHeads, scene.groupSize, widths.gallery, room);
      gallery.columns = plan.columns;
      layOut([nHeads, kvHeads, plan.columns, plan.tile, plan.roomy], view, plan);
      // Spines are made anew by every layout.
      label([words, scene.lang, gallery.spines, scene.long.join("\n"), scene.short.join("\n"),
        scene.off.join()], view);
      colour([palette, view.head, gallery.spines], view);
      paintAll([scene.tiles_id, palette, plan.tile, devicePixelRatio, view.zoom, widths.gallery, nHeads,
        kvHeads, plan.columns, plan.roomy], view, plan);
    },
  };
}

/** Columns that give the largest tiles in `width` x `room`, a spine before each group of a row. */
export function planTiles(nHeads, groupSize, width, room) {
  const plans = [];
  for (let columns = 1; columns <= nHeads; columns++) {
    if (columns % groupSize && groupSize % columns) continue;
    const spines = Math.max(1, columns / groupSize);
    const column = (width - spines * SPINE) / columns - GAP;
    const rows = Math.ceil(nHeads / columns);
    const tile = Math.floor(Math.min(column, room / rows - CAPTION - GAP, 320));
    // A lone tile's words may begin above its spine.
    const line = column + (Math.min(groupSize, columns) === 1 ? SPINE : 0);
    plans.push({ columns, tile, fits: line >= READABLE, roomy: column >= ROOMY });
  }
  const fitting = plans.filter((plan) => plan.fits && plan.tile >= 24);
  const best = (list) => list.reduce((a, b) => (b.tile > a.tile ? b : a));
  return best(fitting.length ? fitting : plans);
}

function layOutTiles(gallery, { scene }, { columns, tile, roomy }) {
  const { n_heads: nHeads } = scene.shape;
  const focused = gallery.tiles.some((one) => one.button.matches(":focus"));
  while (gallery.tiles.length < nHeads) gallery.tiles.push(makeTile());
  gallery.tiles.length = nHeads;
  const inRow = Math.min(scene.groupSize, columns);
  gallery.spines = [];
  const groups = [];
  for (let head = 0; head < nHeads; head += inRow) {
    const spine = html("span", "hc-spine");
    spine.setAttribute("aria-hidden", "true");
    gallery.spines.push({ spine, kv: kvHeadOf(scene, head) });
    const buttons = gallery.tiles.slice(head, head + inRow).map((one) => one.button);
    groups.push(html("div", "hc-share", spine, ...buttons));
  }
  gallery.group.style.setProperty("--hc-tile", `${tile}px`);
  gallery.group.style.setProperty("--hc-groups", columns / inRow);
  gallery.group.style.setProperty("--hc-in-row", inRow);
  gallery.group.className = `hc-tiles${roomy ? "" : " hc-tight"}${inRow === 1 ? " hc-lone" : ""}`;
  gallery.group.replaceChildren(...groups);
  if (focused) gallery.tiles.find((one) => one.button.tabIndex === 0)?.button.focus();
}

function makeTile() {
  const number = html("b", "hc-number");
  const words = html("span", "hc-words");
  const frame = html("span", "hc-tile");
  const button = html("button", "hc-head", number, " ", words, frame); // two words, when heard
  button.type = "button";
  button.setAttribute("role", "radio");
  return { button, number, words, frame };
}

function nameGallery({ part, group, high, meaning }, { scene, words, formats }) {
  const title = scene.map ? words.gallery_layer : words.gallery_title;
  part.title.replaceChildren(term("head", fill(title, { layer: numberOf(scene, scene.layer) })));
  part.hint.textContent = scene.pool > 1
    ? fill(words.gallery_pooled, { n: scene.pool })
    : words.gallery_hint;
  group.setAttribute("aria-label", fill(words.gallery_label, { layer: numberOf(scene, scene.layer) }));
  high.textContent = formats.percent(scene.scale, false);
  meaning.replaceChildren(...withTerms(words.scale_terms));
}

function labelTiles({ tiles, spines }, { scene, words }) {
  tiles.forEach((one, head) => {
    const kv = kvHeadOf(scene, head);
    const [short, long] = [scene.short[head], scene.long[head]];
    one.number.textContent = head;
    one.words.textContent = short;
    const off = scene.off.includes(head);
    const own = fill(words.gallery_option, { head, kv, short, words: long });
    const name = off ? fill(words.gallery_off, { name: own }) : own;
    one.button.classList.toggle("hc-is-off", off);
    one.button.setAttribute("aria-label", name);
    one.button.title = name;
  });
  for (const { spine, kv } of spines) spine.textContent = fill(words.kv_head, { kv });
}

function colourTiles({ tiles, spines }, { scene, palette, head: chosen }) {
  const chosenKv = kvHeadOf(scene, chosen);
  const coloursOf = (kv) => kvColours(palette, kv, scene.shape.n_kv_heads, chosenKv);
  for (const { spine, kv } of spines) {
    [spine.style.background, spine.style.color] = coloursOf(kv);
  }
  tiles[chosen].button.style.setProperty("--hc-kv", coloursOf(chosenKv)[0]);
  markChosen(tiles.map((one) => one.button), chosen);
}

/** Each tile within its frame, on whole pixels of the screen. */
function paintTiles({ canvas, group, tiles }, { scene, palette, zoom }, { tile }) {
  const ratio = devicePixelRatio;
  const onScreen = (length) => Math.round(length * ratio);
  const room = group.getBoundingClientRect();
  const frames = tiles.map(({ frame }) => frame.getBoundingClientRect());
  canvas.width = onScreen(room.width);
  canvas.height = onScreen(room.height);
  canvas.style.width = `${canvas.width / ratio / zoom}px`;
  canvas.style.height = `${canvas.height / ratio / zoom}px`;
  const context = canvas.getContext("2d");
  const image = context.createImageData(canvas.width, canvas.height);
  frames.forEach((frame, head) => {
    const values = scene.tiles.subarray(head * scene.tile ** 2, (head + 1) * scene.tile ** 2);
    const left = onScreen(frame.left) - onScreen(room.left);
    const top = onScreen(frame.top) - onScreen(room.top);
    const [rows, columns] = [scene.n, scene.m].map((count) => Math.ceil(count / scene.pool));
    paintTile(image, { left, top, size: onScreen(tile * zoom) }, values, scene.tile,
      palette.pixels, rows, columns);
  });
  context.putImageData(image, 0, 0);
}

function listenToGallery(gallery, view) {
  const { group } = gallery;
  group.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    const head = gallery.tiles.findIndex((one) => one.button === button);
    if (head >= 0) view.chooseHead(head);
  });
  group.addEventListener("keydown", (event) => {
    if (event.key.toLowerCase() !== OFF || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    view.turnHead(view.head);
  });
  const steps = (key) => ({
    ArrowLeft: -1, ArrowRight: 1, ArrowUp: -gallery.columns, ArrowDown: gallery.columns,
    Home: -Infinity, End: Infinity,
  })[key];
  chooseByKeys(group, () => gallery.tiles.length, steps, () => view.head, view.chooseHead);
}
