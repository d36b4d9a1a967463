/** Limits of products of matrices. */
const MIB = 1024 * 1024;

/** Fixed point of matrix jobs: an entry has 30 bits in all. */
export const MATMUL_FRACTION_BITS_MAX = 24;
/** Columns of B in one round: every column makes messages longer. */
export const MATMUL_SLICE_COLUMNS_MAX = 256;
/** A times B as the coordinator holds it, 8 bytes an entry. */
export const MATMUL_PRODUCT_BYTES_MAX = 512 * MIB;
