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
    text: header.tokens.join("\u0000"), // to tell whether the tokens are the same
    repeated: repeatedIn(header.tokens),
    groupSize: header.shape.n_heads / header.shape.n_kv_heads,
    nLayers: header.map?.entropy.length ?? header.cache?.n_layers ?? 1,
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
 * tile, which is there at once (to 1/255 of the scale, and pooled in a long text).
 */
export function weightsOf(scene, head) {
  const { n, scale, tile, side } = scene;
  const own = head === scene.head && side > 0;
  const kept = own
    ? { exact: true, steps: 65535, values: scene.chosen, side, pool: scene.chosen_pool }
    : { exact: false, steps: 255, side: tile, pool: scene.pool,
      values: scene.tiles.subarray(head * tile * tile, (head + 1) * tile * tile) };
  const place = (i) => Math.floor(i / kept.pool);
  return { ...kept, n,
    at: (query, key) =>
      (kept.values[place(query) * kept.side + place(key)] / kept.steps) * scale };
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
