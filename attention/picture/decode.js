// The payload of payload.py, read: header length, JSON header, uint8 tiles, uint16 chosen head.

export function decode(bytes) {
  const length = new DataView(bytes.buffer, bytes.byteOffset, 4).getUint32(0, true);
  const scene = JSON.parse(new TextDecoder().decode(bytes.subarray(4, 4 + length)));
  const start = 4 + length;
  const end = start + scene.shape.n_heads * scene.tile ** 2;
  scene.n = scene.tokens.length;
  scene.text = scene.tokens.join("\u0000"); // to tell whether the tokens are the same
  scene.tiles = bytes.subarray(start, end);
  // The bytes come unaligned; a Uint16Array needs its own copy.
  scene.chosen = new Uint16Array(bytes.slice(end, end + 2 * scene.n ** 2).buffer);
  scene.groupSize = scene.shape.n_heads / scene.shape.n_kv_heads;
  return scene;
}

export function kvHeadOf(scene, head) {
  return Math.floor(head / scene.groupSize);
}

/**
 * The weights of one head: exact for the head that the scene was made for; for any other from its
 * tile, which is there at once (to 1/255 of the scale, and pooled in a long text).
 */
export function weightsOf(scene, head) {
  const { n, scale, tile, pool } = scene;
  if (head === scene.head) {
    return { n, exact: true, steps: 65535, values: scene.chosen, side: n, pool: 1,
      at: (query, key) => (scene.chosen[query * n + key] / 65535) * scale };
  }
  const values = scene.tiles.subarray(head * tile * tile, (head + 1) * tile * tile);
  const place = (i) => Math.floor(i / pool);
  return { n, exact: false, steps: 255, values, side: tile, pool,
    at: (query, key) => (values[place(query) * tile + place(key)] / 255) * scale };
}

/** The `count` largest of [index, weight], largest first, none below `least`. */
export function largest(pairs, count, least) {
  return pairs.filter(([, weight]) => weight >= least).sort((a, b) => b[1] - a[1]).slice(0, count);
}
