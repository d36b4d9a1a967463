import { existsSync, readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { onnx } from "../compute/runtimes/onnx/onnx.ts";
import { Problems } from "../inputs/problems.ts";
import { LENGTH_BUCKETS_MAX } from "../protocol/limits.ts";
import type { HubPlace } from "./hub-place.ts";
import { coarseLength, LENGTH_STEP, lengthBuckets } from "./length-buckets.ts";
import { foldersPooling, unitVector } from "./pooling.ts";
import { clipFolder } from "./testing/vision-folders.ts";
import { textModel, textTask } from "./text-model.ts";
import { textInputs, textRows } from "./text-rows.ts";
import { TextTokens } from "./text-tokens.ts";

const FOLDER = new URL("../../e2e/models/small-encoder/", import.meta.url);
const json = (name: string) => JSON.parse(readFileSync(new URL(name, FOLDER), "utf8"));
const files = {
  tokenizer: json("tokenizer.json"),
  tokenizerConfig: json("tokenizer_config.json"),
  config: json("config.json"),
  sentenceConfig: null,
};
/** Tensors that count from 0. @param shapes by name */
function safetensors(shapes: Readonly<Record<string, number[]>>, dtype = "F32"): Uint8Array<ArrayBuffer> {
  let end = 0;
  const head: Record<string, unknown> = {};
  const numbers: number[] = [];
  for (const [name, shape] of Object.entries(shapes)) {
    const count = shape.reduce((all, length) => all * length, 1);
    head[name] = { dtype, shape, data_offsets: [end, end + 4 * count] };
    end += 4 * count;
    numbers.push(...Array.from({ length: count }, (_, i) => i));
  }
  const text = new TextEncoder().encode(JSON.stringify(head));
  const size = new Uint8Array(BigUint64Array.of(BigInt(text.length)).buffer);
  return Uint8Array.from([...size, ...text, ...new Uint8Array(Float32Array.from(numbers).buffer)]);
}

/** The folder, with other JSON files in it. */
function placeOf(changed: Readonly<Record<string, unknown>>): HubPlace {
  const bytesOf = (name: string) => new Uint8Array(readFileSync(new URL(name, FOLDER)));
  return {
    name: "small-encoder",
    folder: "small-encoder",
    where: (name) => name,
    async read(name) {
      if (changed[name] instanceof Uint8Array) return changed[name] as Uint8Array<ArrayBuffer>;
      if (Object.hasOwn(changed, name)) return new TextEncoder().encode(JSON.stringify(changed[name]));
      return existsSync(new URL(name, FOLDER)) ? bytesOf(name) : null;
    },
    async model() {
      const [mainPath] = ["onnx/model.onnx"] as const;
      const files = [{ name: "model.onnx", data: bytesOf(mainPath) }];
      return { mainPath, mainName: mainPath, files, editor: await onnx.hub!.loadEditor() };
    },
  };
}
const idOf = (word: string): number => files.tokenizer.model.vocab[word];

describe("tokens", () => {
  const tokens = new TextTokens(files);

  test("are those of the folder's tokenizer, special ones around them", () => {
    const words = ["[CLS]", "the", "king", "was", "s", "##a", "##i", "##l", "##ing", ".", "[SEP]"];
    expect(tokens.encode("The King was sailing.")).toEqual(words.map(idOf));
    expect(tokens.tokenOf(idOf("king"))).toBe("king");
    expect([tokens.padId, tokens.countMax, tokens.emptyCount]).toEqual([0, 64, 2]);
  });

  test("are cut before the special ones at their end", () => {
    const ids = tokens.encode("the king was here");
    expect(tokens.cut(ids, 4).map((id) => tokens.tokenOf(id))).toEqual(["[CLS]", "the", "king", "[SEP]"]);
    expect(tokens.cut(ids, 100)).toEqual(ids);
  });

  test("a sentence encoder's own limit counts, a tokenizer without one does not, RoBERTa's positions begin behind the padding", () => {
    const max = (changed: object) => new TextTokens({ ...files, ...changed }).countMax;
    expect(max({ sentenceConfig: { max_seq_length: 32 } })).toBe(32);
    expect(max({ tokenizerConfig: { model_max_length: 1e30 }, config: null })).toBeNull();
    expect(max({ tokenizerConfig: {}, config: { model_type: "roberta", max_position_embeddings: 514 } })).toBe(513);
    const padded = { ...files.tokenizer, padding: { pad_id: 1 } };
    expect(
      max({ tokenizer: padded, tokenizerConfig: {}, config: { model_type: "roberta", max_position_embeddings: 514 } }),
    ).toBe(512);
  });

  test("are those of small letters, and behind the prompt, where the folder says so", () => {
    const cased = { ...files.tokenizer, normalizer: null };
    const of = (changed: object) => new TextTokens({ ...files, tokenizer: cased, ...changed });
    const known = tokens.encode("the king");
    expect(of({}).encode("The King")).not.toEqual(known);
    expect(of({ sentenceConfig: { do_lower_case: true } }).encode("The King")).toEqual(known);
    const prompts = { query: "the ", other: "a " };
    const asked = (name: string | null) => of({ promptConfig: { prompts, default_prompt_name: name } });
    expect(asked("query").encode("king")).toEqual(known);
    expect(asked(null).encode("king")).toEqual(tokens.encode("king"));
    expect(asked("query").encode("").length).toBe(asked("query").emptyCount);
  });

  test("what is no tokenizer is refused, and a limit that leaves no room for a text", () => {
    expect(() => new TextTokens({ ...files, sentenceConfig: { max_seq_length: 2 } })).toThrow(
      /beside its 2 special tokens, got a limit of 2/,
    );
    expect(() => new TextTokens({ ...files, tokenizer: { model: { type: "Magic" } } })).toThrow(
      /tokenizer.json: expected a tok/,
    );
  });
});

describe("length buckets", () => {
  const tokensOf = (buckets: ReturnType<typeof lengthBuckets>) =>
    buckets.reduce((sum, { length, places }) => sum + length * places.length, 0);

  test("hold every text once, in rows that are long enough and no longer than allowed", () => {
    const counts = fc.array(fc.integer({ min: 1, max: 130 }), { minLength: 1, maxLength: 600 });
    fc.assert(
      fc.property(counts, (all) => {
        const buckets = lengthBuckets(all, 130);
        expect(buckets.flatMap(({ places }) => places).sort((a, b) => a - b)).toEqual(all.map((_, i) => i));
        expect(buckets.length).toBeLessThanOrEqual(LENGTH_BUCKETS_MAX);
        for (const { length, places } of buckets) {
          expect(places.every((place) => all[place]! <= length)).toBe(true);
          expect(length <= 130 && (length % LENGTH_STEP === 0 || length === 130)).toBe(true);
          if (buckets.length > 1) expect(places.length).toBeGreaterThanOrEqual(64);
        }
      }),
    );
  });

  test("are as few tokens as there can be: every other choice of lengths costs as much or more", () => {
    const counts = Array.from({ length: 400 }, (_, i) => 1 + ((i * i * 7) % 64));
    const lengths = Array.from({ length: 8 }, (_, i) => (i + 1) * LENGTH_STEP);
    const best = tokensOf(lengthBuckets(counts, 64));
    let tried = 0;
    for (let chosen = 0; chosen < 128; chosen++) {
      const ends = lengths.filter((_, i) => i === 7 || (chosen & (1 << i)) !== 0);
      if (ends.length > LENGTH_BUCKETS_MAX) continue;
      const rows = counts.map((count) => ends.find((end) => count <= end)!);
      if (ends.some((end) => rows.filter((row) => row === end).length < 64)) continue;
      tried++;
      expect(rows.reduce((sum, row) => sum + row, 0)).toBeGreaterThanOrEqual(best);
    }
    expect(tried).toBeGreaterThan(10);
  });

  test("of texts that come request by request are powers of two, or the most that the model takes", () => {
    const lengths = (counts: number[]) => lengthBuckets(counts, 100, coarseLength).map(({ length }) => length);
    expect([1, 16, 17, 33, 64, 65, 100].map((count) => lengths([count])[0])).toEqual([16, 16, 32, 64, 64, 100, 100]);
    const many = Array.from({ length: 300 }, (_, i) => 1 + (i % 60));
    expect(lengths(many)).toEqual([16, 32, 64]);
  });

  test("of few texts there is one", () => {
    expect(lengthBuckets([3, 20, 64], 64)).toEqual([{ length: 64, places: [0, 1, 2] }]);
    expect(lengthBuckets([], 64)).toEqual([]);
  });
});

describe("rows of text", () => {
  test("are padded, in the smallest type", () => {
    const rows = textRows(
      [
        [2, 300, 3],
        [2, 3],
      ],
      4,
      1,
      ["input_ids", "attention_mask", "token_type_ids", "position_ids"],
    );
    expect(rows.input_ids).toEqual({ dtype: "U16", shape: [2, 4], data: Uint16Array.of(2, 300, 3, 1, 2, 3, 1, 1) });
    expect(rows.attention_mask).toEqual({ dtype: "U8", shape: [2, 4], data: Uint8Array.of(1, 1, 1, 0, 1, 1, 0, 0) });
    expect([...rows.position_ids!.data]).toEqual([0, 1, 2, 3, 0, 1, 2, 3]);
    expect(textRows([[70_000]], 1, 0, ["input_ids"]).input_ids!.dtype).toBe("U32");
  });

  test("a model that wants something else is refused by that", () => {
    expect(textInputs(["input_ids", "attention_mask"])).toEqual(["input_ids", "attention_mask"]);
    expect(() => textInputs(["input_ids", "past_key_values.0.key"])).toThrow(
      /got input_ids, past_key.*without a cache/,
    );
    expect(() => textInputs(["pixel_values"])).toThrow(/expected input_ids/);
  });
});

describe("pooling", () => {
  const modulesOf = (...types: string[]) =>
    types.map((type, i) => ({ type: `sentence_transformers.models.${type}`, path: `${i}_${type}` }));
  const folder = (pooling: unknown, modules: unknown = null, more: Readonly<Record<string, unknown>> = {}) =>
    foldersPooling(placeOf({ "1_Pooling/config.json": pooling, "modules.json": modules ?? [], ...more }));

  test("is what the folder says", async () => {
    const plain = { layers: [], normalizes: false };
    expect(await foldersPooling(placeOf({}))).toEqual({ ...plain, pool: "mean", normalizes: true });
    const ways = { mean_tokens: "mean", max_tokens: "max", cls_token: "cls", lasttoken: "last" };
    for (const [name, pool] of Object.entries(ways)) {
      expect(await folder({ [`pooling_mode_${name}`]: true })).toEqual({ ...plain, pool });
    }
    expect(await folder({ pooling_mode: "cls" })).toEqual({ ...plain, pool: "cls" });
    const refused =
      /expected one of mean, .*, lasttoken, got weightedmean_tokens; export all of it .* say --pool yourself$/;
    await expect(folder({ pooling_mode_weightedmean_tokens: true })).rejects.toThrow(refused);
    const both = { pooling_mode_mean_tokens: true, pooling_mode_max_tokens: true };
    await expect(folder(both)).rejects.toThrow(/got mean_tokens and max_tokens/);
  });

  const MEAN = { pooling_mode_mean_tokens: true };
  const weights = { "linear.weight": [2, 3], "linear.bias": [2] };

  test("a Dense layer behind it is taken with its weights and its activation, and left out where somebody says how to pool", async () => {
    const modules = modulesOf("Transformer", "Pooling", "Dense", "Normalize");
    const dense = { "2_Dense/config.json": {}, "2_Dense/model.safetensors": safetensors(weights) };
    const layer = { inSize: 3, outSize: 2, weights: Float32Array.of(0, 1, 2, 3, 4, 5), bias: Float32Array.of(0, 1) };
    expect(await folder(MEAN, modules, dense)).toEqual({
      pool: "mean",
      layers: [{ ...layer, activation: "Tanh" }],
      normalizes: true,
    });
    const problems = new Problems();
    const texts = await textModel(placeOf({ "modules.json": modules, ...dense }), problems);
    problems.throwIfAny();
    expect(textTask(texts!, null, null)).toMatchObject({ pool: "mean", isFolders: true });
    expect(textTask(texts!, "mean", null)).toMatchObject({ pool: "mean", isFolders: false });
  });

  test("layers that are not done here, or whose files are not there or do not fit, are refused with what to do", async () => {
    const modules = modulesOf("Transformer", "Pooling", "Dense");
    await expect(folder(MEAN, modules)).rejects.toThrow(
      /2_Dense\/model.safetensors: there is no such file.*save_pretrained/,
    );
    const other = modulesOf("Transformer", "Pooling", "LayerNorm");
    await expect(folder(MEAN, other)).rejects.toThrow(
      /^modules.json: expected Transformer, .*got Transformer, Pooling, LayerNorm; /,
    );
    const late = modulesOf("Transformer", "Pooling", "Normalize", "Dense");
    await expect(folder(MEAN, late)).rejects.toThrow(/in this order, got Transformer, Pooling, Normalize, Dense/);
    const outside = [{ type: "sentence_transformers.models.Dense", path: "../2_Dense" }];
    await expect(folder(MEAN, outside)).rejects.toThrow(
      /expected the folder of a Dense module as its path, got "..\/2_Dense"/,
    );
    const wrong: [Readonly<Record<string, unknown>>, RegExp][] = [
      [
        { "2_Dense/config.json": { activation_function: "torch.nn.GELU" } },
        /activation_function: expected Identity, .*got torch.nn.GELU/,
      ],
      [
        { "2_Dense/model.safetensors": safetensors({ "linear.weight": [2, 3], "linear.bias": [3] }) },
        /expected 2 numbers in linear.bias, got 3/,
      ],
      [
        { "2_Dense/model.safetensors": safetensors({ other: [2] }) },
        /expected linear.weight, out_features x in_features, got none/,
      ],
      [
        { "2_Dense/model.safetensors": safetensors(weights, "F16") },
        /linear.weight: expected float32 \(F32\), got "F16"; save it in float32/,
      ],
      [{ "2_Dense/model.safetensors": Uint8Array.of(1, 2, 3) }, /expected a safetensors file/],
    ];
    for (const [changed, told] of wrong) {
      const dense = { "2_Dense/config.json": {}, "2_Dense/model.safetensors": safetensors(weights), ...changed };
      await expect(folder(MEAN, modules, dense)).rejects.toThrow(told);
    }
  });

  test("of a CLIP the half that reads texts is taken: pictures are not asked for", async () => {
    const place = placeOf({ "modules.json": null, "1_Pooling/config.json": null });
    const clip: HubPlace = {
      ...place,
      read: (name, bytesMax) => (/modules|Pooling/.test(name) ? Promise.resolve(null) : place.read(name, bytesMax)),
      model: async () => ({ ...(await place.model()), files: [{ name: "model.onnx", data: clipFolder().model }] }),
    };
    const problems = new Problems();
    const texts = await textModel(clip, problems);
    problems.throwIfAny();
    expect(texts!.inputs).toEqual(["input_ids", "attention_mask"]);
    expect(textTask(texts!, null, null)).toMatchObject({ output: "text_embeds", pool: "none", gives: "vectors" });
  });

  test("a vector gets the length 1, zeros stay", () => {
    expect([...unitVector([3, 4])]).toEqual([Math.fround(0.6), Math.fround(0.8)]);
    expect([...unitVector([0, 0])]).toEqual([0, 0]);
  });
});
