import type { AskedWith } from "../asked-with.ts";
import { flagWords } from "../asked-words.ts";

export const regressionAsked: AskedWith = {
  flags({ kind, sample, rows, inputScale }) {
    if (kind === "sample")
      return [...flagWords("sample", sample), ...(rows === undefined ? [] : flagWords("rows", rows))];
    const scale = inputScale === 1 ? [] : flagWords("input-scale", inputScale);
    return ["--features", "X.npy", "--labels", "y.npy", ...scale];
  },
  python({ kind, inputScale }) {
    if (kind !== "uploads") return null;
    const scale = inputScale === 1 ? [] : [`input_scale=${inputScale}`];
    return { head: "trained = client.train", args: ['np.load("X.npy")', 'np.load("y.npy")', ...scale], tail: ")" };
  },
};
