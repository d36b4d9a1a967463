import type { Call } from "../../../cli/command.ts";
import { EXIT, type ExitCode } from "../../../cli/exit-codes.ts";
import type { InferenceInput } from "./inference-input.ts";

/** Submits, says the id on standard output, and leaves. */
export async function detach({ client, terminal, json }: Call, input: InferenceInput): Promise<ExitCode> {
  const jobId = await client.submitRun({ ...input.settings, ...input.source, signal: terminal.signal });
  await terminal.out(json ? `${JSON.stringify({ jobId })}\n` : `${jobId}\n`);
  return EXIT.ok;
}
