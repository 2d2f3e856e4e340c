/** A picture that is the same in each run, with smooth and sharp parts. */
export interface Picture {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8ClampedArray;
}

export function picture(width: number, height: number): Picture {
  const data = new Uint8ClampedArray(4 * width * height);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const at = 4 * (y * width + x);
      const inside = (x - width / 2) ** 2 + (y - height / 2) ** 2 < (height / 3) ** 2;
      data[at] = (255 * x) / width;
      data[at + 1] = inside ? 220 : (x ^ y) & 255;
      data[at + 2] = (255 * y) / height;
      data[at + 3] = (x >> 3) & 1 ? 255 : 180;
    }
  }
  return { width, height, data };
}
