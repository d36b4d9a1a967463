import fc from "fast-check";
import { expect, test } from "vitest";
import { type MemoryStep, mostLiveNumbers } from "./live-numbers.ts";

const made = (name: string, size: number) => [{ name, size }];

test("a chain holds two tensors at a time beside its input", () => {
  const steps: MemoryStep[] = [
    { inputs: ["in"], outputs: made("a", 10) },
    { inputs: ["a"], outputs: made("b", 30) },
    { inputs: ["b"], outputs: made("c", 5) },
  ];
  expect(mostLiveNumbers(7, steps, "c")).toBe(7 + 10 + 30);
});

test("branches that wait for each other are all held", () => {
  const branches = Array.from({ length: 20 }, (_, i): MemoryStep => ({ inputs: ["in"], outputs: made(`b${i}`, 100) }));
  const join: MemoryStep = { inputs: branches.map((_, i) => `b${i}`), outputs: made("out", 100) };
  expect(mostLiveNumbers(1, [...branches, join], "out")).toBe(1 + 21 * 100);
});

test("where steps take from very many others, all is taken to be held", () => {
  const steps = Array.from({ length: 1_001 }, (_, i): MemoryStep => {
    return {
      inputs: Array.from({ length: Math.min(i, 150) }, (_, k) => `${i - 1 - k}`),
      outputs: made(`${i}`, 2),
      scratch: 9,
    };
  });
  expect(mostLiveNumbers(1, steps, "1000")).toBe(1 + 1_001 * 2 + 9);
  expect(mostLiveNumbers(1, steps.slice(0, 500), "499")).toBeLessThan(500);
});

test("what a step needs for itself counts while it runs", () => {
  const steps: MemoryStep[] = [
    { inputs: ["in"], outputs: made("a", 10), scratch: 1000 },
    { inputs: ["a"], outputs: made("b", 10) },
  ];
  expect(mostLiveNumbers(1, steps, "b")).toBe(1 + 10 + 1000);
});

test("nothing is held that nobody takes, and never less than what one step takes and makes", () => {
  const anySteps = fc.array(
    fc.record({ inputs: fc.array(fc.nat(20), { maxLength: 3 }), size: fc.nat(100), scratch: fc.nat(50) }),
    { minLength: 1, maxLength: 20 },
  );
  fc.assert(
    fc.property(anySteps, (drawn) => {
      const size = (name: string) => drawn[Number(name)]!.size;
      const steps = drawn.map(({ inputs, size, scratch }, at) => ({
        inputs: inputs.filter((from) => from < at).map(String),
        outputs: made(String(at), size),
        scratch,
      }));
      const most = mostLiveNumbers(3, steps, String(steps.length - 1));
      for (const { inputs, outputs, scratch } of steps) {
        const taken = [...new Set(inputs)].reduce((sum, name) => sum + size(name), 0);
        expect(most).toBeGreaterThanOrEqual(3 + taken + outputs[0]!.size + scratch);
      }
      expect(most).toBeLessThanOrEqual(3 + drawn.reduce((sum, { size, scratch }) => sum + size + scratch, 0));
    }),
  );
});
