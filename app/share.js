// The address of the page, which says all that is on it: copied, or as a QR code in a dialog.

const made = new WeakMap();

export default function ({ parentElement, data, setTriggerValue }) {
  if (!made.has(parentElement)) made.set(parentElement, create(parentElement, setTriggerValue));
  const share = made.get(parentElement);
  const { labels, code } = data;
  name(share, labels);
  if (!code || code.made === share.shown) return;
  share.shown = code.made;
  if (code.image) open(share, labels, code);
  else share.says.textContent = labels.too_long;
}

function create(parent, setTriggerValue) {
  const [copy, show, close, save] = [element("button"), element("button"), element("button"), element("a")];
  const [says, image, address] = [element("span"), element("img"), element("p")];
  const left = element("span");
  says.setAttribute("role", "status");
  const dialog = element("dialog");
  const row = element("div");
  row.className = "hc-share-row";
  row.append(save, close);
  dialog.append(image, address, row);
  const root = element("div");
  root.className = "hc-share";
  root.append(copy, show, left, says, dialog);
  parent.append(root);
  const share = { root, copy, show, close, save, left, says, image, address, dialog, labels: {} };
  copy.addEventListener("click", () => copyAddress(share));
  show.addEventListener("click", () => {
    says.textContent = "";
    setTriggerValue("code", location.href);
  });
  close.addEventListener("click", () => dialog.close());
  dialog.addEventListener("click", (event) => {
    if (event.target === dialog) dialog.close(); // beside it
  });
  return share;
}

function element(tag) {
  const node = document.createElement(tag);
  if (tag === "button") node.type = "button";
  return node;
}

function name(share, labels) {
  share.labels = labels;
  share.root.lang = labels.lang;
  share.left.textContent = labels.left_out;
  for (const part of ["copy", "show", "close", "save"]) share[part].textContent = labels[part];
}

async function copyAddress({ says, labels, root }) {
  const done = await copied(location.href, root);
  says.textContent = "";
  await new Promise(requestAnimationFrame); // said again where it was said already
  says.textContent = done ? labels.copied : labels.not_copied;
}

/** Over plain http, but on this machine itself, a browser has no clipboard to write to. */
async function copied(text, root) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const field = element("textarea");
    const focused = root.getRootNode().activeElement;
    field.value = text;
    root.append(field);
    field.focus();
    field.select();
    const done = document.execCommand("copy");
    field.remove();
    focused?.focus();
    return done;
  }
}

function open({ dialog, image, address, save }, labels, { image: source, url }) {
  dialog.setAttribute("aria-label", labels.show);
  image.src = save.href = source;
  image.alt = labels.alt;
  save.download = "headcount-link.svg";
  address.textContent = url;
  dialog.showModal();
}
