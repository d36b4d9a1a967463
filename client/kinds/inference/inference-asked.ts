import type { AskedWith } from "../asked-with.ts";
import { flagWords } from "../asked-words.ts";

const SHOWN = "    print(answer.index, answer.label, answer.mark)";

export const inferenceAsked: AskedWith = {
  flags({ kind, sample, queryStart, queryCount, modelSha256, labelsSha256, inputScale }) {
    if (kind === "sample") {
      return [
        ...flagWords("sample", sample),
        ...flagWords("sample-start", queryStart),
        ...flagWords("sample-count", queryCount),
      ];
    }
    const scale = inputScale === 1 ? [] : flagWords("input-scale", inputScale);
    const queries = kind === "stream" ? "-" : "queries.npy";
    const labels = labelsSha256 === undefined ? [] : ["--labels", "labels.npy"];
    return ["--model", String(modelSha256), "--queries", queries, ...labels, ...scale];
  },
  python({ kind, modelSha256, labelsSha256, inputScale }) {
    if (kind !== "uploads") return null;
    const labels = labelsSha256 === undefined ? [] : ['labels=np.load("labels.npy")'];
    const scale = inputScale === 1 ? [] : [`input_scale=${inputScale}`];
    const args = [`"${modelSha256}"`, 'np.load("queries.npy")', ...labels, ...scale];
    return { head: "for answer in client.infer", args, tail: `):\n${SHOWN}` };
  },
};
