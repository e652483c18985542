// The camera on the scan page: what it reads goes into the field that a hand scanner types into, and is sent as that.

import { hasCamera, scanCamera } from "../verify/scan.js";

const [button, video, field] = ["camera", "video", "id_text"].map((id) => document.getElementById(id));

// what could not be read stays to be mended; a hand scanner's next code takes its place
if (field && document.activeElement === field) field.select();
field?.addEventListener("focus", () => field.select());

if (button && video && field && hasCamera()) {
  button.hidden = false;
  button.addEventListener("click", async () => {
    video.hidden = false;
    try {
      await scanCamera(video, (found) => {
        video.hidden = true;
        field.value = found;
        field.form.requestSubmit();
      });
    } catch {
      video.hidden = true;
      button.hidden = true;
    }
  });
}
