/** A dashboard has no sharp: what it reads of a picture by our own code is what the command line reads of it by sharp. */
import sharp from "sharp";
import { describe, expect, test } from "vitest";
import { photoKind, readPhotoBytes } from "../../../shared/hub/photo.ts";
import { readPhoto } from "./read-photo.ts";

let random = 1;
/** A drawing with noise: smooth parts, edges, and all levels. */
const drawn = (width: number, height: number, channels: 3 | 4) => {
  const data = Buffer.from(
    Array.from({ length: width * height * channels }, (_, i) => {
      random = (Math.imul(random, 1_664_525) + 1_013_904_223) >>> 0;
      return (Math.floor(i / 40) * 9 + i + (random >>> 28)) % 256;
    }),
  );
  return () => sharp(data, { raw: { width, height, channels } });
};
const SIZES = [
  [1, 1],
  [2, 3],
  [3, 2],
  [17, 5],
  [33, 50],
  [100, 41],
] as const;

async function expectSame(bytes: Uint8Array, what: string): Promise<void> {
  const kind = photoKind(bytes) as "jpeg" | "png";
  const [page, commandLine] = [readPhotoBytes(bytes, kind, "x"), await readPhoto(bytes, "x")];
  expect([page.width, page.height, page.channels], what).toEqual([commandLine.width, commandLine.height, 3]);
  expect(Buffer.from(page.data).equals(Buffer.from(commandLine.data)), what).toBe(true);
}

describe("a page and the command line read the same of", () => {
  test("JPEGs of every size, sampling and quality, in colours and grey, progressive too", async () => {
    for (const [width, height] of SIZES) {
      const picture = drawn(width, height, 3);
      for (const progressive of [false, true]) {
        for (const [quality, chromaSubsampling] of [
          [20, "4:2:0"],
          [75, "4:2:0"],
          [95, "4:4:4"],
        ] as const) {
          const how = { quality, chromaSubsampling, progressive };
          const what = `${width} x ${height}, ${JSON.stringify(how)}`;
          await expectSame(await picture().jpeg(how).toBuffer(), what);
          await expectSame(await picture().greyscale().jpeg(how).toBuffer(), `grey, ${what}`);
        }
      }
    }
  });

  test("PNGs of every kind: palettes, greys, sixteen bits, alpha, interlaced or not", async () => {
    for (const [width, height] of SIZES) {
      for (const channels of [3, 4] as const) {
        const picture = drawn(width, height, channels);
        for (const progressive of [false, true]) {
          const how = { progressive, adaptiveFiltering: true };
          const pictures = [
            ...[2, 4, 16, 256].map((colours) => picture().png({ ...how, palette: true, colours })),
            picture().png(how),
            picture().greyscale().png(how),
            picture().removeAlpha().greyscale().png(how),
            ...(["rgb16", "grey16"] as const).map((space) => picture().toColourspace(space).png(how)),
          ];
          for (const [i, png] of pictures.entries()) {
            await expectSame(await png.toBuffer(), `${i}: ${width} x ${height} x ${channels}, ${JSON.stringify(how)}`);
          }
        }
      }
    }
  });

  test("photographs however the camera was held", async () => {
    const picture = drawn(20, 11, 3);
    for (let orientation = 1; orientation <= 8; orientation++) {
      const turned = picture().withMetadata({ orientation });
      await expectSame(await turned.clone().jpeg().toBuffer(), `JPEG ${orientation}`);
      await expectSame(await turned.clone().png().toBuffer(), `PNG ${orientation}`);
    }
  });
});
