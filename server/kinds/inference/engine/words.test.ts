import { expect, test } from "vitest";
import { Words } from "./words.ts";

const word = (volunteerId: string, value: number) => ({
  volunteerId,
  precision: "float32" as const,
  said: Float32Array.of(value),
});

test("[CC5] the words for a row are one of each volunteer, the latest", () => {
  const words = new Words();
  words.keep(7, word("a", 1));
  words.keep(7, word("b", 2));
  words.keep(7, word("a", 3));
  words.keep(8, word("a", 4));
  expect(words.of(7).map(({ volunteerId, said }) => [volunteerId, said[0]])).toEqual([
    ["b", 2],
    ["a", 3],
  ]);
  expect(words.of(9)).toEqual([]);
});
