/** Work of a thread that may never end by itself, such as a pattern of a tokenizer. */
import type { Piscina } from "piscina";

/** @returns null: it took longer, and the thread was ended @throws what the work throws */
export async function runInTime<Work, Answer>(
  pool: Piscina<Work, Answer>,
  work: Work,
  msMax: number,
): Promise<Answer | null> {
  const signal = AbortSignal.timeout(msMax);
  try {
    return await pool.run(work, { signal });
  } catch (error) {
    if (!signal.aborted) throw error;
    return null;
  }
}
