// The numbers of a part of the picture as CSV (RFC 4180), each as exact as the page has it. Columns
// are named as in config.json and in the library, whatever the language of the page.

import { cacheRows, realRows } from "../cache.js";
import { jointOf, kvHeadOf, numberOf, weightsOf } from "../decode.js";
import { joinedToken } from "../joined.js";
import { plainOf } from "../terms.js";
import { blockOf, printable } from "../text.js";

const TABLES = { all: galleryTable, split: splitTable, gallery: galleryTable, head: headTable,
  joined: joinedTable, sentence: sentenceTable, cache: cacheTable, map: mapTable };

export function numbersCsv(view, part) {
  return csvOf(TABLES[part](view));
}

/** The mark in front makes spreadsheets read it as UTF-8. */
export function csvOf(rows) {
  return `\ufeff${rows.map((row) => row.map(field).join(",")).join("\r\n")}\r\n`;
}

/** A text that a spreadsheet would run as a formula gets an apostrophe. */
function field(value) {
  if (value === null || value === undefined) return "";
  if (typeof value === "number") return String(value);
  const text = /^[=+\-@\t\r]./.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** What a row or a column of pooled weights stands for. */
function places(tokens, pool) {
  return Array.from({ length: Math.ceil(tokens.length / pool) }, (_, i) => ({
    i, name: blockOf(i * pool, pool, tokens.length),
    token: tokens.slice(i * pool, (i + 1) * pool).map(printable).join(" "),
  }));
}

function matrix(view, weights) {
  const { values, side, columns, steps, pool } = weights;
  return places(view.scene.tokens, pool).map(({ i, name, token }) => [name, token,
    ...Array.from({ length: columns }, (_, key) => (values[i * side + key] / steps) * view.scene.scale)]);
}

const keysOf = (view, weights) =>
  places(view.scene.keys.tokens, weights.pool).map(({ name, token }) => `${name} ${token}`);

function headTable(view) {
  return [["query", "token", ...keysOf(view, view.weights)], ...matrix(view, view.weights)];
}

/** Every head from its tile, the chosen one too, so that all have the same size. */
function galleryTable(view) {
  const { scene } = view;
  const heads = Array.from({ length: scene.shape.n_heads }, (_, head) => head);
  const weights = heads.map((head) => weightsOf({ ...scene, side: 0 }, head));
  return [["layer", "head", "kv_head", "query", "token", ...keysOf(view, weights[0])],
    ...heads.flatMap((head) => matrix(view, weights[head]).map((row) =>
      [numberOf(scene, scene.layer), head, kvHeadOf(scene, head), ...row]))];
}

/** What each head gathered, and what W_O made of all of it. */
function joinedTable({ scene }) {
  const { contexts, output } = scene.joined;
  const token = joinedToken(scene);
  const rows = (vector, ...of) => vector.map((value, i) => [token, ...of, i, value]);
  return [["token", "vector", "head", "kv_head", "i", "value"],
    ...contexts.flatMap((context, head) => rows(context, "context", head, kvHeadOf(scene, head))),
    ...rows(output, "output", null, null)];
}

function sentenceTable(view) {
  const { scene, weights, token } = jointOf(view);
  return [["i", "token", `looked_at_by_${token}`, `looks_at_${token}`],
    ...scene.tokens.map((text, i) =>
      [i, printable(text), weights.at(token, i), weights.at(i, token)])];
}

/** Which columns of W_Q, and of W_K and W_V, are a head's. */
function splitTable({ scene: { split } }) {
  const { d_model, n_heads, n_kv_heads, head_dim } = split;
  return [["head", "kv_head", "q_first_column", "q_last_column", "kv_first_column",
    "kv_last_column", "d_model", "n_heads", "n_kv_heads", "head_dim"],
  ...Array.from({ length: n_heads }, (_, head) => {
    const kv = Math.floor((head * n_kv_heads) / n_heads);
    const columns = (i) => [i * head_dim, (i + 1) * head_dim - 1];
    return [head, kv, ...columns(head), ...columns(kv), d_model, n_heads, n_kv_heads, head_dim];
  })];
}

function cacheTable(view) {
  const { scene } = view;
  const { cache, split: shape, real } = scene;
  const factors = cache && [cache.n_layers, shape.head_dim, cache.seq_len, cache.number_bytes];
  const own = cache ? cacheRows(view).map(([label, n, bytes]) => [plainOf(label), bytes, n, ...factors]) : [];
  const others = real ? realRows(view).map(([label, bytes, , n]) =>
    [`${real.name}: ${plainOf(label)}`, bytes, n]) : [];
  return [["name", "bytes", "n_kv_heads", "n_layers", "head_dim", "seq_len", "number_bytes"],
    ...own, ...others];
}

function mapTable({ scene: { map } }) {
  const measures = ["entropy", "distance", "first", "previous"];
  return [["layer", "head", ...measures], ...map.entropy.flatMap((row, layer) =>
    row.map((_, head) => [numberOf({ map }, layer), head, ...measures.map((name) => map[name][layer][head])]))];
}
