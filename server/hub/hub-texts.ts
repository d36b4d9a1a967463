/** A text model's folder from the Hub: its tokens, what is made of its answers, and the model as it is uploaded for one length of text. */
import { join } from "node:path";
import type { ModelEditor } from "../../shared/compute/runtimes/runtime-description.ts";
import { type LabelNames, labelNames } from "../../shared/hub/label-names.ts";
import { type Pool, type Pooling, poolingOf } from "../../shared/hub/pooling.ts";
import { type TextInput, textInputs } from "../../shared/hub/text-rows.ts";
import { TextTokens } from "../../shared/hub/text-tokens.ts";
import { InputError } from "../../shared/inputs/input-error.ts";
import type { ModelFile } from "../../shared/sdk/paritab-client.ts";
import { readModel } from "../cli/inputs/model-folder.ts";
import { type HubFolder, hubFolder, hubJson, hubList } from "./hub-folder.ts";
import { Problems } from "./problems.ts";

export interface HubTexts {
  readonly model: HubFolder;
  /** As they lie there, the main one first. */
  readonly files: readonly ModelFile[];
  readonly editor: ModelEditor;
  readonly tokens: TextTokens;
  readonly inputs: readonly TextInput[];
  readonly outputs: readonly string[];
  /** Tokens of every text, where the model's file leaves no length free; null: it does. */
  readonly fixedLength: number | null;
  /** What the folder says of it; null: nothing. */
  readonly pooling: Pooling | null;
  readonly labels: LabelNames | null;
}

/** What is asked of the model, and what it gives then. */
export interface TextTask {
  readonly pool: Pool;
  readonly normalizes: boolean;
  /** The output that is pooled, or that is given as it is. */
  readonly output: string;
  /** vectors: one a text; labels: logits for the names of config.json. */
  readonly gives: "vectors" | "labels";
}

/** What is read of a folder beside the model. */
export const HUB_TEXT_FILES = [
  "tokenizer.json",
  "tokenizer_config.json",
  "config.json",
  "sentence_bert_config.json",
  "1_Pooling/config.json",
  "modules.json",
] as const;

/** Vectors of tokens, and one of the whole text, as exporters name them. */
const TOKEN_OUTPUTS = ["last_hidden_state", "token_embeddings", "hidden_states"];
const TEXT_OUTPUTS = ["sentence_embedding", "text_embeds", "pooler_output"];

/** @throws InputError with every reason; ModelError where the model's file is none */
export async function hubTexts(path: string): Promise<HubTexts> {
  const problems = new Problems();
  const model = await problems.attempt(() => hubFolder(path));
  const folder = model?.folder ?? path;
  const tokens = await problems.attempt(() => tokensOf(folder));
  const pooling = await problems.attempt(() => foldersPooling(folder));
  const labels = await problems.attempt(() => labelsOf(folder));
  const files = model === null ? null : await problems.attempt(() => readModel(model.mainPath));
  const editor = await model?.hub.loadEditor();
  const main = files?.[0]?.data as Uint8Array | undefined;
  const inputs =
    main === undefined ? null : await problems.attempt(() => textInputs(editor!.inputs(main).map(({ name }) => name)));
  problems.throwIfAny();
  return {
    model: model!,
    files: files!,
    editor: editor!,
    tokens: tokens!,
    inputs: inputs!,
    outputs: editor!.outputs(main!),
    fixedLength: editor!.inputs(main!).find(({ name }) => name === inputs![0])?.shape?.[1] ?? null,
    pooling,
    labels,
  };
}

async function tokensOf(folder: string): Promise<TextTokens> {
  const [tokenizer, tokenizerConfig, config, sentenceConfig] = await Promise.all(
    ["tokenizer.json", "tokenizer_config.json", "config.json", "sentence_bert_config.json"].map((name) =>
      hubJson(folder, name),
    ),
  );
  if (!tokenizer) {
    throw new InputError(
      `${join(folder, "tokenizer.json")}: there is no such file, so texts cannot become tokens; ` +
        "AutoTokenizer.from_pretrained(FOLDER).save_pretrained(FOLDER) writes it",
    );
  }
  return new TextTokens({
    tokenizer,
    tokenizerConfig: tokenizerConfig ?? null,
    config: config ?? null,
    sentenceConfig: sentenceConfig ?? null,
  });
}

async function foldersPooling(folder: string): Promise<Pooling | null> {
  return poolingOf(await hubJson(folder, "1_Pooling/config.json"), await hubList(folder, "modules.json"));
}

async function labelsOf(folder: string): Promise<LabelNames | null> {
  const config = await hubJson(folder, "config.json");
  return config === null ? null : labelNames(join(folder, "config.json"), config);
}

/**
 * @param pool null: as the folder says; where it says nothing, what the model's outputs suggest
 * @param normalizes null: as the folder says
 * @throws InputError where it has to be said
 */
export function textTask(
  { outputs, pooling, labels, model }: HubTexts,
  pool: Pool | null,
  normalizes: boolean | null,
): TextTask {
  const whole = TEXT_OUTPUTS.find((name) => outputs.includes(name));
  const logits = outputs.includes("logits") && labels !== null ? "logits" : undefined;
  const chosen = pool ?? (whole === TEXT_OUTPUTS[0] ? "none" : pooling?.pool) ?? (logits || whole ? "none" : null);
  if (chosen === null) {
    throw new InputError(
      `${model.folder}: expected 1_Pooling/config.json, or an output ${TEXT_OUTPUTS[0]} or logits, to know what a text is to become; ` +
        `got ${outputs.join(", ")}: say --pool mean or --pool cls`,
    );
  }
  const isUnit = normalizes ?? pooling?.normalizes ?? false;
  if (chosen !== "none") {
    const output = TOKEN_OUTPUTS.find((name) => outputs.includes(name)) ?? outputs[0]!;
    return { pool: chosen, normalizes: isUnit, output, gives: "vectors" };
  }
  const output = whole ?? logits ?? outputs[0]!;
  return { pool: chosen, normalizes: isUnit, output, gives: output === "logits" ? "labels" : "vectors" };
}

/** @returns the model for texts of so many tokens, with what is to be uploaded beside it */
export function textModelFiles({ files, editor }: HubTexts, { pool, output }: TextTask, length: number): ModelFile[] {
  const [main, ...others] = files as [ModelFile, ...ModelFile[]];
  const bytes = main.data as Uint8Array<ArrayBuffer>;
  const pooled = pool === "none" ? bytes : editor.withPooling(bytes, { output, mask: "attention_mask", pool });
  return [{ name: main.name, data: pooled }, ...others, ...editor.withLength(bytes, length)];
}
