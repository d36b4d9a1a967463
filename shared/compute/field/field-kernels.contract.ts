/**
 * What every FieldKernels keeps, as named checks that throw. No test framework in here: vitest runs them in Node, and a page
 * runs the same ones on the back-ends that only a browser has. The oracle is BigInt.
 */
import { FieldError } from "../../field/field-error.ts";
import { CENTRED_MAX, MODULUS } from "../../field/modulus.ts";
import { hash32 } from "../hash-noise.ts";
import type { FieldEntries, FieldKernels, FieldMatrix } from "./field-kernels.ts";

export interface FieldContractCase {
  readonly name: string;
  check(kernels: FieldKernels): Promise<void>;
}

const q = BigInt(MODULUS);

/** rows x columns: one entry, single rows and columns, multiples of the kernels' steps and one beside, wide and tall. */
const SHAPES: readonly (readonly [number, number])[] = [
  [1, 1],
  [1, 4],
  [4, 16],
  [3, 5],
  [5, 15],
  [8, 17],
  [9, 31],
  [16, 64],
  [17, 33],
  [2, 1_003],
  [1_003, 2],
  [41, 1],
  [1, 41],
  [13, 2_051],
];

/** Entry `at` of an operand; `which` tells the two operands apart. */
type Filling = (at: number, which: number) => number;

/** Worst cases for sums (all of one size and sign), for signs, and noise. */
const RESIDUE_FILLINGS: Readonly<Record<string, Filling>> = {
  "all q-1": () => MODULUS - 1,
  "all (q-1)/2": () => CENTRED_MAX,
  "all (q+1)/2": () => CENTRED_MAX + 1,
  "zeros and ones": (at, which) => (at + which) % 2,
  "q-1 and 1 in turn": (at) => (at % 2 === 0 ? MODULUS - 1 : 1),
  "noise and extremes": (at, which) => {
    const word = hash32(which, at);
    return [0, MODULUS - 1, CENTRED_MAX, CENTRED_MAX + 1][word % 16] ?? hash32(which + 2, at) % MODULUS;
  },
};

const CENTRED_FILLINGS: Readonly<Record<string, Filling>> = {
  "all +(q-1)/2": () => CENTRED_MAX,
  "all -(q-1)/2": () => -CENTRED_MAX,
  "+(q-1)/2 times -(q-1)/2": (_, which) => (which === 0 ? CENTRED_MAX : -CENTRED_MAX),
  "+-(q-1)/2 in turn": (at, which) => ((at >> which) % 2 === 0 ? CENTRED_MAX : -CENTRED_MAX),
  noise: (at, which) => (hash32(which, at) % MODULUS) - CENTRED_MAX,
};

const WIDTHS = [1, 2, 3, 10];

export function fieldContractCases(): FieldContractCase[] {
  const exact = (kind: "residues" | "centred", fillings: Readonly<Record<string, Filling>>) =>
    Object.entries(fillings).map(([name, filling]) => ({
      name: `${kind}, ${name}: every product of ${SHAPES.length} shapes equals BigInt's`,
      check: async (kernels: FieldKernels) => {
        for (const shape of SHAPES) await checkShape(kernels, shape, kind, filling);
      },
    }));
  return [
    ...exact("residues", RESIDUE_FILLINGS),
    ...exact("centred", CENTRED_FILLINGS),
    { name: "a residue times a centred one", check: mixesRepresentations },
    { name: "sums of 20,000 worst products", check: addsLongSums },
    { name: "entries from q on, and -2^30, are refused at every entrance", check: refusesEntries },
    { name: "sizes that do not fit are refused", check: refusesSizes },
    {
      name: "matrices live side by side, keep a copy of their own, and are of no use after dispose",
      check: ownsMemory,
    },
    { name: "300 loads and disposes give right answers to the end", check: reusesMemory },
  ];
}

function filled(length: number, kind: "residues" | "centred", filling: Filling, which: number): FieldEntries {
  const entries = kind === "residues" ? new Uint32Array(length) : new Int32Array(length);
  for (let at = 0; at < length; at++) entries[at] = filling(at, which);
  return entries;
}

async function checkShape(
  kernels: FieldKernels,
  [rows, columns]: readonly [number, number],
  kind: "residues" | "centred",
  filling: Filling,
): Promise<void> {
  const entries = filled(rows * columns, kind, filling, 0);
  const matrix = kernels.loadMatrix(entries, rows, columns);
  for (const width of WIDTHS) {
    const thin = filled(columns * width, kind, filling, 1);
    const expected = bigProduct(entries, rows, columns, thin, width);
    requireEqual(await matrix.matThin(thin, width), expected, `matThin ${rows} x ${columns} x ${width}`);
    if (width === 1) requireEqual(await matrix.matVec(thin), expected, `matVec ${rows} x ${columns}`);
  }
  const vector = filled(rows, kind, filling, 1);
  const combined = bigProduct(vector, 1, rows, entries, columns);
  requireEqual(await matrix.vecMat(vector), combined, `vecMat ${rows} x ${columns}`);
  matrix.dispose();
}

/** (rows x inner) times (inner x width), mod q */
function bigProduct(a: FieldEntries, rows: number, inner: number, b: FieldEntries, width: number): Uint32Array {
  const left = Array.from(a, BigInt);
  const right = Array.from(b, BigInt);
  return Uint32Array.from({ length: rows * width }, (_, at) => {
    const [r, c] = [Math.floor(at / width), at % width];
    let sum = 0n;
    for (let i = 0; i < inner; i++) sum += left[r * inner + i]! * right[i * width + c]!;
    return Number(((sum % q) + q) % q);
  });
}

async function mixesRepresentations(kernels: FieldKernels): Promise<void> {
  const entries = filled(7 * 19, "residues", RESIDUE_FILLINGS["noise and extremes"]!, 0);
  const matrix = kernels.loadMatrix(entries, 7, 19);
  const vector = filled(19, "centred", CENTRED_FILLINGS.noise!, 1);
  requireEqual(await matrix.matVec(vector), bigProduct(entries, 7, 19, vector, 1), "residues times centred");
  matrix.dispose();
}

async function addsLongSums(kernels: FieldKernels): Promise<void> {
  const length = 20_000;
  for (const [left, right] of [
    [CENTRED_MAX, CENTRED_MAX],
    [CENTRED_MAX, -CENTRED_MAX],
    [-CENTRED_MAX, -CENTRED_MAX],
  ] as const) {
    const sum = BigInt(length) * BigInt(left) * BigInt(right);
    const expected = Uint32Array.of(Number(((sum % q) + q) % q));
    const [row, column] = [new Int32Array(length).fill(left), new Int32Array(length).fill(right)];
    const wide = kernels.loadMatrix(row, 1, length);
    requireEqual(await wide.matVec(column), expected, `matVec of ${length} columns`);
    wide.dispose();
    const tall = kernels.loadMatrix(row, length, 1);
    requireEqual(await tall.vecMat(column), expected, `vecMat of ${length} rows`);
    tall.dispose();
  }
}

async function refusesEntries(kernels: FieldKernels): Promise<void> {
  const [rows, columns] = [3, 5];
  const matrix = kernels.loadMatrix(new Uint32Array(15), rows, columns);
  const wrongOnes: FieldEntries[] = [MODULUS, MODULUS + 1, 2 ** 32 - 1].map((entry) => Uint32Array.of(entry));
  wrongOnes.push(...[-(2 ** 30), 2 ** 30, -(2 ** 31), 2 ** 31 - 1].map((entry) => Int32Array.of(entry)));
  for (const wrong of wrongOnes) {
    // At each place, for vectors are checked several entries at a time.
    for (let at = 0; at < 15; at++) {
      const place = (length: number): FieldEntries => {
        const entries = wrong instanceof Int32Array ? new Int32Array(length) : new Uint32Array(length);
        entries[at % length] = wrong[0]!;
        return entries;
      };
      await requireFieldError(async () => kernels.loadMatrix(place(15), rows, columns), `got ${wrong[0]} at ${at}`);
      await requireFieldError(() => matrix.matVec(place(5)), `got ${wrong[0]} at ${at % 5}`);
      await requireFieldError(() => matrix.matThin(place(10), 2), `got ${wrong[0]}`);
      await requireFieldError(() => matrix.vecMat(place(3)), `got ${wrong[0]} at ${at % 3}`);
    }
  }
  matrix.dispose();
}

async function refusesSizes(kernels: FieldKernels): Promise<void> {
  const matrix = kernels.loadMatrix(new Uint32Array(15), 3, 5);
  await requireFieldError(() => matrix.matVec(new Uint32Array(4)), "5 entries, got 4");
  await requireFieldError(() => matrix.matThin(new Uint32Array(5), 2), "10 entries, got 5");
  await requireFieldError(() => matrix.vecMat(new Uint32Array(5)), "3 entries, got 5");
  await requireFieldError(async () => kernels.loadMatrix(new Uint32Array(14), 3, 5), "15 entries, got 14");
  await requireFieldError(() => matrix.matThin(new Uint32Array(0), 0), "a width from 1 on");
  for (const [rows, columns] of [
    [0, 5],
    [3, 0],
    [1.5, 2],
  ] as const) {
    await requireFieldError(async () => kernels.loadMatrix(new Uint32Array(0), rows, columns), "at least one row");
  }
  matrix.dispose();
}

async function ownsMemory(kernels: FieldKernels): Promise<void> {
  const one = new Uint32Array(20).fill(1);
  const [first, second] = [
    kernels.loadMatrix(one, 4, 5),
    kernels.loadMatrix(
      one.map((entry) => entry + 1),
      5,
      4,
    ),
  ];
  one.fill(9);
  const sums = await first.matVec(new Uint32Array(5).fill(3));
  requireEqual(sums, new Uint32Array(4).fill(15), "the first matrix");
  requireEqual(await second.matVec(new Uint32Array(4).fill(3)), new Uint32Array(5).fill(24), "the second matrix");
  requireEqual(sums, new Uint32Array(4).fill(15), "a result after another product");
  first.dispose();
  first.dispose();
  await requireFieldError(() => first.matVec(new Uint32Array(5)), "disposed of");
  await requireFieldError(() => first.vecMat(new Uint32Array(4)), "disposed of");
  requireEqual(await second.matVec(new Uint32Array(4).fill(1)), new Uint32Array(5).fill(8), "the one that is left");
  second.dispose();
}

async function reusesMemory(kernels: FieldKernels): Promise<void> {
  const held: { matrix: FieldMatrix; value: number; columns: number }[] = [];
  for (let load = 0; load < 300; load++) {
    const [rows, columns, value] = [1 + (hash32(5, load) % 9), 1 + (hash32(6, load) % 40), 1 + load];
    held.push({
      matrix: kernels.loadMatrix(new Uint32Array(rows * columns).fill(value), rows, columns),
      value,
      columns,
    });
    if (held.length > 5) held.splice(hash32(7, load) % held.length, 1)[0]!.matrix.dispose();
    const asked = held[hash32(8, load) % held.length]!;
    const expected = new Uint32Array(asked.matrix.rows).fill(2 * asked.value * asked.columns);
    requireEqual(await asked.matrix.matVec(new Uint32Array(asked.columns).fill(2)), expected, `load ${load}`);
  }
  for (const { matrix } of held) matrix.dispose();
}

function requireEqual(got: Uint32Array, expected: Uint32Array, what: string): void {
  const at = expected.findIndex((value, i) => value !== got[i]);
  const isSame = at < 0 && got.length === expected.length && got instanceof Uint32Array;
  if (isSame) return;
  throw new Error(
    `field contract: ${what}: expected ${expected[at]} at ${at} of ${expected.length}, got ${got[at]} of ${got.length}`,
  );
}

async function requireFieldError(work: () => Promise<unknown>, part: string): Promise<void> {
  const error: unknown = await work().then(
    () => null,
    (thrown: unknown) => thrown,
  );
  if (error instanceof FieldError && error.message.includes(part)) return;
  throw new Error(`field contract: expected a FieldError about "${part}", got ${error}`);
}
