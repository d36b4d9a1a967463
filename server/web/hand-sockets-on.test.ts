/** Tabs that ask for a coordinator by name, at the address of another. */
import { createServer, type IncomingHttpHeaders, type Server } from "node:http";
import { type AddressInfo, connect as connectTo, type Socket as NetSocket } from "node:net";
import { Server as SocketServer } from "socket.io";
import { io, type Socket } from "socket.io-client";
import { afterEach, expect, test } from "vitest";
import { handSocketsOn } from "./hand-sockets-on.ts";

const sockets: Socket[] = [];
const servers: { server: Server; close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.disconnect();
  for (const { close } of servers.splice(0)) await close();
});

interface Cell {
  readonly url: string;
  readonly seen: IncomingHttpHeaders[];
  close(): Promise<void>;
}

/** Says its name, and gives back what it is told. */
async function cell(name: string, addressOf: (name: string) => Promise<string | null>): Promise<Cell> {
  const seen: IncomingHttpHeaders[] = [];
  const open = new Set<NetSocket>();
  const server = createServer((_request, response) => response.end());
  server.on("connection", (socket) => {
    open.add(socket);
    socket.on("close", () => open.delete(socket));
  });
  const sockets = new SocketServer(server, { transports: ["websocket"], serveClient: false });
  sockets.on("connection", (socket) => {
    seen.push(socket.handshake.headers);
    socket.emit("name", name);
    socket.on("say", (bytes: Buffer, back: (bytes: Buffer) => void) => back(bytes));
  });
  handSocketsOn(server, addressOf);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const close = async () => {
    for (const socket of open) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  };
  servers.push({ server, close });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, seen, close };
}

function connect(url: string, asksFor?: string, extraHeaders: Record<string, string> = {}): Socket {
  const query = asksFor === undefined ? {} : { cell: asksFor };
  const socket = io(url, { transports: ["websocket"], forceNew: true, reconnection: false, query, extraHeaders });
  sockets.push(socket);
  return socket;
}
const nameAt = (socket: Socket) =>
  new Promise<string>((resolve) => {
    socket.once("name", resolve);
    socket.once("connect_error", () => resolve("nobody"));
  });
const nowhere = async () => null;

test("[CE8] a tab that asks for another coordinator is handed on to it, both ways and whole, with the address that it comes from", async () => {
  const b = await cell("b", nowhere);
  const a = await cell("a", async (name) => (name === "b" ? b.url : null));
  const socket = connect(a.url, "b", { "x-forwarded-for": "203.0.113.9" });
  expect(await nameAt(socket)).toBe("b");
  const bytes = Buffer.alloc(700_000, 7);
  expect(Buffer.from(await socket.emitWithAck("say", bytes)).equals(bytes)).toBe(true);
  expect(b.seen[0]).toMatchObject({ "x-forwarded-for": "203.0.113.9", host: new URL(a.url).host });
  expect(a.seen).toEqual([]);
});

test("[CE8] who asks for nobody, for nobody known, or for something that is no name is served where it is", async () => {
  const asked: string[] = [];
  const a = await cell("a", async (name) => {
    asked.push(name);
    return null;
  });
  for (const name of [undefined, "gone", "http://mallory.example", ""])
    expect(await nameAt(connect(a.url, name))).toBe("a");
  expect(asked).toEqual(["gone"]);
});

test("[CE8] two that each take the other for the one that is asked for hand a tab on once", async () => {
  let back = "";
  const a = await cell("a", async () => back);
  back = (await cell("b", async () => a.url)).url;
  expect(await nameAt(connect(a.url, "c"))).toBe("b");
});

test("[CE8] where the other one is gone the connection ends, and so it does when it dies later", async () => {
  const b = await cell("b", nowhere);
  const a = await cell("a", async (name) => (name === "b" ? b.url : "http://127.0.0.1:1"));
  expect(await nameAt(connect(a.url, "dead"))).toBe("nobody");
  const socket = connect(a.url, "b");
  expect(await nameAt(socket)).toBe("b");
  const lost = new Promise((resolve) => socket.once("disconnect", resolve));
  await b.close();
  await lost;
});

test.each([
  "//127.0.0.1:PORT/socket.io/?cell=b",
  "http://127.0.0.1:PORT/socket.io/?cell=b",
  "https://x/?cell=b",
  "/elsewhere?cell=b",
])(
  "[CE8] the target %s leads nowhere but to tabs: nobody sends a coordinator to an address of its own choice",
  async (target) => {
    const reached: string[] = [];
    const elsewhere = createServer((request) => reached.push(request.url!));
    elsewhere.on("upgrade", (request) => reached.push(request.url!));
    elsewhere.on("connection", () => reached.push("a connection"));
    await new Promise<void>((resolve) => elsewhere.listen(0, "127.0.0.1", resolve));
    const close = async () => {
      await new Promise((resolve) => elsewhere.close(resolve));
    };
    servers.push({ server: elsewhere, close });
    const b = await cell("b", nowhere);
    const a = await cell("a", async () => b.url);
    const { port } = elsewhere.address() as AddressInfo;
    const socket = connectTo(Number(new URL(a.url).port), "127.0.0.1");
    socket.on("error", () => {});
    const ended = new Promise((resolve) => socket.once("close", resolve));
    const key = "dGhlIHNhbXBsZSBub25jZQ==";
    const headers = `Host: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${key}`;
    socket.write(`GET ${target.replace("PORT", String(port))} HTTP/1.1\r\n${headers}\r\n\r\n`);
    socket.resume();
    await Promise.race([ended, new Promise((resolve) => setTimeout(resolve, 1_500))]);
    socket.destroy();
    expect(reached).toEqual([]);
    // Both go on.
    expect(await nameAt(connect(a.url, "b"))).toBe("b");
  },
);
