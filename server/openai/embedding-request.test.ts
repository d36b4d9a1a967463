import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { V1_BATCH_ERRORS_MAX } from "../../shared/protocol/limits.ts";
import { batchRequests } from "./batch-lines.ts";
import { embeddingRequest, requireLengths } from "./embedding-request.ts";
import { type NamedModel, NamedModels } from "./named-models.ts";
import { openAiErrorBody } from "./openai-error.ts";

let folder: string;
let models: NamedModels;
const model = (id: string, changed: Partial<NamedModel> = {}): NamedModel => ({
  id,
  owner: "",
  createdS: 1,
  byteCount: 1,
  pool: null,
  normalizes: null,
  dimensions: 3,
  folder: `files-${encodeURIComponent(id)}`,
  facts: {
    task: { pool: "mean", normalizes: true, output: "last_hidden_state", gives: "vectors" },
    inputs: ["input_ids"],
    padId: 0,
    countMax: 8,
    fixedLength: null,
    emptyCount: 2,
  },
  ...changed,
});

/** After a start, as openai.ts has it. */
async function started(): Promise<NamedModels> {
  const found = new NamedModels(folder);
  await found.look();
  await found.dropLost();
  return found;
}

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "paritab-v1-"));
  models = await started();
  await models.add(model("small"));
  await models.add(model("org/other"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function refusal(work: () => unknown) {
  try {
    work();
  } catch (error) {
    return openAiErrorBody(error as never).error;
  }
  throw new Error("expected a refusal, got none");
}

describe("a request", () => {
  test("is a text or several, as numbers unless base64 is asked for", () => {
    expect(embeddingRequest({ model: "small", input: "a" }, models)).toMatchObject({ texts: ["a"], encoding: "float" });
    const several = { model: "org/other", input: ["a", "b"], encoding_format: "base64", dimensions: 3, user: "u" };
    expect(embeddingRequest(several, models)).toMatchObject({ texts: ["a", "b"], encoding: "base64" });
  });

  const bad: [what: object | null | string, param: string, message: RegExp][] = [
    [null, "body", /expected a JSON object/],
    [{ input: "a" }, "model", /expected the name of a model, got nothing/],
    [{ model: "large", input: "a" }, "model", /`large` does not exist.*there are org\/other, small/],
    [{ model: "small" }, "input", /expected a text, or a list of texts, got nothing/],
    [{ model: "small", input: ["a", 7] }, "input", /ids of tokens/],
    [{ model: "small", input: ["a", { b: 1 }] }, "input", /input\[1\]: expected a text, got {"b":1}/],
    [{ model: "small", input: "a".repeat(2 ** 20 + 1) }, "input", /at most 1048576 bytes, got 1048577/],
    [{ model: "small", input: "a", dimensions: 2 }, "dimensions", /expected 3, or none, got 2/],
    [{ model: "small", input: "a", seed: 1 }, "seed", /Unrecognized request argument supplied: seed/],
  ];
  test.each(bad.map(([body, param, message]) => ({ body, param, message })))(
    "$message: refused by its field",
    ({ body, param, message }) => {
      const error = refusal(() => embeddingRequest(body, models));
      expect([error.param, error.type]).toEqual([param, "invalid_request_error"]);
      expect(error.message).toMatch(message);
    },
  );

  test("all that is wrong is told at once, each by its field, under the first one's status and code", () => {
    const body = { seed: 1, model: "large", input: ["a", "", { b: 1 }], encoding_format: "hex", stop: 2 };
    expect(refusal(() => embeddingRequest(body, models))).toEqual({
      param: "seed",
      type: "invalid_request_error",
      code: "invalid_value",
      message:
        "seed: Unrecognized request arguments supplied: seed, stop; expected model, input, encoding_format, dimensions, user; " +
        "model: The model `large` does not exist or you do not have access to it; there are org/other, small; " +
        'input[1]: expected a text that is not empty; input[2]: expected a text, got {"b":1}; ' +
        'encoding_format: expected float or base64, got "hex"',
    });
  });

  test("of many problems the first few are told, and how many more there are", () => {
    const asked = { model: "small", input: new Array<string>(12).fill(""), dimensions: 7 };
    const { message, param } = refusal(() => embeddingRequest(asked, models));
    expect(param).toBe("input");
    expect(message.match(/input\[\d+\]/g)).toHaveLength(5);
    expect(message).toMatch(/; and 8 more$/);
  });

  test("texts longer than the model takes, and texts without a token, are refused by their place", () => {
    const one = models.get("small")!;
    const ids = (length: number) => new Array<number>(length).fill(1);
    expect(() => requireLengths(one, [ids(8), ids(3)])).not.toThrow();
    expect(refusal(() => requireLengths(one, [ids(3), ids(9)]))).toMatchObject({
      code: "context_length_exceeded",
      message: expect.stringMatching(/context length is 8 tokens, however input\[1\] has 9/),
    });
    expect(refusal(() => requireLengths(one, [ids(2)])).message).toMatch(/at least one token/);
    const several = refusal(() => requireLengths(one, [ids(9), ids(3), ids(2)])).message;
    expect(several).toMatch(/input\[0\] has 9.*; input\[2\]: expected a text with at least one token/);
    expect(() => requireLengths(model("x", { facts: { ...one.facts, countMax: null } }), [ids(900)])).not.toThrow();
  });
});

describe("names", () => {
  test("are there after a restart, and gone with what they stand for once they are removed", async () => {
    const store = async (name: string) => {
      const stored = models.newFolder();
      await models.store(stored, name, Readable.from([Uint8Array.of(1)]));
      return stored;
    };
    const stored = await store("onnx/model.onnx");
    await models.add(model("small", { folder: stored, dimensions: 5 }));
    const lost = await store("model.onnx");
    const again = await started();
    expect(readdirSync(folder)).toContain(stored);
    expect(readdirSync(folder)).not.toContain(lost);
    expect(again.all().map(({ id, dimensions }) => [id, dimensions])).toEqual([
      ["org/other", 3],
      ["small", 5],
    ]);
    await again.remove("small");
    expect((await started()).get("small")).toBeNull();
  });
});

describe("a batch's file", () => {
  const line = (id: string, changed: object = {}) =>
    JSON.stringify({
      custom_id: id,
      method: "POST",
      url: "/v1/embeddings",
      body: { model: "small", input: id },
      ...changed,
    });
  async function* bytes(text: string) {
    for (let at = 0; at < text.length; at += 8_000) yield Buffer.from(text.slice(at, at + 8_000));
  }
  const read = (...lines: string[]) => batchRequests(bytes(lines.join("\n")), models);

  test("is requests of one model, in their order, empty lines aside", async () => {
    const requests = await read(line("a"), "", line("b", { body: { model: "small", input: ["x", "y"] } }));
    expect(requests).toMatchObject({
      model: { id: "small" },
      lines: [
        { customId: "a", texts: ["a"] },
        { customId: "b", texts: ["x", "y"] },
      ],
    });
  });

  const bad: [what: string, lines: string[], code: string, number: number | null][] = [
    ["no lines", [""], "empty_file", null],
    ["no JSON", [line("a"), "{"], "invalid_json_line", 2],
    ["no id", [line("")], "missing_required_parameter", 1],
    ["an id twice", [line("a"), line("a")], "duplicate_custom_id", 2],
    ["another method", [line("a", { method: "GET" })], "invalid_method", 1],
    ["another address", [line("a", { url: "/v1/chat/completions" })], "invalid_url", 1],
    ["two models", [line("a"), line("b", { body: { model: "org/other", input: "b" } })], "mismatched_model", 2],
    ["a model that is not there", [line("a", { body: { model: "x", input: "b" } })], "model_not_found", 1],
    ["a line that is too long", [line("a".repeat(2 ** 20))], "line_too_long", 1],
  ];
  test.each(bad)("%s is told by the line's number", async (_what, lines, code, number) => {
    expect(await read(...lines)).toMatchObject({ problems: [{ code, line: number }] });
  });

  test("tells all that is wrong with a line", async () => {
    const wrong = line("a", { method: "GET", url: "/v1/chat", body: { model: "small", input: "", dimensions: 4 } });
    expect(await read(wrong, line("b"))).toEqual({
      problems: [
        { code: "invalid_method", line: 1, param: "method", message: 'expected POST, got "GET"' },
        { code: "invalid_url", line: 1, param: "url", message: 'expected /v1/embeddings, got "/v1/chat"' },
        {
          ...{ code: "invalid_value", line: 1, param: "body.input" },
          message: expect.stringMatching(/^input\[0\]: expected a text that is not empty; dimensions: .*expected 3/),
        },
      ],
    });
  });

  test("tells so many problems, and no more", async () => {
    const requests = await read(...new Array<string>(3 * V1_BATCH_ERRORS_MAX).fill("no"));
    expect("problems" in requests && requests.problems.length).toBe(V1_BATCH_ERRORS_MAX);
    const twice = Array.from({ length: V1_BATCH_ERRORS_MAX }, (_, i) => line(`${i}`, { method: "GET", url: "" }));
    const more = await read(line("a", { url: "" }), ...twice);
    expect("problems" in more && more.problems.length).toBe(V1_BATCH_ERRORS_MAX);
  });
});
