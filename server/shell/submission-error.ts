import type { Store } from "../store/store.ts";
import type { ApiProblem } from "../web/coordinator-port.ts";

/** A submission that cannot become a job. */
export class SubmissionError extends Error {
  override readonly name = "SubmissionError";
  readonly problem: ApiProblem;
  constructor(status: number, code: string, message: string) {
    super(message);
    this.problem = { status, code, message };
  }
}

/** @throws SubmissionError where it was never uploaded, or is not kept any more */
export async function storedBlob(store: Pick<Store, "getBlob">, sha256: string, what: string): Promise<Uint8Array> {
  const bytes = await store.getBlob(sha256);
  if (bytes === null)
    throw new SubmissionError(404, "unknown-upload", `no ${what} with the hash ${sha256} was uploaded`);
  return bytes;
}
