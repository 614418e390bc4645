// Painting weights: onto a canvas of their own, one pixel a weight, which the style sheet enlarges
// without blur; or as a tile of many in an image.


/**
 * Paints weights (uint8 or uint16, `steps` is the largest weight). If there are more weights than
 * pixels, each pixel shows the largest of its weights: thin lines stay visible.
 *
 * Returns how many weights a side one pixel stands for.
 */
export function paint(canvas, { values, side, rows, columns, steps }, pixels, room) {
  const { pool, down, across, shown } = fitted(values, side, room, rows, columns);
  if (canvas.width !== across || canvas.height !== down) {
    [canvas.width, canvas.height] = [across, down];
  }
  const context = canvas.getContext("2d");
  const image = context.createImageData(across, down);
  const out = new Uint32Array(image.data.buffer);
  const toByte = 255 / steps;
  for (let i = 0; i < out.length; i++) out[i] = pixels[(shown[i] * toByte + 0.5) | 0];
  context.putImageData(image, 0, 0);
  return pool;
}

/**
 * Paints values (uint8) into a square of `image`, each enlarged without blur; if there are more
 * weights than pixels, pooled as in `paint`.
 */
export function paintTile(image, place, values, side, pixels, rows = side, columns = side) {
  const { left, top, size } = place;
  const { down, across, shown } = fitted(values, side, size, rows, columns);
  const out = new Uint32Array(image.data.buffer);
  for (let y = 0, last = -1; y < size; y++) {
    const start = (top + y) * image.width + left;
    const row = Math.floor((y * down) / size);
    if (row === last) {
      out.copyWithin(start, start - image.width, start - image.width + size);
    } else {
      for (let x = 0; x < size; x++) {
        out[start + x] = pixels[shown[row * across + Math.floor((x * across) / size)]];
      }
      last = row;
    }
  }
}

/**
 * Of `side` x `side` values the first rows and columns, at most `room` a side, and how many weights
 * each of them stands for.
 */
export function fitted(values, side, room, rows = side, columns = side) {
  const pool = Math.max(1, Math.ceil(Math.max(rows, columns) / Math.max(1, room)));
  const [down, across] = [Math.ceil(rows / pool), Math.ceil(columns / pool)];
  const whole = pool === 1 && rows === side && columns === side;
  return { pool, down, across,
    shown: whole ? values : pooled(values, side, { pool, rows, columns, down, across }) };
}

function pooled(values, side, { pool, rows, columns, down, across }) {
  const best = new Uint16Array(down * across);
  for (let row = 0; row < rows; row++) {
    const start = Math.floor(row / pool) * across;
    for (let block = 0, i = row * side; block < across; block++) {
      let most = best[start + block];
      const end = i + Math.min(pool, columns - block * pool);
      for (; i < end; i++) if (values[i] > most) most = values[i];
      best[start + block] = most;
    }
  }
  return best;
}
