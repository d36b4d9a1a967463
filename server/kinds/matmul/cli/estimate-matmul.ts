import type { ClientCommand } from "../../../cli/command.ts";
import { EXIT } from "../../../cli/exit-codes.ts";
import { outline } from "../../../cli/outputs/outline.ts";
import { MATMUL_FLAGS, matmulSubmission } from "./matmul-input.ts";

export const estimateMatmul: ClientCommand = {
  name: "estimate matmul",
  summary: "what a product of matrices would cost, before it starts",
  usage: "--left FILE --right FILE [...]",
  about:
    "Takes what `submit matmul` takes and begins nothing. The matrices are uploaded, for their shapes decide; uploads that no " +
    "job uses are dropped after a while.",
  flags: MATMUL_FLAGS,
  words: [0, 0],
  examples: [["paritab estimate matmul --left A.npy --right B.npy", "volunteers, bytes, rounds"]],
  async run(call) {
    const { client, terminal, json } = call;
    const estimate = await client.estimate(await matmulSubmission(call), terminal.signal);
    await terminal.out(json ? `${JSON.stringify(estimate)}\n` : outline(estimate));
    return EXIT.ok;
  },
};
