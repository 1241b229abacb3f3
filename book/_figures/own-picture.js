// The reader's own pictures: a file or the camera. They stay in the page.

import { grid } from "./arithmetic.js";
import { button, element } from "./controls.js";

// The middle of an image or a video as a square grid of gray values from 0 to 1.
function grayOf(source, width, height, size) {
  const side = Math.min(width, height);
  const canvas = Object.assign(document.createElement("canvas"), { width: size, height: size });
  const context = canvas.getContext("2d", { willReadFrequently: true });
  context.imageSmoothingQuality = "high";
  context.drawImage(source, (width - side) / 2, (height - side) / 2, side, side, 0, 0, size, size);
  const pixels = context.getImageData(0, 0, size, size).data;
  // The weights of ITU-R BT.709, as skimage.color.rgb2gray has them.
  const gray = (_, n) => (0.2125 * pixels[4 * n] + 0.7154 * pixels[4 * n + 1] + 0.0721 * pixels[4 * n + 2]) / 255;
  return grid(size, size, Float64Array.from({ length: size * size }, gray));
}

// A button that opens a file as a picture of so many rows and columns, for `take`; what is no
// picture becomes a RangeError for `refuse`.
export function opener(size, take, refuse) {
  const file = element("input", { type: "file", accept: "image/*", hidden: true });
  file.addEventListener("change", () => {
    if (file.files.length) fromFile(file.files[0], size).then(take).catch(refuse);
    file.value = "";
  });
  return [button("Open a picture", () => file.click()), file];
}

async function fromFile(file, size) {
  let bitmap;
  try {
    bitmap = await createImageBitmap(file);
  } catch {
    throw new RangeError(`“${file.name}” is no picture that this browser can read: choose a JPEG, PNG or WebP.`);
  }
  const gray = grayOf(bitmap, bitmap.width, bitmap.height, size);
  bitmap.close();
  return gray;
}

// The camera, which hands each frame to `take`, so many rows and columns, ten a second. `take`
// returns whether it wants more.
export class Camera {
  #video = null;
  #timer = 0;
  #isWanted = false; // a reader may take long to allow it, and have gone on meanwhile

  constructor(size, take) {
    Object.assign(this, { size, take });
  }

  get running() {
    return this.#video !== null;
  }

  async start() {
    this.#isWanted = true;
    let stream;
    try {
      if (!navigator.mediaDevices) throw new DOMException("the page may not ask for one");
      stream = await navigator.mediaDevices.getUserMedia({ video: { width: 320, facingMode: "environment" } });
    } catch (problem) {
      throw new RangeError(`There is no camera to be had (${problem.message}): choose another input.`);
    }
    if (!this.#isWanted || this.running) {
      stream.getTracks().forEach((track) => track.stop());
      return;
    }
    this.#video = Object.assign(document.createElement("video"), { muted: true, playsInline: true, srcObject: stream });
    this.#timer = setInterval(() => this.#frame(), 100);
    await this.#video.play();
  }

  stop() {
    this.#isWanted = false;
    clearInterval(this.#timer);
    this.#video?.srcObject.getTracks().forEach((track) => track.stop());
    this.#video = null;
  }

  #frame() {
    if (document.hidden) return this.stop(); // nobody looks
    const { videoWidth, videoHeight } = this.#video;
    if (videoWidth && !this.take(grayOf(this.#video, videoWidth, videoHeight, this.size))) this.stop();
  }
}
