import { NPY_HEADER_BYTES_MAX, TENSOR_BYTES_MAX } from "../../shared/protocol/limits.ts";
import type { Store } from "../store/store.ts";
import type { ApiProblem } from "../web/coordinator-port.ts";

/** Of an array; beside its numbers a file has a header. */
const WHOLE_BYTES_MAX = TENSOR_BYTES_MAX + NPY_HEADER_BYTES_MAX;

/** A submission that cannot become a job. */
export class SubmissionError extends Error {
  override readonly name = "SubmissionError";
  readonly problem: ApiProblem;
  constructor(status: number, code: string, message: string) {
    super(message);
    this.problem = { status, code, message };
  }
}

/** @throws SubmissionError where it was never uploaded, is not kept any more, or is too large to be read whole */
export async function storedBlob(
  store: Pick<Store, "getBlob" | "blobBytes">,
  sha256: string,
  what: string,
  bytesMax = WHOLE_BYTES_MAX,
): Promise<Uint8Array> {
  await requireReadable(store, sha256, what, bytesMax);
  const bytes = await store.getBlob(sha256);
  if (bytes === null)
    throw new SubmissionError(404, "unknown-upload", `no ${what} with the hash ${sha256} was uploaded`);
  return bytes;
}

/** @throws SubmissionError where it is too large to be read whole: large files are queries, one array of a job */
export async function requireReadable(
  store: Pick<Store, "blobBytes">,
  sha256: string,
  what: string,
  bytesMax = WHOLE_BYTES_MAX,
): Promise<void> {
  const bytes = (await store.blobBytes(sha256)) ?? 0;
  if (bytes <= bytesMax) return;
  throw new SubmissionError(422, "too-large", `${what}: expected at most ${bytesMax} bytes, got ${bytes}`);
}
