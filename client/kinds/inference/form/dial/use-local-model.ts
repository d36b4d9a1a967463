/** What the chosen model costs, read from its files on this computer: the dial turns before anything is uploaded. */
import { useEffect, useState } from "preact/hooks";
import type { InferenceFields } from "../inference-fields.ts";
import { outputOf } from "../inference-fields.ts";

export interface ModelSizes {
  readonly macsPerQuery: number;
  readonly modelBytes: number;
  readonly inputSize: number;
  readonly outputSize: number;
}

export type LocalModelState =
  | { readonly kind: "nothing" }
  | { readonly kind: "there"; readonly sizes: ModelSizes; readonly inputShape: readonly number[] }
  | { readonly kind: "refused"; readonly message: string };

/** Of the sample nothing is read: the coordinator knows it. */
export function useLocalModel({ source, modelFiles, output }: InferenceFields): LocalModelState {
  const [state, setState] = useState<LocalModelState>({ kind: "nothing" });
  useEffect(() => {
    let isStale = false;
    setState({ kind: "nothing" });
    if (source === "sample" || modelFiles.length === 0) return;
    const read = async (): Promise<LocalModelState> => {
      const { modelFromFiles } = await import("../dry-run/local-model.ts");
      const { bundle, facts } = await modelFromFiles(modelFiles, outputOf(output));
      const { macsPerQuery, inputShape, inputSize, outputSize } = facts;
      return { kind: "there", sizes: { macsPerQuery, inputSize, outputSize, modelBytes: bundle.length }, inputShape };
    };
    read().then(
      (next) => !isStale && setState(next),
      (error: unknown) => !isStale && setState({ kind: "refused", message: (error as Error).message }),
    );
    return () => {
      isStale = true;
    };
  }, [source, modelFiles, output]);
  return state;
}
