/** The body of POST /v1/embeddings, and of a line of a batch: checked as OpenAI does, each refusal with the field's name. */
import { TEXT_BYTES_MAX, V1_INPUTS_MAX, V1_REQUEST_TOKENS_MAX } from "../../shared/protocol/limits.ts";
import type { NamedModel, NamedModels } from "./named-models.ts";
import { invalid, OpenAiFailure } from "./openai-error.ts";
import type { TextWorks } from "./text-works.ts";

export const ENCODINGS = ["float", "base64"] as const;

export interface EmbeddingRequest {
  readonly model: NamedModel;
  readonly texts: readonly string[];
  readonly encoding: (typeof ENCODINGS)[number];
}

const FIELDS = ["model", "input", "encoding_format", "dimensions", "user"];

/** @throws OpenAiFailure */
export function embeddingRequest(body: unknown, models: NamedModels): EmbeddingRequest {
  if (typeof body !== "object" || body === null || Array.isArray(body)) {
    throw invalid("body", "expected a JSON object with model and input, got something else");
  }
  const fields = body as Readonly<Record<string, unknown>>;
  const unknown = Object.keys(fields).find((name) => !FIELDS.includes(name));
  if (unknown !== undefined) {
    throw invalid(
      unknown,
      `Unrecognized request argument supplied: ${unknown.slice(0, 80)}; expected ${FIELDS.join(", ")}`,
    );
  }
  const model = modelOf(fields.model, models);
  const { encoding_format: encoding = "float", dimensions } = fields;
  if (encoding !== "float" && encoding !== "base64") {
    throw invalid("encoding_format", `expected ${ENCODINGS.join(" or ")}, got ${shown(encoding)}`);
  }
  if (dimensions !== undefined && dimensions !== null && dimensions !== model.dimensions) {
    throw invalid(
      "dimensions",
      `This model does not support specifying dimensions: expected ${model.dimensions}, or none, got ${shown(dimensions)}`,
    );
  }
  return { model, texts: textsOf(fields.input), encoding };
}

function modelOf(name: unknown, models: NamedModels): NamedModel {
  if (typeof name !== "string" || name === "") {
    throw invalid("model", `you must provide a model parameter: expected the name of a model, got ${shown(name)}`);
  }
  const model = models.get(name);
  if (model !== null) return model;
  const all = models.all().map(({ id }) => id);
  const known = all.length === 0 ? "there is none yet: paritab model add NAME FOLDER" : `there are ${all.join(", ")}`;
  const message = `The model \`${name.slice(0, 120)}\` does not exist or you do not have access to it; ${known.slice(0, 400)}`;
  throw new OpenAiFailure(404, "model_not_found", message, "model");
}

function textsOf(input: unknown): string[] {
  const texts = typeof input === "string" ? [input] : input;
  if (!Array.isArray(texts)) throw invalid("input", `expected a text, or a list of texts, got ${shown(input)}`);
  if (texts.length === 0 || texts.length > V1_INPUTS_MAX) {
    throw invalid("input", `expected 1 to ${V1_INPUTS_MAX} texts, got ${texts.length}`);
  }
  for (const [i, text] of texts.entries()) {
    if (typeof text === "number" || (Array.isArray(text) && text.every((id) => typeof id === "number"))) {
      throw invalid(
        "input",
        "expected texts, got ids of tokens: they depend on the model's tokenizer, which stands here (LangChain: check_embedding_ctx_length=False)",
      );
    }
    if (typeof text !== "string") throw invalid("input", `input[${i}]: expected a text, got ${shown(text)}`);
    const byteCount = Buffer.byteLength(text);
    if (byteCount > TEXT_BYTES_MAX) {
      throw invalid("input", `input[${i}]: expected a text of at most ${TEXT_BYTES_MAX} bytes, got ${byteCount}`);
    }
    if (text === "") throw invalid("input", `input[${i}]: expected a text that is not empty`);
  }
  return texts as string[];
}

/**
 * @returns ids of each text
 * @throws OpenAiFailure where one is longer than the model takes, or all together are too many
 */
export async function encodedTexts(
  { model, texts }: Pick<EmbeddingRequest, "model" | "texts">,
  works: TextWorks,
  models: NamedModels,
): Promise<(readonly number[])[]> {
  const ids = await works.encode(models.askedOf(model), texts);
  requireLengths(model, ids);
  const total = ids.reduce((sum, { length }) => sum + length, 0);
  if (total > V1_REQUEST_TOKENS_MAX) {
    throw invalid(
      "input",
      `expected at most ${V1_REQUEST_TOKENS_MAX} tokens in one request, got ${total}`,
      "max_tokens_per_request",
    );
  }
  return ids;
}

/** @throws OpenAiFailure with the limit and what came */
export function requireLengths({ id, facts }: NamedModel, texts: readonly (readonly number[])[]): void {
  const { countMax, emptyCount } = facts;
  for (const [i, { length }] of texts.entries()) {
    if (countMax !== null && length > countMax) {
      throw invalid(
        "input",
        `This model's maximum context length is ${countMax} tokens, however input[${i}] has ${length} (${id}). Please reduce it`,
        "context_length_exceeded",
      );
    }
    if (length <= emptyCount) throw invalid("input", `input[${i}]: expected a text with at least one token, got none`);
  }
}

const shown = (value: unknown) => (value === undefined ? "nothing" : JSON.stringify(value).slice(0, 80));
