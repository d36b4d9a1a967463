/** The lines of a batch's file: requests for vectors, each under an id of its submitter. */
import { setImmediate as nextTurn } from "node:timers/promises";
import { InputError } from "../../shared/inputs/input-error.ts";
import { linesOf } from "../../shared/inputs/lines.ts";
import { V1_BATCH_ERRORS_MAX, V1_BATCH_LINES_MAX, V1_LINE_BYTES_MAX } from "../../shared/protocol/limits.ts";
import { type EmbeddingRequest, embeddingRequest } from "./embedding-request.ts";
import type { NamedModel, NamedModels } from "./named-models.ts";
import { OpenAiFailure } from "./openai-error.ts";

export interface BatchLine extends Pick<EmbeddingRequest, "texts" | "encoding"> {
  readonly customId: string;
}

export interface BatchProblem {
  readonly code: string;
  readonly message: string;
  readonly param: string | null;
  readonly line: number | null;
}

export type BatchRequests =
  | { readonly model: NamedModel; readonly lines: readonly BatchLine[] }
  | { readonly problems: readonly BatchProblem[] };

export const BATCH_ENDPOINT = "/v1/embeddings";
/** Lines that are looked at before others get their turn. */
const LINES_AT_ONCE = 200;

/** All that is wrong is found, line by line; nothing is computed of a batch that is not right. */
export async function batchRequests(bytes: AsyncIterable<Uint8Array>, models: NamedModels): Promise<BatchRequests> {
  const reading = new Reading(models);
  try {
    for await (const text of linesOf(bytes, "file")) {
      reading.line(text);
      if (reading.isFull) break;
      if (reading.lineNumber % LINES_AT_ONCE === 0) await nextTurn();
    }
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    reading.problem("line_too_long", error.message, null);
  }
  return reading.end();
}

class Reading {
  readonly #models: NamedModels;
  readonly #lines: BatchLine[] = [];
  readonly #problems: BatchProblem[] = [];
  readonly #ids = new Set<string>();
  #model: NamedModel | null = null;
  #textCount = 0;
  lineNumber = 0;

  constructor(models: NamedModels) {
    this.#models = models;
  }

  get isFull(): boolean {
    return this.#problems.length >= V1_BATCH_ERRORS_MAX || this.#textCount > V1_BATCH_LINES_MAX;
  }

  problem(code: string, message: string, param: string | null, line: number | null = this.lineNumber): void {
    if (this.#problems.length < V1_BATCH_ERRORS_MAX) this.#problems.push({ code, message, param, line });
  }

  line(text: string): void {
    this.lineNumber++;
    if (text.trim() === "") return;
    if (text.length > V1_LINE_BYTES_MAX) {
      return this.problem(
        "line_too_long",
        `expected a line of at most ${V1_LINE_BYTES_MAX} bytes, got a longer one`,
        null,
      );
    }
    const request = jsonObject(text);
    if (request === null) return this.problem("invalid_json_line", "expected a JSON object, got something else", null);
    const { custom_id: customId, method, url, body } = request;
    if (typeof customId !== "string" || customId === "" || customId.length > 512) {
      return this.problem("missing_required_parameter", "expected a custom_id of 1 to 512 letters", "custom_id");
    }
    if (this.#ids.has(customId)) {
      return this.problem("duplicate_custom_id", `expected each custom_id once, got "${customId}" again`, "custom_id");
    }
    this.#ids.add(customId);
    if (method !== "POST") this.problem("invalid_method", `expected POST, got ${shown(method)}`, "method");
    if (url !== BATCH_ENDPOINT) this.problem("invalid_url", `expected ${BATCH_ENDPOINT}, got ${shown(url)}`, "url");
    this.#request(customId, body);
  }

  end(): BatchRequests {
    if (this.#textCount > V1_BATCH_LINES_MAX) {
      this.problem("too_many_tasks", `expected at most ${V1_BATCH_LINES_MAX} texts in one batch, got more`, null, null);
    }
    if (this.#lines.length === 0 && this.#problems.length === 0) {
      this.problem("empty_file", "expected at least one request, got none", null, null);
    }
    return this.#problems.length > 0 || this.#model === null
      ? { problems: this.#problems }
      : { model: this.#model, lines: this.#lines };
  }

  #request(customId: string, body: unknown): void {
    try {
      const { model, texts, encoding } = embeddingRequest(body, this.#models);
      this.#model ??= model;
      if (model.id !== this.#model.id) {
        const message = `expected one model in a batch, ${this.#model.id}, got ${model.id}`;
        return this.problem("mismatched_model", message, "body.model");
      }
      this.#textCount += texts.length;
      this.#lines.push({ customId, texts, encoding });
    } catch (error) {
      if (!(error instanceof OpenAiFailure)) throw error;
      this.problem(error.code, error.message, error.param === null ? "body" : `body.${error.param}`);
    }
  }
}

function jsonObject(text: string): Readonly<Record<string, unknown>> | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : null;
  } catch {
    return null;
  }
}

const shown = (value: unknown) => JSON.stringify(value ?? null).slice(0, 80);
