/**
 * Errors after which a compute thread is of no further use, though it lives: memory that could not be had leaves its
 * WebAssembly heap in assignments, and a graphics context that was lost never comes back to the library that used it. (1285 is
 * WebGL's OUT_OF_MEMORY.)
 */
const SPOILT =
  /out of memory|memory size exceeded|allocation failed|memory access out of bounds|could not allocate|invalid array buffer length|context.{0,12}lost|got code 1285|^unreachable( executed)?$/i;

export function threadIsSpoilt(message: string): boolean {
  return SPOILT.test(message);
}
