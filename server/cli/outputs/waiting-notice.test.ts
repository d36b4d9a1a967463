import { expect, test } from "vitest";
import { SDK_NOTICE_MS } from "../../../shared/protocol/limits.ts";
import { waitingNotice } from "./waiting-notice.ts";

test("waiting is said at once, then every ten seconds, and at once where the reason is another", () => {
  let nowMs = 5;
  const lines: string[] = [];
  const tell = waitingNotice({ say: (line) => void lines.push(line), nowMs: () => nowMs });
  tell({ reason: "X has not answered yet", waitedMs: 700, leftMs: null });
  tell({ reason: "X cannot be reached", waitedMs: 0, leftMs: 600_000 });
  nowMs += SDK_NOTICE_MS - 1;
  tell({ reason: "X cannot be reached", waitedMs: 9_000, leftMs: 591_000 });
  nowMs += 1;
  tell({ reason: "X cannot be reached", waitedMs: 10_000, leftMs: 590_000 });
  expect(lines).toEqual([
    "paritab: X has not answered yet; waiting (Ctrl-C ends this)",
    "paritab: X cannot be reached; asking again, for 10 min more at most (Ctrl-C ends this)",
    "paritab: X cannot be reached; asking again, for 10 min more at most (Ctrl-C ends this)",
  ]);
});
