// The sentence: a button for each token, and lines (arcs.js) from the chosen one to what it looks
// at and to those that look at it. Pointing at another token shows its lines meanwhile.

import { drawLines, fitLines } from "./arcs.js";
import { largest } from "./decode.js";
import { chooseByKeys, html, markChosen, section, svg, whenChanged } from "./dom.js";
import { directionOf, fill, mentioned, printable } from "./text.js";

const NAMED = 3; // tokens named in words
const LEAST = 0.01; // weights below a hundredth are not named

export function createSentence() {
  const part = section("sentence");
  const looks = html("span", "hc-looks");
  const looked = html("span", "hc-looked");
  const legend = html("p", "hc-legend", looks, looked);
  part.heading.append(legend);
  const lines = svg("svg", { class: "hc-lines", role: "img" });
  const group = html("div", "hc-tokens");
  group.setAttribute("role", "radiogroup");
  part.body.append(html("div", "hc-line-room", lines, group));
  const sentence = { part, looks, looked, lines, group, buttons: [], preview: null };
  const write = whenChanged((view) => writeTokens(sentence, view));
  const name = whenChanged((view) => nameSentence(sentence, view));
  const fit = whenChanged(() => fitLines(sentence));
  const keep = whenChanged((view) => keepInSight(sentence, view.token));
  return {
    element: part.element,
    listen: (view) => listenToSentence(sentence, view),
    draw(view) {
      const { scene, words, widths, fonts, token } = view;
      write([scene.text, words], view);
      fit([scene.text, words, widths.root, fonts]);
      name([words], view);
      markChosen(sentence.buttons, token);
      sentence.preview = null;
      showLines(sentence, view, token);
      keep([scene.text, words, widths.root, fonts, token], view);
    },
  };
}

function writeTokens(sentence, { scene, words }) {
  sentence.group.dir = directionOf(scene.tokens);
  sentence.buttons = scene.tokens.map((token, i) => {
    const button = html("button", "hc-token", printable(token));
    button.type = "button";
    button.dir = "auto";
    button.setAttribute("role", "radio");
    button.setAttribute("aria-label", fill(words.sentence_token, { i, token: printable(token) }));
    return button;
  });
  sentence.group.replaceChildren(...sentence.buttons);
}

function nameSentence({ part, group }, { words }) {
  part.title.textContent = words.sentence_title;
  part.hint.textContent = words.sentence_hint;
  group.setAttribute("aria-label", words.sentence_label);
}

/** Lines and words for one token: the chosen one, or the one pointed at. */
function showLines(sentence, view, token) {
  const { scene, weights, words } = view;
  const others = [...scene.tokens.keys()].filter((i) => i !== token);
  const row = others.map((key) => [key, weights.at(token, key)]);
  const column = others.map((query) => [query, weights.at(query, token)]);
  row.push([token, weights.at(token, token)]);
  drawLines(sentence, view, token, row, column);
  const shown = mentioned(scene.tokens[token]);
  const list = (pairs) => largest(pairs, NAMED, LEAST)
    .map(([i, weight]) => named(view, i, weight)).join(", ");
  const looksAt = fill(words.sentence_looks, { token: shown, list: list(row) });
  const seenBy = list(column);
  const lookedAt = seenBy
    ? fill(words.sentence_looked, { token: shown, list: seenBy })
    : fill(words.sentence_nobody, { token: shown });
  sentence.looks.textContent = looksAt;
  sentence.looked.textContent = lookedAt;
  const alt = fill(words.sentence_alt, { looks: looksAt, looked: lookedAt });
  sentence.lines.setAttribute("aria-label", alt);
  sentence.buttons.forEach((button, i) => button.classList.toggle("hc-shown", i === token));
}

function named({ scene, weights, formats }, index, weight) {
  return `“${mentioned(scene.tokens[index])}” ${formats.percent(weight, weights.exact)}`;
}

/** A long sentence scrolls in its own box: bring the chosen token into it, not the page. */
function keepInSight({ part, boxes, height }, token) {
  const [box, first] = [part.body, boxes[0]];
  const second = boxes.find((one) => one.top > first.top);
  if (!second || height <= box.clientHeight + 1) return;
  const line = second.top - first.top;
  const above = (boxes[token].top + boxes[token].low - box.clientHeight) / 2;
  box.scrollTop = Math.round(above / line) * line; // whole lines
}

function listenToSentence(sentence, view) {
  const { group } = sentence;
  const tokenOf = (event) => sentence.buttons.indexOf(event.target.closest?.("button"));
  const preview = (token) => {
    if (sentence.preview === token) return;
    sentence.preview = token;
    showLines(sentence, view, token ?? view.token);
  };
  group.addEventListener("pointerover", (event) => {
    const token = tokenOf(event);
    preview(token >= 0 && event.pointerType !== "touch" ? token : null);
  });
  group.addEventListener("pointerleave", () => preview(null));
  group.addEventListener("click", (event) => {
    const token = tokenOf(event);
    if (token >= 0) view.chooseToken(token);
  });
  const steps = (key) => {
    const forward = group.dir === "rtl" ? -1 : 1;
    return { ArrowLeft: -forward, ArrowRight: forward, ArrowUp: -1, ArrowDown: 1,
      Home: -Infinity, End: Infinity }[key];
  };
  chooseByKeys(group, () => view.scene.n, steps, () => view.token, view.chooseToken);
}
