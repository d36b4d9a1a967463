/** What to do about an operator that is not taken: the exporter's flag, another output, or the folder's other file. */

import { failWith } from "../../model-json.ts";
import { nodeName } from "./read-onnx.ts";

interface Advice {
  /** Names of operators, of any domain. */
  readonly operators: string;
  /** Why it is not taken. */
  readonly why: string;
  readonly whatToDo: string;
}

export const ONNX_ADVICE: readonly Advice[] = [
  {
    operators: "Loop Scan",
    why: "it is not known beforehand how often a loop runs",
    whatToDo:
      "export with fixed lengths and without scripting (torch.onnx.export of the plain module), so that the loop is unrolled",
  },
  {
    operators: "If",
    why: "the query decides which branch runs",
    whatToDo:
      "export with fixed shapes, or simplify the file (python -m onnxsim in.onnx out.onnx), so that the condition is a constant",
  },
  {
    operators: "NonMaxSuppression EfficientNMS_TRT BatchedNMS_TRT",
    why: "the query decides how many boxes are left",
    whatToDo:
      "export without it (Ultralytics: nms=False), or end the model at the boxes and scores before it (--up-to NAME), and suppress in the answers",
  },
  {
    operators: "NonZero Compress Unique SequenceMap RoiAlign MaxRoiPool",
    why: "the query decides how many numbers come out, or several queries share a list",
    whatToDo: "choose an output before it (--output), or end the model before it (--up-to NAME)",
  },
  {
    operators: "RandomNormal RandomNormalLike RandomUniform RandomUniformLike Bernoulli Multinomial",
    why: "it draws at random, so no answer can be checked",
    whatToDo: "give the random numbers as part of the input, or export in evaluation mode (model.eval())",
  },
  {
    operators:
      "StringNormalizer StringConcat StringSplit RegexFullMatch TfIdfVectorizer LabelEncoder CategoryMapper Tokenizer",
    why: "texts do not go through a tab",
    whatToDo: "export the network alone, and turn texts into numbers before it",
  },
  {
    operators:
      "ZipMap DictVectorizer SequenceConstruct SequenceInsert SequenceAt SequenceEmpty ConcatFromSequence SplitToSequence",
    why: "it makes a list or a map, not a tensor",
    whatToDo: "choose another output (--output); scikit-learn: options={'zipmap': False}",
  },
  {
    operators:
      "TreeEnsembleClassifier TreeEnsembleRegressor TreeEnsemble LinearClassifier LinearRegressor SVMClassifier SVMRegressor Scaler Normalizer Imputer",
    why: "trees and similar operators of ai.onnx.ml are not taken",
    whatToDo: "turn the model into tensors first (hummingbird.ml.convert(model, 'onnx'))",
  },
  {
    operators: "ReorderInput ReorderOutput NhwcMaxPool NhwcConv NhwcFusedConv",
    why: "it was made for the processor of one machine",
    whatToDo: "use the file from before that optimization, or save with onnxruntime's ORT_ENABLE_EXTENDED at most",
  },
  {
    operators: "GroupQueryAttention PagedAttention DecoderMaskedMultiHeadAttention BeamSearch GreedySearch Sampling",
    why: "it keeps state from one step to the next",
    whatToDo: "export without a cache (Optimum: --task feature-extraction, or use_cache=False)",
  },
];

const OTHER: Omit<Advice, "operators"> = {
  why: "Paritab does not take it (docs/models.md lists the operators)",
  whatToDo:
    "export with operators of the standard (torch.onnx.export with opset_version=17), or end the model before it (--up-to NAME)",
};

export function adviceFor(op: string): Omit<Advice, "operators"> {
  return ONNX_ADVICE.find(({ operators }) => operators.split(" ").includes(op)) ?? OTHER;
}

interface UnknownNode {
  readonly op: string;
  /** "" or none for the standard's. */
  readonly domain?: string;
  readonly outputs: readonly string[];
}

/** @throws ModelError always */
export function failUnknown({ op, domain = "", outputs }: UnknownNode): never {
  const { why, whatToDo } = adviceFor(op);
  const name = domain === "" ? op : `${domain}.${op}`;
  return failWith(nodeName(op, outputs), "an operator on the list", name, `${why}: ${whatToDo}`);
}
