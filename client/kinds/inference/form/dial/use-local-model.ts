/** What the chosen model costs, read from its files on this computer: the dial turns before anything is uploaded. */
import { type Asked, useAsked } from "../../../../ui/use-asked.ts";
import { type InferenceFields, outputOf } from "../inference-fields.ts";

export interface ModelSizes {
  readonly macsPerQuery: number;
  readonly modelBytes: number;
  readonly inputSize: number;
  readonly outputSize: number;
}

export interface LocalModelFacts {
  readonly sizes: ModelSizes;
  readonly inputShape: readonly number[];
}

/** Of the sample nothing is read: the coordinator knows it. */
export function useLocalModel({ source, modelFiles, output }: InferenceFields): Asked<LocalModelFacts> {
  const isChosen = source !== "sample" && modelFiles.length > 0;
  return useAsked(isChosen ? [modelFiles, output] : null, async () => {
    const { modelFromFiles } = await import("../dry-run/local-model.ts");
    const { bundle, facts } = await modelFromFiles(modelFiles, outputOf(output));
    const { macsPerQuery, inputShape, inputSize, outputSize } = facts;
    return { sizes: { macsPerQuery, inputSize, outputSize, modelBytes: bundle.length }, inputShape };
  });
}
