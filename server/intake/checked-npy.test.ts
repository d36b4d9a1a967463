import fc from "fast-check";
import { expect, test } from "vitest";
import { TENSOR_BYTES_MAX } from "../../shared/protocol/limits.ts";
import { encodeNpy, type NpyHeader } from "../../shared/protocol/npy.ts";
import { checkedNpy } from "./checked-npy.ts";

async function pass(file: Uint8Array, sizes: readonly number[], announced: number | null = file.length) {
  async function* pieces() {
    for (let at = 0, i = 0; at < file.length; at += sizes[i++ % sizes.length]!)
      yield file.subarray(at, at + sizes[i % sizes.length]!);
  }
  const headers: NpyHeader[] = [];
  const passed: Uint8Array[] = [];
  for await (const chunk of checkedNpy(pieces(), announced, (header) => headers.push(header))) passed.push(chunk);
  return { headers, bytes: Uint8Array.from(Buffer.concat(passed)) };
}

/** A header alone, as numpy writes it. */
function headerOf(descr: string, shape: string, isFortran = false): Uint8Array {
  const dict = `{'descr': '${descr}', 'fortran_order': ${isFortran ? "True" : "False"}, 'shape': ${shape}, }`.padEnd(
    117,
  );
  return Uint8Array.from([0x93, ...Buffer.from("NUMPY"), 1, 0, 118, 0, ...Buffer.from(`${dict}\n`)]);
}

test("[PR23] wherever a file is cut, it is passed on as it is, and described once", async () => {
  const file = encodeNpy({ dtype: "F64", shape: [5, 7], data: Float64Array.from({ length: 35 }, (_, i) => i / 3) });
  const sizes = fc.array(fc.integer({ min: 1, max: 400 }), { minLength: 1, maxLength: 6 });
  await fc.assert(
    fc.asyncProperty(sizes, async (cut) => {
      const even = cut.slice(0, 1);
      const { headers, bytes } = await pass(file, even);
      expect(headers).toMatchObject([{ dtype: "F64", shape: [5, 7], count: 35 }]);
      expect(bytes).toEqual(file);
    }),
    { numRuns: 60 },
  );
});

test("[PR23] a number that is not finite is found wherever the file is cut, in either byte order", async () => {
  const shape = "(4, 3)";
  for (const [descr, isLittle] of [
    ["<f4", true],
    [">f4", false],
  ] as const) {
    const data = new DataView(new ArrayBuffer(48));
    data.setFloat32(4 * 7, Number.NEGATIVE_INFINITY, isLittle);
    const file = Buffer.concat([headerOf(descr, shape), new Uint8Array(data.buffer)]);
    for (const size of [1, 3, 50, 1000]) {
      await expect(pass(file, [size])).rejects.toThrow("got -Infinity first at index [2, 1]");
    }
    const columns = Buffer.concat([headerOf(descr, shape, true), new Uint8Array(data.buffer)]);
    await expect(pass(columns, [13])).rejects.toThrow("got -Infinity first at index [3, 1]");
  }
});

test("[PR23] a file with fewer or more bytes than its shape takes is refused, announced or not", async () => {
  const file = encodeNpy({ dtype: "U8", shape: [100], data: new Uint8Array(100) });
  const refusal = /expected 100 bytes of data for shape \(100\), got (99|101)/;
  for (const other of [file.subarray(0, file.length - 1), Buffer.concat([file, Uint8Array.of(1)])]) {
    await expect(pass(other, [64])).rejects.toThrow(refusal);
    await expect(pass(other, [64], null)).rejects.toThrow(refusal);
  }
  await expect(pass(file.subarray(0, 20), [64])).rejects.toThrow("expected a whole header, got 20 bytes");
});

test("[PR24] what would have to be whole in memory to be read is refused by its header", async () => {
  const count = TENSOR_BYTES_MAX / 8 + 1;
  const large = (descr: string, isFortran = false) => headerOf(descr, `(${count}, 2)`, isFortran);
  for (const [head, bytes] of [
    [large("<f8"), 16],
    [large(">f4"), 8],
    [large("<f4", true), 8],
  ] as const) {
    await expect(pass(head, [1000], head.length + bytes * count)).rejects.toMatchObject({
      isTooLarge: true,
      message: expect.stringMatching(/ or uint8, uint16 or float32 row by row and little-endian/),
    });
  }
  const taken = large("<f4");
  await expect(pass(taken, [1000], taken.length + 8 * count)).rejects.toThrow("bytes of data for shape");
});
