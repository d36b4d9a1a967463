import { expect, test } from "vitest";
import { createPreviousAnswers } from "./previous-answers.ts";

test("what was answered in the round before, of the same thing, also where a round is asked again", () => {
  const answers = createPreviousAnswers<string>();
  expect(answers.before("a", 0, "a0")).toBeNull();
  expect(answers.before("b", 0, "b0")).toBeNull();
  expect(answers.before("a", 2, "a2")).toBe("a0");
  expect(answers.before("a", 2, "a2 again")).toBe("a0");
  expect(answers.before("a", 3, "a3")).toBe("a2 again");
  expect(answers.before("b", 3, "b3")).toBe("b0");
});
