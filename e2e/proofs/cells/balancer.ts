/** What nginx does by the lines of docs/scaling.md, for tests: each request to the cell with the fewest connections, with the headers that stand there. */
import { createServer, type IncomingHttpHeaders, type IncomingMessage, request, type Server } from "node:http";
import type { AddressInfo, Socket } from "node:net";

/** By the name of a header what nginx writes into it, as `proxy_set_header` says; `$host`, `$proxy_add_x_forwarded_for` and `$http_upgrade` are known. */
export type ProxyHeaders = readonly (readonly [name: string, value: string])[];

interface Cell {
  readonly url: URL;
  connections: number;
  requests: number;
}

export class Balancer {
  readonly #cells: readonly Cell[];
  readonly #headers: ProxyHeaders;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  static async open(port: number, cells: readonly string[], headers: ProxyHeaders): Promise<Balancer> {
    const balancer = new Balancer(cells, headers);
    await new Promise<void>((resolve) => balancer.#server.listen(port, "127.0.0.1", resolve));
    return balancer;
  }

  private constructor(cells: readonly string[], headers: ProxyHeaders) {
    this.#cells = cells.map((url) => ({ url: new URL(url), connections: 0, requests: 0 }));
    this.#headers = headers;
    this.#server = createServer((incoming, answer) => {
      const passed = this.#passedOn(incoming);
      passed.once("response", (response) => {
        answer.writeHead(response.statusCode!, response.headers);
        response.pipe(answer);
      });
      passed.once("error", () => answer.destroy());
      answer.once("close", () => passed.destroy());
      incoming.pipe(passed);
    });
    this.#server.on("connection", (socket) => this.#hold(socket));
    this.#server.on("upgrade", (incoming, socket: Socket, head) => {
      const passed = this.#passedOn(incoming);
      passed.once("upgrade", (response, other: Socket, first) => {
        this.#hold(other);
        const lines = Object.entries(response.headers).map(([name, value]) => `${name}: ${value}\r\n`);
        socket.write(`HTTP/1.1 101 Switching Protocols\r\n${lines.join("")}\r\n`);
        if (first.length > 0) other.unshift(first);
        if (head.length > 0) socket.unshift(head);
        socket.pipe(other).pipe(socket);
        socket.once("close", () => other.destroy());
        other.once("close", () => socket.destroy());
      });
      passed.once("response", () => socket.destroy());
      passed.once("error", () => socket.destroy());
      passed.end();
    });
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** How many requests each cell got. */
  get requests(): readonly number[] {
    return this.#cells.map(({ requests }) => requests);
  }

  #passedOn({ method, url, headers, socket }: IncomingMessage) {
    // Of those alike the one that is longest without a request, as nginx takes turns then.
    const cell = this.#cells.toSorted((a, b) => a.connections - b.connections || a.requests - b.requests)[0]!;
    cell.connections++;
    cell.requests++;
    const passed = request(new URL(url ?? "/", cell.url), {
      method,
      headers: this.#written(headers, socket.remoteAddress ?? ""),
      agent: false,
    });
    const ended = () => void cell.connections--;
    passed.once("upgrade", (_response, other) => other.once("close", ended));
    passed.once("response", (response) => response.once("close", ended));
    passed.once("error", ended);
    return passed;
  }

  #written(headers: IncomingHttpHeaders, address: string): Record<string, string | string[]> {
    const forwarded = headers["x-forwarded-for"];
    const known: Readonly<Record<string, string | undefined>> = {
      $host: headers.host,
      $proxy_add_x_forwarded_for: forwarded === undefined ? address : `${forwarded}, ${address}`,
      $http_upgrade: headers.upgrade,
    };
    const { host: _, connection: __, upgrade: ___, ...rest } = headers;
    const written = this.#headers.flatMap(([name, value]) => {
      // Only where there is something to upgrade to: what goes by otherwise is one request.
      if (name === "Connection" && headers.upgrade === undefined) return [];
      const text = value.startsWith("$") ? known[value] : value;
      return text === undefined ? [] : [[name.toLowerCase(), text] as const];
    });
    return { ...rest, ...Object.fromEntries(written) } as Record<string, string | string[]>;
  }

  #hold(socket: Socket): void {
    this.#sockets.add(socket);
    socket.on("error", () => {});
    socket.once("close", () => this.#sockets.delete(socket));
  }

  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }
}
