import { expect, test } from "vitest";
import { KINDS } from "../../../shared/kinds/kinds.ts";
import { flagWords, shellCommand } from "../../kinds/asked-words.ts";
import { inferenceAsked } from "../../kinds/inference/inference-asked.ts";
import { matmulAsked } from "../../kinds/matmul/matmul-asked.ts";
import { regressionAsked } from "../../kinds/regression/regression-asked.ts";
import { askedSnippets } from "./asked-snippets.ts";

const ORIGIN = "https://paritab.example";
const HASH = "a".repeat(64);
const textOf = (snippets: ReturnType<typeof askedSnippets>, language: string) =>
  snippets.find((snippet) => snippet.language === language)?.text;

test("what is at its default is left out, and the rest is written as each language has it", () => {
  const source = { kind: "uploads", modelSha256: HASH, queriesSha256: HASH, inputScale: 1 / 255 } as const;
  const aim = { finishWithinMs: 600_000 };
  const submission = KINDS.inference.submission.parse({ kind: "inference", name: "it's so", source, aim });
  const snippets = askedSnippets(submission, ORIGIN, inferenceAsked);
  expect(textOf(snippets, "command")).toBe(
    [
      "paritab submit inference",
      `--model ${HASH}`,
      "--queries queries.npy",
      `--input-scale ${1 / 255}`,
      "--name 'it'\\''s so'",
      "--within 600000ms",
      "--confidence 0.9",
      `--url ${ORIGIN}`,
    ].join(" \\\n  "),
  );
  expect(textOf(snippets, "python")).toContain(
    [
      "for answer in client.infer(",
      `    "${HASH}",`,
      '    np.load("queries.npy"),',
      `    input_scale=${1 / 255},`,
      '    name="it\'s so",',
      '    aim={"finishWithinMs": 600000, "confidence": 0.9},',
      "):",
    ].join("\n"),
  );
  const body = JSON.parse(/-d '(.*)'$/s.exec(textOf(snippets, "curl")!)![1]!.replaceAll("'\\''", "'"));
  expect(KINDS.inference.submission.parse(body)).toEqual(submission);
});

test("training and products have their commands, and a kind without any has the API alone", () => {
  const trained = KINDS.regression.submission.parse({
    kind: "regression",
    source: { kind: "sample", sample: "mnist", rows: 300 },
    model: "softmax",
  });
  const training = askedSnippets(trained, ORIGIN, regressionAsked);
  expect(textOf(training, "command")).toContain("--sample mnist \\\n  --rows 300 \\\n  --model softmax");
  expect(textOf(training, "python")).toBeUndefined();
  const table = { kind: "uploads", featuresSha256: HASH, labelsSha256: HASH, columnNames: ["city", "rooms"] } as const;
  const ofTable = askedSnippets(
    KINDS.regression.submission.parse({ kind: "regression", source: table }),
    ORIGIN,
    regressionAsked,
  );
  expect(textOf(ofTable, "command")).toContain("--features table.csv \\\n  --label-column y");
  expect(textOf(ofTable, "python")).toContain('    "table.csv",\n    label="y",\n');
  const source = { kind: "uploads", leftSha256: HASH, rightSha256: HASH } as const;
  const product = KINDS.matmul.submission.parse({ kind: "matmul", source, leftFractionBits: 2 });
  expect(textOf(askedSnippets(product, ORIGIN, matmulAsked), "python")).toContain("    left_fraction_bits=2,\n)");
  expect(askedSnippets(product, ORIGIN, undefined).map(({ language }) => language)).toEqual(["typescript", "curl"]);
});

test("what was typed is printed as it was typed, for the coordinator that the page is from", () => {
  const typed = ["paritab", "submit", "--model", "./hf-cifar", "--images", "my photos", "--queries", "-", "--json"];
  const source = { kind: "uploads", modelSha256: HASH, queriesSha256: HASH } as const;
  const submission = KINDS.inference.submission.parse({ kind: "inference", source, asked: typed });
  const snippets = askedSnippets(submission, ORIGIN, inferenceAsked);
  expect(textOf(snippets, "command")).toBe(
    ["paritab submit", "--model ./hf-cifar", "--images 'my photos'", "--queries -", "--json", `--url ${ORIGIN}`].join(
      " \\\n  ",
    ),
  );
  for (const { language, text } of snippets) if (language !== "command") expect(text).not.toContain("hf-cifar");
  const others = KINDS.inference.submission.safeParse({ kind: "inference", source, asked: ["rm", "-rf"] });
  expect(others.success).toBe(false);
});

test("a shell reads a flag as it was", () => {
  const flagOf = (name: string, value: unknown) => shellCommand(flagWords(name, value));
  expect(flagOf("queriesPerGroup", 4)).toBe("--queries-per-group 4");
  expect(flagOf("name", "$(rm) `x`")).toBe("--name '$(rm) `x`'");
  expect(flagOf("name", "")).toBe("--name ''");
  expect(flagOf("name", "it's\nrm")).toBe("--name 'it'\\''s\nrm'");
});
