// A picture that a model reads as patches: the weights of the chosen query laid over it as heat, and
// the tokens beside the patches, [CLS] and the like, as buttons. Where a text has its sentence.

import { html, markChosen, section, svg, whenChanged } from "./dom.js";
import { pairsOf, sentencesOf } from "./said.js";
import { fill, isolated } from "./text.js";

const PATCHES_HIGH = 320; // px of the picture, where there is room
const AROUND_PATCHES = 76; // px of the presenter's room: heading and legend
const COVER_LEAST = 0.25; // how much of the picture the heat covers where the weight is 0,
const COVER_MOST = 0.9; // and where it is the largest of the row

export function createPatches() {
  const element = html("section", "hc-patches");
  let patches = null; // made for the first picture; most models read texts
  return {
    element,
    draw(view) {
      patches ??= makePatches(element, view);
      const { scene, words, widths } = view;
      patches.place([scene.patches.png, widths.root, view.part], view);
      patches.name([scene.text, words, scene.lang], view);
      drawRow(patches, view);
    },
  };
}

function makePatches(element, view) {
  const part = section("patches");
  element.classList.add("hc-sentence");
  element.append(part.heading, part.body);
  const [looks, looked] = [html("span", "hc-looks"), html("span", "hc-looked")];
  part.heading.append(html("p", "hc-legend", looks, looked));
  const [under, plain] = [html("img"), html("img")];
  under.alt = "";
  const heat = html("canvas", "hc-patch-heat");
  const marks = svg("svg", { class: "hc-patch-marks", "aria-hidden": "true" });
  const field = html("div", "hc-patch-field", under, heat, marks);
  field.tabIndex = 0;
  field.setAttribute("role", "application");
  const group = html("div", "hc-patch-tokens");
  group.setAttribute("role", "radiogroup");
  const [low, high, meaning] = [html("span", "hc-mono", "0"), html("span", "hc-mono"), html("span")];
  const scale = html("p", "hc-scale", low, html("span", "hc-ramp"), high, meaning);
  const says = html("p", "hc-says");
  const shown = html("figure", "hc-patch-plain", plain, html("figcaption", "hc-hint"));
  part.body.append(field, shown, html("div", "hc-patch-side", group, scale, says));
  const patches = { element, part, looks, looked, under, plain, shown, heat, marks, field, group,
    high, meaning, says, buttons: [], pointed: null };
  patches.place = whenChanged((drawn) => placePicture(patches, drawn));
  patches.name = whenChanged((drawn) => nameTokens(patches, drawn));
  listenToPatches(patches, view);
  return patches;
}

function placePicture({ element, under, plain, field, marks, heat }, view) {
  const { png, rows, columns } = view.scene.patches;
  under.src = plain.src = `data:image/png;base64,${png}`;
  [heat.width, heat.height] = [columns, rows];
  marks.setAttribute("viewBox", `0 0 ${columns} ${rows}`);
  const tall = view.part ? view.widths.heatRoom - AROUND_PATCHES : PATCHES_HIGH;
  const wide = Math.floor(Math.min(view.root.clientWidth, (tall * columns) / rows));
  element.style.setProperty("--hc-patch-wide", `${wide}px`);
  field.style.aspectRatio = plain.style.aspectRatio = `${columns} / ${rows}`;
}

function nameTokens(patches, { scene, words }) {
  const { part, plain, shown, field, group } = patches;
  const { rows, columns } = scene.patches;
  part.title.textContent = words.patches_title;
  part.hint.textContent = words.patches_hint;
  field.setAttribute("aria-label", fill(words.patches_label, { rows, columns }));
  group.setAttribute("aria-label", words.patches_beside);
  plain.alt = shown.lastChild.textContent = fill(words.patches_shown, { rows, columns });
  patches.buttons = besideOf(scene).map(() => {
    const button = html("button", "hc-token");
    button.type = "button";
    button.setAttribute("role", "radio");
    return button;
  });
  group.replaceChildren(...patches.buttons);
  group.hidden = patches.buttons.length === 0;
}

/** Tokens that are no patches, in their order. */
export function besideOf({ n, patches }) {
  return [...Array(n).keys()].filter((token) => patchOf({ patches }, token) < 0);
}

/** The patch that a token is, row by row; -1 where it is none. */
function patchOf({ patches: { first, rows, columns } }, token) {
  return token >= first && token < first + rows * columns ? token - first : -1;
}

/** What a query gives each patch, and the largest of that. */
export function rowOf({ scene: { patches }, weights }, token) {
  const { first, rows, columns } = patches;
  const row = Array.from({ length: rows * columns }, (_, i) => weights.at(token, first + i));
  return { row, most: Math.max(...row) };
}

/** Of a weight its pixel of the palette, and how much of the picture it covers. */
export function heatOf({ palette }, weight, most) {
  const share = most > 0 ? weight / most : 0;
  return { pixel: palette.pixels[Math.round(255 * share)],
    cover: COVER_LEAST + (COVER_MOST - COVER_LEAST) * share };
}

function drawRow(patches, view) {
  const { heat, marks, high, meaning, buttons, looks, looked } = patches;
  const { scene, token, words } = view;
  const { row, most } = rowOf(view, token);
  const context = heat.getContext("2d");
  const image = context.createImageData(heat.width, heat.height);
  const out = new Uint32Array(image.data.buffer);
  row.forEach((weight, i) => {
    const { pixel, cover } = heatOf(view, weight, most);
    out[i] = (pixel & 0xffffff) | (Math.round(255 * cover) << 24);
  });
  context.putImageData(image, 0, 0);
  high.textContent = percentOf(view, most);
  meaning.textContent = fill(words.patches_scale, { token: isolated(scene.tokens[token]) });
  besideOf(scene).forEach((own, i) => {
    buttons[i].textContent = `${scene.tokens[own]} ${percentOf(view, view.weights.at(token, own))}`;
  });
  markChosen(buttons, besideOf(scene).indexOf(token));
  if (buttons.length && patchOf(scene, token) >= 0) buttons[0].tabIndex = 0;
  const { row: all, column } = pairsOf(view, [token]);
  [looks.textContent, looked.textContent] = sentencesOf(view, [token], all, column);
  marks.replaceChildren(...marksOf(scene, token, "hc-patch-own"));
  point(patches, view, patches.pointed);
}

function percentOf({ formats, weights }, weight) {
  return formats.percent(weight, weights.pool === 1);
}

/** Two lines, of the text's colour and the ground's: one of them shows on any picture. */
function marksOf(scene, token, name) {
  const at = patchOf(scene, token);
  if (at < 0) return [];
  const [x, y] = [at % scene.patches.columns, Math.floor(at / scene.patches.columns)];
  return ["hc-patch-ground", name].map((of) => svg("rect", { x, y, width: 1, height: 1,
    class: of, fill: "none", "vector-effect": "non-scaling-stroke" }));
}

/** The patch under the pointer, and its weight in words. */
function point(patches, view, token) {
  patches.pointed = token;
  const { scene, words } = view;
  const known = token !== null && token < scene.n;
  patches.says.textContent = known
    ? fill(words.patches_cell, { from: scene.tokens[view.token], to: scene.tokens[token],
      percent: percentOf(view, view.weights.at(view.token, token)) })
    : "";
}

const PATCH_STEPS = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0],
  Home: [-Infinity, -Infinity], End: [Infinity, Infinity] };

function listenToPatches(patches, view) {
  const { field, group } = patches;
  const tokenAt = (event) => {
    const { rows, columns, first } = view.scene.patches;
    const box = field.getBoundingClientRect();
    const within = (share, count) => Math.max(0, Math.min(count - 1, Math.floor(share * count)));
    const column = within((event.clientX - box.left) / box.width, columns);
    return first + within((event.clientY - box.top) / box.height, rows) * columns + column;
  };
  field.addEventListener("pointermove", (event) => point(patches, view, tokenAt(event)));
  field.addEventListener("pointerleave", () => point(patches, view, null));
  field.addEventListener("click", (event) => view.chooseToken(tokenAt(event)));
  field.addEventListener("keydown", (event) => {
    if (!PATCH_STEPS[event.key] || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    event.stopPropagation();
    view.chooseToken(stepped(view, PATCH_STEPS[event.key]));
  });
  const chosen = (event) => besideOf(view.scene)[patches.buttons.indexOf(event.target)];
  group.addEventListener("click", (event) => {
    if (chosen(event) !== undefined) view.chooseToken(chosen(event));
  });
  group.addEventListener("keydown", (event) => {
    const step = { ArrowLeft: -1, ArrowUp: -1, ArrowRight: 1, ArrowDown: 1 }[event.key];
    const next = patches.buttons[patches.buttons.indexOf(event.target) + step];
    if (!next) return;
    event.preventDefault();
    event.stopPropagation();
    view.chooseToken(besideOf(view.scene)[patches.buttons.indexOf(next)]);
    next.focus({ preventScroll: true });
  });
}

/** From a patch to the one beside it; from another token to the first patch. */
function stepped({ scene, token }, [down, right]) {
  const { first, rows, columns } = scene.patches;
  const at = patchOf(scene, token);
  if (at < 0) return first;
  const inside = (i, count) => Math.max(0, Math.min(count - 1, i));
  const row = inside(Math.floor(at / columns) + down, rows);
  return first + row * columns + inside((at % columns) + right, columns);
}
