// A long text as a strip, from its first token to its last: above, what the chosen token looks at,
// below, who looks at it; of several their mean. A click chooses the token there.

import { jointOf } from "./decode.js";
import { html } from "./dom.js";
import { meanOf } from "./several.js";
import { fill, mentioned, named } from "./text.js";

const HIGH = 11; // pixels of each of the two rows: both are a target of 24 (WCAG 2.2, 2.5.8)
const FAINT = 0.004; // of the largest weight: less is not drawn

export function createStrip() {
  const canvas = html("canvas", "hc-strip-canvas");
  canvas.setAttribute("role", "img");
  const element = html("div", "hc-whole", canvas);
  const strip = { element, canvas, shown: null, view: null };
  return {
    element,
    listen: (view) => listenToStrip(strip, view),
    draw(view, shown) {
      element.hidden = shown.hidden;
      strip.shown = shown;
      if (!shown.hidden) paintStrip(strip, view);
    },
  };
}

function paintStrip({ canvas, element, shown }, view) {
  const { scene, weights, palette, words, widths, zoom } = view;
  const { chosen, first, count, direction } = shown;
  const width = widths.root;
  const ratio = devicePixelRatio * zoom;
  [canvas.width, canvas.height] = [Math.round(width * ratio), Math.round((2 * HIGH + 2) * ratio)];
  element.style.setProperty("--hc-strip-high", `${2 * HIGH + 2}px`);
  const context = canvas.getContext("2d");
  context.scale(ratio, ratio);
  const each = width / scene.n;
  const left = (i) => (direction === "rtl" ? width - (i + 1) * each : i * each);
  const bar = (i, weight, top, colour) => {
    const share = weight / scene.scale;
    if (share < FAINT) return;
    context.globalAlpha = 0.12 + 0.88 * share;
    context.fillStyle = colour;
    context.fillRect(left(i), top, Math.max(each, 1.5), HIGH);
  };
  for (let i = 0; i < scene.n; i++) {
    bar(i, meanOf(chosen, (token) => weights.at(token, i)), 0, palette.looks);
    if (chosen.includes(i)) continue;
    bar(i, meanOf(chosen, (token) => weights.at(i, token)), HIGH + 2, palette.looked);
  }
  context.globalAlpha = 1;
  context.strokeStyle = palette.muted;
  const start = Math.min(left(first), left(first + count - 1));
  context.strokeRect(start + 0.5, 0.5, Math.max(3, count * each - 1), 2 * HIGH + 1);
  context.fillStyle = palette.text;
  for (const token of chosen) context.fillRect(left(token) - 0.5, 0, 2, 2 * HIGH + 2);
  canvas.setAttribute("aria-label",
    fill(words.sentence_strip, { n: scene.n, token: named(scene, chosen[0]) }));
}

function listenToStrip(strip, view) {
  const { canvas } = strip;
  const tokenAt = (event) => {
    const box = canvas.getBoundingClientRect();
    const share = (event.clientX - box.left) / box.width;
    const along = strip.shown.direction === "rtl" ? 1 - share : share;
    const shown = jointOf(view);
    return strongestNear(shown, Math.floor(along * shown.scene.n), shown.scene.n / box.width);
  };
  canvas.addEventListener("click", (event) => jointOf(view).chooseToken(tokenAt(event)));
  canvas.addEventListener("pointermove", (event) => {
    const token = tokenAt(event);
    const { scene, words } = jointOf(view);
    canvas.title = fill(words.sentence_token, { i: token, token: mentioned(scene.tokens[token]) });
  });
}

/** Of the tokens within three pixels the one with the most weight: thin bars can be hit. */
function strongestNear({ scene, weights, token }, index, aPixel) {
  const reach = Math.ceil(3 * aPixel);
  const inside = (i) => Math.max(0, Math.min(scene.n - 1, i));
  const weight = (i) => Math.max(weights.at(token, i), weights.at(i, token));
  let best = inside(index);
  for (let i = inside(index - reach); i <= inside(index + reach); i++) {
    if (i !== token && weight(i) > weight(best) + scene.scale * FAINT) best = i;
  }
  return best;
}
