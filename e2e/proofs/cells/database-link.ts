/** What lies between coordinators and their database, as a network does: it can be cut, or pass nothing on and say nothing. */
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";

type Passing = "through" | "cut" | "silent";

export class DatabaseLink {
  readonly #server: Server;
  readonly #port: number;
  readonly #sockets = new Set<Socket>();
  #passing: Passing = "through";

  /** @param port of the database on this machine */
  static async open(port: number): Promise<DatabaseLink> {
    const link = new DatabaseLink(port);
    await new Promise<void>((resolve) => link.#server.listen(0, "127.0.0.1", resolve));
    return link;
  }

  private constructor(port: number) {
    this.#port = port;
    this.#server = createServer({ pauseOnConnect: true }, (socket) => this.#pass(socket));
  }

  /** The same database by way of this. */
  by(databaseUrl: string): string {
    const url = new URL(databaseUrl);
    url.port = String((this.#server.address() as AddressInfo).port);
    return url.href;
  }

  /** Connections end, and none is taken. */
  cut(): void {
    this.#passing = "cut";
    for (const socket of this.#sockets) socket.destroy();
  }

  /** Connections stay, new ones are taken, and nothing comes through: what was sent comes later. */
  silence(): void {
    this.#passing = "silent";
    for (const socket of this.#sockets) socket.pause();
  }

  mend(): void {
    this.#passing = "through";
    for (const socket of this.#sockets) socket.resume();
  }

  #pass(socket: Socket): void {
    if (this.#passing === "cut") return void socket.destroy();
    const other = connect(this.#port, "127.0.0.1");
    for (const [from, to] of [
      [socket, other],
      [other, socket],
    ] as const) {
      this.#sockets.add(from);
      from.on("data", (bytes) => to.write(bytes));
      from.on("error", () => {});
      from.once("close", () => {
        this.#sockets.delete(from);
        to.destroy();
      });
      if (this.#passing === "silent") from.pause();
      else from.resume();
    }
  }

  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }
}
