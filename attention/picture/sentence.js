// The sentence: a button for each token, and lines (arcs.js) from the chosen one to what it looks
// at and to those that look at it. Pointing at another token shows its lines meanwhile. Of a long
// text the tokens around the chosen one stand here, and a strip (strip.js) shows all of it. Of
// several chosen tokens each has lines of its own, and the words and the strip tell their mean.

import { drawLines, fitLines } from "./arcs.js";
import { jointOf } from "./decode.js";
import { chooseByKeys, html, markChosen, section, svg, whenChanged } from "./dom.js";
import { generatedHint, isGenerated } from "./generated.js";
import { LONG, pairsOf, sentencesOf } from "./said.js";
import { chosenOf, extended, toggled, upTo } from "./several.js";
import { createStrip } from "./strip.js";
import { term } from "./terms.js";
import { directionOf, fill, isolated, printable, standsFor } from "./text.js";

export const WINDOW = 160;
const WIDE = 20; // a token of more letters may be wider than a phone
const EDGE = 12; // a token chosen this near the window's edge moves it

export function createSentence() {
  const part = section("sentence");
  const looks = html("span", "hc-looks");
  const looked = html("span", "hc-looked");
  const legend = html("p", "hc-legend", looks, looked);
  const several = html("button", "hc-turn hc-several");
  several.type = "button";
  several.ariaPressed = "false";
  part.heading.append(several, legend);
  const lines = svg("svg", { class: "hc-lines", role: "img" });
  const group = html("div", "hc-tokens");
  group.setAttribute("role", "radiogroup");
  part.body.append(html("div", "hc-line-room", lines, group));
  const strip = createStrip();
  part.element.insertBefore(strip.element, part.body);
  const sentence = { part, several, looks, looked, lines, group, strip, buttons: [], first: 0,
    preview: null };
  const write = whenChanged((view) => writeTokens(sentence, view));
  const name = whenChanged((view) => nameSentence(sentence, view));
  const fit = whenChanged(() => fitLines(sentence));
  const keep = whenChanged((view) => keepInSight(sentence, view.token));
  return {
    element: part.element,
    listen: (view) => listenToSentence(sentence, view),
    draw(drawn) {
      const view = jointOf(drawn);
      const { scene, words, widths, fonts, token } = view;
      sentence.first = windowFor(sentence, scene, token);
      const standing = [scene.text, words, sentence.first, String(scene.counts),
        String(scene.goes_on), scene.generated];
      const focused = sentence.group.matches(":focus-within");
      write(standing, view);
      fit([...standing, widths.root, fonts]);
      name([words], view);
      markChosen(sentence.buttons, token - sentence.first);
      markAlso(sentence, view);
      if (focused) sentence.buttons[token - sentence.first].focus({ preventScroll: true });
      sentence.preview = null;
      showLines(sentence, view, token);
      keep([...standing, widths.root, fonts, token, drawn.part], view);
    },
  };
}

/** Those chosen beside the one: a radio group has one that is checked. */
function markAlso({ buttons, first }, { also, words }) {
  buttons.forEach((button, i) => {
    const isChosen = also.includes(first + i);
    if (button.classList.contains("hc-also") === isChosen) return;
    button.classList.toggle("hc-also", isChosen);
    const own = button.dataset.about ?? "";
    const about = [isChosen && words.sentence_also, own].filter(Boolean).join("; ");
    if (about) button.setAttribute("aria-description", about);
    else button.removeAttribute("aria-description");
  });
}

/** The first token that stands here; it stays while the chosen one is well inside. */
function windowFor({ first, text }, scene, token) {
  if (scene.n <= LONG) return 0;
  const last = scene.n - WINDOW;
  const inside = text === scene.text
    && (first === 0 || token >= first + EDGE)
    && (first === last || token < first + WINDOW - EDGE);
  if (inside && token >= first && token < first + WINDOW) return first;
  return Math.max(0, Math.min(last, token - WINDOW / 2));
}

function writeTokens(sentence, { scene, words }) {
  const { first, part, group } = sentence;
  const long = scene.n > LONG;
  sentence.text = scene.text;
  part.element.classList.toggle("hc-long", long);
  group.dir = directionOf(scene.tokens);
  const standing = long ? scene.tokens.slice(first, first + WINDOW) : scene.tokens;
  sentence.buttons = standing.map((token, i) => makeToken(scene, words, token, first + i));
  group.replaceChildren(...sentence.buttons);
  sentence.buttons[scene.second - first]?.before(html("i", "hc-break")); // of two texts
}

function makeToken(scene, words, token, i) {
  const button = html("button", "hc-token", printable(token));
  button.type = "button";
  button.dir = "auto";
  button.setAttribute("role", "radio");
  const name = fill(words.sentence_token, { i, token: isolated(printable(token)) });
  const standing = standsFor(scene, words, i);
  button.setAttribute("aria-label", standing ? `${name}; ${standing}` : name);
  const [goesOn, generated] = [scene.goes_on.includes(i), isGenerated(scene, i)];
  const about = [goesOn && words.sentence_goes_on, generated && words.sentence_generated_this];
  button.dataset.about = about.filter(Boolean).join("; ");
  if (goesOn || generated) button.setAttribute("aria-description", button.dataset.about);
  button.classList.toggle("hc-goes-on", goesOn);
  button.classList.toggle("hc-generated", generated);
  button.classList.toggle("hc-merged", standing !== "");
  button.classList.toggle("hc-wide", token.length > WIDE);
  button.title = standing;
  return button;
}

function nameSentence({ part, group, several }, { words }) {
  several.textContent = words.sentence_several;
  several.title = words.sentence_several_title;
  part.title.replaceChildren(term("token", words.sentence_title));
  group.setAttribute("aria-label", words.sentence_label);
}

/** Lines and words for the chosen tokens, or for the one pointed at. */
function showLines(sentence, view, token) {
  const { scene, words } = view;
  const chosen = token === view.token ? chosenOf(view) : [token];
  drawLines(sentence, view, chosen.map((each) => [each, pairsOf(view, [each])]));
  sentence.strip.draw(view, { first: sentence.first, count: sentence.buttons.length, chosen,
    direction: sentence.group.dir, hidden: scene.n <= LONG });
  const { row, column } = pairsOf(view, chosen);
  const [looksAt, lookedAt] = sentencesOf(view, chosen, row, column);
  sentence.looks.textContent = looksAt;
  sentence.looked.textContent = lookedAt;
  const said = [looksAt, lookedAt].filter(Boolean).join("; ");
  const alt = fill(words.sentence_alt, { said });
  sentence.lines.setAttribute("aria-label", alt);
  sentence.part.hint.textContent = hintOf(sentence, view, chosen);
  sentence.part.hint.title = sentence.part.hint.textContent; // where it is cut
  sentence.group.querySelector(".hc-shown")?.classList.remove("hc-shown");
  sentence.buttons[token - sentence.first]?.classList.add("hc-shown");
}

function hintOf({ first, buttons }, { scene, words }, chosen) {
  const tokens = scene.counts?.reduce((a, b) => a + b, 0) ?? scene.n;
  return [
    chosen.length > 1 ? fill(words.sentence_chosen, { n: chosen.length }) : words.sentence_hint,
    scene.n > LONG && fill(words.sentence_window,
      { i: first, j: first + buttons.length - 1, n: scene.n }),
    generatedHint(scene, words),
    scene.goes_on.length > 0 && `‿ ${words.sentence_goes_on}`,
    tokens > scene.n && fill(words.sentence_merged, { pieces: scene.n, tokens }),
    standsFor(scene, words, chosen[0]),
  ].filter(Boolean).join("; ");
}

/** A long sentence scrolls in its own box: bring the chosen token into it, not the page. */
function keepInSight({ part, boxes, height, first }, token) {
  const [box, top] = [part.body, boxes[first].top];
  const second = boxes.find((one) => one?.top > top);
  if (!second || height <= box.clientHeight + 1) return;
  const line = second.top - top;
  const above = (boxes[token].top + boxes[token].low - box.clientHeight) / 2;
  box.scrollTop = Math.round(above / line) * line; // whole lines
}

function listenToSentence(sentence, view) {
  const { group, strip } = sentence;
  const tokenOf = (event) => {
    const place = sentence.buttons.indexOf(event.target.closest?.("button"));
    return place < 0 ? -1 : sentence.first + place;
  };
  const preview = (token) => {
    if (sentence.preview === token) return;
    sentence.preview = token;
    showLines(sentence, jointOf(view), token ?? jointOf(view).token);
  };
  group.addEventListener("pointerover", (event) => {
    const token = tokenOf(event);
    preview(token >= 0 && event.pointerType !== "touch" ? token : null);
  });
  group.addEventListener("pointerleave", () => preview(null));
  group.addEventListener("click", (event) => {
    const token = tokenOf(event);
    if (token >= 0) chooseBy(event, sentence, jointOf(view), token);
  });
  sentence.several.addEventListener("click", () => {
    sentence.several.ariaPressed = String(sentence.several.ariaPressed !== "true");
  });
  strip.listen(view);
  const steps = (key) => {
    const forward = group.dir === "rtl" ? -1 : 1;
    return { ArrowLeft: -forward, ArrowRight: forward, ArrowUp: -1, ArrowDown: 1,
      Home: -Infinity, End: Infinity }[key];
  };
  chooseByKeys(group, () => jointOf(view).scene.n, steps, () => jointOf(view).token,
    (token, event) => {
      const shown = jointOf(view);
      if (event.shiftKey) shown.chooseTokens(extended(chosenOf(shown), token));
      else shown.chooseToken(token);
    });
}

/** Ctrl adds a token, Shift all up to it; where several are wanted, so does every click. */
function chooseBy(event, { several }, view, token) {
  const chosen = chosenOf(view);
  if (event.shiftKey) view.chooseTokens(upTo(chosen, token));
  else if (event.ctrlKey || event.metaKey || several.ariaPressed === "true") {
    view.chooseTokens(toggled(chosen, token));
  } else view.chooseToken(token);
}
