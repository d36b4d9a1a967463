import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { encode } from "fast-png";
import { zipSync } from "fflate";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { withChannels } from "../../../shared/inputs/png.ts";
import { encodeNpy } from "../../../shared/protocol/npy.ts";
import type { Numbers } from "../../../shared/sdk/as-npy.ts";
import { readModel } from "./model-folder.ts";
import { readLabels } from "./read-labels.ts";
import { readRows } from "./read-rows.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "paritab-rows-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const file = (name: string, content: Uint8Array | string): string => {
  const path = join(folder, name);
  mkdirSync(join(path, ".."), { recursive: true });
  writeFileSync(path, content);
  return path;
};
async function* nothing(): AsyncGenerator<Uint8Array> {}
const read = (path: string, options: Partial<Parameters<typeof readRows>[1]> = {}) =>
  readRows(path, { stdin: nothing(), ...options });
const dataOf = (numbers: Numbers) => [...(numbers as { data: Uint8Array }).data];

const X = encodeNpy({ dtype: "F32", shape: [2, 2], data: Float32Array.of(1, 2, 3, 4) });
const y = encodeNpy({ dtype: "U8", shape: [2], data: Uint8Array.of(7, 8) });

describe("arrays", () => {
  test("an .npy file is sent as it is", async () => {
    const rows = await read(file("X.npy", X));
    expect(rows).toMatchObject({ shape: [2, 2], dtype: "F32", labels: null, files: null });
    expect(Buffer.from(rows.numbers as Uint8Array).equals(X)).toBe(true);
  });

  test("numbers that are not finite are told with their file, wherever they come from", async () => {
    const holed = encodeNpy({ dtype: "F64", shape: [2, 2], data: Float64Array.of(1, 2, Number.NaN, 4) });
    const told = "npy: expected finite numbers, got NaN first at index [1, 0]";
    const path = file("holed.npy", holed);
    await expect(read(path)).rejects.toThrow(`${path}: ${told}`);
    const archive = file("holed.npz", zipSync({ "X.npy": holed }));
    await expect(read(`${archive}:X`)).rejects.toThrow(`${archive}:X: ${told}`);
    const large = new Float32Array(16 * 1024 * 1024 + 1);
    large[large.length - 1] = Number.POSITIVE_INFINITY;
    const sentFromFile = file("large.npy", encodeNpy({ dtype: "F32", shape: [large.length, 1], data: large }));
    await expect(read(sentFromFile)).rejects.toThrow(/large\.npy: .*got Infinity first at index \[16777216, 0\]/);
  });

  test("an .npz gives its only array, or the one that is named", async () => {
    const both = file("both.npz", zipSync({ "X.npy": X, "y.npy": y }));
    expect((await read(file("one.npz", zipSync({ "X.npy": X })))).shape).toEqual([2, 2]);
    expect((await read(`${both}:y`)).shape).toEqual([2]);
    await expect(read(both)).rejects.toThrow(/expected .*both.npz:NAME to say which array, because it holds X, y/);
    await expect(read(`${both}:z`)).rejects.toThrow(/expected an array named "z", got X, y/);
  });

  test("standard input may be any of them", async () => {
    async function* once(bytes: Uint8Array) {
      yield bytes.subarray(0, 3);
      yield bytes.subarray(3);
    }
    expect((await readRows("-", { stdin: once(X) })).shape).toEqual([2, 2]);
    expect((await readRows("-", { stdin: once(zipSync({ "X.npy": X })) })).shape).toEqual([2, 2]);
    expect((await readRows("-", { stdin: once(Buffer.from("1,2,3\n")) })).shape).toEqual([1, 3]);
    const table = readFileSync(new URL("../../../shared/inputs/vectors/people.parquet", import.meta.url));
    const people = await readRows("-", { stdin: once(table), labelColumn: "y", fillsGaps: true });
    expect([people.shape, people.labels?.data]).toEqual([[6, 3], Int32Array.of(1, 0, 1, 1, 0, 0)]);
  });

  const bad: [name: string, content: string | Uint8Array, suffix: string, message: RegExp][] = [
    ["big.npy", X.slice(0, 100), "", /npy: expected .* bytes|npy: expected a header/],
    ["x.npz", Buffer.from("PK\x03\x04 and then nothing of the kind"), "", /expected a \.npz archive/],
    ["x.npy", X, ":y", /expected a .npz archive to take "y" from/],
    ["x.csv", "", "", /expected rows of numbers, got nothing/],
    ["seven.png", Uint8Array.of(0x89, 0x50, 0x4e, 0x47), "", /got a picture; name the folder that it lies in/],
  ];
  test.each(bad)("%s is refused by name", async (name, content, suffix, message) => {
    const failure = await read(file(name, content) + suffix).catch((error: Error) => error.message);
    expect(failure).toMatch(message);
    expect(failure).toContain(name);
  });

  test("a file that is not there is said to be missing", async () => {
    await expect(read(join(folder, "none.npy"))).rejects.toThrow(/none.npy: there is no such file/);
  });
});

describe("pictures", () => {
  const grey = (value: number) => encode({ width: 2, height: 1, channels: 1, data: Uint8Array.of(value, 255 - value) });

  test("come in the order of their numbers, as bytes", async () => {
    for (const n of [10, 2, 1]) file(`digits/${n}.png`, grey(n));
    file("digits/readme.txt", "not a picture");
    const rows = await read(join(folder, "digits"));
    expect(rows).toMatchObject({ shape: [3, 1, 2, 1], dtype: "U8", labels: null, files: ["1.png", "2.png", "10.png"] });
    expect(dataOf(rows.numbers)).toEqual([1, 254, 2, 253, 10, 245]);
  });

  test("are turned channels first where the model wants that", async () => {
    const data = Uint8Array.of(1, 2, 3, 4, 5, 6);
    file("colours/1.png", encode({ width: 2, height: 1, channels: 3, data }));
    const rows = await read(join(folder, "colours"), { isChannelsFirst: true });
    expect(rows.shape).toEqual([1, 3, 1, 2]);
    expect(dataOf(rows.numbers)).toEqual([1, 4, 2, 5, 3, 6]);
  });

  test("in folders carry their class as label: the folder's number, else its place", async () => {
    for (const name of ["7", "3"]) file(`numbers/${name}/a.png`, grey(1));
    for (const name of ["dog", "cat"]) file(`names/${name}/a.png`, grey(1));
    const numbers = await read(join(folder, "numbers"));
    expect([...numbers.labels!.data]).toEqual([3, 7]);
    expect(numbers.files).toEqual(["3/a.png", "7/a.png"]);
    expect([...(await read(join(folder, "names"))).labels!.data]).toEqual([0, 1]);
  });

  test("of other sizes, folders without any, and files that are none are refused by name", async () => {
    file("sizes/1.png", grey(1));
    file("sizes/2.png", encode({ width: 1, height: 1, channels: 1, data: Uint8Array.of(1) }));
    file("empty/notes.txt", "");
    file("fake/1.png", "GIF89a");
    file("both/1.png", grey(1));
    file("both/cat/1.png", grey(1));
    await expect(read(join(folder, "sizes"))).rejects.toThrow(/2.png: expected 2 x 1 pixels, as the first, got 1 x 1/);
    await expect(read(join(folder, "empty"))).rejects.toThrow(/empty: expected .png files, got none/);
    await expect(read(join(folder, "fake"))).rejects.toThrow(/1.png: expected a PNG picture, got other bytes/);
    await expect(read(join(folder, "both"))).rejects.toThrow(/expected pictures, or folders of pictures.*got both/);
  });

  test("a header that claims a huge picture is refused before anything is unpacked", async () => {
    const huge = Buffer.from(grey(1));
    huge.writeUInt32BE(100_000, 16);
    huge.writeUInt32BE(100_000, 20);
    file("huge/1.png", huge);
    await expect(read(join(folder, "huge"))).rejects.toThrow(/expected 1 to \d+ pixels, got 100000 x 100000/);
  });

  test("of any kind of PNG become grey or colours, as asked", async () => {
    const kinds: [kind: string, png: Uint8Array, grey: number[], colours: number[]][] = [
      ["grey", encode({ width: 1, height: 1, channels: 1, data: Uint8Array.of(200) }), [200], [200, 200, 200]],
      [
        "grey, 16 bits",
        encode({ width: 1, height: 1, channels: 1, depth: 16, data: Uint16Array.of(0xc8ff) }),
        [200],
        [200, 200, 200],
      ],
      ["red", encode({ width: 1, height: 1, channels: 3, data: Uint8Array.of(255, 0, 0) }), [76], [255, 0, 0]],
      ["half red", encode({ width: 1, height: 1, channels: 4, data: Uint8Array.of(255, 0, 0, 51) }), [15], [51, 0, 0]],
    ];
    for (const [kind, png, asGrey, asColours] of kinds) {
      file(`${kind}/1.png`, png);
      for (const [channels, expected] of [
        [1, asGrey],
        [3, asColours],
      ] as const) {
        expect(dataOf((await read(join(folder, kind), { channels })).numbers), kind).toEqual(expected);
      }
    }
  });

  test("a transparent pixel is shown on black", () => {
    expect([...withChannels({ width: 1, height: 1, channels: 2, pixels: Uint8Array.of(200, 0) }, 1)]).toEqual([0]);
  });
});

describe("labels", () => {
  test("are one whole number a row, from an array or from text", async () => {
    const { numbers, shape } = await readLabels(file("y.npy", y), nothing());
    expect(numbers as Uint8Array).toHaveLength(y.length);
    expect(shape).toEqual([2]);
    expect(await readLabels(file("y.csv", "label\n7\n8\n"), nothing())).toEqual({ numbers: [7, 8], shape: [2, 1] });
  });
  test("in two columns, or with fractions, are refused", async () => {
    await expect(readLabels(file("a.csv", "1,2\n"), nothing())).rejects.toThrow(
      /expected one label a row, got .*\(1, 2\)/,
    );
    await expect(readLabels(file("b.csv", "1.5\n"), nothing())).rejects.toThrow(
      /b.csv: labels: expected whole numbers/,
    );
  });
});

describe("models", () => {
  const json = (paths: unknown) => JSON.stringify({ weightsManifest: [{ paths }] });

  test("are model.json and the files it names, from the folder or from the file", async () => {
    file("m/model.json", json(["group1.bin", "more/group2.bin"]));
    file("m/group1.bin", "1");
    file("m/more/group2.bin", "2");
    file("m/unrelated.bin", "3");
    for (const path of ["m", "m/model.json"]) {
      const files = await readModel(join(folder, path));
      expect(files.map(({ name }) => name)).toEqual(["model.json", "group1.bin", "more/group2.bin"]);
    }
  });

  const bad: [content: string, message: RegExp][] = [
    [json(["../secret.bin"]), /expected weight files inside its folder, got "..\/secret.bin"/],
    [json(["/etc/passwd"]), /expected weight files inside its folder/],
    [json(["a/../../b"]), /expected weight files inside its folder/],
    [json(["https://example.org/w.bin"]), /expected weight files inside its folder/],
    [json(["none.bin"]), /none.bin: there is no such file/],
    ["{}", /model\.json: weightsManifest: expected an array, got nothing/],
    ["{", /model\.json: expected JSON, got/],
  ];
  test.each(bad)("%s is refused", async (content, message) => {
    file("bad/model.json", content);
    await expect(readModel(join(folder, "bad"))).rejects.toThrow(message);
  });
  test.each([
    ["m.h5", /got a Keras model; in a shell: python -m tf2onnx/],
    ["m.PT", /got a PyTorch model; in Python: from torch import onnx/],
    ["m.safetensors", /got weights without a model/],
    ["m.pb", /got a TensorFlow model/],
    ["m.tflite", /got a TensorFlow Lite model/],
    ["m.txt", /got another file$/],
  ])("a model of another program, %s, is refused with what converts it", async (name, message) => {
    file(name, "x");
    await expect(readModel(join(folder, name))).rejects.toThrow(message);
  });
  test("a folder without model.json is said to lack it", async () => {
    file("none/weights.bin", "");
    await expect(readModel(join(folder, "none"))).rejects.toThrow(
      /none: expected a file named model\.json, or one \.onnx file in this folder/,
    );
  });
});
