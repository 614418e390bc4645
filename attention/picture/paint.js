// Painting weights: onto a canvas of their own, one pixel a weight, which the style sheet enlarges
// without blur; or as a tile of many in an image.


/**
 * Paints `side` x `side` values (uint8 or uint16, `steps` is the largest weight). If there are
 * more weights than pixels, each pixel shows the largest of its weights: thin lines stay visible.
 *
 * Returns how many weights a side one pixel stands for.
 */
export function paint(canvas, values, side, steps, pixels, room) {
  const { pool, size, shown } = fitted(values, side, room);
  // Both: a new canvas is 300 x 150.
  if (canvas.width !== size || canvas.height !== size) canvas.width = canvas.height = size;
  const context = canvas.getContext("2d");
  const image = context.createImageData(size, size);
  const out = new Uint32Array(image.data.buffer);
  const toByte = 255 / steps;
  for (let i = 0; i < out.length; i++) out[i] = pixels[(shown[i] * toByte + 0.5) | 0];
  context.putImageData(image, 0, 0);
  return pool;
}

/**
 * Paints `side` x `side` values (uint8) into a square of `image`, each enlarged without blur; if
 * there are more weights than pixels, pooled as in `paint`.
 */
export function paintTile(image, { left, top, size }, values, side, pixels) {
  const { size: count, shown } = fitted(values, side, size);
  const out = new Uint32Array(image.data.buffer);
  for (let y = 0, last = -1; y < size; y++) {
    const start = (top + y) * image.width + left;
    const row = Math.floor((y * count) / size);
    if (row === last) {
      out.copyWithin(start, start - image.width, start - image.width + size);
    } else {
      for (let x = 0; x < size; x++) {
        out[start + x] = pixels[shown[row * count + Math.floor((x * count) / size)]];
      }
      last = row;
    }
  }
}

/** At most `room` values a side, and how many weights each of them stands for. */
export function fitted(values, side, room) {
  const pool = Math.max(1, Math.ceil(side / Math.max(1, room)));
  const size = Math.ceil(side / pool);
  return { pool, size, shown: pool === 1 ? values : pooled(values, side, pool, size) };
}

function pooled(values, side, pool, size) {
  const best = new Uint16Array(size * size);
  for (let row = 0, i = 0; row < side; row++) {
    const start = Math.floor(row / pool) * size;
    for (let block = 0; block < size; block++) {
      let most = best[start + block];
      const end = i + Math.min(pool, side - block * pool);
      for (; i < end; i++) if (values[i] > most) most = values[i];
      best[start + block] = most;
    }
  }
  return best;
}
