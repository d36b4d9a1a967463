/** The weights of a regression against its receipt. Training is not done again here: docs/receipts.md says what that leaves open. */
import { z } from "zod";
import { broken, holds, open } from "../../../../shared/receipts/findings.ts";
import type { KindRecheck } from "../../../cli/cli-kind.ts";
import { sha256Hex } from "../../../sha256-hex.ts";

const weightsSchema = z.looseObject({ weightsSha256: z.string().nullable() });

export const regressionRecheck: KindRecheck = {
  resultName: "weights.npy",
  flags: {},
  async recheck(_call, { ended, answers }) {
    const parsed = weightsSchema.safeParse(ended.receipt);
    const unsettled = open("product", "a regression's rounds are checked while it runs, and are not done again here");
    if (!parsed.success)
      return { findings: [broken("answers", "the receipt lacks what one of a regression has")], rows: 0 };
    const { weightsSha256 } = parsed.data;
    if (weightsSha256 === null) return { findings: [open("answers", "the job came to no weights")], rows: 0 };
    if (answers === null) {
      return { findings: [open("answers", "weights.npy is not there: whatever you hold was not compared")], rows: 0 };
    }
    const got = sha256Hex(answers);
    const finding =
      got === weightsSha256
        ? holds("answers", "the weights are those that were signed")
        : broken("answers", `weights.npy: expected the sha-256 ${weightsSha256}, got ${got}`);
    return { findings: [finding, unsettled], rows: 0 };
  },
};
