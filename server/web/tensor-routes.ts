/** POST /api/tensors: queries or labels as one `.npy` file. What is stored has been parsed, and every number is finite. */
import { setImmediate as nextTurn } from "node:timers/promises";
import { TENSOR_BYTES_MAX } from "../../shared/protocol/limits.ts";
import { type NpyArray, NpyError, parseNpy } from "../../shared/protocol/npy.ts";
import { type TensorUploaded, tensorUploadedSchema } from "../../shared/protocol/uploads-api.ts";
import { ApiFailure } from "./api-failure.ts";
import type { Ownership } from "./ownership.ts";
import { type App, rawBody, route } from "./route.ts";
import type { createUploadBudget } from "./upload-budget.ts";

/** Elements looked at before other requests get their turn. */
const SLICE = 1 << 20;

export function addTensorRoutes(
  app: App,
  ownership: Ownership,
  uploadBudget: ReturnType<typeof createUploadBudget>,
): void {
  const about = "One array: queries, labels, features. Every number has to be finite.";
  const options = {
    ...route(
      { name: "uploadTensor", group: "uploads", about, scope: "submit" },
      {
        ...rawBody("a .npy file, in any byte order, in C or Fortran order"),
        response: { 201: tensorUploadedSchema.describe("it is stored, by its hash") },
      },
    ),
    bodyLimit: TENSOR_BYTES_MAX,
    onRequest: [ownership.requireRoom, uploadBudget(TENSOR_BYTES_MAX)],
  };
  app.post("/api/tensors", options, async (request, reply) => {
    if (!Buffer.isBuffer(request.body)) {
      throw new ApiFailure(415, "bad-media-type", "body: expected application/octet-stream with a .npy file");
    }
    const bytes = request.body;
    const array = await parseTensor(bytes);
    const tensorSha256 = await ownership.put(request, bytes);
    const uploaded: TensorUploaded = { tensorSha256, dtype: array.dtype, shape: [...array.shape] };
    return reply.code(201).send(uploaded);
  });
}

/** @throws ApiFailure unless it is a `.npy` file of at least one number, all of them finite */
export async function parseTensor(bytes: Uint8Array): Promise<NpyArray> {
  const array = parse(bytes);
  if (array.data.length === 0) {
    throw new ApiFailure(
      400,
      "bad-tensor",
      `npy: expected at least one element, got shape (${array.shape.join(", ")})`,
    );
  }
  await requireFinite(array);
  return array;
}

function parse(bytes: Uint8Array): NpyArray {
  try {
    return parseNpy(bytes);
  } catch (error) {
    if (error instanceof NpyError) throw new ApiFailure(400, "bad-tensor", error.message);
    throw error;
  }
}

async function requireFinite(array: NpyArray): Promise<void> {
  if (array.dtype !== "F32" && array.dtype !== "F64") return;
  const { data, shape } = array;
  for (let start = 0; start < data.length; start += SLICE) {
    if (start > 0) await nextTurn();
    const end = Math.min(start + SLICE, data.length);
    for (let i = start; i < end; i++) {
      if (!Number.isFinite(data[i])) {
        const where = `[${indexOf(i, shape).join(", ")}]`;
        throw new ApiFailure(400, "bad-tensor", `npy: expected finite numbers, got ${data[i]} first at index ${where}`);
      }
    }
  }
}

/** The position of the i-th element in row-major order. */
function indexOf(i: number, shape: readonly number[]): number[] {
  const index: number[] = [];
  for (const size of [...shape].reverse()) {
    index.unshift(i % size);
    i = Math.floor(i / size);
  }
  return index;
}
