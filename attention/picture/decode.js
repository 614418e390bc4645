// The payload of payload.py, read: header length, JSON header, uint8 tiles, uint16 chosen head.

import { repeatedIn } from "./text.js";

export function decode(bytes) {
  const length = new DataView(bytes.buffer, bytes.byteOffset, 4).getUint32(0, true);
  const header = JSON.parse(new TextDecoder().decode(bytes.subarray(4, 4 + length)));
  const start = 4 + length;
  const end = start + header.shape.n_heads * header.tile ** 2;
  // The bytes come unaligned; a Uint16Array needs its own copy.
  const chosen = new Uint16Array(bytes.slice(end, end + 2 * header.side ** 2).buffer);
  return sceneOf(header, bytes.subarray(start, end), chosen);
}

/** A scene of its parts, for a host that keeps them apart. */
export function sceneOf(header, tiles, chosen) {
  return {
    ...header,
    tiles,
    chosen,
    n: header.tokens.length,
    also: header.also ?? [], // tokens that are chosen beside the one
    // What stands along the columns: the same, or another text's tokens, as many as m.
    keys: header.keys ?? { tokens: header.tokens, goes_on: header.goes_on },
    m: (header.keys ?? header).tokens.length,
    across: Boolean(header.keys),
    text: header.tokens.join("\u0000"), // to tell whether the tokens are the same
    repeated: repeatedIn(header.tokens),
    groupSize: header.shape.n_heads / header.shape.n_kv_heads,
    nLayers: header.map?.entropy.length ?? header.cache?.n_layers ?? 1,
  };
}

/**
 * Across two texts as of one text, in which the source's tokens stand before the target's: what
 * draws a sentence knows no other. Of one text the view itself.
 */
export function jointOf(view) {
  const { scene, weights } = view;
  if (!scene.across) return view;
  const { m } = scene;
  const tokens = [...scene.keys.tokens, ...scene.tokens];
  const goesOn = [...scene.keys.goes_on, ...scene.goes_on.map((i) => i + m)];
  return {
    ...view,
    token: view.token + m,
    also: view.also.map((token) => token + m),
    chooseToken: (token) => token >= m && view.chooseToken(token - m),
    chooseTokens: (tokens) => view.chooseTokens(
      tokens.filter((token) => token >= m).map((token) => token - m)),
    scene: { ...scene, tokens, goes_on: goesOn, n: tokens.length,
      generated: scene.generated == null ? null : scene.generated + m, text: tokens.join("\u0000"),
      repeated: repeatedIn(tokens), second: m },
    weights: { ...weights, pool: 1, side: tokens.length,
      at: (query, key) => (query >= m && key < m ? weights.at(query - m, key) : 0) },
  };
}

/** The map's rows: an attention layer by its index, any other block by what it is. */
export function rowsOf(map) {
  return map.rows ?? map.entropy.map((_, layer) => layer);
}

/** What a layer is called: its number in the whole stack. */
export function numberOf({ map }, layer) {
  return map ? rowsOf(map).indexOf(layer) : layer;
}

export function kvHeadOf(scene, head) {
  return Math.floor(head / scene.groupSize);
}

/**
 * The weights of one head: exact for the head that the scene was made for; for any other from its
 * tile, which is there at once (to 1/255 of the scale, and pooled in a long text). Where a scene has
 * `roots`, those are finer: 255 times the root of the share of the scale, as small weights want.
 */
export function weightsOf(scene, head) {
  const { n, m, scale, tile, side } = scene;
  const own = head === scene.head && side > 0;
  const kept = own
    ? { exact: true, steps: 65535, values: scene.chosen, side, pool: scene.chosen_pool }
    : { exact: false, steps: 255, side: tile, pool: scene.pool,
      values: scene.tiles.subarray(head * tile * tile, (head + 1) * tile * tile) };
  const place = (i) => Math.floor(i / kept.pool);
  const roots = own ? null : scene.roots?.subarray(head * tile * tile, (head + 1) * tile * tile);
  const share = (i) => (roots ? (roots[i] / 255) ** 2 : kept.values[i] / kept.steps);
  return { ...kept, n, rows: Math.ceil(n / kept.pool), columns: Math.ceil(m / kept.pool),
    at: (query, key) => share(place(query) * kept.side + place(key)) * scale };
}

/** The `count` largest of [index, weight], largest first, none below `least`. */
export function largest(pairs, count, least) {
  return pairs.filter(([, weight]) => weight >= least).sort((a, b) => b[1] - a[1]).slice(0, count);
}

/** How many numbers each matrix holds, and all of them. */
export function matricesOf({ d_model, n_heads, n_kv_heads, head_dim }) {
  const [wide, narrow] = [n_heads * head_dim * d_model, n_kv_heads * head_dim * d_model];
  return { matrices: [["Q", wide], ["K", narrow], ["V", narrow], ["O", wide]],
    all: 2 * (wide + narrow) };
}
