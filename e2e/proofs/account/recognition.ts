/**
 * A coalition that lies only where it knows all duplicates of its claim. Duplicates hide among fresh rows and check their second answerer too; if
 * they are counted as checks, a claim with many of them may have fewer coins (`counted`), and who knows them all lies there. The rule has the same
 * chance for each row, whatever travelled with it (`blind`).
 */
import { simulationRandom } from "../../../shared/random/simulation-random.ts";

export interface Recognition {
  readonly rule: "blind" | "counted";
  readonly volunteers: number;
  readonly colluders: number;
  readonly claimRows: number;
  /** q */
  readonly anchorShare: number;
  /** c0, as the terms say it at beta = 1/3 */
  readonly coinCheckShare: number;
  /** Lies to look at. */
  readonly lies: number;
  readonly seed: number;
}

export interface Recognized {
  /** Wrong final answers for each that is charged, (1-f) / (f r): 1 where the terms say the truth. */
  readonly perCharge: number;
  /** Of 95 %. */
  readonly interval: readonly [number, number];
}

/** Of a claim so many rows are duplicates at most; of h, the least that stays for fresh ones where duplicates are counted. */
const DUPLICATES = { claimShareMax: 0.2, forwardMin: 0.4 } as const;
/** Fewer duplicates than this save too few coins. */
const KNOWN_MIN = 2;

export function recognize(setting: Recognition): Recognized {
  const { rule, volunteers, colluders, claimRows, anchorShare, coinCheckShare, lies, seed } = setting;
  const random = simulationRandom(seed);
  const draw = (below: number) => Math.floor(random.uniform() * below);
  const partnerOf = (author: number) => (author + 1 + draw(volunteers - 1)) % volunteers;
  const duplicateShare = (coinCheckShare - anchorShare) / (1 - 1 / 3);
  const queues = Array.from({ length: volunteers }, (): number[] => []);
  let [told, found] = [0, 0];
  while (told < lies) {
    const author = draw(volunteers);
    const duplicates = queues[author]!.splice(0, Math.floor(DUPLICATES.claimShareMax * claimRows));
    const fresh = claimRows - duplicates.length;
    const share =
      rule === "blind"
        ? duplicateShare
        : Math.max(DUPLICATES.forwardMin * duplicateShare, duplicateShare - duplicates.length / fresh);
    const knowsAll = duplicates.length >= KNOWN_MIN && duplicates.every((first) => first < colluders);
    for (let row = 0; row < fresh; row++) {
      const coin = random.uniform();
      const partner = coin >= anchorShare && coin < anchorShare + share ? partnerOf(author) : null;
      if (partner !== null) queues[partner]!.push(author);
      // Rows have no order that anybody knows: the first fresh one is as good as any.
      if (row > 0 || !knowsAll || author >= colluders) continue;
      told++;
      if (coin < anchorShare || (partner !== null && partner >= colluders)) found++;
    }
  }
  const reserve = (1 - coinCheckShare) / coinCheckShare;
  const ratio = (share: number) => (1 - share) / (share * reserve);
  const share = found / told;
  const width = 1.96 * Math.sqrt((share * (1 - share)) / told);
  return { perCharge: ratio(share), interval: [ratio(share + width), ratio(share - width)] };
}
