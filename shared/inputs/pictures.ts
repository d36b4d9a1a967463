/** Pictures of one size as one array of queries. */
import { PICTURES_MAX, TENSOR_BYTES_MAX } from "../protocol/limits.ts";
import type { NpyArray } from "../protocol/npy.ts";
import { InputError } from "./input-error.ts";
import { type Picture, readPng, withChannels } from "./png.ts";

export interface PictureSource {
  /** Says in errors which one it is. */
  readonly name: string;
  /** The bytes of a PNG file: fetched one after the other, so that no two of them need be in memory. */
  read(): Promise<Uint8Array>;
}

/**
 * @param where says in errors where the pictures are from
 * @param channels of the array; null: 3 if the first picture has colours, else 1
 * @param isChannelsFirst as ONNX models have their images
 * @returns pictures x height x width x channels, or pictures x channels x height x width
 * @throws InputError where there is none, or one has another size than the first
 */
export async function pictureArray(
  where: string,
  pictures: readonly PictureSource[],
  channels: 1 | 3 | null,
  isChannelsFirst = false,
): Promise<Extract<NpyArray, { dtype: "U8" }>> {
  if (pictures.length === 0 || pictures.length > PICTURES_MAX) {
    throw new InputError(`${where}: expected 1 to ${PICTURES_MAX} pictures, got ${pictures.length}`);
  }
  const decode = async ({ name, read }: PictureSource): Promise<Picture> => readPng(await read(), name);
  const first = await decode(pictures[0]!);
  const { width, height } = first;
  const depth = channels ?? (first.channels >= 3 ? 3 : 1);
  const size = width * height * depth;
  if (pictures.length * size > TENSOR_BYTES_MAX) {
    throw new InputError(
      `${where}: expected at most ${TENSOR_BYTES_MAX} bytes of pixels, got ${pictures.length * size}`,
    );
  }
  const data = new Uint8Array(pictures.length * size);
  for (const [i, picture] of pictures.entries()) {
    const decoded = i === 0 ? first : await decode(picture);
    if (decoded.width !== width || decoded.height !== height) {
      const got = `${decoded.width} x ${decoded.height}`;
      throw new InputError(`${picture.name}: expected ${width} x ${height} pixels, as the first, got ${got}`);
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
