/** Whichever way a job comes in, its code is the schema's where nobody says otherwise: no way in has defaults of its own. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { inferenceSubmissionSchema } from "../../../shared/kinds/inference/submission.ts";

const ROOT = join(import.meta.dirname, "../../..");
const filesIn = (folder: string) =>
  readdirSync(join(ROOT, folder))
    .filter((name) => name.endsWith(".ts") && !name.endsWith(".test.ts"))
    .map((name) => join(folder, name));

/** Command line, pictures, texts and pipes; the SDK, which the form, Python and programs go by; /v1. */
const WAYS_IN = [
  ...filesIn("server/kinds/inference/cli"),
  ...filesIn("server/openai"),
  ...filesIn("shared/sdk"),
  "client/kinds/inference/form/inference-fields.ts",
  "client/kinds/inference/form/hub/send-hub.ts",
  "docs/python/paritab.py",
];
/** Such as `stragglers: 2`, `stragglers=2` or `liars ?? 1`. */
const OWN_DEFAULT = /\b(?:stragglers|liars|spares)"?\s*(?::|=|\?\?)\s*["'\d]/;

test("no way in gives a job spares that nobody asked for", () => {
  expect(WAYS_IN.length).toBeGreaterThan(20);
  const found = WAYS_IN.filter((path) => OWN_DEFAULT.test(readFileSync(join(ROOT, path), "utf8")));
  expect(found).toEqual([]);
  for (const planted of ["stragglers: 2", 'spares: "parities"', "liars=1"]) expect(planted).toMatch(OWN_DEFAULT);
});

test("a job, a stream and a sample that say nothing have S = 0, E = 0, and copies where tabs would idle", () => {
  const hash = "0".repeat(64);
  for (const source of [
    { kind: "sample", sample: "mnist" },
    { kind: "uploads", modelSha256: hash, queriesSha256: hash },
    { kind: "stream", modelSha256: hash },
  ]) {
    const said = inferenceSubmissionSchema.parse({ kind: "inference", source });
    expect(said).toMatchObject({ scheme: "systematic", stragglers: 0, liars: 0, spares: "auto" });
  }
});
