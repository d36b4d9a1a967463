import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { ChainCheck } from "./audit-chain.ts";
import { openAuditLog } from "./audit-log.ts";
import { verify } from "./audit-log-command.ts";

let directory: string;
let path: string;
const said: string[] = [];

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "paritab-audit-"));
  path = join(directory, "audit.log");
  said.length = 0;
  for (const method of ["log", "error"] as const)
    vi.spyOn(console, method).mockImplementation((text) => said.push(text));
});
afterEach(() => {
  vi.restoreAllMocks();
  rmSync(directory, { recursive: true, force: true });
});

const noProblem = (message: string, error: unknown) => {
  throw new Error(message, { cause: error });
};

async function noted(whats: readonly string[]): Promise<void> {
  const log = await openAuditLog(path, () => 1_700_000_000_000, noProblem);
  for (const what of whats) log.note(what, { submitter: "ada", n: whats.length });
  await log.close();
}

/** The first break that a check of these bytes finds. */
function breakIn(text: string): string | null {
  const check = new ChainCheck();
  for (const line of text.split("\n").slice(0, -1)) {
    const broken = check.add(line);
    if (broken !== null) return broken.problem;
  }
  return null;
}

describe("audit log", () => {
  it("[OP1] entries are chained over restarts, and the check says how many there are and the head", async () => {
    await noted(["started", "token-created"]);
    await noted(["started"]);
    expect(await verify(path, null)).toBe(0);
    expect(said[0]).toMatch(/^whole: 3 entries\nhead: [0-9a-f]{64}$/);
    const entries = readFileSync(path, "utf8")
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect(entries.map(({ seq, what, submitter }) => [seq, what, submitter])).toEqual([
      [0, "started", "ada"],
      [1, "token-created", "ada"],
      [2, "started", "ada"],
    ]);
    expect(entries[1].before).toBe(entries[0].hash);
  });

  it("[OP1] any byte that is changed is found", async () => {
    await noted(["a", "b", "c", "d", "e"]);
    const bytes = readFileSync(path);
    let tried = 0;
    for (let at = 0; at < bytes.length - 1; at++) {
      const changed = Buffer.from(bytes);
      changed[at]! ^= 1 << (at % 7);
      if (breakIn(changed.toString("utf8")) === null) expect.fail(`byte ${at} was changed and not found`);
      tried++;
    }
    expect(tried).toBeGreaterThan(1_000);
  });

  it("[OP1] entries that are removed, repeated or moved are found", async () => {
    await noted(["a", "b", "c", "d", "e", "f"]);
    const lines = readFileSync(path, "utf8").trim().split("\n");
    fc.assert(
      fc.property(fc.shuffledSubarray([0, 1, 2, 3, 4, 5], { minLength: 1 }), (order) => {
        const isPrefix = order.every((entry, i) => entry === i);
        const text = `${order.map((entry) => lines[entry]).join("\n")}\n`;
        expect(breakIn(text) === null).toBe(isPrefix);
      }),
    );
  });

  it("[OP1] a log that was cut, or written anew from the start, no longer holds the head that was noted", async () => {
    await noted(["a", "b", "c"]);
    await verify(path, null);
    const head = /head: (\w+)/.exec(said[0]!)![1]!;
    await noted(["d"]);
    expect(await verify(path, head)).toBe(0);
    const lines = readFileSync(path, "utf8").trim().split("\n");
    writeFileSync(path, `${lines.slice(0, 2).join("\n")}\n`);
    expect(await verify(path, null)).toBe(0);
    expect(await verify(path, head)).toBe(1);
    expect(said.at(-1)).toMatch(/BROKEN: expected an entry with the hash .* cut or written anew/);
  });

  it("[OP2] a line that a crash tore is cut off at the next start, which is noted", async () => {
    await noted(["a", "b"]);
    appendFileSync(path, '{"seq":2,"atMs":1');
    expect(await verify(path, null)).toBe(0);
    await noted(["c"]);
    expect(await verify(path, null)).toBe(0);
    expect(said.at(-1)).toMatch(/^whole: 4 entries/);
    expect(readFileSync(path, "utf8")).toContain('"what":"torn-line-cut","bytes":17');
  });

  it("[OP2] a chain that was broken is not mended by the next start, which says so", async () => {
    await noted(["a", "b"]);
    writeFileSync(path, readFileSync(path, "utf8").replace('"what":"a"', '"what":"x"'));
    const problems: string[] = [];
    const log = await openAuditLog(
      path,
      () => 1,
      (message) => problems.push(message),
    );
    log.note("c");
    await log.close();
    expect(problems).toEqual(["the audit log is broken at line 1: keep a copy of it"]);
    expect(readFileSync(path, "utf8")).toContain('"what":"chain-found-broken","line":1');
    expect(await verify(path, null)).toBe(1);
    expect(said.at(-1)).toMatch(/BROKEN at line 1: .*was changed/);
  });

  it("[OP2] an entry that is too long leaves its fields out and stays in the chain", async () => {
    const log = await openAuditLog(path, () => 1, noProblem);
    log.note("big", { text: "x".repeat(20_000) });
    log.note("small");
    await log.close();
    expect(await verify(path, null)).toBe(0);
    expect(readFileSync(path, "utf8")).toContain('"leftOut":"fields of 2');
  });
});
