// The KV cache: bars for MHA, now and MQA in segments (a key-value head each), the formula with
// its numbers as a ledger, and beneath it the same for a real model.

import { kvColours } from "./colours.js";
import { kvHeadOf } from "./decode.js";
import { html, section, whenChanged } from "./dom.js";
import { plainOf, term, withTerms } from "./terms.js";
import { fill } from "./text.js";

export function createCache() {
  const part = section("cache");
  const drawAll = whenChanged((view) => drawCache(part, view));
  return {
    element: part.element,
    draw: ({ scene, words, palette, head, widths, ...rest }) =>
      drawAll([words, palette, kvHeadOf(scene, head), widths.cache, JSON.stringify(scene.cache),
        JSON.stringify(scene.real), JSON.stringify(scene.split), scene.cache_note],
      { scene, words, palette, head, widths, ...rest }),
  };
}

function drawCache(part, view) {
  const { scene, words } = view;
  part.title.replaceChildren(term("kv_cache", words.cache_title));
  part.hint.textContent = sourceOf(view);
  const own = scene.cache
    ? [html("div", "hc-now", ...cacheBars(view)), formulaLedger(view)]
    : [html("p", "hc-note", words.cache_none)];
  if (scene.cache_note) own.push(html("p", "hc-note", scene.cache_note));
  part.body.replaceChildren(...own, ...(scene.real ? [realModel(view)] : []));
}

/** Where the figures come from; empty where there are none. */
export function sourceOf({ scene: { cache, shape_only: drawn }, words }) {
  if (!cache) return "";
  if (cache.measured) return words.cache_measured;
  return drawn ? words.cache_shape_only : words.cache_computed;
}

function cacheBars(view) {
  const { scene, words, formats } = view;
  const { cache, split: shape } = scene;
  const ratio = cache.mha_bytes / cache.now_bytes;
  const size = html("p", "hc-size", html("b", "", term("kib", formats.bytes(cache.now_bytes))),
    html("span", "", fill(words.cache_per_token, { bytes: formats.bytes(cache.bytes_per_token) })));
  const smaller = html("p", "hc-smaller", ratio > 1
    ? fill(words.cache_smaller, { ratio: formats.short(ratio) })
    : words.cache_same);
  const bars = html("div", "hc-bars",
    ...cacheRows(view).flatMap(([label, count, bytes, isNow]) => bar(view, label, count, bytes,
      { total: shape.n_heads, own: isNow })));
  bars.setAttribute("role", "group"); // terms in it open
  bars.setAttribute("aria-label", fill(words.cache_alt, {
    now: formats.bytes(cache.now_bytes),
    mha: formats.bytes(cache.mha_bytes),
    mqa: formats.bytes(cache.mqa_bytes),
    formula: cache.formula
      || factorsOf(view).map(([factor, , meaning]) => `${factor} ${plainOf(meaning)}`).join(" × "),
  }));
  return [size, smaller, bars];
}

/** [label, KV heads, bytes, whether it is the model's own]. */
export function cacheRows({ scene, words }) {
  const { cache, split: shape } = scene;
  return [
    [fill(words.cache_mha, { n: shape.n_heads }), shape.n_heads, cache.mha_bytes, false],
    [fill(words.cache_now, { n: shape.n_kv_heads }), shape.n_kv_heads, cache.now_bytes, true],
    [words.cache_mqa, 1, cache.mqa_bytes, false],
  ];
}

/** A bar of `count` segments; `total` segments are the full width. */
function bar({ scene, palette, head, formats }, label, count, bytes, { total, own }) {
  const strip = html("div", "hc-strip");
  strip.style.width = `${(100 * count) / total}%`;
  const colourOf = (kv) => (own
    ? kvColours(palette, kv, count, kvHeadOf(scene, head))[0]
    : palette.neutral);
  strip.append(...Array.from({ length: count }, (_, kv) => {
    const segment = html("i");
    segment.style.background = colourOf(kv);
    return segment;
  }));
  const caption = html("div", own ? "hc-bar-label hc-own" : "hc-bar-label",
    html("span", "", ...withTerms(label)), html("span", "", formats.bytes(bytes)));
  return [caption, strip];
}

export function factorsOf({ scene, words, formats }) {
  const { cache, split: shape } = scene;
  return [
    [2, "", words.formula_k_and_v],
    [cache.n_layers, "×", words.formula_layers],
    [shape.n_kv_heads, "×", words.formula_kv_heads],
    [shape.head_dim, "×", words.formula_head_dim],
    [cache.seq_len, "×", words.formula_tokens],
    [cache.number_bytes, "×", words.formula_bytes],
  ].map(([factor, sign, meaning]) => [formats.number(factor), sign, meaning]);
}

/** Factor by factor, or in words where layers keep different numbers of tokens. */
function formulaLedger(view) {
  const { scene, words, formats } = view;
  const [unit] = words.byte_units.split(" ");
  const rows = scene.cache.formula ? [] : factorsOf(view);
  const line = (name, [factor, sign, meaning]) =>
    html("div", name, html("span", "", sign), html("b", "", factor),
      html("span", "", ...withTerms(meaning)));
  return html("div", "hc-ledger", scene.cache.formula,
    ...rows.map((row, i) => line(i === 2 ? "hc-factor hc-own" : "hc-factor", row)),
    line("hc-factor hc-total", [formats.number(scene.cache.now_bytes), "=", unit]));
}

function realModel(view) {
  const { scene, words, formats } = view;
  const { real } = scene;
  const bars = html("div", "hc-bars", ...realRows(view).flatMap(([label, bytes, kind]) =>
    realBar(label, formats.bytes(bytes), bytes / real.mha_bytes, kind)));
  bars.setAttribute("role", "group"); // terms in it open
  bars.setAttribute("aria-label", fill(words.real_alt, { name: real.name, setting: real.setting,
    built: formats.bytes(real.built_bytes), note: real.note }));
  return html("div", "hc-real", html("h3", "", fill(words.real_title, { name: real.name })),
    html("p", "hc-hint", real.setting), bars, html("p", "hc-note", real.note));
}

/** [label, bytes, class of the bar, KV heads]. */
export function realRows({ scene: { real }, words }) {
  const rows = [
    [fill(words.cache_mha, { n: real.n_heads }), real.mha_bytes, "hc-strip-mha", real.n_heads],
    [fill(words.real_built, { n: real.n_kv_heads }), real.built_bytes, "", real.n_kv_heads],
  ];
  if (real.n_kv_heads === real.n_heads) rows.shift(); // as built is MHA
  if (real.regrouped_bytes !== null) {
    const n = real.regrouped_n_kv_heads;
    rows.push([fill(words.real_regrouped, { n }), real.regrouped_bytes, "hc-strip-own", n]);
  }
  return rows;
}

function realBar(label, bytes, share, kind) {
  const own = kind === "hc-strip-own";
  const strip = html("div", `hc-strip ${kind}`, html("i"));
  strip.style.width = `${Math.max(1, 100 * share)}%`;
  const caption = html("div", own ? "hc-bar-label hc-own" : "hc-bar-label",
    html("span", "", ...withTerms(label)), html("span", "", bytes));
  return [caption, strip];
}
