// The chosen head, large: rows look, columns are looked at. Painted on a canvas; token labels and
// the cross-hair (cursor.js) lie over it as SVG.

import { axisName, columnLabel, longestName, rowLabel } from "./axes.js";
import { kvColours } from "./colours.js";
import { createCursor } from "./cursor.js";
import { kvHeadOf } from "./decode.js";
import { html, section, svg, whenChanged } from "./dom.js";
import { generatedHint, generatedLines } from "./generated.js";
import { paint } from "./paint.js";
import { term } from "./terms.js";
import { fill } from "./text.js";

const LINE = 9.8; // a label needs this many pixels along its axis
const TALL_LINE = 13.5; // and this many in scripts with signs above and below, or as tall as wide
const TALL_LETTER = /[\u0590-\u1fff\u2e80-\uffff]/;
const LETTER = 6.7; // a typical letter at 12 px
const HEADING = 26; // pixels that a heading of one line takes
const PRINTED = 40; // a cell this large shows its number

export function createHeatmap() {
  const part = section("heat");
  const chip = html("span", "hc-chip");
  const role = html("span", "hc-role");
  part.heading.insertBefore(chip, part.hint);
  part.heading.insertBefore(role, part.hint);
  const turn = html("button", "hc-turn");
  turn.type = "button";
  part.heading.insertBefore(turn, role);
  const canvas = html("canvas", "hc-weights");
  canvas.setAttribute("role", "img");
  const axes = svg("svg", { class: "hc-axes", "aria-hidden": "true" });
  const overlay = svg("svg", { class: "hc-axes", "aria-hidden": "true" });
  const numbers = svg("svg", { class: "hc-axes", "aria-hidden": "true" });
  const field = html("div", "hc-field", canvas, axes, numbers, overlay);
  const says = html("p", "hc-says");
  part.body.append(field, says);
  const heat = { part, chip, role, turn, canvas, axes, numbers, overlay, field, says, plan: null,
    second: 0, painted: 1 };
  const paintAll = whenChanged((view) => paintHeat(heat, view));
  const name = whenChanged((view) => nameHeat(heat, view));
  const label = whenChanged((view) => labelAxes(heat, view));
  const print = whenChanged((view) => numbers.replaceChildren(...printedWeights(heat.plan, view)));
  const cursor = createCursor(heat);
  return {
    element: part.element,
    listen(view) {
      cursor.listen(view);
      turn.addEventListener("click", () => view.turnHead(view.head));
    },
    draw(view) {
      const { scene, palette, head, weights, widths, words } = view;
      name([words, palette, head, scene.n, scene.m, scene.generated, scene.long[head],
        scene.about?.[head],
        scene.shape.n_kv_heads, widths.heat, Boolean(view.on?.off), scene.off.join()], view);
      heat.plan = planHeat(scene, widths.heat, widths.heatRoom - (widths.beside ? 0 : heat.second));
      const { left, size } = heat.plan;
      paintAll([weights, palette, size, left, devicePixelRatio, view.zoom], view);
      label([words, palette, size, left, scene.text, scene.generated, JSON.stringify(scene.keys)],
        view);
      print([weights, scene.causal, palette, size, left], view);
      cursor.draw(view);
    },
  };
}

/** The square for the weights, what its labels need, and which tokens get one. */
export function planHeat({ tokens, keys, n, m, across }, width, room) {
  const plan = (letters) => {
    const margin = Math.max(34, Math.ceil(letters * LETTER) + 10);
    const size = Math.max(120, Math.floor(Math.min(width - margin - 2, room - margin)));
    const [high, wide] = [size / n, size / m]; // of a cell
    return { left: margin, top: margin, size, high, wide, cell: Math.min(high, wide), step: 1 };
  };
  const every = across ? [...tokens, ...keys.tokens] : tokens;
  const named = plan(longestName(every));
  if (named.cell >= TALL_LINE) return named;
  if (named.cell >= LINE && !every.some((token) => TALL_LETTER.test(token))) return named;
  // Too many for names: numbers at round steps, 2, 4, 8, 16, ...
  const numbered = plan(String(Math.max(n, m)).length);
  while (numbered.cell * numbered.step < 15) numbered.step *= 2;
  return numbered;
}

function nameHeat(heat, view) {
  const { part, chip, role, turn, canvas } = heat;
  const { scene, words, palette, head, formats } = view;
  const kv = kvHeadOf(scene, head);
  const [fillColour, textColour] = kvColours(palette, kv, scene.shape.n_kv_heads, kv);
  part.title.textContent = fill(words.head, { head });
  chip.replaceChildren(term("kv_head", fill(words.kv_head, { kv })));
  const [name, about] = [scene.role?.[head], scene.about?.[head]];
  const [word] = scene.glossary?.[name] ?? [];
  role.replaceChildren(...(word ? [term(name, word, [about, scene.glossary.figure?.[1]])] : []));
  chip.style.background = fillColour;
  chip.style.color = textColour;
  part.element.style.setProperty("--hc-kv", fillColour);
  const generated = generatedHint(scene, words);
  part.hint.textContent = [word ? scene.here[head] : scene.long[head], generated]
    .filter(Boolean).join("; ");
  const off = scene.off.includes(head);
  turn.hidden = !view.on?.off;
  turn.textContent = off ? words.head_on : words.head_off;
  turn.title = fill(off ? words.head_on_title : words.head_off_title, { head });
  part.element.classList.toggle("hc-is-off", off);
  // What a second line of the heading takes, the square gives.
  heat.second = Math.max(0, part.heading.offsetHeight - HEADING);
  const [n, m] = [formats.number(scene.n), formats.number(scene.m)];
  const alt = fill(words.heat_alt, { head, n, m, words: scene.long[head] });
  canvas.setAttribute("aria-label", alt);
}

/** Keeps how many weights a side a pixel stands for, which the page says. */
function paintHeat(heat, view) {
  const { canvas, field, plan } = heat;
  const { weights, palette, zoom } = view;
  const { left, top, size } = plan;
  const room = size * devicePixelRatio * zoom;
  heat.painted = weights.pool * paint(canvas, weights, palette.pixels, room);
  Object.assign(canvas.style, {
    left: `${left}px`, top: `${top}px`, width: `${size}px`, height: `${size}px`,
  });
  field.style.height = `${top + size + 1}px`;
  field.style.width = `${left + size + 2}px`;
}

function labelAxes({ axes, numbers, overlay, plan }, view) {
  const { left, top, size } = plan;
  axes.replaceChildren(...axisLabels(plan, view));
  for (const layer of [axes, numbers, overlay]) {
    layer.setAttribute("width", left + size + 2);
    layer.setAttribute("height", top + size + 2);
  }
}

/** The tokens' names, or numbers, along both edges of the square. */
export function axisLabels(plan, view) {
  const { left, top, high, wide, step } = plan;
  const { scene, words, palette } = view;
  const fits = (words.heat_rows.length + 2) * LETTER <= left + 8;
  const above = step === 1 ? 8 : 14; // a number's first row begins above the square
  const labels = [...generatedLines(plan, view), svg("text", { x: left - 6, y: top - above, class: "hc-axis", "text-anchor": "end",
    fill: palette.muted }, fits ? `${words.heat_rows} ↓` : "↓")];
  const name = (of, i) => (step === 1 ? axisName(of, i) : String(i));
  for (let i = 0; i < scene.n; i += step) {
    labels.push(rowLabel(name(scene, i), left, top + (i + 0.5) * high, palette.text));
  }
  for (let i = 0; i < scene.m; i += step) {
    labels.push(columnLabel(name(scene.keys, i), left + (i + 0.5) * wide, top, palette.text));
  }
  return labels;
}

/** In a short sentence the cells are large enough to show their numbers. */
export function printedWeights({ left, top, high, wide, cell }, { scene, weights, palette, formats }) {
  const texts = [];
  for (let query = 0; query < scene.n && cell >= PRINTED; query++) {
    for (let key = 0; key < scene.m; key++) {
      if (scene.causal && key > query) continue;
      const weight = weights.at(query, key);
      const colour = palette.onWeight[Math.round((weight / scene.scale) * 255)];
      texts.push(svg("text", { x: left + (key + 0.5) * wide, y: top + (query + 0.5) * high,
        class: "hc-in", fill: colour }, formats.percent(weight, false)));
    }
  }
  return texts;
}
