/**
 * POST /api/models: a tfjs model as its files, or one .onnx file, in one multipart request. Models are data: stored by hash,
 * never resolved.
 */
import multipart from "@fastify/multipart";
import type { FastifyInstance, FastifyRequest } from "fastify";
import { MODEL_BYTES_MAX, MODEL_FILES_MAX, MODEL_JSON_BYTES_MAX } from "../../shared/protocol/limits.ts";
import type { ModelUploaded } from "../../shared/protocol/uploads-api.ts";
import type { ModelIntake } from "../intake/model-intake.ts";
import type { ModelUpload } from "../intake/prepare-model.ts";
import { ApiFailure } from "./api-failure.ts";
import type { Ownership } from "./ownership.ts";
import { type createUploadBudget, tooLarge } from "./upload-budget.ts";

const MODEL_JSON = "model.json";

interface UploadedFile {
  name: string;
  bytes: Uint8Array;
}

export async function addModelRoutes(
  app: FastifyInstance,
  ownership: Ownership,
  uploadBudget: ReturnType<typeof createUploadBudget>,
  intake: ModelIntake["prepare"],
): Promise<void> {
  await app.register(multipart, {
    // A weight file is known by the name that model.json gives it, folders and all; it is compared, not opened.
    preservePath: true,
    limits: { files: MODEL_FILES_MAX + 1, fields: 0, parts: MODEL_FILES_MAX + 1, fileSize: MODEL_BYTES_MAX },
  });
  const bytesMax = MODEL_BYTES_MAX + MODEL_JSON_BYTES_MAX;
  app.post("/api/models", { onRequest: [ownership.requireRoom, uploadBudget(bytesMax)] }, async (request, reply) => {
    if (!request.isMultipart()) {
      throw new ApiFailure(
        415,
        "bad-media-type",
        "body: expected multipart/form-data with model.json and weight files, or one .onnx file",
      );
    }
    const verdict = await intake(uploadOf(await readFiles(request, bytesMax)));
    if ("problem" in verdict) throw new ApiFailure(400, "bad-model", verdict.problem);
    const { bundle, outputs } = verdict;
    const { facts } = outputs[0];
    const uploaded: ModelUploaded = {
      modelSha256: await ownership.put(request, bundle),
      inputShape: [...facts.inputShape],
      outputSize: facts.outputSize,
      outputs: outputs.map(({ name, facts: { outputSize, macsPerQuery } }) => ({
        name,
        size: outputSize,
        macsPerQuery,
      })),
      macsPerQuery: facts.macsPerQuery,
      weightBytes: facts.weightBytes,
    };
    return reply.code(201).send(uploaded);
  });
}

/** @throws ApiFailure unless there is one .onnx file, or a model.json with the weight files beside it */
function uploadOf(files: readonly UploadedFile[]): ModelUpload {
  const [onnx] = files.filter(({ name }) => /\.onnx$/i.test(name));
  if (onnx !== undefined && files.length === 1) return { onnx: onnx.bytes };
  const modelJson = files.find(({ name }) => name === MODEL_JSON || name.endsWith(`/${MODEL_JSON}`));
  if (onnx !== undefined || modelJson === undefined) {
    const names = files.map((file) => file.name).join(", ") || "no file";
    const expected = onnx === undefined ? `a file named ${MODEL_JSON}, or one .onnx file` : "one .onnx file alone";
    throw new ApiFailure(400, "bad-model", `body: expected ${expected}, got ${names.slice(0, 200)}`);
  }
  if (modelJson.bytes.length > MODEL_JSON_BYTES_MAX) throw fileTooLarge(MODEL_JSON, MODEL_JSON_BYTES_MAX);
  return { modelJson: modelJson.bytes, weightFiles: files.filter((file) => file !== modelJson) };
}

/** @throws ApiFailure 413 where it is too large, 400 where the parts are no parts */
async function readFiles(request: FastifyRequest, bytesMax: number): Promise<UploadedFile[]> {
  try {
    return await filesIn(request, bytesMax);
  } catch (error) {
    if (!(error instanceof Error) || error instanceof ApiFailure || "statusCode" in error) throw error;
    // The parser of parts has no error class of its own, and there is nothing else in here that could fail.
    const message = `body: expected multipart/form-data with its boundary, got something else (${error.message})`;
    throw new ApiFailure(400, "bad-request", message.slice(0, 300));
  }
}

async function filesIn(request: FastifyRequest, bytesMax: number): Promise<UploadedFile[]> {
  const files: UploadedFile[] = [];
  let total = 0;
  for await (const part of request.files()) {
    const bytes = await part.toBuffer().catch((error: unknown) => {
      const isTooLarge = error instanceof Error && "statusCode" in error && error.statusCode === 413;
      throw isTooLarge ? fileTooLarge(part.filename, MODEL_BYTES_MAX) : error;
    });
    total += bytes.length;
    if (total > bytesMax) throw tooLarge(bytesMax, total);
    files.push({ name: part.filename, bytes });
  }
  return files;
}

function fileTooLarge(name: string, bytesMax: number): ApiFailure {
  return new ApiFailure(413, "too-large", `${name.slice(0, 200)}: expected at most ${bytesMax} bytes, got more`);
}
