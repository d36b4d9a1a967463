/** A Hugging Face folder and the files on one's disk, dropped on the dashboard: answers with names, as the command line gives them. */
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Page } from "@playwright/test";
import { unzipSync } from "fflate";
import * as ort from "onnxruntime-web/wasm";
import sharp, { type Sharp } from "sharp";
import { hubPictures, pictureRows } from "../../server/cli/inputs/hub-pictures.ts";
import { hubPlace } from "../../server/hub/hub-folder.ts";
import { hubCorpus } from "../../shared/hub/corpus.ts";
import { detrFolder, segformerFolder, type VisionFolder } from "../../shared/hub/testing/vision-folders.ts";
import { arrayNames } from "../../shared/inputs/npz.ts";
import { readPng } from "../../shared/inputs/png.ts";
import { parseNpy } from "../../shared/protocol/npy.ts";
import { type CoordinatorUnderTest, ended, expect, test } from "./fixtures.ts";
import { seriousProblems, sidewaysPx } from "./page-manners.ts";
import { walkClock } from "./walk-clock.ts";

const MODELS = fileURLToPath(new URL("../models", import.meta.url));
const LABELS = "plane car bird cat deer dog frog horse ship truck".split(" ");
const PROCESSOR = {
  crop_pct: 0.875,
  feature_extractor_type: "ConvNextFeatureExtractor",
  image_mean: [0.485, 0.456, 0.406],
  image_std: [0.229, 0.224, 0.225],
  resample: 3,
  size: 32,
};
/** As many as there are kinds of them. */
const COUNT = 8;

/** A model's folder, and photographs of several sizes and kinds beside it. */
async function folderOfPictures(root: string): Promise<string> {
  const folder = join(root, "birds");
  mkdirSync(join(folder, "resnet/onnx"), { recursive: true });
  mkdirSync(join(folder, "photos"));
  copyFileSync(join(MODELS, "small-resnet/model.onnx"), join(folder, "resnet/onnx/model.onnx"));
  writeFileSync(join(folder, "resnet/preprocessor_config.json"), JSON.stringify(PROCESSOR));
  writeFileSync(join(folder, "resnet/config.json"), JSON.stringify({ id2label: { ...LABELS } }));
  for (let i = 0; i < COUNT; i++) {
    const [width, height] = [60 + 17 * i, 90 - 5 * i];
    const svg = `<svg width="${width}" height="${height}"><rect width="100%" height="100%" fill="rgb(90,${100 + 15 * i},230)"/>
      <circle cx="${10 + 6 * i}" cy="${40 - 3 * i}" r="${9 + 3 * i}" fill="rgb(${30 * i},80,${240 - 25 * i})"/></svg>`;
    const kind = KINDS[i]!;
    const bytes = kind.write === null ? INKS : await kind.write(sharp(Buffer.from(svg)).removeAlpha()).toBuffer();
    writeFileSync(join(folder, `photos/${i}.${kind.ending}`), bytes);
  }
  return folder;
}

/** Of printing, in four inks. */
const INKS = Buffer.from(
  JSON.parse(readFileSync(new URL("../../shared/inputs/vectors/jpeg.json", import.meta.url), "utf8"))[
    "inks, progressive"
  ].jpeg,
  "base64",
);
/** Of each picture in turn; null: there are inks in it, which sharp does not write so. */
const KINDS: readonly { ending: string; write: ((picture: Sharp) => Sharp) | null }[] = [
  { ending: "jpg", write: (picture) => picture.jpeg() },
  { ending: "png", write: (picture) => picture.png() },
  { ending: "webp", write: (picture) => picture.webp() },
  { ending: "jpg", write: (picture) => picture.jpeg({ progressive: true, quality: 95, chromaSubsampling: "4:4:4" }) },
  { ending: "png", write: (picture) => picture.png({ palette: true, colours: 16, progressive: true }) },
  { ending: "jpg", write: (picture) => picture.withMetadata({ orientation: 6 }).jpeg({ quality: 40 }) },
  { ending: "jpg", write: null },
  { ending: "jpg", write: (picture) => picture.greyscale().jpeg() },
];

async function newJob(page: Page, url: string): Promise<void> {
  await page.goto(`${url}/dashboard#new`);
  await page.getByLabel("My own model and queries").check();
}

test("a folder with a model and photographs becomes labels in four actions", async ({
  page,
  browser,
  coordinator,
  openTabs,
}, info) => {
  const { client, url } = coordinator;
  const folder = await folderOfPictures(info.outputDir);
  await openTabs({ tabs: 4 });
  await newJob(page, url); // two: the page, and whose model it is
  await page.getByLabel("or a folder").setInputFiles(folder);
  const taken = page.getByTestId("hub");
  await expect(taken).toContainText("a vision model with names for 10 labels. 8 pictures, resized, cropped and scaled");
  await expect(page.getByTestId("preview").getByRole("img")).toHaveCount(COUNT);
  // A try names what it sees, as the job will.
  const tried = page.getByTestId("dry-run");
  await tried.getByRole("button").click();
  await expect(tried.getByRole("row").nth(1).locator(".answer-label")).toHaveText(
    new RegExp(`^(${LABELS.join("|")})$`),
  );
  await expect(tried.getByRole("row").nth(1)).toContainText(
    /(plane|car|bird|cat|deer|dog|frog|horse|ship|truck): [\d.]+ %/,
  );
  await page.getByRole("button", { name: "Submit", exact: true }).click();
  await expect(page.getByText("Submitted: resnet.")).toBeVisible({ timeout: 30_000 });
  const { jobId } = (await client.jobs())[0]!;
  await ended(client, jobId);

  // What the model saw is what the command line would have sent; WebP is decoded by the browser.
  const wanted = await hubPictures(join(folder, "resnet"), join(folder, "photos"));
  const { queries: direct } = await pictureRows(wanted, { skipsBroken: false, onPicture() {} });
  const indices = Array.from({ length: COUNT }, (_, i) => i);
  const seen = await client.queries(jobId, indices);
  expect(seen.shape).toEqual(direct.shape);
  const each = direct.data.length / COUNT;
  for (const i of indices) {
    const differences = Array.from({ length: each }, (_, p) =>
      Math.abs(Number(seen.data[i * each + p]) - direct.data[i * each + p]!),
    );
    expect(Math.max(...differences), `picture ${i}`).toBeLessThanOrEqual(KINDS[i]!.ending === "webp" ? 2 : 0);
  }

  const gallery = page.getByRole("list", { name: "Pictures with their answers" });
  await expect(gallery.getByRole("img")).toHaveCount(COUNT);
  const { answers } = await client.answers(jobId, { limit: COUNT });
  for (const { index, label } of answers) {
    const card = gallery.locator("> li").nth(index);
    await expect(card).toContainText(`${index}.${KINDS[index]!.ending}`);
    await expect(card.locator("ol > li")).toHaveCount(5);
    await expect(card.locator("ol > li").first()).toContainText(LABELS[label!]!);
  }
  // Each answer stands there once, with who gave it.
  await expect(page.getByRole("region", { name: "Answers" }).getByRole("table")).toHaveCount(0);
  await expect(gallery.locator("> li").first()).toContainText(/by \S+/);
  // Still there after a reload, and in any browser: names stay with the job.
  await page.reload();
  await expect(gallery.getByRole("img")).toHaveCount(COUNT);
  const elsewhere = await (await browser.newContext()).newPage();
  await elsewhere.goto(`${url}/dashboard#jobs/${jobId}`);
  const cards = elsewhere.getByRole("list", { name: "Pictures with their answers" }).locator("> li");
  await expect(cards).toHaveCount(COUNT);
  await expect(cards.first()).toContainText(`0.${KINDS[0]!.ending}`);
  await expect(cards.first().locator("ol > li").first()).toContainText(LABELS[answers[0]!.label!]!);
  await elsewhere.goto(`${url}/dashboard#jobs/${jobId}/asked`);
  await expect(elsewhere.getByRole("region", { name: "Command line" })).toContainText(
    /paritab submit \\\s+--model resnet \\\s+--images birds\/photos/,
  );
  await elsewhere.context().close();
  const saving = page.waitForEvent("download");
  await page.getByRole("button", { name: "Answers with names as .csv" }).click();
  const lines = readFileSync(await (await saving).path(), "utf8")
    .trim()
    .split("\n");
  expect(lines[0]).toMatch(/^file,label,score,mark/);
  expect(lines.slice(1).map((line) => line.split(",").slice(0, 2))).toEqual(
    answers.map(({ index, label }) => [`birds/photos/${index}.${KINDS[index]!.ending}`, LABELS[label!]!]),
  );
});

/** A picture of each form, in one colour with a patch of another. */
async function picturesOf(folder: string, sizes: readonly (readonly [width: number, height: number])[]): Promise<void> {
  mkdirSync(folder, { recursive: true });
  for (const [i, [width, height]] of sizes.entries()) {
    const of = (at: number) => ({ r: 40 + 50 * at, g: 200 - 45 * at, b: (at * 90) % 256 });
    const create = (at: number, side?: number) =>
      sharp({ create: { width: side ?? width, height: side ?? height, channels: 3, background: of(at) } });
    const patch = await create(3 - i, 20)
      .png()
      .toBuffer();
    await create(i)
      .composite([{ input: patch, left: 5, top: 9 }])
      .jpeg()
      .toFile(join(folder, `${i}.jpg`));
  }
}

function writeFolder(folder: string, { model, config, preprocessor }: VisionFolder): void {
  mkdirSync(join(folder, "onnx"), { recursive: true });
  writeFileSync(join(folder, "onnx/model.onnx"), model);
  writeFileSync(join(folder, "config.json"), JSON.stringify(config));
  writeFileSync(join(folder, "preprocessor_config.json"), JSON.stringify(preprocessor));
}

const FORMS = [
  [90, 60],
  [50, 100],
  [64, 64],
  [120, 40],
] as const;

/** Drops the folder, which has a model's of this name and gets pictures, and submits. @returns the pictures on the job's page once all are answered */
async function answeredPictures(page: Page, { client, url }: CoordinatorUnderTest, folder: string, name: string) {
  await picturesOf(join(folder, "photos"), FORMS);
  await newJob(page, url);
  await page.getByLabel("or a folder").setInputFiles(folder);
  await expect(page.getByTestId("hub")).toContainText("4 pictures, resized, cropped and scaled");
  await page.getByRole("button", { name: "Submit", exact: true }).click();
  await expect(page.getByText(`Submitted: ${name}.`)).toBeVisible({ timeout: 30_000 });
  await ended(client, (await client.jobs())[0]!.jobId);
  return page.getByRole("list", { name: "Pictures with their answers" }).locator("> li");
}

test("things that a detector finds are drawn over each picture in its own shape, and saved as boxes", async ({
  page,
  coordinator,
  openTabs,
}, info) => {
  await openTabs({ tabs: 4 });
  const folder = join(info.outputDir, "street");
  writeFolder(join(folder, "detr"), detrFolder());
  const cards = await answeredPictures(page, coordinator, folder, "detr");
  await expect(cards).toHaveCount(FORMS.length);
  let boxes = 0;
  for (const [i, [width, height]] of FORMS.entries()) {
    const card = cards.nth(i);
    await expect(card.locator(".tag")).toHaveText(/audited|exact/);
    const drawn = (await card.locator(".gallery-picture").boundingBox())!;
    expect(drawn.width / drawn.height).toBeCloseTo(width / height, 1);
    const own = await card.locator("svg .box-line").count();
    expect(own).toBe(await card.locator("ol > li").count());
    boxes += own;
  }
  expect(boxes).toBeGreaterThan(0);
  await expect(page.getByRole("region", { name: "Answers" }).getByRole("table")).toHaveCount(0);
  for (const [colorScheme, width] of [
    ["light", 390],
    ["dark", 1280],
  ] as const) {
    await page.emulateMedia({ colorScheme });
    await page.setViewportSize({ width, height: 900 });
    expect(await seriousProblems(page)).toEqual([]);
    expect(await sidewaysPx(page)).toBeLessThanOrEqual(0);
  }
  const saving = page.waitForEvent("download");
  await page.getByRole("button", { name: "Answers with names as .csv" }).click();
  const lines = readFileSync(await (await saving).path(), "utf8")
    .trim()
    .split("\n");
  expect(lines[0]).toBe("file,label,score,left,top,right,bottom,mark,final,bound");
  expect(lines.slice(1).filter((line) => !line.includes(",,,,"))).toHaveLength(boxes);
  const saved = page.waitForEvent("download");
  await page.getByRole("button", { name: "Answers with names as .npz" }).click();
  const npz = new Uint8Array(readFileSync(await (await saved).path()));
  expect(arrayNames(npz, "answers.npz")).toEqual(["logits", "pred_boxes"]);
});

test("masks lie over the pictures, and are saved as pictures of their size", async ({
  page,
  coordinator,
  openTabs,
}, info) => {
  await openTabs({ tabs: 4 });
  const folder = join(info.outputDir, "rooms");
  writeFolder(join(folder, "segformer"), segformerFolder());
  const cards = await answeredPictures(page, coordinator, folder, "segformer");
  await expect(cards.first().locator("canvas")).toHaveCount(2);
  await expect(cards.first().locator("ol > li").first()).toContainText(/^(wall|sky|tree|road) [\d.]+ %$/);
  const saving = page.waitForEvent("download");
  await page.getByRole("button", { name: "Answers with names as .zip" }).click();
  const entries = Object.entries(unzipSync(new Uint8Array(readFileSync(await (await saving).path()))));
  expect(entries.map(([name]) => name.split("/").at(-1))).toEqual(["0.png", "1.png", "2.png", "3.png"]);
  for (const [i, [name, bytes]] of entries.entries()) {
    const { width, height } = readPng(bytes, name);
    expect([width, height]).toEqual(FORMS[i]);
  }
});

test("walk: 50 JPEGs and an ONNX folder become labels in at most four actions", async ({
  page,
  coordinator,
  openTabs,
}, info) => {
  const { client, url } = coordinator;
  const photos = 50;
  const folder = join(info.outputDir, "holiday");
  mkdirSync(join(folder, "resnet/onnx"), { recursive: true });
  copyFileSync(join(MODELS, "small-resnet/model.onnx"), join(folder, "resnet/onnx/model.onnx"));
  writeFileSync(join(folder, "resnet/preprocessor_config.json"), JSON.stringify(PROCESSOR));
  writeFileSync(join(folder, "resnet/config.json"), JSON.stringify({ id2label: { ...LABELS } }));
  for (let i = 0; i < photos; i++) {
    const background = { r: (37 * i) % 256, g: (91 * i) % 256, b: (53 * i) % 256 };
    const photo = sharp({ create: { width: 64 + i, height: 80, channels: 3, background } });
    writeFileSync(join(folder, `photo ${i}.jpg`), await photo.jpeg().toBuffer());
  }
  await openTabs({ tabs: 4 });
  const toLabels = walkClock("50 JPEGs and an ONNX folder to labels");
  let actions = 0;
  const act = (action: Promise<unknown>) => {
    actions++;
    return action;
  };
  await act(page.goto(`${url}/dashboard#new`));
  await act(page.getByLabel("My own model and queries").check());
  await act(page.getByLabel("or a folder").setInputFiles(folder));
  await expect(page.getByTestId("hub")).toContainText(`${photos} pictures, resized, cropped and scaled`);
  await act(page.getByRole("button", { name: "Submit", exact: true }).click());
  await expect(page.getByText("Submitted: resnet.")).toBeVisible({ timeout: 30_000 });
  await ended(client, (await client.jobs())[0]!.jobId);
  const gallery = page.getByRole("list", { name: "Pictures with their answers" });
  const first = gallery.locator("> li").first();
  await expect(first).toContainText("photo 0.jpg");
  await expect(first.locator("ol > li").first()).toContainText(new RegExp(LABELS.join("|")));
  toLabels();
  expect(actions).toBeLessThanOrEqual(4);
});

test("pictures that cannot be read are named with what turns them, and left out by a button; names stay here where that is asked for", async ({
  page,
  browser,
  coordinator,
  openTabs,
}, info) => {
  const { client, url } = coordinator;
  const folder = await folderOfPictures(info.outputDir);
  const heic = Buffer.concat([Buffer.from([0, 0, 0, 24]), Buffer.from("ftypheic"), Buffer.alloc(100)]);
  writeFileSync(join(folder, "photos", "a telephone's.heic"), heic);
  writeFileSync(join(folder, "photos", "empty.jpg"), "");
  await openTabs({ tabs: 4 });
  await newJob(page, url);
  await page.getByLabel("or a folder").setInputFiles(folder);
  const taken = page.getByTestId("hub");
  await expect(taken).toContainText("2 problems:");
  await expect(taken).toContainText("got HEIC; turn it: heif-convert 'birds/photos/a telephone'\\''s.heic'");
  await expect(taken).toContainText("empty.jpg: expected a JPEG, PNG or WebP picture, got an empty file");
  expect(await seriousProblems(page)).toEqual([]);
  await taken.getByRole("button", { name: "Go on without these 2" }).click();
  await expect(taken.getByTestId("skipped")).toContainText("Goes on without 2 files that cannot be read");
  await expect(taken).toContainText(`${COUNT} pictures, resized`);
  await page.getByLabel("Keep names of files, texts and labels with the job").uncheck();
  await page.getByRole("button", { name: "Submit", exact: true }).click();
  await expect(page.getByText("Submitted: resnet.")).toBeVisible({ timeout: 30_000 });
  const { jobId } = (await client.jobs())[0]!;
  await ended(client, jobId);
  const gallery = page.getByRole("list", { name: "Pictures with their answers" });
  await expect(gallery.locator("> li").first()).toContainText(`0.${KINDS[0]!.ending}`);
  const skipped = page.getByTestId("skipped");
  await skipped.getByText("2 files were skipped").click();
  await expect(skipped.getByRole("listitem")).toHaveCount(2);
  await expect(page.getByText("are kept in this browser alone")).toBeVisible();
  expect(await seriousProblems(page)).toEqual([]);
  // Elsewhere nothing of them is known.
  const elsewhere = await (await browser.newContext()).newPage();
  await elsewhere.goto(`${url}/dashboard#jobs/${jobId}`);
  await expect(elsewhere.getByRole("group", { name: "Answers" }).locator("tbody tr").first()).toBeVisible();
  await expect(elsewhere.getByRole("list", { name: "Pictures with their answers" })).toHaveCount(0);
  await elsewhere.context().close();
  expect(JSON.stringify(await client.submission(jobId))).not.toMatch(/birds|namesSha256|asked/);
});

test("a text model's folder and a table become vectors, in the order of the texts, one job for each length", async ({
  page,
  coordinator,
  openTabs,
}) => {
  const { client, url } = coordinator;
  const words = "the king and queen of night saw a small ship on the sea".split(" ");
  const texts = Array.from({ length: 160 }, (_, i) =>
    Array.from({ length: 1 + ((i * 7) % 30) }, (_, j) => words[(i * 5 + j * 3) % words.length]!).join(" "),
  );
  const table = texts.map((text, i) => `${i},${text}\n`).join("");
  await openTabs({ tabs: 4 });
  await newJob(page, url);
  await page.getByLabel("or a folder").setInputFiles(join(MODELS, "small-encoder"));
  const taken = page.getByTestId("hub");
  await expect(taken).toContainText("expected a file of texts (.txt, .csv");
  const corpus = { name: "corpus.csv", mimeType: "text/csv", buffer: Buffer.from(`id,words\n${table}`) };
  await page.getByLabel("Model, queries and labels").setInputFiles([corpus]);
  await expect(taken).toContainText("corpus.csv: expected --column to name one with texts, got id, words");
  await taken.getByLabel("Column of the texts").fill("words");
  await expect(taken).toContainText("small-encoder: a text model that gives a vector for each text. 160 texts");
  await expect(taken).toContainText("A text’s vector: the mean of its tokens’, of length 1.");
  await expect(taken.getByRole("list", { name: "The first texts" }).getByRole("listitem")).toHaveCount(5);
  await page.getByRole("button", { name: "Submit", exact: true }).click();
  await expect(page.getByText("Submitted: small-encoder.")).toBeVisible({ timeout: 30_000 });
  const read = async () => ({ pairs: null, texts, whereIs: String });
  const asked = { pool: null, normalizes: null, truncates: false, onTexts() {} };
  const direct = await hubCorpus(await hubPlace(join(MODELS, "small-encoder")), read, asked);
  expect(direct.buckets.length).toBeGreaterThan(1);
  // The others are sent one after the other behind the first.
  await expect.poll(async () => (await client.jobs()).length).toBe(direct.buckets.length);
  for (const { jobId } of await client.jobs()) await ended(client, jobId);
  await expect(page.getByRole("group", { name: "Texts with their answers" }).locator("tbody tr")).toHaveCount(10);
  const saving = page.waitForEvent("download");
  await page.getByRole("button", { name: "Answers with names as .npy" }).click();
  const { shape, data } = parseNpy(readFileSync(await (await saving).path()));

  const { size, vectors } = await straight(direct.ids);
  expect(shape).toEqual([texts.length, size]);
  for (const [i, vector] of vectors.entries()) {
    const got = Array.from(data.subarray(i * size, (i + 1) * size), Number);
    const cosine = vector.reduce((sum, value, c) => sum + value * got[c]!, 0);
    expect(cosine, texts[i]!).toBeGreaterThan(0.99999);
  }
});

/** What one would write oneself: a text at a time, without padding, the mean of its tokens' vectors, of length 1. */
async function straight(ids: readonly (readonly number[])[]): Promise<{ size: number; vectors: number[][] }> {
  ort.env.wasm.numThreads = 1;
  const session = await ort.InferenceSession.create(readFileSync(join(MODELS, "small-encoder/onnx/model.onnx")));
  let size = 0;
  const vectors: number[][] = [];
  for (const text of ids) {
    const tensor = (of: (id: number) => number) =>
      new ort.Tensor(
        "int64",
        BigInt64Array.from(text, (id) => BigInt(of(id))),
        [1, text.length],
      );
    const given = { input_ids: tensor((id) => id), attention_mask: tensor(() => 1), token_type_ids: tensor(() => 0) };
    const { data, dims } = (await session.run(given)).last_hidden_state!;
    size = dims.at(-1)!;
    const mean = Array.from({ length: size }, (_, c) =>
      text.reduce((sum, _id, t) => sum + Number(data[t * size + c]) / text.length, 0),
    );
    const length = Math.hypot(...mean);
    vectors.push(mean.map((value) => value / length));
  }
  return { size, vectors };
}

test("all that is wrong with a folder is said at once, and nothing is sent", async ({ page, coordinator }) => {
  await newJob(page, coordinator.url);
  const file = (name: string, buffer: Buffer) => ({ name, mimeType: "application/octet-stream", buffer });
  await page
    .getByLabel("Model, queries and labels")
    .setInputFiles([
      file("model.onnx", readFileSync(join(MODELS, "small-resnet/model.onnx"))),
      file("config.json", Buffer.from(JSON.stringify({ id2label: { 0: "a", 2: "b" } }))),
      file("preprocessor_config.json", Buffer.from(JSON.stringify({ image_processor_type: "SamImageProcessor" }))),
    ]);
  const taken = page.getByTestId("hub");
  await expect(taken).toContainText("3 problems:");
  await expect(taken).toContainText("image_processor_type: expected one of ViT");
  await expect(taken).toContainText("id2label: expected a name for each place");
  await expect(taken).toContainText("expected 1 to 1,000,000 JPEG, PNG or WebP pictures, got 0");
  await page.getByRole("button", { name: "Submit", exact: true }).click();
  await expect(page.getByRole("alert").last()).toContainText("SamImageProcessor");
  expect(await coordinator.client.jobs()).toEqual([]);
});
