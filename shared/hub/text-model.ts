/** A text model's folder from the Hub: its tokens, what is made of its answers, and the model as it is uploaded for one length of text. */

import { ALL_OUTPUTS } from "../compute/select-output.ts";
import { InputError } from "../inputs/input-error.ts";
import type { Problems } from "../inputs/problems.ts";
import { HUB_JSON_BYTES_MAX } from "../protocol/limits.ts";
import { type HubFile, type HubModel, type HubPlace, hubJson, hubLabels } from "./hub-place.ts";
import type { LabelNames } from "./label-names.ts";
import { densePaths, foldersPooling, type Pool, type Pooling } from "./pooling.ts";
import { type TextInput, textInputs } from "./text-rows.ts";
import { TextTokens, type TokenizerFiles } from "./text-tokens.ts";

export interface TextModel {
  readonly place: HubPlace;
  readonly model: HubModel;
  readonly tokens: TextTokens;
  readonly inputs: readonly TextInput[];
  readonly outputs: readonly string[];
  /** Tokens of every text, where the model's file leaves no length free; null: it does. */
  readonly fixedLength: number | null;
  /** What the folder says of it; null: nothing; an InputError: what is not done here, unless somebody says how. */
  readonly pooling: Pooling | InputError | null;
  readonly labels: LabelNames | null;
  /** Its labels are those of tokens, as config.json says. */
  readonly namesTokens: boolean;
}

/** What is asked of the model, and what it gives then. */
export interface TextTask {
  readonly pool: Pool;
  readonly normalizes: boolean;
  /** Pooled as the folder says, Dense layers and all; of a way that somebody named there are none. Absent: not so. */
  readonly isFolders?: boolean;
  /** The output that is pooled, or that is given as it is. */
  readonly output: string;
  /** vectors: one a text, or whatever numbers of it config.json names no labels for; labels: logits for the names of config.json; tokens: the same for each token of a text; spans: how likely an answer begins and ends at each token of a pair of question and context. */
  readonly gives: "vectors" | "labels" | "tokens" | "spans";
}

/** What is read of a folder beside the model. */
const HUB_TEXT_FILES = [
  "tokenizer.json",
  "tokenizer_config.json",
  "config.json",
  "sentence_bert_config.json",
  "config_sentence_transformers.json",
  "1_Pooling/config.json",
  "modules.json",
] as const;

/** Architectures of transformers that give a label for each token: BertForTokenClassification. */
const TAGGERS = /ForTokenClassification$/;

/** Vectors of tokens, and one of the whole text, as exporters name them. */
const TOKEN_OUTPUTS = ["last_hidden_state", "token_embeddings", "hidden_states"];
/** Of a model that finds the answer to a question in a context, in this order. */
const SPAN_OUTPUTS = ["start_logits", "end_logits"];
const TEXT_OUTPUTS = ["sentence_embedding", "text_embeds", "pooler_output"];

/** Told of the tokenizer's files before it is made of them. @throws InputError where it is not to be */
type BeforeTokens = (files: TokenizerFiles) => Promise<void> | undefined;

/**
 * @param problems gets all that is wrong with it
 * @returns null where something is
 * @throws ModelError where the model's file is none
 */
export async function textModel(
  place: HubPlace,
  problems: Problems,
  beforeTokens: BeforeTokens = () => undefined,
): Promise<TextModel | null> {
  const whole = await problems.attempt(() => place.model());
  const model = whole === null ? null : textPart(whole);
  const tokens = await problems.attempt(() => tokensOf(place, beforeTokens));
  const pooling = await foldersPooling(place).catch((error: unknown) => {
    if (error instanceof InputError) return error;
    throw error;
  });
  const labels = await problems.attempt(() => hubLabels(place));
  const config = await problems.attempt(() => hubJson(place, "config.json"));
  if (model === null) return null;
  const { editor, files } = model;
  const main = files[0]!.data;
  const fileInputs = editor.inputs(main);
  const inputs = await problems.attempt(() => textInputs(fileInputs.map(({ name }) => name)));
  if (tokens === null || inputs === null) return null;
  const fixedLength = fileInputs.find(({ name }) => name === inputs[0])?.shape?.[1] ?? null;
  const namesTokens = TAGGERS.test(String((config?.architectures as unknown[] | undefined)?.[0]));
  return { place, model, tokens, inputs, outputs: editor.outputs(main), fixedLength, pooling, labels, namesTokens };
}

const TEXT_VECTORS = "text_embeds";
/** What a text model never takes. */
const PICTURES = "pixel_values";

/** The half of a CLIP that reads texts; the other half looks at pictures. */
function textPart(model: HubModel): HubModel {
  const { editor, files } = model;
  const [main, ...others] = files as [HubFile, ...HubFile[]];
  const isHalf = editor.inputs(main.data).some(({ name }) => name === PICTURES);
  if (!isHalf || !editor.outputs(main.data).includes(TEXT_VECTORS)) return model;
  const data = editor.withOutputs(main.data, [TEXT_VECTORS]);
  const beside = new Set(editor.companions(data));
  return { ...model, files: [{ name: main.name, data }, ...others.filter(({ name }) => beside.has(name))] };
}

async function tokensOf(place: HubPlace, beforeTokens: BeforeTokens): Promise<TextTokens> {
  const [tokenizer, tokenizerConfig, config, sentenceConfig, promptConfig] = await Promise.all(
    [
      ...["tokenizer.json", "tokenizer_config.json", "config.json"],
      ...["sentence_bert_config.json", "config_sentence_transformers.json"],
    ].map((name) => hubJson(place, name)),
  );
  if (!tokenizer) {
    throw new InputError(
      `${place.where("tokenizer.json")}: there is no such file, so texts cannot become tokens; ` +
        "AutoTokenizer.from_pretrained(FOLDER).save_pretrained(FOLDER) writes it",
    );
  }
  const files = {
    tokenizer,
    tokenizerConfig: tokenizerConfig ?? null,
    config: config ?? null,
    sentenceConfig: sentenceConfig ?? null,
    promptConfig: promptConfig ?? null,
  };
  await beforeTokens(files);
  return new TextTokens(files);
}

/**
 * @param pool null: as the folder says; where it says nothing, what the model's outputs suggest
 * @param normalizes null: as the folder says
 * @param arePairs rows are two texts, and not one
 * @throws InputError where it has to be said
 */
export function textTask(
  { outputs, pooling, labels, namesTokens, place }: TextModel,
  pool: Pool | null,
  normalizes: boolean | null,
  arePairs = false,
): TextTask {
  const answers = SPAN_OUTPUTS.every((name) => outputs.includes(name)) && outputs.length === SPAN_OUTPUTS.length;
  if (answers && !arePairs)
    throw new InputError(
      `${place.folder}: expected pairs of question and context, for it gives ${outputs.join(", ")}; got single texts`,
    );
  if (arePairs) {
    if (pool !== null && pool !== "none") throw new InputError(`--pool: expected rows of one text, got pairs`);
    if (answers) return { pool: "none", normalizes: false, output: ALL_OUTPUTS, gives: "spans" };
    if (!outputs.includes("logits") || namesTokens) {
      throw new InputError(
        `${place.folder}: expected a model of pairs of texts, with an output logits for each pair, or ${SPAN_OUTPUTS.join(" and ")}; got ${outputs.join(", ")}${namesTokens ? " of tokens" : ""}`,
      );
    }
    return { pool: "none", normalizes: false, output: "logits", gives: labels === null ? "vectors" : "labels" };
  }
  const whole = TEXT_OUTPUTS.find((name) => outputs.includes(name));
  const logits = outputs.includes("logits") && labels !== null ? "logits" : undefined;
  const says = pooling instanceof InputError ? null : pooling;
  const ownPool = whole === TEXT_OUTPUTS[0] ? "none" : null;
  if (pool === null && ownPool === null && pooling instanceof InputError) throw pooling;
  const chosen = pool ?? ownPool ?? says?.pool ?? (logits || whole ? "none" : null);
  if (chosen === null) {
    throw new InputError(
      `${place.folder}: expected 1_Pooling/config.json, or an output ${TEXT_OUTPUTS[0]} or logits, to know what a text is to become; ` +
        `got ${outputs.join(", ")}: say --pool (mean, max, cls or last)`,
    );
  }
  const isUnit = normalizes ?? says?.normalizes ?? false;
  if (chosen !== "none") {
    const output = TOKEN_OUTPUTS.find((name) => outputs.includes(name)) ?? outputs[0]!;
    return { pool: chosen, normalizes: isUnit, isFolders: pool === null, output, gives: "vectors" };
  }
  const output = whole ?? logits ?? outputs[0]!;
  const gives = output !== "logits" || labels === null ? "vectors" : namesTokens ? "tokens" : "labels";
  return { pool: chosen, normalizes: isUnit, output, gives };
}

/** @returns the model for texts of so many tokens, with what is to be uploaded beside it */
export function textModelFiles(
  { model: { files, editor }, pooling }: TextModel,
  { pool, output, isFolders }: TextTask,
  length: number,
): HubFile[] {
  const [main, ...others] = files as [HubFile, ...HubFile[]];
  const layers = isFolders && pooling !== null && !(pooling instanceof InputError) ? pooling.layers : [];
  const asked = pool === "none" ? null : { output, mask: "attention_mask", pool, layers };
  const pooled = asked === null ? main.data : editor.withPooling(main.data, asked);
  return [{ name: main.name, data: pooled }, ...others, ...editor.withLength(main.data, length)];
}

/** What a coordinator keeps of the folder under a name: the model, as the only one of several there, and what is read beside it. */
export async function namedModelFiles({ place, model: { files, mainName } }: TextModel): Promise<HubFile[]> {
  const [main, ...others] = files as [HubFile, ...HubFile[]];
  const folder = mainName.slice(0, mainName.lastIndexOf("/") + 1);
  const names = [...HUB_TEXT_FILES, ...(await densePaths(place))];
  const read = await Promise.all(names.map((name) => place.read(name, HUB_JSON_BYTES_MAX)));
  return [
    { name: mainName, data: main.data },
    ...others.map(({ name, data }) => ({ name: `${folder}${name}`, data })),
    ...read.flatMap((data, i) => (data === null ? [] : [{ name: names[i]!, data }])),
  ];
}
