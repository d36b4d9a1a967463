/**
 * A folder of PNG pictures as queries, in the order of their names (2.png before 10.png). Where it holds folders instead, each
 * is a class, and its pictures carry the class as label: the folder's name if all names are whole numbers, else its place.
 */
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { PICTURES_MAX, TENSOR_BYTES_MAX } from "../../../shared/protocol/limits.ts";
import type { NpyArray } from "../../../shared/protocol/npy.ts";
import { InputError } from "../exit-codes.ts";
import { type Picture, readPng, withChannels } from "./png.ts";
import type { I32Array } from "./table.ts";

export interface PictureFile {
  /** Below the folder. */
  readonly file: string;
  readonly label: number | null;
}

/** @throws InputError where there are no pictures, or pictures beside folders */
export async function picturesIn(folder: string): Promise<PictureFile[]> {
  const entries = (await readdir(folder, { withFileTypes: true })).filter(({ name }) => !name.startsWith("."));
  const folders = inOrder(entries.filter((entry) => entry.isDirectory()).map(({ name }) => name));
  const files = entries.filter(({ name }) => isPng(name)).map(({ name }) => name);
  if (folders.length > 0 && files.length > 0) {
    throw new InputError(`${folder}: expected pictures, or folders of pictures, one a class; got both`);
  }
  const areNumbers = folders.every((name) => /^\d{1,9}$/.test(name));
  const pictures: PictureFile[] = inOrder(files).map((file) => ({ file, label: null }));
  for (const [place, name] of folders.entries()) {
    const inside = (await readdir(join(folder, name))).filter(isPng);
    const label = areNumbers ? Number(name) : place;
    for (const file of inOrder(inside)) pictures.push({ file: `${name}/${file}`, label });
  }
  if (pictures.length === 0) throw new InputError(`${folder}: expected .png files, got none`);
  if (pictures.length > PICTURES_MAX) {
    throw new InputError(`${folder}: expected at most ${PICTURES_MAX} pictures, got ${pictures.length}`);
  }
  return pictures;
}

/**
 * @param channels of the array; null: 3 if the first picture has colours, else 1
 * @param isChannelsFirst as ONNX models have their images
 * @returns pictures x height x width x channels, or pictures x channels x height x width
 * @throws InputError where a picture has another size than the first
 */
export async function pictureArray(
  folder: string,
  pictures: readonly PictureFile[],
  channels: 1 | 3 | null,
  isChannelsFirst = false,
): Promise<Extract<NpyArray, { dtype: "U8" }>> {
  const read = async ({ file }: PictureFile): Promise<Picture> =>
    readPng(await readFile(join(folder, file)), join(folder, file));
  const first = await read(pictures[0]!);
  const { width, height } = first;
  const depth = channels ?? (first.channels >= 3 ? 3 : 1);
  const size = width * height * depth;
  if (pictures.length * size > TENSOR_BYTES_MAX) {
    throw new InputError(
      `${folder}: expected at most ${TENSOR_BYTES_MAX} bytes of pixels, got ${pictures.length * size}`,
    );
  }
  const data = new Uint8Array(pictures.length * size);
  for (const [i, picture] of pictures.entries()) {
    const decoded = i === 0 ? first : await read(picture);
    if (decoded.width !== width || decoded.height !== height) {
      const got = `${decoded.width} x ${decoded.height}`;
      throw new InputError(
        `${join(folder, picture.file)}: expected ${width} x ${height} pixels, as the first, got ${got}`,
      );
    }
    const pixels = withChannels(decoded, depth);
    data.set(isChannelsFirst ? channelsFirst(pixels, depth) : pixels, i * size);
  }
  const shape = isChannelsFirst ? [depth, height, width] : [height, width, depth];
  return { dtype: "U8", shape: [pictures.length, ...shape], data };
}

function channelsFirst(pixels: Uint8Array, channels: number): Uint8Array {
  const count = pixels.length / channels;
  return Uint8Array.from(pixels, (_, i) => pixels[(i % count) * channels + Math.floor(i / count)]!);
}

/** null where the folder does not say. */
export function pictureLabels(pictures: readonly PictureFile[]): I32Array | null {
  if (pictures.some(({ label }) => label === null)) return null;
  return { dtype: "I32", shape: [pictures.length], data: Int32Array.from(pictures, ({ label }) => label!) };
}

const isPng = (name: string) => /\.png$/i.test(name) && !name.startsWith(".");

/** By number where names differ in one. */
function inOrder(names: readonly string[]): string[] {
  const collator = new Intl.Collator("en", { numeric: true });
  return names.toSorted((a, b) => collator.compare(a, b) || (a < b ? -1 : 1));
}
