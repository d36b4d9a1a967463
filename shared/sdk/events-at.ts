/** The events of one address of the coordinator, over one connection. */
import type { z } from "zod";
import { SDK_SILENT_MS_MAX } from "../protocol/limits.ts";
import { plainJson } from "../protocol/plain-text.ts";
import { parsedAs } from "./ask-as.ts";
import { ParitabApiError } from "./paritab-api-error.ts";
import { askPieces, type Requester } from "./requests.ts";
import { serverEvents } from "./server-events.ts";
import { Silence } from "./silence.ts";

export interface EventAt {
  readonly event: string;
  /** What it holds. @throws ParitabApiError where it is something else */
  as<Schema extends z.ZodType>(schema: Schema): z.output<Schema>;
}

/** @throws ParitabApiError where the coordinator refuses, or says nothing for too long */
export async function* eventsAt(
  requester: Requester,
  path: string,
  signal?: AbortSignal,
): AsyncGenerator<EventAt, void, undefined> {
  const silence = new Silence(SDK_SILENT_MS_MAX, signal);
  const pieces = askPieces(requester, path, {
    headers: { accept: "text/event-stream" },
    signal: silence.signal,
  });
  try {
    for await (const { event, data } of serverEvents(heard(pieces, silence))) {
      yield { event, as: (schema) => parsed(schema, data, path) };
    }
  } finally {
    silence.end();
    await pieces.return();
  }
}

/** Silence counts while somebody waits: one who reads slowly has not lost anything. */
async function* heard(pieces: AsyncGenerator<Uint8Array>, silence: Silence): AsyncGenerator<Uint8Array> {
  for (;;) {
    const next = await silence.during(pieces.next());
    if (next.done) return;
    yield next.value;
  }
}

function parsed<Schema extends z.ZodType>(schema: Schema, data: string, path: string): z.output<Schema> {
  let value: unknown;
  try {
    value = plainJson(data);
  } catch {
    throw new ParitabApiError(200, "bad-answer", `${path}: expected events of JSON, got something else`);
  }
  return parsedAs(schema, value, path);
}
