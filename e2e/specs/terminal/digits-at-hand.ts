/** What specs of receipts begin with: a coordinator with tabs, the command line that asks it, and a folder with digits to be read. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, expect } from "vitest";
import { EXIT } from "../../../server/cli/exit-codes.ts";
import { loadMnist, MNIST_MODEL_FILES } from "../../../server/samples/mnist.ts";
import { encodeNpy } from "../../../shared/protocol/npy.ts";
import { type CoordinatorInProcess, coordinatorInProcess } from "../../coordinators/coordinator-in-process.ts";
import { cli } from "./fake-terminal.ts";

const TABS = 5;
export const MODEL = dirname(MNIST_MODEL_FILES.modelJson);

/**
 * Opens them before the tests of a file, and closes them after the last one.
 * @param count of the digits in X.npy
 */
export function digitsAtHand(count: number) {
  let coordinator: CoordinatorInProcess;
  let folder: string;
  const path = (...names: string[]) => join(folder, ...names);
  const paritab = (...argv: string[]) =>
    cli(argv, { environment: { PARITAB_URL: coordinator.url, XDG_CONFIG_HOME: folder } });
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "paritab-digits-"));
    coordinator = await coordinatorInProcess();
    await coordinator.openTabs(TABS);
    const digits = await loadMnist("test");
    const data = digits.images.slice(0, count * 784);
    writeFileSync(path("X.npy"), encodeNpy({ dtype: "U8", shape: [count, 28, 28], data }));
  });
  afterAll(async () => {
    await coordinator.close();
    rmSync(folder, { recursive: true, force: true });
  });
  return {
    path,
    paritab,
    coordinator: () => coordinator,
    /** `paritab verify`. Nobody is asked: there is nobody at this address. */
    offline: (...argv: string[]) =>
      cli(["verify", ...argv], { environment: { PARITAB_URL: "http://localhost:1", XDG_CONFIG_HOME: folder } }),
    /** Has the digits computed; the answers are in first.csv. @returns the id of the job */
    async computed(...more: string[]): Promise<string> {
      const files = [
        "--model",
        MODEL,
        "--queries",
        path("X.npy"),
        "--input-scale",
        "1/255",
        "--out",
        path("first.csv"),
      ];
      const code = ["--queries-per-group", "2", "--stragglers", "1", "--nonce", "my-own", ...more];
      const { code: exit, said } = await paritab("submit", "inference", ...files, ...code);
      expect([exit, said]).toEqual([EXIT.ok, expect.stringMatching(/^job [\w-]+/m)]);
      return /^job ([\w-]+)/m.exec(said)![1]!;
    },
  };
}
