import fc from "fast-check";
import { expect, test } from "vitest";
import { centredOf, MODULUS } from "../../../../shared/field/modulus.ts";
import { BITS_LEAST, joinBlocks, planChunks, quantizeBroadcast } from "./broadcast.ts";

const B = (MODULUS - 1) / 2;

test("whatever the data and the vector, no inner product leaves the field's range, and chunks add up to the sum", () => {
  let chunkedCount = 0;
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 40 }),
      fc.integer({ min: 1, max: 4 }),
      fc.integer({ min: 1, max: 3 }),
      fc.constantFrom(1, 1_000, 4_000_000, 30_000_000),
      fc.infiniteStream(fc.integer({ min: -1_000, max: 1_000 })),
      (length, others, classes, size, stream) => {
        const draw = () => (stream.next().value as number) / 1_000;
        const matrix = Uint32Array.from({ length: length * others }, () => {
          const entry = Math.round(draw() * size);
          return entry < 0 ? entry + MODULUS : entry;
        });
        const values = Float64Array.from({ length: length * classes }, draw);
        let plan: ReturnType<typeof planChunks>;
        try {
          plan = planChunks([matrix], length, others, BITS_LEAST);
        } catch {
          return; // too coarse even row by row: refused, which is safe
        }
        if (plan.norms.length > 1) chunkedCount++;
        const limbs = (length % 3) + 1;
        const broadcast = quantizeBroadcast(values, length, classes, plan, limbs);
        const { residues, width, scales } = broadcast;
        const product = new Uint32Array(others * width);
        for (let o = 0; o < others; o++) {
          for (let w = 0; w < width; w++) {
            let sum = 0;
            for (let i = 0; i < length; i++) {
              sum += centredOf(matrix[i * others + o]!, MODULUS) * centredOf(residues[i * width + w]!, MODULUS);
            }
            expect(Math.abs(sum)).toBeLessThanOrEqual(B);
            product[o * width + w] = sum < 0 ? sum + MODULUS : sum;
          }
        }
        const joined = joinBlocks([product], others, broadcast);
        for (let o = 0; o < others; o++) {
          for (let c = 0; c < classes; c++) {
            let [truth, error] = [0, 1e-9];
            for (let i = 0; i < length; i++) {
              const entry = centredOf(matrix[i * others + o]!, MODULUS);
              truth += entry * values[i * classes + c]!;
              // Each entry of the vector is off by half a step of its chunk's last limb at most.
              const chunk = plan.bounds.findLastIndex((from) => from <= i);
              error += Math.abs(entry) / 2 / scales[(chunk + 1) * limbs - 1]!;
            }
            expect(Math.abs(joined[o * classes + c]! - truth)).toBeLessThanOrEqual(error * (1 + 1e-9));
          }
        }
      },
    ),
    { seed: 44_001, numRuns: 300 },
  );
  expect(chunkedCount).toBeGreaterThan(10);
});

test("padding beyond the last row is dropped", () => {
  const broadcast = { residues: new Uint32Array(2), width: 1, scales: [2] };
  expect([...joinBlocks([Uint32Array.of(2, 4), Uint32Array.of(MODULUS - 6, 0)], 3, broadcast)]).toEqual([1, 2, -3]);
});
