import type { AskedWith } from "../asked-with.ts";

export const matmulAsked: AskedWith = {
  flags: () => ["--left", "A.npy", "--right", "B.npy"],
  python: () => ({ head: "product = client.matmul", args: ['np.load("A.npy")', 'np.load("B.npy")'], tail: ")" }),
};
