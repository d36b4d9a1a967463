/**
 * `node --import tsx e2e/proofs/receipts/edits.ts [--edits 10000] [--seed 1]`: random edits of a signed receipt and of what lies beside
 * it, each of which `paritab verify` must find. Prints those that it did not.
 */
import { parseArgs } from "node:util";
import { simulationRandom } from "../../../shared/random/simulation-random.ts";
import { checkSignedJob, type SignedJob } from "../../crowd/signed-job.ts";
import { wholeNumber } from "../../flags/whole-number.ts";
import { amendedJob } from "./amended-job.ts";
import { randomEdit } from "./random-edits.ts";

export interface EditsTried {
  readonly tried: number;
  /** In words. */
  readonly missed: readonly string[];
  /** By the check that found them. */
  readonly foundBy: ReadonlyMap<string, number>;
}

export async function tryEdits(job: SignedJob, edits: number, seed: number): Promise<EditsTried> {
  const random = simulationRandom(seed);
  const missed: string[] = [];
  const foundBy = new Map<string, number>();
  let tried = 0;
  while (tried < edits) {
    const edited = randomEdit(job, random);
    if (edited === null) continue;
    tried++;
    const { findings } = await checkSignedJob(edited.job);
    const finding = findings.find(({ state }) => state === "broken");
    if (finding === undefined) missed.push(edited.what);
    else foundBy.set(finding.check, (foundBy.get(finding.check) ?? 0) + 1);
  }
  return { tried, missed, foundBy };
}

if (process.argv[1] === import.meta.filename) {
  const { values } = parseArgs({
    options: { edits: { type: "string", default: "10000" }, seed: { type: "string", default: "1" } },
  });
  const edits = wholeNumber("--edits", values.edits, 1);
  const { tried, missed, foundBy } = await tryEdits(await amendedJob(), edits, Number(values.seed));
  const by = [...foundBy].map(([check, count]) => `${check} ${count}`).join(", ");
  console.log(`${tried} edits, ${missed.length} missed; found by: ${by}`);
  for (const what of missed) console.log(`missed: ${what}`);
  process.exitCode = missed.length === 0 ? 0 : 1;
}
