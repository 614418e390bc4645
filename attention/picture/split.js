// The split: x is multiplied by the whole of W_Q, and the result is cut into heads. From below, x
// times W_K and W_V is cut into key-value heads; query heads and key-value heads meet in between.

import { kvColours } from "./colours.js";
import { kvHeadOf, matricesOf } from "./decode.js";
import { html, section, svg, whenChanged } from "./dom.js";
import { term, withTerms } from "./terms.js";
import { fill } from "./text.js";

const ROWS = { wq: 1, q: 30, kv: 69, wk: 99, wv: 114, end: 130 };
const TALL = { matrix: 22, head: 18, small: 14 };
const LABELS = 92; // a column of labels on the left; on a phone they stand above the rows

export function createSplit() {
  const part = section("split");
  const headline = html("span", "hc-headline");
  const badge = html("span", "hc-badge");
  const about = html("span", "");
  part.heading.insertBefore(about, part.hint);
  part.heading.append(headline, badge);
  const facts = html("p", "hc-facts");
  const check = html("span", "hc-check");
  const drawAll = whenChanged((view) => drawSplit(view, part, { about, headline, badge, facts, check }));
  return {
    element: part.element,
    draw: (view) =>
      drawAll([view.words, view.palette, view.widths.split, view.head, view.scene.check,
        view.scene.off.join(), JSON.stringify(view.scene.split), view.scene.across], view),
  };
}

function drawSplit(view, part, { about, headline, badge, facts, check }) {
  const { scene, words, formats } = view;
  const { split } = scene;
  const counts = Object.fromEntries(Object.entries(split).map(([k, n]) => [k, formats.number(n)]));
  part.title.textContent = words.split_title;
  about.replaceChildren(...withTerms(words.split_terms));
  part.hint.textContent = words.split_lead;
  headline.replaceChildren(term("head_dim", fill(words.split_headline, counts)));
  headline.title = `hidden_size ${split.d_model}, num_attention_heads ${split.n_heads}, ` +
    `num_key_value_heads ${split.n_kv_heads}, head_dim ${split.head_dim}`;
  badge.textContent = words.split_shape_only;
  badge.hidden = !scene.shape_only;
  check.textContent = checkInWords(view);
  facts.replaceChildren(...parameterCounts(split, words, formats), check);
  part.body.replaceChildren(splitDrawing(view, splitInWords(view)), facts);
}

/** The check of the split, on the columns of the chosen head. */
export function checkInWords({ scene, head }) {
  const { head_dim: dim } = scene.shape;
  return fill(scene.check, { head, first: head * dim, last: (head + 1) * dim - 1 });
}

/** The drawing for those who do not see it. */
export function splitInWords({ scene, words, formats, head }) {
  const { split } = scene;
  const counts = Object.entries(split).map(([name, n]) => [name, formats.number(n)]);
  return fill(words.split_alt, {
    ...Object.fromEntries(counts),
    group_size: formats.number(split.n_heads / split.n_kv_heads),
    head,
    kv: kvHeadOf(scene, head),
  });
}

function parameterCounts(split, words, formats) {
  const { matrices, all: sum } = matricesOf(split);
  const counts = matrices.map(([name, count]) => {
    const matrix = term(`w_${name.toLowerCase()}`, "W");
    matrix.append(html("sub", "", name));
    return html("span", "hc-count", matrix, ` ${formats.number(count)}`);
  });
  const all = fill(words.split_all, { n: formats.number(sum) });
  return [html("b", "", words.split_parameters), ...counts, html("span", "hc-count", all)];
}

export function splitDrawing(view, alt) {
  const width = view.widths.split;
  const labels = width >= 500 ? LABELS : 0;
  // On a phone the labels stand above and below the rows: what is between is drawn over.
  const gap = labels ? 0 : 16;
  const lift = { wq: gap, q: gap, kv: gap, wk: gap, wv: gap, end: 2 * gap + 4 };
  const y = Object.fromEntries(Object.entries(ROWS).map(([row, top]) => [row, top + lift[row]]));
  const plan = planOf(view, labels + 14, width - 1);
  const drawing = svg("svg", {
    width, height: y.end, viewBox: `0 0 ${width} ${y.end}`, role: "img", "aria-label": alt,
  });
  drawing.append(
    ...inputs(view, plan, y), ...cuts(plan, y), ...links(plan, y),
    ...matrices(plan, y), ...headBoxes(plan, y), ...rowLabels(view, plan, y, labels),
  );
  return drawing;
}

/** Where everything stands: heads to scale, each `unit` wide; key-value heads under their own. */
function planOf(view, left, right) {
  const { scene, palette, head, words } = view;
  const { n_heads: nHeads, n_kv_heads: nKv } = scene.split;
  const unit = (right - left) / nHeads;
  const groupSize = nHeads / nKv;
  const chosenKv = Math.floor(head / groupSize);
  const gap = Math.min(3, unit / 14);
  const box = Math.min(unit * groupSize - gap, Math.max(unit - gap, 46));
  return {
    left, unit, groupSize, nHeads, nKv, head, chosenKv, gap, box, palette, off: scene.off,
    nameOf: (kv) => fill(words.kv_head, { kv }),
    colours: (kv) => kvColours(palette, kv, nKv, chosenKv),
    middleOf: (kv) => left + (kv + 0.5) * unit * groupSize,
    // W_K and W_V to the same scale as W_Q, in the middle
    narrowLeft: (left + right) / 2 - (nKv * unit) / 2,
  };
}

/** x, whole, as a column of numbers at the left of each matrix: one number a row. */
function inputs({ scene, words, formats, palette }, { left, narrowLeft }, y) {
  const whole = fill(words.split_whole, { n: formats.number(scene.split.d_model) });
  const column = (x, top, height) => {
    const ticks = [];
    for (let at = top + 3; at < top + height; at += 3) ticks.push(`M${x} ${at}h7`);
    return svg("g", {}, svg("title", {}, whole),
      svg("rect", { x, y: top, width: 7, height, fill: palette.neutral }),
      svg("path", { d: ticks.join(""), stroke: palette.background, "stroke-width": 1 }),
      svg("rect", { x, y: top, width: 7, height, fill: "none", stroke: palette.muted }));
  };
  return [
    column(left - 12, y.wq, TALL.matrix),
    column(narrowLeft - 12, y.wk, y.wv + TALL.small - y.wk),
  ];
}

/** What falls out of each column block of a matrix becomes one head. */
function cuts(plan, y) {
  const { left, unit, gap, nHeads, nKv, groupSize, box, middleOf, narrowLeft, colours } = plan;
  const shapes = [];
  for (let head = 0; head < nHeads; head++) {
    const [x, top, low] = [left + head * unit, y.wq + TALL.matrix, y.q];
    const [a, b] = [x + gap / 2, x + unit - gap / 2];
    shapes.push(svg("path", { d: `M${x} ${top}H${x + unit}L${b} ${low}H${a}Z`,
      fill: colours(Math.floor(head / groupSize))[0], opacity: 0.22 }));
  }
  for (let kv = 0; kv < nKv; kv++) {
    const [x, top, low] = [narrowLeft + kv * unit, y.wk, y.kv + TALL.head];
    const [a, b] = [middleOf(kv) - box / 2, middleOf(kv) + box / 2];
    shapes.push(svg("path", { d: `M${x} ${top}H${x + unit}L${b} ${low}H${a}Z`,
      fill: colours(kv)[0], opacity: 0.22 }));
  }
  return shapes;
}

/** A line from every query head to the key-value head that it reads. */
function links(plan, y) {
  const { left, unit, nHeads, nKv, groupSize, box, middleOf, colours, palette } = plan;
  const chosen = plan.head;
  const [top, low] = [y.q + TALL.head, y.kv];
  const half = (low - top) / 2;
  const line = (head) => {
    const kv = Math.floor(head / groupSize);
    const from = left + (head + 0.5) * unit;
    const spread = groupSize > 1 ? ((head % groupSize) + 0.5) / groupSize - 0.5 : 0;
    const to = middleOf(kv) + spread * box * 0.8;
    const neutral = nKv > palette.kv.length && head !== chosen;
    return svg("path", {
      d: `M${from} ${top}C${from} ${top + half} ${to} ${low - half} ${to} ${low}`,
      fill: "none",
      stroke: neutral ? palette.muted : colours(kv)[0],
      "stroke-width": head === chosen ? 4 : 1.5,
    });
  };
  const order = Array.from({ length: nHeads }, (_, head) => head).filter((head) => head !== chosen);
  return [...order, chosen].map(line);
}

function matrices(plan, y) {
  const { left, unit, nHeads, nKv, groupSize, narrowLeft, palette, head, chosenKv } = plan;
  const block = (x, top, height, kv, text, isChosen) => {
    const [colour] = plan.colours(kv);
    const shape = svg("rect", { x, y: top, width: unit, height, fill: colour, "fill-opacity": 0.3,
      stroke: isChosen ? palette.text : palette.background,
      "stroke-width": isChosen ? 1.5 : 0.75 });
    const label = unit >= 15 && svg("text", { x: x + unit / 2, y: top + height / 2, class: "hc-in",
      fill: palette.text }, String(text));
    return label ? [shape, label] : [shape];
  };
  const heads = Array.from({ length: nHeads }, (_, i) =>
    block(left + i * unit, y.wq, TALL.matrix, Math.floor(i / groupSize), i, i === head));
  const keyValues = Array.from({ length: nKv }, (_, kv) => [y.wk, y.wv].flatMap((top) =>
    block(narrowLeft + kv * unit, top, TALL.small, kv, kv, kv === chosenKv)));
  const frame = (x, top, width, height) =>
    svg("rect", { x, y: top, width, height, fill: "none", stroke: palette.muted });
  return [
    ...heads.flat(), ...keyValues.flat(),
    frame(left, y.wq, nHeads * unit, TALL.matrix),
    frame(narrowLeft, y.wk, nKv * unit, TALL.small),
    frame(narrowLeft, y.wv, nKv * unit, TALL.small),
  ];
}

function headBoxes(plan, y) {
  const { left, unit, gap, box, nHeads, nKv, groupSize, middleOf, palette, head, chosenKv } = plan;
  const filled = (x, top, width, kv, text, [count, chosen]) => {
    const isChosen = text === chosen;
    const [fillColour, textColour] = plan.colours(kv);
    const shape = svg("rect", { x, y: top, width, height: TALL.head, rx: 2, fill: fillColour,
      ...(isChosen && { stroke: palette.text, "stroke-width": 2 }) });
    const room = 6.2 * String(count - 1).length;
    const shown = isChosen || width >= room || (text % 4 === 0 && Math.abs(text - chosen) > 1);
    const label = svg("text", { x: x + width / 2, y: top + TALL.head / 2, class: "hc-in hc-strong",
      fill: textColour }, box >= 40 && top === y.kv ? plan.nameOf(kv) : String(text));
    return shown ? [shape, label] : [shape];
  };
  const queries = Array.from({ length: nHeads }, (_, i) => {
    const x = left + i * unit + gap / 2;
    return filled(x, y.q, unit - gap, Math.floor(i / groupSize), i, [nHeads, head]);
  });
  const keyValues = Array.from({ length: nKv }, (_, kv) =>
    filled(middleOf(kv) - box / 2, y.kv, box, kv, kv, [nKv, chosenKv]));
  return [...queries.flat(), ...keyValues.flat(), ...plan.off.map((i) => cross(plan, i, y.q))];
}

/** The names of the rows, with shapes: at the left, or above the rows on a phone. */
function rowLabels({ scene, words, palette, formats }, { nHeads, nKv }, y, labels) {
  const { d_model: dModel, head_dim: headDim } = scene.split;
  const text = (top, ...parts) => svg("text", { x: 0, y: top, class: "hc-row" }, ...parts);
  const strong = (...parts) => svg("tspan", { fill: palette.text }, ...parts);
  const quiet = (...parts) => svg("tspan", { fill: palette.muted }, ...parts);
  const times = (names, x = scene.across ? "s" : "x") => // s is of the source
    strong(svg("tspan", { "font-style": "italic" }, x), " · ", ...names.flatMap((name, i) =>
      [i ? ", W" : "W", svg("tspan", { dy: 3 }, name), svg("tspan", { dy: -3 }, "\u200b")]));
  const shape = (n) => quiet(`${formats.number(dModel)} × ${formats.number(n * headDim)}`);
  const cut = (names, n) => [strong(names), quiet(`  ${fill(words.split_cut, { n })}`)];
  if (!labels) {
    return [
      text(y.wq - 5, times(["Q"], "x"), "  ", shape(nHeads), "   ", ...cut("q", nHeads)),
      text(y.end - 4, times(["K", "V"]), "  ", shape(nKv), "   ", ...cut("k, v", nKv)),
    ];
  }
  return [
    text(y.wq + 9, times(["Q"], "x")), text(y.wq + 24, shape(nHeads)),
    text(y.q + 15, ...cut("q", nHeads)), text(y.kv + 14, ...cut("k, v", nKv)),
    text(y.wk + 10, times(["K", "V"])), text(y.wk + 26, shape(nKv)),
  ];
}

/** A head that is switched off is crossed out. */
function cross({ left, unit, gap, palette }, head, top) {
  const [x, wide, tall] = [left + head * unit + gap / 2, unit - gap, TALL.head];
  return svg("path", { stroke: palette.background, "stroke-width": 2,
    d: `M${x} ${top}l${wide} ${tall}m0 ${-tall}l${-wide} ${tall}` });
}
