/** What the chosen model costs, read from its files on this computer: the dial turns before anything is uploaded. */
import { useMemo, useState } from "preact/hooks";
import { ModelError } from "../../../../../shared/compute/errors.ts";
import type { ModelInput } from "../../../../../shared/compute/model-runtime.ts";
import { INPUT_SIZES_FILE } from "../../../../../shared/compute/runtimes/runtime-description.ts";
import { type Asked, useAsked } from "../../../../ui/use-asked.ts";
import { type InferenceFields, outputOf } from "../inference-fields.ts";
import { sizesText, withSizesFile } from "../inputs/open-sizes.ts";

export interface ModelSizes {
  readonly macsPerQuery: number;
  readonly modelBytes: number;
  readonly inputSize: number;
  readonly outputSize: number;
}

export interface LocalModelFacts {
  readonly sizes: ModelSizes;
  readonly inputShape: readonly number[];
  readonly inputs: readonly ModelInput[];
}

export interface ModelHere {
  /** nothing: sizes are open still, or no model is chosen. */
  readonly facts: Asked<LocalModelFacts>;
  readonly openSizes: readonly string[];
  /** What is sent: the model's files with the sizes that were typed, once all are. */
  readonly files: readonly File[];
  /** The same of the parity model. */
  readonly parityFiles: readonly File[];
}

interface Open {
  readonly of: readonly File[];
  readonly names: readonly string[];
  /** Sizes in a file of the submitter's own. */
  readonly said: object;
}

/** Of the sample nothing is read: the coordinator knows it. */
export function useLocalModel({ source, modelFiles, parityFiles, output, sizes }: InferenceFields): ModelHere {
  const [found, setFound] = useState<Open | null>(null);
  const open = found?.of === modelFiles ? found : null;
  const text = open === null ? null : sizesText(open.names, sizes, open.said);
  const files = useMemo(() => withSizesFile(modelFiles, text), [modelFiles, text]);
  const parity = useMemo(() => withSizesFile(parityFiles, text), [parityFiles, text]);
  const isChosen = source !== "sample" && modelFiles.length > 0;
  const asked = useAsked(isChosen ? [files, output] : null, async () => {
    try {
      const { modelFromFiles } = await import("../dry-run/local-model.ts");
      const { bundle, facts } = await modelFromFiles(files, outputOf(output));
      const { macsPerQuery, inputShape, inputs, inputSize, outputSize } = facts;
      return { sizes: { macsPerQuery, inputSize, outputSize, modelBytes: bundle.length }, inputShape, inputs };
    } catch (error) {
      const names = error instanceof ModelError && text === null ? error.openSizes : [];
      if (names.length === 0) throw error;
      const own = modelFiles.find(({ name }) => name === INPUT_SIZES_FILE);
      setFound({ of: modelFiles, names, said: own === undefined ? {} : (JSON.parse(await own.text()) as object) });
      return null;
    }
  });
  return {
    facts: asked.kind === "there" && asked.value === null ? { kind: "nothing" } : (asked as Asked<LocalModelFacts>),
    openSizes: isChosen ? (open?.names ?? []) : [],
    files,
    parityFiles: parity,
  };
}
