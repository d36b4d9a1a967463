/** The `paritab` command against a real coordinator with tabs. One file, though long: to start them takes longer than most tests. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { encode } from "fast-png";
import { zipSync } from "fflate";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { EXIT } from "../../../server/cli/exit-codes.ts";
import { readModel } from "../../../server/cli/inputs/model-folder.ts";
import { loadMnist, MNIST_MODEL_FILES } from "../../../server/samples/mnist.ts";
import { sentFiles } from "../../../shared/hub/hub-place.ts";
import type { AnswerView } from "../../../shared/kinds/inference/answers.ts";
import type { InferenceEstimate } from "../../../shared/kinds/inference/estimate.ts";
import type { InferenceJobView } from "../../../shared/kinds/inference/job-view.ts";
import { encodeNpy, parseNpy } from "../../../shared/protocol/npy.ts";
import { type CoordinatorInProcess, coordinatorInProcess } from "../../coordinators/coordinator-in-process.ts";
import { type CliWorld, cli } from "./fake-terminal.ts";

const COUNT = 24;
const MODEL = dirname(MNIST_MODEL_FILES.modelJson);
const CODE = ["--queries-per-group", "2", "--stragglers", "1"];

let coordinator: CoordinatorInProcess;
let folder: string;
let csv: string;
let labels: number[];

beforeAll(async () => {
  coordinator = await coordinatorInProcess();
  await coordinator.openTabs(4);
  folder = mkdtempSync(join(tmpdir(), "paritab-cli-"));
  const digits = await loadMnist("test");
  const images = digits.images.slice(0, COUNT * 784);
  labels = [...digits.labels.slice(0, COUNT)];
  const X = encodeNpy({ dtype: "U8", shape: [COUNT, 28, 28], data: images });
  const y = encodeNpy({ dtype: "U8", shape: [COUNT], data: Uint8Array.from(labels) });
  writeFileSync(join(folder, "X.npy"), X);
  writeFileSync(join(folder, "y.npy"), y);
  writeFileSync(join(folder, "digits.npz"), zipSync({ "X.npy": X, "y.npy": y }));
  const rows = labels.map((label, i) => [label, ...images.subarray(i * 784, (i + 1) * 784)].join());
  csv = `${["label", ...Array.from({ length: 784 }, (_, j) => `p${j}`)].join()}\n${rows.join("\n")}\n`;
  writeFileSync(join(folder, "digits.csv"), csv);
  mkdirSync(join(folder, "pictures"));
  labels.forEach((_, i) => {
    const png = encode({ width: 28, height: 28, channels: 1, data: images.subarray(i * 784, (i + 1) * 784) });
    writeFileSync(join(folder, "pictures", `${i}.png`), png);
  });
});
afterAll(async () => {
  await coordinator.close();
  rmSync(folder, { recursive: true, force: true });
});

const path = (name: string) => join(folder, name);
const paritab = (argv: string[], world: CliWorld = {}) =>
  cli(argv, { ...world, environment: { PARITAB_URL: coordinator.url, XDG_CONFIG_HOME: folder, ...world.environment } });
const submit = (argv: string[], world: CliWorld = {}) => paritab(["submit", "inference", ...argv], world);
const own = (queries: string) => ["--model", MODEL, "--queries", queries, ...CODE];
const jsonLines = <T>(out: string) =>
  out
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as T);
const jobOf = (said: string) => /^job ([\w-]+)/m.exec(said)![1]!;
const rightShare = (got: (number | null)[]) => got.filter((label, i) => label === labels[i]).length / got.length;
/** Both times, and what ran here. */
const ALONE = /^Alone [\d.].* \(this computer, WebAssembly on one core.*\), with the crowd (about|unknown)/m;
const inOrder = (count: number) => Array.from({ length: count }, (_, i) => i);

describe("submit inference", () => {
  test("answers come as CSV in order, the same that the coordinator keeps", async () => {
    const { code, out, said } = await submit([
      ...own(path("X.npy")),
      "--input-scale",
      "1/255",
      "--labels",
      path("y.npy"),
    ]);
    expect(said).toMatch(/^job \S+: 24 answers in .*(audited|exact).*accuracy/m);
    expect(code).toBe(EXIT.ok);
    const kept = await coordinator.client.answersFile(jobOf(said), "csv");
    const linesOf = (text: string) => text.trim().split(/\r?\n/);
    const labelsOf = (text: string) => linesOf(text).map((line) => line.split(",").slice(0, 2));
    const outputsOf = (text: string) => linesOf(text).map((line) => line.split(",").slice(7).map(Number));
    const file = Buffer.from(kept).toString();
    expect(labelsOf(out)).toEqual(labelsOf(file));
    // A row that the coordinator computes once a tab has answered it is kept with the coordinator's own rounding.
    const outputs = outputsOf(file).slice(1);
    for (const [query, row] of outputsOf(out).slice(1).entries())
      for (const [output, value] of row.entries()) expect(value).toBeCloseTo(outputs[query]![output]!, 4);
    expect(
      rightShare(
        out
          .trim()
          .split("\n")
          .slice(1)
          .map((line) => Number(line.split(",")[1])),
      ),
    ).toBeGreaterThan(0.9);
  });

  test("before anything is uploaded it is told what this computer alone would need; a script goes on, and may do without", async () => {
    const argv = [...own(path("X.npy")), "--json"];
    const { code, said } = await submit(argv);
    const before = said.split("\n").findIndex((line) => ALONE.test(line));
    expect([code, before >= 0]).toEqual([EXIT.ok, true]);
    expect(before).toBeLessThan(said.split("\n").findIndex((line) => line.startsWith("job ")));
    expect(said).toMatch(/This computer alone needs [\d.]+ m?s: not worth it\./);
    const without = await submit([...argv, "--no-trial"]);
    expect([without.code, without.said]).toEqual([EXIT.ok, expect.not.stringContaining("lone")]);
    for (const sampled of [
      ["--sample", "mnist"],
      ["--sample", "mnist", "--sample-count", "24"],
    ])
      expect((await submit([...sampled, ...CODE, "--detach"])).said).toMatch(ALONE);
  });

  test("`estimate inference` has the same comparison, for people and for scripts", async () => {
    const argv = ["estimate", "inference", ...own(path("X.npy"))];
    expect((await paritab(argv)).out).toMatch(ALONE);
    const { comparison, chosen } = JSON.parse((await paritab([...argv, "--json"])).out) as InferenceEstimate;
    expect(comparison).toMatchObject({ verdict: "not worth it", crowdMs: chosen.finishMs });
    expect(comparison!.words).toMatch(ALONE);
    const without = await paritab([...argv, "--no-trial"]);
    expect(without.out).toMatch(/^Alone not measured \(--no-trial\), with the crowd about/m);
  });

  const sources: [what: string, argv: () => string[]][] = [
    [
      "an array of an .npz",
      () => [...own(path("digits.npz:X")), "--labels", path("digits.npz:y"), "--input-scale", "1/255"],
    ],
    [
      "CSV with a label column",
      () => [...own(path("digits.csv")), "--label-column", "label", "--input-scale", "1/255"],
    ],
    ["a folder of pictures, scaled without being told", () => own(path("pictures"))],
    ["the coordinator's sample", () => ["--sample", "mnist", "--sample-count", String(COUNT), ...CODE]],
  ];
  test.each(sources)("queries may be %s", async (_what, argv) => {
    const { code, out, said } = await submit([...argv(), "--json"]);
    expect([code, said]).toEqual([EXIT.ok, expect.stringContaining(`${COUNT} answers`)]);
    const answers = jsonLines<AnswerView & { file?: string }>(out);
    expect(answers.map(({ index }) => index)).toEqual(inOrder(COUNT));
    expect(rightShare(answers.map(({ label }) => label))).toBeGreaterThan(0.9);
    if (argv().includes(path("pictures")))
      expect(answers.map(({ file }) => file)).toEqual(labels.map((_, i) => `${i}.png`));
  });

  const wrongLabels: [what: string, labels: () => number[], told: RegExp][] = [
    ["too few", () => labels.slice(1), /y2\.npy: expected 24 labels, one for each query, got 23\n/],
    ["of no class", () => labels.with(3, 10), /y2\.npy: row 3: expected a label from 0 to 9, got 10 \(the model gives/],
    ["below the first class", () => labels.with(5, -1), /y2\.npy: row 5: expected a label from 0 to 9, got -1 /],
  ];
  test.each(wrongLabels)("labels that are %s are told before the queries are sent", async (_what, wrong, told) => {
    writeFileSync(path("y2.npy"), encodeNpy({ dtype: "I32", shape: [wrong().length], data: Int32Array.from(wrong()) }));
    // Nobody answers there: what is told is told by the command alone.
    const nowhere = told.source.includes("24 labels") ? { environment: { PARITAB_URL: "http://127.0.0.1:9" } } : {};
    const { code, said } = await submit([...own(path("X.npy")), "--labels", path("y2.npy")], nowhere);
    expect([code, said]).toEqual([EXIT.input, expect.stringMatching(told)]);
  });

  test("labels of numbers that are not whole, or of a regression, are refused", async () => {
    writeFileSync(path("y3.npy"), encodeNpy({ dtype: "F32", shape: [COUNT], data: Float32Array.from(labels) }));
    expect(await submit([...own(path("X.npy")), "--labels", path("y3.npy")])).toMatchObject({
      code: EXIT.input,
      said: expect.stringContaining("y3.npy: expected whole numbers as labels (int32, say), got F32"),
    });
    expect(await submit([...own(path("X.npy")), "--labels", path("y.npy"), "--task", "regression"])).toMatchObject({
      code: EXIT.usage,
      said: expect.stringContaining("--labels: expected --task classification"),
    });
  });

  test("a parity model goes up beside the model", async () => {
    const parity = ["--parity-model", `${MODEL}-parity-8`, "--scheme", "parm", "--queries-per-group", "8"];
    const { code, out, said } = await submit([
      "--model",
      MODEL,
      "--queries",
      path("pictures"),
      ...parity,
      "--stragglers",
      "1",
      "--json",
    ]);
    expect([code, said]).toEqual([EXIT.ok, expect.stringContaining(`${COUNT} answers`)]);
    expect(jsonLines(out)).toHaveLength(COUNT);
  });

  test("--out writes the file that its ending names, and nothing to standard output", async () => {
    const { code, out } = await submit([...own(path("X.npy")), "--input-scale", "1/255", "--out", path("answers.npy")]);
    expect([code, out]).toEqual([EXIT.ok, ""]);
    expect(parseNpy(readFileSync(path("answers.npy"))).shape).toEqual([COUNT, 10]);
  });

  test("--format label is one label a line", async () => {
    const { out } = await submit([...own(path("X.npy")), "--input-scale", "1/255", "--format", "label"]);
    expect(rightShare(out.trimEnd().split("\n").map(Number))).toBeGreaterThan(0.9);
  });
});

describe("pipes", () => {
  const rows = () =>
    csv
      .split("\n")
      .slice(1, -1)
      .map((line) => line.slice(line.indexOf(",") + 1));
  const pipe = ["--model", MODEL, "--queries", "-", "--input-scale", "1/255", ...CODE, "--json"];

  test("CSV on standard input is one stream, answered in order", async () => {
    const before = (await coordinator.client.jobs()).length;
    const { code, out, said } = await submit(pipe, { stdin: rows().join("\n") });
    expect(code).toBe(EXIT.ok);
    expect((await coordinator.client.jobs()).length - before).toBe(1);
    expect(await coordinator.client.job(jobOf(said))).toMatchObject({ state: "done", stream: { isOpen: false } });
    const answers = jsonLines<AnswerView>(out);
    expect(answers.map(({ index }) => index)).toEqual(inOrder(COUNT));
    expect(rightShare(answers.map(({ label }) => label))).toBeGreaterThan(0.9);
  });

  test("what a stream would cost is told, and nothing is begun; flags of streams alone are refused beside a file", async () => {
    const before = (await coordinator.client.jobs()).length;
    const ahead = ["estimate", "inference", "--model", MODEL, "--stream", "500", ...CODE];
    const { code, out } = await paritab([...ahead, "--json"]);
    expect([code, JSON.parse(out)]).toEqual([
      EXIT.ok,
      expect.objectContaining({
        queryCount: 500,
        rows: expect.objectContaining({ finalBy: "account", duplicateRows: 0 }),
      }),
    ]);
    expect((await paritab(ahead)).out).toMatch(/Answers become final together/);
    expect((await paritab([...ahead, "--audits"])).out).toMatch(/Each answer is final as soon as its checks are done/);
    expect((await coordinator.client.jobs()).length).toBe(before);
    for (const more of [
      ["--audits", "--cross-checks"],
      ["--stream", "0"],
    ])
      expect((await paritab([...ahead.slice(0, 4), "--stream", "500", ...more])).code).toBe(EXIT.usage);
    const file = ["estimate", "inference", "--model", MODEL, "--queries", path("X.npy"), "--audits"];
    expect((await paritab(file)).code).toBe(EXIT.usage);
    const final = await submit([...pipe, "--accept", "final", "--final-within", "2h"], { stdin: rows()[0]! });
    expect([final.code, final.said]).toEqual([EXIT.usage, expect.stringMatching(/^.*--final-within: expected/s)]);
  });

  test("each line is answered while the next is not there yet", async () => {
    let answered = () => {};
    async function* slowly() {
      for (const line of rows().slice(0, 5)) {
        const answer = new Promise<void>((resolve) => {
          answered = resolve;
        });
        yield Buffer.from(`${line}\n`);
        await answer; // would wait forever, did the command read all of its input first
      }
    }
    const { code, out } = await submit([...pipe, "--close-after", "0"], { stdin: slowly(), onOut: () => answered() });
    expect([code, jsonLines(out).length]).toEqual([EXIT.ok, 5]);
  });

  test("lines that are no queries are refused by their numbers, and the pipe goes on", async () => {
    const [first, second, third] = rows();
    const stdin = [first, `${second},7`, "", second, "a,b", third, "1,2"].join("\n");
    const { code, out, said } = await submit(pipe, { stdin });
    expect(said.match(/^standard input, line.*$/gm)).toEqual([
      "standard input, line 2: expected 784 cells, got 785",
      "standard input, line 5: expected 784 cells, got 2",
      "standard input, line 7: expected 784 cells, got 2",
    ]);
    expect(said).toContain('"standard input: lines that were refused: 3; the others have their answers"');
    expect([code, jsonLines<AnswerView>(out).map(({ index }) => index)]).toEqual([EXIT.input, [0, 1, 2]]);
  });

  test("where only the model's hash is known, the coordinator says which lines are none", async () => {
    const { modelSha256 } = await coordinator.client.uploadModel(sentFiles(await readModel(MODEL)));
    const [first, second] = rows();
    const argv = ["--model", modelSha256, ...pipe.slice(2)];
    const { code, out, said } = await submit(argv, { stdin: [first, "1,2,3", second, `${second},7`].join("\n") });
    expect(said.match(/^standard input, line.*$/gm)).toEqual([
      "standard input, line 2: expected 784 numbers, got 3",
      "standard input, line 4: expected 784 numbers, got 785",
    ]);
    expect([code, jsonLines(out).length]).toEqual([EXIT.input, 2]);
  });

  test("labels in the pipe leave the rows, and say how many answers are right", async () => {
    const { code, said } = await submit([...pipe, "--label-column", "label"], { stdin: csv });
    expect([code, Number(/^accuracy ([\d.]+) of \d+ answered lines, by their labels$/m.exec(said)![1])]).toEqual([
      EXIT.ok,
      expect.closeTo(0.96, 1),
    ]);
  });

  test("interrupted while lines are still to come, the stream is cancelled; with --keep it is closed and answered", async () => {
    for (const keep of [[], ["--keep"]]) {
      const interrupt = new AbortController();
      async function* endless() {
        yield Buffer.from(`${rows().slice(0, 4).join("\n")}\n`);
        await new Promise(() => {});
      }
      const world = { stdin: endless(), signal: interrupt.signal, onOut: () => interrupt.abort() };
      const { code, said } = await submit([...pipe, ...keep], world);
      expect(code).toBe(EXIT.interrupted);
      for await (const _ of coordinator.client.watch(jobOf(said)));
      const expected = keep.length === 0 ? { state: "cancelled" } : { state: "done", queryCount: 4 };
      expect(await coordinator.client.job(jobOf(said))).toMatchObject(expected);
    }
  });

  test("`paritab stop` closes the stream of a pipe that still waits: jobs, watch, results and receipt know it", async () => {
    let answers = 0;
    let jobId = "";
    let [listed, stopped] = ["", ""];
    async function* untilStopped() {
      yield Buffer.from(`${rows().slice(0, 6).join("\n")}\n`);
      while (answers < 6 || !listed.includes("waits for queries"))
        listed = (await paritab(["jobs", "--last", "1"])).out;
      jobId = listed.split("\n")[1]!.split(" ")[0]!;
      stopped = (await paritab(["stop", jobId])).out;
      await new Promise(() => {});
    }
    const { code, said } = await submit([...pipe, "--name", "left open"], {
      stdin: untilStopped(),
      onOut: () => void answers++,
    });
    // The pipe had not ended, so that more may have been meant.
    expect([code, said]).toEqual([EXIT.notReady, expect.stringContaining("closed before the last line was sent")]);
    expect(listed).toMatch(/ inference .* running +6\/6 +left open +it is open, and waits for queries/);
    expect(stopped).toMatch(/ is closed; it still answers the queries that it has$| 6 answers in/m);
    expect((await paritab(["watch", jobId])).out).toMatch(/^job \S+: 6 answers in/);
    expect(jsonLines((await paritab(["results", jobId, "--json"])).out)).toHaveLength(6);
    const receipt = await paritab(["receipt", jobId]);
    expect([receipt.code, receipt.out]).toEqual([EXIT.ok, expect.stringMatching(/queries +.*\n/)]);
    expect((await paritab(["stop", jobId])).code).toBe(EXIT.notReady);
  });

  test("a single row is enough", async () => {
    const { code, out } = await submit(pipe, { stdin: rows()[0]! });
    expect([code, jsonLines<AnswerView>(out)[0]!.label]).toEqual([EXIT.ok, labels[0]]);
  });

  test("an array may come through the pipe as well", async () => {
    const { code, out } = await submit(pipe, { stdin: readFileSync(path("X.npy")) });
    expect([code, jsonLines(out).length]).toEqual([EXIT.ok, COUNT]);
  });

  test("the csv head is written once", async () => {
    const argv = [...pipe.slice(0, -1), "--format", "csv"];
    const { out } = await submit(argv, { stdin: rows().join("\n") });
    expect(out.match(/^index,/gm)).toHaveLength(1);
  });
});

describe("bad input", () => {
  const cases: [what: string, argv: () => string[], message: RegExp, world?: CliWorld][] = [
    ["a missing file", () => own(path("none.npy")), /none.npy: there is no such file/],
    ["a missing model", () => ["--model", path("none"), "--queries", path("X.npy")], /none: there is no such file/],
    [
      "a folder that is no model",
      () => ["--model", path("pictures"), "--queries", path("X.npy")],
      /expected a file named model\.json, or one \.onnx file in this folder/,
    ],
    [
      "rows of another size",
      () => own(path("y.npy")),
      /y\.npy: expected queries of shape \(n, 784\) for this model, got \(24\)/,
    ],
    ["an empty pipe", () => own("-"), /standard input: expected rows of numbers, got none/],
    [
      "words in a pipe",
      () => own("-"),
      /standard input, line 2, column 1: expected a finite number, got "x"\n.*expected rows of numbers, got none/s,
      { stdin: `a\n${new Array(784).fill("x").join()}\n` },
    ],
    [
      "nothing but rows of another size in a pipe",
      () => own("-"),
      /line 1: expected 784 cells, got 2\n.*line 2: expected 784 cells, got 3\n.*expected rows of numbers, got none/s,
      { stdin: "1,2\n3,4,5\n" },
    ],
    [
      "more queries a group than there are, of a code whose parity model is made for so many",
      () => [
        "--sample",
        "mnist",
        "--sample-count",
        "3",
        "--scheme",
        "parm",
        "--queries-per-group",
        "8",
        "--stragglers",
        "1",
      ],
      /K = 8 queries are encoded together, but only 3/,
    ],
    [
      "an upload that nobody made",
      () => ["--model", "0".repeat(64), "--queries", path("X.npy")],
      /no model with the hash 0{64} was uploaded/,
    ],
  ];
  test.each(cases)("%s is exit code 3, said in a sentence, and makes no job", async (_what, argv, message, world) => {
    const before = (await coordinator.client.jobs()).length;
    const { code, out, said } = await submit(argv(), world);
    expect(said).toMatch(message);
    expect([code, out]).toEqual([EXIT.input, ""]);
    expect((await coordinator.client.jobs()).length).toBe(before);
  });
});

describe("a job that is deleted", () => {
  /** It needs nine different volunteers, of whom four are there: it runs until it is cancelled. */
  const code = ["--scheme", "approxifer", "--queries-per-group", "8", "--stragglers", "1"];
  const started = async (name: string) =>
    (await submit(["--sample", "mnist", ...code, "--detach", "--name", name])).out.trim();

  test("is told with what goes, is asked about, and is gone; others stay", async () => {
    const [goes, stays] = [await started("goes"), await started("stays")];
    expect(await paritab(["delete", goes])).toMatchObject({
      ...{ code: EXIT.notReady, out: "" },
      said: expect.stringContaining("cancel it first"),
    });
    await paritab(["cancel", goes, stays]);
    await expect.poll(async () => (await coordinator.client.job(goes)).finishedMs).not.toBeNull();

    // Nobody can be asked; somebody says no.
    expect((await paritab(["delete", goes])).code).toBe(EXIT.usage);
    expect(await paritab(["delete", goes], { answer: "no" })).toMatchObject({ code: EXIT.ok, out: "" });
    expect((await coordinator.client.job(goes)).name).toBe("goes");
    const { said, out } = await paritab(["delete", goes], { answer: "y" });
    expect(said).toMatch(/goes\nDelete this job with answers, queries, log and receipt\? Nobody can bring them back\./);
    expect(out).toBe(`job ${goes} (goes) is deleted\n`);
    expect((await paritab(["receipt", goes])).code).toBe(EXIT.unknownJob);
    expect((await paritab(["delete", stays, goes, "--yes"])).code).toBe(EXIT.unknownJob);
    expect((await coordinator.client.job(stays)).name).toBe("stays");
    expect((await paritab(["delete", stays, "--yes", "--json"])).out).toBe(`${JSON.stringify({ jobId: stays })}\n`);
  });
});

describe("a job that is left alone", () => {
  test("--detach prints its id; watch, results, jobs and capacity know it", async () => {
    const { code, out } = await submit([
      ...own(path("X.npy")),
      "--input-scale",
      "1/255",
      "--detach",
      "--name",
      "left alone",
    ]);
    const jobId = out.trim();
    expect(code).toBe(EXIT.ok);

    const watched = await paritab(["watch", jobId]);
    expect([watched.code, watched.out]).toEqual([EXIT.ok, expect.stringMatching(/^job \S+: 24 answers in/)]);
    const lines = jsonLines<InferenceJobView>((await paritab(["watch", jobId, "--json"])).out);
    expect(lines.at(-1)).toMatchObject({ jobId, state: "done" });

    const text = (await paritab(["results", jobId])).out;
    expect(text.split("\r\n")).toHaveLength(COUNT + 2);
    const answers = jsonLines<AnswerView>((await paritab(["results", jobId, "--json"])).out);
    expect(rightShare(answers.map(({ label }) => label))).toBeGreaterThan(0.9);
    expect(parseNpy((await paritab(["results", jobId, "--format", "npy"])).bytes).shape).toEqual([COUNT, 10]);
    await paritab(["results", jobId, "--format", "marks", "--out", path("marks.npy")]);
    expect(parseNpy(readFileSync(path("marks.npy")))).toMatchObject({ dtype: "U8", shape: [COUNT] });

    expect((await paritab(["jobs"])).out).toMatch(new RegExp(`${jobId} +inference .* done +24/24 +left alone`));
    const listed = jsonLines<InferenceJobView>((await paritab(["jobs", "--last", "1", "--json"])).out);
    expect(listed.map((job) => job.jobId)).toEqual([jobId]);
    const there = JSON.parse((await paritab(["capacity", "--json"])).out);
    expect(there).toMatchObject({ tabsReady: 4, volunteersReady: 4, backends: [{ backend: "cpu", tabs: 4 }] });
    expect((await paritab(["capacity"])).out).toMatch(/^tabs ready +4$/m);
  });

  test("is cancelled by `cancel`, which whoever watches it hears as exit code 7, and can be cancelled once", async () => {
    const { out } = await submit(["--sample", "mnist", "--sample-count", "9000", "--detach"]);
    const jobId = out.trim();
    const watching = paritab(["watch", jobId]);
    const cancelled = await paritab(["cancel", jobId]);
    expect([cancelled.code, cancelled.out]).toEqual([
      EXIT.ok,
      expect.stringMatching(/^job \S+ (is being|was) cancelled$/m),
    ]);
    expect(await watching).toMatchObject({ code: EXIT.jobEnded, out: `job ${jobId} was cancelled\n` });
    expect((await paritab(["cancel", jobId])).code).toBe(EXIT.notReady);
    const unfinished = await paritab(["results", jobId, "--require-final"]);
    expect(unfinished).toMatchObject({ code: EXIT.notReady, out: "" });
    expect(unfinished.said).toMatch(/expected 9000 final answers, got \d+/);
  });

  test("that nobody knows is exit code 6", async () => {
    for (const command of ["watch", "results", "cancel", "receipt"]) {
      const { code, said } = await paritab([command, "nobody-knows"]);
      expect([command, code, said]).toEqual([command, EXIT.unknownJob, "paritab: there is no job nobody-knows\n"]);
    }
  });
});

describe("an interrupted submit", () => {
  const long = ["--sample", "mnist", "--sample-count", "9000", "--accept", "first", "--scheme", "uncoded"];

  test("cancels its job, and --keep leaves it running", async () => {
    for (const keep of [[], ["--keep"]]) {
      const interrupt = new AbortController();
      const { code, said } = await submit([...long, ...keep], {
        signal: interrupt.signal,
        // Not at the first answer: rows go out in a secret order, so query 0 may be the last one of the job to be answered.
        onSay: (line) => /^job [\w-]+$/.test(line.trim()) && interrupt.abort(),
      });
      const jobId = jobOf(said);
      expect(code).toBe(EXIT.interrupted);
      if (keep.length > 0) {
        await expect.poll(async () => (await coordinator.client.job(jobId)).state).toBe("running");
        await paritab(["cancel", jobId]);
      }
      const watched = await paritab(["watch", jobId]);
      expect(`${watched.out}${watched.said}`).toMatch(/was cancelled/);
    }
  });
});

describe("regressions", () => {
  const table = () => {
    const rows = Array.from({ length: 80 }, (_, i) => [Math.sin(i), Math.cos(3 * i), 1]);
    const lines = rows.map((row) => [...row, row[0]! + row[1]! > 0 ? 1 : 0].join());
    return `a,b,one,label\n${lines.join("\n")}\n`;
  };
  const job = (iterations = 20) => [
    ...["--features", path("table.csv"), "--label-column", "label"],
    ...codeFor(iterations),
  ];
  const codeFor = (iterations: number) => [
    "--data-volunteers",
    "2",
    "--learning-rate",
    "0.9",
    "--iterations",
    String(iterations),
    // Never near enough to end by itself.
    "--tolerance",
    "1e-12",
  ];
  const code = codeFor(20);
  const train = (argv: string[], world: CliWorld = {}) => paritab(["submit", "regression", ...argv], world);
  beforeAll(() => writeFileSync(path("table.csv"), table()));

  test("a table is trained on, its weights written, and new rows are told their label", async () => {
    const { code: status, out, said } = await train([...job(), "--out", path("weights.npy")]);
    expect(said).toMatch(/^job \S+$/m);
    expect([status, out]).toEqual([EXIT.ok, expect.stringMatching(/^job \S+: 20 iterations in .*loss .*accuracy/)]);
    expect(parseNpy(readFileSync(path("weights.npy")))).toMatchObject({ dtype: "F64", shape: [4, 1] });
    const jobId = jobOf(said);

    writeFileSync(path("new.csv"), "1,1,1\n-1,-1,1\n");
    const predicted = await paritab(["predict", jobId, "--features", path("new.csv")]);
    expect([predicted.out, predicted.said]).toEqual(["1\n0\n", ""]);
    await paritab(["predict", jobId, "--features", path("new.csv"), "--out", path("predictions.npy")]);
    expect([...(parseNpy(readFileSync(path("predictions.npy"))).data as Float64Array)]).toEqual([1, 0]);

    const inOtherOrders = ["a,b,one\n1,1,1\n-1,-1,1\n", "one,b,a\n1,1,1\n1,-1,-1\n", "b;one;a\n1;1;1\n-1;1;-1\n"];
    for (const rows of inOtherOrders) {
      writeFileSync(path("named.csv"), rows);
      expect(await paritab(["predict", jobId, "--features", path("named.csv")])).toMatchObject({
        out: "1\n0\n",
        said: "",
      });
    }
    const labelled = ["predict", jobId, "--features", path("table.csv")];
    expect((await paritab([...labelled, "--label-column", "label"])).out.split("\n")).toHaveLength(81);
    const surplus = await paritab(labelled);
    expect([surplus.code, surplus.said]).toEqual([EXIT.ok, "columns that the model does not use: label\n"]);
    const others: [string, RegExp][] = [
      ["a,b,two\n1,1,1\n", /columns of the training: it lacks "one"$/m],
      ["a,b\n1,1\n", /it lacks "one"$/m],
      ["one,a,b,a\n1,1,1,1\n", /it has "a" 2 times$/m],
    ];
    for (const [rows, told] of others) {
      writeFileSync(path("named.csv"), rows);
      const refused = await paritab(["predict", jobId, "--features", path("named.csv")]);
      expect([refused.code, refused.out, refused.said]).toEqual([EXIT.input, "", expect.stringMatching(told)]);
    }

    const told = await paritab(["predict", jobId, "--features", path("new.csv"), "--probabilities"]);
    expect(told.out).toMatch(/^prediction,probability of 0,probability of 1\n1,0\.\d+(e-\d+)?,0\.\d+\n0,/);
    await paritab(["predict", jobId, "--features", path("new.csv"), "--out", path("predictions.csv")]);
    expect(readFileSync(path("predictions.csv"), "utf8")).toBe(told.out);
    for (const name of ["model.onnx", "model.json"]) {
      expect((await paritab(["export", jobId, "--out", path(name)])).code).toBe(EXIT.ok);
    }
    const model = JSON.parse(readFileSync(path("model.json"), "utf8")) as { columns: { name: string }[] };
    expect(model.columns.map(({ name }) => name)).toEqual(["a", "b", "one"]);
    expect(readFileSync(path("model.onnx"), "latin1")).toContain(jobId);
    expect((await paritab(["export", jobId, "--out", path("model.pkl")])).said).toMatch(
      /--out: expected a file ending in \.onnx or \.json, got/,
    );

    const receipt = await paritab(["receipt", jobId]);
    expect(receipt.out).toMatch(/^verification$/m);
    expect(receipt.out).toMatch(/^ {2}method +freivalds$/m);
    expect(JSON.parse((await paritab(["receipt", jobId, "--json"])).out)).toMatchObject({ jobId, kind: "regression" });
    expect(JSON.parse((await paritab(["results", jobId])).out)).toMatchObject({
      weightsOf: 20,
      columns: 3,
      classes: 1,
      columnNames: ["a", "b", "one"],
    });
    expect((await paritab(["results", jobId, "--format", "csv"])).code).toBe(EXIT.usage);
    const refused = await paritab(["results", jobId, "--out", path("weights.txt")]);
    expect(refused.said).toMatch(
      /--out: expected a file ending in \.json or \.npy for the weights of a regression, or --format/,
    );
    expect(refused.code).toBe(EXIT.usage);
  });

  test("an estimate is told and begins nothing", async () => {
    const before = (await coordinator.client.jobs()).length;
    const { code: status, out } = await paritab(["estimate", "regression", ...job(), "--json"]);
    expect([status, JSON.parse(out)]).toEqual([
      EXIT.ok,
      expect.objectContaining({ volunteersNeeded: 4, volunteersReady: 4 }),
    ]);
    const { out: text } = await paritab(["estimate", "regression", ...job()]);
    expect(text).toMatch(/^volunteers needed +4$/m);
    expect(text).toMatch(
      /^Alone .* plain JavaScript on one core\), with the crowd .*This computer alone needs .*: not worth it\.$/m,
    );
    expect((await coordinator.client.jobs()).length).toBe(before);
  });

  test("`stop` ends one with the weights it has; before there are any that is exit code 8", async () => {
    const endless = [...job(10_000), "--detach"];
    const jobId = (await train(endless)).out.trim();
    const early = await paritab(["stop", jobId]);
    if (early.code !== EXIT.ok)
      expect([early.code, early.said]).toEqual([EXIT.notReady, expect.stringMatching(/first iteration/)]);
    for (let stopped = early; stopped.code !== EXIT.ok; stopped = await paritab(["stop", jobId])) {
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    expect((await paritab(["watch", jobId])).code).toBe(EXIT.ok);
    expect((await paritab(["results", jobId, "--format", "npy"])).bytes.length).toBeGreaterThan(100);
  });

  test("a table of words and gaps learns without a flag, says what was made of it, and how near the optimum it is", async () => {
    const rows = Array.from({ length: 120 }, (_, i) => {
      const [age, city] = [20 + ((i * 7) % 50), ["Oslo", "Rome", "Bern"][i % 3]!];
      return `${i % 11 === 0 ? "" : age},${1000 * Math.sin(i)},${city},name ${i},${age + 10 * Math.sin(9 * i) > 45 ? "yes" : "no"}`;
    });
    writeFileSync(path("people.csv"), `age,income,city,who,target\n${rows.join("\n")}\n`);
    const { code: status, out, said } = await train(["--features", path("people.csv"), "--data-volunteers", "2"]);
    expect([status, out]).toEqual([
      EXIT.ok,
      expect.stringMatching(/weights within 0\.0\d+ % of the optimum's largest$/m),
    ]);
    for (const told of [
      /column who is left out/,
      /categories: city/,
      /11 empty cells in 1 column/,
      /the model is logistic/,
    ])
      expect(said).toMatch(told);
    const { table: model, ...weights } = JSON.parse((await paritab(["results", jobOf(said)])).out);
    expect(weights.columnNames).toEqual(["age", "income", "city=Bern", "city=Oslo", "city=Rome"]);
    expect(model).toMatchObject({ model: "logistic", labels: ["no", "yes"], hasIntercept: true, l2: 1 / 108 });
    expect(model.distance).toBeLessThanOrEqual(1e-4);
    // Whoever is older says yes.
    expect(weights.weights[0][0]).toBeGreaterThan(0);
    const kept = path("kept-people");
    expect((await paritab(["receipt", jobOf(said), "--out", kept])).code).toBe(EXIT.ok);
  });

  test("a rate that is too large ends with exit code 7, and says what helps", async () => {
    const wild = ["--features", path("table.csv"), "--label-column", "a", "--data-volunteers", "2"];
    const { code: status, out, said } = await train([...wild, "--learning-rate", "50"]);
    expect(status).toBe(EXIT.jobEnded);
    expect(out).toMatch(/the loss grew from .*; submit it again with a smaller learning rate, or without one/);
    expect((await paritab(["jobs"])).out).toMatch(new RegExp(`^${jobOf(said)} +regression +avcc +diverged`, "m"));
  });

  test("without labels, or with rows that do not fit, it is exit code 3", async () => {
    writeFileSync(path("unlabelled.csv"), "a,b\n1,2\n3,4\n");
    expect(await train(["--features", path("unlabelled.csv"), ...code])).toMatchObject({
      code: EXIT.input,
      said: expect.stringMatching(
        /expected --labels, or a --label-column of the table, got neither; its columns are a, b/,
      ),
    });
    expect((await train(["--features", path("table.csv"), "--labels", path("y.npy"), ...code])).code).toBe(EXIT.input);
  });

  test("an interrupted submit cancels it", async () => {
    const interrupt = new AbortController();
    const { code: status, said } = await train(job(10_000), {
      signal: interrupt.signal,
      onSay: (line) => {
        if (line.startsWith("job ")) interrupt.abort();
      },
    });
    expect(status).toBe(EXIT.interrupted);
    expect((await paritab(["watch", jobOf(said)])).code).toBe(EXIT.jobEnded);
  });
});

describe("matrix jobs", () => {
  const matmul = (argv: string[]) => paritab(["submit", "matmul", "--data-volunteers", "2", ...argv]);
  beforeAll(() => {
    writeFileSync(path("A.csv"), "1,2\n3,4\n5,6\n-7,8\n");
    writeFileSync(path("B.csv"), "1,0,2\n0,1,-3\n");
  });

  test("the product is exact, and can be had as a file or from the job", async () => {
    const { code: status, said } = await matmul([
      "--left",
      path("A.csv"),
      "--right",
      path("B.csv"),
      "--out",
      path("AB.npy"),
    ]);
    expect([status, said]).toEqual([EXIT.ok, expect.stringMatching(/^job \S+$/m)]);
    const product = parseNpy(readFileSync(path("AB.npy")));
    expect([product.shape, [...(product.data as Float64Array)]]).toEqual([
      [4, 3],
      [1, 2, -4, 3, 4, -6, 5, 6, -8, -7, 8, -38],
    ]);
    expect((await paritab(["results", jobOf(said)])).bytes.equals(readFileSync(path("AB.npy")))).toBe(true);
    expect((await paritab(["receipt", jobOf(said)])).out).toMatch(/^kind +matmul$/m);
    expect((await paritab(["jobs"])).out).toMatch(new RegExp(`${jobOf(said)} +matmul`));
  });

  test("an estimate is told, and fractions are refused unless their bits are named", async () => {
    const { out } = await paritab(["estimate", "matmul", "--left", path("A.csv"), "--right", path("B.csv"), "--json"]);
    expect(JSON.parse(out)).toMatchObject({ volunteersNeeded: 6, comparison: { verdict: "not worth it" } });
    writeFileSync(path("halves.csv"), "0.5,1\n1,1\n");
    const refused = await matmul(["--left", path("halves.csv"), "--right", path("B.csv")]);
    expect([refused.code, refused.said]).not.toEqual([EXIT.ok, ""]);
    const bits = ["--left-fraction-bits", "1", "--out", path("H.npy")];
    expect((await matmul(["--left", path("halves.csv"), "--right", path("B.csv"), ...bits])).code).toBe(EXIT.ok);
    expect([...(parseNpy(readFileSync(path("H.npy"))).data as Float64Array)]).toEqual([0.5, 1, -2, 1, 1, -1]);
  });
});

describe("login", () => {
  test("asks the coordinator, then keeps address and token for whatever comes next", async () => {
    const home = mkdtempSync(join(folder, "home-"));
    const environment = { PARITAB_URL: "", XDG_CONFIG_HOME: home };
    const { code, out } = await paritab(["login", coordinator.url, "--json"], { environment, secret: "a-token" });
    expect(code).toBe(EXIT.ok);
    const { file, url } = JSON.parse(out) as { file: string; url: string };
    expect([url, statSync(file).mode & 0o777]).toEqual([coordinator.url, 0o600]);
    expect(readFileSync(file, "utf8")).toContain('"a-token"');
    expect((await paritab(["capacity"], { environment })).out).toContain(coordinator.url);
    await paritab(["login", "--forget"], { environment });
    expect(() => statSync(file)).toThrow();
  });

  test("stores nothing where nobody answers", async () => {
    const home = mkdtempSync(join(folder, "home-"));
    const environment = { PARITAB_URL: "", XDG_CONFIG_HOME: home };
    expect((await paritab(["login", "http://127.0.0.1:1", "--no-token"], { environment })).code).toBe(EXIT.unreachable);
    expect(() => statSync(join(home, "paritab"))).toThrow();
  });
});

describe("where tokens are needed", () => {
  let guarded: CoordinatorInProcess;
  beforeAll(async () => {
    guarded = await coordinatorInProcess({ PARITAB_AUTH: "on" });
  });
  afterAll(() => guarded.close());
  const at = (argv: string[], home: string, world: CliWorld = {}) =>
    cli([...argv, "--url", guarded.url], { ...world, environment: { XDG_CONFIG_HOME: home } });

  test("nothing but the status is told without one, and that is exit code 5", async () => {
    const home = mkdtempSync(join(folder, "home-"));
    for (const argv of [["jobs"], ["capacity"], ["submit", "inference", "--sample", "mnist", "--detach"]]) {
      const { code, said } = await at(argv, home);
      expect([argv[0], code, said]).toEqual([
        argv[0],
        EXIT.notAllowed,
        expect.stringMatching(/token.*`paritab login`/s),
      ]);
    }
  });

  test("login refuses a wrong token and stores nothing; with the right one everything is open", async () => {
    const home = mkdtempSync(join(folder, "home-"));
    const wrong = await at(["login"], home, { secret: "not-this-one" });
    expect([wrong.code, wrong.said]).toEqual([EXIT.notAllowed, expect.stringMatching(/got one that is unknown/)]);
    expect((await at(["login"], home, { secret: "" })).said).toMatch(/expects a token, got none; nothing was stored/);
    expect(() => statSync(join(home, "paritab"))).toThrow();
    const right = await at(["login", "--token-stdin"], home, { stdin: `${guarded.adminToken}\n` });
    expect([right.code, right.out]).toEqual([EXIT.ok, expect.stringMatching(/^scopes +.*admin/m)]);
    const { code, out } = await at(["submit", "inference", "--sample", "mnist", "--detach"], home);
    expect(code).toBe(EXIT.ok);
    expect((await at(["jobs"], home)).out).toContain(out.trim());
    expect((await at(["cancel", out.trim()], home)).code).toBe(EXIT.ok);
  });
});

test("convert writes what submit would upload", async () => {
  const report = await paritab([
    "convert",
    path("digits.csv"),
    path("c.npy"),
    "--label-column",
    "label",
    "--labels-out",
    path("l.npy"),
    "--json",
  ]);
  expect(JSON.parse(report.out)).toMatchObject({ dtype: "F32", shape: [COUNT, 784] });
  expect([...(parseNpy(readFileSync(path("l.npy"))).data as Int32Array)]).toEqual(labels);
  await paritab(["convert", path("pictures"), path("p.npy"), "--channels", "1"]);
  const pictures = parseNpy(readFileSync(path("p.npy")));
  expect(pictures.shape).toEqual([COUNT, 28, 28, 1]);
  expect([...(pictures.data as Uint8Array)]).toEqual([...(parseNpy(readFileSync(path("X.npy"))).data as Uint8Array)]);
});

describe("a private job", () => {
  const table = () => {
    const X = encodeNpy({ dtype: "F32", shape: [12, 4], data: Float32Array.from({ length: 48 }, (_, i) => i % 7) });
    const y = encodeNpy({ dtype: "I32", shape: [12], data: Int32Array.from({ length: 12 }, (_, i) => i % 2) });
    writeFileSync(path("private-X.npy"), X);
    writeFileSync(path("private-y.npy"), y);
    return ["--features", path("private-X.npy"), "--labels", path("private-y.npy")];
  };
  const masked = ["--data-volunteers", "1", "--stragglers", "0", "--liars", "0", "--colluders", "1"];

  test("prints a link for each volunteer, and says what it waits for as the API does", async () => {
    const interrupted = new AbortController();
    const said: string[] = [];
    const { out } = await paritab(["submit", "regression", ...table(), ...masked, "--detach", "--json"]);
    const { jobId, invitations, links } = JSON.parse(out) as Record<string, string[]>;
    expect(links).toEqual(invitations!.map((token) => `${coordinator.url}/#invite=${token}`));
    expect(links).toHaveLength(2 + 4);
    await paritab(["watch", String(jobId)], {
      signal: interrupted.signal,
      onSay(line) {
        said.push(line);
        if (line.includes("invited")) interrupted.abort(new Error("seen"));
      },
    });
    const job = await coordinator.client.job(String(jobId));
    expect(job.waitingFor).toMatch(/^waiting for 2 more invited volunteers: .*; 0 of 6 invitations are used$/);
    expect(said.at(-1)).toBe(`job ${jobId}: ${job.waitingFor}`);
    await coordinator.client.cancel(String(jobId));
  });

  test("its estimate waits for as many: nobody is invited yet", async () => {
    const { out } = await paritab(["estimate", "regression", ...table(), ...masked, "--json"]);
    expect(JSON.parse(out)).toMatchObject({ volunteersNeeded: 2, volunteersReady: 0, volunteersMissing: 2 });
  });
});

describe("a product of matrices", () => {
  const matrix = (name: string, rows: number[][]) => {
    writeFileSync(path(name), `${rows.map((row) => row.join()).join("\n")}\n`);
    return path(name);
  };
  const product = (left: number[][], right: number[][], ...more: string[]) =>
    ["matmul", "--left", matrix("A.csv", left), "--right", matrix("B.csv", right), ...more] as const;

  test("of fewer rows than K is cut into as many blocks, and says so before it starts", async () => {
    const given = product(
      [
        [1, 2],
        [3, 4],
      ],
      [[5], [6]],
      "--stragglers",
      "0",
      "--liars",
      "0",
      "--out",
      path("AB.npy"),
    );
    const { said, code } = await paritab(["submit", ...given]);
    expect([code, said]).toEqual([
      EXIT.ok,
      expect.stringMatching(/^The data has 2 rows .* so K is 2 in place of 4\.$/m),
    ]);
    expect([...parseNpy(readFileSync(path("AB.npy"))).data]).toEqual([17, 39]);
    const { said: ended } = await paritab(["watch", jobOf(said)]);
    expect(ended).toBe("");
    expect(await coordinator.client.job(jobOf(said))).toMatchObject({ endReason: "1 slice", dataVolunteers: 2 });
    const { out } = await paritab(["estimate", ...given.slice(0, -2), "--json"]);
    expect(JSON.parse(out)).toMatchObject({
      volunteersNeeded: 2,
      notes: [expect.stringMatching(/^The data has 2 rows/)],
    });
  });

  test("that cannot be exact is refused at submission, with what would help", async () => {
    for (const verb of ["submit", "estimate"]) {
      const { said, code } = await paritab([verb, ...product([[2 ** 16]], [[2 ** 16]])]);
      expect([code, said]).toEqual([
        EXIT.input,
        expect.stringMatching(/expected products of two entries of at most 1073741823 .*; divide by a common factor/),
      ]);
    }
    expect((await paritab(["submit", ...product([[2 ** 30]], [[1]])])).said).toMatch(
      /A: expected numbers of at most 1\.07374e\+9/,
    );
  });
});
