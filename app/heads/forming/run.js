// One training: its title, the two charts, and every head's tile at the chosen checkpoint.

const TILE = 38; // px, with its gap
const GAP = 4;
const NEAR = 18; // px from a line that still mean it

function createRun(player, run, index) {
  const { scene } = player;
  const { labels } = scene;
  const [nLayers, nHeads] = [run.scores[0].length, run.scores[0][0].length];
  const top = Math.ceil(Math.max(...scene.runs.flatMap((one) => one.losses)));
  const loss = createChart(player, { name: labels.loss, top, marks: [top],
    lines: [{ values: run.losses, layer: null }], abrupt: run.abrupt });
  const lines = [];
  for (let layer = 0; layer < nLayers; layer++) {
    for (let head = 0; head < nHeads; head++) {
      const values = run.scores.map((one) => one[layer][head]);
      lines.push({ values, layer });
    }
  }
  const score = createChart(player, { name: labels.score, top: 1,
    marks: [scene.mostly, 1], lines, abrupt: run.abrupt });
  const canvas = html("canvas", "hc-tiles");
  canvas.setAttribute("role", "img");
  canvas.setAttribute("aria-label", fill(labels.tiles, { run: run.title }));
  canvas.style.width = `${nHeads * TILE - GAP}px`;
  canvas.style.height = `${nLayers * TILE - GAP}px`;
  const frame = html("div", "hc-frame");
  const tiles = html("div", "hc-tile-box", canvas, frame);
  const now = html("p", "hc-now");
  const element = html("section", "hc-run", html("h2", "", run.title),
    html("p", "hc-says", run.says), loss.element, score.element, tiles, now);
  const one = { run, index, nLayers, nHeads, element, loss, score, canvas, frame, now, pointed: null };
  hearPointer(player, one);
  return one;
}

function drawRun(player, one) {
  const { scene, at, palette } = player;
  const { run, nLayers, nHeads, canvas, index } = one;
  one.loss.mark(at);
  one.score.mark(at);
  const ratio = devicePixelRatio;
  const [size, gap] = [Math.round((TILE - GAP) * ratio), Math.round(GAP * ratio)];
  const [width, height] = [nHeads, nLayers].map((n) => n * (size + gap) - gap);
  if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
  const context = canvas.getContext("2d");
  const image = context.createImageData(width, height);
  const area = scene.side ** 2;
  const start = (index * scene.steps.length + at) * nLayers * nHeads * area;
  for (let i = 0; i < nLayers * nHeads; i++) {
    const place = { left: (i % nHeads) * (size + gap), top: Math.floor(i / nHeads) * (size + gap), size };
    const values = scene.tiles.subarray(start + i * area, start + (i + 1) * area);
    paintTile(image, place, values, scene.side, palette.pixels);
  }
  context.putImageData(image, 0, 0);
  sayNow(player, one);
}

/** The head that is pointed at, or the strongest one at this checkpoint. */
function sayNow({ scene, at, formats }, one) {
  const { run, nHeads, pointed, now, frame } = one;
  const flat = run.scores[at].flat();
  const best = pointed ?? flat.indexOf(Math.max(...flat));
  const [layer, head] = [Math.floor(best / nHeads), best % nHeads];
  const name = fill(scene.labels.head, { layer, head });
  const template = pointed === null ? scene.labels.strongest : scene.labels.pointed;
  const loss = fill(scene.labels.loss_now, { loss: formats.fixed(run.losses[at]) });
  now.textContent = `${fill(template, { name, score: formats.fixed(flat[best]) })} · ${loss}`;
  one.score.choose(best);
  Object.assign(frame.style, { left: `${head * TILE}px`, top: `${layer * TILE}px`,
    width: `${TILE - GAP}px`, height: `${TILE - GAP}px` });
}

function hearPointer(player, one) {
  const point = (head) => {
    if (head === one.pointed) return;
    one.pointed = head;
    sayNow(player, one);
  };
  one.canvas.addEventListener("pointermove", (event) => {
    const [column, row] = [event.offsetX, event.offsetY].map((px) => Math.floor(px / TILE));
    point(column < one.nHeads && row < one.nLayers ? row * one.nHeads + column : null);
  });
  one.canvas.addEventListener("pointerleave", () => point(null));
  one.score.plot.addEventListener("pointermove", (event) => {
    const box = one.score.plot.getBoundingClientRect();
    const at = nearestTo(player.scene.tokens, (event.clientX - box.left) / box.width);
    const away = one.run.scores[at].flat().map((score) =>
      Math.abs((1 - score) * box.height - (event.clientY - box.top)));
    const least = Math.min(...away);
    point(least <= NEAR ? away.indexOf(least) : null);
  });
  one.score.plot.addEventListener("pointerleave", () => point(null));
  for (const { plot } of [one.loss, one.score]) {
    plot.addEventListener("click", (event) => {
      const box = plot.getBoundingClientRect();
      const at = nearestTo(player.scene.tokens, (event.clientX - box.left) / box.width);
      step(player, at - player.at);
    });
  }
}

function nearestTo(tokens, share) {
  const wanted = share * tokens[tokens.length - 1];
  const away = tokens.map((n) => Math.abs(n - wanted));
  return away.indexOf(Math.min(...away));
}
