/** [CE12] What the parts of a job on the ledger of rows say of their rows together. Pure. */
import { largestOf, sumOf } from "../../../../../shared/kinds/inference/answers-together.ts";
import type { RowsReceipt } from "../../../../../shared/kinds/inference/rows-receipt.ts";
import { ROW_WAITS, type RowsView, type RowsWaiting } from "../../../../../shared/kinds/inference/rows-view.ts";

/** @param parts in the order of their ranges, one at least */
export function mergedRows(parts: readonly RowsView[]): RowsView {
  const prices = parts.flatMap(({ price }) => price ?? []);
  const waiting = parts.flatMap((part) => part.waiting ?? []);
  return {
    waiting: waiting.length === 0 ? null : waitingTogether(waiting),
    notFinalForMs: largestOf(parts.map(({ notFinalForMs }) => notFinalForMs)),
    coordinatorRows: sumOf(parts, ({ coordinatorRows }) => coordinatorRows),
    price:
      prices.length === 0
        ? null
        : {
            toldRows: sumOf(prices, ({ toldRows }) => toldRows),
            rows: sumOf(prices, ({ rows }) => rows),
            duplicateRows: sumOf(prices, ({ duplicateRows }) => duplicateRows),
          },
    blocks: {
      opened: sumOf(parts, ({ blocks }) => blocks.opened),
      certified: sumOf(parts, ({ blocks }) => blocks.certified),
    },
    isStrict: parts.some(({ isStrict }) => isStrict),
    promise: promiseTogether(parts),
    raised: saidTogether(parts.map(({ raised }) => raised)),
    refused: saidTogether(parts.map(({ refused }) => refused)),
    rowsThatSuffice: largestOf(parts.map(({ rowsThatSuffice }) => rowsThatSuffice)),
  };
}

/** The blocks of all parts. */
export function mergedRowsReceipt(parts: readonly RowsReceipt[]): RowsReceipt {
  return {
    promise: promiseTogether(parts),
    isStrict: parts.some(({ isStrict }) => isStrict),
    blocks: parts.flatMap(({ blocks }) => blocks),
  };
}

function waitingTogether(waiting: readonly RowsWaiting[]): RowsWaiting {
  const counts = ROW_WAITS.map((reason) => [reason, sumOf(waiting, (part) => part[reason])]);
  return Object.fromEntries(counts) as Record<(typeof ROW_WAITS)[number], number>;
}

/** All parts have one bound. A part has a block of its own: what an attacker can do in one job it can do in each of them. */
function promiseTogether(parts: readonly Pick<RowsView, "promise" | "isStrict">[]): string | null {
  const promised = parts.filter(({ promise }) => promise !== null);
  const [first] = promised;
  if (first === undefined) return null;
  const isOfEach = promised.length > 1 && !first.isStrict;
  return isOfEach ? `${first.promise} Each of its ${promised.length} parts counts as a job here.` : first.promise;
}

/** A sentence of a part has the part's numbers: the first one that says something is named, and how many others do. */
function saidTogether(texts: readonly (string | null)[]): string | null {
  const index = texts.findIndex((text) => text !== null);
  if (index < 0) return null;
  const others = texts.filter((text) => text !== null).length - 1;
  const alike = others === 0 ? "" : ` So it is of ${others} ${others === 1 ? "part" : "parts"} more.`;
  return `Part ${index}: ${texts[index]}${alike}`;
}
