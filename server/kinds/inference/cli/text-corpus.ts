/** Texts that a command names, as tokens in a few lengths: what `submit` sends, and `estimate` counts. */
import { type HubCorpus, hubCorpus } from "../../../../shared/hub/corpus.ts";
import { sentFiles } from "../../../../shared/hub/hub-place.ts";
import { POOLS } from "../../../../shared/hub/pooling.ts";
import { textModelFiles } from "../../../../shared/hub/text-model.ts";
import { entailmentPlace, HYPOTHESIS, withCandidates } from "../../../../shared/hub/zero-shot.ts";
import type { Call } from "../../../cli/command.ts";
import { UsageError } from "../../../cli/exit-codes.ts";
import { readTexts } from "../../../cli/inputs/read-texts.ts";
import { hubPlace } from "../../../hub/hub-folder.ts";
import { TokenWorks } from "../../../hub/token-works.ts";
import { type HomeJob, homeJob } from "./beside-home.ts";

export interface ReadCorpus {
  readonly corpus: HubCorpus;
  /** Labels that the texts are asked about; none: they are as they are. */
  readonly candidates: readonly string[];
}

/** @throws UsageError, InputError with all that is wrong */
export async function readCorpus(call: Call, modelPath: string, textsPath: string): Promise<ReadCorpus> {
  const { terminal, flags } = call;
  const candidates = candidatesOf(call);
  const hypothesis = flags.text("hypothesis") ?? HYPOTHESIS;
  const read = async () => {
    const texts = await readTexts(textsPath, { columns: flags.texts("column"), stdin: terminal.stdin });
    return candidates.length === 0 ? texts : withCandidates(texts, candidates, hypothesis);
  };
  const place = await hubPlace(modelPath);
  const tokenizer = new TokenWorks();
  const corpus = await hubCorpus(place, read, {
    pool: flags.oneOf("pool", POOLS) ?? null,
    normalizes: flags.has("normalize") ? true : null,
    truncates: flags.has("truncate"),
    tokenizer,
    onTexts: (done, of) => terminal.progress(`${done} of ${of} texts are tokens`),
  }).finally(() => tokenizer.close());
  if (candidates.length > 0) entailmentPlace(corpus.model.labels);
  return { corpus, candidates };
}

/** @throws UsageError where they are one alone, or twice the same */
function candidatesOf({ flags }: Call): readonly string[] {
  const candidates = flags.texts("candidate");
  if (candidates.length === 0) flags.refuseWithout("candidate", ["hypothesis"]);
  if (candidates.length === 1 || new Set(candidates).size < candidates.length)
    throw new UsageError(`--candidate: expected two labels at least, each once, got ${candidates.join(", ")}`);
  if (flags.text("hypothesis")?.includes("{}") === false)
    throw new UsageError(`--hypothesis: expected {} in the place of the label, got "${flags.text("hypothesis")}"`);
  return candidates;
}

/** The output that is asked for, where the model has several. */
export function outputAsked({ model, task }: HubCorpus): { output?: string } {
  return task.pool === "none" && model.outputs.length > 1 ? { output: task.output } : {};
}

/** One for each length. @throws ModelError */
export function bucketJobs(corpus: HubCorpus, settings: Record<string, unknown>): Promise<HomeJob[]> {
  const { model, task, buckets } = corpus;
  return Promise.all(
    buckets.map(async ({ length, places }) => {
      const files = sentFiles(textModelFiles(model, task, length));
      const output = settings.output ?? outputAsked(corpus).output;
      const job = await homeJob(files, output, places.length, false);
      return { ...job, settings };
    }),
  );
}
