/** A web site of somebody else: serves what it is told to, and counts whatever reaches it. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

export interface OtherOrigin {
  readonly url: string;
  /** Connections and the paths that were asked for on them. */
  readonly heard: string[];
  close(): Promise<void>;
}

/** @param pages by path; anything else is an empty script that every origin may read */
export async function otherOrigin(pages: Readonly<Record<string, string>> = {}): Promise<OtherOrigin> {
  const heard: string[] = [];
  const server = createServer((request, response) => {
    const page = pages[request.url ?? ""];
    if (page === undefined) heard.push(`${request.method} ${request.url}`);
    response.writeHead(200, {
      "content-type": page === undefined ? "text/javascript" : "text/html",
      "access-control-allow-origin": "*",
      "cross-origin-resource-policy": "cross-origin",
    });
    response.end(page ?? "");
  });
  server.on("upgrade", (request, socket) => {
    heard.push(`UPGRADE ${request.url}`);
    socket.destroy();
  });
  // 127.0.0.1, where the coordinator's pages are on localhost: another origin and another site.
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    heard,
    async close() {
      server.closeAllConnections();
      await new Promise((closed) => server.close(closed));
    },
  };
}
