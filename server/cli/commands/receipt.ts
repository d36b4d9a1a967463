import type { ClientCommand } from "../command.ts";
import { EXIT } from "../exit-codes.ts";
import { outline } from "../outputs/outline.ts";

export const receipt: ClientCommand = {
  name: "receipt",
  summary: "who computed what, how it was checked, and the bound on an undetected error",
  usage: "JOB",
  about: "For a job that has ended. With --json exactly as the coordinator gives it, to be kept beside the results.",
  flags: {},
  words: [1, 1],
  examples: [
    ["paritab receipt JOB", "to read"],
    ["paritab receipt JOB --json > receipt.json", "to keep"],
  ],
  async run({ client, terminal, words, json }) {
    const found = await client.receipt(words[0]!, terminal.signal);
    await terminal.out(json ? `${JSON.stringify(found)}\n` : outline(found));
    return EXIT.ok;
  },
};
