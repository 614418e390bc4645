// Two heads side by side: each as the picture draws its chosen one, with what is told beneath it.
// A row that is chosen in one is chosen in both. See pair.py for the payload.

import { applyPalette, forcedColours, readPalette } from "./colours.js";
import { decode, weightsOf } from "./decode.js";
import { grown, hearWhileThere, html } from "./dom.js";
import { createHeatmap } from "./heatmap.js";
import { createGlossary } from "./terms.js";
import { formatsOf } from "./text.js";

const pairs = new WeakMap();
const ROOM = 560; // px, the most that a square and its labels take

/** Draws `bytes` into `node`; again with others, or after a change of theme, in place. */
export function drawPair(node, bytes) {
  if (!bytes || bytes.length === 0) return;
  if (!pairs.has(node)) pairs.set(node, createPair(node));
  const pair = pairs.get(node);
  if (pair.bytes !== bytes) receivePair(pair, bytes);
  paintPair(pair);
}

function createPair(node) {
  const root = html("div", "hc-picture hc-pair");
  const pair = { root, bytes: null, width: 0, sides: [0, 1].map(() => createSide(root)) };
  for (const { view } of pair.sides) {
    view.chooseToken = (token) => {
      for (const side of pair.sides) side.view.token = token;
      paintPair(pair);
    };
    view.chooseTokens = ([token]) => view.chooseToken(token); // here one alone
  }
  node.append(root);
  offerPair(pair);
  const repaint = () => paintPair(pair);
  forcedColours().addEventListener("change", repaint);
  // A font or a window's size that changes the page's text changes the rem.
  document.fonts.addEventListener("loadingdone", repaint);
  new ResizeObserver(() => {
    if (root.clientWidth !== pair.width) paintPair(pair);
  }).observe(root);
  return pair;
}

/** Either head is told to whoever makes files of it (take.js). */
function offerPair(pair) {
  hearWhileThere(pair.root, document, "hc-take", ({ detail }) => {
    if (!pair.palette) return;
    detail.push(...pair.sides.map(({ view, title }) =>
      ({ ...view, layer: view.scene.layer, title: title.textContent })));
  });
}

function createSide(root) {
  const [title, told] = [html("h2", "hc-title"), html("p", "hc-told")];
  const heat = createHeatmap();
  const likely = html("table", "hc-likely");
  const element = html("section", "hc-side", title, told, heat.element, likely);
  const view = { widths: {}, zoom: 1, scene: null };
  heat.element.querySelector("h2").className = "hc-hint";
  heat.listen(view);
  root.append(element);
  createGlossary(element, view);
  return { element, title, told, heat, likely, view };
}

function receivePair(pair, bytes) {
  pair.bytes = bytes;
  const length = new DataView(bytes.buffer, bytes.byteOffset, 4).getUint32(0, true);
  const head = JSON.parse(new TextDecoder().decode(bytes.subarray(4, 4 + length)));
  let start = 4 + length;
  pair.sides.forEach((side, i) => {
    const end = start + head.lengths[i];
    const scene = decode(bytes.subarray(start, end));
    start = end;
    const formats = formatsOf(scene.lang, scene.words.byte_units);
    const weights = weightsOf(scene, scene.head);
    Object.assign(side.view, { scene, formats, weights, words: scene.words, head: scene.head,
      token: scene.token, also: [] });
    pair.root.lang = scene.lang;
    side.title.textContent = head.sides[i].title;
    side.told.textContent = head.sides[i].told;
    listWords(side, head.caption, head.sides[i].next);
  });
}

/** What may come next, [token, share, how the share reads]. */
function listWords({ likely }, caption, next) {
  likely.hidden = next.length === 0; // a model that foretells nothing
  likely.replaceChildren(html("caption", "", caption), ...next.map(([text, share, said]) => {
    const name = html("th", "", html("bdi", "", text));
    name.scope = "row";
    const bar = html("i");
    bar.style.width = `${share * 100}%`;
    return html("tr", "", name, html("td", "", html("span", "hc-likely-bar", bar)), html("td", "", said));
  }));
}

function paintPair(pair) {
  const { root, sides } = pair;
  if (!pair.bytes || !root.clientWidth) return; // hidden
  const zoom = grown(root);
  pair.width = root.clientWidth; // of the zoomed box
  const palette = readPalette(root);
  if (palette !== pair.palette) applyPalette(root, palette);
  pair.palette = palette;
  for (const { view, heat, element } of sides) {
    Object.assign(view, { palette, zoom });
    view.widths = { heat: element.clientWidth, heatRoom: ROOM };
    heat.draw(view);
  }
}
