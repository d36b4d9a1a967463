import { expect, test } from "vitest";
import type { AnswerView } from "../../../../shared/kinds/inference/answers.ts";
import type { BroughtTexts } from "./brought.ts";
import { formatsOf, namedAnswers, tokensOf } from "./named-answers.ts";

/** Two texts in two jobs; the second has no answer yet. Three places each, two labels. */
const BROUGHT: BroughtTexts = {
  ...{ kind: "texts", texts: ["Ada", "a, b"], labels: { holds: "one", names: ["O", "PER"] } },
  task: { pool: "none", normalizes: false, output: "logits", gives: "tokens" },
  tokens: [
    { words: ["ada"], start: 1, count: 3 },
    { words: ["a", ",", "b"], start: 1, count: 5 },
  ],
  jobs: [
    { jobId: "j1", places: [0] },
    { jobId: "j2", places: [1] },
  ],
};
const OUTPUTS = [0, 0, 0, 20, 0, 0];
const answer = (changes: Partial<AnswerView>) =>
  ({ ...{ index: 0, mark: "exact", final: true, bound: 0 }, outputs: [], ...changes }) as AnswerView;
const answersFile = () => Promise.reject(new Error("nobody asks for a file"));
const client = {
  answersFile,
  answers: async (jobId: string) => ({
    ...{ queryCount: 1, matching: 1, offset: 0 },
    answers: jobId === "j1" ? [answer({ outputs: OUTPUTS })] : [],
  }),
};
const text = async (format: "csv" | "jsonl") => (await namedAnswers(client, "j1", BROUGHT, format, () => {})).text();

test("a model that names tokens gives each token its label, in tables and in lines of JSON", async () => {
  expect(formatsOf(BROUGHT)).toEqual(["csv", "jsonl"]);
  expect(await text("csv")).toBe("text,token,label,score,mark,final,bound\n0,ada,PER,1.00000,exact,true,0\n");
  const lines = (await text("jsonl"))
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  expect(lines).toMatchObject([
    { text: "Ada", index: 0, mark: "exact", tokens: [{ token: "ada", label: "PER" }] },
    { text: "a, b", index: 1, mark: "missing", tokens: [] },
  ]);
});

test("tokens of a text that was kept without them are none; other numbers than config.json has names for are told", () => {
  const { tokens: _tokens, ...before } = BROUGHT;
  expect(tokensOf(before, OUTPUTS, 0)).toEqual([]);
  expect(() => tokensOf(BROUGHT, [0, 1], 0)).toThrow(
    /id2label: expected a name for each label of a token, got 2 names for 2 numbers/,
  );
});

test("pairs of texts stand in two columns, and two fields", async () => {
  const pairs: BroughtTexts = {
    ...{
      kind: "texts",
      texts: ["Ada", "=1"],
      pairs: ["a person", "x, y"],
      labels: { holds: "one", names: ["no", "yes"] },
    },
    task: { pool: "none", normalizes: false, output: "logits", gives: "labels" },
    jobs: [{ jobId: "j1", places: [0, 1] }],
  };
  const two = {
    answersFile,
    answers: async () => ({
      ...{ queryCount: 2, matching: 2, offset: 0 },
      answers: [answer({ outputs: [0, 20] }), answer({ index: 1, outputs: [20, 0] })],
    }),
  };
  const said = async (format: "csv" | "jsonl") => (await namedAnswers(two, "j1", pairs, format, () => {})).text();
  const [head, ...rows] = (await said("csv")).trim().split("\n");
  expect(head).toMatch(/^text,text_pair,label,score,mark,final,bound,/);
  expect(rows[0]).toMatch(/^Ada,a person,yes,1\.00000,exact,true,0/);
  expect(rows[1]).toMatch(/^'=1,"x, y",no,/);
  const [first] = (await said("jsonl")).split("\n");
  expect(JSON.parse(first!)).toMatchObject({ text: "Ada", text_pair: "a person", label: "yes" });
});
