/** Rows for a model that nobody has data for: pictures with some words on them where it takes pictures, random numbers otherwise. */
import sharp from "sharp";
import { pictureForm } from "../../../shared/inputs/picture-form.ts";
import { randomAt } from "../../../shared/random/simulation-random.ts";

/**
 * @param shape of one row
 * @param isWhole whole numbers from 0 to 255
 * @returns count rows, one after another: else from -1 to 1 where they are pictures, from 0 to 1 where they are not
 */
export async function zooRows(
  shape: readonly number[],
  count: number,
  seed: number,
  isWhole = false,
): Promise<Float32Array> {
  const size = shape.reduce((product, n) => product * n, 1);
  const random = randomAt(seed, size);
  const { channels, isChannelsFirst } = pictureForm(shape);
  if (channels !== 3) return Float32Array.from({ length: count * size }, () => random.uniform());
  const [height, width] = (isChannelsFirst ? shape.slice(1) : shape.slice(0, 2)) as [number, number];
  const data = new Float32Array(count * size);
  for (let row = 0; row < count; row++) {
    const pixels = await picture(height, width, () => Math.floor(256 * random.uniform()));
    for (let p = 0; p < height * width; p++) {
      for (let c = 0; c < 3; c++) {
        const at = isChannelsFirst ? c * height * width + p : p * 3 + c;
        const level = pixels[p * 3 + c]!;
        data[row * size + at] = isWhole ? level : level / 127.5 - 1;
      }
    }
  }
  return data;
}

async function picture(height: number, width: number, level: () => number): Promise<Uint8Array> {
  const colour = () => `rgb(${level()},${level()},${level()})`;
  const words = Array.from({ length: 3 }, (_, i) => {
    const text = String.fromCharCode(...Array.from({ length: 6 }, () => 65 + (level() % 26)));
    return `<text x="${4 + (level() % 20)}" y="${((i + 1) * height) / 4}" font-size="${height / 6}" fill="${colour()}">${text}</text>`;
  });
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}"><rect width="100%" height="100%" fill="${colour()}"/>
    <circle cx="${(level() * width) / 256}" cy="${(level() * height) / 256}" r="${height / 5}" fill="${colour()}"/>${words.join("")}</svg>`;
  return sharp(Buffer.from(svg)).removeAlpha().raw().toBuffer();
}
