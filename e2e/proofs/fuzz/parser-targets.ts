/** Every parser that reads what strangers send or what people have at hand. */

import { readFileSync } from "node:fs";
import { encode as encodePng } from "fast-png";
import { zipSync } from "fflate";
import { parseShard } from "../../../client/compute/shard-frame.ts";
import { usableOutputs } from "../../../server/intake/prepare-model.ts";
import { queriesOfLines } from "../../../server/kinds/inference/web/posted-queries.ts";
import { ChainCheck, chainedLine, EMPTY_CHAIN } from "../../../server/operator/audit-chain.ts";
import { addressPrefix } from "../../../server/web/address-prefix.ts";
import { unpackFormat } from "../../../shared/compute/model-bundle.ts";
import { factsOfBundle } from "../../../shared/compute/model-facts.ts";
import { onnx } from "../../../shared/compute/runtimes/onnx/onnx.ts";
import { onnxFormat } from "../../../shared/compute/runtimes/onnx/onnx-format.ts";
import { packOnnx } from "../../../shared/compute/runtimes/onnx/pack-onnx.ts";
import { packTfjs } from "../../../shared/compute/runtimes/tfjs/pack-tfjs.ts";
import { tfjsFormat } from "../../../shared/compute/runtimes/tfjs/tfjs-format.ts";
import { readJpeg } from "../../../shared/inputs/jpeg/read-jpeg.ts";
import { arrayOfNpz } from "../../../shared/inputs/npz.ts";
import { readPng } from "../../../shared/inputs/png.ts";
import { tableOf } from "../../../shared/inputs/table.ts";
import { decodeFrame, encodeFrame } from "../../../shared/protocol/frame.ts";
import { encodeNpy, parseNpy } from "../../../shared/protocol/npy.ts";
import type { FuzzTarget } from "./fuzz-target.ts";
import { graphModelSeed, layersModelSeed, type ModelFilesSeed } from "./graph-seed.ts";
import { onnxSeed } from "./onnx-seed.ts";

const text = (bytes: Uint8Array) => Buffer.from(bytes).toString("utf8");
const npy = encodeNpy({ dtype: "F32", shape: [3, 4], data: Float32Array.from({ length: 12 }, (_, i) => i) });
const bytesNpy = encodeNpy({ dtype: "U8", shape: [7], data: new Uint8Array(7) });
/** The same bytes as an array in another order. */
const orderedNpy = Buffer.from(
  Buffer.from(npy).toString("latin1").replace("<f4", ">f4").replace("False", "True "),
  "latin1",
);
const frame = encodeFrame({
  outputs: { dtype: "F32", shape: [2, 3], data: Float32Array.of(1, 2, 3, 4, 5, 6) },
  marks: { dtype: "U8", shape: [5], data: new Uint8Array(5) },
});
const matrix = { dtype: "U32", shape: [2, 2], data: Uint32Array.of(1, 2, 3, 4) } as const;
const shard = encodeFrame({ forward: matrix, backward: matrix });
const auditLine = Buffer.from(chainedLine(EMPTY_CHAIN, 1_700_000_000_000, "started", { faults: false }).line);

const jpegVectors = new URL("../../../shared/inputs/vectors/jpeg.json", import.meta.url);
const jpegSeeds = Object.values(JSON.parse(readFileSync(jpegVectors, "utf8")) as Record<string, { jpeg: string }>).map(
  ({ jpeg }) => Buffer.from(jpeg, "base64"),
);
const JPEG_PIXELS_MAX = 2 ** 16;

export function parserTargets(): FuzzTarget[] {
  return [
    { name: "tensor frame", seeds: [frame], errors: ["FrameError"], run: (input) => void decodeFrame(input) },
    { name: "shard", seeds: [shard], errors: ["FrameError", "FieldError"], run: (input) => void parseShard(input) },
    { name: "npy", seeds: [npy, bytesNpy, orderedNpy], errors: ["NpyError"], run: (input) => void parseNpy(input) },
    {
      name: "npz",
      seeds: [zipSync({ "x.npy": npy }), zipSync({ "a.npy": bytesNpy, "x.npy": npy }, { level: 0 })],
      errors: ["InputError"],
      run: (input) => void arrayOfNpz(input, "x", "rows.npz"),
    },
    {
      name: "csv",
      seeds: [Buffer.from("a,b,label\n1,2.5,0\n3,4e2,1\n"), Buffer.from('"x";"y"\r\n1;2\r\n')],
      errors: ["InputError"],
      run: (input) => void tableOf(text(input), "rows.csv", null),
    },
    {
      name: "png",
      seeds: [encodePng({ width: 4, height: 3, channels: 3, depth: 8, data: new Uint8Array(36).fill(7) })],
      errors: ["InputError"],
      run: (input) => void readPng(input, "picture.png"),
    },
    {
      name: "jpeg",
      seeds: jpegSeeds,
      errors: ["Error"],
      run: (input) => void readJpeg(input, JPEG_PIXELS_MAX),
    },
    modelTarget("model.json (layers)", layersModelSeed()),
    modelTarget("model.json (graph)", graphModelSeed()),
    {
      name: "onnx",
      seeds: [onnxSeed()],
      errors: ["ModelError"],
      run: (input) => void usableOutputs(onnxFormat, packOnnx(input)),
    },
    {
      name: "model bundle",
      seeds: [
        ...[layersModelSeed(), graphModelSeed()].map(({ modelJson, weightFiles }) => packTfjs(modelJson, weightFiles)),
        packOnnx(onnxSeed()),
      ],
      errors: ["ModelError"],
      run: lookThrough,
    },
    {
      name: "a query a line",
      seeds: [Buffer.from("[1,2.5,3]\n[[4,5],[6,7]]\n"), Buffer.from("[0]\r\n\r\n[1e3]")],
      errors: ["ApiFailure"],
      run: (input) => void queriesOfLines(text(input)),
    },
    {
      name: "audit log line",
      seeds: [auditLine],
      errors: [],
      run: (input) => void new ChainCheck().add(text(input).replaceAll("\n", " ")),
    },
    {
      name: "X-Forwarded-For",
      seeds: ["203.0.113.9", "2001:db8::1", "10.0.0.1, ::ffff:192.0.2.1"].map((header) => Buffer.from(header)),
      errors: [],
      run: (input) => void addressPrefix(text(input)),
    },
  ];
}

/** An upload: what it says of itself is spoilt, its weights are as they were. */
function modelTarget(name: string, { modelJson, weightFiles }: ModelFilesSeed): FuzzTarget {
  return {
    name,
    seeds: [modelJson],
    errors: ["ModelError"],
    run: (input) => void usableOutputs(tfjsFormat, packTfjs(input, weightFiles)),
  };
}

/** @throws ModelError where no format reads the bundle, or its own refuses it */
function lookThrough(bundle: Uint8Array): void {
  const isOnnx = onnx.formats.includes(unpackFormat(bundle));
  factsOfBundle(isOnnx ? onnxFormat : tfjsFormat, bundle);
}
