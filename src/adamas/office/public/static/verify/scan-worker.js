// zxing in a worker: an image comes in, the text of its QR code goes out, or null.

import { prepareZXingModule, readBarcodes } from "./vendor/zxing-reader.js";

const ready = (async () => {
  const answer = await fetch(new URL("./vendor/zxing_reader.wasm", import.meta.url));
  await prepareZXingModule({ overrides: { wasmBinary: await answer.arrayBuffer() }, fireImmediately: true });
})();

self.onmessage = async ({ data: { id, image } }) => {
  let text = null;
  try {
    await ready;
    const found = await readBarcodes(image, { formats: ["QRCode"], tryHarder: true, maxNumberOfSymbols: 1 });
    text = found.find((one) => one.isValid)?.text ?? null;
  } catch {
    // a picture that cannot be read has no code
  }
  self.postMessage({ id, text });
};
