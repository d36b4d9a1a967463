import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, expect, test } from "vitest";
import { Front } from "./front.ts";

const servers: Server[] = [];
let front: Front;
afterEach(async () => {
  await front.close();
  for (const server of servers.splice(0)) if (server.listening) await new Promise((resolve) => server.close(resolve));
});

async function coordinator(name: string): Promise<number> {
  const server = createServer((_request, response) => response.end(name));
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return (server.address() as AddressInfo).port;
}

/** A connection of its own. */
const ask = async () => (await fetch(front.url, { headers: { connection: "close" } })).text();

test("connections are shared out, and go to those that are there when one is not", async () => {
  front = await Front.open([await coordinator("a"), await coordinator("b")], 0);
  const both = await Promise.all(Array.from({ length: 8 }, ask));
  expect(new Set(both)).toEqual(new Set(["a", "b"]));
  const gone = servers.shift()!;
  gone.closeAllConnections();
  await new Promise((resolve) => gone.close(resolve));
  expect(await Promise.all(Array.from({ length: 8 }, ask))).toEqual(Array.from({ length: 8 }, () => "b"));
});

test("where nobody is left the connection ends", async () => {
  front = await Front.open([1], 0);
  await expect(ask()).rejects.toThrow();
});
