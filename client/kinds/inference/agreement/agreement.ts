/** How good first answers were against what stands now, by round. Pure. */
import type { TimelineRound } from "../../../../shared/protocol/timeline-api.ts";

export type Series = "stands" | "firstRight" | "nowRight";

export interface AgreementLine {
  readonly series: Series;
  /** One a round, in their order. */
  readonly points: readonly { readonly roundIndex: number; readonly share: number }[];
}

/** A line for what is known: without the submitter's labels only which first answers stand; of a regression nothing. */
export function agreementLines(rounds: readonly TimelineRound[]): AgreementLine[] {
  const line = (series: Series, of: (round: TimelineRound) => number | null): AgreementLine => ({
    series,
    points: rounds.flatMap((round) => {
      const hits = of(round);
      return hits === null || round.rows === 0 ? [] : [{ roundIndex: round.roundIndex, share: hits / round.rows }];
    }),
  });
  return [
    line("stands", ({ firstStands }) => firstStands),
    line("firstRight", ({ firstRight }) => firstRight),
    line("nowRight", ({ nowRight }) => nowRight),
  ].filter(({ points }) => points.length > 0);
}

export interface AgreementSums {
  readonly stands: number;
  readonly estimatesCompared: number;
  readonly estimatesAgreed: number;
  readonly roundsRedone: number;
}

/** Over all rounds. */
export function agreementSums(rounds: readonly TimelineRound[]): AgreementSums {
  const sum = (of: (round: TimelineRound) => number) => rounds.reduce((total, round) => total + of(round), 0);
  const rows = sum((round) => round.rows);
  return {
    stands: rows === 0 ? 0 : sum(({ firstStands }) => firstStands ?? 0) / rows,
    estimatesCompared: sum((round) => round.estimatesCompared),
    estimatesAgreed: sum((round) => round.estimatesAgreed),
    roundsRedone: rounds.filter(({ generation }) => generation > 0).length,
  };
}

/** The lowest share of the plot, a multiple of a tenth: what is all near 1 is drawn so that differences show. */
export function lowestShare(lines: readonly AgreementLine[]): number {
  const least = Math.min(1, ...lines.flatMap(({ points }) => points.map(({ share }) => share)));
  return Math.max(0, Math.floor(least * 10 - 0.5) / 10);
}
