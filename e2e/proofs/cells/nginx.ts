/** A real nginx before cells on this machine, by the lines of docs/scaling.md, where it is installed. */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

const LOOK_MS = 50;

export const isNginxThere = (): boolean => spawnSync("nginx", ["-v"]).error === undefined;

export class Nginx {
  readonly url: string;
  readonly #process: ChildProcess;

  /**
   * @param folder for its files, its own
   * @param lines as the page has them: where it listens, and the certificates, are replaced
   * @param cells by their addresses on the page those of this machine
   */
  static async open(folder: string, port: number, lines: string, cells: ReadonlyMap<string, string>): Promise<Nginx> {
    mkdirSync(folder, { recursive: true });
    let own = lines.replace(/listen 443 ssl; server_name \S+;.*$/m, `listen 127.0.0.1:${port};`);
    for (const [address, here] of cells) own = own.replaceAll(new URL(address).host, new URL(here).host);
    const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map(
      (name) => `${name}_temp_path ${join(folder, name)};`,
    );
    const outside = `daemon off; worker_processes 1; pid ${join(folder, "pid")}; error_log stderr; events {}`;
    const conf = join(folder, "nginx.conf");
    writeFileSync(conf, `${outside}\nhttp {\naccess_log off; ${temporary.join(" ")}\n${own}\n}\n`);
    const nginx = new Nginx(port, spawn("nginx", ["-c", conf, "-p", folder], { stdio: ["ignore", "ignore", "pipe"] }));
    await nginx.#listens();
    return nginx;
  }

  private constructor(port: number, child: ChildProcess) {
    this.url = `http://127.0.0.1:${port}`;
    this.#process = child;
  }

  async #listens(): Promise<void> {
    let said = "";
    this.#process.stderr!.on("data", (piece) => (said += piece));
    const answers = () =>
      new Promise<boolean>((resolve) => {
        const socket = connect(Number(new URL(this.url).port), "127.0.0.1", () => resolve(true));
        socket.once("connect", () => socket.destroy());
        socket.once("error", () => resolve(false));
      });
    while (!(await answers())) {
      if (this.#process.exitCode !== null) throw new Error(`nginx: expected it to listen, it ended\n${said}`);
      await sleep(LOOK_MS);
    }
  }

  async close(): Promise<void> {
    const ended = new Promise((resolve) => this.#process.once("exit", resolve));
    this.#process.kill("SIGTERM");
    await ended;
  }
}
