// Finds the bundle that is attached to a PDF (PDF/A-3, Associated File), and reads nothing else of it.
//
// An attachment is a stream whose dictionary says /EmbeddedFile; streams stand outside object streams, so their
// dictionaries can be seen in the file as it is. Everything is bounded. What is found is verified like any other file.

import { Fault, equal, startsWith } from "./bytes.js";
import { MAGIC, MAX_SIZE as MAX_BUNDLE } from "./bundle.js";

export const MAX_SIZE = 20_000_000;
const MAX_ATTACHMENTS = 64;
const MAX_DICTIONARY = 4_096;
const TEXT = new TextDecoder("latin1");

/** Whether the bytes begin as a PDF does. */
export const isPdf = (data) => TEXT.decode(data.subarray(0, 1024)).includes("%PDF-");

/** The one bundle attached; throws a Fault `pdf.none`, `pdf.several` or `pdf.size`. */
export async function attachedBundle(data) {
  if (data.length > MAX_SIZE) throw new Fault("pdf.size");
  const whole = TEXT.decode(data);
  const found = [];
  let at = whole.indexOf("/EmbeddedFile");
  for (let n = 0; at >= 0 && n < MAX_ATTACHMENTS; n++, at = whole.indexOf("/EmbeddedFile", at + 1)) {
    if (/[A-Za-z0-9]/.test(whole[at + 13] ?? "")) continue; // /EmbeddedFiles, a name tree
    const content = await contentOf(data, whole, at);
    if (content && startsWith(content, MAGIC) && !found.some((one) => equal(one, content))) found.push(content);
  }
  if (found.length !== 1) throw new Fault(found.length ? "pdf.several" : "pdf.none");
  return found[0];
}

async function contentOf(data, whole, at) {
  const begin = whole.lastIndexOf("obj", at);
  const end = whole.indexOf("stream", at);
  if (begin < 0 || end < 0 || end - begin > MAX_DICTIONARY) return null;
  const dictionary = whole.slice(begin + 3, end);
  const start = end + 6 + (whole.startsWith("\r\n", end + 6) ? 2 : 1);
  const stop = endOf(whole, dictionary, start);
  if (stop < start) return null;
  const stored = data.subarray(start, stop);
  const filter = /\/Filter\s*(\[[^\]]*\]|\/\w+)/.exec(dictionary)?.[1].replace(/[[\]\s]/g, "") ?? "";
  if (filter === "") return stored.length <= MAX_BUNDLE ? stored : null;
  return filter === "/FlateDecode" || filter === "/Fl" ? inflated(stored) : null;
}

/** Where the stream ends: by its stated length if that leads to `endstream`, else before that word. */
function endOf(whole, dictionary, start) {
  const stated = /\/Length\s+(\d+)(?!\s+\d+\s+R)/.exec(dictionary);
  if (stated) {
    const stop = start + Number(stated[1]);
    if (/^\s*endstream/.test(whole.slice(stop, stop + 16))) return stop;
  }
  const stop = whole.indexOf("endstream", start);
  return stop < 0 ? -1 : stop - (whole.slice(0, stop).match(/(\r\n|\r|\n)$/)?.[0].length ?? 0);
}

/** The content of a deflated stream, as far as it goes; null if it is larger than a bundle may be. */
async function inflated(stored) {
  const reader = new Blob([stored]).stream().pipeThrough(new DecompressionStream("deflate")).getReader();
  const parts = [];
  let size = 0;
  for (;;) {
    let chunk;
    try {
      chunk = await reader.read();
    } catch {
      break; // junk after the end, or broken off: the bundle's own digest tells
    }
    if (chunk.done) break;
    size += chunk.value.length;
    if (size > MAX_BUNDLE) {
      await reader.cancel();
      return null;
    }
    parts.push(chunk.value);
  }
  return new Uint8Array(await new Blob(parts).arrayBuffer());
}
