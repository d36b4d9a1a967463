/** How a coordinator stood when a test failed, in lines: who was there, which job waited for what, and what the coordinator was computing. */
import type { ParitabClient } from "../../shared/sdk/paritab-client.ts";

const ROWS_MAX = 10;
const LINE_LENGTH_MAX = 1_000;

/** Each list is a line of its own; a coordinator that does not answer is told of, too. */
export async function coordinatorState(client: ParitabClient): Promise<string> {
  const told = (title: string, asked: Promise<readonly object[]>) =>
    asked.then(
      (rows) => `${title}: ${JSON.stringify(rows.slice(0, ROWS_MAX)).slice(0, LINE_LENGTH_MAX)}`,
      (error: Error) => `${title}: ${error.message}`,
    );
  const sessions = client
    .sessions()
    .then((rows) => rows.map(({ nickname, state, verifiedAssignments }) => ({ nickname, state, verifiedAssignments })));
  const status = client.status().then((view) => [view]);
  const jobs = client.jobs();
  const lines = await Promise.all([told("status", status), told("jobs", jobs), told("sessions", sessions)]);
  return lines.join("\n");
}
