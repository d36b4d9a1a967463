/**
 * [CE8] A tab that was pointed to another coordinator asks for it by name, at the address that it knows. Whoever takes that connection hands its
 * bytes on, unread; whoever is asked for checks host, origin and address as of any other.
 */
import { request as ask, type Server as HttpServer, type IncomingMessage } from "node:http";
import type { Socket } from "node:net";
import type { Duplex } from "node:stream";
import { HANDSHAKE_MS_MAX } from "../../shared/protocol/limits.ts";
import { CELL_NAME, CELL_QUERY } from "../../shared/protocol/messages.ts";
import { HANDED_ON, handedOn } from "./hand-request-on.ts";

/** Where Socket.IO listens. */
const TABS_PATH = "/socket.io/";

/** @returns where the other coordinator of that name is reached; null: there is none, and the tab is served here */
type AddressOf = (name: string) => Promise<string | null>;

/** Call it once all that takes connections of its own listens to the server. */
export function handSocketsOn(server: HttpServer, addressOf: AddressOf): void {
  const others = server.listeners("upgrade");
  server.removeAllListeners("upgrade");
  server.on("upgrade", (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    const serveHere = () => {
      for (const listener of others) listener.call(server, request, socket, head);
    };
    const name = nameAskedFor(request);
    if (name === null) return serveHere();
    // Whoever goes while the name is looked up.
    socket.on("error", () => socket.destroy());
    addressOf(name)
      .then((address) => (address === null ? serveHere() : handOn(address, request, socket, head)))
      .catch(() => socket.destroy());
  });
}

/** Only of the path of tabs: a target with a host of its own, "//elsewhere/" or "http://elsewhere/", would lead there. */
function nameAskedFor({ url = "", headers }: IncomingMessage): string | null {
  if (headers[HANDED_ON] !== undefined || !url.startsWith(TABS_PATH) || !URL.canParse(url, "http://here")) return null;
  const name = new URL(url, "http://here").searchParams.get(CELL_QUERY);
  return name !== null && CELL_NAME.test(name) ? name : null;
}

/** Where the other one refuses, or is not there, the connection ends: the tab comes again, and asks for nobody. */
function handOn(address: string, request: IncomingMessage, socket: Duplex, head: Buffer): void {
  const { url = "/", method, headers, socket: from } = request;
  const asked = ask(new URL(url, address), {
    method,
    headers: handedOn(headers, from.remoteAddress ?? ""),
    timeout: HANDSHAKE_MS_MAX,
  });
  const end = () => socket.destroy();
  asked.once("error", end);
  asked.once("timeout", () => asked.destroy());
  asked.once("response", (refusal) => {
    refusal.resume();
    end();
  });
  asked.once("upgrade", (answer, other: Socket, otherHead: Buffer) => {
    other.setTimeout(0);
    const lines = [`HTTP/1.1 101 ${answer.statusMessage}`];
    for (let i = 0; i < answer.rawHeaders.length; i += 2)
      lines.push(`${answer.rawHeaders[i]}: ${answer.rawHeaders[i + 1]}`);
    socket.write(`${lines.join("\r\n")}\r\n\r\n`);
    if (otherHead.length > 0) socket.write(otherHead);
    if (head.length > 0) other.write(head);
    other.on("error", end);
    other.on("close", end);
    socket.on("close", () => other.destroy());
    other.pipe(socket);
    socket.pipe(other);
  });
  socket.once("close", () => asked.destroy());
  asked.end();
}
