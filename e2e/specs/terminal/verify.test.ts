/** `paritab receipt --out` and `paritab verify` against a real coordinator with tabs, and then without it. */

import { spawnSync } from "node:child_process";
import { copyFileSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { beforeAll, expect, test } from "vitest";
import { EXIT } from "../../../server/cli/exit-codes.ts";
import { notesInFolder } from "../../../server/cli/noted-coordinators.ts";
import { encodeNpy } from "../../../shared/protocol/npy.ts";
import { bytesOfBase64 } from "../../../shared/receipts/ed25519.ts";
import { keyIdOf } from "../../../shared/receipts/sealed-receipt.ts";
import { digitsAtHand, MODEL } from "./digits-at-hand.ts";

const COUNT = 48;
const { path, paritab, offline, coordinator, computed } = digitsAtHand(COUNT);

beforeAll(async () => {
  const jobId = await computed();
  expect((await paritab("receipt", jobId, "--out", path("kept"))).code).toBe(EXIT.ok);
});

test("what was kept holds, offline, and one paragraph says what is known", async () => {
  const kept = ["answers.npy", "authors.bin", "authors.json", "receipt.json", "rows.bin", "signatures.jsonl"];
  expect(readdirSync(path("kept")).sort()).toEqual(kept);
  const { code, out } = await offline(path("kept", "receipt.json"));
  expect(out).not.toMatch(/^NO /m);
  expect(out).toMatch(/^ok {2}volunteers signed the results .*: \d+ claims; \d+ answers are rows that were signed$/m);
  expect(out).toMatch(/^ok {2}rows that the secret draws were computed by the coordinator/m);
  expect(out).toMatch(/Of 48 answers .* were final when the job ended\..*Not known from any receipt/s);
  expect(code).toBe(EXIT.ok);
});

test("with the model and the queries a sample is computed again, and says how surely the rest is right", async () => {
  const own = ["--model", MODEL, "--queries", path("X.npy"), "--sample", "40"];
  const { code, out } = await offline(path("kept", "receipt.json"), ...own);
  expect(out).toMatch(/You have computed 40 rows again, .* with 95 % certainty less than 7.2 % of the answers/);
  expect(code).toBe(EXIT.ok);
  const other = await offline(path("kept", "receipt.json"), "--model", MODEL, "--queries", path("kept", "answers.npy"));
  expect(other.out).toMatch(/they are not the queries of this job/);
  expect(other.code).toBe(EXIT.notSo);
});

test("the key and the commitment that one noted are asked for, and another one is refused", async () => {
  const [link] = await coordinator().client.receiptKeys();
  const key = keyIdOf(bytesOfBase64(link!.publicKey));
  const { code, out } = await offline(path("kept", "receipt.json"), "--key", key);
  expect([code, out]).toEqual([EXIT.ok, expect.stringMatching(/^ok {2}it is signed by the key that you know/m)]);
  expect((await offline(path("kept", "receipt.json"), "--key", "0".repeat(32))).code).toBe(EXIT.notSo);
  const other = await offline(path("kept", "receipt.json"), "--commitment", "0".repeat(64));
  expect(other.out).toMatch(/expected 0{64}, which was told when the job began/);
  expect(other.code).toBe(EXIT.notSo);
});

test("what was noted when the job was submitted is asked for without a flag: key, commitment and nonce", async () => {
  const notes = notesInFolder({ XDG_CONFIG_HOME: path() });
  const [link] = await coordinator().client.receiptKeys();
  const keyId = keyIdOf(bytesOfBase64(link!.publicKey));
  expect(await notes.key(coordinator().url)).toBe(keyId);
  const receipt = JSON.parse(readFileSync(path("kept", "receipt.json"), "utf8"));
  const { jobId, commitment, rules } = receipt.statements[0].body;
  expect(await notes.job(jobId)).toEqual({ keyId, commitment: commitment.commitment, nonce: "my-own", rules });
  const { out } = await offline(path("kept", "receipt.json"));
  expect(out).toMatch(/^ok {2}it is signed by the key that you know/m);
  expect(out).toMatch(/^ok {2}the secret that was opened is the one .*: [0-9a-f]{64}$/m);
  const other = await offline(path("kept", "receipt.json"), "--nonce", "another");
  expect(other.out).toMatch(/expected it to be made with your nonce another, got "my-own"/);
});

test("a coordinator with another key than the noted one gets no job; the right key may be named", async () => {
  const submit = ["submit", "inference", "--model", MODEL, "--queries", path("X.npy"), "--input-scale", "1/255"];
  const before = (await coordinator().client.jobs()).length;
  const refused = await paritab(...submit, "--coordinator-key", "0".repeat(32));
  expect([refused.code, refused.said]).toEqual([
    EXIT.notSo,
    expect.stringMatching(/expected a coordinator whose receipts the key 0{32} vouches for, got the key [0-9a-f]{32}/),
  ]);
  expect(await coordinator().client.jobs()).toHaveLength(before);
  const [link] = await coordinator().client.receiptKeys();
  const known = await paritab(
    ...submit,
    "--coordinator-key",
    keyIdOf(bytesOfBase64(link!.publicKey)),
    "--out",
    path("b.csv"),
  );
  expect(known.code).toBe(EXIT.ok);
});

test("a program checks a receipt with one call", async () => {
  const receipt = JSON.parse(readFileSync(path("kept", "receipt.json"), "utf8"));
  const { holds, findings, paragraph } = await coordinator().client.checkReceipt(receipt.statements[0].body.jobId);
  expect(findings.filter(({ state }) => state === "broken")).toEqual([]);
  expect([holds, paragraph]).toEqual([
    true,
    expect.stringMatching(/The coordinator with the key [0-9a-f]{32} has signed/),
  ]);
});

test("the folder that the receipt was written to stands for it, and a file is no such folder", async () => {
  const whole = await offline(path("kept", "receipt.json"));
  expect(await offline(path("kept"))).toEqual(whole);
  const receipt = JSON.parse(readFileSync(path("kept", "receipt.json"), "utf8"));
  const { code, said } = await paritab("receipt", receipt.statements[0].body.jobId, "--out", path("X.npy"));
  // Without a trace: the program has made no mistake.
  expect(said).toMatch(/^paritab: EEXIST: .*X\.npy'\n$/);
  expect(code).toBe(EXIT.input);
});

test("a changed answer is named; without the files it is said what could not be looked at", async () => {
  const answers = readFileSync(path("kept", "answers.npy"));
  answers[answers.length - 1]! ^= 1;
  writeFileSync(path("changed.npy"), answers);
  const { code, out } = await offline(path("kept", "receipt.json"), "--answers", path("changed.npy"));
  expect(out).toMatch(/answers.npy: answer 47 is not what was signed/);
  expect(code).toBe(EXIT.notSo);
  copyFileSync(path("kept", "receipt.json"), path("alone.json"));
  const alone = await offline(path("alone.json"));
  expect(alone.out).toMatch(/rows.bin, authors.bin, authors.json, signatures.jsonl: not there/);
  expect(alone.code).toBe(EXIT.notReady);
});

test("the coordinator is asked for newer amendments where one says so", async () => {
  const { code, out } = await offline(path("kept", "receipt.json"), "--url", coordinator().url);
  expect(out).toMatch(/^ok {2}no amendment is missing: 0 amendments, and the coordinator has no more/m);
  expect(code).toBe(EXIT.ok);
});

test("what receipt.json gives is unsigned, and is told so", async () => {
  const { out: list } = await paritab("jobs", "--json");
  const { jobId } = JSON.parse(list.split("\n")[0]!) as { jobId: string };
  writeFileSync(path("unsigned.json"), (await paritab("receipt", jobId, "--json")).out);
  const { code, out } = await offline(path("unsigned.json"));
  expect(out).toMatch(/it is unsigned: .* anybody could have written it/);
  expect(code).toBe(EXIT.notSo);
});

test("a product of matrices is checked with vectors drawn here", async () => {
  const of = (shape: [number, number], by: number) =>
    encodeNpy({
      dtype: "I32",
      shape,
      data: Int32Array.from({ length: shape[0] * shape[1] }, (_, i) => ((i * by) % 19) - 9),
    });
  writeFileSync(path("A.npy"), of([8, 6], 7));
  writeFileSync(path("B.npy"), of([6, 4], 5));
  const factors = ["--left", path("A.npy"), "--right", path("B.npy")];
  const { said } = await paritab("submit", "matmul", ...factors, "--data-volunteers", "2", "--out", path("AB.npy"));
  const jobId = /^job ([\w-]+)/m.exec(said)![1]!;
  expect((await paritab("receipt", jobId, "--out", path("product"))).code).toBe(EXIT.ok);
  const { code, out } = await offline(path("product", "receipt.json"), ...factors);
  expect(out).toMatch(/A \(B y\) = C y for 2 vectors drawn here/);
  expect(code).toBe(EXIT.ok);
  const changed = await offline(path("product", "receipt.json"), "--left", path("B.npy"), "--right", path("A.npy"));
  expect(changed.out).toMatch(/it is not A of this job/);
  expect(changed.code).toBe(EXIT.notSo);
});

test("rounds of a table of words and gaps are done again from the table itself", async () => {
  const rows = Array.from({ length: 60 }, (_, i) => {
    const city = ["Oslo", "Rome", ""][i % 3]!;
    return `${i % 7 === 0 ? "" : 100 * Math.sin(i)},${city},${Math.sin(i) + (city === "Rome" ? 0.5 : 0) > 0.2 ? "yes" : "no"}`;
  });
  writeFileSync(path("people.csv"), `size,city,bought\n${rows.join("\n")}\n`);
  const data = ["--features", path("people.csv"), "--label-column", "bought"];
  const { said } = await paritab("submit", "regression", ...data, "--data-volunteers", "2", "--stragglers", "1");
  const jobId = /^job ([\w-]+)/m.exec(said)![1]!;
  expect((await paritab("receipt", jobId, "--out", path("table"))).code).toBe(EXIT.ok);
  const again = await offline(path("table", "receipt.json"), ...data, "--rounds", "1000");
  expect(again.out).toMatch(/^ok {2}the result is what the data gives: (\d+) of \1 rounds again, /m);
  expect(again.code).toBe(EXIT.ok);
  writeFileSync(path("others.csv"), `size,city,bought\n${rows.toReversed().join("\n")}\n`);
  const other = await offline(
    path("table", "receipt.json"),
    "--features",
    path("others.csv"),
    "--label-column",
    "bought",
  );
  expect(other.out).toMatch(/others.csv: it is not X of this job/);
  expect(other.code).toBe(EXIT.notSo);
});

test("rounds of a regression are done again from its data: weights, and every product that went into them", async () => {
  const [rows, columns] = [40, 6];
  const values = Float64Array.from({ length: rows * columns }, (_, i) => ((i * 37) % 101) / 50 - 1);
  const labels = Int32Array.from({ length: rows }, (_, r) =>
    values[r * columns]! + values[r * columns + 3]! > 0 ? 1 : 0,
  );
  writeFileSync(path("F.npy"), encodeNpy({ dtype: "F64", shape: [rows, columns], data: values }));
  writeFileSync(path("y.npy"), encodeNpy({ dtype: "I32", shape: [rows], data: labels }));
  const data = ["--features", path("F.npy"), "--labels", path("y.npy")];
  const code = ["--data-volunteers", "2", "--stragglers", "1", "--iterations", "12"];
  const { said } = await paritab("submit", "regression", ...data, ...code, "--out", path("weights.npy"));
  const jobId = /^job ([\w-]+)/m.exec(said)![1]!;
  expect((await paritab("receipt", jobId, "--out", path("trained"))).code).toBe(EXIT.ok);
  const receipt = path("trained", "receipt.json");
  const alone = await offline(receipt);
  expect(alone.out).toMatch(
    /^ok {2}the rounds make up .*: 12 iterations lead to the weights, the arrays of 3 of them are there$/m,
  );
  expect(alone.out).toMatch(/^ok {2}volunteers signed .*: [1-9]\d* products of [^;]*$/m);
  expect(alone.out).toMatch(/^\? {3}the result is what the data gives: name --features and --labels/m);
  const all = await offline(receipt, ...data, "--rounds", "12");
  expect(all.out).toMatch(
    /^ok {2}the result is what the data gives: 12 of 12 rounds again, .* and [1-9]\d* products that volunteers sent$/m,
  );
  expect(all.code).toBe(EXIT.ok);
  const second = fileURLToPath(new URL("../../proofs/receipts/verify_receipt.py", import.meta.url));
  const python = spawnSync("python3", [second, path("trained")], { encoding: "utf8" });
  if (python.error === undefined) expect(python.stdout).toBe(`${path("trained")}: holds\n`);
  const rounds = readFileSync(path("trained", "rounds.jsonl"), "utf8");
  writeFileSync(path("trained", "rounds.jsonl"), rounds.replace('"forward"', '"backward"'));
  const changed = await offline(receipt);
  expect(changed.out).toMatch(/^NO {2}.*rounds.jsonl: expected \d+ bytes/m);
  writeFileSync(path("trained", "rounds.jsonl"), rounds);
  const others = labels.slice().reverse();
  writeFileSync(path("other-y.npy"), encodeNpy({ dtype: "I32", shape: [rows], data: others }));
  const foreign = await offline(receipt, "--features", path("F.npy"), "--labels", path("other-y.npy"));
  expect(foreign.out).toMatch(/^NO {2}.*other-y.npy: it is not y of this job/m);
  expect(foreign.code).toBe(EXIT.notSo);
  const weights = readFileSync(path("trained", "weights.npy"));
  weights[weights.length - 1]! ^= 1;
  writeFileSync(path("other-weights.npy"), weights);
  expect((await offline(receipt, "--answers", path("other-weights.npy"))).out).toMatch(
    /weights.npy: expected numbers with/,
  );
});
