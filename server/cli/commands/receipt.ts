import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { readReceipt } from "../../../shared/receipts/check-form.ts";
import { RECEIPT_FILE } from "../../../shared/receipts/check-receipt.ts";
import { chainsOf, filesNamed } from "../../../shared/receipts/whole-receipt.ts";
import { CLI_KINDS } from "../../kinds/cli-kinds.ts";
import type { Call, ClientCommand } from "../command.ts";
import { EXIT } from "../exit-codes.ts";
import { outline } from "../outputs/outline.ts";

export const receipt: ClientCommand = {
  name: "receipt",
  summary: "who computed what, how it was checked, and the bound on an undetected error",
  usage: "JOB [--out DIR]",
  about:
    "For an ended job; with --json as one object. With --out the command writes the signed receipt, the files that it names and the " +
    "job's result into a folder. Keep the folder, and hand it on: `paritab verify` checks it without the coordinator.",
  flags: { out: { value: "DIR", help: "write the signed receipt and the files beside it into this folder" } },
  words: [1, 1],
  examples: [
    ["paritab receipt JOB", "to read"],
    ["paritab receipt JOB --out kept", "a folder to keep, and to show to others"],
  ],
  async run(call) {
    const { client, terminal, words, flags, json } = call;
    const out = flags.text("out");
    if (out !== undefined) return keep(call, words[0]!, out);
    const found = await client.receipt(words[0]!, terminal.signal);
    await terminal.out(json ? `${JSON.stringify(found)}\n` : outline(found));
    return EXIT.ok;
  },
};

async function keep(call: Call, jobId: string, folder: string): Promise<typeof EXIT.ok> {
  const { client, terminal } = call;
  const bytes = await client.signedReceipt(jobId, terminal.signal);
  const { receipt } = readReceipt(bytes);
  const body = receipt === null ? undefined : chainsOf(receipt)[0]![0]!.body;
  if (receipt === null || body?.what !== "ended")
    throw new Error(`the coordinator answered with no receipt of job ${jobId}`);
  const { kind } = await client.job(jobId, terminal.signal);
  const { results, recheck } = CLI_KINDS[kind];
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, RECEIPT_FILE), bytes);
  const files = filesNamed(receipt);
  for (const name of files) {
    await writeFile(join(folder, name), await client.receiptFile(jobId, name, terminal.signal));
  }
  const names = [RECEIPT_FILE, ...files];
  if (recheck !== undefined && hasResult(body.receipt)) {
    await writeFile(join(folder, recheck.resultName), await results.file(call, jobId, "npy"));
    names.push(recheck.resultName);
  }
  terminal.say(`${folder}: ${names.join(", ")}`);
  return EXIT.ok;
}

/** Of a run that came to nothing there is no file. */
function hasResult(said: Readonly<Record<string, unknown>>): boolean {
  return said.weightsSha256 !== null && said.productSha256 !== null;
}
