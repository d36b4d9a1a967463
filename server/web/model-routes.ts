/** POST /api/models: a tfjs model as its files, one multipart request. Models are data: stored by hash, never resolved. */
import multipart from "@fastify/multipart";
import type { FastifyInstance, FastifyRequest } from "fastify";
import type { ModelUploaded } from "../../shared/protocol/api.ts";
import { MODEL_BYTES_MAX, MODEL_FILES_MAX, MODEL_JSON_BYTES_MAX } from "../../shared/protocol/limits.ts";
import type { ModelIntake } from "../intake/model-intake.ts";
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
        "body: expected multipart/form-data with model.json and weight files",
      );
    }
    const files = await readFiles(request, bytesMax);
    const isModelJson = (file: UploadedFile) => file.name === MODEL_JSON || file.name.endsWith(`/${MODEL_JSON}`);
    const modelJson = files.find(isModelJson);
    if (modelJson === undefined) {
      const names = files.map((file) => file.name).join(", ") || "no file";
      throw new ApiFailure(400, "bad-model", `body: expected a file named ${MODEL_JSON}, got ${names.slice(0, 200)}`);
    }
    if (modelJson.bytes.length > MODEL_JSON_BYTES_MAX) throw fileTooLarge(MODEL_JSON, MODEL_JSON_BYTES_MAX);
    const verdict = await intake({
      modelJson: modelJson.bytes,
      weightFiles: files.filter((file) => file !== modelJson),
    });
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

async function readFiles(request: FastifyRequest, bytesMax: number): Promise<UploadedFile[]> {
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
