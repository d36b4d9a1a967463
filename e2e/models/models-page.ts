/** The tables of docs/models.md, made from the rules themselves: what is taken, and the sentence that each refusal gets. */
import { readFile, writeFile } from "node:fs/promises";
import { ModelError } from "../../shared/compute/errors.ts";
import { factsOfBundle } from "../../shared/compute/model-facts.ts";
import { Reasons } from "../../shared/compute/reasons.ts";
import { ONNX_ADVICE } from "../../shared/compute/runtimes/onnx/onnx-advice.ts";
import { DATA_TYPE_NUMBERS } from "../../shared/compute/runtimes/onnx/onnx-dtypes.ts";
import { onnxFormat } from "../../shared/compute/runtimes/onnx/onnx-format.ts";
import { graphInputs } from "../../shared/compute/runtimes/onnx/onnx-input.ts";
import { MICROSOFT_RULES } from "../../shared/compute/runtimes/onnx/onnx-microsoft-rules.ts";
import { ONNX_RULES } from "../../shared/compute/runtimes/onnx/onnx-rules.ts";
import { FREE } from "../../shared/compute/runtimes/onnx/onnx-topology.ts";
import { packOnnx } from "../../shared/compute/runtimes/onnx/pack-onnx.ts";
import { long, node } from "../../shared/compute/runtimes/onnx/testing/operator-case.ts";
import { type SmallOnnx, smallOnnx } from "../../shared/compute/runtimes/onnx/testing/small-onnx.ts";
import { GRAPH_RULES } from "../../shared/compute/runtimes/tfjs/graph-rules.ts";

export const MODELS_PAGE = new URL("../../docs/models.md", import.meta.url);

const REFUSED: readonly (readonly [string, Partial<SmallOnnx> & Pick<SmallOnnx, "nodes">])[] = [
  ["a sum over the batch", { nodes: [node("ReduceSum", ["x", "axes"])], integers: { axes: long(0) } }],
  ["an answer whose batch is not first", { nodes: [node("Transpose", ["x"])] }],
  [
    "more of the largest than there are",
    { nodes: [node("TopK", ["x", "k"], {}, ["y", "places"])], integers: { k: long(9) } },
  ],
  ["a shape that the query decides", { nodes: [node("Reshape", ["x", "x"])] }],
];

/** What a file may say of its inputs. */
const INPUTS: readonly (readonly [string, readonly number[]])[] = [
  ["height and width that are free, and no sizes for them", [FREE, 3, FREE, FREE]],
  ["a batch of 8 and no other", [8, 4]],
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
    ["ONNX", ["Constant", "If (its condition a constant)", ...Object.keys(ONNX_RULES).map(withCondition)]],
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
    ["the file has", "what is said"],
    [
      ...INPUTS.map(([what, shape]) => [what, sentenceOfInput(shape)]),
      ...REFUSED.map(([what, changed]) => [what, sentenceOf(changed)]),
    ],
  );
}

function sentenceOf(changed: Partial<SmallOnnx> & Pick<SmallOnnx, "nodes">): string {
  const file = smallOnnx({ input: { name: "x", shape: [FREE, 4] }, outputs: ["y"], weights: [], ...changed });
  return refusalOf(() => factsOfBundle(onnxFormat, packOnnx(file)));
}

function sentenceOfInput(shape: readonly number[]): string {
  const reasons = new Reasons();
  const dimensionNames = shape.map((length, axis) => (length !== FREE ? "" : ["batch", "", "height", "width"][axis]!));
  const input = { name: "x", type: DATA_TYPE_NUMBERS.float32, shape, dimensionNames };
  graphInputs({ inputs: [input], outputs: [], nodes: [], tensors: [] }, new Map(), reasons);
  return refusalOf(() => reasons.throwIfAny());
}

function refusalOf(work: () => void): string {
  try {
    work();
  } catch (error) {
    if (error instanceof ModelError) return error.message;
    throw error;
  }
  throw new Error("docs/models.md: expected a refusal, got a model that is taken");
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...rows.map(line)].join("\n");
}

/** Run by `npm run models-page`. */
export async function writeModelsPage(): Promise<void> {
  await writeFile(MODELS_PAGE, withTables(await readFile(MODELS_PAGE, "utf8")));
}
