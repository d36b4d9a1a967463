/** Photographs and a model's folder from the Hub through a real coordinator, beside a straight script on the same files. */
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { zipSync } from "fflate";
import * as ort from "onnxruntime-web/wasm";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { EXIT } from "../../../server/cli/exit-codes.ts";
import { resample } from "../../../shared/hub/resample.ts";
import { SDK_WATCH_MS } from "../../../shared/protocol/limits.ts";
import { parseNpy } from "../../../shared/protocol/npy.ts";
import { type CoordinatorInProcess, coordinatorInProcess } from "../../coordinators/coordinator-in-process.ts";
import { expectSameElsewhere, jobsIn } from "./elsewhere.ts";
import { type CliWorld, cli } from "./fake-terminal.ts";

const MODEL = fileURLToPath(new URL("../../models/small-resnet/model.onnx", import.meta.url));
const LABELS = "plane car bird cat deer dog frog horse ship truck".split(" ");
const COUNT = 24;
const EDGE = 32;
const PROCESSOR = {
  crop_pct: 0.875,
  do_normalize: true,
  do_resize: true,
  feature_extractor_type: "ConvNextFeatureExtractor",
  image_mean: [0.485, 0.456, 0.406],
  image_std: [0.229, 0.224, 0.225],
  resample: 3,
  size: EDGE,
};
const CODE = ["--queries-per-group", "2", "--stragglers", "1"];

let coordinator: CoordinatorInProcess;
let folder: string;
const photos: { name: string; bytes: Buffer }[] = [];
const path = (name: string) => join(folder, name);

beforeAll(async () => {
  coordinator = await coordinatorInProcess();
  await coordinator.openTabs(4);
  folder = mkdtempSync(join(tmpdir(), "paritab-hub-"));
  mkdirSync(path("resnet/onnx"), { recursive: true });
  copyFileSync(MODEL, path("resnet/onnx/model.onnx"));
  writeFileSync(path("resnet/preprocessor_config.json"), JSON.stringify(PROCESSOR));
  writeFileSync(path("resnet/config.json"), JSON.stringify({ id2label: { ...LABELS } }));
  mkdirSync(path("photos/more"), { recursive: true });
  for (let i = 0; i < COUNT; i++) {
    const format = (["jpeg", "png", "webp"] as const)[i % 3]!;
    const bytes = await photograph(i).toFormat(format).toBuffer();
    const name = `${i % 4 === 0 ? "more/" : ""}${i}.${format === "jpeg" ? "jpg" : format}`;
    photos.push({ name, bytes });
    writeFileSync(path(`photos/${name}`), bytes);
  }
  writeFileSync(path("photos.zip"), zipSync(Object.fromEntries(photos.map(({ name, bytes }) => [name, bytes]))));
});
afterAll(async () => {
  await coordinator.close();
  rmSync(folder, { recursive: true, force: true });
});

/** A sky, a ground and things between, of a size of its own. */
function photograph(seed: number): ReturnType<typeof sharp> {
  const [width, height] = [60 + ((seed * 37) % 90), 50 + ((seed * 53) % 70)];
  const shapes = Array.from({ length: 6 }, (_, i) => {
    const at = (k: number, most: number) => (((seed + 3) * (i + 5) * (k + 7) * 2654435761) % 4294967296) % most;
    const colour = `rgb(${at(1, 256)},${at(2, 256)},${at(3, 256)})`;
    return `<circle cx="${at(4, width)}" cy="${at(5, height)}" r="${5 + at(6, 25)}" fill="${colour}"/>`;
  });
  const sky = `<rect width="${width}" height="${height}" fill="rgb(90,${120 + seed * 4},230)"/>`;
  return sharp(Buffer.from(`<svg width="${width}" height="${height}">${sky}${shapes.join("")}</svg>`));
}

function directly(): Promise<ort.InferenceSession> {
  ort.env.wasm.numThreads = 1;
  return ort.InferenceSession.create(readFileSync(MODEL));
}

/** What one would write oneself: decode, resize, crop, normalise in floats, onnxruntime, softmax. */
async function straight(bytes: Buffer, session: ort.InferenceSession): Promise<{ logits: number[]; scores: number[] }> {
  const { data, info } = await sharp(bytes).removeAlpha().raw().toBuffer({ resolveWithObject: true });
  const short = Math.trunc(EDGE / PROCESSOR.crop_pct);
  const [width, height] =
    info.width <= info.height
      ? [short, Math.trunc((short * info.height) / info.width)]
      : [Math.trunc((short * info.width) / info.height), short];
  const small = resample({ width: info.width, height: info.height, channels: 3, data }, width, height, "bicubic");
  const [left, top] = [Math.floor((width - EDGE) / 2), Math.floor((height - EDGE) / 2)];
  const values = new Float32Array(3 * EDGE * EDGE);
  for (let c = 0; c < 3; c++) {
    for (let y = 0; y < EDGE; y++) {
      for (let x = 0; x < EDGE; x++) {
        const byte = small.data[((top + y) * width + left + x) * 3 + c]!;
        values[(c * EDGE + y) * EDGE + x] = (byte / 255 - PROCESSOR.image_mean[c]!) / PROCESSOR.image_std[c]!;
      }
    }
  }
  const output = await session.run({ [session.inputNames[0]!]: new ort.Tensor("float32", values, [1, 3, EDGE, EDGE]) });
  const logits = [...(output.logits!.data as Float32Array)];
  const powers = logits.map(Math.exp);
  const sum = powers.reduce((all, power) => all + power, 0);
  return { logits, scores: powers.map((power) => power / sum) };
}

const paritab = (argv: string[], world: CliWorld = {}) =>
  cli(argv, { ...world, environment: { PARITAB_URL: coordinator.url, XDG_CONFIG_HOME: folder } });
const submit = (argv: string[]) => paritab(["submit", "--model", path("resnet"), ...argv, ...CODE]);

test("labels and scores are those of a straight script", async () => {
  const session = await directly();
  const { code, said, out } = await submit(["--images", path("photos"), "--out", path("labels.jsonl")]);
  expect(said).toMatch(/^24 pictures, each 32 x 32 x 3 bytes: 0.1 MB of at most 537 MB in one job$/m);
  expect([code, out]).toEqual([EXIT.ok, ""]);
  const lines = readFileSync(path("labels.jsonl"), "utf8").trim().split("\n");
  const answers: { file: string; label: string; mark: string; top: { label: string; score: number }[] }[] = lines.map(
    (line) => JSON.parse(line),
  );
  expect(answers.map(({ file }) => file).sort()).toEqual(photos.map(({ name }) => name).sort());
  const seen = new Set<string>();
  for (const { file, label, mark, top } of answers) {
    const { scores } = await straight(photos.find(({ name }) => name === file)!.bytes, session);
    const places = scores.map((_, place) => place).sort((a, b) => scores[b]! - scores[a]!);
    expect([file, label]).toEqual([file, LABELS[places[0]!]]);
    expect(top.map((one) => one.label)).toEqual(places.slice(0, 5).map((place) => LABELS[place]));
    for (const [i, { score }] of top.entries()) expect(score).toBeCloseTo(scores[places[i]!]!, 4);
    expect(["exact", "audited"]).toContain(mark);
    seen.add(label);
  }
  expect(seen.size).toBeGreaterThan(1);
});

test("an estimate of photographs says what they take here and with the crowd, and sends and reads none of them", async () => {
  const before = (await coordinator.client.jobs()).length;
  writeFileSync(path("photos/broken.jpg"), "no picture");
  const argv = ["estimate", "inference", "--model", path("resnet"), "--images", path("photos"), ...CODE];
  const { code, out } = await paritab([...argv, "--json"]);
  rmSync(path("photos/broken.jpg"));
  expect([code, JSON.parse(out)]).toEqual([
    EXIT.ok,
    expect.objectContaining({
      queryCount: COUNT + 1,
      comparison: expect.objectContaining({ words: expect.stringMatching(/^Alone .*, with the crowd /) }),
    }),
  ]);
  expect((await coordinator.client.jobs()).length).toBe(before);
  const both = await paritab([...argv, "--texts", path("photos")]);
  expect([both.code, both.said]).toEqual([EXIT.usage, expect.stringContaining("--images: expected no --texts")]);
  expect((await paritab([...argv, "--truncate"])).code).toBe(EXIT.usage);
});

test("a zip gives the same as CSV on standard output, and the model's own numbers as an array", async () => {
  const session = await directly();
  const zipped = await submit(["--images", path("photos.zip"), "--top", "2"]);
  const [head, ...rows] = zipped.out.trim().split("\n");
  expect(head).toBe("file,label,score,mark,final,bound,label_2,score_2");
  expect(rows.map((row) => row.split(",")[0])).toEqual(photos.map(({ name }) => name));
  const { code } = await submit(["--images", path("photos.zip"), "--out", path("logits.npy")]);
  expect(code).toBe(EXIT.ok);
  const { shape, data } = parseNpy(readFileSync(path("logits.npy")));
  expect(shape).toEqual([COUNT, LABELS.length]);
  const { logits } = await straight(photos[7]!.bytes, session);
  for (const [c, value] of logits.entries()) expect(Number(data[7 * LABELS.length + c])).toBeCloseTo(value, 3);
});

test("a file has the answers as they are at the end, all final; what is no picture by its name is told", async () => {
  writeFileSync(path("photos/holiday.mov"), "of a telephone");
  const { code, said } = await submit(["--images", path("photos"), "--out", path("final.csv")]);
  rmSync(path("photos/holiday.mov"));
  expect([code, said]).toEqual([EXIT.ok, expect.stringMatching(/\.webp: 1 \(holiday\.mov\)$/m)]);
  const [head, ...rows] = readFileSync(path("final.csv"), "utf8").trim().split("\n");
  const place = head!.split(",").indexOf("final");
  expect(rows.map((row) => row.split(",")[place])).toEqual(new Array(COUNT).fill("true"));
});

test.each(["csv", "jsonl", "npy"])("another machine writes the same .%s, byte for byte", async (ending) => {
  const out = path(`here.${ending}`);
  const { code, said } = await submit(["--images", path("photos.zip"), "--out", out, "--top", "3"]);
  expect(code, said).toBe(EXIT.ok);
  await expectSameElsewhere(coordinator.url, said, out);
});

test("names of files that a spreadsheet would run are defused there as here, and what steers a terminal is not printed", async () => {
  const hostile = ["=HYPERLINK(1).jpg", "-2+3.jpg", "\u001b]0;PWNED\u0007.jpg", "<script>alert(1)<.jpg", 'a,"b".jpg'];
  mkdirSync(path("hostile"));
  for (const name of hostile) writeFileSync(path(`hostile/${name}`), photos[0]!.bytes);
  const { code, said } = await submit(["--images", path("hostile"), "--out", path("hostile.csv")]);
  expect(code, said).toBe(EXIT.ok);
  await expectSameElsewhere(coordinator.url, said, path("hostile.csv"));
  expect(readFileSync(path("hostile.csv"), "utf8")).toMatch(/^'=HYPERLINK/m);
  await submit(["--images", path("hostile"), "--out", path("raw.csv"), "--raw-cells"]);
  expect(readFileSync(path("raw.csv"), "utf8")).toMatch(/^=HYPERLINK/m);
  const [jobId] = jobsIn(said);
  const shown = await paritab(["results", jobId!], { showsOutput: true });
  expect(shown.out).toMatch(/^'=HYPERLINK/m);
  expect(shown.out).not.toContain("\u001b");
});

test("a log says once what a job waits for, where it lacks tabs", async () => {
  const ended = new AbortController();
  const asked = [
    "submit",
    "--model",
    path("resnet"),
    "--images",
    path("photos"),
    "--scheme",
    // Five votes on each row: of other schemes a tab may have a second member of a group, and none of their jobs waits.
    "replication",
    "--liars",
    "2",
  ];
  const { code, said } = await paritab(asked, {
    signal: ended.signal,
    onSay(line) {
      if (line.includes("waiting for tabs")) setTimeout(() => ended.abort(), 3 * SDK_WATCH_MS);
    },
  });
  expect(code).toBe(EXIT.interrupted);
  expect(
    said.match(/: waiting for tabs: replication needs \d+ different volunteers, 4 are ready; with .*, 1 is enough$/gm),
  ).toHaveLength(1);
});

test("a place where no answers can be written is refused before a picture is read", async () => {
  const { code, said } = await submit(["--images", path("photos"), "--out", path("nowhere/labels.csv")]);
  expect([code, said]).toEqual([EXIT.input, expect.stringMatching(/there is no folder ".*nowhere"; make it first/)]);
  expect(said).not.toMatch(/pictures, each/);
});

test("pictures in folders of labels say how often the model is right", async () => {
  for (const [i, label] of ["plane", "ship", "dog", "frog"].entries()) {
    mkdirSync(path(`classes/${label}`), { recursive: true });
    writeFileSync(path(`classes/${label}/a.jpg`), photos[i * 3]!.bytes);
  }
  const { said } = await submit(["--images", path("classes")]);
  expect(said).toMatch(/accuracy \d\.\d{3} of the answers/);
});

test("all that is wrong is said at once, before anything is sent", async () => {
  mkdirSync(path("bare"));
  writeFileSync(path("bare/model.safetensors"), "");
  writeFileSync(path("bare/preprocessor_config.json"), JSON.stringify({ image_processor_type: "SamImageProcessor" }));
  mkdirSync(path("empty"));
  const { code, said } = await paritab(["submit", "--model", path("bare"), "--images", path("empty")]);
  expect(code).toBe(EXIT.input);
  expect(said).toMatch(/paritab: 3 problems:/);
  expect(said).toMatch(
    /bare: expected model.onnx or onnx\/model.onnx, got model.safetensors; `optimum-cli export onnx/,
  );
  expect(said).toMatch(/image_processor_type: expected one of ViT.* got "SamImageProcessor"/);
  expect(said).toMatch(/empty: expected 1 to \d+ JPEG, PNG or WebP pictures/);
});

describe("pictures that cannot be read", () => {
  const heic = Buffer.concat([Buffer.from([0, 0, 0, 24]), Buffer.from("ftypheic"), Buffer.alloc(100)]);
  const tiff = Buffer.concat([Buffer.from([0x49, 0x49, 0x2a, 0]), Buffer.alloc(100)]);
  beforeAll(() => {
    mkdirSync(path("broken"));
    writeFileSync(path("broken/a.jpg"), photos[0]!.bytes.subarray(0, 400));
    writeFileSync(path("broken/b.jpg"), photos[3]!.bytes);
    writeFileSync(path("broken/c.png"), "hello");
    writeFileSync(path("broken/d.jpg"), "");
    // What a telephone writes, by its own name and by another; and a JPEG that is called one.
    writeFileSync(path("broken/e 1.heic"), heic);
    writeFileSync(path("broken/f.jpg"), heic);
    writeFileSync(path("broken/g.heic"), photos[6]!.bytes);
    writeFileSync(path("broken/h.tif"), tiff);
  });

  test("are all named, with what turns those of another format, and how one goes on without them", async () => {
    const before = (await coordinator.client.jobs()).length;
    const { code, said } = await submit(["--images", path("broken"), "--out", path("none.csv")]);
    expect(code).toBe(EXIT.input);
    expect(said).toMatch(
      /6 problems:\n\(1\) .*a.jpg: expected a whole picture.*\n\(2\) .*c.png: expected a JPEG.*other bytes/,
    );
    expect(said).toMatch(/d.jpg: expected a JPEG, PNG or WebP picture, got an empty file$/m);
    expect(said).toMatch(/e 1.heic: .*, got HEIC; turn it: heif-convert 'e 1.heic' 'e 1.png'$/m);
    expect(said).toMatch(/f.jpg: .*, got HEIC; turn it: heif-convert f.jpg f.png$/m);
    expect(said).toMatch(/h.tif: .*, got TIFF; turn it: magick 'h.tif\[0\]' h.png$/m);
    expect(said).toMatch(/^--skip-broken goes on without them$/m);
    expect(said).not.toMatch(/g.heic/);
    expect(existsSync(path("none.csv"))).toBe(false);
    expect(await coordinator.client.jobs()).toHaveLength(before);
  });

  test("are left out with --skip-broken, and listed with their reasons: here, and wherever results are written", async () => {
    const out = path("skipped/labels.csv");
    mkdirSync(path("skipped"));
    const { code, said } = await submit(["--images", path("broken"), "--out", out, "--skip-broken"]);
    expect(code, said).toBe(EXIT.ok);
    expect(said).toMatch(/^skipped 6 files that cannot be read:\n {2}a.jpg: expected a whole picture/m);
    const rows = readFileSync(out, "utf8").trim().split("\n").slice(1);
    expect(rows.map((row) => row.split(",")[0])).toEqual(["b.jpg", "g.heic"]);
    const alone = await submit(["--images", path("photos"), "--out", path("all.csv")]);
    expect(alone.code).toBe(EXIT.ok);
    // The rows that are left are theirs: label and score as in a job of whole pictures alone.
    const whole = readFileSync(path("all.csv"), "utf8").split("\n");
    for (const [row, { name }] of [photos[3]!, photos[6]!].entries()) {
      const [, label, score] = whole.find((line) => line.startsWith(`${name},`))!.split(",");
      expect(rows[row]!.split(",").slice(1, 2)).toEqual([label]);
      expect(Number(rows[row]!.split(",")[2])).toBeCloseTo(Number(score), 4);
    }
    const list = readFileSync(path("skipped/labels.skipped.csv"), "utf8");
    expect(list.split("\n").map((line) => line.split(",")[0])).toEqual([
      "file",
      "a.jpg",
      "c.png",
      "d.jpg",
      "e 1.heic",
      "f.jpg",
      "h.tif",
      "",
    ]);
    expect(list).toMatch(/e 1.heic,"e 1.heic: expected a JPEG, PNG or WebP picture, got HEIC; turn it/);
    await expectSameElsewhere(coordinator.url, said, out);
    rmSync(path("skipped/labels.skipped.csv"));
    const { code: again } = await paritab(["results", jobsIn(said)[0]!, "--out", out]);
    expect([again, readFileSync(path("skipped/labels.skipped.csv"), "utf8")]).toEqual([EXIT.ok, list]);
  });

  test("of a set of which none can be read there is nothing to go on with", async () => {
    mkdirSync(path("hopeless"));
    writeFileSync(path("hopeless/a.jpg"), "");
    const { code, said } = await submit(["--images", path("hopeless"), "--skip-broken"]);
    expect([code, said]).toEqual([EXIT.input, expect.stringMatching(/a.jpg: .*an empty file/)]);
    expect(said).not.toMatch(/--skip-broken goes on/);
  });
});

test("a model whose size is another, or that gives something else than labels, is refused", async () => {
  mkdirSync(path("other"));
  copyFileSync(MODEL, path("other/model.onnx"));
  writeFileSync(path("other/preprocessor_config.json"), JSON.stringify({ ...PROCESSOR, size: 64 }));
  writeFileSync(path("other/config.json"), JSON.stringify({ id2label: { 0: "no", 1: "yes" } }));
  const sized = await paritab(["submit", "--model", path("other"), "--images", path("photos")]);
  expect(sized.said).toMatch(/expected 64 x 64 pixels, as preprocessor_config.json says, got free x 3 x 32 x 32/);
  writeFileSync(path("other/preprocessor_config.json"), JSON.stringify(PROCESSOR));
  const named = await paritab(["submit", "--model", path("other"), "--images", path("photos"), ...CODE]);
  expect(named.said).toMatch(/id2label: expected 10 names, one for each number that the model gives, got 2/);
});
