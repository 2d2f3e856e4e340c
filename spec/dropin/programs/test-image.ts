/** A picture with flat parts, gradients, edges and noise. */

interface Picture {
  readonly data: Uint8ClampedArray;
  readonly width: number;
  readonly height: number;
}

/** What decoders make their results of, in browsers. */
class ImageData implements Picture {
  readonly data: Uint8ClampedArray;
  readonly width: number;
  readonly height: number;

  constructor(data: Uint8ClampedArray, width: number, height: number) {
    this.data = data;
    this.width = width;
    this.height = height;
  }
}

export function testImage(width: number, height: number): Picture {
  Object.assign(globalThis, { ImageData });
  const data = new Uint8ClampedArray(4 * width * height);
  let seed = 7;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
      const at = 4 * (y * width + x);
      const inside = (x - width / 2) ** 2 + (y - height / 2) ** 2 < (height / 3) ** 2;
      data[at] = inside ? 230 : (255 * x) / width;
      data[at + 1] = inside ? 40 + (seed >>> 27) : (255 * y) / height;
      data[at + 2] = x % 16 < 8 ? 90 : 180;
      data[at + 3] = 255;
    }
  }
  return new ImageData(data, width, height);
}
