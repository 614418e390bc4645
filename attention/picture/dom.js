// Making elements. Text always goes in as text: a token is never markup.

export function html(tag, className, ...children) {
  const element = document.createElement(tag);
  if (className) element.className = className;
  element.append(...children);
  return element;
}

export function svg(tag, attributes = {}, ...children) {
  const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

/** A part of the picture: a section with its heading line and a body. */
export function section(name) {
  const title = html("h2", "hc-title");
  const hint = html("span", "hc-hint");
  const heading = html("div", "hc-heading", title, hint);
  const body = html("div", `hc-body hc-${name}-body`);
  return { title, hint, heading, body, element: html("section", `hc-${name}`, heading, body) };
}

/** Hears `name` of `target`, such as the document, for as long as `node` is in the page. */
export function hearWhileThere(node, target, name, hear, capture = false) {
  const heard = (event) => {
    if (!node.isConnected) return target.removeEventListener(name, heard, capture);
    return hear(event);
  };
  target.addEventListener(name, heard, capture);
}

/** Whether there is a finger, and no mouse. */
export function isTouched() {
  return matchMedia("(hover: none) and (pointer: coarse)").matches;
}

const REM = 16; // px

/** As large as the page's text: all lengths inside are those of a page whose rem is 16 px. */
export function grown(root) {
  const rem = parseFloat(getComputedStyle(document.documentElement).fontSize);
  root.style.zoom = Math.max(1, rem / REM);
  // What the browser makes of it: older ones do not scale the boxes that they tell of.
  return root.getBoundingClientRect().width / root.offsetWidth;
}

/** Runs `draw` only if one of `inputs` differs from the last time. */
export function whenChanged(draw) {
  let last = null;
  return (inputs, ...rest) => {
    if (last && inputs.length === last.length && inputs.every((x, i) => x === last[i])) return;
    last = inputs;
    draw(...rest);
  };
}

/** One of several buttons is chosen: arrow keys move the choice and the focus (ARIA radio).
 * `choose` hears the event, too. */
export function chooseByKeys(group, count, stepsOf, chosen, choose) {
  group.addEventListener("keydown", (event) => {
    const step = stepsOf(event.key);
    if (step === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    event.stopPropagation();
    const last = count() - 1;
    const next = Number.isFinite(step) ? chosen() + step : step > 0 ? last : 0;
    if (next >= 0 && next <= last) choose(next, event);
  });
}

/** Marks one radio of `buttons`; the focus follows only if it is in the group already. */
export function markChosen(buttons, chosen) {
  const focused = buttons.some((button) => button.matches(":focus"));
  buttons.forEach((button, index) => {
    const isChosen = index === chosen;
    if (button.tabIndex === (isChosen ? 0 : -1) && button.ariaChecked === String(isChosen)) return;
    button.ariaChecked = String(isChosen);
    button.tabIndex = isChosen ? 0 : -1;
    if (isChosen && focused) button.focus({ preventScroll: true });
  });
}
