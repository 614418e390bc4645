// Terms of the glossary: buttons that open their sentence beside them.

import { html } from "./dom.js";

const APART = 6; // between a term and its sentence
const BORDER = 8; // of the window

/** A button for a term; the glossary opens it. `about` is a sentence of this one place. */
export function term(name, text, about = []) {
  const button = html("button", "hc-term", text);
  button.type = "button";
  button.dataset.term = name;
  button.ariaExpanded = "false";
  button.about = about;
  return button;
}

/** `text` with its `<t name>terms</t>` as buttons. */
export function withTerms(text) {
  return text.split(/<t (\w+)>(.*?)<\/t>/).flatMap((part, i, parts) => {
    if (i % 3 === 2) return [];
    return i % 3 === 1 ? [term(part, parts[i + 1])] : [part];
  });
}

/** The same text where nothing can be opened. */
export function plainOf(text) {
  return text.replace(/<\/?t[^>]*>/g, "");
}

/** The sentence of the term that was asked for: one box for the whole picture. */
export function createGlossary(root, view) {
  const note = html("div", "hc-definition");
  note.popover = "auto";
  note.id = "hc-definition";
  root.append(note);
  let opener = null;
  let pressed = null; // whose sentence was open when the pointer went down: that closes it
  const termOf = (event) => event.target.closest?.("[data-term]");
  root.addEventListener("pointerdown", () => { pressed = opener; }, true);
  root.addEventListener("click", (event) => {
    const button = termOf(event);
    if (!button) return;
    const open = event.detail ? pressed : opener;
    note.hidePopover();
    if (open === button || !view.scene.glossary[button.dataset.term]) return;
    opener = button;
    writeDefinition(note, view.scene.glossary[button.dataset.term], button.about);
    note.showPopover();
    placeDefinition(note, button.getBoundingClientRect());
    markTerm(button, true);
  });
  note.addEventListener("beforetoggle", (event) => {
    if (event.newState !== "closed" || !opener) return;
    markTerm(opener, false);
    opener = null;
  });
}

function markTerm(button, open) {
  button.ariaExpanded = String(open);
  if (open) button.setAttribute("aria-describedby", "hc-definition");
  else button.removeAttribute("aria-describedby");
}

function writeDefinition(note, [word, says], about) {
  note.replaceChildren(html("b", "", word), html("p", "", says),
    ...about.filter(Boolean).map((sentence) => html("p", "", sentence)));
}

/** Below the term, or above where there is no room; never beyond the window. */
function placeDefinition(note, { left, top, bottom }) {
  const { offsetWidth: width, offsetHeight: height } = note;
  const below = bottom + APART + height <= innerHeight - BORDER;
  note.style.left = `${Math.max(BORDER, Math.min(left, innerWidth - width - BORDER))}px`;
  note.style.top = `${Math.max(BORDER, below ? bottom + APART : top - APART - height)}px`;
}
