// Reads QR codes from the camera or from a picture: the browser's BarcodeDetector where there is one, else zxing
// (WebAssembly, in a worker of its own), which is loaded only when somebody scans.

import { Fault } from "./bytes.js";

export const MAX_PICTURE = 20_000_000;
const MAX_SIDE = 4_000;
const PAUSE = 150; // ms between looks at the camera
const TURNS = 6; // each sixth look is zxing's too, where the browser looks itself

let detector;

async function nativeDetector() {
  if (detector !== undefined) return detector;
  detector = null;
  try {
    const formats = await globalThis.BarcodeDetector?.getSupportedFormats();
    if (formats?.includes("qr_code")) detector = new globalThis.BarcodeDetector({ formats: ["qr_code"] });
  } catch {
    // the name is there and the service behind it is not
  }
  return detector;
}

let worker = null;
let asked = 0;
const waiting = new Map();

function startWorker() {
  worker = new Worker(new URL("./scan-worker.js", import.meta.url), { type: "module" });
  worker.onmessage = ({ data }) => {
    waiting.get(data.id)?.(data.text);
    waiting.delete(data.id);
  };
  worker.onerror = () => {
    for (const answer of waiting.values()) answer(null);
    waiting.clear();
    worker = null;
  };
}

function byZxing(image) {
  if (worker === null) startWorker();
  const id = ++asked;
  return new Promise((answer) => {
    waiting.set(id, answer);
    worker.postMessage({ id, image }, [image.data.buffer]);
  });
}

/** The pixels of a picture or of the camera's frame, no side longer than a bound. */
function pixels(source, width, height) {
  const scale = Math.min(1, MAX_SIDE / Math.max(width, height));
  const canvas = document.createElement("canvas");
  canvas.width = Math.max(1, Math.round(width * scale));
  canvas.height = Math.max(1, Math.round(height * scale));
  const context = canvas.getContext("2d", { willReadFrequently: true });
  context.drawImage(source, 0, 0, canvas.width, canvas.height);
  return context.getImageData(0, 0, canvas.width, canvas.height);
}

async function byBrowser(source) {
  const native = await nativeDetector();
  if (native === null) return null;
  try {
    return (await native.detect(source))[0]?.rawValue ?? null;
  } catch {
    detector = null; // it is there and does not work: from now on zxing looks
    return null;
  }
}

/** The text of the code in a picture; throws a Fault `image.none` or `image.size`. */
export async function scanPicture(blob) {
  if (blob.size > MAX_PICTURE) throw new Fault("image.size");
  let picture;
  try {
    picture = await createImageBitmap(blob);
  } catch {
    throw new Fault("image.none");
  }
  const text = (await byBrowser(picture)) ?? (await byZxing(pixels(picture, picture.width, picture.height)));
  picture.close();
  if (!text) throw new Fault("image.none");
  return text;
}

export const hasCamera = () => Boolean(navigator.mediaDevices?.getUserMedia);

/** Shows the camera in `video` and calls `found` with the first code's text. Gives a function that stops it. */
export async function scanCamera(video, found) {
  const stream = await navigator.mediaDevices.getUserMedia({
    video: { facingMode: "environment", width: { ideal: 1920 }, height: { ideal: 1080 } },
    audio: false,
  });
  let running = true;
  const stop = () => {
    running = false;
    for (const track of stream.getTracks()) track.stop();
    video.srcObject = null;
  };
  video.srcObject = stream;
  await video.play();
  (async () => {
    for (let look = 1; running; look++) {
      let text = null;
      if (video.videoWidth > 0) {
        text = await byBrowser(video);
        // some browsers have a detector that never finds anything: zxing looks too, now and then
        if (!text && (detector === null || look % TURNS === 0)) text = await byZxing(pixels(video, video.videoWidth, video.videoHeight));
      }
      if (text && running) {
        stop();
        found(text);
      }
      await new Promise((resume) => setTimeout(resume, PAUSE));
    }
  })();
  return stop;
}
