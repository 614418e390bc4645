// A place to drop a config.json or a GGUF file. Of a GGUF file, which may have many gigabytes, only
// the header is sent, without the lists that its reader counts and does not keep: a vocabulary is
// most of it. Here it is known how long things are, and nothing of what they mean; what is sent is
// read in one place, attention/kv/read/gguf/header.py.

const PIECE = 4 * 2 ** 20; // bytes read at once
const LARGEST_CONFIG = 1_000_000;
const LARGEST_HEADER = 8 * 2 ** 20; // bytes that are sent at most
const TEXT = 8;
const LIST = 9;
const SIZES = { 0: 1, 1: 1, 2: 2, 3: 2, 4: 4, 5: 4, 6: 4, 7: 1, 10: 8, 11: 8, 12: 8 };

class Damaged extends Error {}

/** A walk along a file; what it does not leave out is in `kept`, as slices of the file. */
class Walk {
  constructor(file) {
    this.file = file;
    this.at = 4; // behind "GGUF"
    this.little = true;
    this.from = 0; // where the piece in memory begins
    this.view = new DataView(new ArrayBuffer(0));
    this.kept = [];
    this.keptTo = 0;
    this.leftOut = 0;
  }

  skip(size) {
    // Not ">": the size of an unknown kind is NaN.
    if (!(size <= this.file.size - this.at)) throw new Damaged();
    this.at += size;
  }

  async number(size) {
    const at = this.at;
    this.skip(size);
    if (at < this.from || this.at > this.from + this.view.byteLength) {
      this.view = new DataView(await this.file.slice(at, at + PIECE).arrayBuffer());
      this.from = at;
    }
    if (size === 4) return this.view.getUint32(at - this.from, this.little);
    return Number(this.view.getBigUint64(at - this.from, this.little));
  }

  async text() {
    this.skip(await this.number(8));
  }

  async value(longest) {
    const kind = await this.number(4);
    if (kind === TEXT) await this.text();
    else if (kind === LIST) await this.list(longest);
    else this.skip(SIZES[kind]);
  }

  async list(longest) {
    const kind = await this.number(4);
    const length = await this.number(8);
    const start = this.at;
    if (kind === TEXT) for (let i = 0; i < length; i++) await this.text();
    else this.skip(length * SIZES[kind]);
    if (kind === TEXT || length > longest) this.leaveOut(start);
  }

  /** Keep up to `start`, and go on from here. */
  leaveOut(start) {
    this.kept.push(this.file.slice(this.keptTo, start));
    this.leftOut += this.at - start;
    this.keptTo = this.at;
  }

  get size() {
    return this.at - this.leftOut;
  }
}

/** The header of a GGUF file, without lists of texts and lists longer than `longest`. */
async function header(file, longest) {
  const walk = new Walk(file);
  walk.little = ((await walk.number(4)) & 255) !== 0; // the version, 2 or 3
  const tensors = await walk.number(8);
  const entries = await walk.number(8);
  for (let i = 0; i < entries && walk.size <= LARGEST_HEADER; i++) {
    await walk.text();
    await walk.value(longest);
  }
  for (let i = 0; i < tensors && walk.size <= LARGEST_HEADER; i++) {
    await walk.text();
    walk.skip(8 * (await walk.number(4)) + 12); // its axes; format and place
  }
  if (walk.size > LARGEST_HEADER) throw new Damaged();
  walk.leaveOut(walk.at);
  return new Blob(walk.kept);
}

async function base64(blob) {
  const bytes = new Uint8Array(await blob.arrayBuffer());
  let made = "";
  for (let i = 0; i < bytes.length; i += 32768) {
    made += String.fromCharCode(...bytes.subarray(i, i + 32768));
  }
  return btoa(made);
}

/** What the server is told of a file. */
async function told(file, longest) {
  const name = file.name;
  try {
    const begin = new TextDecoder().decode(await file.slice(0, 4).arrayBuffer());
    if (begin !== "GGUF") {
      if (file.size > LARGEST_CONFIG) return { name, problem: "too_large" };
      return { name, data: await base64(file) };
    }
    return { name, data: await base64(await header(file, longest)) };
  } catch (error) {
    return { name, problem: error instanceof Damaged ? "no_header" : "unreadable" };
  }
}

export default function ({ parentElement, data, setTriggerValue }) {
  let label = parentElement.querySelector("label");
  if (!label) {
    label = document.createElement("label");
    const input = document.createElement("input");
    input.type = "file";
    input.accept = ".json,.gguf";
    label.append(document.createElement("span"), document.createElement("small"), input);
    parentElement.append(label);
  }
  const [title, hint, input] = label.children;
  title.textContent = data.title;
  hint.textContent = data.hint;
  const send = async (file) => {
    if (!file) return;
    hint.textContent = data.reading;
    setTriggerValue("dropped", await told(file, data.longest));
  };
  input.onchange = () => {
    send(input.files[0]);
    input.value = ""; // the same file may be chosen again
  };
  label.ondragover = (event) => {
    event.preventDefault();
    label.classList.add("over");
  };
  label.ondragleave = () => label.classList.remove("over");
  label.ondrop = (event) => {
    event.preventDefault();
    label.classList.remove("over");
    send(event.dataTransfer.files[0]);
  };
}
