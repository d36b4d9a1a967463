/**
 * Every event of the core as a JSON line, appended: it replays to the same state. A gap would make it worthless, so where the disk
 * refuses a line the log ends there, and the coordinator goes on without it.
 */
import { open } from "node:fs/promises";
import { finished } from "node:stream/promises";
import { ConfigError } from "../config.ts";
import type { CoordinatorEvent } from "../coordinator/events.ts";
import type { StepSink } from "../shell/step-stream.ts";

export interface EventLog extends StepSink {
  begins(event: CoordinatorEvent): void;
  close(): Promise<void>;
}

/** @throws ConfigError where the file cannot be written */
export async function openEventLog(
  path: string,
  onProblem: (message: string, error: unknown) => void,
): Promise<EventLog> {
  const file = await open(path, "a", 0o600).catch((error: Error) => {
    throw new ConfigError(`settings:\n  PARITAB_EVENT_LOG: expected a file that can be written, got ${error.message}`);
  });
  const stream = file.createWriteStream();
  let isWritten = true;
  const ended = finished(stream).catch((error: unknown) => {
    isWritten = false;
    onProblem("the event log ends here: the disk refused it", error);
  });
  return {
    begins(event) {
      if (isWritten) stream.write(`${JSON.stringify(event)}\n`);
    },
    async close() {
      stream.end();
      await ended;
    },
  };
}
