/** The body of POST /v1/embeddings, and of a line of a batch: checked as OpenAI does, each refusal with the field's name. */
import { TEXT_BYTES_MAX, V1_INPUTS_MAX, V1_REQUEST_TOKENS_MAX } from "../../shared/protocol/limits.ts";
import type { NamedModel, NamedModels } from "./named-models.ts";
import { invalid, OpenAiFailure, refuseAny } from "./openai-error.ts";
import type { TextWorks } from "./text-works.ts";

export const ENCODINGS = ["float", "base64"] as const;

export interface EmbeddingRequest {
  readonly model: NamedModel;
  readonly texts: readonly string[];
  readonly encoding: (typeof ENCODINGS)[number];
}

const FIELDS = ["model", "input", "encoding_format", "dimensions", "user"];

/** @throws OpenAiFailure with all that is wrong */
export function embeddingRequest(body: unknown, models: NamedModels): EmbeddingRequest {
  if (typeof body !== "object" || body === null || Array.isArray(body)) {
    throw invalid("body", "expected a JSON object with model and input, got something else");
  }
  const fields = body as Readonly<Record<string, unknown>>;
  const problems = unknownFields(Object.keys(fields).filter((name) => !FIELDS.includes(name)));
  const model = modelOf(fields.model, models);
  if (model instanceof OpenAiFailure) problems.push(model);
  const texts = typeof fields.input === "string" ? [fields.input] : fields.input;
  problems.push(...wrongTexts(texts));
  const { encoding_format: encoding = "float", dimensions } = fields;
  if (encoding !== "float" && encoding !== "base64") {
    problems.push(invalid("encoding_format", `expected ${ENCODINGS.join(" or ")}, got ${shown(encoding)}`));
  }
  const isSaid = dimensions !== undefined && dimensions !== null;
  if (isSaid && !(model instanceof OpenAiFailure) && dimensions !== model.dimensions) {
    const message = `This model does not support specifying dimensions: expected ${model.dimensions}, or none, got ${shown(dimensions)}`;
    problems.push(invalid("dimensions", message));
  }
  refuseAny(problems);
  return { model, texts, encoding } as EmbeddingRequest;
}

function unknownFields([first, ...others]: readonly string[]): OpenAiFailure[] {
  if (first === undefined) return [];
  const names = [first, ...others].map((name) => name.slice(0, 80)).slice(0, NAMED_MAX);
  const more = others.length + 1 - names.length;
  const what = `argument${others.length > 0 ? "s" : ""} supplied: ${names.join(", ")}${more > 0 ? ` and ${more} more` : ""}`;
  return [invalid(first.slice(0, 80), `Unrecognized request ${what}; expected ${FIELDS.join(", ")}`)];
}
const NAMED_MAX = 8;

/** @returns what is wrong with the name, where it names none */
function modelOf(name: unknown, models: NamedModels): NamedModel | OpenAiFailure {
  if (typeof name !== "string" || name === "") {
    return invalid("model", `you must provide a model parameter: expected the name of a model, got ${shown(name)}`);
  }
  const model = models.get(name);
  if (model !== null) return model;
  const all = models.all().map(({ id }) => id);
  const known = all.length === 0 ? "there is none yet: paritab model add NAME FOLDER" : `there are ${all.join(", ")}`;
  const message = `The model \`${name.slice(0, 120)}\` does not exist or you do not have access to it; ${known.slice(0, 400)}`;
  return new OpenAiFailure(404, "model_not_found", message, "model");
}

function wrongTexts(texts: unknown): OpenAiFailure[] {
  if (!Array.isArray(texts)) return [invalid("input", `expected a text, or a list of texts, got ${shown(texts)}`)];
  if (texts.length === 0 || texts.length > V1_INPUTS_MAX) {
    return [invalid("input", `expected 1 to ${V1_INPUTS_MAX} texts, got ${texts.length}`)];
  }
  if (texts.some(isTokens)) {
    const message =
      "expected texts, got ids of tokens: they depend on the model's tokenizer, which stands here (LangChain: check_embedding_ctx_length=False)";
    return [invalid("input", message)];
  }
  return texts.flatMap((text, i) => {
    const expected = wrongWith(text);
    return expected === null ? [] : [invalid("input", `input[${i}]: expected ${expected}`)];
  });
}

const isTokens = (text: unknown) =>
  typeof text === "number" || (Array.isArray(text) && text.every((id) => typeof id === "number"));

/** @returns what was expected, and what came */
function wrongWith(text: unknown): string | null {
  if (typeof text !== "string") return `a text, got ${shown(text)}`;
  if (text === "") return "a text that is not empty";
  const byteCount = Buffer.byteLength(text);
  return byteCount > TEXT_BYTES_MAX ? `a text of at most ${TEXT_BYTES_MAX} bytes, got ${byteCount}` : null;
}

/**
 * @returns ids of each text
 * @throws OpenAiFailure where one is longer than the model takes, or all together are too many
 */
export async function encodedTexts(
  { model, texts }: Pick<EmbeddingRequest, "model" | "texts">,
  works: TextWorks,
  models: NamedModels,
  party: string,
): Promise<(readonly number[])[]> {
  const ids = await works.encode(models.askedOf(model), texts, party);
  const problems = wrongLengths(model, ids);
  const total = ids.reduce((sum, { length }) => sum + length, 0);
  if (total > V1_REQUEST_TOKENS_MAX) {
    const message = `expected at most ${V1_REQUEST_TOKENS_MAX} tokens in one request, got ${total}`;
    problems.push(invalid("input", message, "max_tokens_per_request"));
  }
  refuseAny(problems);
  return ids;
}

/** @throws OpenAiFailure with the limit and what came, of each text that is too long or empty */
export function requireLengths(model: NamedModel, texts: readonly (readonly number[])[]): void {
  refuseAny(wrongLengths(model, texts));
}

function wrongLengths({ id, facts }: NamedModel, texts: readonly (readonly number[])[]): OpenAiFailure[] {
  const { countMax, emptyCount } = facts;
  return texts.flatMap(({ length }, i) => {
    if (countMax !== null && length > countMax) {
      const message = `This model's maximum context length is ${countMax} tokens, however input[${i}] has ${length} (${id}). Please reduce it`;
      return [invalid("input", message, "context_length_exceeded")];
    }
    return length <= emptyCount
      ? [invalid("input", `input[${i}]: expected a text with at least one token, got none`)]
      : [];
  });
}

const shown = (value: unknown) => (value === undefined ? "nothing" : JSON.stringify(value).slice(0, 80));
