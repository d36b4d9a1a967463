/**
 * A Chromium of our own, spoken to by its DevTools protocol over a pipe. Playwright keeps every page "visible" and switches
 * the throttling of hidden tabs off; here nothing does, so that a hidden tab is hidden as it is at home.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Readable, Writable } from "node:stream";
import { chromium } from "@playwright/test";
import { chromiumPath } from "../../../server/join/chromium-path.ts";

const CALL_MS_MAX = 60_000;
const FLAGS = ["--headless=new", "--no-sandbox", "--no-first-run", "--disable-quic", "--enable-unsafe-swiftshader"];

export interface RawTab {
  readonly targetId: string;
  /** @param expression JavaScript; a promise is waited for. @returns its value, which has to fit JSON */
  evaluate<T>(expression: string): Promise<T>;
  /** Brings it to the front of its window: whichever was there is hidden. */
  activate(): Promise<void>;
}

export interface RawChromium {
  /** In the window of the tabs before it. */
  openTab(url: string): Promise<RawTab>;
  close(): Promise<void>;
}

interface Reply {
  readonly id?: number;
  readonly result?: unknown;
  readonly error?: { readonly message: string };
}

export async function launchRawChromium(): Promise<RawChromium> {
  const profile = await mkdtemp(join(tmpdir(), "paritab-chromium-"));
  const flags = [...FLAGS, "--remote-debugging-pipe", `--user-data-dir=${profile}`, "about:blank"];
  const child = spawn(chromiumPath() ?? chromium.executablePath(), flags, {
    stdio: ["ignore", "ignore", "ignore", "pipe", "pipe"],
  });
  const exited = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  const call = callsOver(child);

  async function openTab(url: string): Promise<RawTab> {
    const { targetId } = await call<{ targetId: string }>("Target.createTarget", { url });
    const { sessionId } = await call<{ sessionId: string }>("Target.attachToTarget", { targetId, flatten: true });
    return {
      targetId,
      async evaluate<T>(expression: string): Promise<T> {
        const asked = { expression, awaitPromise: true, returnByValue: true };
        const { result, exceptionDetails } = await call<{
          result: { value: T };
          exceptionDetails?: { text: string; exception?: { description?: string } };
        }>("Runtime.evaluate", asked, sessionId);
        if (exceptionDetails === undefined) return result.value;
        throw new Error(`in the tab: ${exceptionDetails.exception?.description ?? exceptionDetails.text}`);
      },
      activate: async () => void (await call("Target.activateTarget", { targetId })),
    };
  }

  return {
    openTab,
    async close() {
      child.kill("SIGKILL");
      await exited;
      await rm(profile, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

type Call = <T>(method: string, params: object, sessionId?: string) => Promise<T>;

/** One JSON message each way, ended by a zero byte. */
function callsOver(child: ChildProcess): Call {
  const [writable, readable] = [child.stdio[3] as Writable, child.stdio[4] as Readable];
  const waiting = new Map<number, { resolve(value: unknown): void; reject(error: Error): void }>();
  let lastId = 0;
  let text = "";
  readable.setEncoding("utf8");
  readable.on("data", (chunk: string) => {
    const messages = (text + chunk).split("\0");
    text = messages.pop()!;
    for (const message of messages) {
      const { id, result, error } = JSON.parse(message) as Reply;
      const asked = waiting.get(id ?? -1);
      if (asked === undefined) continue;
      waiting.delete(id!);
      if (error === undefined) asked.resolve(result);
      else asked.reject(new Error(`chromium: ${error.message}`));
    }
  });
  child.once("exit", () => {
    for (const { reject } of waiting.values()) reject(new Error("chromium: expected an answer, it ended"));
  });
  return <T>(method: string, params: object, sessionId?: string) =>
    new Promise<T>((resolve, reject) => {
      const id = ++lastId;
      const timer = setTimeout(
        () => reject(new Error(`chromium: expected ${method} to be answered within ${CALL_MS_MAX} ms`)),
        CALL_MS_MAX,
      );
      waiting.set(id, {
        resolve(value) {
          clearTimeout(timer);
          resolve(value as T);
        },
        reject(error) {
          clearTimeout(timer);
          reject(error);
        },
      });
      writable.write(`${JSON.stringify({ id, method, params, ...(sessionId === undefined ? {} : { sessionId }) })}\0`);
    });
}
