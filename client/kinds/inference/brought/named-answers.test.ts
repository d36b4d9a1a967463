import { expect, test } from "vitest";
import type { KeptTexts } from "../../../../shared/hub/kept-names.ts";
import { labelledTokens } from "../../../../shared/hub/token-lines.ts";
import type { AnswerView } from "../../../../shared/kinds/inference/answers.ts";
import { namedAnswers, savedFormats } from "./named-answers.ts";

/** Two texts in two jobs; the second job's row has no answer yet. Three places each, two labels. */
const COMMON = {
  ...{ kind: "texts", seal: "", top: 5, pairs: null, gives: "tokens", normalizes: false, output: "logits" },
  ...{ labels: { holds: "one", names: ["O", "PER"] }, spans: null, candidates: null, jobs: ["j1", "j2"], total: 2 },
} as const;
const FIRST = {
  ...{ ...COMMON, texts: ["Ada"], places: [0] },
  tokens: [{ words: ["ada"], start: 1, count: 3 }],
} as unknown as KeptTexts;
const SECOND = {
  ...{ ...COMMON, texts: ["a, b"], places: [1] },
  tokens: [{ words: ["a", ",", "b"], start: 1, count: 5 }],
} as unknown as KeptTexts;
const OUTPUTS = [0, 0, 0, 20, 0, 0];
const answer = (changes: Partial<AnswerView>) =>
  ({ ...{ index: 0, mark: "exact", final: true, bound: 0 }, outputs: [], ...changes }) as AnswerView;

/** @param names what stays with each job @param answers of each */
function clientOf(names: Record<string, KeptTexts>, answers: Record<string, AnswerView[]>) {
  return {
    async *allAnswers(jobId: string) {
      yield* answers[jobId] ?? [];
    },
    inferenceJob: async (jobId: string) =>
      ({ jobId, queryCount: names[jobId]!.texts.length, keepsNames: true }) as never,
    names: async (jobId: string) => new TextEncoder().encode(JSON.stringify(names[jobId])),
    answersFile: async () => Uint8Array.of(),
  };
}
const client = clientOf({ j2: SECOND }, { j1: [answer({ outputs: OUTPUTS })] });
const text = async (format: "csv" | "jsonl") => (await namedAnswers(client, "j1", FIRST, format, () => {})).text();

test("a model that names tokens gives each token its label, in tables and in lines of JSON", async () => {
  expect(savedFormats(FIRST)).toEqual(["csv", "jsonl"]);
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

test("a job of the same texts that is gone leaves its rows out, and marks them", async () => {
  const alone = { ...client, inferenceJob: () => Promise.reject(new Error("no such job")) };
  const lines = (await (await namedAnswers(alone, "j1", FIRST, "jsonl", () => {})).text()).trim().split("\n");
  expect(lines.map((line) => JSON.parse(line))).toMatchObject([{ text: "Ada" }, { text: "", mark: "missing" }]);
});

test("other numbers than config.json has names for are told", () => {
  expect(() => labelledTokens([0, 1], FIRST.tokens![0]!, FIRST.labels!)).toThrow(
    /id2label: expected a name for each label of a token, got 2 names for 2 numbers/,
  );
});

test("pairs of texts stand in two columns, and two fields", async () => {
  const pairs = {
    ...{ ...COMMON, gives: "labels", tokens: null, jobs: ["j1"], places: [0, 1] },
    ...{ texts: ["Ada", "=1"], pairs: ["a person", "x, y"], labels: { holds: "one", names: ["no", "yes"] } },
  } as unknown as KeptTexts;
  const two = clientOf({}, { j1: [answer({ outputs: [0, 20] }), answer({ index: 1, outputs: [20, 0] })] });
  const said = async (format: "csv" | "jsonl") => (await namedAnswers(two, "j1", pairs, format, () => {})).text();
  const [head, ...rows] = (await said("csv")).trim().split("\n");
  expect(head).toMatch(/^text,text_pair,label,score,mark,final,bound,/);
  expect(rows[0]).toMatch(/^Ada,a person,yes,1\.00000,exact,true,0/);
  expect(rows[1]).toMatch(/^'=1,"x, y",no,/);
  const [first] = (await said("jsonl")).split("\n");
  expect(JSON.parse(first!)).toMatchObject({ text: "Ada", text_pair: "a person", label: "yes" });
});
