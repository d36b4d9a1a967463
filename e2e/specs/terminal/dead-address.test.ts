/** Commands whose coordinator is not there: they say so, and the first signal ends them. */
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { zipSync } from "fflate";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { COMMANDS } from "../../../server/cli/commands.ts";
import { EXIT } from "../../../server/cli/exit-codes.ts";
import { encodeNpy } from "../../../shared/protocol/npy.ts";
import { createParitabClient, type Waiting } from "../../../shared/sdk/paritab-client.ts";
import { ELSEWHERE, LINES, MODEL, SUBMITS, withPaths, writeFilesOfLines } from "./every-command.ts";
import { cli } from "./fake-terminal.ts";

const PARITAB = fileURLToPath(new URL("../../../server/cli/paritab.mjs", import.meta.url));

let folder: string;
/** Takes connections and says nothing: as a firewall does, or a wrong port. */
let silent: Server;
let silentUrl: string;
/** Nobody listens there. */
let deadUrl: string;
const sockets = new Set<Socket>();

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "paritab-dead-"));
  writeFilesOfLines(folder);
  [silent, silentUrl] = await listening((socket) => sockets.add(socket));
  const [gone, url] = await listening(() => {});
  deadUrl = url;
  await new Promise((resolve) => gone.close(resolve));
});
afterAll(() => {
  for (const socket of sockets) socket.destroy();
  silent.close();
  rmSync(folder, { recursive: true, force: true });
});

async function listening(onSocket: (socket: Socket) => void): Promise<[Server, string]> {
  const server = createServer(onSocket);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return [server, `http://127.0.0.1:${(server.address() as AddressInfo).port}`];
}

const NUMBERS = { dtype: "F32", shape: [2, 1], data: Float32Array.of(1, 2) } as const;
const path = (name: string) => join(folder, name);
test("every command is tried here", () => {
  expect([...Object.keys(LINES), ...ELSEWHERE].sort()).toEqual(COMMANDS.map(({ name }) => name).sort());
});

test.each(Object.entries(LINES))(
  "`paritab %s` says that an address is silent, and the first signal ends it",
  async (name, line) => {
    const interrupted = new AbortController();
    const { code, said } = await cli([...name.split(" "), ...withPaths(line, folder)], {
      environment: { PARITAB_URL: silentUrl, XDG_CONFIG_HOME: folder },
      signal: interrupted.signal,
      onSay: (told) => {
        if (told.includes("waiting")) interrupted.abort(new Error("interrupted"));
      },
    });
    expect(said).toMatch(
      /^paritab: .*the coordinator at http:\/\/127\.0\.0\.1:\d+ has .*yet; waiting \(Ctrl-C ends this\)\n$/m,
    );
    expect(code).toBe(EXIT.interrupted);
  },
);

describe("what can be checked without a coordinator is told before one is asked, all of it", () => {
  const to = (argv: string[], stdin = "") =>
    cli(argv, { environment: { PARITAB_URL: deadUrl, XDG_CONFIG_HOME: folder }, stdin });
  const missing = (name: string) => `${path(name)}: there is no such file`;

  test("files that are missing, and one that is no array", async () => {
    writeFileSync(path("torn.npy"), Uint8Array.of(0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0));
    const argv = ["--model", path("none"), "--parity-model", path("no-parity"), "--queries", path("torn.npy")];
    const { code, said } = await to(["submit", "inference", ...argv, "--labels", path("no-labels.npy")]);
    expect(code).toBe(EXIT.input);
    expect(said).toContain("4 problems:\n");
    for (const name of ["none", "no-parity", "no-labels.npy"]) expect(said).toContain(missing(name));
    expect(said).toMatch(/torn\.npy: npy: /);
  });

  test("each array of an archive that is none", async () => {
    const broken = Uint8Array.of(1, 2, 3);
    writeFileSync(path("inputs.npz"), zipSync({ "a.npy": broken, "b.npy": encodeNpy(NUMBERS), "c.npy": broken }));
    const { code, said } = await to(["submit", "inference", "--model", MODEL, "--queries", path("inputs.npz")]);
    expect(code).toBe(EXIT.input);
    expect(said).toMatch(/2 problems:\n\(1\) .*inputs\.npz: "a": .*\n\(2\) .*inputs\.npz: "c": /);
  });

  test("matrices that have no product", async () => {
    writeFileSync(path("A.csv"), "1,2\n3,4\n");
    writeFileSync(path("B.csv"), "1,2\n3,4\n5,6\n");
    const { code, said } = await to(["submit", "matmul", "--left", path("A.csv"), "--right", path("B.csv")]);
    expect(code).toBe(EXIT.input);
    expect(said).toMatch(/expected A's columns to be as many as B's rows, got 2 x 2 and 3 x 2/);
  });

  test.each(["submit", "estimate"])("labels of a regression that are not one a row, for `paritab %s`", async (what) => {
    writeFileSync(path("three.csv"), "0\n1\n0\n");
    const files = ["--features", path("X.npy"), "--labels", path("three.csv")];
    const { code, said } = await to([what, "regression", ...files]);
    expect(code).toBe(EXIT.input);
    expect(said).toBe(`paritab: ${path("three.csv")}: expected 4 numbers, one for each row of X, got 3\n`);
  });

  test("labels that the model of a regression does not learn, with the one that does", async () => {
    writeFileSync(path("digits.csv"), "a,y\n1,0\n2,1\n3,2\n");
    writeFileSync(path("prices.npy"), encodeNpy({ dtype: "F64", shape: [4], data: Float64Array.of(0.5, 2, 3, 4) }));
    const logistic = "logistic regression: expected exactly two different labels, got";
    const asked = ["--model", "logistic"];
    const own = await to(["submit", "regression", ...asked, "--features", path("digits.csv"), "--label-column", "y"]);
    expect(own.said).toBe(`paritab: ${path("digits.csv")}: ${logistic} 3; --model softmax learns more than two\n`);
    const files = ["--features", path("X.npy"), "--labels", path("prices.npy")];
    const prices = await to(["submit", "regression", ...asked, ...files]);
    expect(prices.said).toBe(`paritab: ${path("prices.npy")}: ${logistic} 4; --model linear learns any numbers\n`);
    expect([own.code, prices.code]).toEqual([EXIT.input, EXIT.input]);
    const sample = await to(["estimate", "regression", ...asked, "--sample", "mnist"]);
    expect(sample.said).toContain(`--sample mnist: ${logistic} 10; --model softmax learns more than two\n`);
    expect(sample.code).toBe(EXIT.usage);
  });

  test("standard input that is to be read whole, and an estimate's files", async () => {
    const whole = ["submit", "inference", "--model", path("none"), "--queries", "-", "--detach"];
    expect((await to(whole, "1,2\n3,x\n")).said).toMatch(/2 problems:\n.*no such file\n.*standard input, line 2/);
    const ahead = ["estimate", "inference", "--model", path("none"), "--stream", "500", "--task", "regression"];
    const { code, said } = await to([...ahead, "--examples", path("no-examples.npy")]);
    expect(code).toBe(EXIT.input);
    for (const name of ["none", "no-examples.npy"]) expect(said).toContain(missing(name));
  });
});

describe.each([
  ["SIGINT", EXIT.interrupted],
  ["SIGTERM", EXIT.terminated],
] as const)("%s", (signal, expectedCode) => {
  test.each(Object.entries(SUBMITS))(
    "ends `submit %s` that asks a dead address again and again",
    async (kind, line) => {
      const child = spawn(process.execPath, [PARITAB, "submit", kind, ...withPaths(line, folder)], {
        env: { ...process.env, PARITAB_URL: deadUrl, XDG_CONFIG_HOME: folder },
        stdio: ["ignore", "ignore", "pipe"],
      });
      let said = "";
      child.stderr.on("data", (text) => {
        said += text;
        // On a busy machine it takes a while to be refused, and that is told first.
        if (said.includes("ECONNREFUSED")) child.kill(signal);
      });
      const code = await new Promise((resolve) => child.once("close", resolve));
      expect(said).toMatch(
        /cannot be reached: .*ECONNREFUSED.*; asking again, for 10 min more at most \(Ctrl-C ends this\)/,
      );
      expect(code).toBe(expectedCode);
    },
  );
});

test("the library tells the same to whoever wants to hear it, and its signal ends it", async () => {
  const told: Waiting[] = [];
  const enough = new AbortController();
  const paritab = createParitabClient({
    baseUrl: deadUrl,
    onWaiting: (waiting) => {
      told.push(waiting);
      enough.abort(new Error("enough"));
    },
  });
  const sample = { sample: "mnist", from: 0, count: 10 } as const;
  await expect(paritab.submitRun({ sample, signal: enough.signal })).rejects.toThrow("enough");
  expect(told).toEqual([{ reason: expect.stringContaining(deadUrl), waitedMs: 0, leftMs: 600_000 }]);
});
