// The cache and the map of the model, each as a block of a given width.

import { cacheRows, factorsOf, realRows, sourceOf } from "../cache.js";
import { kvColours } from "../colours.js";
import { kvHeadOf, rowsOf } from "../decode.js";
import { svg } from "../dom.js";
import { cellColour, mapNumbers, measuresOf, NUMBERS_ABOVE, NUMBERS_LEFT, valueText } from "../map.js";
import { plainOf } from "../terms.js";
import { fill } from "../text.js";
import { paragraph, stacked, titled } from "./blocks.js";
import { widthOf, textAt } from "./type.js";

const BAR = { line: 18, height: 14 };
const STRIPS = { "hc-strip-mha": "neutral", "hc-strip-own": "text", "": "muted" };

export function cacheBlock(view, width) {
  const { scene, words, palette } = view;
  const blocks = scene.cache ? ownCache(view, width)
    : [paragraph(words.cache_none, width, palette.text)];
  if (scene.real) blocks.push(...realCache(view, width));
  return titled(words.cache_title, [sourceOf(view)], stacked(blocks, 6), width, palette);
}

function ownCache(view, width) {
  const { scene, words, formats, palette } = view;
  const { cache, split: shape } = scene;
  const ratio = cache.mha_bytes / cache.now_bytes;
  const own = (kv) => kvColours(palette, kv, shape.n_kv_heads, kvHeadOf(scene, view.head))[0];
  const size = `${formats.bytes(cache.now_bytes)} · ${
    fill(words.cache_per_token, { bytes: formats.bytes(cache.bytes_per_token) })}`;
  const smaller = ratio > 1 ? fill(words.cache_smaller, { ratio: formats.short(ratio) })
    : words.cache_same;
  const bars = cacheRows(view).map(([label, count, bytes, isNow]) =>
    barBlock(view, [label, formats.bytes(bytes)], { width, share: count / shape.n_heads, count,
      colourOf: isNow ? own : () => palette.neutral, isNow }));
  return [paragraph(size, width, palette.text, { "font-weight": 600 }),
    paragraph(smaller, width, palette.text), ...bars, ledgerBlock(view, width)];
}

function realCache(view, width) {
  const { words, formats, palette, scene: { real } } = view;
  const bars = realRows(view).map(([label, bytes, kind]) =>
    barBlock(view, [label, formats.bytes(bytes)], { width, count: 1,
      share: Math.max(0.01, bytes / real.mha_bytes), colourOf: () => palette[STRIPS[kind]],
      isNow: kind === "hc-strip-own" }));
  return [
    paragraph(fill(words.real_title, { name: real.name }), width, palette.text,
      { "font-weight": 600 }),
    paragraph(real.setting, width, palette.muted), ...bars,
    paragraph(real.note, width, palette.muted),
  ];
}

/** A label, its bytes, and `count` segments that fill `share` of the width. */
function barBlock({ palette }, [label, bytes], { width, share, count, colourOf, isNow }) {
  const each = (width * share) / count;
  const gap = Math.min(1, each / 4);
  const segments = Array.from({ length: count }, (_, kv) => svg("rect", { x: kv * each, y: BAR.line,
    width: each - gap, height: BAR.height, fill: colourOf(kv) }));
  const ink = { "font-weight": isNow ? 600 : 400 };
  const colour = isNow ? palette.text : palette.muted;
  return { height: BAR.line + BAR.height + 3, nodes: [
    textAt(plainOf(label), 0, 13, colour, ink),
    textAt(bytes, width, 13, colour, { ...ink, "text-anchor": "end" }), ...segments,
  ] };
}

/** Factor by factor, or in words where layers keep different numbers of tokens. */
function ledgerBlock(view, width) {
  const { scene, words, formats, palette } = view;
  const [unit] = words.byte_units.split(" ");
  const small = { "font-size": 12 };
  const factors = scene.cache.formula ? [] : factorsOf(view);
  const rows = [...factors, [formats.number(scene.cache.now_bytes), "=", unit]];
  const right = 22 + Math.max(...rows.map(([factor]) => widthOf(factor, 12)));
  const lines = rows.map(([factor, sign, meaning], i) => {
    const ink = i === rows.length - 1 ? palette.text : palette.muted;
    return { height: 17, nodes: [textAt(sign, 0, 13, ink),
      textAt(factor, right, 13, palette.text, { "text-anchor": "end" }),
      textAt(plainOf(meaning), right + 8, 13, ink)] };
  });
  return stacked([paragraph(scene.cache.formula, width, palette.text, small), ...lines], 0);
}

export function mapBlock(view, width) {
  const { scene, words, palette, measure, layer, head } = view;
  const values = scene.map[measure];
  const rows = rowsOf(scene.map);
  const nHeads = Math.max(...values.map((row) => row.length));
  const cell = Math.max(6, Math.min(34, Math.floor((width - NUMBERS_LEFT) / nHeads)));
  const line = Math.max(10, Math.min(20, cell));
  const top = Math.max(0, ...values.flat());
  const place = (l, h) => ({ x: NUMBERS_LEFT + h * cell, y: NUMBERS_ABOVE + rows.indexOf(l) * line });
  const rects = values.flatMap((row, l) => row.map((value, h) => svg("rect", { ...place(l, h),
    width: cell - 1, height: line - 1, fill: cellColour(palette, value, top) })));
  const mark = svg("rect", { ...place(layer, head), width: cell - 1, height: line - 1,
    fill: "none", stroke: palette.text, "stroke-width": 2 });
  const frame = svg("rect", { x: NUMBERS_LEFT, y: NUMBERS_ABOVE, width: nHeads * cell,
    height: rows.length * line, fill: "none", stroke: palette.line });
  const others = rows.flatMap((row, i) => typeof row === "number" ? [] : [textAt(row,
    NUMBERS_LEFT + 3, NUMBERS_ABOVE + (i + 0.8) * line, palette.muted, { "font-size": 9 })]);
  const plan = { cell, line, nHeads, rows };
  const nodes = [frame, ...rects, ...others, mark, ...mapNumbers(plan, palette, [layer, head])];
  const scale = `${measuresOf(words)[measure]}: 0 – ${valueText(view, top)}`;
  const body = { nodes, height: NUMBERS_ABOVE + rows.length * line };
  return titled(words.map_title, [scale], body, width, palette);
}
