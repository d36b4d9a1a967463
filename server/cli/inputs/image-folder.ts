/**
 * A folder of PNG pictures as queries, in the order of their names (2.png before 10.png). Where it holds folders instead, each
 * is a class, and its pictures carry the class as label: the folder's name if all names are whole numbers, else its place.
 */
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { inOrderOfNames } from "../../../shared/inputs/in-order-of-names.ts";
import { InputError } from "../../../shared/inputs/input-error.ts";
import { pictureArray } from "../../../shared/inputs/pictures.ts";
import type { LabelArray } from "../../../shared/inputs/table-shape.ts";

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
  return pictures;
}

/** The same in one array: see pictureArray of shared/inputs. */
export function pictureArrayOf(
  folder: string,
  pictures: readonly PictureFile[],
  channels: 1 | 3 | null,
  isChannelsFirst: boolean,
) {
  const sources = pictures.map(({ file }) => {
    const name = join(folder, file);
    return { name, read: () => readFile(name) };
  });
  return pictureArray(folder, sources, channels, isChannelsFirst);
}

/** null where the folder does not say. */
export function pictureLabels(pictures: readonly PictureFile[]): LabelArray | null {
  if (pictures.some(({ label }) => label === null)) return null;
  return { dtype: "I32", shape: [pictures.length], data: Int32Array.from(pictures, ({ label }) => label!) };
}

const isPng = (name: string) => /\.png$/i.test(name) && !name.startsWith(".");

const inOrder = (names: readonly string[]) => inOrderOfNames(names, (name) => name);
