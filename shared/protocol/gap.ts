/**
 * What stands for an empty cell in an array that is sent: uploads are finite numbers, so a gap is the lowest of them. A submission
 * says which number it is (`gap`); clients of other languages may take another one, such as -999.
 */
export const GAP = -Number.MAX_VALUE;
