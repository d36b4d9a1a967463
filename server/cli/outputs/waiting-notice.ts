/** That a command waits for its coordinator, said on stderr: at once, and then now and again. */
import { SDK_NOTICE_MS } from "../../../shared/protocol/limits.ts";
import type { Waiting } from "../../../shared/sdk/patience.ts";
import type { Terminal } from "../terminal.ts";
import { roughDuration } from "./rough-duration.ts";

/** @returns for ParitabClientOptions.onWaiting */
export function waitingNotice(terminal: Pick<Terminal, "say" | "nowMs">): (waiting: Waiting) => void {
  let saidMs = Number.NEGATIVE_INFINITY;
  let said = "";
  return ({ reason, leftMs }) => {
    const nowMs = terminal.nowMs();
    // Another reason is news.
    if (reason === said && nowMs - saidMs < SDK_NOTICE_MS) return;
    [saidMs, said] = [nowMs, reason];
    const until = leftMs === null ? "waiting" : `asking again, for ${roughDuration(leftMs)} more at most`;
    terminal.say(`paritab: ${reason}; ${until} (Ctrl-C ends this)`);
  };
}
