/** Texts as the tokens of a model: tokenizer.json and what other files of a Hugging Face folder say beside it. */
import { Tokenizer } from "@huggingface/tokenizers";
import { InputError } from "../inputs/input-error.ts";

type Json = Readonly<Record<string, unknown>>;

/** The files of the folder; null where it has none of that name. */
export interface TokenizerFiles {
  /** tokenizer.json */
  readonly tokenizer: Json;
  /** tokenizer_config.json */
  readonly tokenizerConfig: Json | null;
  /** config.json */
  readonly config: Json | null;
  /** sentence_bert_config.json */
  readonly sentenceConfig: Json | null;
  /** config_sentence_transformers.json */
  readonly promptConfig?: Json | null;
}

export type PairCuts = "longest" | "second";

/** Two texts as tokens, cut where that was needed. */
export interface EncodedPair {
  readonly ids: readonly number[];
  /** 0 or 1 for each: which text it belongs to, as far as the tokenizer tells. */
  readonly types: readonly number[];
  /** Tokens before anything was cut. */
  readonly count: number;
  /** Places of the second text's own tokens. */
  readonly second: { readonly start: number; readonly end: number };
}

/** What a tokenizer says that has no limit. */
const NO_LIMIT = 1e9;
/** RoBERTa and its kin count positions from behind the padding. */
const POSITIONS_FROM_PADDING = ["roberta", "xlm-roberta", "camembert", "mpnet", "longformer", "bart"];

export class TextTokens {
  readonly #tokenizer: Tokenizer;
  /** Special tokens that stand behind every text; what is cut off is cut off before them. */
  readonly #endCount: number;
  /** And that stand before it. */
  readonly #startCount: number;
  /** Of one text, special tokens among them; null: the folder names no limit. */
  readonly countMax: number | null;
  readonly padId: number;
  /** Stands before every text, as sentence-transformers puts it there where nobody says otherwise. */
  readonly #prompt: string;
  readonly #lowersCase: boolean;

  /** @throws InputError where the folder has no tokenizer that can be used */
  constructor(files: TokenizerFiles) {
    this.#prompt = promptOf(files);
    this.#lowersCase = files.sentenceConfig?.do_lower_case === true;
    try {
      this.#tokenizer = new Tokenizer(files.tokenizer, files.tokenizerConfig ?? {});
      [this.#startCount, this.#endCount] = this.#around("a");
    } catch (error) {
      const [reason] = (error as Error).message.split("\n");
      throw new InputError(`tokenizer.json: expected a tokenizer that can be read, got another one (${reason})`);
    }
    this.padId = this.#padIdOf(files);
    this.countMax = countMaxOf(files, this.padId);
    const ownCount = this.#startCount + this.#endCount;
    if (this.countMax !== null && this.countMax <= ownCount) {
      throw new InputError(
        `tokenizer.json: expected room for a text beside its ${ownCount} special tokens, got a limit of ${this.countMax} tokens (sentence_bert_config.json, tokenizer_config.json, config.json)`,
      );
    }
  }

  /** @returns ids, special tokens among them */
  encode(text: string): number[] {
    const whole = this.#prompt + text;
    return this.#tokenizer.encode(this.#lowersCase ? whole.toLowerCase() : whole).ids;
  }

  /**
   * Two texts as the tokenizer pairs them: by the template of tokenizer.json, with its types of tokens.
   * @param countMax of the result; what is too much is cut as `cuts` says. longest: of the longer text first (transformers' default);
   * second: of the second one
   */
  encodePair(first: string, second: string, countMax: number, cuts: PairCuts = "longest"): EncodedPair {
    const [one, two] = [first, second].map((text) => (this.#lowersCase ? text.toLowerCase() : text)) as [
      string,
      string,
    ];
    const { ids, token_type_ids: types } = this.#tokenizer.encode(one, { text_pair: two, return_token_type_ids: true });
    const [a, b] = [one, two].map((text) => this.#tokenizer.encode(text, { add_special_tokens: false }).ids) as [
      number[],
      number[],
    ];
    const startA = placeOf(a, ids, 0);
    const startB = placeOf(b, ids, startA + a.length);
    const room = countMax - (ids.length - a.length - b.length);
    const [keptA, keptB] = keptOf(a.length, b.length, room, cuts);
    const isKept = (place: number) =>
      !(place >= startA + keptA && place < startA + a.length) &&
      !(place >= startB + keptB && place < startB + b.length);
    const start = startB - (a.length - keptA);
    return {
      ids: ids.filter((_, place) => isKept(place)),
      types: types.filter((_, place) => isKept(place)),
      count: ids.length,
      second: { start, end: start + keptB },
    };
  }

  /** For people: what these tokens stand for, special ones left out. */
  textOf(ids: readonly number[]): string {
    return ids.length === 0 ? "" : this.#tokenizer.decode([...ids], { skip_special_tokens: true }).trim();
  }

  /** As transformers: the end of the text goes, the special tokens behind it stay. @param countMax of the result */
  cut(ids: readonly number[], countMax: number): number[] {
    if (ids.length <= countMax) return [...ids];
    return [...ids.slice(0, countMax - this.#endCount), ...ids.slice(ids.length - this.#endCount)];
  }

  /** The places of a text's own tokens among ids that encode made: behind the special ones before it, before those behind it. */
  ownPlaces(ids: readonly number[]): { start: number; end: number } {
    return {
      start: Math.min(this.#startCount, ids.length),
      end: Math.max(this.#startCount, ids.length - this.#endCount),
    };
  }

  /** For people: what an id stands for. */
  tokenOf(id: number): string {
    return this.#tokenizer.id_to_token(id) ?? "";
  }

  /** Tokens of an empty text are special ones alone. */
  get emptyCount(): number {
    return this.encode("").length;
  }

  /** Special tokens before and behind a text. */
  #around(text: string): [before: number, behind: number] {
    const [bare, whole] = [false, true].map(
      (add_special_tokens) => this.#tokenizer.encode(text, { add_special_tokens }).ids,
    );
    const start = whole!.findIndex((_, at) => bare!.every((id, i) => whole![at + i] === id));
    return start < 0 ? [0, 0] : [start, whole!.length - start - bare!.length];
  }

  #padIdOf({ tokenizer, tokenizerConfig, config }: TokenizerFiles): number {
    const padding = tokenizer.padding as { pad_id?: unknown } | null | undefined;
    const token = tokenizerConfig?.pad_token as string | { content?: string } | undefined;
    const text = typeof token === "object" ? token?.content : token;
    const named = text === undefined ? undefined : this.#tokenizer.token_to_id(text);
    const id = [padding?.pad_id, named, config?.pad_token_id].find((one) => typeof one === "number");
    return (id as number | undefined) ?? 0;
  }
}

/** @throws InputError where a text's own tokens do not stand in the pair as they are alone */
function placeOf(own: readonly number[], ids: readonly number[], from: number): number {
  for (let at = from; at + own.length <= ids.length; at++) if (own.every((id, i) => ids[at + i] === id)) return at;
  throw new InputError(
    "tokenizer.json: expected a template that leaves both texts' tokens as they are, got another one",
  );
}

/** Tokens that stay of each text, as the tokenizers library truncates. @param room for both together */
function keptOf(first: number, second: number, room: number, cuts: PairCuts): [number, number] {
  if (first + second <= room) return [first, second];
  if (cuts === "second") return [Math.min(first, room), Math.max(0, room - first)];
  const less = Math.min(first, second);
  const half = Math.floor(Math.max(0, room) / 2);
  // The shorter one stays whole where the longer one alone can give way.
  const [keptLess, keptMore] = 2 * less <= room ? [less, room - less] : [half, Math.max(0, room) - half];
  return first <= second ? [keptLess, keptMore] : [keptMore, keptLess];
}

function promptOf({ promptConfig }: TokenizerFiles): string {
  const name = promptConfig?.default_prompt_name;
  const prompts = promptConfig?.prompts as Json | null | undefined;
  const prompt = typeof name === "string" && prompts ? prompts[name] : undefined;
  return typeof prompt === "string" ? prompt : "";
}

/** The least of what the files say; a sentence encoder's own limit before all others. */
function countMaxOf({ tokenizerConfig, config, sentenceConfig }: TokenizerFiles, padId: number): number | null {
  const own = sentenceConfig?.max_seq_length;
  const positions = config?.max_position_embeddings;
  const isShifted = POSITIONS_FROM_PADDING.includes(String(config?.model_type));
  const limits = [
    own ?? tokenizerConfig?.model_max_length,
    typeof positions === "number" && isShifted ? positions - padId - 1 : positions,
  ];
  const least = Math.min(
    ...limits.filter((one): one is number => typeof one === "number" && one > 0 && one < NO_LIMIT),
  );
  return Number.isFinite(least) ? least : null;
}

/** Texts that become tokens together, and their letters, of more than one text: others get their turn then, and whoever waits is told. */
const TEXTS_AT_ONCE = 256;
const LETTERS_AT_ONCE = 1_000_000;

/** @returns the place behind the last text of those from `start` on that become tokens together */
export function endOfSomeTexts(texts: readonly string[], start: number): number {
  let end = start;
  for (let letters = 0; end < texts.length && end - start < TEXTS_AT_ONCE; end++) {
    letters += texts[end]!.length;
    if (letters > LETTERS_AT_ONCE && end > start) break;
  }
  return end;
}
