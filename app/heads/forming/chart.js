// A small chart over the tokens that a training has read. The lines are stretched with their box;
// what is written stands beside them as text, at its own size.

const WIDE = 1000; // units of the drawing, whatever its size
const HIGH = 1000;

/**
 * Lines, the interval of the abrupt change, and a mark at the chosen checkpoint.
 *
 * Args: `top`, the value of the upper edge; `marks`, values that are written; `lines`, each with
 * `values` by checkpoint and its `layer`, null for none; `abrupt`, the index where it is over.
 */
function createChart({ scene, palette }, { name, top, marks, lines, abrupt }) {
  const { tokens } = scene;
  const last = tokens[tokens.length - 1];
  const x = (at) => (tokens[at] / last) * WIDE;
  const y = (value) => (1 - value / top) * HIGH;
  const paths = lines.map(({ values, layer }) => {
    const d = values.map((value, at) => `${at ? "L" : "M"}${x(at).toFixed(1)} ${y(value).toFixed(1)}`);
    const drawn = layer === null
      ? { stroke: palette.text, fill: "none", "stroke-width": 1.6 } : stroke(palette, layer);
    return svg("path", { d: d.join(""), "vector-effect": "non-scaling-stroke", ...drawn });
  });
  const under = marks.map((value) => svg("path", { d: `M0 ${y(value)}H${WIDE}`,
    "vector-effect": "non-scaling-stroke", stroke: palette.line, "stroke-width": 1 }));
  if (abrupt !== null) {
    under.unshift(svg("rect", { class: "hc-abrupt", x: x(abrupt - 1), y: 0,
      width: x(abrupt) - x(abrupt - 1), height: HIGH }));
  }
  const drawing = svg("svg", { viewBox: `0 0 ${WIDE} ${HIGH}`, preserveAspectRatio: "none",
    "aria-hidden": "true" }, ...under, ...paths);
  const cursor = html("div", "hc-cursor");
  const plot = html("div", "hc-plot", drawing, cursor);
  const short = new Intl.NumberFormat(scene.lang,
    { maximumFractionDigits: 1 });
  const written = marks.map((value) => {
    const label = html("span", "hc-mark", short.format(value));
    label.style.top = `${(y(value) / HIGH) * 100}%`;
    return label;
  });
  const compact = new Intl.NumberFormat(scene.lang,
    { notation: "compact", maximumFractionDigits: 1 });
  const ends = html("p", "hc-ends", html("span", "", short.format(0)),
    html("span", "", scene.labels.tokens), html("span", "", compact.format(last)));
  const element = html("figure", "hc-chart", html("figcaption", "", name),
    html("div", "hc-plot-box", ...written, plot), ends);
  let chosen = null;
  return { element, plot,
    mark: (at) => (cursor.style.left = `${(tokens[at] / last) * 100}%`),
    choose(line) {
      if (chosen !== null) paths[chosen].classList.remove("hc-chosen");
      chosen = line;
      paths[chosen].classList.add("hc-chosen");
      drawing.append(paths[chosen]); // above the others
    } };
}
