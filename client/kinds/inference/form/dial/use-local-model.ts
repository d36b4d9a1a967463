/** What the chosen model costs, read from its files on this computer: the dial turns before anything is uploaded. */
import { useEffect, useState } from "preact/hooks";
import type { FormFields } from "../submission-form.ts";
import { outputOf } from "../submission-form.ts";

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
export function useLocalModel({ source, modelFiles, output }: FormFields): LocalModelState {
  const [state, setState] = useState<LocalModelState>({ kind: "nothing" });
  useEffect(() => {
    let isStale = false;
    setState({ kind: "nothing" });
    if (source === "sample" || modelFiles.length === 0) return;
    const read = async (): Promise<LocalModelState> => {
      const { modelFromFiles } = await import("../dry-run/local-model.ts");
      const { bundle, facts } = await modelFromFiles(modelFiles, outputOf({ output }).output);
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
