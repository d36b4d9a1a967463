import { createServer, type Server as HttpServer } from "node:http";
import type { AddressInfo } from "node:net";
import { Server, type Socket } from "socket.io";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { BatchMessage } from "../../shared/kinds/inference/batch.ts";
import { encodeFrame } from "../../shared/protocol/frame.ts";
import { type Answerer, openAnsweringVolunteer } from "./answering-volunteer.ts";

let http: HttpServer;
let io: Server;
let tab: Socket;
const heard: string[] = [];

beforeEach(async () => {
  heard.length = 0;
  http = createServer();
  io = new Server(http, { transports: ["websocket"] });
  io.on("connection", (socket) => {
    tab = socket;
    for (const said of ["returned", "result", "failed"]) {
      socket.on(said, ({ token }: { token: string }) => heard.push(`${said} ${token}`));
    }
    socket.emit("welcome", {});
  });
  await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
});
afterEach(() => io.close());

function send(token: string): void {
  const frame = encodeFrame({ rows: { dtype: "F32", shape: [1, 1], data: Float32Array.of(7) } });
  const batch: Partial<BatchMessage> = {
    ...{ token, jobId: "job", assignmentId: token, kind: "inference", work: "batch", deadlineMs: 60_000 },
    ...{ model: { sha256: "0", bytes: 1 }, input: { kind: "inline", frame }, rowCount: 1, inputSize: 1, outputSize: 1 },
  };
  tab.emit("assignment", batch);
}

async function opened(answer: Answerer) {
  const { port } = http.address() as AddressInfo;
  return openAnsweringVolunteer(`http://127.0.0.1:${port}`, "tab", answer, "cpu");
}

test("[PR98] what is cancelled is returned: what waits at once, what is under way once it is let go of, and nothing more is said of it", async () => {
  let isAsked = false;
  let letGo = (): void => {};
  const volunteer = await opened(async (_, rows, _count, isDropped) => {
    isAsked = true;
    await new Promise<void>((resolve) => (letGo = resolve));
    return isDropped() ? null : rows;
  });
  for (const token of ["a", "b", "c"]) send(token);
  await vi.waitUntil(() => isAsked);
  for (const token of ["a", "b"]) tab.emit("cancel", { token });
  await vi.waitUntil(() => heard.length > 0);
  expect(heard).toEqual(["returned b"]);
  isAsked = false;
  letGo();
  await vi.waitUntil(() => isAsked);
  letGo();
  await vi.waitUntil(() => heard.length === 3);
  expect(heard).toEqual(["returned b", "returned a", "result c"]);
  volunteer.stop();
});

test("a model that it has no answer to is said to have failed", async () => {
  const volunteer = await opened(async () => null);
  send("a");
  await vi.waitUntil(() => heard.length > 0);
  expect(heard).toEqual(["failed a"]);
  volunteer.stop();
});
