/** The tables of docs/models.md, made from the rules themselves: what is taken, and the sentence that each refusal gets. */
import { readFile, writeFile } from "node:fs/promises";
import { ModelError } from "../../shared/compute/errors.ts";
import { factsOfBundle } from "../../shared/compute/model-facts.ts";
import { Reasons } from "../../shared/compute/reasons.ts";
import { ONNX_ADVICE } from "../../shared/compute/runtimes/onnx/onnx-advice.ts";
import { DATA_TYPE_NUMBERS } from "../../shared/compute/runtimes/onnx/onnx-dtypes.ts";
import { onnxFormat } from "../../shared/compute/runtimes/onnx/onnx-format.ts";
import { graphInputs } from "../../shared/compute/runtimes/onnx/onnx-input.ts";
import { LIST_OPERATORS } from "../../shared/compute/runtimes/onnx/onnx-lists.ts";
import { MICROSOFT_RULES } from "../../shared/compute/runtimes/onnx/onnx-microsoft-rules.ts";
import { ONNX_RULES } from "../../shared/compute/runtimes/onnx/onnx-rules.ts";
import { FREE } from "../../shared/compute/runtimes/onnx/onnx-topology.ts";
import { packOnnx } from "../../shared/compute/runtimes/onnx/pack-onnx.ts";
import { long, node } from "../../shared/compute/runtimes/onnx/testing/operator-case.ts";
import { type SmallOnnx, smallOnnx } from "../../shared/compute/runtimes/onnx/testing/small-onnx.ts";
import { GRAPH_RULES } from "../../shared/compute/runtimes/tfjs/graph-rules.ts";

export const MODELS_PAGE = new URL("../../docs/models.md", import.meta.url);

type Changed = Partial<SmallOnnx> & Pick<SmallOnnx, "nodes">;

/** What a file has, the file, and what to do about it. */
const REFUSED: readonly (readonly [string, Changed, string])[] = [
  [
    "a sum over the batch",
    { nodes: [node("ReduceSum", ["x", "axes"])], integers: { axes: long(0) } },
    "sum over other axes: a row's answer must not depend on the rows beside it; or say that rows go alone, as the sentence has it",
  ],
  [
    "an answer whose batch is not first",
    { nodes: [node("Transpose", ["x"])] },
    "transpose it back before the output, or choose an output before it (`--output NAME`)",
  ],
  [
    "several answers, and none is chosen",
    { nodes: [node("Relu", ["x"]), node("Abs", ["x"], {}, ["z"])], outputs: ["y", "z"] },
    "`--output NAME`, or `--output all` with `--task regression`",
  ],
  [
    "more of the largest than there are",
    { nodes: [node("TopK", ["x", "k"], {}, ["y", "places"])], integers: { k: long(9) } },
    "export with the k that fits the sizes said",
  ],
  [
    "a shape that the query decides",
    { nodes: [node("Reshape", ["x", "x"])] },
    "export with fixed shapes, or simplify the file (`python -m onnxsim in.onnx out.onnx`)",
  ],
  [
    "shapes that do not fit",
    { nodes: [node("MatMul", ["x", "w"])], weights: [{ name: "w", shape: [5, 2], values: new Float32Array(10) }] },
    "the sizes said differ from those it was made for (`--size`), or the file is broken: `onnx.checker.check_model(file, full_check=True)`",
  ],
  [
    "weights that are no numbers",
    { nodes: [node("Mul", ["x", "w"])], weights: [{ name: "w", shape: [1], values: Float32Array.of(Number.NaN) }] },
    "train or export it again: one NaN spoils every answer",
  ],
  [
    "an operator that is not taken, with a way out",
    { nodes: [node("NonMaxSuppression", ["x"])] },
    "as it says; the table of advice below",
  ],
  [
    "an operator of a runtime's own that is not taken",
    { nodes: [{ ...node("LongformerAttention", ["x"]), domain: "com.microsoft" }] },
    "export the plain operators (without the fusing step that made it)",
  ],
  [
    "an operator that nobody knows",
    { nodes: [node("Relux", ["x"])] },
    "export with opset_version=17, or choose an output before it",
  ],
  [
    "a version before 7, or after the newest",
    { nodes: [node("Relu", ["x"])], opset: 99 },
    "`onnx.version_converter.convert_version(model, 17)`, or export with opset_version=17",
  ],
  [
    "more numbers in an answer than 16 MiB",
    { nodes: [node("Tile", ["x", "times"])], integers: { times: long(1, 2_000_000) } },
    "choose a smaller output, or say smaller sizes",
  ],
  [
    "several things at once: each is named",
    { nodes: [node("Multinomial", ["x"], {}, ["a"]), node("Loop", ["x"], {}, ["b"]), node("Add", ["a", "b"])] },
    "all of them, then submit again once",
  ],
];

/** TensorProto.DataType of texts (onnx.proto3). */
const TEXT_TYPE = 8;

interface DeclaredShape {
  readonly name?: string;
  readonly shape: readonly number[];
  readonly names?: readonly string[];
  /** As ONNX numbers them; float32 unless it says otherwise. */
  readonly type?: number;
}

const WINDOW: DeclaredShape = { shape: [FREE, 512], names: ["batch", ""] };

/** What a file may say of its inputs. */
const INPUTS: readonly (readonly [string, readonly DeclaredShape[], string])[] = [
  [
    "height and width that are free, and no sizes for them",
    [{ shape: [FREE, 3, FREE, FREE], names: ["batch", "", "height", "width"] }],
    "say them, as the sentence has it",
  ],
  [
    "a batch of 8 and no other",
    [{ shape: [8, 4] }],
    '`dynamic_axes={name: {0: "batch"}}`, or export with a batch of 1; where the 8 are one row, say so',
  ],
  [
    "a state beside a window, whose batch has no name",
    [WINDOW, { name: "state", shape: [2, FREE, 128] }],
    "`--size state:1=1`, and `--value state=0` where every row begins anew: rows are computed apart, in any order",
  ],
  [
    "a setting and nothing else",
    [{ name: "sr", shape: [], type: DATA_TYPE_NUMBERS.int64 }],
    "beside another input it is taken: `--value sr=16000`, or a number with each row",
  ],
  [
    "texts as inputs",
    [{ name: "text", shape: [FREE, 1], type: TEXT_TYPE }],
    "export the network alone; `--texts` makes tokens with tokenizer.json",
  ],
];

/** A page with the parts between its marks written anew. */
export function withTables(page: string): string {
  const tables = { operators: operators(), advice: advice(), refusals: refusals() };
  return Object.entries(tables).reduce((text, [name, table]) => {
    const part = new RegExp(`(<!-- ${name} -->\n)[\\s\\S]*?(<!-- end of ${name} -->)`);
    if (!part.test(text)) throw new Error(`docs/models.md: expected a part '${name}', got none`);
    return text.replace(part, (_, begin: string, end: string) => `${begin}\n${table}\n\n${end}`);
  }, page);
}

function operators(): string {
  const rows = [
    [
      "ONNX",
      [
        "Constant",
        "If (its condition a constant)",
        "Loop (its turns known)",
        ...LIST_OPERATORS,
        ...Object.keys(ONNX_RULES).map(withCondition),
      ],
    ],
    ["ONNX, `com.microsoft`", Object.keys(MICROSOFT_RULES)],
    ["tfjs Graph models", ["Const", "Placeholder", ...Object.keys(GRAPH_RULES)]],
  ] as const;
  return table(
    ["of", "operators"],
    rows.map(([of, names]) => [of, [...names].sort((a, b) => (a < b ? -1 : 1)).join(", ")]),
  );
}

/** Taken of numbers that the graph itself has, and else among those that there is advice for. */
function withCondition(name: string): string {
  return name === "NonZero" ? "NonZero (of a constant)" : name;
}

function advice(): string {
  return table(
    ["operators", "why not", "what to do"],
    ONNX_ADVICE.map(({ operators: names, why, whatToDo }) => [names.replaceAll(" ", ", "), why, whatToDo]),
  );
}

function refusals(): string {
  return table(
    ["the file has", "what is said", "what to do"],
    [
      ...INPUTS.map(([what, declared, toDo]) => [what, sentenceOfInput(what, declared), toDo]),
      ...REFUSED.map(([what, changed, toDo]) => [what, sentenceOf(what, changed), toDo]),
    ],
  );
}

function sentenceOf(what: string, changed: Changed): string {
  return refusalOf(what, () => {
    const file = smallOnnx({ input: { name: "x", shape: [FREE, 4] }, outputs: ["y"], weights: [], ...changed });
    factsOfBundle(onnxFormat, packOnnx(file));
  });
}

function sentenceOfInput(what: string, declared: readonly DeclaredShape[]): string {
  const reasons = new Reasons();
  const inputs = declared.map(({ name = "x", shape, names = [], type = DATA_TYPE_NUMBERS.float32 }) => {
    const dimensionNames = shape.map((_, axis) => names[axis] ?? "");
    return { name, type, shape, dimensionNames };
  });
  graphInputs({ inputs, outputs: [], nodes: [], tensors: [] }, new Map(), new Map(), reasons);
  return refusalOf(what, () => reasons.throwIfAny());
}

function refusalOf(what: string, work: () => void): string {
  try {
    work();
  } catch (error) {
    if (error instanceof ModelError) return error.message;
    throw error;
  }
  throw new Error(`docs/models.md: expected a refusal of ${what}, got a model that is taken`);
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell) => cell.replaceAll("|", "\\|").replaceAll("\n", "<br>")).join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...rows.map(line)].join("\n");
}

/** Run by `npm run models-page`. */
export async function writeModelsPage(): Promise<void> {
  await writeFile(MODELS_PAGE, withTables(await readFile(MODELS_PAGE, "utf8")));
}
