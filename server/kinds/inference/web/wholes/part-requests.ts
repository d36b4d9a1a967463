/**
 * [CE12] What is asked about a whole is asked about its parts, by whoever asked: over this coordinator's own port, which hands on what another has.
 * So whole and parts have the same rules about who may ask what, and what is on its way is bounded as any answer is.
 */
import { request as ask, type IncomingMessage, type Server } from "node:http";
import { request as askSecurely, Server as SecureServer } from "node:https";
import type { AddressInfo } from "node:net";
import { buffer, json as jsonOf } from "node:stream/consumers";
import type { FastifyRequest } from "fastify";
import { ApiFailure } from "../../../../web/api-failure.ts";
import { awayFor } from "../../../../web/hand-request-on.ts";
import { OF_WHOLE } from "./of-whole.ts";

export interface PartAsked {
  readonly method?: string;
  readonly body?: unknown;
  readonly signal?: AbortSignal;
}

/** Of whoever asks: what says who that is, and by which name they reach us. */
const HANDED_DOWN = ["authorization", "host", "x-forwarded-for", "x-forwarded-proto"];

export class PartRequests {
  readonly #server: Server;

  constructor(server: Server) {
    this.#server = server;
  }

  /**
   * @param path of the part, from `/api` on
   * @throws ApiFailure as the part's own coordinator says it; 503 where it does not answer
   */
  async open(request: FastifyRequest, path: string, { method = "GET", body, signal }: PartAsked = {}) {
    const address = this.#server.address() as AddressInfo | null;
    if (address === null) throw awayFor("this coordinator does not listen");
    const isSecure = this.#server instanceof SecureServer;
    const own = ["0.0.0.0", "::"].includes(address.address) ? "127.0.0.1" : address.address;
    const kept = HANDED_DOWN.flatMap((name) => {
      const value = request.headers[name];
      return typeof value === "string" ? [[name, value] as const] : [];
    });
    const text = body === undefined ? null : JSON.stringify(body);
    const answer = await new Promise<IncomingMessage>((resolve, reject) => {
      const asked = (isSecure ? askSecurely : ask)({
        ...{ host: own, port: address.port, path, method },
        headers: {
          ...Object.fromEntries(kept),
          ...(text === null ? {} : { "content-type": "application/json", "content-length": Buffer.byteLength(text) }),
          [OF_WHOLE]: "1",
        },
        ...(signal === undefined ? {} : { signal }),
        // It is ourselves: the certificate is for the names by which others reach us.
        ...(isSecure ? { rejectUnauthorized: false } : {}),
      });
      asked.once("response", resolve);
      asked.once("error", reject);
      asked.end(text ?? undefined);
    }).catch((error: unknown) => {
      throw awayFor(`part of this job cannot be asked (${String(error)})`);
    });
    const { statusCode = 502 } = answer;
    if (statusCode < 400) return answer;
    const said = (await jsonOf(answer).catch(() => null)) as { error?: { code?: string; message?: string } } | null;
    throw new ApiFailure(
      statusCode,
      said?.error?.code ?? "bad-answer",
      said?.error?.message ?? "a part did not answer",
    );
  }

  async json<Answer>(request: FastifyRequest, path: string, asked?: PartAsked): Promise<Answer> {
    return (await jsonOf(await this.open(request, path, asked))) as Answer;
  }

  async bytes(request: FastifyRequest, path: string, asked?: PartAsked): Promise<Uint8Array> {
    return buffer(await this.open(request, path, asked));
  }
}
