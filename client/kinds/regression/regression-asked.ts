import type { AskedWith } from "../asked-with.ts";
import { flagWords } from "../asked-words.ts";

const ARRAYS = ['np.load("X.npy")', 'np.load("y.npy")'];

export const regressionAsked: AskedWith = {
  flags({ kind, sample, rows, inputScale, columnNames }) {
    if (kind === "sample")
      return [...flagWords("sample", sample), ...(rows === undefined ? [] : flagWords("rows", rows))];
    const scale = inputScale === 1 ? [] : flagWords("input-scale", inputScale);
    if (columnNames !== undefined) return ["--features", "table.csv", "--label-column", "y", ...scale];
    return ["--features", "X.npy", "--labels", "y.npy", ...scale];
  },
  python({ kind, inputScale, columnNames }) {
    if (kind !== "uploads") return null;
    const scale = inputScale === 1 ? [] : [`input_scale=${inputScale}`];
    const table = columnNames === undefined ? null : ['"table.csv"', 'label="y"'];
    return { head: "trained = client.train", args: [...(table ?? ARRAYS), ...scale], tail: ")" };
  },
};
