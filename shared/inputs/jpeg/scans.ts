/** What the scans of a JPEG say of the blocks of its planes: all at once (sequential), or a little more each time (progressive; T.81, G.1.2). */
import { BitReader, type HuffmanTable } from "./entropy.ts";

/** From the order in which coefficients are coded to rows (T.81, figure A.6). */
export const NATURAL_ORDER = Uint8Array.of(
  ...[
    0, 1, 8, 16, 9, 2, 3, 10, 17, 24, 32, 25, 18, 11, 4, 5, 12, 19, 26, 33, 40, 48, 41, 34, 27, 20, 13, 6, 7, 14, 21,
    28,
  ],
  ...[
    35, 42, 49, 56, 57, 50, 43, 36, 29, 22, 15, 23, 30, 37, 44, 51, 58, 59, 52, 45, 38, 31, 39, 46, 53, 60, 61, 54, 47,
    55,
  ],
  ...[62, 63],
);

export interface Component {
  readonly id: number;
  readonly across: number;
  readonly down: number;
  readonly table: number;
  /** Samples, and blocks that hold them. */
  readonly width: number;
  readonly height: number;
  readonly blocksWide: number;
  readonly blocksHigh: number;
  /** Blocks of a row with those that only fill the last unit of several planes. */
  readonly blocksEachRow: number;
  /** 64 coefficients a block, in rows. */
  readonly coefficients: Int16Array;
  /** The last one of the scan that is read. */
  before: number;
}

export interface Scan {
  readonly components: readonly {
    readonly component: Component;
    readonly dc?: HuffmanTable;
    readonly ac?: HuffmanTable;
  }[];
  readonly isProgressive: boolean;
  /** Of coefficients: the first and last one; which bits came before, and which bit comes now. */
  readonly first: number;
  readonly last: number;
  readonly high: number;
  readonly low: number;
  /** Units between two restart markers; 0: there are none. */
  readonly restartEach: number;
  /** Of several planes: units of a row, and rows. */
  readonly unitsWide: number;
  readonly unitsHigh: number;
}

type BlockReader = (component: Component, at: number, dc: HuffmanTable, ac: HuffmanTable) => void;

/** @returns where the next marker is @throws Error where the scan is cut off, or no such scan */
export function readScan(bytes: Uint8Array, at: number, scan: Scan): number {
  const reader = new BitReader(bytes, at);
  const state = { runs: 0 };
  const readBlock = scan.isProgressive ? progressiveBlock(reader, scan, state) : sequentialBlock(reader);
  const [only] = scan.components;
  const isAlone = scan.components.length === 1;
  const [wide, high] = isAlone
    ? [only!.component.blocksWide, only!.component.blocksHigh]
    : [scan.unitsWide, scan.unitsHigh];
  let left = scan.restartEach;
  restart();
  for (let unitY = 0; unitY < high; unitY++) {
    for (let unitX = 0; unitX < wide; unitX++) {
      if (scan.restartEach > 0 && left-- === 0) {
        const marker = reader.end();
        if (bytes[marker] !== 0xff || bytes[marker + 1]! < 0xd0 || bytes[marker + 1]! > 0xd7) {
          throw new Error("a restart marker is missing");
        }
        reader.goTo(marker + 2);
        left = scan.restartEach - 1;
        restart();
      }
      for (const { component, dc, ac } of scan.components) {
        const [across, down] = isAlone ? [1, 1] : [component.across, component.down];
        for (let y = unitY * down; y < (unitY + 1) * down; y++) {
          for (let x = unitX * across; x < (unitX + 1) * across; x++) {
            readBlock(component, (y * component.blocksEachRow + x) * 64, dc!, ac!);
          }
        }
      }
    }
    reader.requireWhole();
  }
  return reader.end();

  function restart(): void {
    state.runs = 0;
    for (const { component } of scan.components) component.before = 0;
  }
}

function sequentialBlock(reader: BitReader): BlockReader {
  return (component, at, dc, ac) => {
    const { coefficients } = component;
    component.before += reader.signed(reader.symbol(dc) & 15);
    coefficients[at] = component.before;
    for (let k = 1; k < 64; k++) {
      const symbol = reader.symbol(ac);
      const size = symbol & 15;
      if (size === 0) {
        if (symbol !== 0xf0) return;
        k += 15;
      } else {
        k += symbol >> 4;
        const value = reader.signed(size);
        if (k < 64) coefficients[at + NATURAL_ORDER[k]!] = value;
      }
    }
  };
}

function progressiveBlock(reader: BitReader, { first, last, high, low }: Scan, state: { runs: number }): BlockReader {
  const one = 1 << low;
  if (first === 0) {
    if (high > 0) {
      return ({ coefficients }, at) => {
        if (reader.bits(1) === 1) coefficients[at]! |= one;
      };
    }
    return (component, at, dc) => {
      component.before += reader.signed(reader.symbol(dc) & 15);
      component.coefficients[at] = component.before << low;
    };
  }
  if (high === 0) {
    return ({ coefficients }, at, _dc, ac) => {
      if (state.runs > 0) {
        state.runs--;
        return;
      }
      for (let k = first; k <= last; k++) {
        const symbol = reader.symbol(ac);
        const [run, size] = [symbol >> 4, symbol & 15];
        if (size > 0) {
          k += run;
          const value = reader.signed(size) * one;
          if (k < 64) coefficients[at + NATURAL_ORDER[k]!] = value;
        } else if (run === 15) {
          k += 15;
        } else {
          state.runs = (1 << run) - 1 + (run > 0 ? reader.bits(run) : 0);
          return;
        }
      }
    };
  }
  return ({ coefficients }, at, _dc, ac) => {
    let k = first;
    if (state.runs === 0) {
      for (; k <= last; k++) {
        const symbol = reader.symbol(ac);
        let run = symbol >> 4;
        let value = 0;
        if ((symbol & 15) > 0) {
          value = reader.bits(1) === 1 ? one : -one;
        } else if (run < 15) {
          state.runs = (1 << run) + (run > 0 ? reader.bits(run) : 0);
          break;
        }
        for (; k <= last; k++) {
          const place = at + NATURAL_ORDER[k]!;
          if (coefficients[place] !== 0) refine(coefficients, place);
          else if (run-- === 0) break;
        }
        if (value !== 0 && k < 64) coefficients[at + NATURAL_ORDER[k]!] = value;
      }
    }
    if (state.runs > 0) {
      for (; k <= last; k++) {
        const place = at + NATURAL_ORDER[k]!;
        if (coefficients[place] !== 0) refine(coefficients, place);
      }
      state.runs--;
    }
  };

  function refine(coefficients: Int16Array, place: number): void {
    const value = coefficients[place]!;
    if (reader.bits(1) === 1 && (value & one) === 0) coefficients[place] = value + (value > 0 ? one : -one);
  }
}
