/** What jobs that are coded runs have in common on the command line: submit, show, and fetch what came of it. */
import { writeFile } from "node:fs/promises";
import { invitationLink } from "../../../shared/coded/invitation-link.ts";
import type { JobSubmitted } from "../../../shared/protocol/job-api.ts";
import { asNpy, type Numbers } from "../../../shared/sdk/as-npy.ts";
import { patiently } from "../../../shared/sdk/patience.ts";
import { cancelInPassing, submitOnce } from "../../../shared/sdk/submit-once.ts";
import type { Call, Flag } from "../../cli/command.ts";
import { watchToEnd } from "../../cli/commands/watch.ts";
import { EXIT, type ExitCode } from "../../cli/exit-codes.ts";
import { formatOfEnding } from "../../cli/outputs/format-of-ending.ts";

export const CODED_JOB_FLAGS: Readonly<Record<string, Flag>> = {
  detach: { help: "print the job's id and leave it running" },
  keep: { help: "leave the job running when this command is interrupted" },
};

/** @param formats of the file of --out @throws UsageError */
export function outFlag<Format extends string>(
  { flags }: Call,
  formats: readonly Format[],
): { file: string; format: Format } | null {
  const file = flags.text("out");
  return file === undefined ? null : { file, format: formatOfEnding("--out", file, formats) };
}

export async function uploaded({ client, terminal }: Call, numbers: Numbers): Promise<string> {
  const npy = asNpy(numbers);
  const send = () => client.uploadTensor(npy, terminal.signal);
  return (await patiently(client, send, terminal.signal)).tensorSha256;
}

/**
 * Submits, then watches unless --detach says otherwise.
 * @param fetched what of a job that went well is written to `out`
 */
export async function runCodedJob(
  call: Call,
  submit: (cut: AbortSignal, key: string) => Promise<JobSubmitted>,
  out: { file: string } | null,
  fetched: (jobId: string, signal: AbortSignal) => Promise<Uint8Array>,
): Promise<ExitCode> {
  const { client, terminal, flags, json, url } = call;
  terminal.signal.throwIfAborted();
  const submitted = await submitOnce(client, submit, terminal.signal);
  const { jobId, invitations = [], notes = [] } = submitted;
  const links = invitations.map((invitation) => invitationLink(url, invitation));
  for (const note of notes) terminal.say(note);
  if (flags.has("detach")) {
    const text = [jobId, ...links].map((line) => `${line}\n`).join("");
    await terminal.out(json ? `${JSON.stringify({ ...submitted, ...(links.length > 0 && { links }) })}\n` : text);
    return EXIT.ok;
  }
  terminal.say(`job ${jobId}`);
  if (links.length > 0) {
    terminal.say(
      "invitations: send each link to one volunteer. The first who opens it and presses Start has the place. The links are shown only now:",
    );
  }
  for (const link of links) terminal.say(link);
  const code = await watched(call, jobId);
  if (out !== null && code === EXIT.ok) await writeFile(out.file, await fetched(jobId, terminal.signal));
  return code;
}

async function watched(call: Call, jobId: string): Promise<ExitCode> {
  try {
    return await watchToEnd(call, jobId);
  } catch (error) {
    if (!call.flags.has("keep")) await cancelInPassing(call.client, jobId);
    throw error;
  }
}
