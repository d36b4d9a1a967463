/** What one acknowledged message of a result's size costs a bare Socket.IO server, in processor time of its process. */
import { type ChildProcess, fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import { io, type Socket } from "socket.io-client";
import { batchResult } from "../../crowd/honest-work.ts";

const SOCKETS = 16;
const ECHOES_EACH = 1_000;
const [ROWS, OUTPUTS] = [10, 10];

/** Milliseconds. */
export async function echoCostMs(): Promise<number> {
  const file = fileURLToPath(new URL("echo-process.ts", import.meta.url));
  const child = fork(file, [], { execArgv: ["--import", "tsx"] });
  try {
    const { port } = await heard<{ port: number }>(child);
    const sockets = await Promise.all(Array.from({ length: SOCKETS }, () => connected(`http://127.0.0.1:${port}`)));
    await echoes(sockets);
    const before = await cpuMicros(child);
    await echoes(sockets);
    const after = await cpuMicros(child);
    for (const socket of sockets) socket.disconnect();
    return (after - before) / 1e3 / (SOCKETS * ECHOES_EACH);
  } finally {
    child.kill();
  }
}

async function echoes(sockets: readonly Socket[]): Promise<void> {
  const batch = { token: "t".repeat(32), rowCount: ROWS, outputSize: OUTPUTS } as Parameters<typeof batchResult>[0];
  const result = batchResult(batch, new Float32Array(ROWS * OUTPUTS));
  await Promise.all(
    sockets.map(async (socket) => {
      for (let n = 0; n < ECHOES_EACH; n++) await socket.emitWithAck("result", result);
    }),
  );
}

function connected(url: string): Promise<Socket> {
  const socket = io(url, { transports: ["websocket"], forceNew: true, reconnection: false });
  return new Promise((resolve, reject) => {
    socket.once("connect", () => resolve(socket));
    socket.once("connect_error", reject);
  });
}

async function cpuMicros(child: ChildProcess): Promise<number> {
  const answer = heard<{ cpuMicros: number }>(child);
  child.send("cpu");
  return (await answer).cpuMicros;
}

function heard<T>(child: ChildProcess): Promise<T> {
  return new Promise((resolve, reject) => {
    child.once("message", (message) => resolve(message as T));
    child.once("exit", (code) => reject(new Error(`echo: expected an answer, the process ended with ${code}`)));
  });
}
