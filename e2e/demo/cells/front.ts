/** One address before several coordinators: each TCP connection goes to the one that has the fewest, of those that take connections. */

import type { AddressInfo } from "node:net";
import { connect, createServer, type Server, type Socket } from "node:net";

interface Behind {
  readonly port: number;
  connections: number;
  /** It takes connections and serves none: what a balancer's look at /readyz finds out. */
  isAway: boolean;
}

export class Front {
  readonly #server: Server;
  readonly #behind: readonly Behind[];
  readonly #sockets = new Set<Socket>();

  /** @param ports of coordinators on this machine @param port of the front; 0: any */
  static async open(ports: readonly number[], port: number): Promise<Front> {
    const front = new Front(ports);
    await new Promise<void>((resolve, reject) => {
      front.#server.once("error", reject);
      front.#server.listen(port, "127.0.0.1", resolve);
    });
    return front;
  }

  private constructor(ports: readonly number[]) {
    this.#behind = ports.map((port) => ({ port, connections: 0, isAway: false }));
    this.#server = createServer((socket) => {
      this.#hold(socket);
      this.#pass(
        socket,
        this.#behind.filter(({ isAway }) => !isAway),
      );
    });
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  setAway(port: number, isAway: boolean): void {
    for (const behind of this.#behind) if (behind.port === port) behind.isAway = isAway;
  }

  /** Where one does not take it the next one is tried. */
  #pass(socket: Socket, candidates: Behind[]): void {
    candidates.sort((a, b) => a.connections - b.connections);
    const chosen = candidates.shift();
    if (chosen === undefined || socket.destroyed) return void socket.destroy();
    chosen.connections++;
    const other = connect(chosen.port, "127.0.0.1");
    this.#hold(other);
    let isThrough = false;
    other.once("connect", () => {
      isThrough = true;
      socket.pipe(other).pipe(socket);
    });
    other.once("close", () => {
      chosen.connections--;
      if (isThrough) socket.destroy();
      else this.#pass(socket, candidates);
    });
    socket.once("close", () => other.destroy());
  }

  #hold(socket: Socket): void {
    this.#sockets.add(socket);
    // What goes wrong with it closes it.
    socket.on("error", () => {});
    socket.once("close", () => this.#sockets.delete(socket));
  }

  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }
}
