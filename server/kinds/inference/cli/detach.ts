/** `--detach`: the jobs are left running, and where their answers will be is said. */
import type { Call } from "../../../cli/command.ts";
import { EXIT, type ExitCode } from "../../../cli/exit-codes.ts";
import type { InferenceInput } from "./inference-input.ts";

/**
 * Submits, says each id on standard output, and leaves.
 * @param out of --out: nothing is written there now
 * @param said of each job beside its id, with --json
 */
export async function detach(
  { client, terminal, json, url }: Call,
  inputs: readonly (InferenceInput | (() => Promise<InferenceInput>))[],
  out: string | undefined,
  said: readonly object[] = [],
): Promise<ExitCode> {
  let first: string | null = null;
  for (const [i, given] of inputs.entries()) {
    const { settings, source, key } = typeof given === "function" ? await given() : given;
    const jobId = await client.submitRun({ ...settings, ...source, key, signal: terminal.signal });
    first ??= jobId;
    await terminal.out(json ? `${JSON.stringify({ jobId, ...said[i] })}\n` : `${jobId}\n`);
  }
  if (out !== undefined && first !== null) {
    terminal.say(
      `nothing is written to ${out} yet; once it is done, on any machine: paritab results ${first} --out ${out} --url ${url}`,
    );
  }
  return EXIT.ok;
}
