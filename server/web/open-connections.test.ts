import { once } from "node:events";
import { createServer } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { expect, test } from "vitest";
import { openConnections } from "./open-connections.ts";

const UPGRADE = "GET / HTTP/1.1\r\nHost: here\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n";

test("[CE2] a server ends although an upgrade was never answered, which closing all connections of Node leaves open", async () => {
  const server = createServer();
  const cutOff = openConnections(server);
  const upgraded = new Promise((resolve) => server.on("upgrade", resolve));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const tab = connect((server.address() as AddressInfo).port, "127.0.0.1");
  tab.on("error", () => {});
  tab.write(UPGRADE);
  await upgraded;
  let hasEnded = false;
  const ended = new Promise<void>((resolve) => server.close(() => resolve())).then(() => {
    hasEnded = true;
  });
  server.closeAllConnections();
  await new Promise((resolve) => setImmediate(resolve));
  expect(hasEnded).toBe(false);
  cutOff();
  await ended;
  await once(tab, "close");
});
