import fc from "fast-check";
import { expect, test } from "vitest";
import { MODEL_NAME, modelNameProblem } from "./model-name.ts";

test.each(["minilm", "all-MiniLM-L6-v2", "sentence-transformers/all-MiniLM-L6-v2", "a", "7b.q4_0", "a".repeat(90)])(
  "%s is a name",
  (name) => expect(modelNameProblem(name)).toBeNull(),
);

test.each([
  ["Bad Name!", "Bad-Name"],
  ["./all-MiniLM-L6-v2/", "all-MiniLM-L6-v2"],
  ["models/org/small", "org/small"],
  ["-small", "small"],
  ["a".repeat(91), "a".repeat(90)],
])("%s is none: the problem says the rule, what came, and a name that is taken", (name, like) => {
  expect(modelNameProblem(name)).toBe(
    "expected a name of 1 to 90 letters, digits, . _ and -, a letter or digit first, with at most one / between two such names, " +
      `got "${name}"; take "${like}", for example`,
  );
});

test.each(["", "!!", "/", "名前"])("of %j no name is made", (name) => {
  expect(modelNameProblem(name)).toMatch(/, got ".*"$/);
});

test("whatever is advised is a name", () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 200 }), (name) => {
      const [, like] = /; take "(.*)", for example$/.exec(modelNameProblem(name) ?? "") ?? [];
      if (like !== undefined) expect(like).toMatch(MODEL_NAME);
    }),
    { seed: 20_041, numRuns: 2000 },
  );
});
