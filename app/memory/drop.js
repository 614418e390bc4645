// A place to drop a config.json or a GGUF file. Of a GGUF file only the header is read, piece by
// piece, and sent without its vocabulary: the file may have many gigabytes.

const PIECE = 4 * 2 ** 20; // bytes read at once
const LARGEST_CONFIG = 1_000_000;
const LARGEST_HEADER = 8 * 2 ** 20; // bytes that are sent at most
const LONG = 8192; // a list longer than this is counted by the server, and not kept
const TEXTS = 64;
const SIZES = { 0: 1, 1: 1, 2: 2, 3: 2, 4: 4, 5: 4, 6: 4, 7: 1, 10: 8, 11: 8, 12: 8 };
const UINT8 = 0;
const STRING = 8;
const ARRAY = 9;

class Damaged extends Error {}

/** A position in a file, of which one piece is in memory. */
class Pieces {
  constructor(file) {
    this.file = file;
    this.at = 0; // in the file
    this.from = 0; // where the piece begins
    this.view = new DataView(new ArrayBuffer(0));
    this.little = true;
  }

  /** Have the next `size` bytes in memory; give back where they begin in the piece. */
  async need(size) {
    if (size > this.file.size - this.at) throw new Damaged();
    if (this.at < this.from || this.at + size > this.from + this.view.byteLength) {
      const slice = this.file.slice(this.at, this.at + Math.max(size, PIECE));
      this.view = new DataView(await slice.arrayBuffer());
      this.from = this.at;
    }
    return this.at - this.from;
  }

  async bytes(size) {
    const start = await this.need(size);
    this.at += size;
    return new Uint8Array(this.view.buffer.slice(start, start + size));
  }

  async u32() {
    const value = this.view.getUint32(await this.need(4), this.little);
    this.at += 4;
    return value;
  }

  async u64() {
    const value = Number(this.view.getBigUint64(await this.need(8), this.little));
    this.at += 8;
    if (value > Number.MAX_SAFE_INTEGER) throw new Damaged();
    return value;
  }

  skip(size) {
    if (size > this.file.size - this.at) throw new Damaged();
    this.at += size;
  }

  async skipText() {
    this.skip(await this.u64());
  }
}

/** The header of a GGUF file as bytes, long lists replaced by as many zeros of one byte. */
async function header(file) {
  const read = new Pieces(file);
  const parts = [await read.bytes(4)];
  const version = await read.bytes(4);
  read.little = version[0] !== 0;
  parts.push(version, await copied(read, 16));
  const counts = new DataView(parts[2].buffer);
  const tensors = Number(counts.getBigUint64(0, read.little));
  const keys = Number(counts.getBigUint64(8, read.little));
  for (let i = 0; i < keys; i++) await entry(read, parts);
  for (let i = 0; i < tensors; i++) await tensor(read, parts);
  return new Blob(parts);
}

async function copied(read, size) {
  if (size > LARGEST_HEADER) throw new Damaged();
  return read.bytes(size);
}

async function text(read, parts) {
  const start = read.at;
  await read.skipText();
  const size = read.at - start;
  read.at = start;
  parts.push(await copied(read, size));
}

async function entry(read, parts) {
  await text(read, parts);
  const kind = await read.u32();
  if (kind === ARRAY) return list(read, parts);
  parts.push(number(kind, 4, read.little));
  if (kind === STRING) return text(read, parts);
  if (!(kind in SIZES)) throw new Damaged();
  parts.push(await read.bytes(SIZES[kind]));
}

async function list(read, parts) {
  const start = read.at;
  const kind = await read.u32();
  const length = await read.u64();
  if (kind !== STRING && !(kind in SIZES)) throw new Damaged();
  if (kind === STRING) for (let i = 0; i < length; i++) await read.skipText();
  else read.skip(length * SIZES[kind]);
  const size = read.at - start;
  parts.push(number(ARRAY, 4, read.little));
  if (length > LONG || (kind === STRING && length > TEXTS && size > LARGEST_HEADER)) {
    if (length > LARGEST_HEADER) throw new Damaged();
    parts.push(number(UINT8, 4, read.little), number(length, 8, read.little));
    parts.push(new Uint8Array(length));
    return;
  }
  read.at = start;
  parts.push(await copied(read, size));
}

async function tensor(read, parts) {
  await text(read, parts);
  const dims = await read.u32();
  if (dims > 4) throw new Damaged();
  parts.push(number(dims, 4, read.little), await read.bytes(8 * dims + 12));
}

function number(value, size, little) {
  const view = new DataView(new ArrayBuffer(size));
  if (size === 4) view.setUint32(0, value, little);
  else view.setBigUint64(0, BigInt(value), little);
  return new Uint8Array(view.buffer);
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
async function told(file) {
  const name = file.name;
  try {
    const begin = new TextDecoder().decode(await file.slice(0, 4).arrayBuffer());
    if (begin !== "GGUF") {
      if (file.size > LARGEST_CONFIG) return { name, problem: "too_large" };
      return { name, data: await base64(file) };
    }
    const found = await header(file);
    if (found.size > LARGEST_HEADER) return { name, problem: "no_header" };
    return { name, data: await base64(found) };
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
    setTriggerValue("dropped", await told(file));
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
