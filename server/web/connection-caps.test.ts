import { EventEmitter } from "node:events";
import type { Server } from "node:http";
import { expect, it } from "vitest";
import { capConnections } from "./connection-caps.ts";
import { PendingHandshakes } from "./pending-handshakes.ts";

const LIMITS = { inAll: 10, perPrefix: 2 };

class FakeSocket extends EventEmitter {
  readonly remoteAddress: string;
  isDestroyed = false;
  constructor(remoteAddress: string) {
    super();
    this.remoteAddress = remoteAddress;
  }
  destroy(): void {
    this.isDestroyed = true;
    this.emit("close");
  }
}

function serverOf(): { connect(address: string): FakeSocket } {
  const server = new EventEmitter();
  capConnections(server as Server, LIMITS);
  return {
    connect(address) {
      const socket = new FakeSocket(address);
      server.emit("connection", socket);
      return socket;
    },
  };
}

it("[AC13] one network has so many connections, another one its own; one that closes makes room", () => {
  const server = serverOf();
  const first = server.connect("203.0.113.1");
  server.connect("203.0.113.2");
  expect(server.connect("203.0.113.3").isDestroyed).toBe(true);
  expect(server.connect("198.51.100.1").isDestroyed).toBe(false);
  first.emit("close");
  expect(server.connect("203.0.113.3").isDestroyed).toBe(false);
  expect(server.connect("203.0.113.4").isDestroyed).toBe(true);
});

it("[AC13] an IPv6 network is a /48, and loopback is none", () => {
  const server = serverOf();
  for (const last of [1, 2]) server.connect(`2001:db8:1:${last}::${last}`);
  expect(server.connect("2001:db8:1:ffff::9").isDestroyed).toBe(true);
  for (const address of ["127.0.0.1", "::1", "::ffff:127.0.0.1"]) {
    for (let n = 0; n < 5; n++) expect(server.connect(address).isDestroyed).toBe(false);
  }
});

it("[PR8] handshakes under way are counted in all and by network, and each is given back once", () => {
  const pending = new PendingHandshakes({ inAll: 3, perPrefix: 2 });
  const ends = [pending.begin("a"), pending.begin("a")];
  expect([pending.isFull("a"), pending.isFull("b"), pending.isFull(null)]).toEqual([true, false, false]);
  pending.begin(null);
  expect(pending.isFull("b")).toBe(true);
  ends[0]!();
  ends[0]!();
  expect([pending.isFull("a"), pending.isFull("b")]).toEqual([false, false]);
  pending.begin("b");
  expect(pending.isFull(null)).toBe(true);
});
