// What becomes of the chosen token: what each head gathered for it, side by side, then W_O, then
// the vector that attention adds to it. One shade a number.

import { kvColours } from "./colours.js";
import { kvHeadOf } from "./decode.js";
import { html, section, whenChanged } from "./dom.js";
import { fill, named } from "./text.js";

const LANES = 15; // pixels high
const ADDED = 11;
const TALLER = 4; // times as high where nothing else is shown
const SAID = 3; // numbers in words
const PALEST = 0.06;

export function createJoined() {
  const part = section("joined");
  const [lanes, added] = [html("canvas", "hc-lanes"), html("canvas", "hc-added")];
  const heads = html("div", "hc-lane-heads");
  const step = html("p", "hc-by");
  part.body.setAttribute("role", "img");
  part.body.append(heads, lanes, step, added);
  const [above, below] = [html("span", "hc-plus"), html("span", "hc-minus")];
  part.heading.append(html("span", "hc-signs", above, below));
  const joined = { part, above, below, lanes, added, heads, step };
  const drawAll = whenChanged((view) => drawJoined(joined, view));
  return {
    element: part.element,
    draw(view) {
      const { scene, words, palette, head, token, widths } = view;
      part.element.hidden = !scene.joined;
      if (scene.joined) {
        drawAll([scene, words, palette, head, token, widths.joined, view.part], view);
      }
    },
  };
}

function drawJoined({ part, above, below, lanes, added, heads, step }, view) {
  const { scene, words, palette, head, widths, token, formats } = view;
  const { contexts, output } = scene.joined;
  const list = (numbers) => firstOf(numbers, formats);
  const from = contexts.flat();
  part.title.textContent = words.joined_title;
  above.textContent = words.joined_above;
  below.textContent = words.joined_below;
  const whose = joinedToken(scene);
  part.hint.textContent = fill(words.joined_hint, { token: named(scene, whose) });
  // The numbers are the token's that the data came with; of another they come in a moment.
  part.body.classList.toggle("hc-stale", token !== whose);
  step.replaceChildren(html("b", "", "W", html("sub", "", "O")),
    ` ${formats.number(from.length)} × ${formats.number(output.length)}`,
    html("span", "", fill(words.joined_added, { list: list(output) })));
  part.body.setAttribute("aria-label", fill(words.joined_alt, { token: named(scene, whose),
    n: contexts.length, head, numbers: list(contexts[head]), added: list(output) }));
  part.body.title = fill(words.joined_head, { head, numbers: list(contexts[head]) });
  heads.replaceChildren(...contexts.map((_, i) => {
    const lane = html("i", i === head ? "hc-lane-own" : "");
    const kv = kvHeadOf(scene, i);
    [lane.style.background] = kvColours(palette, kv, scene.shape.n_kv_heads,
      kvHeadOf(scene, head));
    return lane;
  }));
  const [width, tall] = [widths.joined || widths.heat, view.part ? TALLER : 1];
  shadeRow(lanes, from, { width, high: LANES * tall, palette });
  shadeRow(added, output, { width, high: ADDED * tall, palette });
}

/** Of whom the numbers are: a saved page may hold those of one token alone. */
export function joinedToken({ joined, token }) {
  return joined.token ?? token;
}

/** The first numbers of a vector, in words. */
export function firstOf(numbers, formats) {
  return [...numbers.slice(0, SAID)
    .map((number) => formats.fixed(number).replace("-", "\u2212")), "…"].join("; ");
}

/** How strong a number's colour is, 0 to 1, beside the largest. */
export function strengthOf(number, most) {
  return PALEST + (1 - PALEST) * (Math.abs(number) / (most || 1));
}

export function mostOf(numbers) {
  return numbers.reduce((a, b) => Math.max(a, Math.abs(b)), 0);
}

/** A cell a number: one colour above 0, another below, as strong as it is large. */
function shadeRow(canvas, numbers, { width, high, palette }) {
  const ratio = devicePixelRatio;
  [canvas.width, canvas.height] = [Math.round(width * ratio), high * ratio];
  const context = canvas.getContext("2d");
  const most = mostOf(numbers);
  const each = canvas.width / numbers.length;
  numbers.forEach((number, i) => {
    context.globalAlpha = strengthOf(number, most);
    context.fillStyle = number < 0 ? palette.looked : palette.looks;
    const left = Math.round(i * each);
    context.fillRect(left, 0, Math.max(1, Math.round((i + 1) * each) - left), canvas.height);
  });
}
